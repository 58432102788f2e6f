// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ovlio: do things to files in a given order, in one process, and check what
 * of them is dirty. For tests whose point is what is still open or mapped
 * while something else happens, which a shell cannot hold.
 *
 *   ovlio 'open f rwc /mnt/a/x' 'mmap m f 1M' 'close f' 'store m 0 1M' \
 *         'syncfs /mnt/a' 'clean /up/a/upper/x'
 *
 * Commands run in order, the first that fails ends the program with status 1
 * and a line that names it. `!ERRNO command` must fail with that errno.
 * PATH may be the name of something opened before, where it says FD.
 * See the table at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef __NR_cachestat
#define __NR_cachestat 451
#endif

#define MAX_WORDS 5
#define MAX_NAMES 64

/* What commands refer to by name: descriptors and mappings. */
static struct thing {
	char name[32];
	int fd;
	char *map;
	size_t len;
	aio_context_t aio;
} things[MAX_NAMES];

static struct thing *find(const char *name)
{
	for (int i = 0; i < MAX_NAMES; i++)
		if (!strcmp(things[i].name, name))
			return &things[i];
	return NULL;
}

static struct thing *need(const char *name)
{
	struct thing *t = find(name);

	if (t)
		return t;
	fprintf(stderr, "ovlio: nothing is called '%s'\n", name);
	exit(2);
}

static struct thing *make(const char *name)
{
	struct thing *t = find("");

	if (!t || strlen(name) >= sizeof(t->name) || find(name)) {
		fprintf(stderr, "ovlio: cannot use the name '%s'\n", name);
		exit(2);
	}
	strcpy(t->name, name);
	t->fd = -1;
	return t;
}

static long long size(const char *s)
{
	char *end;
	long long n = strtoll(s, &end, 0);

	switch (*end) {
	case 'G':
		n <<= 10; /* fall through */
	case 'M':
		n <<= 10; /* fall through */
	case 'K':
		n <<= 10;
		end++;
	}
	if (*end || end == s) {
		fprintf(stderr, "ovlio: '%s' is not a size\n", s);
		exit(2);
	}
	return n;
}

/* Letters: r w c(reate) x(excl) a(ppend) t(runc) d(irect) s(ync) D(irectory) */
static int flags(const char *s)
{
	int f = strchr(s, 'w') ? (strchr(s, 'r') ? O_RDWR : O_WRONLY)
			       : O_RDONLY;

	for (; *s; s++)
		f |= *s == 'c'	 ? O_CREAT
		     : *s == 'x' ? O_EXCL
		     : *s == 'a' ? O_APPEND
		     : *s == 't' ? O_TRUNC
		     : *s == 'd' ? O_DIRECT
		     : *s == 's' ? O_SYNC
		     : *s == 'D' ? O_DIRECTORY
				 : 0;
	return f | O_CLOEXEC;
}

/* Nothing repeats within a file, or from one command to the next. */
static void fill(char *buf, size_t len)
{
	static uint64_t x;

	if (!x)
		x = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
	for (size_t i = 0; i + 8 <= len; i += 8) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		memcpy(buf + i, &x, 8);
	}
}

static int do_open(char **w)
{
	int fd = open(w[2], flags(w[1]), 0644);

	if (fd < 0)
		return -1;
	make(w[0])->fd = fd;
	return 0;
}

static int do_tmpfile(char **w)
{
	int fd = open(w[1], O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	make(w[0])->fd = fd;
	return 0;
}

static int do_linkat(char **w)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", need(w[0])->fd);
	return linkat(AT_FDCWD, proc, AT_FDCWD, w[1], AT_SYMLINK_FOLLOW);
}

static int do_close(char **w)
{
	struct thing *t = need(w[0]);

	*t->name = '\0';
	return close(t->fd);
}

static int do_write(char **w)
{
	int fd = need(w[0])->fd;
	long long off = size(w[1]), left = size(w[2]);
	static char buf[1 << 20] __attribute__((aligned(4096)));

	while (left > 0) {
		size_t n = left < (long long)sizeof(buf) ? (size_t)left
							 : sizeof(buf);
		ssize_t done;

		fill(buf, n);
		done = pwrite(fd, buf, n, off);
		if (done < 0)
			return -1;
		off += done;
		left -= done;
	}
	return 0;
}

