# SPDX-License-Identifier: GPL-2.0-or-later
"""What each part of check-full leaves in build/, as rows of the table.

A part is a function that takes what its file holds and yields rows; a row says
what was tried, and what was wrong with it. Which files there must be is PARTS.
"""
import collections

# ok: nothing was wrong, and something was tried. numbers: what is added up.
Row = collections.namedtuple("Row", "on tried wrong ok seeds numbers")


def row(on, tried, wrong, ok, seeds="", **numbers):
    return Row(on, tried, wrong, ok, seeds, numbers)


def count(n, what, plural=None):
    return f"{n:,} {what if n == 1 else plural or what + 's'}"


def seeds_of(entry, counted=None):
    """The first and, of what is counted by that name, the last; if the part says so."""
    if "seed" not in entry:
        return ""
    last = entry["seed"] + (entry[counted] - 1 if counted else 0)
    return f"{entry['seed']}" if last <= entry["seed"] else f"{entry['seed']} to {last}"


OPERATIONS = ("syncfs", "umount", "remount")


def operations(entry):
    """How often each, if the part says so; how often any of them."""
    if all(o in entry for o in OPERATIONS):
        return ", ".join(f"{entry[o]:,} {o}" for o in OPERATIONS)
    return f"{entry['syncs']:,} of syncfs, umount, remount,ro"


def power_cuts(entries):
    for e in entries:
        yield row(e["fs"],
                  f"{count(e['sequences'], 'sequence')}, {operations(e)}, "
                  f"{count(e['crash_points'], 'crash point')}",
                  f"{e['lost']} lost", e["lost"] == 0 < e["crash_points"], seeds_of(e, "sequences"),
                  sequences=e["sequences"], syncs=e["syncs"],
                  crash_points=e["crash_points"], lost=e["lost"])


def broken_engines(entries):
    """Each must lose something."""
    missed = [f"{e['module']}@{e['fs']}" for e in entries if e["lost"] == 0]
    points = sum(e["crash_points"] for e in entries)
    yield row("all", f"{count(len(entries), 'broken engine')}, {count(points, 'crash point')}",
              f"{len(missed)} not noticed{': ' if missed else ''}{' '.join(missed)}",
              bool(entries) and not missed, broken=len(entries),
              noticed=len(entries) - len(missed))


def hard_resets(entries):
    for e in entries:
        yield row(e["engine"],
                  f"{count(e['rounds'], 'power cut')}; {count(e['cut_before_record'], 'stop')} cut "
                  f"before the hook's record, {e['cut_after_record']:,} after it",
                  f"{e['lost']} lost", e["lost"] == 0 < e["cut_after_record"],
                  seeds_of(e, "rounds"),
                  resets=e["rounds"], reset_lost=e["lost"])
    for engine in {"runc", "podman"} - {e["engine"] for e in entries}:
        yield row(engine, "nothing", "", False)


def faults(e):
    kinds = ", ".join(f"{n} {kind}" for kind, n in e["faults"].items())
    yield row(f"{e['fs']}, {e['module']}",
              f"{count(e['trials'], 'trial')}: {kinds}",
              f"{e['wrongly_reported']} wrongly reported, {e['hangs']} hung; "
              f"{e['excepted']} excepted",
              e["wrongly_reported"] == e["hangs"] == 0 < e["trials"]
              and all(e["faults"].values()), seeds_of(e, "trials"),
              faults=sum(e["faults"].values()), wrongly_reported=e["wrongly_reported"],
              hangs=e["hangs"])


def races(e):
    """Which points must be hit is the run's to know; its status tells."""
    never = [name for name, p in e["points"].items() if not p["hits"]]
    hit = len(e["points"]) - len(never)
    races_of_ours = e.get("kcsan", {}).get("overlay", 0)
    yield row(f"{e['fs']}, {e['kernel']}",
              f"{e['seconds']:,} s, {count(e['threads'], 'thread')}, {hit} of "
              f"{count(len(e['points']), 'marked point')} hit"
              + (f" (not {' '.join(never)})" if never else ""),
              count(e["debug_reports"] + races_of_ours, "report")
              + (f"; the run ended with {e['status']}" if e["status"] else ""),
              e["debug_reports"] == races_of_ours == e["status"] == 0 < hit,
              debug_reports=e["debug_reports"] + races_of_ours, stress_seconds=e["seconds"])


def model(e):
    yield row("", f"{count(e['states'], 'state')}, {count(e['total'], 'guard')} taken out",
              f"{e['failed']} wrong, {e['total'] - e['killed']} not missed",
              e["failed"] == 0 < e["states"] and e["killed"] == e["total"] > 0,
              states=e["states"], guards=e["total"], guards_missed=e["killed"])


def mutants(e):
    survivors = e["survivors"]
    yield row(e["kernel"], f"{e['killed']} of {count(e['total'], 'mutant')} killed",
              f"{len(survivors)} alive{': ' if survivors else ''}{' '.join(survivors)}",
              e["killed"] == e["total"] > 0, mutants=e["total"], killed=e["killed"])


def soak(e):
    grown = [f"{line['line']} ({line['phase']})" for line in e["lines"] if not line["flat"]]
    yield row(f"{e['fs']}, {e['kernel']}",
              f"{e['minutes']:g} minutes, {count(e['containers'], 'container')}, "
              f"{count(len(e['lines']), 'line')}",
              f"{len(grown)} not flat{': ' if grown else ''}{', '.join(grown)}"
              + (f"; the guest ended with {e['status']}" if e["status"] else ""),
              bool(e["lines"]) and not grown and e["status"] == 0, seeds_of(e),
              soak_minutes=e["minutes"], containers=e["containers"], grown=len(grown))


Part = collections.namedtuple("Part", "name file rows")

# Its rows are of its sections (summary.py).
CHECK = Part("tests/check", "check", None)

ON_ALL = ("ext4", "ext4-journal", "ext4-nojournal", "ext4-fastcommit", "xfs", "btrfs")
ON_MOST = ("ext4", "xfs", "btrfs")
WITH_FAULTS = ("ext4", "ext4-nojournal", "xfs", "btrfs")

PARTS = [
    *(Part("power cuts by the device's log", f"crash-replay-{fs}", power_cuts) for fs in ON_ALL),
    Part("the same, stock module", "crash-replay-stock", power_cuts),
    Part("the same, broken engines", "crash-mutants", broken_engines),
    Part("hard resets around a stop", "hard-reset", hard_resets),
    *(Part("faults", f"faults-{fs}", faults) for fs in WITH_FAULTS),
    *(Part("races, KASAN and lockdep", f"stress-7.3-debug-{fs}", races) for fs in ON_MOST),
    *(Part("races, KCSAN", f"stress-7.3-kcsan-debug-{fs}", races) for fs in ON_MOST),
    Part("bounded model", "model", model),
    *(Part("mutants", f"mutants{kernel}", mutants) for kernel in 
      ("", "-6.1", "-7.3-debug", "-7.3-kcsan-debug")),
    Part("endurance", "soak", soak),
]
