#!/usr/bin/env python3
"""Holds what checks with --add tell over all days against what one scan of everything tells.

usage: days.py REFRAIN                                    # made-up articles, in batches of 1, 7, 100 and all; exits 1 if pairs differ
       days.py REFRAIN FILE.jsonl [--sizes day,100] [--details OUT.jsonl]   # articles of a file: counts what differs

Articles are taken in order of their dates. Equal must be, for made-up articles: which pairs are identical, near-duplicate or contained, all numbers of
pairs that both tell, and that a pair is told once. Passages that rare grams alone propose, and what is a template, depend on what is known by
then, and are counted. A scan of what the index exports has to find what a scan of the articles finds. For a file a table lists the pairs that one side alone reports, by rule."""
import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile

NUMBERS = "rule", "jaccard", "a_in_b", "b_in_a"
ADDED = "type", "level", "known", "fingerprint", "indexed", "represented", "more"
WHOLE = "identical", "near-duplicate", "contained"


def run(*command, cwd):
    ran = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def pairs(lines):
    found = {}
    for line in lines:
        if line["type"] == "pair":
            key = line["a"], line["b"]
            assert key not in found, f"told twice: {key}"
            found[key] = line
    return found


def scan(refrain, work, articles):
    (work / "all.jsonl").write_text("".join(line for _, line in articles))
    return pairs(run(refrain, "scan", "all.jsonl", "--format", "jsonl", "-q", cwd=work))


def batches(articles, size):
    if size == "day":
        days = collections.defaultdict(list)
        for date, line in articles:
            days[date[:10]].append(line)
        return [lines for _, lines in sorted(days.items())]
    size = len(articles) if size == "all" else int(size)
    lines = [line for _, line in articles]
    return [lines[at : at + size] for at in range(0, len(lines), size)]


def checked(refrain, work, lines, index, *more):
    (work / "day.jsonl").write_text("".join(lines))
    return run(refrain, "check", "day.jsonl", "--index", index, "--add", "--fail-on", "none", "--format", "jsonl", "-q", *more, cwd=work)


def by_days(refrain, work, articles, size):
    told = [checked(refrain, work, lines, f"index-{size}") for lines in batches(articles, size)]
    return pairs(line for lines in told for line in lines)


def exported(refrain, work, size):
    """The pairs that a scan of all articles of the index finds."""
    with (work / "held.jsonl").open("wb") as held:
        subprocess.run([refrain, "index", "export", f"index-{size}"], cwd=work, check=True, stdout=held)
    return pairs(run(refrain, "scan", "held.jsonl", "--format", "jsonl", "-q", cwd=work))


def passages(pair):
    return [(passage["a"], passage["b"], passage["words"], passage["similarity"]) for passage in pair.get("passages", [])]


def differences(whole, days):
    """Counts of what is told otherwise, and the pairs of each kind."""
    kinds = collections.defaultdict(list)
    for key in sorted(whole.keys() | days.keys()):
        one, other = whole.get(key), days.get(key)
        if other is None:
            kinds["scan alone", one["rule"], ""].append(key)
        elif one is None:
            kinds["days alone", "", other["rule"]].append(key)
        elif any(one[name] != other[name] for name in NUMBERS):
            kinds["rule or numbers", one["rule"], other["rule"]].append(key)
        elif passages(one) != passages(other):
            kinds["passages", one["rule"], other["rule"]].append(key)
    return kinds


def words(random, count, vocabulary):
    """Words of which some are far more frequent than others, but none a third of the text."""
    return [vocabulary[int(len(vocabulary) * random.random() ** 2)] for _ in range(count)]


