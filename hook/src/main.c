// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oci-syncfs-hook: syncs one container's overlay when the container stops.
 */
#include <stdio.h>
#include <stdlib.h>

#include "criu.h"
#include "log.h"
#include "overlay.h"
#include "process.h"
#include "run.h"
#include "status.h"

int main(int argc, char **argv)
{
	struct options options;
	struct error err;
	int parsed = options_parse(argc, argv, &options, &err);

	/* As an action script CRIU starts it without any argument. */
	if (options.verb == VERB_HOOK && options.stage == STAGE_UNKNOWN &&
	    getenv(CRIU_ACTION))
		options.verb = VERB_CRIU;
	if (process_setup(options.verb == VERB_SYNC ||
			  options.verb == VERB_STATUS) < 0) {
		perror("oci-syncfs-hook: cannot set up the process");
		return policy_exit_status(options.verb == VERB_CRIU
						  ? STAGE_POST_DUMP
						  : options.stage,
					  options.strict, OUTCOME_ERROR);
	}
	if (parsed < 0)
		return run_usage_error(&options, &err, log_connect(LOG_SOCKET));
	if (options.help)
		return fputs(OPTIONS_HELP, stdout) < 0;
	if (options.version)
		return puts("oci-syncfs-hook " HOOK_VERSION) < 0;
	if (options.verb == VERB_STATUS)
		return status_print(options.paths, options.json,
				    OVERLAY_PARAMETER);
	return run(&options, OVERLAY_PARAMETER, log_connect(LOG_SOCKET));
}
