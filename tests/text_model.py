#!/usr/bin/env python3
"""Holds `refrain tokens` to the text model of docs/text-model.md, written a second time here on Python's own Unicode data.

usage: text_model.py REFRAIN [TEXT.jsonl]
Every code point that Python's Unicode knows is looked at between two letters; so are random texts, corpus/, and the first
articles of TEXT.jsonl if one is named. Exit 1 at the first difference. Standard library only."""
import functools
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unicodedata

ALONE = [range(*r) for r in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x40000), (0x3040, 0x3100),
                             (0x31F0, 0x3200), (0xE00, 0xE80), (0xE80, 0xF00), (0x1780, 0x1800), (0x1000, 0x10A0))]
LEFT_OUT = [range(*r) for r in ((0x300, 0x370), (0x1AB0, 0x1B00), (0x1DC0, 0x1E00), (0x20D0, 0x2100), (0xFE20, 0xFE30),
                                (0x591, 0x5BE), (0x5BF, 0x5C0), (0x5C1, 0x5C3), (0x5C4, 0x5C6), (0x5C7, 0x5C8), (0x610, 0x61B),
                                (0x64B, 0x660), (0x670, 0x671), (0x6D6, 0x6DD), (0x6DF, 0x6E5), (0x6E7, 0x6E9), (0x6EA, 0x6EE),
                                (0x898, 0x8A0), (0x8CA, 0x8E2), (0x8E3, 0x900))]
SAME = str.maketrans({"ٱ": "ا", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۃ": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ڪ": "ك", "ګ": "گ",
                      "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ȷ": "j", **dict.fromkeys("ʹʺʻʼʽʾʿˮꞋꞌ", "'")})
# Letters with a stroke, a hook or the like are the plain letter, in these blocks.
ATTACHED = [range(*r) for r in ((0xC0, 0x2B0), (0x400, 0x530), (0x1E00, 0x1F00), (0x2C60, 0x2C80))]
HYPHENS = "-\u058A\u2010\u2011\uFE63\uFF0D\u00AC\u2E17"
SOFT_HYPHEN, NON_JOINER = "\u00AD", "\u200C"
# What is behind a hyphen at the end of a line, before the rest of the word.
LINE_END = re.compile("[ \\t]*(?:\r\n|\n|\r)[^\\S\n\r]*")
UNBROKEN = [range(*r) for r in ((0x590, 0x900), (0x1100, 0x1200), (0x3130, 0x3190), (0xAC00, 0xD800), (0xFB1D, 0xFE00), (0xFE70, 0xFEFD))]


def is_in(char, ranges):
    return any(ord(char) in r for r in ranges)


@functools.cache
def plain(char):
    """A letter without what is attached to it, by its name."""
    script, _, name = unicodedata.name(char, "").partition(" SMALL LETTER ")
    if not is_in(char, ATTACHED) or script not in ("LATIN", "CYRILLIC") or " WITH " not in name:
        return char
    try:
        letter = folded(unicodedata.lookup(f"{script} SMALL LETTER {name[:name.index(' WITH ')]}"))
    except KeyError:
        return char
    return letter if letter in "abcdefghijklmnopqrstuvwxyz" or "\u0400" <= letter <= "\u052F" else char


