/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel/overlayfs/upper_inodes.c: the rule (R1, R2, R3). An inline has the name
 * of the function that it stands for; a macro NO_* takes out one of its guards, and
 * guards.tsv says which line that is.
 *
 * What is between two reads or writes of something that ui->lock does not protect
 * is one step: nobody can look in between.
 */

inline ovl_tell_error()
{
	if
	:: err -> errseq_set(sb_err)
	:: else
	fi
}

inline ovl_suspect_free(i)
{
#ifndef NO_SUSPECT_REF
	iput_locked(i);
#endif
	walk[i] = (walk[i] -> FREED : 0)
}

inline suspect_open(i)
{
	clean = clean && !i_writecount[i];
#if defined(PINS) && !defined(NO_MAPPED)
	clean = clean && !mapped[i]
#endif
}

inline suspect_tags(i)
{
#ifdef NO_WRITEBACK_TAG
	clean = clean && !tag_dirty[i]
#else
	clean = clean && !ovl_mapping_dirty(i)
#endif
}

inline suspect_state(i)
{
	clean = clean &&
#ifndef NO_I_SYNC
		!i_sync[i] &&
#endif
#if defined(LAZYTIME) && !defined(NO_I_DIRTY_TIME)
		!i_dirty_time[i] &&
#endif
		1
}

/* With ui->lock held; clean is what was found before. */
inline ovl_suspect_is_written(i)
{
#if defined(NO_DIRTY_CHECK)
	atomic { suspect_state(i) }
#elif defined(NO_I_SYNC_LAST)
	atomic { suspect_state(i) };
	atomic { suspect_tags(i) }
#elif defined(NO_ONE_LOOK)
	atomic { clean = clean && !tag_wb[i] };
	atomic { clean = clean && !tag_dirty[i] };
	atomic { suspect_state(i) }
#else
	atomic { suspect_tags(i) };
	/* The flusher may have an error to set yet while it has I_SYNC. */
	atomic { suspect_state(i) }
#endif
}

/* With ui->lock held. The first of its reads is in the step of the caller. */
inline ovl_suspect_is_clean(i)
{
	touch(i);
	clean = 1;
#ifdef NO_OPEN_FIRST
	suspect_tags(i);
#elif !defined(NO_OPEN_CHECK)
	suspect_open(i);
#endif
}

inline suspect_is_still_clean(i)
{
	/* Not open for write first, clean after that */
	if
	:: !clean
	:: clean ->
#ifdef NO_OPEN_FIRST
		atomic { suspect_open(i) };
		atomic { suspect_state(i) }
#else
		ovl_suspect_is_written(i)
#endif
	fi
}

/*
 * The same: the first of its reads, and the others, errors as early as may be,
 * since there is no barrier.
 */
inline ovl_suspect_is_idle(i)
{
	touch(i);
	clean = i_writecount[i] > 0
}

inline suspect_is_still_idle(i)
{
#if !defined(NO_IDLE_ERROR) && (ERRORS || defined(OLD_ERROR))
	atomic { clean = clean && wb_err[i] == s_err[i] };
#endif
#ifdef NO_IDLE_WRITTEN
	skip
#else
	ovl_suspect_is_written(i)
#endif
}

/* With ui->lock held. sync: somebody is told now, the error is a seen one. */
inline ovl_suspect_report(i, sync)
{
	err = (wb_err[i] != s_err[i]);
	unseen = (err -> !sync : unseen);
	if
	:: err && sync ->
#ifndef NO_SEEN_BY_SYNC
		errseq_see(wb_err[i]);
#endif
#ifndef NO_ADVANCE
		s_err[i] = wb_err[i]
#endif
	:: else
	fi;
	ovl_tell_error()
}

/* With ui->lock held. Only R3 lets a dirty one go. */
inline ovl_suspect_unlink(i)
{
	CLAIM(use_after_free, on[i] != OFF);
	CLAIM(lost_suspect, !ovl_mapping_dirty(i) || ui_untracked || 
	      (!i_nlink[i] && !ovl_inode[i]));
#ifdef LAZYTIME
	CLAIM(lost_suspect, !i_dirty_time[i] || (!i_nlink[i] && !ovl_inode[i]));
#endif
	on[i] = OFF;
	s_err[i] = 0;
#ifdef PINS
	mapped[i] = 0;
	remapped[i] = 0
#endif
}

