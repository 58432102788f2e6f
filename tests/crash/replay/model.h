/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a sequence of ovlio commands makes of overlays, as POSIX has it, with the
 * history of every part of it: so that it is known of a state after a power cut
 * what must be there, and what may be.
 *
 * Time is counted in commands: 0 is the base, which the sequence starts with.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK 4096
/* Of a file, and of a sequence */
#define MAX_BLOCKS 96
#define MAX_SIZE ((long long)MAX_BLOCKS * BLOCK)
#define MAX_COMMANDS 400
#define OVERLAYS 2

/* A value, and the command that set it */
struct version {
	int when;
	long long n;
	void *p;
};

/* Whatever a crash keeps or loses as a whole; the versions are in order. */
struct cell {
	struct version *v;
	int count;
};

/* An entry of a folder: its inode or NULL */
struct name {
	char *text;
	struct cell inode;
	struct name *next;
};

/* p is NULL if there is none; n is its length. */
struct xattr {
	char *name;
	struct cell value;
	struct xattr *next;
};

struct inode {
	/* f(ile) d(irectory) l(ink) c(haracter device) */
	char type;
	int overlay;
	char *target;
	struct cell mode, owner, size, links;
	/* -1 is not known: whatever the clock said. */
	struct cell mtime;
	/*
	 * Whatever may have copied it up, or changed it, has a version; of a folder,
	 * what has copied it up, be it for something in it.
	 */
	struct cell touched;
	/* From where on a collapse or insert has moved it; MAX_SIZE: none so far */
	struct cell shifted;
	/* Of a file: with its data */
	bool copied_up;
	struct name *names;
	struct xattr *xattrs;
	/* Each a copy of BLOCK bytes, or NULL if all are 0 */
	struct cell *blocks;
	/* As it is now; beyond the end it is 0. */
	char *data;
	int open;
	/* For the check: it was found, and as what. */
	int seen;
	uint64_t ino;
	struct inode *next;
};

/* What ovlio refers to by name: a descriptor, a mapping, a child. */
struct handle {
	char name[32];
	struct inode *inode;
	bool map, readable, writable, append;
	long long pos, len;
	/* A child's command, and the seed that it has inherited */
	char *command;
	uint64_t seed;
	struct handle *next;
};

/* A completed one: what was there at time @when is there from @done on. */
struct sync {
	int overlay, when, done;
};

struct model {
	int now;
	struct inode *inodes, *root[OVERLAYS];
	struct handle *handles;
	bool mounted[OVERLAYS], read_only[OVERLAYS];
	struct sync syncs[MAX_COMMANDS];
	int sync_count;
	char *commands[MAX_COMMANDS + 1];
};

/* Both overlays mounted, with the base in them */
struct model *model_new(void);
void model_free(struct model *m);

/*
 * Runs one command as ovlio would: 0, or -1 if it would fail, or is not one that
 * the model knows; then nothing has changed.
 */
int model_run(struct model *m, const char *command);

/* The commands that make the base, in order, up to NULL */
const char *const *model_base(void);

const struct version *cell_now(const struct cell *c);
/* The last that was set at @when or before; there is one. */
const struct version *cell_at(const struct cell *c, int when);
void cell_set(struct model *m, struct cell *c, long long n, void *p);

struct inode *name_now(const struct name *n);
struct name *find_name(const struct inode *folder, const char *text);

/* For the commands */
struct inode *inode_new(struct model *m, char type, int overlay, int mode);
void inode_resize(struct model *m, struct inode *i, long long size);
/* Its data has been changed there. */
void inode_changed(struct model *m, struct inode *i, long long from,
		   long long to);
void inode_touched(struct model *m, struct inode *i);
void inode_attribute_changed(struct model *m, struct inode *i);
void inode_data_copied_up(struct model *m, struct inode *i);

struct place {
	struct inode *folder, *inode;
	char leaf[64];
};

/* 0 if there is such a folder, on an overlay that is mounted, */
int lookup(struct model *m, const char *path, struct place *at);
/* and one that may be written to. */
int lookup_writable(struct model *m, const char *path, struct place *at);
void set_name(struct model *m, struct inode *folder, const char *leaf,
	      struct inode *i);
struct handle *find_handle(struct model *m, const char *name);

/* 0, or -1 if the words are not a command of these. */
typedef int command_fn(struct model *m, char **words);

struct model_command {
	const char *name;
	int words;
	command_fn *run;
};

extern const struct model_command model_file_commands[];
extern const struct model_command model_data_commands[];
extern const struct model_command model_name_commands[];
extern const struct model_command model_sync_commands[];

long long model_size(const char *s);

#endif
