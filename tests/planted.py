"""Holds passages on planted sets to their goals. usage: planted.py REFRAIN DATA_FOLDER

DATA_FOLDER has planted-ar.jsonl.zst, planted-en.jsonl and id_plag.jsonl with their truth beside them; zstd input is read as it is.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

# Of people and programs that replaced words; one recall would say little, as few cases have each kind of change.
LEAST_REWORDED = {"id_plag.jsonl": 0.75}
LEAST = {"plagdet": 0.98, "verbatim": 0.99, "spelling": 0.99, "light": 0.99, "order": 0.99, "heavy": 0.97, "rewritten": 0.95}
MOST_GRANULARITY = 1.01


def passages(refrain, corpus, truth):
    """The scores of passages, by measure and by change."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as findings:
        subprocess.run([refrain, "scan", corpus, "--quiet", "--format", "jsonl"], check=True, stdout=findings)
        scored = subprocess.run(
            [refrain, "eval", findings.name, "--truth", truth, "--labels", "spans", "--format", "json"], check=True, stdout=subprocess.PIPE
        )
    kind = next(kind for kind in json.loads(scored.stdout)["kinds"] if kind["kind"] == "passage")
    return kind


def main():
    refrain, data = sys.argv[1], pathlib.Path(sys.argv[2])
    short = []
    for corpus in ("planted-ar.jsonl.zst", "planted-en.jsonl"):
        truth = data / (corpus.split(".")[0] + ".truth.jsonl")
        kind = passages(refrain, data / corpus, truth)
        figures = {"plagdet": kind["plagdet"], **{group["name"]: group["recall"] for group in kind["by_change"]}}
        print(corpus, " ".join(f"{name} {value:.4f}" for name, value in figures.items()), f"granularity {kind['granularity']:.3f}")
        short += [f"{corpus}: {name} {figures[name]:.4f} < {least}" for name, least in LEAST.items() if figures[name] < least]
        if kind["granularity"] > MOST_GRANULARITY:
            short.append(f"{corpus}: granularity {kind['granularity']:.3f} > {MOST_GRANULARITY}")
    for corpus, least in LEAST_REWORDED.items():
        kind = passages(refrain, data / corpus, data / (corpus.split(".")[0] + ".truth.jsonl"))
        recalls = " ".join(f"{group['name']} {group['recall']:.4f}" for group in kind["by_change"])
        print(corpus, f"plagdet {kind['plagdet']:.4f} granularity {kind['granularity']:.3f} {recalls}")
        if kind["plagdet"] < least:
            short.append(f"{corpus}: plagdet {kind['plagdet']:.4f} < {least}")
    sys.exit("\n".join(short) or 0)


if __name__ == "__main__":
    main()
