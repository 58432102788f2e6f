/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who uses an overlay and its upper: writers, who open, store and close; copy up;
 * the eviction of overlay inodes; the flusher and the device; who freezes the upper;
 * and those who call syncfs(2). The reaper is in sync.pml.
 */

#ifdef LIVE
#define opened()	skip		/* they never end */
#else
#define opened()	opens++
#endif

/* ovl_open_realfile(), or ovl_setattr() for a truncate; a store through a mapping
 * is one, too: the mapping holds the file. */
proctype writer(byte i)
{
	LOCALS;
	byte opens, stores;
#ifdef PINS
	bit pinned;
#endif

	do
	:: opens < OPENS ->
		if	/* ovl_get_inode() */
		:: atomic { ovl_inode[i] && i_nlink[i] -> opened(); ovl_users[i]++ }
		:: atomic {
			!ovl_inode[i] && i_nlink[i] ->
			opened();
			ovl_inode[i] = 1;
			ovl_users[i]++;
			i_count[i]++;
			ovl_suspect_add_dirty(i)
		}
		:: atomic { !i_nlink[i] -> break }
		fi;
#ifdef NO_ACCESS_FIRST
		ovl_suspect_add(i);
		i_writecount[i]++;
#else
		i_writecount[i]++;	/* get_write_access() */
#ifndef NO_ADD_FIRST
		ovl_suspect_add(i);
#endif
#endif
		stores = STORES;
		do
		:: stores -> atomic { not_frozen() -> dirty_page(i); stores-- }
		:: atomic { break }
		od;
#ifdef NO_ADD_FIRST
		ovl_suspect_add(i);
#endif
#ifdef PINS
		if
		:: ovl_suspect_mmap(i); pins[i]++; pinned = 1
		:: skip
		fi;
#endif
#ifdef NO_FPUT_BARRIER
		/* the last store, seen late */
		i_writecount[i]--;
		atomic {
			if
			:: stores -> dirty_page(i)
			:: else
			fi;
			stores = 0;
			ovl_users[i]--
		};
#else
		/* fput(): after a barrier. The evictor may come as late as it likes. */
		atomic { i_writecount[i]--; stores = 0; ovl_users[i]-- };
#endif
#ifdef PINS
		if	/* the I/O into the page ends */
		:: pinned ->
			atomic { dirty_page(i) };
			atomic { pins[i]--; pinned = 0 }
		:: else
		fi
#endif
	:: else -> break
	od;
	done++
}

#ifdef TMPFILE
/* ovl_create_tmpfile(), a store, and perhaps linkat(2), before it is closed */
proctype tmpfile(byte i)
{
	LOCALS;

	i_writecount[i]++;
	ovl_suspect_add(i);
	atomic { dirty_page(i) };
	i_writecount[i]--;	/* one descriptor is closed, */
	if
	:: atomic { i_nlink[i] = 1 }	/* another one linked */
	:: skip
	fi;
	atomic { ovl_users[i]--; done++ }
}
#endif

#ifdef COPY_UP
/* What copy up has written may still be dirty when the upper inode is shown. */
proctype copy_up(byte i)
{
	LOCALS;

	atomic { i_count[i]++; tag_dirty[i] = 1 };
	ovl_suspect_add_dirty(i);	/* ovl_inode_update() */
	atomic {
		ovl_inode[i] = 1;
		CLAIM(lost_suspect, !ovl_mapping_dirty(i) || on[i] != OFF);
		published[i] = 1;
		done++
	}
}
#endif

#ifdef UNLINKER
/* rm, through the overlay */
proctype unlinker(byte i)
{
end:	atomic {
		not_frozen() && ovl_inode[i] -> i_nlink[i] = 0
	}
}
#endif

/* Reclaim, or the last dput(): ovl_destroy_inode(), which comes after the next
 * overlay inode of the same upper inode may have been instantiated. */
proctype evictor(byte i)
{
	LOCALS;

end:	do
	:: atomic {
		ovl_inode[i] && !ovl_users[i] ->
		ovl_inode[i] = 0;
		ovl_dying[i] = 1
	};
		ovl_suspect_evict(i);
		atomic {
#ifdef FREEZER
			frozen != 2 || i_nlink[i] || i_count[i] > 1 ->
#endif
			iput(i);
			ovl_dying[i] = 0
		}
	od
}

#ifdef FLUSH_FAILS
/* xfs: the mapping's error comes after the end of writeback, still with I_SYNC. */
inline flush_fails(i)
{
	atomic {
		tag_dirty[i] && !tag_wb[i] && !page_locked[i] && errors < ERRORS ->
		tag_dirty[i] = 0;
		owed_move_all(i, OWED_DIRTY, OWED_LOST)
	};
	atomic { writeback_error(i) }
}
#endif

/* Background writeback. That it has I_SYNC while it submits is seen if that fails. */
proctype flusher(byte i)
{
end:	do
#ifdef FLUSH_FAILS
	:: atomic { i_dirty_pages[i] && !i_sync[i] -> i_sync[i] = 1 };
		if
		:: atomic {
			tag_dirty[i] && !tag_wb[i] && !page_locked[i] ->
			writeback_start(i)
		}
		:: atomic { !tag_dirty[i] || tag_wb[i] || page_locked[i] }
		:: flush_fails(i)
		fi;
		atomic { inode_sync_complete(i) }
#else
	:: atomic {
		tag_dirty[i] && !tag_wb[i] && !page_locked[i] ->
		writeback_start(i)
	}
#endif
	od
}

