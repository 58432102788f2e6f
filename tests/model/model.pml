/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded model of the engine, for spin: see README.md. The bounds come from
 * scenarios.tsv, as -D; these are the least.
 */

#ifndef NI
#define NI 1		/* upper inodes; two go without flusher and reaper */
#endif
#ifndef NS
#define NS 1		/* syncers, */
#endif
#ifndef SYNCS
#define SYNCS 1		/* and the syncs that each does */
#endif
#ifndef WRITERS
#define WRITERS 1	/* one for each inode at least */
#endif
#ifndef OPENS
#define OPENS 1		/* how often each opens and closes */
#endif
#ifndef STORES
#define STORES 1	/* how often it stores at most, between the two */
#endif
#ifndef ERRORS
#define ERRORS 0	/* writes that fail */
#endif

#include "state.pml"
#include "upper.pml"
#include "upper_inodes.pml"
#include "sync.pml"
#include "users.pml"

/* Everybody is done, and the reaper will not come again. */
proctype inspector()
{
end:	atomic {
		done == NS + WRITERS && !reaper_runs && !reaper_armed ->
		CLAIM(not_reaped, upper_gone || list_empty())
	}
}

#ifdef SWITCH
/* Somebody writes to the module parameter, at any time. */
proctype switch()
{
end:	do
	:: sync_own = !sync_own
	od
}
#endif

init
{
	atomic {
#ifdef TMPFILE
		ovl_inode[0] = 1;
		ovl_users[0] = 1;
		i_count[0] = 1;
		run tmpfile(0);
#else
		i_nlink[0] = 1;
#ifdef OLD_ERROR
		wb_err[0] = 2;	/* somebody saw it before the overlay was mounted */
#endif
#ifdef COPY_UP
		run copy_up(0);
#else
		run writer(0);
#endif
#endif
#if NI > 1
		i_nlink[1] = 1;
		run writer(1);
		run device(1);
		run evictor(1);
#elif WRITERS > 1
		run writer(0);
#endif
#if WRITERS > 2
		run writer(0);
#endif
		run device(0);
#if NI == 1
		run flusher(0);
#endif
#ifndef ONLY_SYNCS
		run evictor(0);
#if NI == 1
		run ovl_reap_suspects();
#endif
#endif
		run syncer(0);
#if NS > 1
		run syncer(1);
#endif
#ifdef UNLINKER
		run unlinker(0);
#endif
#ifdef FREEZER
		run freezer();
#endif
#ifdef SWITCH
		run switch();
#endif
		run inspector()
	}
}

#ifdef LIVE
ltl terminates { [] (in_sync[0] -> <> !in_sync[0]) }
#endif
