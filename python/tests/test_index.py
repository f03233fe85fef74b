"""The index of documents seen before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import refrain


def test_documents_are_added_found_replaced_and_removed(tmp_path: Path, records: Any) -> None:
    records = [record for record in records if record["body"]]
    path = tmp_path / "seen.db"
    with refrain.Index(path) as seen:
        assert len(seen) == 0 and not path.exists()
        assert seen.add(records[:1], "body", id="id", date="date", outlet="outlet") == {"new": 1, "replaced": 0, "unchanged": 0}
        found = seen.query(records, "body", id="id", date="date", outlet="outlet").to_dicts()
        assert [(match["id"], match["row"], match["seen"], match["rule"], match["outlet"]) for match in found] == [("m1", 1, "m0", "identical", "Marsa")]
        assert seen.add(records, "body", id="id", date="date", outlet="outlet") == {"new": 4, "replaced": 0, "unchanged": 1}
        changed = [{**records[0], "body": "Another text of the same name, with words of its own."}]
        assert seen.add(changed, "body", id="id", date="date", outlet="outlet") == {"new": 0, "replaced": 1, "unchanged": 0}
        assert seen.remove(["m0", "none"]) == {"removed": 1, "missing": ["none"]}
        assert seen.stats()["documents"] == len(seen) == seen.verify() == 4
        seen.compact()
        assert [row["id"] for row in seen.export()] == ["m1", "m2", "m3", "m5"]
    assert [row["text"] for row in refrain.Index(path).export()] == [record["body"] for record in records[1:]]


def test_rows_without_ids_are_known_by_their_content(tmp_path: Path) -> None:
    seen = refrain.Index(tmp_path / "seen.db", min_words=4)
    assert seen.add(["Boats return to the harbour at dawn."])["new"] == 1
    assert seen.add(["Rain is expected in the northern valleys.", "Boats return to the harbour at dawn."])["new"] >= 1
    assert len(seen.query(["boats return to the harbour at dawn"])) >= 1


def test_many_read_while_one_writes(tmp_path: Path, records: Any) -> None:
    path = tmp_path / "seen.db"
    records = [record for record in records if record["body"]]
    writer, readers = refrain.Index(path), [refrain.Index(path) for _ in range(3)]
    for record in records:
        writer.add([record], "body", id="id")
        assert len({len(reader) for reader in readers}) == 1
    assert {len(reader) for reader in readers} == {len(records)}


def test_a_forked_process_opens_the_index_again(tmp_path: Path, records: Any) -> None:
    seen = refrain.Index(tmp_path / "seen.db")
    seen.add(records[:1], "body", id="id")
    child = os.fork()
    if child == 0:
        os._exit(0 if len(seen) == 1 and seen.add(records[2:3], "body", id="id")["new"] == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(seen) == 2 and seen.verify() == 2


def test_wrong_files_and_settings_are_refused(tmp_path: Path, records: Any) -> None:
    noise = tmp_path / "noise.db"
    noise.write_bytes(b"no index at all, but some bytes" * 100)
    with pytest.raises(refrain.IndexFileError) as raised:
        len(refrain.Index(noise))
    assert raised.value.code == "index"
    with pytest.raises(refrain.IndexFileError, match="no such index"):
        refrain.Index(tmp_path / "none.db").query(["a"])
    path = tmp_path / "seen.db"
    refrain.Index(path).add(records[:1], "body", id="id")
    with pytest.raises(refrain.IndexFileError, match="threshold"):
        refrain.Index(path, threshold=0.5).query(["a b c"])
