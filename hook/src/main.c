// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oci-syncfs-hook: syncs one container's overlay when the container stops.
 */
#include <stdio.h>

#include "hook.h"
#include "log.h"
#include "process.h"

int main(int argc, char **argv)
{
	struct options options;
	struct error err;
	int log_fd;

	if (process_setup() < 0) {
		perror("oci-syncfs-hook: cannot set up the process");
		return HOOK_EXIT_FAILED;
	}
	if (options_parse(argc, argv, &options, &err) < 0)
		return hook_usage_error(&err, log_connect(LOG_SOCKET));
	if (options.help)
		return fputs(OPTIONS_HELP, stdout) < 0;
	if (options.version)
		return puts("oci-syncfs-hook " HOOK_VERSION) < 0;
	log_fd = log_connect(LOG_SOCKET);
	return hook_run(&options, log_fd);
}
