"""What the adapters share: reading the corpus, words, shingles, clusters, and writing the answer.

An adapter is started as `python run_NAME.py CORPUS OUTPUT_FOLDER`. It leaves in the folder `removed.txt` (one id a line)
and, where its tool names pairs, `pairs.tsv` (two ids a line). Its own progress may go to either output stream.
"""
import json
import pathlib
import re
import sys

SHINGLE_WORDS = 5
BANDS = 16
ROWS = 8
PERMUTATIONS = BANDS * ROWS
THRESHOLD = 0.8
WORKERS = 2

_WORD = re.compile(r"\w+")


def arguments():
    """The corpus file and the output folder, from the command line."""
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} CORPUS OUTPUT_FOLDER")
    return pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def documents(path):
    """Yields (id, text) of each line of a JSONL file."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield str(record["id"]), record["text"]


def shingles(text):
    """Every run of five lower-case words, joined by spaces; of a shorter text one shingle of all its words; [] without a word."""
    words = _WORD.findall(text.lower())
    if len(words) < SHINGLE_WORDS:
        return [" ".join(words)] if words else []
    return list(map(" ".join, zip(*(words[i:] for i in range(SHINGLE_WORDS)))))


class Clusters:
    """Positions joined by pairs. The lowest position of a cluster is its representative: the document that is kept."""

    def __init__(self, size):
        self._parent = list(range(size))

    def find(self, position):
        """The representative of the cluster that holds `position`."""
        while self._parent[position] != position:
            self._parent[position] = self._parent[self._parent[position]]
            position = self._parent[position]
        return position

    def join(self, one, other):
        """Makes one cluster of the two that hold the positions."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low

    def removed(self):
        """All positions but the representatives, in rising order."""
        return [p for p in range(len(self._parent)) if self.find(p) != p]


def write_removed(folder, ids):
    """Writes removed.txt."""
    (folder / "removed.txt").write_text("".join(f"{i}\n" for i in ids), encoding="utf-8")


def write_pairs(folder, ids, pairs):
    """Writes pairs.tsv and removed.txt for pairs of positions in `ids`: of each cluster of pairs, all but the first are removed."""
    clusters = Clusters(len(ids))
    with open(folder / "pairs.tsv", "w", encoding="utf-8") as out:
        for one, other in pairs:
            clusters.join(one, other)
            out.write(f"{ids[one]}\t{ids[other]}\n")
    write_removed(folder, [ids[p] for p in clusters.removed()])
