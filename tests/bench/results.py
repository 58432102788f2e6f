# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guests printed, joined with the plan and summed up.

A sample is what one round measured of a cell: numbers by name. Where the cell is
repeated in it, of times the median counts; of what is counted the most (MiB, requests,
flushes), or the least, where more is better.
"""
import json
import statistics

IDENTITY = ("question", "fs", "contender", "disk", "params")

# By the end of the name. Anything else is the same each time.
LEAST = ("neighbour_mib", "held")
MOST = ("mib", "flushes", "requests")

LATENCIES = ("write", "read")


def parsed(text):
    """A JSON object, or None."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def read_log(path, results):
    """Adds ID -> [result, ...] of the cells that were done, from one guest's log. What
    is no JSON object makes the cell one that has failed."""
    pending = {}
    for line in path.read_text(errors="replace").splitlines():
        word, _, rest = line.partition(" ")
        number, _, text = rest.partition(" ")
        if word == "cell":
            pending[number] = []
        elif word == "result" and number in pending:
            pending[number].append(parsed(text))
        elif word == "done" and number in pending:
            found = pending.pop(number)
            if None not in found:
                results[int(number)] = found


def percentile(values, part):
    """By nearest rank: one that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * part // 100) - 1))]


def percentiles(name, values):
    return {f"{name}_p50": percentile(values, 50), f"{name}_p99": percentile(values, 99),
            f"{name}_max": max(values), f"{name}_count": len(values)}


def instructions(result):
    """Of one operation: twice as many less once as many, each without interrupts."""
    return (min(result["twice"]) - min(result["once"])) / result["count"]


def reduced(results):
    """One round's results of a cell, as one sample."""
    sample = {}
    for name in {n for r in results for n in r}:
        values = [r[name] for r in results if name in r]
        if name in LATENCIES:
            sample[name] = [v for one in values for v in one]
        elif name == "once":
            sample["instructions"] = min(instructions(r) for r in results)
        elif name in ("twice", "count"):
            pass
        elif name.endswith("seconds"):
            sample[name] = statistics.median(values)
        elif name.endswith(LEAST):
            sample[name] = min(values)
        else:
            sample[name] = max(values)
    return sample


def summary(values):
    return {"median": statistics.median(values), "min": min(values),
            "max": max(values), "n": len(values)}


def shortened(sample):
    """A sample, of latencies their percentiles."""
    short = {}
    for name, number in sample.items():
        if name in LATENCIES:
            short.update(percentiles(name, number) if number else {})
        else:
            short[name] = number
    return short


def metrics_of(cell):
    """Of the numbers of all rounds a summary; of latencies the percentiles of all."""
    samples = cell["samples"].values()
    metrics = {}
    for name in sorted({n for s in samples for n in s}):
        values = [s[name] for s in samples if name in s]
        if name in LATENCIES:
            values = [v for one in values for v in one]
            for part, number in percentiles(name, values).items() if values else ():
                metrics[part] = summary([number])
        else:
            metrics[name] = summary(values)
    return metrics


def key_of(cell):
    return json.dumps([cell[name] for name in IDENTITY], sort_keys=True)


def load(folder):
    """The plan, and its cells with what was measured: {key: cell}. What "run" has left out,
    for want of time, was not planned."""
    plan = json.loads((folder / "plan.json").read_text())
    path = folder / "left-out"
    plan["left_out"] = set(map(int, path.read_text().split())) if path.exists() else set()
    results = {}
    for path in sorted(folder.glob("batch-*.log")):
        read_log(path, results)
    cells = {}
    for planned in plan["cells"]:
        cell = cells.setdefault(key_of(planned), {
            **{name: planned[name] for name in IDENTITY}, "samples": {}, "planned": 0,
            "left_out": 0})
        if planned["id"] in plan["left_out"]:
            cell["left_out"] += 1
            continue
        cell["planned"] += 1
        found = results.get(planned["id"], [])
        if found and len(found) == planned["repeat"]:
            cell["samples"][planned["round"]] = reduced(found)
    for cell in cells.values():
        cell["metrics"] = metrics_of(cell)
    return plan, cells


def complete(cell):
    """Whether it was measured in all rounds that it was planned for."""
    return len(cell["samples"]) == cell["planned"]


def find(cells, cell, **changes):
    """The cell that differs from @cell in that only; None if there is none. What
    is no field of it is a parameter; None: it has none of that name."""
    other = {name: cell[name] for name in IDENTITY}
    other["params"] = dict(other["params"])
    for name, to in changes.items():
        where = other if name in IDENTITY else other["params"]
        where[name] = to
        if to is None:
            del where[name]
    return cells.get(key_of(other))


def metric_of(cell, name):
    """The summary of all rounds, or None if it was not measured."""
    return cell["metrics"].get(name) if cell else None


def value(cell, name):
    """The number that a cell stands for, or None if it was not measured: of times the
    median of the rounds, of what is counted the worst."""
    metric = metric_of(cell, name)
    if not metric:
        return None
    if name.endswith(("neighbour_mib", "held")):
        return metric["min"]
    return metric["max" if name.endswith(MOST) else "median"]


def ratio(cell, other, name):
    """Of two cells, round by round; None if none has both."""
    if not cell or not other:
        return None
    values = [sample[name] / other["samples"][at][name]
              for at, sample in cell["samples"].items()
              if name in sample and other["samples"].get(at, {}).get(name)]
    return summary(values) if values else None