def made_up(seed=7, count=260):
    """Articles of six weeks in Arabic and English: copies, edited copies, contained ones, passages, reworded ones, and a line many have."""
    source = random.Random(seed)
    letters = {"en": "abcdefghijklmnopqrstuvwxyz", "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"}
    vocabularies = {name: ["".join(source.choices(letters[name], k=source.randint(3, 8))) for _ in range(4000)] for name in letters}
    articles, texts = [], []
    for number in range(count):
        language = source.choice(list(letters))
        own = lambda count: words(source, count, vocabularies[language])
        earlier = [text for kind, text in texts if kind == language]
        kind = source.choice(["own", "own", "copy", "edited", "contained", "passage", "reworded"]) if earlier else "own"
        old = source.choice(earlier) if earlier else []
        at = source.randint(0, max(0, len(old) - 60))
        if kind == "own":
            text = own(source.randint(40, 260))
        elif kind == "copy":
            text = list(old)
        elif kind == "edited":
            text = [word if source.random() > 0.02 else own(1)[0] for word in old]
        elif kind == "contained":
            text = own(len(old)) + old
        elif kind == "passage":
            text = own(70) + old[at : at + source.randint(30, 60)] + own(70)
        else:
            text = own(60) + [word for word in old[at : at + 60] if source.random() > 0.12] + own(60)
        texts.append((language, text))
        lines = [" ".join(text[at : at + 20]) for at in range(0, len(text), 20)]
        date = f"2026-{1 + number // 160:02}-{1 + number // 6 % 27:02}"
        articles.append((date, json.dumps({"id": f"{source.randrange(10**6):06}-{number}", "text": "\n".join(lines), "date": date}) + "\n"))
    return sorted(articles, key=lambda article: article[0])


def test(refrain, work):
    articles = made_up()
    whole = scan(refrain, work, articles)
    rules = collections.Counter(pair["rule"] for pair in whole.values())
    assert all(rules[rule] > 10 for rule in WHOLE + ("reused-passage",)), f"too few pairs to tell anything by: {rules}"
    failed = False
    for size in "1", "7", "100", "all":
        days = by_days(refrain, work, articles, size)
        kinds = differences(whole, days)
        is_same = exported(refrain, work, size) == whole
        failed |= not is_same
        print(f"batches of {size}: one scan tells {len(whole)} pairs, {'the same' if is_same else 'others: wrong'} from what the index exports")
        for kind, keys in kinds.items():
            # Of passages hardly one may be missing: rare grams that the sample of an index has not.
            is_wrong = bool(set(WHOLE) & set(kind)) or kind[:2] == ("scan alone", "reused-passage") and len(keys) > len(whole) / 200
            failed |= is_wrong
            print(f"    {len(keys)} {kind[0]}: {kind[1]} -> {kind[2]}" + (f", such as {keys[0]}: wrong" if is_wrong else ""))
            both = [(whole[key], days[key]) for key in keys if key in whole and key in days]
            failed |= any(one[name] != other[name] for one, other in both for name in NUMBERS[1:])
    return failed


def measure(refrain, work, args):
    key = lambda record: record.get("date") or ""
    lines = [(key(json.loads(line)), line) for line in pathlib.Path(args.file).open(encoding="utf-8")]
    articles = sorted(lines, key=lambda article: article[0])
    whole = scan(refrain, work, articles)
    print(f"one scan: {len(whole)} pairs, {dict(collections.Counter(pair['rule'] for pair in whole.values()))}")
    details = open(args.details, "w", encoding="utf-8") if args.details else None
    wrong = 0
    for size in args.sizes.split(","):
        days = by_days(refrain, work, articles, size)
        is_same = exported(refrain, work, size) == whole
        print(f"batches of {size}: {len(days)} pairs; a scan of what the index exports tells {'the same' if is_same else 'others'}")
        wrong += not is_same
        for kind, keys in sorted(differences(whole, days).items()):
            print(f"    {len(keys):6} {kind[0]}: {kind[1] or 'nothing'} -> {kind[2] or 'nothing'}")
            # Whole articles alike are told alike, whatever came when.
            wrong += len(keys) if kind[0] != "passages" and {"identical", "near-duplicate"} & set(kind) else 0
            for pair in keys if details else []:
                details.write(json.dumps({"size": size, "kind": kind, "scan": whole.get(pair), "days": days.get(pair)}, ensure_ascii=False) + "\n")
    return wrong > 0


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("refrain", type=pathlib.Path), args.add_argument("file", nargs="?")
    args.add_argument("--sizes", default="day"), args.add_argument("--details")
    args = args.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        refrain, work = args.refrain.resolve(), pathlib.Path(folder)
        sys.exit(measure(refrain, work, args) if args.file else test(refrain, work))


main()
