// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real trouble for the harness to find: insmod trouble.ko kind=...
 * Used by tests/guest/selftest.bats only.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/smp.h>

static char *kind = "";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "warn, bug, null, int3, list, refcount, stall, dead");

static void make_list_corruption(void)
{
	struct list_head head, entry;

	INIT_LIST_HEAD(&head);
	list_add(&entry, &head);
	entry.next = &entry;
	list_del(&entry);
}

static void make_refcount_underflow(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_dec(&count);
}

static void write_nowhere(void)
{
	int *nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	*nowhere = 0;
}

static void spin_without_interrupts(void *unused)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static int __init trouble_init(void)
{
	if (!strcmp(kind, "warn")) {
		WARN_ON(1);
	} else if (!strcmp(kind, "bug")) {
		BUG();
	} else if (!strcmp(kind, "null")) {
		write_nowhere();
	} else if (!strcmp(kind, "int3")) {
		asm volatile("int3");
	} else if (!strcmp(kind, "list")) {
		make_list_corruption();
	} else if (!strcmp(kind, "refcount")) {
		make_refcount_underflow();
	} else if (!strcmp(kind, "stall")) {
		/* Without somebody waiting for RCU nothing stalls. */
		start_poll_synchronize_rcu();
		preempt_disable();
		mdelay(5000);
		preempt_enable();
	} else if (!strcmp(kind, "dead")) {
		on_each_cpu(spin_without_interrupts, NULL, 0);
	} else {
		pr_err("trouble: no such kind '%s'\n", kind);
		return -EINVAL;
	}
	return 0;
}

static void __exit trouble_exit(void)
{
}

module_init(trouble_init);
module_exit(trouble_exit);

MODULE_DESCRIPTION("Trouble for the guest harness to find");
MODULE_LICENSE("GPL");
