#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which cells are measured, in which order, in which guests.

  plan.py DIR [--quick] [--seed N] [--rounds N] [--only QUESTION,...] [--fs FS,...]
          [--contenders CONTENDER,...]

A cell is one question, upper filesystem, contender, disk and set of parameters.
A round has each cell once, in random order, so that whatever drifts meanwhile is
shared; ratios are of one round. What takes long is in the first round only. Cells that a guest can do one after the other
are a batch. Written to DIR: plan.json, and for each batch the lines of its cells
(batch-N.cells) and what it asks of the guest (batch-N.options).
"""
import argparse
import json
import pathlib
import random

FILESYSTEMS = ["ext4", "xfs", "btrfs"]

# Of a modelled disk: 10^6 bytes and requests a second.
MODEL = "100,2000"

# Seconds that a guest's cells may take by estimate, before it is a new guest.
BATCH = 900

MIB = {"0": 0, "4K": 0, "4M": 4, "64M": 64, "256M": 256, "2G": 2048}

# Those that write the neighbours' data, too.
WHOLE_UPPER = {"stock", "off", "global"}


# A cell that takes longer is measured in the first round only.
LONG = 60


def cell(question, fs, contender, weight, disk="modelled", group="", **params):
    return dict(question=question, fs=fs, contender=contender, disk=disk,
                weight=weight, group=group, params=params)


def rounds_of(one, rounds):
    """In how many of the rounds a cell is measured."""
    if one["weight"] > LONG:
        return 1
    return rounds if one["disk"] == "modelled" else (rounds + 1) // 2


def isolation(fs, disk, quick):
    def one(contender, action, own, neighbour):
        mib = MIB[own] + MIB[neighbour]
        synced = mib if contender in WHOLE_UPPER else MIB[own]
        return cell(1, fs, contender, 3 + mib / 150 + synced / 90, disk,
                    action=action, own=own, neighbour=neighbour)

    sizes = ["4M"] if quick else ["4K", "4M", "256M"]
    neighbours = ["256M"] if quick else ["0", "256M", "2G"]
    for own in sizes:
        for neighbour in neighbours:
            for contender in ["ours", "stock", "limit"]:
                yield one(contender, "syncfs", own, neighbour)
            for contender in ["ours"] if quick else ["ours", "stock"]:
                yield one(contender, "umount", own, neighbour)
    if quick and fs != FILESYSTEMS[0]:
        return
    for neighbour in ["256M"] if quick else ["0", "256M"]:
        for contender in ["off", "walk", "hook-walk", "seed-a", "seed-b", "volatile"]:
            yield one(contender, "syncfs", "4M", neighbour)


def neighbours(fs, disk, quick):
    own = "64M" if quick else "256M"
    for contender in (["none", "ours", "stock", "limit"] if quick else
                      ["none", "ours", "stock", "limit", "seed-a", "seed-b"]):
        yield cell(2, fs, contender, 10 + MIB[own] / 50, disk, own=own)


def cached(fs, disk, quick):
    for n in [1000, 10000] if quick else [1000, 10000, 100000, 1000000]:
        for contender in ["ours", "stock", "seed-a", "seed-b"] + ["limit"] * (not quick):
            yield cell(3, fs, contender, 4 + n / 1500, disk, group="cached",
                       cached=n, repeat=3 if quick else 5)
        if n <= 10000 and not quick:
            for contender in ["walk", "hook-walk"]:
                yield cell(3, fs, contender, 10 + n / 300, disk, group="cached",
                           cached=n, repeat=1)


def many(fs, disk, quick):
    contenders = ["ours", "stock", "global", "seed-a", "seed-b"]
    for n in [2000] if quick else [10000, 100000]:
        for contender in contenders[:3] if quick else contenders:
            yield cell(4, fs, contender, 5 + n / 500, disk, kind="files", count=n)
    if quick:
        return
    for contender in ["walk", "hook-walk"]:
        yield cell(4, fs, contender, 90, disk, kind="files", count=10000)
    for contender in contenders:
        yield cell(4, fs, contender, 15, disk, kind="folders", count=5000)
        yield cell(4, fs, contender, 6, disk, kind="sparse", count=1000)
        yield cell(4, fs, contender, 6, disk, kind="open", count=1000)


def containers(fs, disk, quick):
    contenders = ["ours", "stock", "global", "seed-a", "seed-b", "volatile"]
    for n in [20] if quick else [10, 100, 1000]:
        for contender in contenders[:3] if quick else contenders:
            yield cell(5, fs, contender, 4 + n / 12, disk, count=n)


def stop(fs, disk, quick):
    for neighbour in ["0", "256M"]:
        for contender in ["ours"] if quick else ["ours", "stock"]:
            yield cell(6, fs, contender, 25, disk, group="engines",
                       neighbour=neighbour)


def checkpoint(fs, disk, quick):
    for contender in ["ours"] if quick else ["ours", "stock"]:
        for early in ["no", "yes"]:
            yield cell(7, fs, contender, 30, disk, group="engines", own="64M",
                       **{"pre-dump": early})


OPS = {"open-write-close": 2000, "open-read-close": 2000, "create-unlink": 500,
       "create-write-unlink": 500, "read": 5000, "write": 3000,
       "mmap-store": 1000, "fault": 3000}


def cost(fs, disk, quick):
    contenders = ["ours", "stock"] if quick else ["ours", "off", "stock", "seed-a", "seed-b"]
    for contender in contenders:
        for op in ["open-write-close", "read", "write"] if quick else OPS:
            yield cell(8, fs, contender, 20, disk, group="icount", kind="op", op=op,
                       count=OPS[op])
        yield cell(8, fs, contender, 3, disk, group="icount", kind="memory")
        for n in [] if quick else [1, 2, 4]:
            yield cell(8, fs, contender, 10 * n, disk, group=f"cpus-{n}",
                       kind="parallel", op="create-write-unlink", count=3000,
                       processes=n)


QUESTIONS = {1: isolation, 2: neighbours, 3: cached, 4: many, 5: containers,
             6: stop, 7: checkpoint, 8: cost}

# A disk without limits as well, where the disk is what is asked for.
UNTHROTTLED = {1, 2, 4, 5}


def cells(args):
    for number, question in QUESTIONS.items():
        if number not in args.only:
            continue
        for disk in ["modelled", "unthrottled"]:
            if disk == "unthrottled" and (args.quick or number not in UNTHROTTLED):
                continue
            for fs in args.fs:
                if args.quick and fs != args.fs[0] and number != 1:
                    continue
                for one in question(fs, disk, args.quick):
                    if not args.contenders or one["contender"] in args.contenders:
                        yield one


def guest_options(one, quick):
    """What the batch of a cell asks of tests/guest/run."""
    options = ["--disk", "8G"] * 3 + ["--memory", "2560" if quick else "5120"]
    if one["disk"] == "modelled":
        options += ["--throttle", MODEL]
    if one["group"] == "icount":
        options += ["--icount"]
    elif one["group"].startswith("cpus-"):
        options += ["--cpus", one["group"].removeprefix("cpus-")]
    if one["group"] == "engines":
        options += ["--image", "engines"]
    return options


def batches_of(order):
    """Cells that share a guest, in the order given; no more than BATCH."""
    batches, open_ones = [], {}
    for one in order:
        # Those that share what was made for them share a filesystem.
        key = (one["disk"], one["group"], one["fs"] if one["group"] == "cached" else "")
        batch = open_ones.get(key)
        if batch is None or sum(c["weight"] for c in batch) + one["weight"] > BATCH:
            batch = open_ones[key] = []
            batches.append(batch)
        batch.append(one)
    return batches


def make_plan(args):
    rng = random.Random(args.seed)
    plan = []
    for number in range(args.rounds):
        order = [dict(c, round=number) for c in cells(args)
                 if number < rounds_of(c, args.rounds)]
        rng.shuffle(order)
        batches = batches_of(order)
        rng.shuffle(batches)
        plan += batches
    for number, one in enumerate(c for batch in plan for c in batch):
        one["id"] = number
    return plan


def line_of(one):
    first = [one["id"], one["question"], one["fs"], one["contender"]]
    return " ".join(map(str, first + [f"{k}={v}" for k, v in one["params"].items()]))


def words(text):
    return text.split(",")


def numbers(text):
    return [int(n) for n in words(text)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", type=numbers, default=list(QUESTIONS))
    parser.add_argument("--fs", type=words, default=FILESYSTEMS)
    parser.add_argument("--contenders", type=words, default=[])
    args = parser.parse_args()
    partly = bool(args.quick or args.contenders or set(args.only) != set(QUESTIONS)
                  or set(args.fs) != set(FILESYSTEMS))
    args.rounds = args.rounds or (1 if args.quick else 5)
    plan = make_plan(args)
    for number, batch in enumerate(plan):
        stem = f"batch-{number:03}"
        (args.dir / f"{stem}.cells").write_text("".join(line_of(c) + "\n" for c in batch))
        (args.dir / f"{stem}.options").write_text(
            "\n".join(guest_options(batch[0], args.quick)) + "\n")
    (args.dir / "plan.json").write_text(json.dumps({
        "seed": args.seed, "rounds": args.rounds, "quick": args.quick,
        "partly": partly, "model": MODEL, "cells": [c for batch in plan for c in batch]}, indent=1))
    with open(args.dir / "plan.tsv", "w", encoding="ascii") as tsv:
        for number, batch in enumerate(plan):
            for one in batch:
                print(one["id"], f"{one['weight']:.0f}", f"batch-{number:03}",
                      line_of(one).split(" ", 1)[1], sep="\t", file=tsv)


if __name__ == "__main__":
    main()