@functools.cache
def folded(char):
    """The characters that one character becomes; none if it is left out."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    kept = [c for c in decomposed if c != "ـ" and unicodedata.category(c) != "Cf" and not is_in(c, LEFT_OUT)]
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else plain(c) for c in kept).translate(SAME)


def is_broken(char):
    is_letter = char.isalpha() or unicodedata.category(char) == "Nl" or is_in(char, [range(0x24B6, 0x24EA), range(0x1F130, 0x1F14A)])
    return is_letter and is_word(char) and not is_in(char, UNBROKEN) and not any(is_in(c, ALONE) for c in folded(char))


def is_word(char):
    return bool(folded(char)) and all(unicodedata.category(c)[0] in "LN" for c in folded(char))


def rest_of_word(text, at):
    """Where the word goes on that the hyphen at `at` breaks at the end of a line; None if it breaks none."""
    found = LINE_END.match(text, at + 1)
    if not found or found.end() == len(text):
        return None
    after = text[found.end()]
    if text[at] == SOFT_HYPHEN:
        return found.end() if is_word(after) else None
    before = at - 1
    while before >= 0 and text[before] not in HYPHENS + SOFT_HYPHEN + NON_JOINER and (
            not folded(text[before]) or all(unicodedata.category(c)[0] == "M" for c in folded(text[before]))):
        before -= 1
    if before < 0 or not is_broken(text[before]) or not is_broken(after) or text[before].islower() and after.isupper():
        return None
    return found.end()


def tokens(text):
    """[[token, start, end]]: runs of letters, numbers and marks; letters of scripts without spaces one by one."""
    found = []
    is_open = False
    skipped = 0
    for at, char in enumerate(text):
        if at < skipped:
            continue
        if char in HYPHENS or char == SOFT_HYPHEN:
            rest = rest_of_word(text, at) if is_open else None
            skipped = rest or skipped
            is_open = is_open and (rest is not None or char == SOFT_HYPHEN)
            continue
        if char == NON_JOINER:
            is_open = is_open and not is_in(found[-1][0][-1], [range(0x600, 0x700), range(0x740, 0x780), range(0x880, 0x900)])
            continue
        for c in folded(char):
            kind = unicodedata.category(c)[0]
            if kind not in "LNM":
                is_open = False
            elif is_open and (kind == "M" or not is_in(c, ALONE) and not is_in(found[-1][0][0], ALONE)):
                found[-1][0] += c
                found[-1][2] = at + 1
            else:
                found.append([c, at, at + 1])
                is_open = True
    return [[unicodedata.normalize("NFC", word), start, end] for word, start, end in found]


def told(refrain, text):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt", newline="") as file:
        file.write(text)
        file.flush()
        lines = subprocess.run([refrain, "tokens", "--json", file.name], capture_output=True, check=True).stdout.splitlines()
    return [[f["folded"], f["start"], f["end"]] for f in map(json.loads, lines) if f["type"] == "token"]


def compare(refrain, name, text):
    """Texts are compared whole: one run of the program for many of them, a line each."""
    expected, found = tokens(text), told(refrain, text)
    for want, got in zip(expected + [None], found + [None]):
        if want != got:
            at = (want or got)[1]
            sys.exit(f"{name}: the model has {want}, refrain has {got}, in {text[max(0, at - 8):at + 8]!r}")
    print(f"{name}: {len(expected)} tokens, all equal")


def main():
    refrain = sys.argv[1]
    points = (chr(n) for n in range(0x110000))
    known = [c for c in points if unicodedata.category(c) not in ("Cn", "Cs", "Co") and c not in "\0"]
    compare(refrain, f"{len(known)} code points", "\n".join(f"aب{c}b {c}{c}" for c in known))
    pick = random.Random(1)
    scripts = ["abcÀß ", "ابتأإةىئ ـَُّ٣،؟", "กขไา่ำ ", "日本がぎ゙カ々 ", "한글각ᄀ ", "नमस्ते़ ", "שלוםְּ ", known,
               "abŁé-\u00AD\u2010 \n\r\t", "می\u200C-\n ", "o'ʻʼ’ ı"]
    lines = ("".join(pick.choice(pick.choice(scripts)) for _ in range(40)) for _ in range(20_000))
    compare(refrain, "random texts", "\n".join(lines))
    root = pathlib.Path(__file__).parent.parent
    texts = [json.loads(line)["text"] for line in (root / "corpus/articles.jsonl").open(encoding="utf-8")]
    compare(refrain, "corpus", "\n".join(texts))
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line, _ in zip(lines, range(1000))]
        compare(refrain, "articles at hand", "\n".join(texts))


if __name__ == "__main__":
    main()
