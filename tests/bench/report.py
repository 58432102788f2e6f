#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From what the guests printed to bench.json, tables, plots and verdicts.

  report.py DIR --kernel RELEASE --command COMMAND [--readme FILE]

DIR is where plan.py wrote to and the guests' logs are; DIR.json goes beside it.
Ends with 1 if a verdict is not kept or was not reached, or a cell was not measured in
all its rounds; what was left out of the plan on purpose is no such thing.
"""
import argparse
import json
import pathlib
import shutil
import sys

from cells import FILESYSTEMS
from plots import plots
from results import complete, load, shortened
from rules import judge
from tables import ORDER, document, left_out, readme_table
from verdicts import counted, kept

BEGIN, END = "<!-- bench -->\n", "<!-- /bench -->\n"


def in_readme(cell):
    params = cell["params"]
    return (cell["question"] == 1 and cell["disk"] == "modelled"
            and cell["contender"] in ("ours", "limit", "stock") and params["own"] == "4M"
            and params["neighbour"] == "256M" and "state" not in params)


def for_readme(meta, cells, verdicts, plot):
    chosen = sorted(filter(in_readme, cells.values()),
                    key=lambda c: (c["params"]["action"] != "syncfs", FILESYSTEMS.index(c["fs"]),
                                   ORDER.index(c["contender"])))
    count = counted(verdicts)
    return "\n".join([
        f"![MiB written by syncfs, by what a neighbour has dirty]({plot})", "",
        "4 MiB are synced, a neighbour has 256 MiB dirty; `limit` is one fsync of as much in one "
        "file on the upper filesystem itself:", "", *readme_table(cells, chosen), "",
        f"By `{meta['command']}`, {meta['date']}, kernel {meta['kernel']}, on a modelled disk "
        f"(100 MB/s). Of {len(verdicts)} rules of the benchmark {count[True]} were kept, "
        f"{count[False]} were not ([which, and why](tests/bench/README.md#what-is-not-kept)), "
        f"{count[None]} could not be told." + left_out(meta), ""])


def splice(path, text):
    """Puts the text where the file says that it belongs."""
    old = path.read_text()
    if BEGIN not in old or END not in old:
        sys.exit(f"bench: error: {path} has no place for the benchmark: put the lines "
                 f"{BEGIN.strip()} and {END.strip()} where it belongs")
    before, rest = old.split(BEGIN, 1)
    path.write_text(before + BEGIN + text + END + rest.split(END, 1)[1])


def as_json(meta, cells, verdicts):
    return {**meta, "verdicts": verdicts, "cells": [
        {**{name: cell[name] for name in ("question", "fs", "contender", "disk", "params",
                                          "metrics")},
         "samples": [shortened(sample) for _, sample in sorted(cell["samples"].items())]}
        for cell in cells.values()]}


def others(folder):
    """By how much the machine did something else, at most: (percent of its processors,
    batch), or None."""
    path = folder / "others.tsv"
    lines = path.read_text().splitlines() if path.exists() else []
    found = [(int(percent), batch) for batch, percent in map(str.split, lines)]
    return max(found, default=None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--command", required=True)
    parser.add_argument("--readme", type=pathlib.Path)
    args = parser.parse_args()

    plan, cells = load(args.dir)
    missing = [c for c in cells.values() if not complete(c)]
    verdicts = judge(cells)
    meta = {"command": args.command, "kernel": args.kernel,
            "date": plan["date"], "seed": plan["seed"],
            "rounds": plan["rounds"], "model": plan["model"], "others": others(args.dir),
            "planned": len(plan["cells"]), "left_out": len(plan["left_out"])}
    args.dir.with_suffix(".json").write_text(
        json.dumps(as_json(meta, cells, verdicts), indent=1) + "\n")
    text = document(meta, cells, verdicts)
    trouble = (args.dir / "trouble").exists()
    (args.dir / "bench.md").write_text(text)
    filesystems = list(dict.fromkeys(c["fs"] for c in cells.values()))
    drawn = plots(args.dir, cells, filesystems)
    if args.readme and (missing or plan["partly"] or trouble):
        print("bench: the README stays as it is: that was not all of the plan, not all of the "
              "benchmark, or a guest's kernel reported trouble", file=sys.stderr)
    elif args.readme:
        plot = pathlib.Path("tests/bench/isolation.svg")
        shutil.copy(args.dir / "isolation-mib-ext4.svg", args.readme.parent / plot)
        splice(args.readme, for_readme(meta, cells, verdicts, plot))

    print(text)
    print(f"bench: {len(cells) - len(missing)} of {len(cells)} cells measured, "
          f"{len(drawn)} plots; {args.dir}.json, {args.dir / 'bench.md'}")
    count = counted(verdicts)
    print(f"bench: verdicts: {count[True]} kept, {count[False]} not kept, "
          f"{count[None]} not measured")
    for cell in missing:
        print(f"bench: not measured in {cell['planned'] - len(cell['samples'])} of "
              f"{cell['planned']} rounds: {cell['question']} {cell['fs']} {cell['contender']} "
              f"{cell['disk']} {cell['params']}", file=sys.stderr)
    sys.exit(0 if kept(verdicts, plan["partly"]) and not missing else 1)


if __name__ == "__main__":
    main()
