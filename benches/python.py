#!/usr/bin/env python3
"""What the Python package costs beside the command: near-duplicates of the same texts, from a file and from a column of Arrow.

usage: benches/python.py REFRAIN CORPUS.jsonl [--runs 15]

Run it with an interpreter that has the package and pyarrow. The time of parsing is what a search for byte-identical texts takes more in the command than in the package,
which parses nothing; the start of the process is in it. Each measure is the median of the runs, which take turns, each in a process of its own.
"""
import argparse
import json
import resource
import statistics
import subprocess
import sys
import time


def package(path, only):
    """Prints the seconds of one search, from a table in memory: elapsed, and of the processor."""
    import pyarrow
    import refrain

    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    roles = {name: name for name in ("id", "date", "outlet") if name in rows[0]}
    table = pyarrow.table({name: [row.get(name) for row in rows] for name in ("text", *roles)})
    del rows
    begun, worked = time.perf_counter(), time.process_time()
    found = refrain.scan(table, "text", **roles, only=only)
    print(time.perf_counter() - begun, time.process_time() - worked)
    del found


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ", 1)[1].split("\n", 1)[0])
    parser.add_argument("refrain")
    parser.add_argument("corpus")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        return package(given.corpus, given.measure)
    seconds = {name: [] for name in ("command", "command, exact", "package", "package, exact")}
    for _ in range(given.runs):
        for name, flags in (("command", ["--only", "near-duplicates"]), ("command, exact", ["--exact"])):
            begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([given.refrain, "scan", "--quiet", "--summary", *flags, given.corpus], check=True, stdout=subprocess.DEVNULL)
            elapsed, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds[name].append((elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
        for name, only in (("package", "near-duplicates"), ("package, exact", "exact")):
            ran = subprocess.run([sys.executable, __file__, given.refrain, given.corpus, "--measure", only], check=True, stdout=subprocess.PIPE)
            seconds[name].append(tuple(map(float, ran.stdout.split())))
    for at, kind in enumerate(("elapsed", "processor")):
        median = {name: statistics.median(pair[at] for pair in taken) for name, taken in seconds.items()}
        parsing = median["command, exact"] - median["package, exact"]
        listed = ", ".join(f"{name} {taken:.3f}" for name, taken in median.items())
        print(f"{kind} seconds: {listed}, parsing {parsing:.3f}; package / (command - parsing): {median['package'] / (median['command'] - parsing):.2f}")


if __name__ == "__main__":
    main()