static int do_ftruncate(char **w)
{
	return ftruncate(need(w[0])->fd, size(w[1]));
}

static int do_truncate(char **w)
{
	return truncate(w[0], size(w[1]));
}

static int do_fallocate(char **w)
{
	return fallocate(need(w[0])->fd, (int)size(w[1]), size(w[2]),
			 size(w[3]));
}

static int do_mmap(char **w)
{
	struct thing *t;
	size_t len = (size_t)size(w[2]);
	char *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED,
			 need(w[1])->fd, 0);

	if (map == MAP_FAILED)
		return -1;
	t = make(w[0]);
	t->map = map;
	t->len = len;
	return 0;
}

static int do_store(char **w)
{
	struct thing *t = need(w[0]);
	size_t off = (size_t)size(w[1]), len = (size_t)size(w[2]);

	if (!t->map || off + len > t->len) {
		errno = EFAULT;
		return -1;
	}
	fill(t->map + off, len);
	return 0;
}

static int do_munmap(char **w)
{
	struct thing *t = need(w[0]);

	*t->name = '\0';
	return munmap(t->map, t->len);
}

/* An asynchronous direct read into a mapping: it pins the mapping's pages. */
static int do_aioread(char **w)
{
	struct thing *t, *m = need(w[1]);
	int fd = open(w[2], O_RDONLY | O_DIRECT | O_CLOEXEC);
	aio_context_t aio = 0;
	struct iocb cb = {
		.aio_fildes = (uint32_t)fd,
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_buf = (uint64_t)(uintptr_t)m->map,
		.aio_nbytes = (uint64_t)size(w[3]),
	}, *cbs[] = { &cb };

	if (fd < 0 || syscall(SYS_io_setup, 1, &aio) ||
	    syscall(SYS_io_submit, aio, 1, cbs) != 1)
		return -1;
	t = make(w[0]);
	t->fd = fd;
	t->aio = aio;
	return 0;
}

static int do_aiowait(char **w)
{
	struct io_event event;

	if (syscall(SYS_io_getevents, need(w[0])->aio, 1, 1, &event, NULL) != 1)
		return -1;
	if (event.res >= 0)
		return 0;
	errno = (int)-event.res;
	return -1;
}

static int with_fd(const char *what, int (*call)(int))
{
	struct thing *t = find(what);
	int fd = t ? t->fd : open(what, O_RDONLY | O_CLOEXEC);
	int ret, saved;

	if (fd < 0)
		return -1;
	ret = call(fd);
	saved = errno;
	if (!t)
		close(fd);
	errno = saved;
	return ret;
}

static int do_syncfs(char **w)
{
	return with_fd(w[0], syncfs);
}

static int do_fsync(char **w)
{
	return with_fd(w[0], fsync);
}

static int do_umount(char **w)
{
	return umount2(w[0], 0);
}

/* By mount(2): overlayfs refuses to be reconfigured by fsconfig(2). */
static int do_remount(char **w)
{
	return mount("none", w[0], NULL,
		     MS_REMOUNT | (strcmp(w[1], "ro") ? 0 : MS_RDONLY), NULL);
}

static int do_sh(char **w)
{
	int status = system(w[0]);

	errno = 0;
	return status == 0 ? 0 : -1;
}

static int do_sleep(char **w)
{
	return usleep((useconds_t)(atof(w[0]) * 1e6));
}

/* Dirty and under-writeback pages of a file of the *upper* filesystem. */
static long long dirty_pages(const char *path)
{
	struct {
		uint64_t off, len;
	} all = { 0, 0 };
	struct {
		uint64_t cache, dirty, writeback, evicted, recently;
	} cs;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return -1;
	ret = syscall(__NR_cachestat, fd, &all, &cs, 0);
	close(fd);
	return ret ? -1 : (long long)(cs.dirty + cs.writeback);
}

static int do_clean(char **w)
{
	long long n = dirty_pages(w[0]);

	if (n > 0)
		fprintf(stderr, "ovlio: %s has %lld dirty pages\n", w[0], n);
	errno = n > 0 ? 0 : errno;
	return n ? -1 : 0;
}