/* The end of I/O. A filesystem sets the error before it ends writeback. */
proctype device(byte i)
{
end:	do
#ifdef ORDERED_FAILS
	/* btrfs ends writeback when pages are written, and metadata may fail later. */
	:: atomic {
		tag_wb[i] && !ordered[i] ->
		ordered[i] = 1;
		tag_wb[i] = 0;
		owed_move_all(i, OWED_WB, OWED_ORDERED);
		writeback_wake(i)
	}
	:: atomic {
		ordered[i] ->
		ordered[i] = 0;
		cached[i] = 1;
		owed_move_all(i, OWED_ORDERED, OWED_CACHED)
	}
	:: atomic {
		ordered[i] && errors < ERRORS ->
		ordered[i] = 0;
		owed_move_all(i, OWED_ORDERED, OWED_LOST);
		writeback_error(i)
	}
#else
	:: atomic { tag_wb[i] -> writeback_done(i) }
#endif
#ifdef DEVICE_FAILS
	:: atomic {
		tag_wb[i] && errors < ERRORS ->
		owed_move_all(i, OWED_WB, OWED_LOST);
		writeback_error(i);
		failing[i] = 1
	};
		atomic {
			tag_wb[i] = 0;
			failing[i] = 0;
			writeback_wake(i)
		}
#endif
	od
}

#ifdef FREEZER
/* freeze_super() and thaw_super() of the upper */
proctype freezer()
{
	byte i;

	atomic { !um_writer && !um_readers -> frozen = 1 };
	atomic { !sb_writers -> um_writer = 0 };
	atomic { !um_writer && !um_readers -> um_writer = 1 };
	do	/* sync_filesystem() */
	:: atomic { i < NI && !ovl_mapping_dirty(i) -> i++ }
	:: i == NI -> break
	od;
	atomic { frozen = 2; um_writer = 0 };
	atomic { !um_writer && !um_readers -> frozen = 0 }
}
#endif

#define owed_one(i) \
	owed[me * NI + i] = (!i_nlink[i] || !is_published(i) -> OWED_NOTHING : \
		(tag_dirty[i] -> OWED_DIRTY : (being_written(i) -> OWED_WB : \
		(!no_ordered(i) -> OWED_ORDERED : \
		(cached[i] -> OWED_CACHED : OWED_NOTHING)))))
#define claim_one(i) \
	CLAIM(error_not_told, ret || owed[me * NI + i] != OWED_LOST); \
	CLAIM(synced_but_dirty, ret || owed[me * NI + i] == OWED_NOTHING || \
	      owed[me * NI + i] == OWED_LOST); \
	owed[me * NI + i] = OWED_NOTHING

inline syncfs_begins()
{
	owed_one(0);
#if NI > 1
	owed_one(1);
#endif
#ifdef LAZYTIME
	owed_time[me * NI] = i_dirty_time[0];
#endif
#ifdef LIVE
	in_sync[me] = 1;
#endif
	due_begun[me] = due[me]
}

/* errseq_check_and_advance() of s_wb_err, on behalf of the descriptor */
inline syncfs_returns()
{
	if
	:: sb_err != f_err[me] ->
		errseq_see(sb_err);
		f_err[me] = sb_err;
		ret = 1
	:: else
	fi;
	claim_one(0);
#if NI > 1
	claim_one(1);
#endif
#ifdef LAZYTIME
	CLAIM(synced_but_dirty, ret || !owed_time[me * NI]);
	owed_time[me * NI] = 0;
#endif
	if
	:: ret ->
		CLAIM(told_for_nothing, errors > 0);
		told[me]++;
		CLAIM(told_twice, told[me] <= errors + repeats);
		due[me] = 0
	:: else ->
		CLAIM(error_not_told, !due_begun[me])
	fi;
	due_begun[me] = 0;
	ret = 0;
#ifdef LIVE
	in_sync[me] = 0
#endif
}

#ifdef UMOUNT
inline ovl_suspects_free()
{
	if
#ifndef NO_FREE
	:: ovl_suspect_find(0) -> ovl_suspect_free(0); on[0] = OFF
#endif
	:: else
	fi
}

inline ovl_upper_inodes_drain()
{
#ifndef NO_CANCEL
	/* cancel_delayed_work_sync() */
	atomic { !reaper_runs -> reaper_armed = 0 };
#endif
	atomic {
		ovl_suspects_free();
		upper_gone = 1;
		CLAIM(leaked, !i_count[0])
	}
}
#endif

/* syncfs(2), on a descriptor of its own that is opened before anything else */
proctype syncer(byte me)
{
	LOCALS;
	byte syncs;

	do
	:: syncs < SYNCS ->
		atomic {
#ifdef UMOUNT
			/* shrink_dcache_for_umount() comes first */
			done == WRITERS && !ovl_inode[0] && !ovl_dying[0] ->
#endif
			syncs++;
			syncfs_begins()
		};
#ifdef PHASE_0
		sync_phase_0();
#endif
		ovl_sync_upper_inodes();
		atomic { syncfs_returns() }
	:: else -> break
	od;
#ifdef UMOUNT
	ovl_upper_inodes_drain();
#endif
	done++
}
