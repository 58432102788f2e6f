/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_WORKER_H
#define HOOK_WORKER_H

#include "deadline.h"
#include "job.h"
#include "result.h"

/**
 * enum message_kind - what the worker tells its parent.
 * @MESSAGE_STEP: what it does next, in @result.text
 * @MESSAGE_SYNCING: it syncs now, and will not answer until that ends
 * @MESSAGE_RESULT: @result is final
 */
enum message_kind {
	MESSAGE_STEP,
	MESSAGE_SYNCING,
	MESSAGE_RESULT,
};

/**
 * struct message - written whole to the result pipe; fits in PIPE_BUF.
 */
struct message {
	enum message_kind kind;
	struct result result;
};

int worker_main(const struct job *job, const struct deadline *deadline,
		int result_fd);

#endif
