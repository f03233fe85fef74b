"""The kinds of data that functions take: each is read as an Arrow stream, and filtered as its own library does it.

A library is used if the data are its, and imported for nothing else.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, Mapping, Optional, Sequence, Union

from . import _refrain
from ._table import Table
from .errors import InputError, SettingError

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

    from ._refrain import NativeTable

#: Columns that are the text of a table if none is named, in this order.
_USUAL_TEXTS = ("text", "content", "body", "raw_content", "maintext", "article", "document")
#: The name of a column, or the values themselves.
Role: TypeAlias = "Union[None, str, Sequence[Any]]"


class Columns:
    """Which columns of the data have which role. Of a list of texts, a role is a list of as many strings."""

    def __init__(self, text: Optional[str], id: Role, date: Role, outlet: Role, field: Optional[str] = None) -> None:
        self.roles: dict[str, Role] = {"text": text, "id": id, "date": date, "outlet": outlet}
        self.field = field

    def named(self) -> dict[str, Optional[str]]:
        """The names of the columns."""
        return {role: name for role, name in self.roles.items() if name is None or isinstance(name, str)}

    def of(self, names: Sequence[str]) -> dict[str, str]:
        """The column of each role, among those of these names; `field` keeps its own name.

        Raises:
            InputError: a column that was named is not there, or none is the text.
        """
        chosen: dict[str, str] = {}
        doubled = next((name for at, name in enumerate(names) if name in names[:at]), None)
        if doubled is not None:
            raise InputError(f"several columns are named `{doubled}`; rename them")
        for role, name in self.roles.items():
            if name is None:
                continue
            if not isinstance(name, str):
                raise SettingError(f"{role}: names a column; a list of values goes with a list of texts alone")
            if name not in names:
                raise InputError(f"no column `{name}` for `{role}`; columns: {', '.join(map(str, names))}")
            chosen[role] = name
        if "text" not in chosen:
            usual = next((name for name in _USUAL_TEXTS if name in names), None)
            if usual is None:
                raise InputError(f"no column of texts; name it with `text=`; columns: {', '.join(map(str, names))}")
            chosen["text"] = usual
        if self.field is not None:
            if self.field not in names:
                raise InputError(f"no column `{self.field}` for `keep`; columns: {', '.join(map(str, names))}")
            chosen[self.field] = self.field
        return chosen


class Data:
    """Some data, with what depends on their kind."""

    def __init__(self, original: Any, columns: Columns) -> None:
        self.original = original
        self.columns = columns

    def stream(self) -> Any:
        """An object with the method `__arrow_c_stream__`: the columns that are read, named by their roles."""
        raise NotImplementedError

    def kept(self, keep: Table, texts: Optional[Table]) -> Any:
        """The rows to keep, as data of the same kind; `texts` are theirs if some change."""
        raise NotImplementedError

    def table(self, table: Table) -> Any:
        """A table of findings, as the kind of table that the data are."""
        return table


def _native(columns: Mapping[str, list[Any]]) -> NativeTable:
    return _refrain.table_of(list(columns.items()))


def _text_of_cell(value: Any) -> Any:
    """Ids, dates and numbers as strings; what is missing as None."""
    if value is None or isinstance(value, str) or value != value:
        return value if isinstance(value, str) else None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class Texts(Data):
    """A list of strings."""

    def stream(self) -> Any:
        columns: dict[str, list[Any]] = {"text": self.original}
        for role, values in self.columns.roles.items():
            if role == "text" or values is None:
                continue
            if isinstance(values, str):
                raise SettingError(f"{role}: texts have no columns; give a list of {len(self.original)} values")
            if len(values) != len(self.original):
                raise SettingError(f"{role}: has {len(values)} values for {len(self.original)} texts")
            columns[role] = [_text_of_cell(value) for value in values]
        return _native(columns)

    def kept(self, keep: Table, texts: Optional[Table]) -> list[str]:
        if texts is not None:
            return texts.column("text")
        return [text for text, stays in zip(self.original, keep.column("keep")) if stays]


class Dicts(Data):
    """A list of dicts, or an iterator of them."""

    def __init__(self, original: Any, columns: Columns) -> None:
        super().__init__(original if isinstance(original, list) else list(original), columns)
        names: dict[str, None] = {}
        for row, record in enumerate(self.original):
            if not isinstance(record, Mapping):
                raise InputError(f"row {row}: is {type(record).__name__}, not a dict")
            names.update(dict.fromkeys(record))
        self.names = columns.of(list(names) or ["text"])

    def stream(self) -> Any:
        def cells(role: str, name: str) -> list[Any]:
            values = (record.get(name) for record in self.original)
            return list(values) if role == "text" else [_text_of_cell(value) for value in values]

        return _native({role: cells(role, name) for role, name in self.names.items()})

    def kept(self, keep: Table, texts: Optional[Table]) -> list[Mapping[str, Any]]:
        rows = [record for record, stays in zip(self.original, keep.column("keep")) if stays]
        if texts is None:
            return rows
        return [{**record, self.names["text"]: text} for record, text in zip(rows, texts.column("text"))]


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
        return _native({role: [missing(value) if role == "text" else _text_of_cell(value) for value in values] for role, values in cells.items()})

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


class Paths(Data):
    """Files and folders, as the command reads them."""

    def __init__(self, original: Any, columns: Columns) -> None:
        paths = [original] if isinstance(original, (str, os.PathLike)) else list(original)
        super().__init__([os.fspath(path) for path in paths], columns)


def _is_of(data: Any, module: str, *names: str) -> bool:
    """Whether data are of a class of a library, which is not imported for that."""
    if module not in sys.modules:
        return False
    return any(kind.__module__.split(".")[0] == module and kind.__name__ in names for kind in type(data).__mro__)


def _datasets(data: Any, columns: Columns) -> Data:
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


def _duckdb(data: Any, columns: Columns) -> Data:
    """A relation of DuckDB, which is computed once."""
    import duckdb

    table = data.to_arrow_table() if hasattr(data, "to_arrow_table") else data.arrow()
    return Arrow(table, columns, back=lambda rows: duckdb.from_arrow(rows))


def data_of(data: Any, columns: Columns, folder: Optional[str] = None) -> Data:
    """The data as what they are.

    Raises:
        InputError: no kind that is known; a column that is not there.
    """
    if isinstance(data, (str, os.PathLike)):
        return Paths(data, columns)
    if isinstance(data, (list, tuple)):
        return _list(list(data) if isinstance(data, tuple) else data, columns)
    if _is_of(data, "polars", "DataFrame"):
        return Polars(data, columns)
    if _is_of(data, "polars", "LazyFrame"):
        return Polars(data.collect(), columns, back=lambda frame: frame.lazy())
    if _is_of(data, "polars", "Series"):
        return PolarsTexts(data, columns)
    if _is_of(data, "pyarrow", "Table"):
        return Arrow(data, columns)
    if _is_of(data, "pyarrow", "RecordBatch"):
        import pyarrow as pa

        return Arrow(pa.Table.from_batches([data]), columns)
    if _is_of(data, "pyarrow", "ChunkedArray", "Array"):
        return ArrowTexts(data, columns)
    if _is_of(data, "datasets", "Dataset"):
        return _datasets(data, columns)
    if _is_of(data, "pandas", "DataFrame", "Series"):
        return Pandas(data, columns)
    if _is_of(data, "duckdb", "DuckDBPyRelation") or _is_of(data, "_duckdb", "DuckDBPyRelation"):
        return _duckdb(data, columns)
    if hasattr(data, "__arrow_c_stream__"):
        return Stream(data, columns, folder)
    if isinstance(data, Mapping):
        raise InputError(f"cannot read {type(data).__name__}; give one of its tables, or a list of dicts, one for each row")
    if isinstance(data, Iterable) and not isinstance(data, (bytes, bytearray, memoryview)):
        return _list(list(data), columns)
    raise InputError(f"cannot read {type(data).__name__}; give a table, a list of strings or dicts, or paths")


def _list(data: list[Any], columns: Columns) -> Data:
    first = data[0] if data else ""
    if isinstance(first, os.PathLike):
        return Paths(data, columns)
    return Dicts(data, columns) if isinstance(first, Mapping) else Texts(data, columns)


def no_paths(data: Data, function: str) -> Data:
    """Refuses paths, where a function takes tables alone."""
    if isinstance(data, Paths):
        raise SettingError(f"{function}: takes a table or a list, not paths")
    return data
