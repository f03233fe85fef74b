"""Columns and their roles, and what all kinds of data have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Union

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


def native(columns: Mapping[str, list[Any]]) -> NativeTable:
    return _refrain.table_of(list(columns.items()))


def text_of_cell(value: Any) -> Any:
    """Ids, dates and numbers as strings; what is missing as None."""
    if value is None or isinstance(value, str) or value != value:
        return value if isinstance(value, str) else None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
