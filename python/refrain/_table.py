"""Tables of findings, and their conversion to the tables of other libraries."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Iterator, overload

if TYPE_CHECKING:
    from ._refrain import NativeTable

_SHOWN = 20
_CHUNK = 4096


class Table:
    """A table of findings: a sequence of dicts, one for each row, and an Arrow stream for every library that takes one.

    >>> import refrain
    >>> found = refrain.near_duplicates(["a b c d e f", "A B C, d e f!", "g h i j k l"])
    >>> len(found.pairs), found.pairs[0]["jaccard"]
    (1, 1.0)
    """

    __slots__ = ("_native",)

    def __init__(self, native: NativeTable) -> None:
        self._native = native

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self._native.column_names()

    def __len__(self) -> int:
        return len(self._native)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self), _CHUNK):
            yield from self._dicts(start, start + _CHUNK)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, at: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(at, slice):
            return [self._dicts(row, row + 1)[0] for row in range(*at.indices(len(self)))]
        row = at + len(self) if at < 0 else at
        if not 0 <= row < len(self):
            raise IndexError(f"row {at} of a table of {len(self)}")
        return self._dicts(row, row + 1)[0]

    def _dicts(self, start: int, stop: int) -> list[dict[str, Any]]:
        names = self.columns
        return [dict(zip(names, row)) for row in self._native.rows(start, stop)]

    def column(self, name: str) -> list[Any]:
        """The values of one column."""
        at = self.columns.index(name)
        return [row[at] for row in self._native.rows(0, len(self))]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._native.__arrow_c_stream__(requested_schema)

    def to_dicts(self) -> list[dict[str, Any]]:
        """All rows."""
        return list(self)

    def to_arrow(self) -> Any:
        """The same as a `pyarrow.Table`."""
        import pyarrow as pa

        return pa.table(self)

    def to_polars(self) -> Any:
        """The same as a `polars.DataFrame`."""
        import polars as pl

        return pl.DataFrame(self)

    def to_pandas(self) -> Any:
        """The same as a `pandas.DataFrame`."""
        import pandas as pd

        return pd.DataFrame({name: self.column(name) for name in self.columns})

    def __repr__(self) -> str:
        rows = [self.columns, *([_shown(cell) for cell in row] for row in self._native.rows(0, _SHOWN))]
        widths = [max(len(row[at]) for row in rows) for at in range(len(self.columns))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        more = len(self) - _SHOWN
        return "\n".join([*lines, *([f"... {more} more rows"] if more > 0 else []), f"[{len(self)} rows]"])

    def _repr_html_(self) -> str:
        head = "".join(_cell("th", name) for name in self.columns)
        body = "".join("<tr>" + "".join(_cell("td", _shown(value)) for value in row) + "</tr>" for row in self._native.rows(0, _SHOWN))
        more = len(self) - _SHOWN
        rest = f"<p>{more} more rows</p>" if more > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _cell(tag: str, value: str) -> str:
    return f'<{tag} dir="auto" style="text-align:start">{html.escape(value)}</{tag}>'


def _shown(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
