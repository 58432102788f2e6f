#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One table of all that the parts of check-full have left in build/.

Writes build/check-full.json and prints the table; with --readme it takes the table's
place in that file, from the JSON. Ends with 1 if a part failed, has not run, or ran
with an older engine. All of it takes longer than a machine may be kept: --keep puts what
build/ has into the file --kept, and what that has of the same engine counts as well,
where build/ has nothing.
"""
import argparse
import datetime
import hashlib
import json
import pathlib
import sys

from parts import CHECK, PARTS, count, row

BEGIN, END = "<!-- summary: begin -->", "<!-- summary: end -->"
COLUMNS = ("part", "on", "tried", "wrong", "seeds", "when", "verdict")


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%F %R")


def newest(paths):
    """When the engine was last changed: what is older was not told by this one."""
    return max((f.stat().st_mtime for p in paths for f in pathlib.Path(p).rglob("*")
                if f.is_file()), default=0)


def fingerprint(paths):
    """Of the engine, by its contents."""
    digest = hashlib.sha256()
    for path in map(pathlib.Path, paths):
        for f in sorted(f for f in path.rglob("*") if f.is_file()):
            digest.update(f"{path.name}/{f.relative_to(path)}\0".encode() + f.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def kept_of(path, engine):
    """What was kept of this engine."""
    kept = {"engine": engine, "parts": {}, "sections": {}}
    if path and path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["engine"] == engine:
                kept = found
        except (ValueError, KeyError, TypeError) as error:
            sys.exit(f"summary: error: {path} is broken ({error!r}); take it from git again")
    return kept


def entry(part, one, verdict, when):
    return {"part": part.name, "file": f"build/{part.file}.json", "on": one.on,
            "tried": one.tried, "wrong": one.wrong, "seeds": one.seeds, "when": when,
            "verdict": verdict, "numbers": one.numbers}


def entries_of(part, build, changed, kept):
    """The rows of one part, or one that says why there is none. What can be kept, is."""
    path = build / f"{part.file}.json"
    ended = path.stat().st_mtime if path.exists() else 0
    older = not path.exists() or ended < changed
    before = kept["parts"].get(part.file)
    try:
        if before and (older or int(ended) < before["ended"]):
            older = False
            ended, found = before["ended"], before["found"]
        elif path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            if not older:
                kept["parts"][part.file] = {"ended": int(ended), "found": found}
        else:
            return [entry(part, row(part.file, "", "", False), "not run", "")]
        rows = list(part.rows(found))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return [entry(part, row(part.file, "", f"unreadable: {error!r}", False), "FAILED",
                      utc(ended))]
    if not rows:
        return [entry(part, row(part.file, "nothing", "", False), "FAILED", utc(ended))]
    return [entry(part, one, "FAILED" if not one.ok else "older" if older else "ok",
                  utc(ended)) for one in rows]


def checks(build, changed, kept):
    """The counts of tests/check, a row for each section; and the kernels' releases:
    several of one, if Debian had another one when another section ran."""
    path = build / "check.json"
    found = {"all": kept.get("all", []), "sections": {}}
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
    if not found["all"]:
        return [entry(CHECK, row("", "", "", False), "not run", "")], {}
    kept["all"] = found["all"]
    rows, kernels = [], {}
    for name in found["all"]:
        section = found["sections"].get(name)
        before = kept["sections"].get(name, {"ended": 0})
        if section and section["full"] and section["ended"] >= max(changed, before["ended"]):
            kept["sections"][name] = section
        section = kept["sections"].get(name, section)
        if not section:
            rows.append(entry(CHECK, row(name, "", "", False), "not run", ""))
            continue
        for kernel, release in section.get("kernels", {}).items():
            kernels.setdefault(kernel, set()).add(release)
        bad = section["failed"]
        seconds = sum(c["seconds"] for c in section["checks"])
        one = row(name, f"{count(section['passed'] + bad, 'check')}, {seconds:,} s", f"{bad} failed",
                  bad == 0 < section["passed"], checks_passed=section["passed"], checks_failed=bad)
        rows.append(entry(CHECK, one, "FAILED" if not one.ok else
                          "not in full" if not section["full"] else
                          "ok" if name in kept["sections"] else "older", utc(section["ended"])))
    return rows, {name: sorted(kernels[name]) for name in sorted(kernels)}


def totals(entries):
    """The sums, of what was told by this engine only."""
    sums = {}
    for e in entries:
        if e["verdict"] in ("ok", "FAILED"):
            where = "stock_" if "stock" in e["part"] else ""
            for name, n in e["numbers"].items():
                sums[where + name] = sums.get(where + name, 0) + n
    return sums


def summary(build, engine, commit, kept):
    changed = newest(engine)
    entries = [e for part in PARTS for e in entries_of(part, build, changed, kept)]
    sections, kernels = checks(build, changed, kept)
    entries += sections
    return {"date": utc(datetime.datetime.now().timestamp()), "commit": commit,
            "engine": kept["engine"], "kernels": kernels, "parts": entries,
            "totals": totals(entries), "complete": all(e["verdict"] == "ok" for e in entries)}


def head(s):
    """Of what, when, by which kernels."""
    kernels = ", ".join(f"{' and '.join(releases)} ({name})"
                        for name, releases in s["kernels"].items())
    return (f"{s['date']} UTC, commit {s['commit']}, engine {s['engine']}; "
            f"kernels: {kernels or 'not known'}.")


def rows_of(s):
    return [[e[c] for c in COLUMNS] for e in s["parts"]]


def as_text(s):
    rows = [list(COLUMNS)] + rows_of(s)
    widths = [max(len(r[i]) for r in rows) for i in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(r, widths)).rstrip() for r in rows]
    return "\n".join([head(s), ""] + lines + ["", sums(s)]) + "\n"


def as_markdown(s):
    rows = ["| " + " | ".join(r) + " |" for r in [list(COLUMNS)] + rows_of(s)]
    rows.insert(1, "|" + "---|" * len(COLUMNS))
    return "\n".join([head(s), ""] + rows + ["", sums(s)]) + "\n"


def sums(s):
    numbers = ", ".join(f"{name.replace('_', ' ')} {n:,g}" if isinstance(n, float)
                        else f"{name.replace('_', ' ')} {n:,}" for name, n in s["totals"].items())
    missing = [e for e in s["parts"] if e["verdict"] != "ok"]
    return (f"In all: {numbers or 'nothing'}. "
            + ("Complete." if s["complete"] else
               f"Not complete: {len(missing)} of {len(s['parts'])} rows are not ok."))


def put_into(readme, s):
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"summary: error: {readme} has no lines '{BEGIN}' and '{END}'; put them "
                 "where the table is to be")
    readme.write_text(f"{before}{BEGIN}\n{as_markdown(s)}{END}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--engine", action="append", default=[],
                        help="a folder of the engine's sources; repeatable")
    parser.add_argument("--commit", default="")
    parser.add_argument("--kept", type=pathlib.Path, help="what was kept of runs before")
    parser.add_argument("--keep", action="store_true", help="put what build/ has there, too")
    parser.add_argument("--readme", type=pathlib.Path)
    args = parser.parse_args()
    written = args.build / "check-full.json"
    if args.readme:
        if not written.exists():
            sys.exit(f"summary: error: {written} is missing; run tests/summary/run first")
        put_into(args.readme, json.loads(written.read_text(encoding="utf-8")))
        return 0
    kept = kept_of(args.kept, fingerprint(args.engine))
    s = summary(args.build, args.engine, args.commit, kept)
    written.write_text(json.dumps(s, indent=1) + "\n", encoding="utf-8")
    if args.keep:
        args.kept.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(as_text(s))
    return 0 if s["complete"] else 1


if __name__ == "__main__":
    sys.exit(main())
