// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marked points of the engine, in the test build only: see race_points.h.
 *
 * A window is hit if, during the delay,
 *
 *   - somebody else passed, or was kept at, one of the points that the table
 *     names for it (.meets), of the same inode, or of the same overlay where
 *     one of the two is of an overlay; or
 *   - what the engine looks at of the inode changed (.state).
 *
 * A point with .one_in 0 keeps nobody: it counts what the call says (.cond of
 * ovl_race_or()), or whom it meets.
 */

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/kcsan-checks.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/random.h>
#include <linux/spinlock.h>
#include "sync_internal.h"

/* What the engine looks at; the mapping's error is above these. */
#define OVL_RACE_STATE_WRITERS	BIT_ULL(0)
#define OVL_RACE_STATE_DIRTY	BIT_ULL(1)
#define OVL_RACE_STATE_WRITTEN	BIT_ULL(2)
#define OVL_RACE_STATE_SYNC	BIT_ULL(3)
#define OVL_RACE_STATE_TIME	BIT_ULL(4)
#define OVL_RACE_STATE_LINKS	BIT_ULL(5)
#define OVL_RACE_STATE_ERROR	GENMASK_ULL(63, 32)
#define OVL_RACE_STATE_TAGS	(OVL_RACE_STATE_DIRTY | OVL_RACE_STATE_WRITTEN)
#define OVL_RACE_STATE_CLEAN	(OVL_RACE_STATE_WRITERS | OVL_RACE_STATE_TAGS | \
				 OVL_RACE_STATE_SYNC | OVL_RACE_STATE_TIME)
#define OVL_RACE_STATE_ANY	(OVL_RACE_STATE_CLEAN | OVL_RACE_STATE_LINKS | \
				 OVL_RACE_STATE_ERROR)

#define MEETS(point)		BIT_ULL(OVL_RACE_##point)

/* Whoever has write access and is about to record, to dirty, or to let go */
#define MEETS_WRITER		(MEETS(ACCESS_RECORD) | MEETS(RECORD_DIRTY) | \
				 MEETS(DIRTY_UNACCESS))
/* Whoever looks whether to drop */
#define MEETS_DROPPER		(MEETS(SETTLE) | MEETS(EVICT_LOOK) | \
				 MEETS(WRITERS_TAGS) | MEETS(TAGS_ISYNC) | \
				 MEETS(CLEAN_ERRORS) | MEETS(ERRORS_DROP))
#define MEETS_WALK		(MEETS(WALK_SUBMIT) | MEETS(SUBMIT_WAIT) | \
				 MEETS(WAIT_ISYNC) | MEETS(SETTLE))

/* ui->lock is held: 32 ms at most, for others spin meanwhile. */
#define ATOMIC			.atomic = true, .log2_us = 15
/* It holds up nobody but itself. */
#define ALONE			.log2_us = 17
/* Others wait for it. */
#define SERIAL			.log2_us = 14

