// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state on standard input, all the way to the record: whatever it says, the
 * record is one line of printable ASCII, or one JSON object.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "json.h"
#include "policy.h"
#include "report.h"
#include "state.h"
#include "text.h"

static void check_line(const char *line)
{
	const char *p;

	if (!*line || strlen(line) >= REPORT_LINE_MAX - 1)
		abort();
	for (p = line; *p; p++)
		if (*p < ' ' || *p > '~')
			abort();
}

static void check_json(const char *line)
{
	cleanup_json struct json_object *obj = NULL;
	struct error err;

	check_line(line);
	obj = json_parse(line, strlen(line), "record", &err);
	if (!obj)
		abort();
}

static void check_policy(const struct policy *p, const struct policy *before)
{
	if (p->timeout < 1 || p->timeout > before->timeout ||
	    p->strict > before->strict || p->fallback > before->fallback)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result result = { .outcome = OUTCOME_ERROR, .sync_ns = -1 };
	struct record record = { .result = &result };
	cleanup_state struct oci_state state = { 0 };
	char line[REPORT_LINE_MAX];
	struct note note = { "" };
	struct policy p, before;
	struct error err = { 0 };

	if (state_parse((const char *)data, size, &state, &err) < 0) {
		text_elide(result.text, sizeof(result.text), err.text);
	} else {
		policy_init(&p);
		policy_for_stage(&p, STAGE_POSTSTOP);
		before = p;
		policy_annotate(&p, &state.annotations, &note);
		check_policy(&p, &before);
		text_elide(result.text, sizeof(result.text), state.bundle);
		text_elide(result.mount, sizeof(result.mount), state.bundle);
		stage_from_status(state.status, &record.stage, &err);
	}
	record.id = state.id;
	record.note = &note;
	report_format(&record, FORMAT_TEXT, line, sizeof(line));
	check_line(line);
	report_format(&record, FORMAT_JSON, line, sizeof(line));
	check_json(line);
	return 0;
}
