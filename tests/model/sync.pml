/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel/overlayfs/sync.c: the walks, the two phases of a sync, the reaper.
 */

/*
 * A walk begins: with the mutex, take what is on the list now. Nobody can tell the
 * two apart. The mutex goes to who waits for it rather than to who tries.
 */
#define mutex_free()	(!s_sync_lock && !s_sync_waiters)
#ifdef NO_WHOLE_UPPER
#define own		sync_own
#else
#define own		(sync_own && !ui_untracked)
#endif

#ifdef NO_SPLICE
#define WALK_FROM	LIST
#else
#define WALK_FROM	SUBMIT
#endif

#define walk_start_one(i) \
	on_list[i] = (on[i] == LIST); \
	CLAIM(lists_left, on[i] != SUBMIT && on[i] != WAIT); \
	on[i] = (on[i] == LIST -> WALK_FROM : on[i])

inline ovl_walk_start()
{
	s_sync_lock = 1;
	walk_start_one(0);
#if NI > 1
	walk_start_one(1)
#endif
}

inline mutex_lock_and_start()
{
#ifdef LIVE
	s_sync_waiters++;
#endif
	SPIN_LOCK_QUEUE
	atomic {
#ifdef NO_SYNC_LOCK
		!ui_lock ->
#else
		!s_sync_lock && !ui_lock ->
#endif
#ifdef LIVE
		s_sync_waiters--;
#endif
		SPIN_LOCK_GOT
		ovl_walk_start()
	}
}

/* In any order, as safety does not rest on one that all walks keep */
inline walk_first(from)
{
	if
#ifdef NO_LOOK_AT_LIST
	/* what came after the last one, as it was then */
	:: next_up != NOBODY ->
		up = next_up;
		next_up = NOBODY;
		CLAIM(use_after_free, on[up] != OFF)
	:: next_up == NOBODY && on[0] == from ->
		up = 0;
		next_up = (on[1] == from -> 1 : NOBODY)
	:: next_up == NOBODY && on[1] == from ->
		up = 1;
		next_up = (on[0] == from -> 0 : NOBODY)
#else
	:: on[0] == from -> up = 0
#if NI > 1
	:: on[1] == from -> up = 1
#endif
#endif
	:: else -> up = NOBODY
	fi
}

/* A suspect has its turn. */
inline walk_move(to)
{
#ifndef LIVE
	CLAIM(walk_unbounded, on_list[up]);
	on_list[up] = (to == LIST -> 0 : on_list[up]);
#endif
	on[up] = to
}

/*
 * No more is done with the one before; it is still ui->walked when the lock is let
 * go in between, which it is if there are others.
 */
#if NI > 1
#define walk_left()	last = up
#define walk_left_at_last() \
	if \
	:: last != NOBODY -> walk[last] = 0; last = NOBODY \
	:: else \
	fi
#else
#define walk_left() \
	if \
	:: up != NOBODY -> walk[up] = 0 \
	:: else \
	fi
#define walk_left_at_last()	skip
#endif

/* None, or one that there is something to do about */
inline walk_take(to)
{
	walk_left_at_last();
	if
	:: up != NOBODY -> walk_move(to); walk[up] = AT_IT
	:: else
	fi;
#ifndef NO_WALKED_SET
	ui_walked = up;
#endif
	spin_unlock(ui_lock)
}

inline ovl_walk_next(from, to)
{
	SPIN_LOCK_QUEUE
	atomic {
		spin_lock(ui_lock);
		SPIN_LOCK_GOT
		walk_left()
	};
	do
	:: atomic {
		walk_first(from);
		if
		:: up != NOBODY -> ovl_suspect_is_idle(up)
		:: else
		fi;
		if
		:: clean
		:: else -> walk_take(to); break
		fi
	};
		suspect_is_still_idle(up);
		atomic {
			if
			:: clean -> walk_move(LIST); up = NOBODY; clean = 0
			:: else -> walk_take(to); break
			fi
		}
#if NI > 1
		/* The lock may be let go. */
		if
		:: atomic { spin_unlock(ui_lock) }; atomic { spin_lock(ui_lock) }
		:: skip
		fi
#endif
	od
}

#define walk_stop_one(i) \
	on[i] = (on[i] == SUBMIT -> LIST : on[i])

inline ovl_walk_stop()
{
	SPIN_LOCK_QUEUE
	atomic {
		!ui_lock ->
		SPIN_LOCK_GOT
#ifndef NO_STOP_SPLICE
		walk_stop_one(0);
#if NI > 1
		walk_stop_one(1);
#endif
#endif
		if
		:: up != NOBODY -> walk[up] = 0; up = NOBODY
		:: else
		fi;
#ifndef NO_STOP_WALKED
		ui_walked = NOBODY
#endif
	}
}

