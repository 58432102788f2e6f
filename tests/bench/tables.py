# SPDX-License-Identifier: GPL-2.0-or-later
"""Markdown: a table over the filesystems for each question, and the verdicts."""
from results import complete, find, ratio, value
from verdicts import counted

TITLES = {
    1: "Isolation: syncfs and umount of A, beside a neighbour's dirty data",
    2: "Neighbours: milliseconds of a 4 KiB write+fsync, and of a 4 KiB read, while A syncs",
    3: "Cached but clean: syncfs with one dirty file among so many",
    4: "Many small: syncfs with so much dirty, and no neighbour",
    5: "Many containers: all synced, or unmounted, at once, against one global sync",
    6: "Container stop, end to end (podman)",
    7: "Checkpoint: how long the tasks are frozen (podman, CRIU)",
    8: "What it costs when nobody syncs",
}

ORDER = ["none", "ours", "limit", "global", "bare", "off", "stock", "walk", "hook-walk", "seed-a", "seed-b",
         "volatile"]

# What a cell shows: metrics, and how.
WRITTEN = [("mib", "{:.2f}"), ("requests", "{:.0f}"), ("flushes", "{:.0f}")]

SHOWN = {
    1: [("seconds", "{:.4f}"), *WRITTEN, ("neighbour_mib", "{:.0f}")],
    2: [("write_p50", "{:.1f}"), ("write_p99", "{:.1f}"), ("write_max", "{:.1f}"),
        ("write_count", "{:.0f}"), ("read_p50", "{:.1f}"), ("read_p99", "{:.1f}"),
        ("read_max", "{:.1f}"), ("read_count", "{:.0f}"), ("neighbour_mib", "{:.0f}")],
    3: [("seconds", "{:.4f}"), *WRITTEN, ("held", "{:.0f}")],
    4: [("seconds", "{:.3f}"), *WRITTEN],
    5: [("seconds", "{:.3f}"), *WRITTEN],
    6: [("stop_seconds", "{:.2f}"), ("stop_mib", "{:.1f}"), ("rm_seconds", "{:.2f}"),
        ("rm_mib", "{:.1f}"), ("run_seconds", "{:.2f}"), ("neighbour_mib", "{:.0f}")],
    7: [("frozen_seconds", "{:.3f}"), ("neighbour_mib", "{:.0f}")],
    8: [("instructions", "{:.0f}"), ("seconds", "{:.3f}"), ("inode_bytes", "{:.0f}"),
        ("suspect_bytes", "{:.0f}")],
}

# What has to be known to read a table.
NOTES = {
    1: "The limit has no umount; what a umount takes that syncs nothing is volatile's. Seed "
       "B's umount is ours and a wait for the upper, as its dirty inodes are gone from "
       "memory by then. With state=writeback MiB and requests are the neighbour's, too.",
    5: "sync: as many processes at once; of global, one syncs the upper. stop: umounts; of "
       "global, volatile overlays after one sync of the upper; volatile: no sync at all; limit: "
       "each process fsyncs its one file on the upper, and unmounts a volatile overlay; bare: "
       "one sync of the upper and nothing else. Seed B's umount: as in question 1.",
    8: "Two of four virtual processors have a real one, if the machine has two.",
}

# To whom ours is compared in the spread that a table shows.
BASE = {1: "limit", 2: "none", 3: "limit", 4: "stock", 5: "global", 6: "stock",
        7: "stock", 8: "stock"}


def shown(cells, cell):
    """A cell's text: its numbers, and its first as a ratio, with the spread."""
    metrics = [(n, f) for n, f in SHOWN[cell["question"]] if n in cell["metrics"]]
    if not metrics:
        return "-"
    text = " / ".join(f.format(value(cell, n)) for n, f in metrics)
    base = find(cells, cell, contender=BASE[cell["question"]])
    if base is None and cell["params"].get("action") == "umount":
        base = find(cells, cell, contender=BASE[cell["question"]], action="syncfs")
    of = ratio(cell, base, metrics[0][0])
    if of and base is not cell:
        text += f" ({of['median']:.2f}x"
        if of["n"] > 1:
            text += f", {of['min']:.2f} to {of['max']:.2f}"
        text += ")"
    if not complete(cell):
        text += f" **{len(cell['samples'])} of {cell['planned']} rounds**"
    return text


def size(text):
    """4K before 4M, numbers by their size, words last."""
    number = str(text).rstrip("KMG")
    if not number.isdigit():
        return (1, 0, str(text))
    return (0, int(number) << {"K": 10, "M": 20, "G": 30}.get(str(text)[-1], 0), "")