static const struct ovl_race_window {
	const char *name;
	bool atomic;
	/* One in so many passes is kept, for this to that many microseconds. */
	unsigned int one_in;
	unsigned int log2_min;
	unsigned int log2_us;
	u64 meets;
	u64 state;
} ovl_race_windows[OVL_RACE_POINTS] = {
	[OVL_RACE_ACCESS_RECORD] = { "access-record", .one_in = 2, ALONE,
		.meets = MEETS_DROPPER },
	[OVL_RACE_LOOK_RECORD] = { "look-record", .one_in = 1, ALONE,
		.meets = MEETS(RECORD_DIRTY) },
	/* Few come by these three: no short delays, as those hit nothing */
	[OVL_RACE_RECORD_ARM] = { "record-arm", .one_in = 1, .log2_min = 16, .log2_us = 20,
		.meets = MEETS(REAP_ARM) },
	[OVL_RACE_RECORD_DIRTY] = { "record-dirty", .one_in = 4, ALONE,
		.meets = MEETS_DROPPER | MEETS_WALK },
	[OVL_RACE_DIRTY_UNACCESS] = { "dirty-unaccess", .one_in = 1, .log2_min = 13, .log2_us = 18,
		.meets = MEETS_DROPPER | MEETS_WALK },
	[OVL_RACE_INSTANTIATE] = { "instantiate", .one_in = 1, .log2_min = 13, .log2_us = 17,
		.meets = MEETS_DROPPER | MEETS_WALK,
		.state = OVL_RACE_STATE_TAGS | OVL_RACE_STATE_SYNC },
	[OVL_RACE_MMAP] = { "mmap", .meets = MEETS(PINS_LOOK) },

	[OVL_RACE_WRITERS_TAGS] = { "writers-tags", .one_in = 2, ATOMIC,
		.meets = MEETS_WRITER, .state = OVL_RACE_STATE_CLEAN },
	[OVL_RACE_TAGS_ISYNC] = { "tags-isync", .one_in = 2, ATOMIC,
		.meets = MEETS_WRITER, .state = OVL_RACE_STATE_CLEAN },
	[OVL_RACE_IDLE] = { "idle", .one_in = 8, ATOMIC,
		.meets = MEETS_WRITER, .state = OVL_RACE_STATE_ANY },
	[OVL_RACE_CLEAN_ERRORS] = { "clean-errors", .one_in = 8, ATOMIC,
		.meets = MEETS_WRITER, .state = OVL_RACE_STATE_ANY },
	[OVL_RACE_ERRORS_DROP] = { "errors-drop", .one_in = 2, ATOMIC,
		.meets = MEETS_WRITER, .state = OVL_RACE_STATE_ANY },
	[OVL_RACE_DROP_PUT] = { "drop-put", .one_in = 2, SERIAL,
		.meets = MEETS_WRITER | MEETS(INSTANTIATE) | MEETS(EVICT_LOOK),
		.state = OVL_RACE_STATE_ANY },
	[OVL_RACE_SETTLE] = { "settle", .one_in = 16, SERIAL,
		.meets = MEETS_WRITER | MEETS(INSTANTIATE) | MEETS(EVICT_LOOK),
		.state = OVL_RACE_STATE_ANY },
	[OVL_RACE_FROZEN] = { "frozen" },
	[OVL_RACE_UNLINKED] = { "unlinked" },
	[OVL_RACE_PINS_LOOK] = { "pins-look", .one_in = 1, .log2_us = 19,
		.meets = MEETS(MMAP) | MEETS_WRITER },
	[OVL_RACE_REMAPPED] = { "remapped" },

	[OVL_RACE_EVICT_LOOK] = { "evict-look", .one_in = 8, SERIAL,
		.meets = MEETS_WALK | MEETS(DROP_PUT),
		.state = OVL_RACE_STATE_ANY },
	[OVL_RACE_EVICT_WALKED] = { "evict-walked" },
	[OVL_RACE_EVICT_PUT] = { "evict-put", .one_in = 2, ALONE,
		.meets = MEETS_WRITER | MEETS(INSTANTIATE),
		.state = OVL_RACE_STATE_ANY },

	[OVL_RACE_SWITCH] = { "switch", .one_in = 2, .log2_us = 20 },
	[OVL_RACE_PHASE_0] = { "phase-0" },
	[OVL_RACE_SYNC_LOCK] = { "sync-lock" },
	[OVL_RACE_SPLICE_SUBMIT] = { "splice-submit", .one_in = 2, SERIAL,
		.meets = MEETS(RECORD_DIRTY) },
	[OVL_RACE_WALK_SUBMIT] = { "walk-submit", .one_in = 16, SERIAL,
		.meets = MEETS_WRITER | MEETS(INSTANTIATE) | MEETS(EVICT_LOOK),
		.state = OVL_RACE_STATE_ANY },
	[OVL_RACE_SUBMIT_WAIT] = { "submit-wait", .one_in = 8, SERIAL,
		.meets = MEETS_WRITER, .state = OVL_RACE_STATE_CLEAN },
	[OVL_RACE_WAIT_ISYNC] = { "wait-isync", .one_in = 8, SERIAL,
		.meets = MEETS_WRITER, .state = OVL_RACE_STATE_CLEAN },
	/* Next to nobody comes by. */
	[OVL_RACE_ISYNC_QUEUE] = { "isync-queue", .one_in = 1, ALONE,
		.state = OVL_RACE_STATE_SYNC },
	[OVL_RACE_ISYNC_SLEEP] = { "isync-sleep" },
	[OVL_RACE_SYNC_SETTLE] = { "sync-settle", .one_in = 2, ALONE,
		.meets = MEETS(RECORD_DIRTY) | MEETS(WALK_SUBMIT) |
			 MEETS(SYNC_LOCK) },

	[OVL_RACE_REAP_LOCK] = { "reap-lock" },
	[OVL_RACE_REAP_ARM] = { "reap-arm", .one_in = 1, .log2_min = 18, .log2_us = 20,
		.meets = MEETS(RECORD_DIRTY) | MEETS(RECORD_ARM) },
	[OVL_RACE_DRAIN] = { "drain", .one_in = 1, .log2_min = 18, .log2_us = 21,
		.meets = MEETS(REAP_ARM) | MEETS(REAP_LOCK) },
};

