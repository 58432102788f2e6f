# SPDX-License-Identifier: GPL-2.0-or-later
"""What the engine must show, as the project's issue on it says."""
from cells import MIB
from results import find, metric_of, value
from verdicts import (bound, by_ratio, by_round, did_sync, left_alone, steady, unplanned,
                      verdict)

# "No slower" and "none" have to be told from what two runs of the same differ by:
# in time, and in instructions, where timer interrupts come as they may (read and
# write of the same code: 0.04 % and 0.003 %).
SAME_TIME = 1.05
SAME_PARALLEL = 1.1
SAME_READ, SAME_WRITE = 1.001, 1.0002

# Of a percentile of all rounds.
LATENCIES_NEEDED = 200

KIB4 = 1 / 256


def own_mib(text):
    return KIB4 if text == "4K" else MIB[text]


def isolation(cells, cell):
    params = cell["params"]
    limit = find(cells, cell, contender="limit", action="syncfs")
    yield from did_sync("isolation", cell, own_mib(params["own"]))
    if "state" in params:
        # What was under way before is counted with what A does.
        yield by_ratio("isolation: beside writeback, seconds <= 1.1 x limit", cell, limit,
                       "seconds", 1.1)
        return
    if params["neighbour"] != "0":
        yield from left_alone("isolation", cell, MIB[params["neighbour"]])
    yield verdict("isolation: MiB <= 1.02 x limit + 0.5", cell, [limit], value(cell, "mib"),
                  bound(limit, "mib", lambda v: 1.02 * v + 0.5))
    yield verdict("isolation: flushes <= limit + 1", cell, [limit], value(cell, "flushes"),
                  bound(limit, "flushes", lambda v: v + 1))
    if cell["disk"] != "modelled":
        return
    # The other limit: what the same call takes where there are no neighbours.
    yield by_ratio("isolation: seconds <= 1.1 x stock's where nothing else is dirty", cell,
                   find(cells, cell, contender="stock", neighbour="0"), "seconds", 1.1)
    if params["action"] == "syncfs":
        yield by_ratio("isolation: seconds <= 1.1 x limit", cell, limit, "seconds", 1.1)
    else:
        # To the letter; but an fsync unmounts nothing.
        yield by_ratio("isolation: seconds of a umount <= 1.1 x limit", cell, limit,
                       "seconds", 1.1)
        yield by_round("isolation: (seconds - those of a volatile umount) <= 1.1 x limit",
                       cell, [limit, find(cells, cell, contender="volatile")],
                       lambda a, b, c: (a["seconds"] - c["seconds"]) / b["seconds"], 1.1)


def off_isolation(cells, cell):
    """Stock's are of a second and more only if a neighbour's are written, too."""
    stock = find(cells, cell, contender="stock")
    yield from off_counts(cell, stock)
    if cell["params"]["neighbour"] != "0":
        yield from off_seconds(cell, stock)


def off_seconds(cell, stock):
    yield by_round("switched off it is as stock: seconds differ by", cell, [stock],
                   lambda a, b: abs(a["seconds"] / b["seconds"] - 1), 0.1)


def off_counts(cell, stock):
    for name, allowed in [("mib", bound(stock, "mib", lambda v: 0.02 * v + 0.5)),
                          ("flushes", 0)]:
        one, base = value(cell, name), value(stock, name)
        yield verdict(f"switched off it is as stock: {name} differ by", cell, [stock],
                      None if None in (one, base) else abs(one - base), allowed)


def off_containers(cells, cell):
    # How many of a hundred umounts share a commit is a matter of luck.
    yield next(off_counts(cell, find(cells, cell, contender="stock")))


def off_many(cells, cell):
    stock = find(cells, cell, contender="stock")
    yield next(off_counts(cell, stock))
    if cell["params"]["kind"] == "files":
        yield from off_seconds(cell, stock)


def off_cost(cells, cell):
    stock = find(cells, cell, contender="stock")
    yield by_round(f"switched off it is as stock: instructions of {cell['params']['op']}",
                   cell, [stock],
                   lambda a, b: abs(a["instructions"] / b["instructions"] - 1), 0.01)


def neighbours(cells, cell):
    none = find(cells, cell, contender="none")
    limit = find(cells, cell, contender="limit")
    yield from did_sync("neighbours", cell, own_mib(cell["params"]["own"]))
    yield from left_alone("neighbours", cell, 256)
    if cell["disk"] != "modelled":
        return
    # All of the sync, its end as well, is in what was looked at.
    longest = [metric_of(c, "seconds") for c in (cell, limit)]
    within = limit and all(m is None or m["max"] <= cell["params"]["window"] for m in longest)
    for name in ("write", "read"):
        idle, one = value(none, f"{name}_p99"), value(limit, f"{name}_p99")
        allowed = None if None in (idle, one) else 1.1 * idle + max(0, one - idle)
        enough = within and all((value(c, f"{name}_count") or 0) >= LATENCIES_NEEDED
                                for c in (cell, none, limit))
        yield verdict(f"neighbours: {name}_p99 <= 1.1 x idle + what one fsync adds", cell,
                      [none, limit], value(cell, f"{name}_p99"), allowed, enough=enough)


