# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guests printed, joined with the plan and summed up.

A sample is one measurement of a cell: numbers by name. Lists become numbers
here: latencies their percentiles, ticks of repetitions their minimum, since
interrupts only ever add to an instruction count.
"""
import json
import statistics

IDENTITY = ("question", "fs", "contender", "disk", "params")


def read_log(path, samples):
    """Adds ID -> [sample, ...] of the cells that were done, from one guest's log."""
    pending = {}
    for line in path.read_text(errors="replace").splitlines():
        word, _, rest = line.partition(" ")
        number, _, text = rest.partition(" ")
        if word == "cell":
            pending[number] = []
        elif word == "result" and number in pending:
            pending[number].append(json.loads(text))
        elif word == "done" and number in pending:
            samples[int(number)] = pending.pop(number)


def percentile(values, part):
    """By nearest rank: one that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * part // 100) - 1))]


def flat(sample):
    """Numbers only."""
    numbers = {}
    for name, value in sample.items():
        if name == "ticks":
            numbers["instructions"] = min(value)
        elif isinstance(value, list):
            if value:
                numbers[f"{name}_p50"] = percentile(value, 50)
                numbers[f"{name}_p99"] = percentile(value, 99)
                numbers[f"{name}_max"] = max(value)
                numbers[f"{name}_count"] = len(value)
        else:
            numbers[name] = value
    return numbers


def pooled(samples):
    """Percentiles of all latencies of a cell: more of them than one round has."""
    numbers = {}
    for name in {n for s in samples for n, v in s.items() if isinstance(v, list)} - {"ticks"}:
        values = [v for s in samples for v in s.get(name, [])]
        numbers.update(flat({name: values}))
    return numbers


def summary(values):
    return {"median": statistics.median(values), "min": min(values),
            "max": max(values), "n": len(values)}


def key_of(cell):
    return json.dumps([cell[name] for name in IDENTITY], sort_keys=True)


def load(folder):
    """The plan, and its cells with what was measured: {key: cell}."""
    plan = json.loads((folder / "plan.json").read_text())
    samples = {}
    for path in sorted(folder.glob("batch-*.log")):
        read_log(path, samples)
    cells = {}
    for planned in plan["cells"]:
        cell = cells.setdefault(key_of(planned), {
            **{name: planned[name] for name in IDENTITY}, "samples": {}, "raw": []})
        for number, sample in enumerate(samples.get(planned["id"], [])):
            cell["samples"][planned["round"], number] = flat(sample)
            cell["raw"].append(sample)
    for cell in cells.values():
        names = sorted({n for s in cell["samples"].values() for n in s})
        cell["metrics"] = {
            name: summary([s[name] for s in cell["samples"].values() if name in s])
            for name in names}
        for name, value in pooled(cell.pop("raw")).items():
            cell["metrics"][name]["pooled"] = value
    return plan, cells


def find(cells, cell, **changes):
    """The cell that differs from @cell in that only; None if there is none. What
    is no field of it is a parameter; None: it has none of that name."""
    other = {name: cell[name] for name in IDENTITY}
    other["params"] = dict(other["params"])
    for name, value in changes.items():
        where = other if name in IDENTITY else other["params"]
        where[name] = value
        if value is None:
            del where[name]
    return cells.get(key_of(other))


def value(cell, name):
    """The number that a cell stands for, or None if it was not measured: of
    latencies the percentile of all, of anything else the median."""
    metric = cell["metrics"].get(name) if cell else None
    return metric and metric.get("pooled", metric["median"])


def ratio(cell, other, name):
    """Of two cells, sample by sample of the same round; None if none has both."""
    if not cell or not other:
        return None
    values = [sample[name] / other["samples"][at][name]
              for at, sample in cell["samples"].items()
              if name in sample and other["samples"].get(at, {}).get(name)]
    return summary(values) if values else None
