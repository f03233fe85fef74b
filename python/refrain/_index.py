"""An index of documents seen before."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional, Sequence, Union

from . import _refrain, _settings
from ._columns import Columns, Data, Role
from ._data import data_of, no_paths
from ._table import Table

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._results import PathLike
    from ._settings import Detection, Progress


class Index:
    """An index of documents in a file: the same as that of ``refrain index``. Any number of readers work beside one writer, in threads and processes.

    Args:
        path: the file. It appears with the first documents.
        texts: whether texts are kept. Without them the index is smaller, and its documents have no text in reports.
        **settings: see `refrain.Detection`. An index is opened with the settings that it was made with.

    Raises:
        IndexFileError: the file is damaged, or no index, or was made with other settings.

    >>> import refrain, tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder, refrain.Index(os.path.join(folder, "seen.db"), min_words=4) as seen:
    ...     seen.add([{"id": "a1", "text": "Nineteen boats returned to the harbour at dawn."}], id="id")
    ...     [(match["seen"], match["rule"]) for match in seen.query(["nineteen boats returned to the harbour, at dawn"])]
    {'new': 1, 'replaced': 0, 'unchanged': 0}
    [('a1', 'identical')]
    """

    def __init__(self, path: PathLike, *, texts: bool = True, **settings: Unpack[Detection]) -> None:
        given: dict[str, Any] = dict(settings)
        _settings.check_names(given, _settings.DETECTION)
        self.path = os.fspath(path)
        self._progress: Progress = given.get("progress")
        self._native = _refrain.NativeIndex(self.path, _settings.request(given), texts)

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file. The index may be used again, which opens it."""
        self._native.close()

    def _data(self, data: Any, text: Optional[str], id: Role, date: Role, outlet: Role) -> Data:
        return no_paths(data_of(data, Columns(text, id, date, outlet)), "Index")

    def add(self, data: Any, text: Optional[str] = None, *, id: Role = None, date: Role = None, outlet: Role = None) -> dict[str, int]:
        """Adds documents, a transaction for each thousand. A document with an id that the index has replaces the other; one without an id is known by its content.

        Arguments are those of `refrain.scan`; name the column of ids, if there is one.

        Returns:
            How many were ``new``, ``replaced`` and ``unchanged``.
        """
        known = self._data(data, text, id, date, outlet)
        new, replaced, unchanged = self._native.add(known.stream(), _settings.callback(self._progress))
        return {"new": new, "replaced": replaced, "unchanged": unchanged}

    def query(self, data: Any, text: Optional[str] = None, *, id: Role = None, date: Role = None, outlet: Role = None) -> Any:
        """What documents share with those of the index; nothing is added. A document of the index with the same id is left out.

        Returns:
            A table of the kind of the data: rule, id, row, seen (the id in the index), jaccard, share (of the document's words in [0, 1]), seen_share, words, outlet
            (of the one in the index).
        """
        known = self._data(data, text, id, date, outlet)
        return known.table(Table(self._native.query(known.stream(), _settings.callback(self._progress))))

    def remove(self, ids: Union[str, Sequence[str]]) -> dict[str, Any]:
        """Removes documents.

        Returns:
            ``removed``, a number, and ``missing``, the ids that are not in the index.
        """
        removed, missing = self._native.remove([ids] if isinstance(ids, str) else list(ids))
        return {"removed": removed, "missing": missing}

    def stats(self) -> dict[str, int]:
        """``documents``, ``contents`` (distinct texts) and ``bytes``; 0 if there is no file yet."""
        documents, contents, size = self._native.stats()
        return {"documents": documents, "contents": contents, "bytes": size}

    def __len__(self) -> int:
        return self._native.stats()[0]

    def verify(self) -> int:
        """Reads everything and checks it against checksums and counts.

        Returns:
            The number of documents.

        Raises:
            IndexFileError: with the first thing that is wrong.
        """
        return self._native.verify()

    def compact(self) -> None:
        """Gives back room that is not used."""
        self._native.compact()

    def export(self) -> Table:
        """All documents: id, text, date, outlet, characters, words."""
        return Table(self._native.export())

    def __repr__(self) -> str:
        return f"<refrain.Index: {self.path!r}>"
