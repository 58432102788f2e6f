/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the model: inodes of the upper filesystem, the overlay, the engine,
 * and the books, in which it is noted what a sync owes to whoever called it.
 *
 * An inode has one page. Tags are those of its mapping, and of two pages in
 * different states a mapping shows what one page shows that is redirtied while
 * it is written.
 */

#define NOBODY 255	/* no inode */

/* VFS: struct inode, struct address_space */
byte i_count[NI];
byte i_writecount[NI];
bit i_nlink[NI];
bit i_sync[NI];
bit tag_dirty[NI];
bit tag_wb[NI];
byte wb_err[NI];
bit page_locked[NI];
#ifdef LAZYTIME
bit i_dirty_time[NI];
#endif
#ifdef PINS
byte pins[NI];
#endif
#ifdef FLUSH_FAILS
bit i_dirty_pages[NI];	/* of i_state: until the flusher has been here */
#endif
#ifdef DEVICE_FAILS
bit failing[NI];	/* the error is set, the tag not cleared yet */
#define being_written(i)	(tag_wb[i] && !failing[i])
#else
#define being_written(i)	tag_wb[i]
#endif
#ifdef ORDERED_FAILS
bit ordered[NI];	/* btrfs: an ordered extent that has not ended */
#define no_ordered(i)	(!ordered[i])
#else
#define no_ordered(i)	1
#endif

/* The overlay: its inodes, of which one may be dying while the next one lives */
bit ovl_inode[NI];
bit ovl_dying[NI];
byte ovl_users[NI];
#ifdef COPY_UP
bit published[NI];	/* copied up */
#define is_published(i)	published[i]
#else
#define is_published(i)	1
#endif
byte sb_err;		/* s_wb_err of the overlay's super block */
byte f_err[NS];		/* f_sb_err of the descriptors that syncfs(2) is called on */

/* s_umount, and sb_start_write(), of the upper */
#ifdef FREEZER
byte um_readers;
bit um_writer;
byte sb_writers;
byte frozen;		/* 1: SB_FREEZE_WRITE, 2: SB_FREEZE_COMPLETE */
#endif

#ifdef FREEZER
#define not_frozen()	!frozen
#else
#define not_frozen()	1
#endif

/*
 * The books. Where the newest of what a syncer found modified when it began is
 * now; what it was not told of yet.
 */
#define OWED_NOTHING	0
#define OWED_DIRTY	1	/* in the page cache */
#define OWED_WB		2	/* being written */
#define OWED_CACHED	3	/* in the cache of the device */
#define OWED_ORDERED	4	/* written, and btrfs has yet to say so (on btrfs only) */
#define OWED_LOST	5	/* nowhere */
byte owed[NS * NI];
bit due[NS];		/* there was an error since it was told of one */
bit due_begun[NS];	/* there was one when its sync began */
byte told[NS];
byte errors;		/* so many have happened, */
byte repeats;		/* and so many times may one be told again: */
bit unseen;		/* nobody but the reaper or eviction saw the last one */
bit cached[NI];		/* the device has something in its cache */
#ifdef LAZYTIME
#define LOGGED		2
byte owed_time[NS * NI];
#endif
byte done;		/* processes that have ended */
/* Whether a walk is at the suspect of an inode, and whether that was freed since */
#define AT_IT	1
#define FREED	2
byte walk[NI];
byte waits_for[NS];	/* an inode whose writeback a syncer waits for, plus 1 */
#ifdef FLUSH_FAILS
bit waits_sync[NS];	/* it waits until who has I_SYNC lets go */
byte strays = 2;	/* wakeups that come late, from a lock taken before */
#endif
#ifdef LIVE
bit in_sync[NS];
#endif

/*
 * What is claimed. Never set: they are here for their names, which spin prints
 * with the assertion that fails.
 */
