#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the lines of a soak stay flat? Prints TAP, writes the JSON.

The rule: of the samples of one phase, in the order of time, the median of the last
quarter may be above that of the second by so much in a hundred and so many more.
README.md says why.
"""
import argparse
import collections
import csv
import json
import statistics
import sys

# Too few rounds, and a quarter is a sample.
ROUNDS = 8

Limit = collections.namedtuple("Limit", "column phase percent plus most", defaults=(None,))

# most: what no median may be above, whatever it was before.
LIMITS = [
    Limit("suspects", "settled", 0, 8, most=8),
    Limit("suspects", "rest", 0, 8, most=8),
    Limit("overlay_inodes", "rest", 5, 20),
    Limit("upper_inodes", "rest", 5, 50),
    Limit("nameless", "settled", 0, 20, most=20),
    Limit("nameless", "rest", 0, 8, most=8),
    Limit("unreclaimable_kib", "rest", 5, 1024),
    Limit("used_kib", "rest", 5, 8192),
    Limit("open_files", "rest", 5, 32),
    Limit("inodes", "rest", 5, 100),
    Limit("syncfs_per_fsync", "rest", 50, 1),
    Limit("runc_stop_ms", "stop", 50, 500),
    Limit("crun_stop_ms", "stop", 50, 500),
]


def read(path):
    """The rows, with numbers in them; a column that is empty is not there."""
    rows = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            phase = row.pop("phase")
            row = {name: float(text) for name, text in row.items() if text}
            row["phase"] = phase
            derive(row)
            rows.append(row)
    return rows


def derive(row):
    """What is judged and not sampled as such."""
    if row.get("fsync_ms"):
        # Both wait for the same disk and machine, which have other things to do.
        row["syncfs_per_fsync"] = row["syncfs_ms"] / row["fsync_ms"]
    if "available_kib" in row:
        row["used_kib"] = MEMORY_KIB - row["available_kib"]


# That of the guest (run): so that less of what is available is more of what is used.
MEMORY_KIB = 1024 * 1024


def quarters(samples):
    """The second and the last quarter."""
    size = len(samples) // 4
    return samples[size:2 * size], samples[-size:]


def judge(limit, rows):
    """What becomes of one line."""
    samples = [r for r in rows if r["phase"] == limit.phase and limit.column in r]
    if len(samples) < ROUNDS:
        return {"line": limit.column, "phase": limit.phase, "samples": len(samples),
                "flat": False}
    second, last = quarters(samples)
    before, after = (statistics.median(r[limit.column] for r in part)
                     for part in (second, last))
    minutes = (statistics.median(r["time"] for r in last)
               - statistics.median(r["time"] for r in second)) / 60
    growth = before * limit.percent / 100 + limit.plus
    at_most = before + growth
    if limit.most is not None:
        at_most = min(at_most, limit.most)
    return {"line": limit.column, "phase": limit.phase, "samples": len(samples),
            "second_quarter": round(before, 2), "last_quarter": round(after, 2),
            "at_most": round(at_most, 2), "seen_from_per_minute": round(growth / minutes, 2),
            "flat": after <= at_most}


def told_of(line):
    if "at_most" not in line:
        return f"{line['samples']} samples, and {ROUNDS} are needed"
    return (f"{line['second_quarter']:g}, then {line['last_quarter']:g} (at most "
            f"{line['at_most']:g}; growth of {line['seen_from_per_minute']:g} a minute "
            "would be seen)")


def report(lines):
    """TAP: a test for each line."""
    print(f"1..{len(lines)}")
    for n, line in enumerate(lines, 1):
        print(f"{'ok' if line['flat'] else 'not ok'} {n} {line['line']}, {line['phase']}: "
              f"{told_of(line)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fs", required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--status", type=int, default=0,
                        help="what the guest ended with, for the JSON")
    parser.add_argument("csv")
    parser.add_argument("json")
    args = parser.parse_args()
    rows = read(args.csv)
    rounds = sum(r["phase"] == "rest" for r in rows)
    if rounds < ROUNDS:
        print(f"1..1\nnot ok 1 flat lines: {rounds} rounds, and {ROUNDS} are needed")
        return 1
    untold = ["nameless"] if args.fs.startswith("btrfs") else []
    lines = [judge(limit, rows) for limit in LIMITS if limit.column not in untold]
    report(lines)
    grown = sum(not line["flat"] for line in lines)
    with open(args.json, "w", encoding="utf-8") as file:
        json.dump({"kernel": args.kernel, "fs": args.fs, "seed": args.seed,
                   "minutes": round(rows[-1]["time"] / 60, 1), "rounds": rounds,
                   "containers": sum(r["phase"] == "stop" for r in rows),
                   "lines": lines, "grown": grown, "status": args.status}, file, indent=1)
        file.write("\n")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
