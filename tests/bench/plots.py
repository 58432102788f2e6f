# SPDX-License-Identifier: GPL-2.0-or-later
"""SVG plots by gnuplot: what is plotted is here, how it looks in plots.gp."""
import pathlib
import subprocess

from results import value
from tables import ORDER, size

SCRIPT = pathlib.Path(__file__).with_name("plots.gp")

# name: (question, metric, the parameter along x, the others, label of y, title)
LINES = {
    "isolation-mib": (1, "mib", "neighbour", {"action": "syncfs", "own": "4M"},
                      "MiB written", "syncfs of 4 MiB, by what a neighbour has dirty"),
    "isolation-seconds": (1, "seconds", "neighbour", {"action": "syncfs", "own": "4M"},
                          "seconds", "syncfs of 4 MiB, by what a neighbour has dirty"),
    "cached": (3, "seconds", "cached", {}, "seconds",
               "syncfs of one file, by clean cached files"),
    "many": (4, "seconds", "count", {"kind": "files"}, "seconds",
             "syncfs of many dirty 4 KiB files"),
    "containers-sync": (5, "seconds", "count", {"what": "sync"}, "seconds",
                        "so many overlays synced at once"),
    "containers-stop": (5, "seconds", "count", {"what": "stop"}, "seconds",
                        "so many overlays unmounted at once"),
}

# name: (question, metric, parameters, label of y, title): a bar for each contender
BARS = {
    "neighbours": (2, "write_p99", {}, "ms, p99 of write+fsync",
                   "A neighbour, while 256 MiB are synced"),
    "instructions": (8, "instructions", {"op": "open-write-close"}, "instructions",
                     "open, write 4 KiB, close"),
}


def chosen(cells, question, params):
    return [c for c in cells.values() if c["question"] == question
            and c["disk"] == "modelled"
            and "state" not in c["params"]
            and all(c["params"].get(n) == v for n, v in params.items())]


def series(cells, metric, along):
    """{contender: {x: y}}"""
    found = {}
    for cell in cells:
        y = value(cell, metric)
        if y is not None:
            x = cell["params"].get(along, "") if along else cell["fs"]
            found.setdefault(cell["contender"], {})[str(x)] = y
    return {name: found[name] for name in ORDER if name in found}


def table_of(lines, style):
    """A line for each x, a column for each contender; ? where there is none, or
    nothing that has a logarithm."""
    xs = sorted({x for ys in lines.values() for x in ys}, key=size)
    rows = [["x", *lines]]
    rows += [[x, *(str(ys[x]) if x in ys and (ys[x] or style == "bars") else "?"
                   for ys in lines.values())] for x in xs]
    return "".join("\t".join(row) + "\n" for row in rows)


def draw(out, name, lines, title, label, style):
    if not lines:
        return None
    data = out / f"{name}.tsv"
    data.write_text(table_of(lines, style))
    svg = out / f"{name}.svg"
    subprocess.run(["gnuplot", "-e",
                    f"data='{data}'; svg='{svg}'; name='{title}'; label='{label}';"
                    f"style='{style}'; columns={len(lines) + 1}", str(SCRIPT)], check=True)
    return svg


def plots(out, cells, filesystems):
    """Writes them all; returns the paths of those that there was something for."""
    drawn = []
    for name, (question, metric, along, params, label, title) in LINES.items():
        for fs in filesystems:
            here = [c for c in chosen(cells, question, params) if c["fs"] == fs]
            drawn.append(draw(out, f"{name}-{fs}", series(here, metric, along),
                              f"{title} ({fs})", label, "lines"))
    for name, (question, metric, params, label, title) in BARS.items():
        drawn.append(draw(out, name, series(chosen(cells, question, params), metric, None),
                          title, label, "bars"))
    return [path for path in drawn if path]
