// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ovlio: marks in the log of a dm-log-writes device, as `dmsetup message DEVICE 0
 * mark TEXT` makes them, but without a process for each.
 */
#define _GNU_SOURCE
#include "ovlio.h"
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int mark(const char *device, int number)
{
	static int control = -1;
	struct {
		struct dm_ioctl header;
		struct dm_target_msg message;
		char text[32];
	} arg = {
		.header = {
			.version = { DM_VERSION_MAJOR, 0, 0 },
			.data_size = sizeof(arg),
			.data_start = sizeof(arg.header),
		},
	};

	if (control < 0)
		control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return -1;
	snprintf(arg.header.name, sizeof(arg.header.name), "%s", device);
	/* Which is where the message is, right behind its sector. */
	snprintf(arg.text, sizeof(arg.text), "mark %d", number);
	return ioctl(control, DM_TARGET_MSG, &arg);
}