static struct {
	atomic_t passes;
	atomic_t delays;
	atomic_t hits;
} ovl_race_counts[OVL_RACE_POINTS];

/* Who is kept at a point just now */
struct ovl_race_stay {
	struct list_head list;
	enum ovl_race_point point;
	const struct ovl_upper_inodes *ui;
	const struct inode *upper;
	bool met;
};

static LIST_HEAD(ovl_race_stays);
static atomic_t ovl_race_staying;
/* Inner to ui->lock */
static DEFINE_SPINLOCK(ovl_race_lock);

/* What is looked at without a lock, on purpose */
#define LOOK(expr)		data_race(expr)

static u64 ovl_race_state(struct inode *upper)
{
	struct address_space *mapping = upper->i_mapping;
	unsigned long i_state = inode_state_read_once(upper);
	u64 state = (u64)(u32)LOOK(mapping->wb_err) << 32;

	if (inode_is_open_for_write(upper))
		state |= OVL_RACE_STATE_WRITERS;
	if (LOOK(mapping_tagged(mapping, PAGECACHE_TAG_DIRTY)))
		state |= OVL_RACE_STATE_DIRTY;
	if (LOOK(mapping_tagged(mapping, PAGECACHE_TAG_WRITEBACK)))
		state |= OVL_RACE_STATE_WRITTEN;
	if (i_state & I_SYNC)
		state |= OVL_RACE_STATE_SYNC;
	if (i_state & I_DIRTY_TIME)
		state |= OVL_RACE_STATE_TIME;
	if (LOOK(upper->i_nlink))
		state |= OVL_RACE_STATE_LINKS;

	return state;
}

/*
 * With ui->lock held. Nobody else may touch what it protects, but for the look at
 * the tree that ovl_suspect_evict() takes: KCSAN has watchpoints there meanwhile.
 * Whoever looks for a suspect comes by the topmost one, and goes on by its node.
 * That is nobody else's, but its inode (->upper) is not watched: nobody writes it
 * once it is in the tree, and a walk reads that of its own suspect without the lock.
 */
static void ovl_race_spin(const struct ovl_upper_inodes *ui, unsigned int us)
{
	const struct ovl_suspect *top = ui && !RB_EMPTY_ROOT(&ui->tree) ?
		rb_entry(ui->tree.rb_node, struct ovl_suspect, node) : NULL;
	ktime_t end = ktime_add_us(ktime_get(), us);
	int i;

	do {
		for (i = 0; ui && i < 50; i++) {
			if (top)
				ASSERT_EXCLUSIVE_ACCESS(top->node);
			ASSERT_EXCLUSIVE_WRITER(ui->tree);
			ASSERT_EXCLUSIVE_ACCESS(ui->list);
			ASSERT_EXCLUSIVE_ACCESS(ui->submit);
			ASSERT_EXCLUSIVE_ACCESS(ui->wait);
			ASSERT_EXCLUSIVE_ACCESS(ui->walked);
		}
		cpu_relax();
	} while (ktime_before(ktime_get(), end));
}

