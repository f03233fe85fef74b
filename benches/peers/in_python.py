#!/usr/bin/env python3
"""Near-duplicates among texts that Python has in memory already: refrain's package beside rensa and datasketch, and beside the command of text-dedup.

usage: benches/peers/in_python.py CORPUS.jsonl --wheel WHEEL [--runs N]

The time of a tool counts from a list of strings to its answer: shingling, sketching, look-up and, for refrain, verification. refrain is measured from a list and from a
column of Arrow. text-dedup has no such function: its time is that of its command, which reads the same texts from the disk. Settings are those of `run`. Each tool runs
in a process of its own, one after the other; the median of the runs is printed. Environments are kept below `${XDG_CACHE_HOME:-~/.cache}/refrain/peers`.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = {"refrain-list": ["pyarrow"], "refrain-arrow": ["pyarrow"], "rensa": None, "datasketch": None, "text-dedup": None}


def refrain(texts, column):
    """The package: pairs as a table."""
    import pyarrow
    import refrain

    data = pyarrow.chunked_array([texts]) if column else texts
    begun = time.perf_counter()
    pairs = len(refrain.near_duplicates(data, threads=2).pairs)
    return time.perf_counter() - begun, f"{pairs} pairs"


def rensa(texts):
    """The deduplicator, in batches of 1,000."""
    import corpus
    import rensa

    begun = time.perf_counter()
    kept = 0
    deduplicator = rensa.RMinHashDeduplicator(threshold=corpus.THRESHOLD, num_perm=corpus.PERMUTATIONS, use_lsh=True, num_bands=corpus.BANDS)
    for start in range(0, len(texts), 1000):
        entries = ((str(start + at), corpus.shingles(text)) for at, text in enumerate(texts[start : start + 1000]))
        kept += sum(deduplicator.add_pairs([entry for entry in entries if entry[1]]))
    return time.perf_counter() - begun, f"{len(texts) - kept} removed"


def datasketch(texts):
    """Sketches, an index, and the sketches' own estimate."""
    import corpus
    import datasketch

    begun = time.perf_counter()
    index, sketches, pairs = datasketch.MinHashLSH(num_perm=corpus.PERMUTATIONS, params=(corpus.BANDS, corpus.ROWS)), [], 0
    shingled = (shingles for shingles in map(corpus.shingles, texts) if shingles)
    encoded = ([shingle.encode() for shingle in shingles] for shingles in shingled)
    for sketch in datasketch.MinHash.generator(encoded, num_perm=corpus.PERMUTATIONS):
        pairs += sum(sketch.jaccard(sketches[other]) >= corpus.THRESHOLD for other in index.query(sketch))
        index.insert(len(sketches), sketch, check_duplication=False)
        sketches.append(sketch)
    return time.perf_counter() - begun, f"{pairs} pairs"


def text_dedup(path):
    """The command, from the file to the saved data set."""
    import run_text_dedup

    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run_text_dedup.deduplicate(path, pathlib.Path(folder))
        return time.perf_counter() - begun, "saved"


def measure(tool, path):
    """Runs one tool in this process and prints its seconds and its answer."""
    sys.path.insert(0, str(HERE / "adapters"))
    if tool == "text-dedup":
        seconds, answer = text_dedup(path)
    else:
        with open(path, encoding="utf-8") as file:
            texts = [json.loads(line)["text"] for line in file]
        by_name = {"refrain-list": lambda: refrain(texts, False), "refrain-arrow": lambda: refrain(texts, True), "rensa": lambda: rensa(texts), "datasketch": lambda: datasketch(texts)}
        seconds, answer = by_name[tool]()
    print(json.dumps([seconds, answer]))


def environment(tool, wheel):
    """The interpreter of an environment that has a tool."""
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "refrain/peers/in-python" / tool.replace("refrain-list", "refrain").replace("refrain-arrow", "refrain")
    python = folder / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        wanted = TOOLS[tool]
        if wanted is None:
            parts = (HERE / "requirements.txt").read_text().split("# ")
            wanted = next(part for part in parts if part.split("\n", 1)[0] == tool).split("\n", 1)[1].split()
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
    if tool.startswith("refrain"):
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps", wheel], check=True)
    return python


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ", 1)[1].split("\n", 1)[0])
    parser.add_argument("corpus")
    parser.add_argument("--wheel")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    path = os.path.abspath(given.corpus)
    if given.measure:
        return measure(given.measure, path)
    if not given.wheel:
        parser.error("--wheel names the wheel of refrain's package")
    interpreters = {tool: environment(tool, os.path.abspath(given.wheel)) for tool in TOOLS}
    seconds, answers = {tool: [] for tool in TOOLS}, {}
    for _ in range(given.runs):
        for tool, python in interpreters.items():
            ran = subprocess.run([python, "-B", __file__, path, "--measure", tool], capture_output=True, text=True)
            if ran.returncode != 0:
                sys.exit(f"{tool}: {ran.stderr[-2000:]}")
            taken, answers[tool] = json.loads(ran.stdout.splitlines()[-1])
            seconds[tool].append(taken)
    least = statistics.median(seconds["refrain-arrow"])
    print("| tool | seconds | to refrain, Arrow | answer |\n|---|---:|---:|---|")
    for tool, taken in seconds.items():
        print(f"| {tool} | {statistics.median(taken):.3f} | {statistics.median(taken) / least:.1f} | {answers[tool]} |")


if __name__ == "__main__":
    main()
