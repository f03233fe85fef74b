"""Tables of other libraries: each is read as an Arrow stream, and filtered as its own library does it."""

from __future__ import annotations

import os
from typing import Any, Callable, Iterator, Optional

from ._columns import Columns, Data, native, text_of_cell
from ._table import Table
from .errors import InputError


class Arrow(Data):
    """A table of pyarrow."""

    def __init__(self, original: Any, columns: Columns, back: Optional[Callable[[Any], Any]] = None) -> None:
        super().__init__(original, columns)
        self.names = columns.of(original.column_names)
        self.back = back or (lambda table: table)

    def stream(self) -> Any:
        import pyarrow as pa

        return pa.table([_as_strings(self.original.column(name)) for name in self.names.values()], names=list(self.names))

    def kept(self, keep: Table, texts: Optional[Table]) -> Any:
        rows = _filtered(self.original, keep.to_arrow().column("keep"))
        if texts is not None:
            name = self.names["text"]
            at = rows.schema.get_field_index(name)
            column = texts.to_arrow().column("text")
            rows = rows.set_column(at, rows.schema.field(at), column.cast(rows.schema.field(at).type))
        return self.back(rows)

    def table(self, table: Table) -> Any:
        return self.back(table.to_arrow())


def _as_strings(column: Any) -> Any:
    """A column of pyarrow as strings: dates in ISO 8601, numbers in digits."""
    import pyarrow as pa

    kind = column.type
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_text = pa.types.is_string(value) or pa.types.is_large_string(value) or _is_view(value) or pa.types.is_null(value)
    if is_text:
        return column
    try:
        return column.cast(pa.string())
    except pa.ArrowException:
        raise InputError(f"holds {kind}, not strings") from None


def _filtered(table: Any, mask: Any) -> Any:
    """The rows of a table of pyarrow where a mask is true. Views of strings are not filtered by every version: they are strings on the way."""
    import pyarrow as pa

    views = [at for at, field in enumerate(table.schema) if _is_view(field.type)]
    if not views:
        return table.filter(mask)
    plain = [field.with_type(pa.large_string()) if at in views else field for at, field in enumerate(table.schema)]
    return table.cast(pa.schema(plain, table.schema.metadata)).filter(mask).cast(table.schema)


def _is_view(kind: Any) -> bool:
    import pyarrow as pa

    return bool(getattr(pa.types, "is_string_view", lambda _: False)(kind))


class ArrowTexts(Data):
    """An array of strings of pyarrow."""

    def stream(self) -> Any:
        import pyarrow as pa

        return pa.table([_as_strings(self.original)], names=["text"])

    def kept(self, keep: Table, texts: Optional[Table]) -> Any:
        if texts is not None:
            return texts.to_arrow().column("text").cast(self.original.type)
        return self.original.filter(keep.to_arrow().column("keep").combine_chunks())

    def table(self, table: Table) -> Any:
        return table.to_arrow()


class Polars(Data):
    """A data frame of polars."""

    def __init__(self, original: Any, columns: Columns, back: Optional[Callable[[Any], Any]] = None) -> None:
        super().__init__(original, columns)
        self.names = columns.of(original.columns)
        self.back = back or (lambda frame: frame)

    def stream(self) -> Any:
        import polars as pl

        def column(role: str, name: str) -> Any:
            kind = self.original.schema[name]
            if kind.is_nested() or kind in (pl.Binary, pl.Object):
                raise InputError(f"column `{name}`: holds {kind}, not strings")
            is_text = kind in (pl.String, pl.Categorical, pl.Enum)
            return (pl.col(name) if is_text else pl.col(name).cast(pl.String)).alias(role)

        return self.original.select([column(role, name) for role, name in self.names.items()])

    def kept(self, keep: Table, texts: Optional[Table]) -> Any:
        rows = self.original.filter(keep.to_polars()["keep"])
        if texts is not None:
            rows = rows.with_columns(texts.to_polars()["text"].alias(self.names["text"]))
        return self.back(rows)

    def table(self, table: Table) -> Any:
        return table.to_polars()


class PolarsTexts(Data):
    """A series of polars."""

    def stream(self) -> Any:
        return self.original.rename("text").to_frame()

    def kept(self, keep: Table, texts: Optional[Table]) -> Any:
        name = self.original.name
        return texts.to_polars()["text"].alias(name) if texts is not None else self.original.filter(keep.to_polars()["keep"])

    def table(self, table: Table) -> Any:
        return table.to_polars()


