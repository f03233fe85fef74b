#!/usr/bin/env python3
"""How time, memory and output of `refrain scan` grow with the input, for inputs that are hard on purpose.

usage: benches/growth.py REFRAIN [KIND...] [--runs 3]

Each kind is measured in three sizes, each twice the one before. Time is processor time, the least of the runs, so that other work on the machine
matters little: of the program alone, and with that of the system, most of which clears fresh memory and differs several times between runs where a
virtual machine has to fetch it from its host; memory is the peak of resident memory; the exponent of a column is that of the power of the size by
which it grew from the first to the last size. Prints a table in Markdown. Needs nothing but Python and Linux.
"""
import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile


def words(rng, count, vocabulary):
    return [f"w{rng.randrange(vocabulary)}" for _ in range(count)]


def record(name, text):
    return json.dumps({"id": name, "text": text}) + "\n"


def long_line(rng, size):
    """One article of `size` MB on one line."""
    yield record("a", " ".join(words(rng, size * 1_000_000 // 8, 10_000_000)))


def one_bucket(rng, size):
    """`size` variants of one text of 300 words, one word changed in each."""
    base = words(rng, 300, 5000)
    for number in range(size):
        text = list(base)
        text[rng.randrange(300)] = f"new{rng.randrange(100_000)}"
        yield record(number, " ".join(text))


def one_passage(rng, size):
    """`size` articles of 200 words of their own around the same 60 words."""
    passage = words(rng, 60, 5000)
    for number in range(size):
        yield record(number, " ".join(words(rng, 100, 10_000_000) + passage + words(rng, 100, 10_000_000)))


def capped(rng, size):
    """`size` articles of 300 words, each of five passages of 60 words that exactly 200 articles have."""
    passages = [words(rng, 60, 10_000_000) for _ in range(size // 40)]
    places = [at for at in range(len(passages)) for _ in range(200)]
    rng.shuffle(places)
    for number in range(size):
        yield record(number, " ".join(sum((passages[at] for at in places[5 * number:5 * number + 5]), [])))


def periodic(rng, size):
    """Ten articles of `size` words in which the same 40 words repeat, each ten times in its own way."""
    for number in range(10):
        phrase = words(rng, 40, 5000)
        yield record(number, " ".join(phrase[at % 40] if at % 400 else f"own{at}" for at in range(size)))


def two_words(rng, size):
    """Two articles of `size` words out of two."""
    for number in range(2):
        yield record(number, " ".join(words(rng, size, 2)))


def tiny(rng, size):
    """`size` articles of three words."""
    for number in range(size):
        yield record(number, " ".join(words(rng, 3, 1000)))


def bad(rng, size):
    """`size` lines that are no records, and one article."""
    yield record("a", "one two three")
    for _ in range(size):
        yield "not a record\n"


KINDS = {
    "long line, MB": (long_line, 25), "one bucket, articles": (one_bucket, 32_000), "one passage in all, articles": (one_passage, 10_000),
    "grams in 200 articles, articles": (capped, 4_000), "periodic, words": (periodic, 50_000), "two words, words": (two_words, 50_000),
    "tiny records": (tiny, 250_000), "bad records": (bad, 250_000),
}


def written(path, make, size):
    """Writes an input in a process of its own: a child begins with the peak memory of its parent, which has to stay small."""
    child = os.fork()
    if child == 0:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(make(random.Random(7), size))
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{path} could not be written")


def measure(refrain, path, runs):
    """Least processor seconds of the program, and with those of the system, peak memory in MB, and output in MB of a scan."""
    own, seconds, memory, output = math.inf, math.inf, 0, 0
    for _ in range(runs):
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen([refrain, "scan", path, "--format", "jsonl", "-q"], stdout=out)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                sys.exit(f"exit code {process.returncode} for {path}")
            own, seconds = min(own, usage.ru_utime), min(seconds, usage.ru_utime + usage.ru_stime)
            memory, output = usage.ru_maxrss / 1000, out.seek(0, os.SEEK_END) / 1e6
    return own, seconds, memory, output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("refrain")
    parser.add_argument("kind", nargs="*", help="beginnings of names: " + "; ".join(KINDS))
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    print("| input | size | seconds of the program | exponent | with the system | exponent | peak MB | exponent | output MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, (make, size) in KINDS.items():
        if args.kind and not any(name.startswith(kind) for kind in args.kind):
            continue
        rows = []
        for factor in (1, 2, 4):
            with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
                written(file.name, make, factor * size)
                rows.append(measure(args.refrain, file.name, args.runs))
        exponent = [math.log(rows[2][column] / max(rows[0][column], 1e-9), 4) for column in (0, 1, 2)]
        for factor, (own, seconds, memory, output) in zip((1, 2, 4), rows):
            last = [f"{each:.2f}" if factor == 4 else "" for each in exponent]
            row = [name, f"{factor * size:,}", f"{own:.2f}", last[0], f"{seconds:.2f}", last[1], f"{memory:.0f}", last[2], f"{output:.2f}"]
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