static int do_dirty(char **w)
{
	long long n = dirty_pages(w[0]);

	if (n == 0)
		fprintf(stderr, "ovlio: %s has no dirty pages\n", w[0]);
	errno = n == 0 ? 0 : errno;
	return n > 0 ? 0 : -1;
}

static int do_pages(char **w)
{
	long long n = dirty_pages(w[0]);

	if (n < 0)
		return -1;
	printf("%lld\n", n);
	return 0;
}

static int do_clock(char **w)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	printf("%s %ld.%06ld\n", w[0], (long)t.tv_sec, t.tv_nsec / 1000);
	return 0;
}

static const struct command {
	const char *name;
	int words;
	int (*run)(char **words);
	const char *usage;
} commands[] = {
	{ "open", 3, do_open, "NAME rwcxatdsD PATH" },
	{ "tmpfile", 2, do_tmpfile, "NAME DIR" },
	{ "linkat", 2, do_linkat, "FD PATH" },
	{ "close", 1, do_close, "FD" },
	{ "write", 3, do_write, "FD OFFSET LENGTH" },
	{ "ftruncate", 2, do_ftruncate, "FD LENGTH" },
	{ "truncate", 2, do_truncate, "PATH LENGTH" },
	{ "fallocate", 4, do_fallocate, "FD MODE OFFSET LENGTH" },
	{ "mmap", 3, do_mmap, "NAME FD LENGTH" },
	{ "store", 3, do_store, "MAP OFFSET LENGTH" },
	{ "munmap", 1, do_munmap, "MAP" },
	{ "aioread", 4, do_aioread, "NAME MAP PATH LENGTH" },
	{ "aiowait", 1, do_aiowait, "NAME" },
	{ "syncfs", 1, do_syncfs, "FD|PATH" },
	{ "fsync", 1, do_fsync, "FD|PATH" },
	{ "remount", 2, do_remount, "PATH ro|rw" },
	{ "umount", 1, do_umount, "PATH" },
	{ "clean", 1, do_clean, "UPPER-PATH: it has no dirty page" },
	{ "dirty", 1, do_dirty, "UPPER-PATH: it has some" },
	{ "pages", 1, do_pages, "UPPER-PATH: print how many" },
	{ "clock", 1, do_clock, "LABEL: print it and the monotonic time" },
	{ "sleep", 1, do_sleep, "SECONDS" },
	{ "sh", -1, do_sh, "COMMAND: run by sh, must succeed" },
};

static int run(char *line)
{
	char *words[MAX_WORDS + 1] = { 0 }, *save = NULL, *rest = line;
	char *name = strsep(&rest, " ");

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		const struct command *c = &commands[i];
		int n = 0;

		if (strcmp(c->name, name))
			continue;
		if (c->words < 0) {
			words[n++] = rest;
		} else {
			for (char *s = rest; n < MAX_WORDS; s = NULL, n++)
				if (!(words[n] = strtok_r(s, " ", &save)))
					break;
			if (n != c->words) {
				fprintf(stderr, "ovlio: usage: %s %s\n", name,
					c->usage);
				exit(2);
			}
		}
		errno = 0;
		return c->run(words);
	}
	fprintf(stderr, "ovlio: no command '%s'\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		char line[4096], *want = NULL, *cmd = line;
		int ret;

		if (snprintf(line, sizeof(line), "%s", argv[i]) >=
		    (int)sizeof(line))
			return 2;
		if (*cmd == '!')
			want = strsep(&cmd, " ") + 1;
		ret = run(cmd);
		if (want && (!ret || strcmp(want, strerrorname_np(errno)))) {
			fprintf(stderr, "ovlio: '%s': expected %s, got %s\n",
				argv[i], want,
				ret ? strerrorname_np(errno) : "success");
			return 1;
		}
		if (!want && ret) {
			fprintf(stderr, "ovlio: '%s' failed%s%s\n", argv[i],
				errno ? ": " : "",
				errno ? strerror(errno) : "");
			return 1;
		}
	}
	return 0;
}
