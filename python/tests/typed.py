"""A program that uses the package as its users do, for the checkers of types; `tests/python.sh` runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import refrain


def progress(phase: str, done: int, total: Optional[int]) -> None:
    print(phase, done, total)


def main(folder: Path) -> None:
    kept: refrain.Cleaned = refrain.dedup([{"id": "a", "body": "text"}], text="body", id="id", threshold=0.7, facts="ignore", threads=2)
    why: str = kept.explain("a")
    mask: list[bool] = kept.keep
    found: refrain.Findings = refrain.scan(folder, only=["near-duplicates", "within"], memory="2G", progress=progress, format="jsonl")
    lines: bytes = found.to_jsonl()
    for finding in found:
        if isinstance(finding, refrain.Pair):
            first: str = finding.a
            words: list[int] = [passage.words for passage in finding.passages or ()]
            print(first, words)
    similarity: float = refrain.jaccard("a", "b", fold="light")
    tokens: list[tuple[str, int, int]] = refrain.tokens("one two")
    compared: refrain.Comparison = refrain.compare("one", "two", names=("old", "new"))
    matches: refrain.Matches = refrain.against(["one"], ["two"], min_words=8)
    with refrain.Index(folder / "seen.db", threshold=0.8, progress="tqdm") as seen:
        added: dict[str, int] = seen.add(["one"])
        size: int = len(seen)
    try:
        refrain.near_duplicates(["a"], keep="longest")
    except refrain.SettingError as error:
        print(error.code)
    print(why, mask, lines, similarity, tokens, compared.jaccard, len(matches), added, size)


if __name__ == "__main__":
    main(Path("."))
