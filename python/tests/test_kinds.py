"""Any table in, the same kind out, with the same rows."""

from __future__ import annotations

from typing import Any, Callable

import pytest

import refrain

Records = "list[dict[str, Any]]"
KEPT = ["m0", "m2", "m4", "m5"]


def columns(records: Any) -> dict[str, list[Any]]:
    return {name: [record[name] for record in records] for name in records[0]}


def arrow(records: Any) -> Any:
    import pyarrow as pa

    return pa.table(columns(records))


def chunked(records: Any) -> Any:
    import pyarrow as pa

    table = arrow(records)
    return pa.concat_tables([table.slice(0, 1), table.slice(1, 3), table.slice(4)])


def large(records: Any) -> Any:
    import pyarrow as pa

    table = arrow(records)
    return table.set_column(1, "body", table.column("body").cast(pa.large_string()))


def view(records: Any) -> Any:
    import pyarrow as pa

    table = arrow(records)
    return table.set_column(1, "body", table.column("body").cast(pa.string_view()))


def dictionary(records: Any) -> Any:
    table = arrow(records)
    return table.set_column(1, "body", table.column("body").dictionary_encode())


def polars(records: Any) -> Any:
    import polars as pl

    return pl.DataFrame(columns(records))


def lazy(records: Any) -> Any:
    return polars(records).lazy()


def pandas(records: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(columns(records), index=[10, 20, 30, 40, 50, 60])


def duckdb(records: Any) -> Any:
    import duckdb

    return duckdb.from_arrow(arrow(records))


def datasets(records: Any) -> Any:
    import datasets

    return datasets.Dataset.from_list(records)


def selected(records: Any) -> Any:
    """A data set with a list of indices."""
    import datasets

    return datasets.Dataset.from_list([records[5], *records[:5]]).select([1, 2, 3, 4, 5, 0])


def ids(data: Any) -> list[Any]:
    """The ids of what is kept, whatever its kind."""
    if isinstance(data, list):
        return [row["id"] for row in data]
    if type(data).__name__ == "LazyFrame":
        data = data.collect()
    if type(data).__name__ == "DuckDBPyRelation":
        return [row[0] for row in data.project("id").fetchall()]
    column = data.column("id") if hasattr(data, "column") else data["id"]
    return list(column.to_pylist() if hasattr(column, "to_pylist") else column)


KINDS: list[Callable[[Any], Any]] = [list, arrow, chunked, large, view, dictionary, polars, lazy, pandas, duckdb, datasets, selected]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_dedup_returns_the_kind_that_it_was_given(kind: Callable[[Any], Any], records: Any) -> None:
    data = kind(records)
    kept = refrain.dedup(data, text="body", id="id", date="date", outlet="outlet")
    assert type(kept.data) is type(data)
    assert ids(kept.data) == KEPT
    assert kept.keep == [True, False, True, False, True, True]
    assert kept.explain("m1") == "m1 was removed: it has the same words as m0."
    assert kept.explain("m3").startswith("m3 was removed: it is a near-duplicate of m2 (Jaccard 0.9")
    assert kept.explain("m2") == "m2 was kept; in favour of it was removed m3."


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_clean_changes_the_texts(kind: Callable[[Any], Any], records: Any) -> None:
    kept = refrain.clean(kind(records), text="body", id="id", date="date", outlet="outlet")
    assert ids(kept.data) == KEPT
    data = kept.data.collect() if type(kept.data).__name__ == "LazyFrame" else kept.data
    if type(data).__name__ == "DuckDBPyRelation":
        texts = [row[0] for row in data.project("body").fetchall()]
    elif isinstance(data, list):
        texts = [row["body"] for row in data]
    else:
        column = data.column("body") if hasattr(data, "column") else data["body"]
        texts = list(column.to_pylist() if hasattr(column, "to_pylist") else column)
    lines = str(records[5]["body"]).split("\n")
    assert texts[0] == records[0]["body"] and texts[1] == records[2]["body"]
    assert texts[2] is None or texts[2] != texts[2]
    assert texts[3] == "\n".join(lines[:2])


@pytest.mark.parametrize("kind", [arrow, polars, pandas, datasets], ids=lambda kind: kind.__name__)
def test_tables_of_findings_are_of_the_same_library(kind: Callable[[Any], Any], records: Any) -> None:
    data = kind(records)
    found = refrain.scan(data, "body", id="id", date="date", outlet="outlet")
    for table in (found.pairs, found.clusters, found.passages, found.repetitions, found.derivations, found.common_runs, found.boilerplate, found.problems):
        assert type(table).__module__.split(".")[0] == type(data).__module__.split(".")[0]
    assert len(found.pairs) == 2 and len(found.repetitions) == 1


def test_series_are_texts(records: Any) -> None:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    texts = [record["body"] for record in records]
    # Without dates the longest of a group is kept.
    expected = [text for text, stays in zip(texts, [True, False, False, True, True, True]) if stays]
    assert refrain.dedup(texts).data == expected
    assert refrain.dedup(pl.Series("t", texts)).data.to_list() == expected
    assert refrain.dedup(pa.chunked_array([texts])).data.to_pylist() == expected
    assert refrain.dedup(pa.array(texts)).data.to_pylist() == expected
    series = refrain.dedup(pd.Series(texts, index=list("abcdef"))).data
    assert list(series.index) == ["a", "d", "e", "f"]


def test_columns_of_numbers_and_dates_are_read(records: Any) -> None:
    import datetime

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    numbers = [3, 4, 5, 6, 7, 8]
    dates = [datetime.datetime(2024, 1, day) for day in (6, 5, 4, 3, 2, 1)]
    texts = [record["body"] for record in records]
    for data in (
        pa.table({"n": numbers, "when": dates, "text": texts}),
        pl.DataFrame({"n": numbers, "when": dates, "text": texts}),
        pd.DataFrame({"n": numbers, "when": dates, "text": texts}),
        [dict(zip(("n", "when", "text"), row)) for row in zip(numbers, dates, texts)],
    ):
        kept = refrain.dedup(data, id="n", date="when")
        # The later rows have the earlier dates.
        assert kept.keep == [False, True, False, True, True, True]
        assert kept.explain(3) == "3 was removed: it has the same words as 4."


def test_an_iterator_of_dicts_is_read_once(records: Any) -> None:
    kept = refrain.dedup((record for record in records), text="body", date="date")
    assert [record["id"] for record in kept.data] == KEPT


def test_empty_data_have_no_findings() -> None:
    import pyarrow as pa

    assert refrain.dedup([]).data == []
    assert len(refrain.scan(pa.table({"text": pa.array([], pa.string())})).pairs) == 0


def test_texts_of_arrow_are_not_copied() -> None:
    import pyarrow as pa

    texts = [" ".join(f"w{row}x{at}" for at in range(300)) for row in range(3000)]
    table = pa.table({"text": texts})
    before = pa.total_allocated_bytes()
    refrain.near_duplicates(table)
    assert pa.total_allocated_bytes() - before < 100_000