/* Whether a tag is set. The walk has begun. */
inline ovl_walk_find()
{
	found = 0;
	ovl_walk_next(WALK_FROM, LIST);
	do
	:: atomic { up != NOBODY && !found -> touch(up); found = ovl_mapping_dirty(up) };
		if
		:: found -> break
		:: else
		fi;
		ovl_walk_next(WALK_FROM, LIST)
	:: up == NOBODY -> break
	od;
	ovl_walk_stop()
}

/* The walk is at its end. */
#define mutex_unlock()	up == NOBODY -> s_sync_lock = 0

inline ovl_walk_log_times(i)
{
#if defined(LAZYTIME) && !defined(NO_LOG_TIMES)
	d_step {
		touch(i);
		if
		:: i_dirty_time[i] ->
			i_dirty_time[i] = 0;
			owed_time[i] = (owed_time[i] -> LOGGED : 0);
			owed_time[NI + i] = (owed_time[NI + i] -> LOGGED : 0)
		:: else
		fi
	}
#else
	skip
#endif
}

/*
 * filemap_fdatawrite(): WB_SYNC_ALL waits, with the page locked, for writeback
 * that is under way, to start the next.
 */
inline ovl_walk_submit(i)
{
	if
	:: atomic {
		tag_dirty[i] && !tag_wb[i] && !page_locked[i] ->
		touch(i);
		writeback_start(i)
	}
	:: atomic {
		tag_dirty[i] && tag_wb[i] && !page_locked[i] ->
		touch(i);
		page_locked[i] = 1
	};
		atomic {
			!tag_wb[i] ->
			touch(i);
			page_locked[i] = 0;
			if
			:: tag_dirty[i] -> writeback_start(i)
			:: else
			fi
		}
	:: atomic { !tag_dirty[i] -> touch(i) }
#ifdef SUBMIT_FAILS
	:: submit_fails(i)
#endif
	fi
}

#ifdef SUBMIT_FAILS
/* The filesystem may be late with the mapping's error (xfs), or set none. */
inline submit_fails(i)
{
	atomic {
		tag_dirty[i] && !tag_wb[i] && !page_locked[i] && errors < ERRORS ->
		touch(i);
		tag_dirty[i] = 0;
		owed_move_all(i, OWED_DIRTY, OWED_LOST)
	};
	if
	:: atomic {
		writeback_error(i);
		repeats++	/* when it was submitted, and when it was collected */
	}
	:: atomic { is_due() }
	fi;
#ifndef NO_TELL_SUBMIT
	atomic {
		err = 1;
		ovl_tell_error();
		ret = 1;
		err = 0
	}
#endif
}
#endif

/* filemap_fdatawait_keep_errors(): for the writeback that is under way now */
inline filemap_fdatawait(i)
{
#ifdef NO_WAIT
	touch(i)
#else
	atomic {
		touch(i);
		waits_for[me] = (tag_wb[i] -> i + 1 : 0)
	};
	atomic { !waits_for[me] -> touch(i) }
#endif
}

/*
 * Once there is no tag: I_SYNC, and what has it may be about to set an error. The
 * look with i_lock is the one that counts: what was seen before it only spares it.
 */
inline ovl_walk_late_error(i)
{
#if !defined(FLUSH_FAILS) || defined(NO_LATE_ERROR)
	skip
#elif defined(NO_SLEEP_ONCE)
	atomic { !i_sync[i] -> touch(i) }
#else
#if defined(NO_LATE_ERROR_LAST)
	atomic { touch(i); waits_sync[me] = late && i_sync[i]; late = 0 };
#elif defined(NO_I_LOCK)
	atomic { touch(i); late = i_sync[i] };
	atomic { waits_sync[me] = late; late = 0 };
#else
	atomic { touch(i); waits_sync[me] = i_sync[i] };
#endif
	do
	:: atomic { !waits_sync[me] -> touch(i); break }
	:: atomic { waits_sync[me] && strays -> strays--; touch(i) };
#ifdef NO_STRAY_CHECK
		atomic { touch(i); waits_sync[me] = 0 }
#elif defined(NO_I_LOCK)
		atomic { touch(i); late = i_sync[i] };
		atomic { waits_sync[me] = late; late = 0 }
#else
		atomic { touch(i); waits_sync[me] = i_sync[i] }
#endif
	od
#endif
}

/* Phase 0, if there is something to submit and the locks are to be had */
inline submit_if_possible()
{
	if
#ifdef FREEZER
	:: atomic { um_writer || !mutex_free() }
	:: atomic { !um_writer && mutex_free() && !ui_lock -> um_readers++; ovl_walk_start() };
#else
	:: atomic { !mutex_free() }
	:: atomic { mutex_free() && !ui_lock -> ovl_walk_start() };
#endif
		ovl_walk_next(WALK_FROM, LIST);
		do
		:: up != NOBODY ->
			if	/* filemap_flush() does not wait. */
			:: atomic {
				tag_dirty[up] && !tag_wb[up] && !page_locked[up] ->
				touch(up);
				writeback_start(up)
			}
			:: atomic { !tag_dirty[up] || tag_wb[up] || page_locked[up] -> touch(up) }
			fi;
			ovl_walk_next(WALK_FROM, LIST)
		:: atomic {
			mutex_unlock();
#ifdef FREEZER
			um_readers--;
#endif
			break
		}
		od
	fi
}