/* R1: with write access, before anything is dirtied */
inline ovl_suspect_add(i)
{
	do
#ifdef NO_TRACKING_WHEN_OFF
	:: atomic { !sync_own -> break }
#endif
#ifdef NO_LOCK_AT_ADD
	:: atomic { ovl_suspect_find(i) -> found = 0; break }
#else
	:: atomic { !ui_lock && ovl_suspect_find(i) -> found = 0; break }
#endif
#ifdef ALLOCATION
	:: atomic { !ui_lock && on[i] == OFF && !found -> found = 1 }
#else
	:: atomic { !found -> found = 1 }	/* nobody looks meanwhile */
#endif
#ifdef ALLOC_FAILS
	:: atomic {	/* kmem_cache_zalloc() fails */
		found && !ui_untracked ->
#ifndef NO_UNTRACKED
		ui_untracked = 1;
#endif
		found = 0;
		break
	}
#endif
#ifdef NO_SECOND_LOOK
	:: atomic {
		!ui_lock && found ->
#else
	:: atomic {	/* looked again after the allocation */
		!ui_lock && on[i] == OFF && found ->
#endif
		CLAIM(recorded_twice, on[i] == OFF);
		touch(i);
#ifndef NO_SUSPECT_REF
		i_count[i]++;
#endif
#ifndef NO_SAMPLE
		s_err[i] = errseq_sample(wb_err[i]);
#endif
#if ERRORS
		repeats = repeats + (wb_err[i] & unseen);
#endif
#ifndef NO_ARM
		reaper_armed = reaper_armed || list_empty();
#endif
		on[i] = LIST;
		found = 0;
		break
	}
	od
}

#ifdef PINS
inline ovl_suspect_mmap(i)
{
	atomic {
		!ui_lock ->
		if
		:: ovl_suspect_find(i) ->
#ifndef NO_MMAP_NOTE
			mapped[i] = 1;
#endif
			remapped[i] = 1
		:: else
		fi
	}
}
#endif

/* With a reference, before anybody can write through the overlay */
inline ovl_suspect_add_dirty(i)
{
	if
#ifndef NO_ADD_DIRTY
	:: ovl_mapping_dirty(i) -> ovl_suspect_add(i)
#endif
	:: else
	fi
}

/* The overlay inode is not found any more, but still has its upper dentry. */
inline ovl_suspect_evict(i)
{
	if
	:: list_empty()		/* without the lock */
	:: else ->
		atomic {
			spin_lock_in_turn() -> ui_lock = 1;
			found = ovl_suspect_find(i);
#ifndef NO_WALKED
			CLAIM(walked_stale, !found || ui_walked != i || walk[i]);
			found = found && ui_walked != i;
#endif
			clean = 1;
			if
			:: found && i_nlink[i] -> ovl_suspect_is_clean(i)
			:: else
			fi
		};
		if
		:: found && i_nlink[i] -> suspect_is_still_clean(i)
		:: else
		fi;
		atomic {
			drop = found && clean;
#ifdef NO_CHECK_AT_EVICT
			drop = found;
#endif
			if
			:: drop ->
#ifndef NO_REPORT_AT_EVICT
				ovl_suspect_report(i, 0);
#endif
				ovl_suspect_unlink(i)
			:: else
			fi;
			spin_unlock(ui_lock);
			if
			:: drop ->	/* never the last */
				CLAIM(use_after_free, i_count[i] > 1);
				ovl_suspect_free(i)
			:: else
			fi;
			err = 0;
			found = 0;
			clean = 0;
			drop = 0
		}
	fi
}

#ifdef PINS
inline ovl_suspect_check_pins(i)
{
	atomic {
		!ui_lock ->
		touch(i);
		found = mapped[i];
#ifndef NO_OPEN_BEFORE_PINS
		found = found && !i_writecount[i];
#endif
		if
		:: found -> remapped[i] = 0
		:: else
		fi
	};
	if
	:: found ->
#ifndef NO_PIN_SEARCH
		atomic { touch(i); found = !ovl_mapping_pinned(i) };
#endif
		atomic {
			!ui_lock ->
			touch(i);
			if
#ifdef NO_REMAPPED
			:: found -> mapped[i] = 0
#else
			:: found && !remapped[i] -> mapped[i] = 0
#endif
			:: else
			fi;
			found = 0
		}
	:: else
	fi
}
#endif

/* Drops the suspect that the walk is at if it is one no more. s_sync_lock is held. */
inline ovl_suspect_settle(i, sync)
{
#ifdef PINS
	ovl_suspect_check_pins(i);
#endif
#ifdef FREEZER
	/* sb_start_write_trylock() */
	atomic {
		thawed = !frozen;
		sb_writers = sb_writers + thawed
	};
#endif
	SPIN_LOCK_QUEUE
	atomic {
		spin_lock(ui_lock);
		SPIN_LOCK_GOT
		ovl_suspect_is_clean(i)
	};
#ifdef NO_ERROR_LAST
	atomic { ovl_suspect_report(i, sync) };
#endif
#ifdef NO_LOCK_AT_DROP
	atomic { spin_unlock(ui_lock) };
#endif
	suspect_is_still_clean(i);
#ifdef NO_LOCK_AT_DROP
	atomic { spin_lock(ui_lock) };
#endif
	atomic {
		drop = clean;
#if defined(NO_COUNT)
		drop = drop || !i_nlink[i];
#elif defined(NO_LINKS)
		drop = drop || i_count[i] == 1;
#else
		drop = drop || (!i_nlink[i] && i_count[i] == 1);
#endif
#if defined(FREEZER) && !defined(NO_THAWED)
		drop = drop && thawed;
#endif
#ifndef NO_ERROR_LAST
		if
#ifdef NO_REPORT
		:: 0
#elif defined(NO_REPORT_AT_DROP)
		:: sync && !drop -> ovl_suspect_report(i, sync)
#else
		:: sync || drop -> ovl_suspect_report(i, sync)
#endif
		:: else
		fi;
#endif
		if
		:: drop ->
			walk[i] = 0;
#ifndef NO_WALKED_CLEAR
			ui_walked = NOBODY;
#endif
			ovl_suspect_unlink(i)
		:: else
		fi;
		ret = ret || (err && sync);
		spin_unlock(ui_lock);
		err = 0
	};
#if defined(FREEZER) && defined(NO_END_WRITE_LAST)
	atomic {
		sb_writers = sb_writers - thawed;
		thawed = 0
	};
#endif
	atomic {
		if
		:: drop -> ovl_suspect_free(i)
		:: else
		fi;
#ifdef FREEZER
		sb_writers = sb_writers - thawed;
		thawed = 0;
#endif
		clean = 0;
		drop = 0
	}
}
