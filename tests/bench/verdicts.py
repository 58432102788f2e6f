# SPDX-License-Identifier: GPL-2.0-or-later
"""What the engine must show, as the project's issue on it says.

A verdict is kept (ok is true), not kept, or could not be reached (None), which
counts as not kept unless only a part was measured on purpose.
"""
from results import find, ratio, value

# "No slower" and "none" have to be told from what two runs of the same differ by:
# in time, and in instructions, where timer interrupts come as they may (read and
# write of the same code: 0.04 % and 0.003 %).
SAME_TIME = 1.05
SAME_INSTRUCTIONS = 1.002


def verdict(rule, cell, measured, allowed, spread=None):
    known = measured is not None and allowed is not None
    return {"rule": rule, "question": cell["question"], "fs": cell["fs"],
            "disk": cell["disk"], "params": cell["params"], "measured": measured,
            "allowed": allowed, "spread": spread and [spread["min"], spread["max"]],
            "ok": measured <= allowed if known else None}


def by_ratio(rule, cell, other, name, allowed):
    found = ratio(cell, other, name)
    return verdict(rule, cell, found and found["median"], allowed, found)


def bound(cell, name, allowed):
    """allowed(VALUE of @cell), None if there is no such."""
    base = value(cell, name)
    return None if base is None else allowed(base)


def isolation(cells, cell):
    limit = find(cells, cell, contender="limit", action="syncfs")
    yield verdict("isolation: MiB <= 1.02 x limit + 0.5", cell, value(cell, "mib"),
                  bound(limit, "mib", lambda v: 1.02 * v + 0.5))
    yield verdict("isolation: flushes <= limit + 1", cell, value(cell, "flushes"),
                  bound(limit, "flushes", lambda v: v + 1))
    if cell["disk"] == "modelled":
        yield by_ratio("isolation: seconds <= 1.1 x limit", cell, limit, "seconds", 1.1)


def agreement(cells, cell):
    stock = find(cells, cell, contender="stock")
    mib, base = value(cell, "mib"), value(stock, "mib")
    off = None if None in (mib, base) else abs(mib - base)
    yield verdict("switched off it is as stock: MiB differ by <= 2 % + 0.5", cell, off,
                  bound(stock, "mib", lambda v: 0.02 * v + 0.5))
    flushes, base = value(cell, "flushes"), value(stock, "flushes")
    yield verdict("switched off it is as stock: flushes", cell,
                  None if None in (flushes, base) else abs(flushes - base), 0)


def neighbours(cells, cell):
    none = find(cells, cell, contender="none")
    limit = find(cells, cell, contender="limit")
    for name in ("write_p99", "read_p99"):
        idle, one = value(none, name), value(limit, name)
        allowed = None if None in (idle, one) else 1.1 * idle + max(0, one - idle)
        yield verdict(f"neighbours: {name} <= 1.1 x idle + what one fsync adds", cell,
                      value(cell, name), allowed)


def cached(cells, cell):
    few = find(cells, cell, cached=1000)
    if cell is not few:
        yield by_ratio("cached but clean: seconds <= 1.1 x those among 1,000", cell, few,
                       "seconds", 1.1)


def many(cells, cell):
    yield by_ratio(f"many small: seconds <= stock ({SAME_TIME} x)", cell,
                   find(cells, cell, contender="stock"), "seconds", SAME_TIME)


def containers(cells, cell):
    everybody = find(cells, cell, contender="global")
    for name in ("seconds", "mib"):
        yield by_ratio(f"many containers: {name} <= 1.2 x one global sync", cell,
                       everybody, name, 1.2)


def stop(cells, cell):
    idle = find(cells, cell, neighbour="0")
    if cell is not idle:
        for name in ("stop_seconds", "rm_seconds", "run_seconds"):
            yield by_ratio(f"stop: {name} <= 1.1 x those of an idle host", cell, idle,
                           name, 1.1)


COSTS = {"open-write-close": 1.01, "read": SAME_INSTRUCTIONS, "write": SAME_INSTRUCTIONS}


def cost(cells, cell):
    stock = find(cells, cell, contender="stock")
    if cell["params"]["kind"] == "memory":
        yield verdict("cost: bytes of an overlay inode <= stock + 8", cell,
                      value(cell, "inode_bytes"),
                      bound(stock, "inode_bytes", lambda v: v + 8))
    allowed = COSTS.get(cell["params"].get("op"))
    if cell["params"]["kind"] == "op" and allowed:
        yield by_ratio(f"cost: instructions of {cell['params']['op']} <= {allowed} x stock",
                       cell, stock, "instructions", allowed)


# By question and contender.
RULES = {(1, "ours"): isolation, (1, "off"): agreement, (2, "ours"): neighbours,
         (3, "ours"): cached, (4, "ours"): many, (5, "ours"): containers,
         (6, "ours"): stop, (8, "ours"): cost}


def judge(cells):
    verdicts = []
    for (question, contender), rule in RULES.items():
        found = [v for cell in cells.values()
                 if (cell["question"], cell["contender"]) == (question, contender)
                 for v in rule(cells, cell)]
        verdicts += found or [{
            "rule": f"{rule.__name__}: not measured", "question": question, "fs": "",
            "disk": "", "params": {}, "measured": None, "allowed": None,
            "spread": None, "ok": None}]
    return verdicts


def kept(verdicts, partly):
    """Whether all are; @partly: what was not measured is not held against it."""
    return all(v["ok"] or (v["ok"] is None and partly) for v in verdicts)