class Pandas(Data):
    """A data frame of pandas, or a series as its only column."""

    def __init__(self, original: Any, columns: Columns) -> None:
        super().__init__(original, columns)
        self.is_series = not hasattr(original, "columns")
        self.names = {"text": ""} if self.is_series else columns.of(list(original.columns))

    def _column(self, name: str) -> Any:
        return self.original if self.is_series else self.original[name]

    def stream(self) -> Any:
        try:
            import pyarrow as pa
        except ImportError:
            return self._lists()
        columns = []
        for name in self.names.values():
            try:
                column = pa.array(self._column(name), from_pandas=True)
            except pa.ArrowException:
                # Values of several types: the lists say which row it is.
                return self._lists()
            columns.append(_as_strings(column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])))
        return pa.table(columns, names=list(self.names))

    def _lists(self) -> Any:
        def missing(value: Any) -> Any:
            return None if value is None or value != value else value

        cells = {role: self._column(name).tolist() for role, name in self.names.items()}
        return native({role: [missing(value) if role == "text" else text_of_cell(value) for value in values] for role, values in cells.items()})

    def kept(self, keep: Table, texts: Optional[Table]) -> Any:
        rows = self.original[keep.column("keep")]
        if texts is None:
            return rows
        new = texts.column("text")
        return type(rows)(new, index=rows.index, name=rows.name) if self.is_series else rows.assign(**{self.names["text"]: new})

    def table(self, table: Table) -> Any:
        return table.to_pandas()


class Stream(Data):
    """A stream of batches that is read once: it is kept in a temporary file, which pyarrow maps into memory."""

    def __init__(self, original: Any, columns: Columns, folder: Optional[str]) -> None:
        super().__init__(original, columns)
        self.file = _spooled(original, folder)
        self.names = columns.of(self.file.schema.names)
        self.batches = [self.file.get_batch(at) for at in range(self.file.num_record_batches)]

    def stream(self) -> Any:
        import pyarrow as pa

        return Arrow(pa.Table.from_batches(self.batches, self.file.schema), self.columns).stream()

    def kept(self, keep: Table, texts: Optional[Table]) -> Any:
        import pyarrow as pa

        mask, schema = keep.to_arrow().column("keep").combine_chunks(), self.file.schema
        new: Any = None if texts is None else texts.to_arrow().column("text")
        at = schema.get_field_index(self.names["text"])

        def batches() -> Iterator[Any]:
            row = written = 0
            for batch in self.batches:
                rows = batch.filter(mask.slice(row, batch.num_rows))
                row += batch.num_rows
                if new is not None:
                    column = new.slice(written, rows.num_rows).combine_chunks().cast(schema.field(at).type)
                    rows = pa.RecordBatch.from_arrays([column if n == at else rows.column(n) for n in range(rows.num_columns)], schema=schema)
                written += rows.num_rows
                yield rows

        return pa.RecordBatchReader.from_batches(schema, batches())

    def table(self, table: Table) -> Any:
        return table.to_arrow()


def _spooled(stream: Any, folder: Optional[str]) -> Any:
    """The batches of a stream in a file without a name, mapped into memory."""
    import tempfile

    try:
        import pyarrow as pa
    except ImportError:
        raise InputError("a stream of batches is kept in a temporary file with pyarrow, which is not installed") from None
    reader = stream if isinstance(stream, pa.RecordBatchReader) else pa.RecordBatchReader.from_stream(stream)
    handle, path = tempfile.mkstemp(suffix=".arrow", prefix="refrain-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file, pa.ipc.new_file(file, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
        mapped = pa.memory_map(path)
    finally:
        os.unlink(path)
    return pa.ipc.open_file(mapped)


def of_datasets(data: Any, columns: Columns) -> Data:
    """A data set of Hugging Face."""
    plain = data.with_format("arrow")
    table = data.data.table if data._indices is None else plain[:]
    names = columns.of(data.column_names)
    frame = Arrow(table.select(list(dict.fromkeys(names.values()))), columns)

    class Dataset(Data):
        def stream(self) -> Any:
            return frame.stream()

        def kept(self, keep: Table, texts: Optional[Table]) -> Any:
            rows = data.select([row for row, stays in enumerate(keep.column("keep")) if stays])
            if texts is None:
                return rows
            name, new = names["text"], texts.column("text")

            def put(batch: object, at: list[int]) -> dict[str, Any]:
                return {name: [new[row] for row in at]}

            return rows.map(put, batched=True, with_indices=True, features=data.features)

        def table(self, table: Table) -> Any:
            import datasets

            return datasets.Dataset(table.to_arrow())

    return Dataset(data, columns)


def of_duckdb(data: Any, columns: Columns) -> Data:
    """A relation of DuckDB, which is computed once."""
    import duckdb

    table = data.to_arrow_table() if hasattr(data, "to_arrow_table") else data.arrow()
    return Arrow(table, columns, back=lambda rows: duckdb.from_arrow(rows))
