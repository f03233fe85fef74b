"""Near-duplicates of data frames: the same as in one process."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import refrain
import refrain.shards
import refrain.spark


def documents(count: int = 1500) -> list[dict[str, Any]]:
    """Documents of which some are identical, some near-duplicates, one empty and one null; with dates."""
    drawn = random.Random(3)
    words = [f"word{at}" for at in range(5000)]
    found: list[dict[str, Any]] = []
    while len(found) < count:
        text = drawn.choices(words, k=drawn.randrange(20, 120))
        found.append({"id": f"d{len(found)}", "text": " ".join(text), "date": f"2024-01-{drawn.randrange(1, 28):02}"})
        for _ in range(drawn.choice((0, 0, 0, 1, 2, 6))):
            copy = [drawn.choice(words) if drawn.random() < drawn.choice((0, 0.01, 0.05)) else word for word in text]
            found.append({"id": f"d{len(found)}", "text": " ".join(copy).upper(), "date": None if drawn.random() < 0.2 else "2024-02-01"})
    found += [{"id": "empty", "text": "...", "date": None}, {"id": "null", "text": None, "date": None}]
    drawn.shuffle(found)
    return found


def expected(rows: list[dict[str, Any]], **settings: Any) -> tuple[list[Any], list[Any]]:
    """Pairs and clusters of one process."""
    found = refrain.near_duplicates(rows, "text", id="id", date="date", **settings)
    pairs = sorted((pair["rule"], pair["a"], pair["b"], pair["jaccard"], pair["a_in_b"], pair["b_in_a"]) for pair in found.pairs)
    members = found.clusters.to_dicts()
    least: dict[int, str] = {}
    for member in members:
        least[member["cluster"]] = min(least.get(member["cluster"], member["id"]), member["id"])
    return pairs, sorted((least[member["cluster"]], member["id"], member["keep"], member["min_jaccard"]) for member in members)


def outcome(found: refrain.spark.NearDuplicates) -> tuple[list[Any], list[Any]]:
    pairs = sorted((row.rule, row.a, row.b, row.jaccard, row.a_in_b, row.b_in_a) for row in found.pairs.collect())
    return pairs, sorted((row.cluster, row.id, row.keep, row.min_jaccard) for row in found.clusters.collect())


def written(rows: list[dict[str, Any]], path: Path, files: int) -> str:
    """The rows as so many files of Parquet."""
    os.makedirs(path)
    for number in range(files):
        pq.write_table(pa.Table.from_pylist(rows[number::files], schema=pa.schema({name: pa.string() for name in ("id", "text", "date")})), path / f"{number}.parquet")
    return str(path)


@pytest.mark.parametrize("files, settings", [(1, {}), (8, {"threshold": 0.5}), (3, {"keep": "longest", "shingle": 3})])
def test_sail_finds_the_same(sail: Any, tmp_path: Path, files: int, settings: dict[str, Any]) -> None:
    rows = documents()
    frame = sail.read.parquet(written(rows, tmp_path / "in", files))
    found = refrain.spark.near_duplicates(frame, id="id", date="date", work=str(tmp_path / "work"), **settings)
    assert outcome(found) == expected(rows, **settings)
    assert (found.counts["documents"], found.counts["empty"], found.counts["skipped"]) == (len(rows) - 1, 1, 1)
    kept = {row.id for row in found.kept(frame, "id").collect()}
    assert kept == {row["id"] for row in rows} - {id for _, id, keep, _ in expected(rows, **settings)[1] if not keep}
    # The command, over the same files as shards.
    shards = refrain.shards.near_duplicates(sorted((tmp_path / "in").iterdir()), work=tmp_path / "shards", id="id", date="date", **settings)
    assert found.digests() == shards.digests
    again = refrain.spark.near_duplicates(frame, id="id", date="date", work=str(tmp_path / "work"), resume=True, **settings)
    assert outcome(again) == outcome(found)
    # Stages of other settings are made anew.
    other = refrain.spark.near_duplicates(frame, id="id", date="date", work=str(tmp_path / "work"), resume=True, threshold=0.9)
    assert outcome(other) == expected(rows, threshold=0.9)


def test_identical_documents_and_hot_buckets_take_linear_time(sail: Any, tmp_path: Path) -> None:
    base = [f"w{at}" for at in range(120)]
    rows = [{"id": f"same{at}", "text": "one text that comes very often and is always the same", "date": None} for at in range(20_000)]
    rows += [{"id": f"hot{at}", "text": " ".join([*base, f"own{at}"]), "date": None} for at in range(3000)]
    frame = sail.read.parquet(written(rows, tmp_path / "in", 4))
    found = refrain.spark.near_duplicates(frame, id="id", work=str(tmp_path / "work"))
    assert found.counts["classes"] == 3001 and found.counts["candidates"] < 8 * 3000 and found.counts["uncompared"] > 0
    members: dict[str, int] = {}
    for row in found.clusters.collect():
        members[row.cluster] = members.get(row.cluster, 0) + 1
    assert sorted(members.values()) == [3000, 20_000]


def test_ids_of_several_rows_are_refused(sail: Any, tmp_path: Path) -> None:
    frame = sail.createDataFrame([("a", "one two three"), ("a", "four five six")], "id string, text string")
    with pytest.raises(refrain.InputError, match="several rows have the id `a`"):
        refrain.spark.near_duplicates(frame, work=str(tmp_path))
    with pytest.raises(refrain.SettingError, match="threshold"):
        refrain.spark.near_duplicates(frame, work=str(tmp_path), threshold=7)


def test_spark_finds_the_same(tmp_path: Path) -> None:
    """In a process of its own: one that speaks to Sail cannot start Spark. A cluster of two workers with one core each."""
    import subprocess
    import sys

    rows = documents(600)
    folder = written(rows, tmp_path / "in", 3)
    script = [sys.executable, "-m", "refrain.spark", "--input", folder, "--output", str(tmp_path / "out"), "--master", "local-cluster[2,1,1024]", "--date", "date", "--threshold", "0.5"]
    import pyspark

    # Workers are started by the scripts of the package.
    home = {"SPARK_HOME": os.path.dirname(pyspark.__file__), "SPARK_SCALA_VERSION": "2.13", "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    ran = subprocess.run(script, env={**os.environ, **home, "SPARK_WORKER_DIR": str(tmp_path)}, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 0, ran.stderr[-3000:]
    pairs = pq.read_table(tmp_path / "out/pairs").to_pylist()
    clusters = pq.read_table(tmp_path / "out/clusters").to_pylist()
    found = (
        sorted(tuple(pair[name] for name in ("rule", "a", "b", "jaccard", "a_in_b", "b_in_a")) for pair in pairs),
        sorted(tuple(member[name] for name in ("cluster", "id", "keep", "min_jaccard")) for member in clusters),
    )
    assert found == expected(rows, threshold=0.5)
