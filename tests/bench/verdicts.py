# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a rule is kept, by what was measured of the cells that it is about.

A verdict is kept (ok is true), not kept, or could not be reached (None): a cell was
not measured in all its rounds, or too little to tell. That counts as not kept, unless
a cell that it needs was left out of the plan on purpose.
"""
from results import complete, metric_of, ratio, summary


def verdict(rule, cell, others, measured, allowed, least=False, spread=None, enough=True):
    """@measured <= @allowed, or >= if that is the @least; @others are the cells that
    it takes besides @cell. Numbers that are None, or not @enough, tell nothing."""
    planned = None not in others
    whole = planned and enough and all(complete(one) for one in (cell, *others))
    known = whole and measured is not None and allowed is not None
    ok = None
    if known:
        ok = measured >= allowed if least else measured <= allowed
    return {"rule": rule, "question": cell["question"], "fs": cell["fs"],
            "disk": cell["disk"], "params": cell["params"], "measured": measured,
            "allowed": allowed, "least": least, "planned": planned,
            "spread": spread and [spread["min"], spread["max"]], "ok": ok}


def unplanned(rule, question):
    """Nothing in the plan is for it."""
    return {"rule": f"{rule}: not measured", "question": question, "fs": "", "disk": "",
            "params": {}, "measured": None, "allowed": None, "least": False,
            "planned": False, "spread": None, "ok": None}


def by_ratio(rule, cell, other, name, allowed, enough=True, which="median"):
    """The median of what the rounds give; of what is counted, the greatest ("max")."""
    found = ratio(cell, other, name)
    return verdict(rule, cell, [other], found and found[which], allowed,
                   spread=found, enough=enough)


def by_round(rule, cell, others, compute, allowed):
    """@compute: of the cells' samples of one round."""
    found = None
    if None not in others:
        every = [cell, *others]
        rounds = set.intersection(*(set(one["samples"]) for one in every))
        values = [compute(*(one["samples"][at] for one in every)) for at in sorted(rounds)]
        found = summary(values) if values and None not in values else None
    return verdict(rule, cell, others, found and found["median"], allowed, spread=found)


def bound(cell, name, allowed):
    """allowed(VALUE of @cell), None if there is no such. The median, whatever it is: one
    round in which the limit was a worse one allows nothing in the others."""
    metric = metric_of(cell, name)
    return allowed(metric["median"]) if metric else None


def steady(cell, name):
    """Whether the rounds differ by so little that a ratio to it tells something, if they
    were to tell that."""
    metric = metric_of(cell, name)
    return not metric or (metric["max"] <= 1.5 * metric["min"]
                          and not (cell["left_out"] and metric["n"] == 1))


def at_least(rule, cell, name, least):
    """The worst round."""
    metric = metric_of(cell, name)
    return verdict(rule, cell, [], metric and metric["min"], least, least=True)


def did_sync(what, cell, mib=None, prefix=""):
    """What does nothing is below every upper bound."""
    yield at_least(f"{what}: it does sync, flushes", cell, prefix + "flushes", 1)
    if mib is not None:
        yield at_least(f"{what}: it does sync, MiB >= 0.98 x its own", cell, prefix + "mib",
                       0.98 * mib)


def left_alone(what, cell, mib):
    yield at_least(f"{what}: 98 % of the neighbour's is still dirty, MiB", cell,
                   "neighbour_mib", 0.98 * mib)


def counted(verdicts):
    """How many are kept, are not, or were not reached."""
    return {ok: sum(v["ok"] is ok for v in verdicts) for ok in (True, False, None)}


def kept(verdicts, partly):
    """Whether all are; @partly: what was not even planned is not held against it."""
    return all(v["ok"] or (v["ok"] is None and not v["planned"] and partly)
               for v in verdicts)
