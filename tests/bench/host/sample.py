#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A plan's results, invented: every verdict is kept, but for what is changed.

  sample.py DIR [QUESTION.CONTENDER.METRIC[,PARAMETER=VALUE]...[,round=N]=xFACTOR | =+NUMBER]...
  sample.py DIR QUESTION.CONTENDER[,...]=none      not measured

DIR is where plan.py wrote to.
"""
import json
import pathlib
import sys

MIB = {"4K": 1 / 256, "4M": 4, "64M": 64, "256M": 256}
NEIGHBOUR = {"0": 0, "256M": 256, "2G": 2048}


def isolation(cell):
    params = cell["params"]
    own, neighbour = MIB[params["own"]], NEIGHBOUR[params["neighbour"]]
    whole = cell["contender"] in ("stock", "off")
    sample = {"seconds": 2.6 if whole and neighbour else 0.04, "mib": own + 0.05 + whole * neighbour,
              "requests": 6, "flushes": 4 if whole else 2}
    if cell["contender"] == "volatile":
        sample["seconds"] = 0.001
    if neighbour:
        sample["neighbour_mib"] = 0 if whole else neighbour
    return sample


def neighbours(cell):
    slow = 10 if cell["contender"] == "none" else 11
    return {"seconds": 2.7, "mib": 256.5, "flushes": 2, "neighbour_mib": 256,
            "write": [slow] * 118 + [2 * slow] * 7, "read": [1] * 245 + [2] * 5}


def containers(cell):
    count = cell["params"]["count"]
    seconds = {"ours": 0.0105, "volatile": 0.01, "bare": 0.01}
    return {"seconds": seconds.get(cell["contender"], 0.0104) * count, "mib": count / 16 + 0.1,
            "requests": count, "flushes": 3}


def usual(cell):
    """What a cell measures if all is well."""
    question, contender, params = cell["question"], cell["contender"], cell["params"]
    if question in (1, 2, 5):
        return {1: isolation, 2: neighbours, 5: containers}[question](cell)
    if question == 3:
        return {"seconds": 0.004, "mib": 0.05, "requests": 5, "flushes": 2,
                "held": params["cached"] + 10}
    if question == 4:
        return {"seconds": 1, "mib": params["count"] / 256 + 1, "requests": 6, "flushes": 2}
    if question == 6:
        return {"run_seconds": 1.5, "stop_seconds": 1, "stop_mib": 4, "stop_flushes": 2,
                "rm_seconds": 0.5, "rm_mib": 0.1, "neighbour_mib": 256}
    if question == 7:
        return {"frozen_seconds": 0.5, "neighbour_mib": 256}
    if params["kind"] == "memory":
        return {"inode_bytes": 696, **({} if contender == "stock" else {"suspect_bytes": 56})}
    if params["kind"] == "op":
        return {"count": 10, "once": [1100300, 1100000, 1100500],
                "twice": [1200000, 1200400, 1200900]}
    return {"seconds": 5}


def changed(number, how):
    if isinstance(number, list):
        return [changed(n, how) for n in number]
    return number * float(how[1:]) if how[0] == "x" else number + float(how[1:])


def changes_of(arguments):
    for argument in arguments:
        what, _, how = argument.rpartition("=")
        what, *params = what.split(",")
        yield what.split("."), dict(p.split("=") for p in params), how


def main():
    folder = pathlib.Path(sys.argv[1])
    changes = list(changes_of(sys.argv[2:]))
    lines = []
    for cell in json.loads((folder / "plan.json").read_text())["cells"]:
        sample, measured = usual(cell), True
        known = {**cell["params"], "round": cell["round"], "fs": cell["fs"]}
        for (question, contender, *metric), params, how in changes:
            if (int(question), contender) != (cell["question"], cell["contender"]):
                continue
            if any(str(known.get(n)) != v for n, v in params.items()):
                continue
            if how == "none":
                measured = False
            elif metric[0] in sample:
                sample[metric[0]] = changed(sample[metric[0]], how)
        lines.append(f"cell {cell['id']}")
        if measured:
            lines += [f"result {cell['id']} {json.dumps(sample)}"] * cell["repeat"]
            lines.append(f"done {cell['id']} 1")
        else:
            lines.append(f"failed {cell['id']}")
    (folder / "batch-000.log").write_text("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main()
