"""Shards as processes: the same as in one process, killed or not."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import refrain
import refrain.shards
from killing import kill_first


def documents(count: int) -> list[dict[str, Any]]:
    """Documents of which some are identical and some near-duplicates, in Arabic and English."""
    drawn = random.Random(5)
    words = [f"word{at}" for at in range(3000)] + [f"كلمة{at}" for at in range(3000)]
    found: list[dict[str, Any]] = []
    while len(found) < count:
        text = drawn.choices(words, k=drawn.randrange(20, 120))
        for _ in range(drawn.choice((1, 1, 1, 2, 4))):
            changed = [drawn.choice(words) if drawn.random() < drawn.choice((0, 0.02)) else word for word in text]
            found.append({"url": f"d{len(found)}", "body": " ".join(changed), "seen": f"2024-03-{drawn.randrange(1, 30):02}"})
    drawn.shuffle(found)
    return found


def written(rows: list[dict[str, Any]], folder: Path, count: int) -> list[str]:
    paths = []
    for number in range(count):
        path = folder / f"shard{number}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[number::count]), encoding="utf-8")
        paths.append(str(path))
    return paths


def expected(paths: list[str], **settings: Any) -> dict[str, str]:
    """The digests of a scan in one process."""
    flags = [f"--{name}={value}" for name, value in settings.items()]
    scan = [sys.executable, "-m", "refrain", "scan", *paths, "--only=near-duplicates", "--format=jsonl", "--text-field=body", "--id-field=url", "--date-field=seen", "-q", *flags]
    findings = subprocess.run(scan, check=True, stdout=subprocess.PIPE).stdout
    digests = subprocess.run([sys.executable, "-m", "refrain", "stage", "digest", "-"], check=True, input=findings, stdout=subprocess.PIPE).stdout.decode()
    return {line.split()[0]: line.split()[2] for line in digests.splitlines()}


FIELDS = {"text": "body", "id": "url", "date": "seen"}


@pytest.mark.parametrize("parts, settings", [(None, {}), (2, {"threshold": 0.5, "keep": "longest"})])
def test_shards_find_what_one_process_finds(tmp_path: Path, parts: Any, settings: dict[str, Any]) -> None:
    rows = documents(600)
    paths = written(rows, tmp_path, 4)
    found = refrain.shards.near_duplicates(paths, work=tmp_path / "work", output=tmp_path / "out", parts=parts, workers=2, **FIELDS, **settings)
    assert found.digests == expected(paths, **settings)
    assert found.counts["documents"] == len(rows) and found.counts["pairs"] > 100
    members = pq.read_table(found.clusters).to_pylist()
    removed = {member["id"] for member in members if not member["keep"]}
    kept = [json.loads(line)["url"] for path in found.outputs for line in open(path, encoding="utf-8")]
    assert sorted(kept) == sorted({row["url"] for row in rows} - removed)
    # What the package finds in one process.
    one = refrain.near_duplicates(rows, "body", id="url", date="seen", **settings)
    pairs = [(pair["rule"], pair["a"], pair["b"], pair["jaccard"]) for pair in pq.read_table(found.pairs).to_pylist()]
    assert sorted(pairs) == sorted((pair["rule"], pair["a"], pair["b"], pair["jaccard"]) for pair in one.pairs)
    before = os.stat(found.pairs).st_mtime_ns
    refrain.shards.near_duplicates(paths, work=tmp_path / "work", parts=parts, **FIELDS, **settings)
    assert os.stat(found.pairs).st_mtime_ns == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("stage", ["sketch", "candidates", "sets", "verify"])
def test_a_call_goes_on_after_a_process_was_killed(tmp_path: Path, stage: str) -> None:
    paths = written(documents(300), tmp_path, 3)
    work = str(tmp_path / "work")
    killed: list[int] = []
    killer = threading.Thread(target=kill_first, args=(stage, work, killed))
    killer.start()
    with pytest.raises(refrain.shards.StageKilledError, match=f"stage {stage}: ended by signal 9"):
        refrain.shards.near_duplicates(paths, work=work, workers=1, **FIELDS)
    killer.join()
    assert killed
    assert refrain.shards.near_duplicates(paths, work=work, **FIELDS).digests == expected(paths)


def test_wrong_input_is_named(tmp_path: Path) -> None:
    paths = written(documents(30), tmp_path, 2)
    with pytest.raises(refrain.SettingError, match="color: is no setting"):
        refrain.shards.near_duplicates(paths, work=tmp_path / "work", color="red")
    with pytest.raises(refrain.SettingError, match="shards"):
        refrain.shards.near_duplicates([], work=tmp_path / "work")
    with pytest.raises(refrain.InputError, match="threshold"):
        refrain.shards.near_duplicates(paths, work=tmp_path / "work", threshold=7, **FIELDS)
    with pytest.raises(refrain.InputError, match="missing.jsonl"):
        refrain.shards.near_duplicates([str(tmp_path / "missing.jsonl")], work=tmp_path / "work")
    with open(paths[1], "a", encoding="utf-8") as file:
        file.write("not a record\n")
    with pytest.raises(refrain.InputError, match="shard1.jsonl"):
        refrain.shards.near_duplicates(paths, work=tmp_path / "work", strict=True, **FIELDS)
    assert refrain.shards.near_duplicates(paths, work=tmp_path / "work", **FIELDS).counts["skipped"] == 1