/* As many short ones as long ones */
static void ovl_race_delay(const struct ovl_race_window *window,
			   const struct ovl_upper_inodes *ui)
{
	unsigned int us = 1U << (window->log2_min +
				 get_random_u32() % (window->log2_us - window->log2_min));

	us += get_random_u32() % us;
	if (window->atomic)
		ovl_race_spin(ui, us);
	else
		usleep_range(us, us + us / 8 + 1);
}

static bool ovl_race_same(const struct ovl_race_stay *a, const struct ovl_race_stay *b)
{
	return a->upper && b->upper ? a->upper == b->upper : a->ui && a->ui == b->ui;
}

static void ovl_race_meet(struct ovl_race_stay *self)
{
	struct ovl_race_stay *other;

	lockdep_assert_held(&ovl_race_lock);

	list_for_each_entry(other, &ovl_race_stays, list) {
		if (!ovl_race_same(self, other))
			continue;
		if (ovl_race_windows[self->point].meets & BIT_ULL(other->point))
			self->met = true;
		if (ovl_race_windows[other->point].meets & BIT_ULL(self->point))
			other->met = true;
	}
}

/**
 * ovl_race_pass - somebody comes by a point
 * @point: the point
 * @ui: the suspects of the overlay; may be NULL if @upper is not
 * @upper: an upper inode that the caller, or its suspect, has a reference to;
 *	may be NULL
 *
 * Context: May sleep, but for the points of the table that are atomic, and
 * those that keep nobody (.one_in 0).
 * Return: Whether the window was hit.
 */
bool ovl_race_pass(enum ovl_race_point point, const struct ovl_upper_inodes *ui,
		   struct inode *upper)
{
	const struct ovl_race_window *window = &ovl_race_windows[point];
	struct ovl_race_stay self = { .point = point, .ui = ui, .upper = upper };
	bool stay = window->one_in && !(get_random_u32() % window->one_in);
	u64 state = 0;

	atomic_inc(&ovl_race_counts[point].passes);
	if (!stay && !atomic_read(&ovl_race_staying))
		return false;

	spin_lock(&ovl_race_lock);
	ovl_race_meet(&self);
	if (stay) {
		list_add(&self.list, &ovl_race_stays);
		atomic_inc(&ovl_race_staying);
	}
	spin_unlock(&ovl_race_lock);
	if (!stay)
		return self.met;

	atomic_inc(&ovl_race_counts[point].delays);
	if (upper)
		state = ovl_race_state(upper);
	ovl_race_delay(window, ui);
	if (upper)
		state ^= ovl_race_state(upper);

	spin_lock(&ovl_race_lock);
	list_del(&self.list);
	atomic_dec(&ovl_race_staying);
	spin_unlock(&ovl_race_lock);

	return self.met || (state & window->state);
}

/**
 * ovl_race_hit - count a hit
 * @point: the point whose window was hit
 *
 * Context: Any.
 */
void ovl_race_hit(enum ovl_race_point point)
{
	atomic_inc(&ovl_race_counts[point].hits);
}

static int ovl_race_show(char *buffer, const struct kernel_param *kp)
{
	int point, len = 0;

	for (point = 0; point < OVL_RACE_POINTS; point++)
		len += sysfs_emit_at(buffer, len, "%s %d %d %d\n",
				     ovl_race_windows[point].name,
				     atomic_read(&ovl_race_counts[point].passes),
				     atomic_read(&ovl_race_counts[point].delays),
				     atomic_read(&ovl_race_counts[point].hits));
	return len;
}

static const struct kernel_param_ops ovl_race_ops = { .get = ovl_race_show };

module_param_cb(race_points, &ovl_race_ops, NULL, 0444);
MODULE_PARM_DESC(race_points, "Marked points: passes, delays, hits");