inline ovl_start_suspects()
{
	if
	:: atomic { !mutex_free() }
	:: atomic { mutex_free() && !ui_lock -> ovl_walk_start() };
		ovl_walk_find();
		atomic { s_sync_lock = 0 };
		if
		:: found -> found = 0; submit_if_possible()
		:: else
		fi
	fi
}

/* Phase 1: write everything, then wait for everything */
inline submit_and_wait()
{
	mutex_lock_and_start();
	ovl_walk_next(WALK_FROM, WAIT);
	do
	:: up != NOBODY ->
#ifdef NO_LATE_ERROR_LAST
		late = i_sync[up];
#endif
#ifndef NO_SUBMIT
		ovl_walk_submit(up);
#endif
		ovl_walk_next(WALK_FROM, WAIT)
	:: up == NOBODY -> break
	od;
	ovl_walk_next(WAIT, LIST);
	do
	:: up != NOBODY ->
		filemap_fdatawait(up);
		ovl_walk_late_error(up);
		ovl_walk_log_times(up);
		ovl_walk_next(WAIT, LIST)
	:: atomic { mutex_unlock(); break }
	od
}

inline ovl_write_suspects()
{
#ifdef NO_SYNC_WAIT
	if
	:: atomic { !mutex_free() }
	:: mutex_free() -> submit_and_wait()
	fi
#else
	submit_and_wait()
#endif
}

inline ovl_settle_suspects()
{
	mutex_lock_and_start();
	ovl_walk_next(WALK_FROM, LIST);
	do
	:: up != NOBODY ->
		ovl_suspect_settle(up, 1);
		ovl_walk_next(WALK_FROM, LIST)
	:: atomic { mutex_unlock(); break }
	od
}

/* sync_filesystem() of the upper */
inline sync_filesystem_one(i)
{
	i_count[i]++;
	ovl_walk_submit(i);
	filemap_fdatawait(i);
	atomic { iput(i) }
}

inline ovl_upper_fs_sync()
{
	d_step {
		no_ordered(0) ->	/* btrfs_wait_ordered_roots() */
		upper_commit(0);
#if NI > 1
		upper_commit(1)
#endif
	}
}

/* ovl_sync_upper_inodes() with wait = 0 */
inline sync_phase_0()
{
#if defined(ALLOC_FAILS) || defined(SWITCH)
	if
	:: own -> ovl_start_suspects()
	:: else
	fi
#else
	ovl_start_suspects()
#endif
}

/* With wait = 1: phase 1, the upper's own, the errors */
inline ovl_sync_upper_inodes()
{
#ifdef FREEZER
	atomic { !um_writer -> um_readers++ };	/* down_read(s_umount) */
#endif
#ifdef NO_SETTLE_AFTER
	ovl_settle_suspects();
#endif
#if defined(ALLOC_FAILS) || defined(SWITCH)
	if
	:: !own ->
		sync_filesystem_one(0);
#if NI > 1
		sync_filesystem_one(1);
#endif
	:: else -> ovl_write_suspects()
	fi;
#else
	ovl_write_suspects();
#endif
#ifndef NO_SYNC_FS
	ovl_upper_fs_sync();
#endif
#ifdef FREEZER
	um_readers--;
#endif
#ifndef NO_SETTLE_AFTER
	ovl_settle_suspects()
#endif
}

/* Whether it gets s_umount is not asked: if not, it comes again. */
inline ovl_reap_times(i)
{
	if
	:: !i_writecount[i] -> ovl_walk_log_times(i)
	:: else
	fi
}

/* The delayed work, over and over. If somebody has the mutex, he walks, too. */
proctype ovl_reap_suspects()
{
	LOCALS;
	byte me;	/* none: it waits for nothing */

end:	do
	:: atomic { reaper_armed && !mutex_free() -> CLAIM(use_after_free, !upper_gone) }
	:: atomic {
		reaper_armed && mutex_free() && !ui_lock ->
		CLAIM(use_after_free, !upper_gone);
		reaper_armed = 0;
		reaper_runs = 1;
		ovl_walk_start()
	};
		ovl_walk_next(WALK_FROM, LIST);
		do
		:: up != NOBODY ->
#ifdef LAZYTIME
			ovl_reap_times(up);
#endif
			ovl_suspect_settle(up, 0);
			ovl_walk_next(WALK_FROM, LIST)
		:: atomic { mutex_unlock(); break }
		od;
		atomic {
			!ui_lock ->
#ifndef NO_REARM
			reaper_armed = reaper_armed || !list_empty();
#endif
			reaper_runs = 0
		}
	od
}