hidden byte lost_suspect;	/* dirty, and no suspect */
hidden byte synced_but_dirty;	/* a sync returns 0, and it is not on disk */
hidden byte use_after_free;	/* a freed suspect, no reference, or more put than taken */
hidden byte walked_stale;	/* a new suspect is taken for the one that a walk was at */
hidden byte error_not_told;	/* a sync returns 0 in spite of an error */
hidden byte told_twice;		/* more errors are told than have happened */
hidden byte told_for_nothing;	/* an error is told and none has happened */
hidden byte recorded_twice;	/* two suspects of one inode */
hidden byte walk_unbounded;	/* a walk goes where its list did not */
hidden byte lists_left;		/* a walk leaves something on its lists */
hidden byte waits_frozen;	/* a last reference is put, who does it waits for the thaw */
hidden byte not_reaped;		/* a suspect, and nobody who will ever look at it */
hidden byte leaked;		/* references after umount */
#define CLAIM(name, condition) assert((condition) || name)

/*
 * errseq_t: 0; odd, an error that nobody has seen; even, one that was seen.
 * lib/errseq.c, with one kind of error.
 */
#define errseq_sample(e)	((e) & 1 -> 0 : (e))
#define errseq_set(e)		e = (!(e) -> 1 : ((e) & 1 -> (e) : (e) + 1))
#define errseq_see(e)		e = (e) + ((e) & 1)

/* Any access of the engine to an upper inode; a walk finds it by its suspect. */
#define touch(i) \
	CLAIM(use_after_free, i_count[i] > 0 && (up != i || walk[i] != FREED))

/* struct ovl_upper_inodes, struct ovl_suspect */
#define OFF	0
#define LIST	1
#define SUBMIT	2
#define WAIT	3
bit ui_lock;
bit ui_untracked;
byte ui_walked = NOBODY;	/* by its inode, which makes a new one look the same */
byte on[NI];		/* the list that the suspect of an inode is on */
byte s_err[NI];		/* ovl_suspect.wb_err */
#ifdef PINS
bit mapped[NI];
bit remapped[NI];
#endif
bit reaper_armed;

bit s_sync_lock;
byte s_sync_waiters;
bit on_list[NI];	/* what the list had when the walk began */
#ifdef SWITCH
bit sync_own = 1;	/* the module parameter sync_upper_inodes */
#else
#define sync_own 1
#endif
bit reaper_runs;
bit upper_gone;		/* the overlay is unmounted */
#ifdef LIVE
byte ui_waiters;
#endif

/* Local to whoever runs the functions below */
#define LOCALS \
	byte up = NOBODY;	/* the inode of the suspect that its walk is at */ \
	bit found;		/* ovl_suspect_find(), ovl_walk_find() */ \
	bit clean;		/* ovl_suspect_is_clean() */ \
	bit drop;		/* settle and evict */ \
	bit err;		/* what the function just called returns */ \
	bit ret			/* what syncfs(2) will return */ \
	FREEZER_LOCALS WALK_LOCALS LIST_LOCALS LATE_LOCALS
#ifdef FREEZER
#define FREEZER_LOCALS	; bit thawed
#else
#define FREEZER_LOCALS
#endif
#if NI > 1
#define WALK_LOCALS	; byte last = NOBODY
#else
#define WALK_LOCALS
#endif
#ifdef NO_LOOK_AT_LIST
#define LIST_LOCALS	; byte next_up = NOBODY
#else
#define LIST_LOCALS
#endif

#if defined(NO_LATE_ERROR_LAST) || defined(NO_I_LOCK)
#define LATE_LOCALS	; bit late
#else
#define LATE_LOCALS
#endif

#define spin_lock(l)	!l -> l = 1
#define spin_unlock(l)	l = 0
#ifdef LIVE
/* Locks are fair: eviction, which holds it for several steps, has to queue up. */
#define SPIN_LOCK_QUEUE	ui_waiters++;
#define SPIN_LOCK_GOT	ui_waiters--;
#define spin_lock_in_turn()	(!ui_lock && !ui_waiters)
#else
#define SPIN_LOCK_QUEUE
#define SPIN_LOCK_GOT
#define spin_lock_in_turn()	!ui_lock
#endif

/* RB_EMPTY_ROOT() of the tree */
#if NI > 1
#define list_empty()	(on[0] == OFF && on[1] == OFF)
#else
#define list_empty()	(on[0] == OFF)
#endif

#define ovl_suspect_find(i)	(on[i] != OFF)
#define ovl_mapping_pinned(i)	(pins[i] > 0)
#define ovl_mapping_dirty(i)	(tag_dirty[i] || tag_wb[i])
