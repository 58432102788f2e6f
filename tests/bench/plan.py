#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""In which order cells are measured, and in which guests.

  plan.py DIR [--quick] [--seed N] [--rounds N] [--only QUESTION,...] [--fs FS,...]
          [--contenders CONTENDER,...]

What is compared is a block: its cells are measured one after the other in one guest,
in random order. A round has each block once, in random order too; --rounds is the
most that there are. Blocks that a guest can do one after the other are a batch. Written to DIR:
plan.json, and for each batch the lines of its cells (batch-N.cells) and what it asks of
the guest (batch-N.options); plan.tsv is for whoever follows it.
"""
import argparse
import datetime
import json
import pathlib
import random

from cells import FILESYSTEMS, QUESTIONS, block_of, cells

# Of a modelled disk: 10^6 bytes and requests a second.
MODEL = "100,2000"

# Seconds that a guest's cells may take by estimate, before it is a new guest.
BATCH = 900

# Seconds until a guest measures.
BOOT = 8


def guest_options(one, quick):
    """What the batch of a cell asks of tests/guest/run."""
    # The last is btrfs's, which writes everybody's files by itself if it is small.
    options = ["--disk", "8G"] * 2 + ["--disk", "4T"] + ["--memory", "2560" if quick else "5120"]
    if one["disk"] == "modelled":
        options += ["--throttle", MODEL]
    if one["guest"] == "icount":
        options += ["--icount"]
    elif one["guest"].startswith("cpus-"):
        options += ["--cpus", one["guest"].removeprefix("cpus-")]
    if one["guest"] == "engines":
        options += ["--image", "engines"]
    return options


def weight_of(batch):
    return sum(one["weight"] for one in batch)


def batches_of(blocks, quick):
    """Blocks that share a guest, in the order given; no more than BATCH, unless what
    was made for them is shared as well."""
    batches, open_ones = [], {}
    for block in blocks:
        one = block[0]
        shared = one["guest"] == "cached" and not quick
        guest = "" if quick and one["guest"] == "cached" else one["guest"]
        key = (one["disk"], guest, one["fs"] if shared else "")
        batch = open_ones.get(key)
        if batch is None or (not shared and weight_of(batch) + weight_of(block) > BATCH):
            batch = open_ones[key] = []
            batches.append(batch)
        batch += block
    return batches


def one_round(planned, rng, quick):
    blocks = {}
    for one in planned:
        blocks.setdefault(block_of(one), []).append(one)
    blocks = list(blocks.values())
    rng.shuffle(blocks)
    for block in blocks:
        rng.shuffle(block)
    # Of one question and filesystem together: a filesystem is made for each otherwise.
    rank = {}
    for block in blocks:
        rank.setdefault((block[0]["question"], block[0]["fs"]), len(rank))
    blocks.sort(key=lambda b: rank[b[0]["question"], b[0]["fs"]])
    batches = batches_of(blocks, quick)
    rng.shuffle(batches)
    return batches


def make_plan(args):
    rng = random.Random(args.seed)
    every = list(cells(args.only, args.fs, args.contenders, args.quick))
    for one in every:
        one["rounds"] = min(one["rounds"], args.rounds or one["rounds"])
    args.rounds = max((one["rounds"] for one in every), default=0)
    plan = []
    for number in range(args.rounds):
        plan += one_round([dict(one, round=number) for one in every
                           if number < one["rounds"]], rng, args.quick)
    for number, one in enumerate(one for batch in plan for one in batch):
        one["id"] = number
    return plan


def line_of(one):
    first = [one["id"], one["question"], one["fs"], one["contender"]]
    params = {**one["params"], "repeat": one["repeat"]}
    return " ".join(map(str, first + [f"{k}={v}" for k, v in params.items()]))


def write_batches(plan, folder, quick):
    with open(folder / "plan.tsv", "w", encoding="ascii") as tsv:
        for number, batch in enumerate(plan):
            stem = f"batch-{number:03}"
            (folder / f"{stem}.cells").write_text("".join(line_of(c) + "\n" for c in batch))
            (folder / f"{stem}.options").write_text(
                "\n".join(guest_options(batch[0], quick)) + "\n")
            for one in batch:
                weight = one["weight"] + (BOOT if one is batch[0] else 0)
                print(one["id"], f"{weight:.0f}", stem, line_of(one).split(" ", 1)[1],
                      sep="\t", file=tsv)


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
                  or set(args.fs) != set(FILESYSTEMS) or args.rounds)
    plan = make_plan(args)
    write_batches(plan, args.dir, args.quick)
    (args.dir / "plan.json").write_text(json.dumps({
        "seed": args.seed, "rounds": args.rounds, "quick": args.quick, "partly": partly,
        "date": datetime.date.today().isoformat(), "model": MODEL,
        "cells": [one for batch in plan for one in batch]}, indent=1))


if __name__ == "__main__":
    main()
