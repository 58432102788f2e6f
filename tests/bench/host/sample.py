#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A plan's results, invented: every verdict is kept, but for what is changed.

  sample.py DIR [QUESTION.CONTENDER.METRIC[,PARAMETER=VALUE]...=xFACTOR | =+NUMBER]...
  sample.py DIR QUESTION.CONTENDER=none      not measured

DIR is where plan.py wrote to.
"""
import json
import pathlib
import sys


def usual(cell):
    """What a cell measures if all is well."""
    question, contender, params = cell["question"], cell["contender"], cell["params"]
    whole = contender in ("stock", "off") and question == 1
    if question == 2:
        slow = 10 if contender == "none" else 11
        return {"seconds": 1, "mib": 64, "flushes": 2,
                "write": [slow] * 98 + [2 * slow] * 2, "read": [1] * 98 + [2] * 2}
    if question == 6:
        return {"run_seconds": 1.5, "stop_seconds": 1, "stop_mib": 4, "rm_seconds": 0.5,
                "rm_mib": 0.1}
    if question == 7:
        return {"frozen_seconds": 0.5, "neighbour_mib": 256}
    if question == 8 and params["kind"] == "memory":
        return {"inode_bytes": 696, "suspect_bytes": 0 if contender == "stock" else 56}
    if question == 8 and params["kind"] == "op":
        return {"ticks": [10005, 10000, 10200]}
    return {"seconds": 2.6 if whole else 0.04, "mib": 260 if whole else 4,
            "requests": 6, "flushes": 4 if whole else 2}


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
        for (question, contender, *metric), params, how in changes:
            if (int(question), contender) != (cell["question"], cell["contender"]):
                continue
            if any(str(cell["params"].get(n)) != v for n, v in params.items()):
                continue
            if how == "none":
                measured = False
            elif metric[0] in sample:
                sample[metric[0]] = changed(sample[metric[0]], how)
        lines.append(f"cell {cell['id']}")
        if measured:
            lines += [f"result {cell['id']} {json.dumps(sample)}", f"done {cell['id']}"]
        else:
            lines.append(f"failed {cell['id']}")
    (folder / "batch-000.log").write_text("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main()
