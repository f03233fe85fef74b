"""Findings: the same as those of the command, as tables and as objects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import refrain

COMMAND = [sys.executable, "-m", "refrain"]
SAUDI = Path(__file__).resolve().parents[3] / "shared/data/saudinewsnet.jsonl.zst"


def scanned(*arguments: str) -> bytes:
    return subprocess.run([*COMMAND, "scan", "--quiet", "--format", "jsonl", *arguments], check=True, stdout=subprocess.PIPE).stdout


def test_tables_and_files_have_the_same_findings(tmp_path: Path, records: Any) -> None:
    file = tmp_path / "news.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records if record["body"]))
    expected = scanned("--text-field", "body", str(file))
    assert refrain.scan(file, "body").to_jsonl() == expected
    table = [record for record in records if record["body"]]
    assert refrain.scan(table, "body", id="id", date="date", outlet="outlet").to_jsonl() == expected


@pytest.mark.skipif(not SAUDI.exists(), reason="the data sets are not there")
@pytest.mark.parametrize("flags, keywords", [(["--only", "near-duplicates"], {}), (["--only", "near-duplicates", "--threshold", "0.5"], {"threshold": 0.5}), ([], None)])
def test_real_news_has_the_same_findings_in_every_kind(tmp_path: Path, flags: list[str], keywords: Any) -> None:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = tmp_path / "news.jsonl"
    subprocess.run(["zstd", "-dqf", str(SAUDI), "-o", str(file)], check=True)
    expected = scanned(*flags, str(file))
    rows = [json.loads(line) for line in file.open(encoding="utf-8")]
    table = pa.table({name: [row.get(name) for row in rows] for name in ("id", "text", "date", "outlet")})
    pq.write_table(table, tmp_path / "news.parquet")
    scan: Any = refrain.scan if keywords is None else refrain.near_duplicates
    roles = {"id": "id", "date": "date", "outlet": "outlet"}
    texts = {name: table.column(name).to_pylist() for name in roles}
    settings = keywords or {}
    assert scan(file, **settings).to_jsonl() == expected
    assert scan(tmp_path / "news.parquet", **settings).to_jsonl() == expected
    assert scan(table, **roles, **settings).to_jsonl() == expected
    assert scan(pl.from_arrow(table), **roles, **settings).to_jsonl() == expected
    assert scan(table.column("text").to_pylist(), **texts, **settings).to_jsonl() == expected


def test_findings_are_objects_too(records: Any) -> None:
    found = refrain.scan(records, "body", id="id")
    kinds = [type(finding) for finding in found]
    assert kinds.count(refrain.Pair) == 2 and kinds.count(refrain.Repetition) == 1 and kinds.count(refrain.Cluster) == 2
    pair = next(finding for finding in found if isinstance(finding, refrain.Pair))
    assert (pair.a, pair.b, pair.rule) == ("m0", "m1", "identical")
    assert pair.passages is not None and pair.passages[0].segments[0].kind in ("exact", "respelled")
    assert found.summary["skipped"] == 1
    assert found.problems.to_dicts() == [{"source": "table", "row": 4, "reason": "no text: null"}]


def test_every_type_of_finding_is_an_object() -> None:
    shared = " ".join(f"shared{at}" for at in range(40))
    notice = "Follow the paper for more stories about the harbour and its boats."
    texts = [f"{shared} {' '.join(f'own{row}x{at}' for at in range(30))}\n{notice}" for row in range(30)]
    dates = [f"2024-01-{day:02}" for day in range(1, 31)]
    found = refrain.scan(texts, date=dates, outlet=["A"] * 30, cap=5, boilerplate=10)
    kinds = {type(finding) for finding in found}
    assert {refrain.CommonRun, refrain.Boilerplate} <= kinds
    run = next(finding for finding in found if isinstance(finding, refrain.CommonRun))
    assert run.documents == 30 and len(run.places) == 30 and run.outlets == 1
    few = refrain.scan(texts[:2], date=dates[:2])
    derived = next(finding for finding in few if isinstance(finding, refrain.Derivation))
    assert derived.sources[0].doc == "0" and derived.label == "partly"


def test_pairs_have_rows_and_exact_numbers(records: Any) -> None:
    pairs = refrain.near_duplicates(records, "body").pairs.to_dicts()
    assert [(pair["a_row"], pair["b_row"], pair["rule"]) for pair in pairs] == [(0, 1, "identical"), (2, 3, "near-duplicate")]
    assert pairs[1]["jaccard"] == pytest.approx(refrain.jaccard(records[2]["body"], records[3]["body"]), abs=1e-6)


def test_tables_are_sequences_and_convert(records: Any) -> None:
    pairs = refrain.near_duplicates(records, "body").pairs
    assert isinstance(pairs, refrain.Table) and len(pairs) == 2 and pairs[-1] == pairs[1] and pairs[:1] == [pairs[0]]
    assert pairs.to_polars().height == pairs.to_arrow().num_rows == len(pairs.to_pandas()) == 2
    with pytest.raises(IndexError):
        pairs[2]
    assert "near-duplicate" in repr(pairs) and "<table>" in pairs._repr_html_()


def test_offsets_slice_the_text_that_was_given() -> None:
    shared = " ".join(f"كلمة{at} word{at}" for at in range(20))
    a, b = f"قبل {shared} بعد", f"before 😀 {shared} after"
    passage = refrain.scan([a, b]).passages[0]
    assert a[passage["a_start"] : passage["a_end"]] == b[passage["b_start"] : passage["b_end"]] == shared


def test_a_comparison_is_a_page_a_text_and_numbers() -> None:
    a = " ".join(f"w{at}" for at in range(40))
    compared = refrain.compare(a, a.replace("w20", "other"), names=("old", "new"), min_words=4)
    assert compared.passages[0]["words"] == 39 and 0.7 < compared.jaccard < 1
    assert "<html" in compared.to_html() and compared._repr_html_().startswith("<iframe srcdoc=") and "old" in str(compared)


def test_a_sketch_has_a_row_for_each_band(records: Any) -> None:
    table = refrain.sketch([record["body"] for record in records])
    keys = {(row["row"], row["band"]): row["key"] for row in table}
    assert len(keys) == 5 * 23
    assert all(keys[0, band] == keys[1, band] for band in range(23))
    assert {row for row, _ in keys} == {0, 1, 2, 3, 5}


def test_a_reference_is_compared_with_each_document(records: Any) -> None:
    found = refrain.against(records, [records[0]["body"]], "body", id="id")
    assert [(match["id"], match["item_row"], match["rule"]) for match in found] == [("m0", 0, "identical"), ("m1", 0, "identical")]
    kept = refrain.clean(records, "body", id="id", against=[records[0]["body"]])
    assert [record["id"] for record in kept.data] == ["m2", "m3", "m4", "m5"]


def test_scores_are_those_of_the_command(tmp_path: Path, records: Any) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("m0\tm1\nm2\tm3\nm0\tm5\n")
    scores = refrain.evaluate(refrain.near_duplicates(records, "body", id="id"), labels, kind="pairs")
    assert json.dumps(scores).count("0.666667") >= 1, scores


def test_reports_are_written_whole(tmp_path: Path, records: Any) -> None:
    page = tmp_path / "report.html"
    refrain.dedup(records, "body", id="id", date="date", outlet="outlet").report(page, lang="ar")
    content = page.read_text(encoding="utf-8")
    assert 'lang="ar"' in content and 'dir="rtl"' in content and os.listdir(tmp_path) == ["report.html"]
    with pytest.raises(refrain.SettingError, match="lang"):
        refrain.report(records, page, "body", lang="fr")


def test_files_are_cleaned_as_the_command_cleans_them(tmp_path: Path, records: Any) -> None:
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records if record["body"]))
    totals = refrain.clean(file, "body", output=out)
    other = tmp_path / "other.jsonl"
    subprocess.run([*COMMAND, "clean", "--quiet", "--text-field", "body", str(file), "--output", str(other)], check=True, stdout=subprocess.DEVNULL)
    assert out.read_bytes() == other.read_bytes() and Path(totals["manifest"]).exists()
    kept = refrain.clean([record for record in records if record["body"]], "body", id="id", date="date", outlet="outlet").data
    assert [json.loads(line) for line in out.open()] == kept


def test_filters_say_what_they_measured() -> None:
    looping = "buy now " * 60
    kept = refrain.clean([looping, "Rain is expected over the northern valleys from Thursday on."], remove=[], filter="gopher")
    assert len(kept.data) == 1 and kept.removed[0]["rule"] == "gopher" and kept.explain(0).startswith("0 was removed: its ")
    with pytest.raises(refrain.SettingError, match="unknown field"):
        refrain.clean(["a"], filter={"nonsense": 1.0})


def test_html_in_texts_is_read_as_what_it_shows() -> None:
    texts = ["<p>Boats return to the harbour at dawn</p><p>today</p>", "Boats return to the harbour at dawn today"]
    assert len(refrain.near_duplicates(texts).pairs) == 1
    assert len(refrain.near_duplicates(texts, html="no").pairs) == 0
    doubled = "Bow &amp; Aft returned to the harbour of Marsa at dawn on Monday.\n"
    assert refrain.clean([doubled + doubled.strip()]).data == [doubled.strip()]
