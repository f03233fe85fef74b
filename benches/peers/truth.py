"""The exact near-duplicates of a corpus: every pair of documents whose shingle sets have a Jaccard at or over a threshold.

The text model is refrain's (full fold, shingles of five words), written for plainness. No sketch is involved: shingles are
compared as 64-bit hashes, and a pair is counted on the real sets.
"""
import json
import math
import re
import sys
import unicodedata

SHINGLE_WORDS = 5
ARABIC_LETTERS = str.maketrans({"ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك"})
TATWEEL = "\u0640"
# Han, kana, Thai, Lao, Myanmar and Khmer: written without spaces, so that each character is a word by itself.
SPACELESS = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3040-\u30ff\u31f0-\u31ff"
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff"
)
MARKS = "".join(chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c))[0] == "M")
WORD = re.compile(f"(?![{MARKS}])[{SPACELESS}][{MARKS}]*|(?:(?![{SPACELESS}])\\S|[{MARKS}])+")


def is_accent(char):
    """Whether a mark is one that Latin, Arabic or Hebrew spelling can do without: an accent, harakat, points; no kana mark."""
    if unicodedata.category(char) != "Mn" or not unicodedata.name(char, "").startswith(("COMBINING ", "ARABIC ", "HEBREW ")):
        return False
    position = unicodedata.combining(char)  # Unicode's canonical combining class
    return position <= 1 or 10 <= position <= 36 or position >= 200


class Fold(dict):
    """A table for str.translate that fills itself: a character's folded form, a space for what is no part of a word."""

    def __missing__(self, code):
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(code)).casefold())
        self[code] = folded = "".join(map(self._fold_part, decomposed)).translate(ARABIC_LETTERS)
        return folded

    @staticmethod
    def _fold_part(char):
        category = unicodedata.category(char)
        if char == TATWEEL or category == "Cf" or is_accent(char):
            return ""
        if category == "Nd":
            return str(unicodedata.digit(char))
        return char if category[0] in "LNM" else " "


FOLD = Fold()


def words(text):
    """The folded words of a text, in order."""
    return WORD.findall(unicodedata.normalize("NFC", text.translate(FOLD)))


def shingles(text):
    """The hashes of every run of five words; of a shorter text the hash of all its words; the empty set without a word."""
    found = words(text)
    if len(found) < SHINGLE_WORDS:
        return {hash(tuple(found))} if found else set()
    return set(map(hash, zip(*(found[i:] for i in range(SHINGLE_WORDS)))))


def exact_pairs(documents, threshold):
    """Yields (id, id) for every pair of the (id, text) documents with a Jaccard of at least `threshold`.

    Two sets so alike share one of their n - ceil(threshold * n) + 1 lowest hashes: only those are looked up, and each set
    found is then intersected in full.
    """
    ids, sets, holders = [], [], {}
    for i, text in documents:
        mine = shingles(text)
        lowest = sorted(mine)[: len(mine) - math.ceil(threshold * len(mine) - 1e-9) + 1]
        for other in {position for h in lowest for position in holders.get(h, ())}:
            both = len(mine & sets[other])
            if both >= threshold * (len(mine) + len(sets[other]) - both) - 1e-9:
                yield ids[other], i
        for h in lowest if mine else ():
            holders.setdefault(h, []).append(len(ids))
        ids.append(i)
        sets.append(mine)


def read_pairs(path, ids, threshold):
    """Yields (id, id) of each line `a<TAB>b<TAB>jaccard...` with a Jaccard of at least `threshold`; both must be in `ids`."""
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            fields = line.rstrip("\n").split("\t")
            try:
                one, other, jaccard = fields[0], fields[1], float(fields[2])
            except (IndexError, ValueError):
                sys.exit(f"{path}:{number}: expected a<TAB>b<TAB>jaccard")
            if jaccard < threshold:
                continue
            if one not in ids or other not in ids:
                sys.exit(f"{path}:{number}: the corpus has no document {other if one in ids else one}")
            yield one, other


def read_documents(path):
    """Yields (id, text) of each line of a JSONL file; stops the program at a line without them or with an id seen before."""
    seen = set()
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                i, text = str(record["id"]), record["text"]
            except (ValueError, KeyError, TypeError) as error:
                sys.exit(f"{path}:{number}: expected a JSON object with id and text ({error!r})")
            if i in seen or not isinstance(text, str):
                sys.exit(f"{path}:{number}: " + ("the text is no string" if i not in seen else f"the id {i} came before"))
            seen.add(i)
            yield i, text


def main():
    """Writes the true pairs, two ids a line, to standard output: from the file named second, or found in the corpus."""
    corpus, pairs_file, threshold = sys.argv[1], sys.argv[2], float(sys.argv[3])
    documents = read_documents(corpus)
    if pairs_file:
        pairs = read_pairs(pairs_file, {i for i, _ in documents}, threshold)
    else:
        pairs = exact_pairs(documents, threshold)
    for pair in pairs:
        print(*pair, sep="\t")


if __name__ == "__main__":
    main()
