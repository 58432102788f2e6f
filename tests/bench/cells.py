# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured: the cells of each question.

A cell is one question, upper filesystem, contender, disk and set of parameters. It
has a weight, which is seconds by estimate on two idle cores without KVM; in how many
rounds it is measured; how often in each; and what guest it needs.
"""
FILESYSTEMS = ["ext4", "xfs", "btrfs"]

MIB = {"0": 0, "4K": 0, "4M": 4, "64M": 64, "256M": 256, "2G": 2048}

# Those that write the neighbours' data, too.
WHOLE_UPPER = {"stock", "off", "global"}


def cell(question, fs, contender, weight, rounds, disk="modelled", guest="", repeat=1,
         **params):
    return dict(question=question, fs=fs, contender=contender, disk=disk,
                weight=weight, rounds=rounds, guest=guest, repeat=repeat, params=params)


def isolation(fs, disk, quick):
    def one(contender, action, own, neighbour, **more):
        synced = MIB[own] + (contender in WHOLE_UPPER) * MIB[neighbour]
        # What is small takes a different time each time; a neighbour that was written
        # is not made dirty again.
        again = 9 if MIB[own] <= 4 and not more and (
            neighbour == "0" or contender in ("ours", "limit", "volatile")) else 1
        weight = 2.5 + (MIB[own] + MIB[neighbour]) / 150 + again * (0.3 + synced / 95)
        rounds = 3 if disk == "modelled" and neighbour != "2G" and not quick else 1
        if more:
            # Once in each: how much is on its way is a matter of chance.
            rounds = 7
        # Shown beside the others; what is judged has them all.
        if not more and (contender in ("walk", "hook-walk", "seed-a", "seed-b")
                         or (contender, action) == ("volatile", "syncfs")
                         or (contender, action) == ("stock", "umount") and neighbour != "0"):
            rounds = 1
        return cell(1, fs, contender, weight, rounds, disk, repeat=again,
                    action=action, own=own, neighbour=neighbour, **more)

    if quick:
        for contender in ["ours", "stock", "limit"] + ["off"] * (fs == FILESYSTEMS[0]):
            yield one(contender, "syncfs", "4M", "256M")
        for contender in ["ours", "volatile"] if fs == FILESYSTEMS[0] else []:
            yield one(contender, "umount", "4M", "256M")
        return
    whole = disk == "modelled"
    for own in ["4K", "4M", "256M"] if whole else ["4M", "256M"]:
        for neighbour in ["0", "256M", "2G"] if whole else ["0", "256M"]:
            # Half a minute each, whatever A has: once is enough.
            stock = ["stock"] if neighbour != "2G" or own == "4M" else []
            for contender in ["ours", "limit", *stock]:
                yield one(contender, "syncfs", own, neighbour)
            for contender in ["ours", "volatile", *stock] if whole else ["ours"]:
                yield one(contender, "umount", own, neighbour)
    for neighbour in ["0", "256M"] if whole else []:
        for contender in ["off", "walk", "hook-walk", "seed-a", "seed-b", "volatile"]:
            yield one(contender, "syncfs", "4M", neighbour)
    if whole:
        yield one("off", "umount", "4M", "256M")
    for contender in ["ours", "stock", "limit", "seed-b"] if whole else []:
        yield one(contender, "syncfs", "4M", "256M", state="writeback")


def neighbours(fs, disk, quick):
    # 256 MiB take 2.7 seconds; twice that of what is done fifty times a second is
    # enough for a p99.
    window = 3.5
    once = quick or disk != "modelled"
    for contender in ["none", "ours", "stock", "limit"]:
        yield cell(2, fs, contender, 12, 1 if once else 3, disk, repeat=2, own="256M",
                   window=window)
    for contender in ["seed-a", "seed-b"] if not quick and disk == "modelled" else []:
        yield cell(2, fs, contender, 13, 1, own="256M", window=window)


def cached(fs, disk, quick):
    for n in [1000, 10000] if quick else [1000, 10000, 100000, 1000000]:
        contenders = ["ours", "stock", "limit"]
        if not quick:
            contenders += ["seed-a", "seed-b"]
        if n == 1000000:
            # Ten minutes each, and as long to make them: the others on one filesystem.
            contenders = ["ours"]
            if fs == FILESYSTEMS[0]:
                contenders += ["stock", "seed-a", "seed-b"]
        for contender in contenders:
            once = quick or n > 10000 or contender.startswith("seed")
            yield cell(3, fs, contender, 4 + n / 5000,
                       1 if once else 3, guest="cached", repeat=9, cached=n)
        for contender in ["walk", "hook-walk"] if n <= 10000 and not quick else []:
            yield cell(3, fs, contender, 5 + n / 1000, 1, guest="cached", cached=n)


def many(fs, disk, quick):
    def one(contender, kind, count, weight, rounds, repeat=1):
        if contender.startswith("seed"):
            rounds = 1
        return cell(4, fs, contender, weight, rounds if disk == "modelled" else 1, disk,
                    repeat=repeat, kind=kind, count=count)

    basic = ["ours", "stock", "global"]
    if quick:
        for contender in basic:
            yield one(contender, "files", 2000, 10, 1)
        return
    if disk != "modelled":
        for contender in basic:
            yield one(contender, "files", 10000, 8, 1)
        return
    for contender in basic + ["seed-a", "seed-b"]:
        yield one(contender, "files", 10000, 8, 3)
        # These take milliseconds.
        yield one(contender, "directories", 5000, 6, 3, repeat=3)
        yield one(contender, "sparse", 1000, 4, 3, repeat=3)
        yield one(contender, "open", 1000, 5, 3, repeat=9)
    for contender in basic:
        yield one(contender, "files", 100000, 60, 2 if contender != "global" else 1)
    for contender in ["walk", "hook-walk"]:
        yield one(contender, "files", 10000, 60, 1)
    for kind, count in [("files", 10000), ("open", 1000)]:
        yield one("off", kind, count, 7, 3, repeat=9 if kind == "open" else 1)


def containers(fs, disk, quick):
    def one(contender, what, count, rounds):
        # Ten take milliseconds.
        repeat = 5 if count == 10 else 1
        return cell(5, fs, contender, 3 + repeat * count / 80, rounds, repeat=repeat,
                    what=what, count=count)

    for n in [20] if quick else [10, 100, 1000]:
        rounds = 1 if quick else 2 if n == 1000 else 3
        for contender in ["ours", "limit", "global"]:
            yield one(contender, "sync", n, rounds)
        for contender in ["ours", "limit", "global", "bare", "volatile"]:
            yield one(contender, "stop", n, rounds)
        for what in ["stop"] if quick else ["sync", "stop"]:
            yield one("stock", what, n, 3 if n == 100 else 1)
        if n == 100:
            yield one("off", "stop", n, 1)
        for contender in ["seed-a", "seed-b"] if not quick and n < 1000 else []:
            yield one(contender, "sync", n, 1)
            yield one(contender, "stop", n, 1)


def stop(fs, disk, quick):
    for neighbour in ["idle", "busy"]:
        for contender in ["ours"] if quick else ["ours", "stock"]:
            # Stock has written the neighbour's after the first one.
            once = quick or contender == "stock"
            yield cell(6, fs, contender, 18 if once else 30, 1 if once else 3,
                       guest="engines", repeat=1 if once else 3, neighbour=neighbour)


def checkpoint(fs, disk, quick):
    for contender in ["ours"] if quick else ["ours", "stock"]:
        for early in ["no", "yes"]:
            yield cell(7, fs, contender, 22 if quick else 30, 1 if quick else 2, guest="engines",
                       own="16M" if quick else "64M", **{"pre-dump": early})


OPS = {"open-write-close": 2000, "clean-open-write-close": 300, "open-read-close": 2000,
       "create-unlink": 500, "create-write-unlink": 500, "read": 5000, "write": 3000,
       "mmap-store": 1000, "fault": 3000}


def cost(fs, disk, quick):
    def one(contender, op):
        return cell(8, fs, contender, 4 if quick else 5, 1, guest="icount",
                    kind="op", op=op, count=OPS[op] // (4 if quick else 1))

    # Instructions are the same in each round.
    for op in ["open-write-close", "clean-open-write-close", "read", "write"] if quick else OPS:
        for contender in ["ours", "stock"]:
            yield one(contender, op)
    for contender in [] if quick else ["off", "seed-a", "seed-b"]:
        for op in ["open-write-close", "create-write-unlink"]:
            yield one(contender, op)
    for contender in ["ours", "stock"] if fs == FILESYSTEMS[0] else []:
        yield cell(8, fs, contender, 3, 1, guest="icount", kind="memory")
    for n in [] if quick else [1, 2, 4]:
        for contender in ["ours", "stock"]:
            yield cell(8, fs, contender, 2.5 + 1.7 * n, 5, guest=f"cpus-{n}", kind="parallel",
                       op="create-write-unlink", count=3000, processes=n)


QUESTIONS = {1: isolation, 2: neighbours, 3: cached, 4: many, 5: containers,
             6: stop, 7: checkpoint, 8: cost}

# A disk without limits as well, where the disk is what is asked for.
UNTHROTTLED = {1, 2, 4}

# What the contenders of one block have in common: they are measured one after the other,
# in one guest. What is left out here is compared as well: a umount with an fsync,
# a busy host with an idle one.
BLOCKS = {1: ["own", "neighbour", "state"], 2: [], 3: ["cached"], 4: ["kind", "count"],
          5: ["count"], 6: [], 7: [], 8: ["kind", "op", "processes"]}


def block_of(one):
    return (one["question"], one["fs"], one["disk"],
            *(one["params"].get(name) for name in BLOCKS[one["question"]]))


def cells(only, filesystems, contenders, quick):
    """Those of a round that has all of them."""
    for number in only:
        for disk in ["modelled", "unthrottled"]:
            if disk == "unthrottled" and (quick or number not in UNTHROTTLED):
                continue
            for fs in filesystems:
                if quick and fs != filesystems[0] and number != 1:
                    continue
                for one in QUESTIONS[number](fs, disk, quick):
                    if not contenders or one["contender"] in contenders:
                        yield one
