#!/usr/bin/env python3
"""Peak memory of every command under `--memory`, on inputs in two sizes.

usage: benches/memory.py REFRAIN [--memory 256M] [--documents 50000]

Measures anonymous resident memory (RssAnon: without mapped input files) every five milliseconds. The input has `documents` articles of 200 words,
then twice as many; every tenth article is a copy with changes, so that findings grow with the input. Prints a table in Markdown, in which the
last column is the growth for each document that was added. Needs nothing but Python and Linux.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def write_input(path, count):
    rng = random.Random(3)
    recent = []
    with open(path, "w", encoding="utf-8") as out:
        for number in range(count):
            if recent and number % 10 == 0:
                words = list(rng.choice(recent))
                words[rng.randrange(len(words))] = "changed"
            else:
                words = [f"w{rng.randrange(10_000_000)}" for _ in range(200)]
                recent = (recent + [words])[-50:]
            record = {"id": str(number), "text": " ".join(words), "outlet": f"o{number % 20}", "date": f"2020-01-{1 + number % 28:02}"}
            out.write(json.dumps(record) + "\n")


def peak_of(command, folder):
    """Seconds, and peak anonymous memory in MiB."""
    begin, peak = time.monotonic(), 0
    with open(folder / "stderr", "wb") as stderr, open(folder / "stdout", "wb") as stdout:
        process = subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=stderr)
        while process.poll() is None:
            try:
                for line in open(f"/proc/{process.pid}/status", encoding="ascii"):
                    if line.startswith("RssAnon:"):
                        peak = max(peak, int(line.split()[1]))
            except (FileNotFoundError, ProcessLookupError):
                pass
            time.sleep(0.005)
    if process.returncode > 1:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {(folder / 'stderr').read_text()[-500:]}")
    return time.monotonic() - begin, peak / 1024


def commands(refrain, memory):
    limit = ["--memory", memory]
    yield "scan", [[refrain, "scan", "in.jsonl", "--format", "jsonl", *limit]]
    yield "scan, near-duplicates", [[refrain, "scan", "in.jsonl", "--only", "near-duplicates", "--format", "jsonl", *limit]]
    yield "check, SARIF", [[refrain, "check", "in.jsonl", "--format", "sarif", *limit]]
    yield "check, JSON lines", [[refrain, "check", "in.jsonl", "--format", "jsonl", *limit]]
    yield "report", [[refrain, "report", "in.jsonl", "-o", "report.html", *limit]]
    yield "clean", [[refrain, "clean", "in.jsonl", "-o", "out.jsonl", *limit]]
    yield "restore", [[refrain, "restore", "out.jsonl", "-o", "back.jsonl"]]
    yield "index add", [[refrain, "index", "add", "in.index", "in.jsonl", *limit]]
    yield "check with an index", [[refrain, "check", "in.jsonl", "--index", "in.index", "--format", "jsonl", *limit]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("refrain")
    parser.add_argument("--memory", default="256M")
    parser.add_argument("--documents", type=int, default=50_000)
    args = parser.parse_args()
    refrain = str(Path(args.refrain).resolve())
    found = {}
    for factor in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            write_input(folder / "in.jsonl", factor * args.documents)
            for name, runs in commands(refrain, args.memory):
                found.setdefault(name, []).append([peak_of(run, folder) for run in runs][-1])
    print(f"| command | s | MiB, {args.documents:,} articles | s | MiB, {2 * args.documents:,} | bytes for each further article |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, ((few_seconds, few), (many_seconds, many)) in found.items():
        print(f"| {name} | {few_seconds:.1f} | {few:.0f} | {many_seconds:.1f} | {many:.0f} | {(many - few) * 2**20 / args.documents:.0f} |")


if __name__ == "__main__":
    main()
