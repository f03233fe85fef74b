"""Runs the tools one after the other, measures each, scores what each told, and prints the table. Started by `run`.

Until the last tool has ended this process holds no documents, ids or pairs: see measure.py for why it stays small.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import measure
import score

THRESHOLD = 0.8
WORKERS = 2
ADAPTERS = pathlib.Path(__file__).resolve().parent / "adapters"
LEGEND = """\
seconds    from process start to the removed ids in a file{median}
times      that of the first line
peak MB    10^6 bytes: the largest single process by the kernel's count, or all processes together at one moment
           (sampled every 0.1 s, shared pages counted once), whichever is more
removed    documents the tool would remove: of each of its clusters all but one
precision  share of the removed documents that have a true near-duplicate: Jaccard >= 0.8 with some other document
recall     share of the {surplus} documents that exact clustering removes (a cluster of n: n - 1, whichever) that are removed
lost       of the {clusters} exact clusters, those of which the tool keeps no document
pairs      pairs the tool names; their precision and recall against the {pairs} true pairs. "-": it names none"""


@dataclasses.dataclass
class Outcome:
    """One tool's run: figures where it ended well, and where it did not the reason."""

    name: str
    version: str = "-"
    seconds: float = 0.0
    peak_mb: float = 0.0
    problem: str = ""


# The names under which refrain itself runs.
REFRAIN = ("refrain", "refrain-clean")


class Tool:
    """A tool by name: where its program is and how it is started."""

    def __init__(self, name, options):
        self.name = name
        self._options = options
        self._python = options.environments / name / "bin" / "python"

    def missing(self):
        """Why the tool cannot be run; "" when it can."""
        reason = self._options.work / f"{self.name}.reason"
        return f"not installed: {reason.read_text().strip() or 'unknown reason'}" if reason.exists() else ""

    def version(self):
        """The version as the tool or its package says it; "?" when neither does."""
        if self.name in REFRAIN:
            command = [self._options.refrain, "--version"]
        else:
            command = [self._python, "-c", f"import importlib.metadata as m; print(m.version({self.name!r}))"]
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return (answer.stdout.split() or ["?"])[-1]

    def command(self, folder):
        """The command line that leaves the tool's answer in `folder`."""
        corpus = self._options.corpus
        if self.name == "refrain":
            return [self._options.refrain, "scan", corpus, "--only", "near-duplicates", "--threshold", str(THRESHOLD),
                    "--jobs", str(WORKERS), "--format", "jsonl"]
        if self.name == "refrain-clean":
            # The work of the others: a corpus in, the corpus without near-duplicates out. They do not look for repetition inside articles.
            return [self._options.refrain, "clean", corpus, "--remove", "across", "--output", folder / "cleaned.jsonl", "--manifest",
                    folder / "manifest.jsonl", "--threshold", str(THRESHOLD), "--jobs", str(WORKERS), "--quiet"]
        return [self._python, ADAPTERS / f"run_{self.name.replace('-', '_')}.py", corpus, folder]


