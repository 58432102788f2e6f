// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many overlays submit to one upper filesystem at the same time.
 *
 * For an upper that does badly when a thousand do (upper_fs.c). Only phase 0 needs
 * a slot, if it finds something to submit: it is a help, and nothing relies on it.
 * What it leaves for phase 1, that submits at once.
 *
 * Nobody depends on a neighbour who is slow, or is kept slow by his cgroup: there
 * must be OVL_SLOTS of them, and then it is for OVL_SLOT_WAIT, once for a sync.
 *
 * Lifetime: from the first mount of an overlay on the upper to the end of the
 * last one; each has a reference, and its mount keeps the upper's super block.
 *
 * Locking: ovl_upper_slots_lock protects the list; nothing is locked under it. A
 * slot is taken before all locks of a sync but s_umount of the overlay.
 */

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include "sync_internal.h"

/* Enough to keep a device busy, and few to be woken for nothing: as measured. */
#define OVL_SLOTS	16
#define OVL_SLOT_WAIT	HZ

/**
 * struct ovl_upper_slots - those of an upper filesystem
 * @list: in ovl_upper_slots_list
 * @ref: one of each overlay
 * @sb: the upper's super block
 * @free: how many are; whoever waits longest gets the next
 */
struct ovl_upper_slots {
	struct list_head list;
	struct kref ref;
	struct super_block *sb;
	struct semaphore free;
};

/**
 * ovl_upper_slot_take - wait for a slot, but not for long
 * @slots: of ovl_upper_slots_get(); may be NULL
 *
 * Context: May sleep, for OVL_SLOT_WAIT at most.
 * Return: whether there was one, for ovl_upper_slot_give().
 */
bool ovl_upper_slot_take(struct ovl_upper_slots *slots)
{
	return slots && !down_timeout(&slots->free, OVL_SLOT_WAIT);
}

/**
 * ovl_upper_slot_give - let the next one submit
 * @slots: of ovl_upper_slots_get(); may be NULL
 * @taken: what ovl_upper_slot_take() returned
 */
void ovl_upper_slot_give(struct ovl_upper_slots *slots, bool taken)
{
	if (taken)
		up(&slots->free);
}

static LIST_HEAD(ovl_upper_slots_list);
static DEFINE_MUTEX(ovl_upper_slots_lock);

/**
 * ovl_upper_slots_get - let an overlay have a slot when it needs one
 * @upper_sb: the upper's super block, mounted
 *
 * Context: May sleep.
 * Return: what ovl_upper_slots_put() takes; NULL without memory: then the overlay
 * submits without a slot.
 */
struct ovl_upper_slots *ovl_upper_slots_get(struct super_block *upper_sb)
{
	struct ovl_upper_slots *slots;

	mutex_lock(&ovl_upper_slots_lock);
	list_for_each_entry(slots, &ovl_upper_slots_list, list) {
		if (slots->sb == upper_sb) {
			kref_get(&slots->ref);
			goto out;
		}
	}
	slots = kmalloc(sizeof(*slots), GFP_KERNEL);
	if (!slots)
		goto out;
	kref_init(&slots->ref);
	slots->sb = upper_sb;
	sema_init(&slots->free, OVL_SLOTS);
	list_add(&slots->list, &ovl_upper_slots_list);
out:
	mutex_unlock(&ovl_upper_slots_lock);

	return slots;
}

static void ovl_upper_slots_release(struct kref *ref)
{
	struct ovl_upper_slots *slots = container_of(ref, struct ovl_upper_slots, ref);

	list_del(&slots->list);
	mutex_unlock(&ovl_upper_slots_lock);
	kfree(slots);
}

/**
 * ovl_upper_slots_put - the overlay goes
 * @slots: of ovl_upper_slots_get(); may be NULL
 *
 * Context: May sleep. The upper is still mounted.
 */
void ovl_upper_slots_put(struct ovl_upper_slots *slots)
{
	if (slots)
		kref_put_mutex(&slots->ref, ovl_upper_slots_release,
			       &ovl_upper_slots_lock);
}
