// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "mapper.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Room for one more target, and for what comes before all of them */
static char *make_room(struct table *t)
{
	if (!t->used)
		t->used = sizeof(struct dm_ioctl);
	if (t->used + 512 > t->room) {
		t->room = t->room * 2 + 4096;
		t->data = realloc(t->data, t->room);
		if (!t->data)
			abort();
	}
	return t->data + t->used;
}

void table_add(struct table *t, long long first, long long count,
	       const char *type, const char *format, ...)
{
	struct dm_target_spec *spec;
	char *at, text[256];
	unsigned long len;
	va_list ap;

	if (count <= 0)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	at = make_room(t);
	len = (sizeof(*spec) + strlen(text) + 1 + 7) & ~7UL;
	memset(at, 0, len);
	spec = (struct dm_target_spec *)at;
	spec->sector_start = (uint64_t)first;
	spec->length = (uint64_t)count;
	spec->next = (uint32_t)len;
	snprintf(spec->target_type, sizeof(spec->target_type), "%s", type);
	strcpy(at + sizeof(*spec), text);
	t->used += len;
	t->targets++;
}

static int call(unsigned long request, struct dm_ioctl *arg, const char *device,
		unsigned int flags)
{
	static int control = -1;
	int version[] = { DM_VERSION_MAJOR, 0, 0 };

	if (control < 0)
		control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	for (int i = 0; i < 3; i++)
		arg->version[i] = (uint32_t)version[i];
	arg->data_start = sizeof(*arg);
	arg->flags = flags;
	snprintf(arg->name, sizeof(arg->name), "%s", device);
	if (control >= 0 && !ioctl(control, request, arg))
		return 0;
	fprintf(stderr, "faults: error: the table of %s: %s\n", device,
		strerror(errno));
	return -1;
}

int table_load(struct table *t, const char *device)
{
	struct dm_ioctl *load, plain = { .data_size = sizeof(plain) };
	int ret;

	make_room(t);
	load = (struct dm_ioctl *)t->data;
	memset(load, 0, sizeof(*load));
	load->data_size = (uint32_t)t->used;
	load->target_count = t->targets;
	ret = call(DM_TABLE_LOAD, load, device, 0) ||
	      call(DM_DEV_SUSPEND, &plain, device,
		   DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG | DM_NOFLUSH_FLAG);
	plain = (struct dm_ioctl){ .data_size = sizeof(plain) };
	ret = ret || call(DM_DEV_SUSPEND, &plain, device, 0);
	free(t->data);
	*t = (struct table){ 0 };
	return ret ? -1 : 0;
}
