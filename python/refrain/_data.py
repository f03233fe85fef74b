"""The kinds of data that functions take. A library is used if the data are its, and imported for nothing else."""

from __future__ import annotations

import os
import sys
from typing import Any, Iterable, Mapping, Optional

from ._columns import Columns, Data, native, text_of_cell
from ._frames import Arrow, ArrowTexts, Pandas, Polars, PolarsTexts, Stream, of_datasets, of_duckdb
from ._table import Table
from .errors import InputError, SettingError


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
            columns[role] = [text_of_cell(value) for value in values]
        return native(columns)

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
            return list(values) if role == "text" else [text_of_cell(value) for value in values]

        return native({role: cells(role, name) for role, name in self.names.items()})

    def kept(self, keep: Table, texts: Optional[Table]) -> list[Mapping[str, Any]]:
        rows = [record for record, stays in zip(self.original, keep.column("keep")) if stays]
        if texts is None:
            return rows
        return [{**record, self.names["text"]: text} for record, text in zip(rows, texts.column("text"))]


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
        return of_datasets(data, columns)
    if _is_of(data, "pandas", "DataFrame", "Series"):
        return Pandas(data, columns)
    if _is_of(data, "duckdb", "DuckDBPyRelation") or _is_of(data, "_duckdb", "DuckDBPyRelation"):
        return of_duckdb(data, columns)
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