def question_table(cells, question, disk):
    """@cells: all of them, for the ratios."""
    here = [c for c in cells.values() if c["question"] == question and c["disk"] == disk]
    if not here:
        return []
    names = list(dict.fromkeys(n for c in here for n in c["params"]))
    filesystems = list(dict.fromkeys(c["fs"] for c in sorted(
        here, key=lambda c: ["ext4", "xfs", "btrfs"].index(c["fs"]))))

    def row_of(cell):
        return tuple(cell["params"].get(n, "") for n in names) + (cell["contender"],)

    rows = {}
    for cell in here:
        rows.setdefault(row_of(cell), {})[cell["fs"]] = shown(cells, cell)
    lines = ["| " + " | ".join(names + ["contender"] + filesystems) + " |",
             "|" + "---|" * (len(names) + 1 + len(filesystems))]
    for row in sorted(rows, key=lambda r: ([size(v) for v in r[:-1]], ORDER.index(r[-1]))):
        lines.append("| " + " | ".join(
            [str(v) for v in row] + [rows[row].get(fs, "") for fs in filesystems]) + " |")
    return lines


README = {"seconds": "{:.3f}", "mib": "{:.2f}", "flushes": "{:.0f}", "neighbour_mib": "{:.0f}"}


def readme_table(cells, chosen):
    """Those cells of question 1, one line each."""
    lines = ["| action | upper | contender | seconds | x limit | MiB written | flushes "
             "| MiB of the neighbour's still dirty |", "|---|---|---|--:|--:|--:|--:|--:|"]
    for cell in chosen:
        of = ratio(cell, find(cells, cell, contender="limit", action="syncfs"), "seconds")
        numbers = [form.format(value(cell, name)) for name, form in README.items()]
        numbers.insert(1, f"{of['median']:.2f} ({of['min']:.2f} to {of['max']:.2f})" if of else "")
        action = "fsync" if cell["contender"] == "limit" else cell["params"]["action"]
        lines.append("| " + " | ".join([action, cell["fs"], cell["contender"], *numbers]) + " |")
    return lines


def rule_counts(verdicts):
    """How often each rule was kept."""
    rules = {}
    for v in verdicts:
        rules.setdefault(v["rule"], []).append(v)
    lines = ["| rule | kept | not kept | not measured |", "|---|--:|--:|--:|"]
    for rule, found in rules.items():
        lines.append(f"| {rule} | " + " | ".join(map(str, counted(found).values())) + " |")
    return lines


def verdict_lines(verdicts):
    lines = ["| verdict | where | measured | allowed | |", "|---|---|---|---|---|"]
    for v in verdicts:
        where = " ".join([v["fs"], v["disk"]] + [f"{n}={p}" for n, p in v["params"].items()])
        numbers = ["-" if n is None else f"{n:.3f}" for n in (v["measured"], v["allowed"])]
        numbers[1] = (">= " if v["least"] else "<= ") + numbers[1]
        if v["spread"]:
            numbers[0] += " ({:.3f} to {:.3f})".format(*v["spread"])
        word = {True: "kept", False: "**NOT KEPT**", None: "not measured"}[v["ok"]]
        lines.append(f"| {v['rule']} | {where.strip()} | {' | '.join(numbers)} | {word} |")
    return lines


def left_out(meta):
    """A sentence, if anything was."""
    if not meta["left_out"]:
        return ""
    return (f" For want of time {meta['left_out']:,} of {meta['planned']:,} measurements were "
            "left out, all of them of rounds after the first.")


def document(meta, cells, verdicts):
    lines = ["# Benchmark", "",
             f"`{meta['command']}`, {meta['date']}, kernel {meta['kernel']}, seed "
             f"{meta['seed']}, at most {meta['rounds']} rounds. Of times the median of the rounds, "
             "of what is counted the worst; in brackets the ratio of the first number to that "
             "of the contender that the question names, round by round: its median, least "
             "and greatest." + left_out(meta), ""]
    if meta["others"]:
        percent, batch = meta["others"]
        lines += [f"Other processes, and the hypervisor, took {percent} % of the machine's "
                  f"processors at most ({batch}).", ""]
    for question, title in TITLES.items():
        columns = " / ".join(n for n, _ in SHOWN[question])
        for disk in ("modelled", "unthrottled"):
            table = question_table(cells, question, disk)
            if table:
                lines += [f"## {question}. {title}", "",
                          f"Disk: {disk}. {columns} (ratio to {BASE[question]})", "",
                          *([NOTES[question], ""] if question in NOTES else []), *table, ""]
    return "\n".join(lines + ["## Verdicts", "", *rule_counts(verdicts), "",
                              *verdict_lines(verdicts), ""])