def cached(cells, cell):
    few = find(cells, cell, cached=1000)
    yield from did_sync("cached but clean", cell, KIB4)
    if cell is not few:
        held = all((value(c, "held") or 0) >= 0.95 * c["params"]["cached"]
                   for c in (cell, few) if c)
        yield by_ratio("cached but clean: seconds <= 1.1 x those among 1,000", cell, few,
                       "seconds", 1.1, enough=held)


def many(cells, cell):
    kind, count = cell["params"]["kind"], cell["params"]["count"]
    mib = {"files": count * KIB4, "sparse": count * KIB4, "open": KIB4}.get(kind)
    yield from did_sync("many small", cell, mib)
    if cell["disk"] == "modelled":
        yield by_ratio(f"many small: seconds <= stock ({SAME_TIME} x)", cell,
                       find(cells, cell, contender="stock"), "seconds", SAME_TIME)


def collapse(cells, cell):
    """A thousand against a hundred, each against one global sync beside as many."""
    fewer = find(cells, cell, count=100)
    bases = [find(cells, one, contender="global") if one else None for one in (cell, fewer)]
    yield by_round(f"many containers: no collapse, {cell['params']['what']} at 1,000 / global "
                   "<= 1.2 x at 100 / global", cell, [fewer, *bases],
                   lambda many_, few, base_many, base_few:
                   many_["seconds"] / base_many["seconds"] * base_few["seconds"]
                   / few["seconds"], 1.2)


def containers(cells, cell):
    what, count = cell["params"]["what"], cell["params"]["count"]
    yield from did_sync("many containers", cell, count / 16)
    base = find(cells, cell, contender="global")
    words = {"sync": "N syncs at once <= 1.2 x one global sync",
             "stop": "N umounts <= 1.2 x one global sync and N volatile umounts"}[what]
    for name, which in [("seconds", "median"), ("mib", "max")]:
        yield by_ratio(f"many containers: {words}, {name}", cell, base, name, 1.2, which=which)
    # One global sync is one process. As many, of which each has to do the same:
    words = {"sync": "N syncs at once <= 1.2 x N fsyncs at once",
             "stop": "N umounts <= 1.2 x N fsyncs and volatile umounts"}[what]
    yield by_ratio(f"many containers: {words}, seconds", cell,
                   find(cells, cell, contender="limit"), "seconds", 1.2)
    if what == "stop":
        # To the letter. The table has what N umounts take that sync nothing.
        yield by_ratio("many containers: N umounts <= 1.2 x one global sync alone, seconds",
                       cell, find(cells, cell, contender="bare"), "seconds", 1.2)
    if count == 1000:
        yield from collapse(cells, cell)


def stop(cells, cell):
    idle = find(cells, cell, neighbour="idle")
    # Flushes are B's as well, if it is busy.
    yield from did_sync("stop", cell, 4, "stop_")
    if cell is not idle:
        yield from left_alone("stop", cell, 256)
        for name in ("stop_seconds", "rm_seconds", "run_seconds"):
            yield by_ratio(f"stop: {name} <= 1.1 x those of an idle host", cell, idle,
                           name, 1.1, enough=steady(idle, name))


def checkpoint(cells, cell):
    yield from left_alone("checkpoint", cell, 256)


COSTS = {"open-write-close": 1.01, "clean-open-write-close": 1.01,
         "read": SAME_READ, "write": SAME_WRITE}


def cost(cells, cell):
    params = cell["params"]
    stock = find(cells, cell, contender="stock")
    if params["kind"] == "memory":
        yield verdict("cost: bytes of an overlay inode <= stock + 8", cell, [stock],
                      value(cell, "inode_bytes"),
                      bound(stock, "inode_bytes", lambda v: v + 8))
    elif params["kind"] == "parallel":
        yield by_ratio(f"cost: parallel create on {params['processes']} CPUs, seconds <= stock "
                       f"({SAME_PARALLEL} x)", cell, stock, "seconds", SAME_PARALLEL)
    elif params["op"] in COSTS:
        allowed = COSTS[params["op"]]
        yield by_ratio(f"cost: instructions of {params['op']} <= {allowed} x stock",
                       cell, stock, "instructions", allowed)


# By question and contender.
RULES = {(1, "ours"): isolation, (1, "off"): off_isolation, (2, "ours"): neighbours,
         (3, "ours"): cached, (4, "ours"): many, (4, "off"): off_many, (5, "ours"): containers,
         (5, "off"): off_containers, (6, "ours"): stop, (7, "ours"): checkpoint,
         (8, "ours"): cost, (8, "off"): off_cost}


def judge(cells):
    verdicts = []
    for (question, contender), rule in RULES.items():
        found = [v for cell in cells.values()
                 if (cell["question"], cell["contender"]) == (question, contender)
                 for v in rule(cells, cell)]
        verdicts += found or [unplanned(rule.__name__, question)]
    return verdicts