def tool_environment(folder):
    """The environment variables of a run: two threads, temporary files in the run's own folder, no compiled files beside ours."""
    threads = {f"{library}_NUM_THREADS": str(WORKERS) for library in ("RAYON", "OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    return os.environ | threads | {"TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def last_line(log):
    """The last line of a log that says anything, cut to a table's width; "no message" without one."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1][:100] if lines else "no message"


def run_tool(name, options):
    """Runs a tool as often as asked, each time in a new folder; its Outcome. The last folder is kept for the scores."""
    tool = Tool(name, options)
    outcome = Outcome(name, problem=tool.missing())
    if outcome.problem:
        return outcome
    outcome.version = tool.version()
    folder, log, runs = options.work / name, options.work / f"{name}.log", []
    for number in range(1, options.runs + 1):
        print(f"running {name} {outcome.version} ({number} of {options.runs})", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        output = folder / "output"
        run = measure.run(tool.command(folder), tool_environment(folder), log, output, options.timeout)
        if run.failure:
            outcome.problem = f"failed: {run.failure}; its last message: {last_line(log)}"
            return outcome
        runs.append(run)
    outcome.seconds = statistics.median(run.seconds for run in runs)
    outcome.peak_mb = max(run.peak_mb for run in runs)
    return outcome


def read_findings(path):
    """(removed ids, pairs) of refrain's findings, a JSON object a line."""
    removed, pairs = set(), []
    with open(path, encoding="utf-8") as lines:
        for finding in map(json.loads, lines):
            if finding["type"] == "pair" and finding["jaccard"] >= THRESHOLD:
                pairs.append((finding["a"], finding["b"]))
            elif finding["type"] == "cluster":
                removed.update(member for member in finding["members"] if member != finding["keep"])
    return removed, pairs


def read_manifest(path):
    """(removed ids, None) of the manifest of a cleaned corpus, a JSON object a line."""
    with open(path, encoding="utf-8") as lines:
        removals = [line for line in map(json.loads, lines) if line["type"] == "removal"]
    return {line["doc"] for line in removals if line["rule"] in ("identical", "near-duplicate")}, None


def read_pairs(path):
    """The pairs of a file of two ids a line."""
    return [tuple(line.split("\t")) for line in path.read_text(encoding="utf-8").splitlines()]


def read_answer(name, folder):
    """(removed ids, pairs) that a tool left in its folder; pairs is None for a tool that names none."""
    if name == "refrain":
        return read_findings(folder / "output")
    if name == "refrain-clean":
        return read_manifest(folder / "manifest.jsonl")
    removed = set((folder / "removed.txt").read_text(encoding="utf-8").splitlines())
    pairs = folder / "pairs.tsv"
    return removed, read_pairs(pairs) if pairs.exists() else None


def percent(value):
    """A share as a percentage with one decimal; "-" for None."""
    return "-" if value is None else f"{100 * value:.1f}%"


def row(outcome, first_seconds, work, true_pairs, true_clusters):
    """The table's cells for a tool that ended well."""
    removed, pairs = read_answer(outcome.name, work / outcome.name)
    documents = score.score_removed(removed, true_clusters)
    cells = [outcome.name, outcome.version, f"{outcome.seconds:.3f}", f"{outcome.seconds / first_seconds:.1f}", f"{outcome.peak_mb:.0f}", str(documents.removed)]
    cells += [percent(documents.precision), percent(documents.recall), str(documents.lost)]
    if pairs is None:
        return cells + ["-"] * 3
    named = score.score_pairs(score.unordered(pairs), true_pairs)
    return cells + [str(named.pairs), percent(named.precision), percent(named.recall)]


def print_table(rows):
    """Prints rows of cells in columns, the first two to the left and the figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for cells in rows:
        aligned = [c.ljust(w) if n < 2 else c.rjust(w) for n, (c, w) in enumerate(zip(cells, widths))]
        print("  ".join(aligned).rstrip())


def report(outcomes, options):
    """Prints the table of all tools, then the problems, then the legend."""
    true_pairs = score.unordered(read_pairs(options.truth))
    true_clusters = score.clusters(sorted(true_pairs))
    head = ["tool", "version", "seconds", "times", "peak MB", "removed", "precision", "recall", "lost", "pairs", "precision", "recall"]
    rows = [head]
    first_seconds = next((outcome.seconds for outcome in outcomes if not outcome.problem), 1.0)
    for outcome in outcomes:
        if not outcome.problem:
            try:
                rows.append(row(outcome, first_seconds, options.work, true_pairs, true_clusters))
            except (OSError, ValueError, KeyError) as error:
                outcome.problem = f"failed: its answer cannot be read: {error!r}"
    print_table(rows)
    for outcome in outcomes:
        if outcome.problem:
            print(f"{outcome.name}: {outcome.problem}")
    median = f" (the median of {options.runs} runs; memory is the greatest)" if options.runs > 1 else ""
    surplus = sum(map(len, true_clusters)) - len(true_clusters)
    print("\n" + LEGEND.format(median=median, surplus=surplus, clusters=len(true_clusters), pairs=len(true_pairs)))


def parse_arguments():
    """The command line that `run` has checked."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("corpus", "truth", "environments", "work"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--refrain", default="")
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--timeout", type=int, required=True)
    parser.add_argument("names", nargs="+")
    return parser.parse_args()


def main():
    """Exits with 1 when no tool came to an end, else with 0."""
    options = parse_arguments()
    outcomes = [run_tool(name, options) for name in options.names]
    report(outcomes, options)
    sys.exit(all(outcome.problem for outcome in outcomes))


if __name__ == "__main__":
    main()
