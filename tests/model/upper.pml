/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine stands on, as the VFS and the upper filesystem have it: page
 * cache, writeback, errors, references.
 */

inline owed_move(s, i, from, to)
{
	if
	:: owed[(s) * NI + i] == from -> owed[(s) * NI + i] = to
	:: else
	fi
}

inline owed_move_all(i, from, to)
{
	owed_move(0, i, from, to);
#if NS > 1
	owed_move(1, i, from, to)
#endif
}

/* A page is dirtied through the overlay. R1: it is a suspect by now. */
inline dirty_page(i)
{
	CLAIM(lost_suspect, on[i] != OFF || ui_untracked);
	tag_dirty[i] = 1;
#ifdef FLUSH_FAILS
	i_dirty_pages[i] = 1;
#endif
#ifdef LAZYTIME
	i_dirty_time[i] = 1
#endif
}

/* __folio_start_writeback(): both tags in one section of the mapping's lock */
inline writeback_start(i)
{
	tag_dirty[i] = 0;
	tag_wb[i] = 1;
	owed_move_all(i, OWED_DIRTY, OWED_WB)
}

inline writeback_wake(i)
{
	waits_for[0] = (waits_for[0] == i + 1 -> 0 : waits_for[0]);
#if NS > 1
	waits_for[1] = (waits_for[1] == i + 1 -> 0 : waits_for[1])
#endif
}

inline writeback_done(i)
{
	tag_wb[i] = 0;
	cached[i] = 1;
	owed_move_all(i, OWED_WB, OWED_CACHED);
	writeback_wake(i)
}

/* Everybody is to be told of an error from here on. */
inline is_due()
{
	due[0] = 1;
#if NS > 1
	due[1] = 1;
#endif
	errors++
}

/* mapping_set_error() */
inline writeback_error(i)
{
	errseq_set(wb_err[i]);
	is_due()
}

/*
 * The commit of the journal, or the force of the log, with the flush of the
 * device: ovl_upper_fs_sync(). What has no links then, has none after a crash.
 */
inline upper_commit(i)
{
	cached[i] = 0;
	owed_move_all(i, OWED_CACHED, OWED_NOTHING);
	if
	:: !i_nlink[i] ->
		owed[i] = OWED_NOTHING;
#if NS > 1
		owed[NI + i] = OWED_NOTHING
#endif
	:: else
	fi;
#ifdef LAZYTIME
	owed_time[i] = (owed_time[i] == LOGGED -> 0 : owed_time[i]);
#if NS > 1
	owed_time[NI + i] = (owed_time[NI + i] == LOGGED -> 0 : owed_time[NI + i])
#endif
#endif
}

#ifdef FLUSH_FAILS
/* inode_sync_complete(), after the flags of what was written are gone */
inline inode_sync_complete(i)
{
	i_dirty_pages[i] = tag_dirty[i];
	i_sync[i] = 0;
	waits_sync[0] = 0;
#if NS > 1
	waits_sync[1] = 0
#endif
}
#endif

/* A reference is put. Without links and references an inode's pages are gone. */
inline iput(i)
{
	touch(i);
	i_count[i]--;
	if
	:: !i_count[i] && !i_nlink[i] -> tag_dirty[i] = 0
	:: else
	fi
}

/* The same with s_sync_lock held, where nobody may wait for a thaw */
inline iput_locked(i)
{
#ifdef FREEZER
	CLAIM(waits_frozen, frozen != 2 || i_nlink[i] || i_count[i] > 1);
#endif
	iput(i)
}
