"""The functions of the package."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Optional, Sequence, Union

from . import _refrain, _settings
from ._columns import Columns, Data, Role
from ._data import Paths, data_of, no_paths
from ._results import Cleaned, Comparison, Findings, Matches, PathLike, write_whole
from ._table import Table
from .errors import InputError, SettingError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._settings import Cleaning, Detection, Files, Run

    class ScanSettings(Detection, Files, total=False):
        """Keywords of functions that read tables and files."""

    class CleanSettings(Cleaning, Files, total=False):
        """Keywords of `clean`."""


#: Rules of repetition inside documents, and of documents that are removed as a whole.
WITHIN = ("repeated-block", "repeated-paragraph", "repeated-sentence", "repeated-passage", "repeated-phrase")
ACROSS = ("identical", "near-duplicate")

_SCOPES = {
    frozenset[str](): "all",
    frozenset({"within", "near-duplicates", "passages"}): "all",
    frozenset({"within"}): "within",
    frozenset({"near-duplicates"}): "near-duplicates",
    frozenset({"passages"}): "passages",
    frozenset({"within", "near-duplicates"}): "within-and-near-duplicates",
    frozenset({"within", "passages"}): "within-and-passages",
    frozenset({"near-duplicates", "passages"}): "near-duplicates-and-passages",
    frozenset({"exact"}): "exact",
}


def _scope(only: Union[None, str, Sequence[str]]) -> str:
    names = frozenset([only] if isinstance(only, str) else only or ())
    if names not in _SCOPES:
        raise SettingError(f"only: must name within, near-duplicates, passages, or exact alone (got {', '.join(sorted(names))})")
    return _SCOPES[names]


def _temp_dir(settings: dict[str, Any]) -> Optional[str]:
    folder = settings.get("temp_dir")
    return None if folder is None else os.fspath(folder)


def _without_progress(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != "progress"}


def _found(data: Data, settings: dict[str, Any], scope: str) -> Findings:
    callback = _settings.callback(settings.get("progress"))
    if isinstance(data, Paths):
        wanted = _settings.request(settings, scope=scope, fields=data.columns.named())
        native = _refrain.scan_files(data.original, wanted, callback)
    else:
        native = _refrain.scan_table(data.stream(), _settings.request(settings, scope=scope), callback)
    return Findings(native, data, settings)


def scan(
    data: Any,
    text: Optional[str] = None,
    *,
    id: Role = None,
    date: Role = None,
    outlet: Role = None,
    only: Union[None, str, Sequence[str]] = None,
    **settings: Unpack[ScanSettings],
) -> Findings:
    """Finds repetition inside documents, near-duplicates, and passages that documents share.

    Args:
        data: a table (pyarrow, polars, pandas, DuckDB, datasets, or anything with an Arrow stream), a list or iterator of dicts, a list of strings, or paths: one as a
            string, several as a list of `pathlib.Path`. Texts of Arrow tables are not copied.
        text: column of the texts; the first of text, content, body, raw_content, maintext by default.
        id: column of the names of documents; by default the number of the row, from 0. Of a list of strings: a list of as many values.
        date: column of the dates of publication.
        outlet: column of the outlets.
        only: ``"within"``, ``"near-duplicates"`` or ``"passages"``, or several of them; ``"exact"`` for texts that are equal byte for byte. Everything by default.
        **settings: see `refrain.Detection` and `refrain.Files`.

    Raises:
        SettingError: a keyword out of its range.
        InputError: data that cannot be read. A row without a text is left out, and counted in `Findings.problems`.
        KeyboardInterrupt: Ctrl-C; nothing is left running.

    >>> import refrain
    >>> found = refrain.scan(["The harbour master counted nineteen boats at dawn.", "the harbour master counted nineteen boats, at dawn"])
    >>> [(pair["a"], pair["b"], pair["rule"]) for pair in found.pairs]
    [('0', '1', 'identical')]
    """
    given: dict[str, Any] = dict(settings)
    _settings.check_names(given, _settings.DETECTION, _settings.FILES)
    return _found(data_of(data, Columns(text, id, date, outlet), _temp_dir(given)), given, _scope(only))


def near_duplicates(
    data: Any,
    text: Optional[str] = None,
    *,
    id: Role = None,
    date: Role = None,
    outlet: Role = None,
    **settings: Unpack[ScanSettings],
) -> Findings:
    """Finds documents whose sets of shingles have a Jaccard similarity of `threshold` or more. Every similarity is exact.

    Arguments and exceptions are those of `scan`.

    >>> import refrain
    >>> texts = ["one two three four five six seven", "one two three four five six eight", "nothing in common with these words at all"]
    >>> found = refrain.near_duplicates(texts, threshold=0.5)
    >>> [(pair["a_row"], pair["b_row"], pair["jaccard"]) for pair in found.pairs]
    [(0, 1, 0.5)]
    """
    return scan(data, text, id=id, date=date, outlet=outlet, only="near-duplicates", **settings)


def repetitions(text: Union[str, Any], column: Optional[str] = None, *, id: Role = None, **settings: Unpack[ScanSettings]) -> Any:
    """Finds what repeats inside a text, or inside each text of a table.

    Args:
        text: a text; or data as of `scan`, other than a path.
        column: column of the texts of a table.
        id: as of `scan`.
        **settings: see `refrain.Detection`.

    Returns:
        The table `Findings.repetitions`.

    >>> import refrain
    >>> line = "The council met on Monday and agreed to repair the old bridge."
    >>> [(found["rule"], found["words"], found["again_start"]) for found in refrain.repetitions(line + chr(10) + line)]
    [('repeated-paragraph', 12, 63)]
    """
    data: Any = [text] if isinstance(text, str) else text
    return scan(data, column, id=id, only="within", **settings).repetitions


def dedup(
    data: Any,
    text: Optional[str] = None,
    *,
    id: Role = None,
    date: Role = None,
    outlet: Role = None,
    **settings: Unpack[CleanSettings],
) -> Cleaned:
    """Removes identical documents and near-duplicates, all but one of each group.

    A near-duplicate that states another number, name or date than the document kept is kept too; `facts="ignore"` removes it.
    Of each group the earliest is kept, without dates the longest; see `keep` in `refrain.Detection`.

    Arguments and exceptions are those of `scan`; paths are for `clean`.

    >>> import refrain
    >>> kept = refrain.dedup(["Boats return at dawn.", "boats return at dawn", "Rain is expected."])
    >>> kept.data
    ['Boats return at dawn.', 'Rain is expected.']
    >>> kept.explain(1)
    '1 was removed: it has the same words as 0.'
    """
    return _cleaned(data, Columns(text, id, date, outlet, _field(settings)), ACROSS, dict(settings), None, "dedup")


def clean(
    data: Any,
    text: Optional[str] = None,
    *,
    id: Role = None,
    date: Role = None,
    outlet: Role = None,
    remove: Union[None, str, Sequence[str]] = None,
    against: Any = None,
    output: Optional[PathLike] = None,
    **settings: Unpack[CleanSettings],
) -> Any:
    """Removes repetition inside documents, identical documents and near-duplicates; and what else `remove` names.

    Args:
        data: as of `scan`. Of paths the files are cleaned into `output`, with a manifest from which ``refrain restore`` makes the input again.
        remove: names of rules; by default those of repetition inside documents, identical and near-duplicate, and with `against` identical, near-duplicate and
            contains-item. All rules: repeated-block, repeated-paragraph, repeated-sentence, repeated-passage, repeated-phrase, identical, near-duplicate, contained,
            boilerplate, reused-passage, common-run; with `against` identical, near-duplicate, contains-item alone.
        against: a reference: documents that are in it are removed, or contain one of its items. The data are compared with it alone.
        output: for paths: a file for a file, else a folder.
        **settings: see `refrain.Cleaning` and `refrain.Files`.

    Returns:
        `Cleaned`; for paths a dict with the totals, and the path of the manifest.

    >>> import refrain
    >>> line = "The council met on Monday and agreed to repair the old bridge."
    >>> refrain.clean([line + chr(10) + line]).data
    ['The council met on Monday and agreed to repair the old bridge.']
    """
    given: dict[str, Any] = dict(settings)
    columns = Columns(text, id, date, outlet, _field(settings))
    usual = (*WITHIN, *ACROSS) if against is None else (*ACROSS, "contains-item")
    rules = usual if remove is None else _settings.check_rules(remove)
    if isinstance(data, (str, os.PathLike)) or (isinstance(data, (list, tuple)) and data and isinstance(data[0], os.PathLike)):
        return _clean_files(data_of(data, columns), rules, against, output, given)
    if output is not None:
        raise SettingError("output: is for paths; data of another kind are returned")
    return _cleaned(data, columns, rules, given, against, "clean")


def _clean_files(data: Data, remove: Sequence[str], against: Any, output: Optional[PathLike], given: dict[str, Any]) -> dict[str, Any]:
    _settings.check_names(given, _settings.CLEANING, _settings.FILES)
    if against is not None:
        raise SettingError("against: is for tables and lists; for files use the command `refrain clean --against`")
    wanted = _settings.request({"linkage": "complete", **given}, fields=data.columns.named(), remove=remove)
    callback = _settings.callback(given.get("progress"))
    totals, _, manifest = _refrain.clean_files(data.original, None if output is None else os.fspath(output), wanted, callback)
    return {**json.loads(totals), "manifest": os.fspath(manifest)}


def _field(settings: Any) -> Optional[str]:
    keep = str(settings.get("keep") or "")
    return keep.partition(":")[2] if keep.startswith("highest:") else None


def _cleaned(data: Any, columns: Columns, remove: Sequence[str], given: dict[str, Any], against: Any, function: str) -> Cleaned:
    _settings.check_names(given, _settings.CLEANING)
    known = no_paths(data_of(data, columns, _temp_dir(given)), function)
    wanted = _settings.request({"linkage": "complete", **given}, remove=remove)
    reference = None if against is None else no_paths(data_of(against, Columns(None, None, None, None)), "against").stream()
    native = _refrain.clean_table(known.stream(), wanted, reference, _settings.callback(given.get("progress")))
    shared = {name: value for name, value in _without_progress(given).items() if name in _settings.DETECTION}
    return Cleaned(native, known, shared)


def keep(data: Any, text: Optional[str] = None, *, id: Role = None, date: Role = None, outlet: Role = None, **settings: Unpack[CleanSettings]) -> Any:
    """Which rows `dedup` keeps, as a function for `datasets.Dataset.filter`.

    Returns:
        A callable for ``ds.filter(refrain.keep(ds))``. It has the attribute `mask`, a list of bools, one for each row. It is called with the records in the order of
        `data`; with several processes it needs their indices: ``ds.filter(refrain.keep(ds), with_indices=True, num_proc=4)``.
    """
    return Keep(dedup(data, text, id=id, date=date, outlet=outlet, **settings).keep)


class Keep:
    """Which rows are kept; made by `keep`."""

    def __init__(self, mask: list[bool]) -> None:
        self.mask = mask
        self._next = 0
        self._process = os.getpid()

    def __call__(self, record: object, index: Optional[int] = None) -> bool:
        if index is None:
            if self._process != os.getpid():
                raise SettingError("keep: with several processes records are not called in order; filter with `with_indices=True`")
            index, self._next = self._next, (self._next + 1) % len(self.mask)
        return self.mask[index]

    def __len__(self) -> int:
        return len(self.mask)


def compare(a: str, b: str, *, names: tuple[str, str] = ("a", "b"), width: int = 100, **settings: Unpack[Detection]) -> Comparison:
    """Compares two texts: similarity, shared passages, and every changed word.

    Args:
        a: a text.
        b: another.
        names: what to call them.
        width: columns of the comparison as text.
        **settings: see `refrain.Detection`.

    >>> import refrain
    >>> refrain.compare("one two three four five six", "one two three four five seven").jaccard
    0.333333
    """
    given: dict[str, Any] = dict(settings)
    _settings.check_names(given, _settings.DETECTION)
    return Comparison(*_refrain.compare((a, b), names, _settings.request(given), width))


def against(
    data: Any,
    reference: Any,
    text: Optional[str] = None,
    *,
    reference_text: Optional[str] = None,
    id: Role = None,
    reference_id: Role = None,
    date: Role = None,
    outlet: Role = None,
    only: Union[None, str, Sequence[str]] = None,
    **settings: Unpack[Detection],
) -> Matches:
    """Compares each document with a reference, and not with the other documents: for decontamination, or for what was seen before.

    Args:
        data: a table or a list, as of `scan`.
        reference: another.
        reference_text: column of the texts of the reference.
        reference_id: column of its ids, or a list of them.
        only: ``"near-duplicates"``, ``"passages"`` or both, which is the default.
        **settings: see `refrain.Detection`.

    >>> import refrain
    >>> question = "Which of the four harbours of the old province was the last to open to foreign trade after the war?"
    >>> found = refrain.against(["Quiz night! " + question + " Answers below."], [question], min_words=8)
    >>> [(match["row"], match["item_row"], match["item_share"]) for match in found]
    [(0, 0, 1.0)]
    """
    given: dict[str, Any] = dict(settings)
    _settings.check_names(given, _settings.DETECTION)
    scope = _scope(only or ("near-duplicates", "passages"))
    known = no_paths(data_of(data, Columns(text, id, date, outlet), _temp_dir(given)), "against")
    items = no_paths(data_of(reference, Columns(reference_text, reference_id, None, None), _temp_dir(given)), "against")
    native = _refrain.against_table(known.stream(), items.stream(), _settings.request(given, scope=scope), _settings.callback(given.get("progress")))
    return Matches(native, known)


def sketch(data: Any, text: Optional[str] = None, **settings: Unpack[Detection]) -> Any:
    """The band keys of texts, for joins in a database or on a cluster: documents of `threshold` or more share one with a probability of 0.999.

    Returns:
        A table of the kind of the data: row (from 0), band (from 0), key (32 bits). A text without words has no row.

    >>> import refrain
    >>> table = refrain.sketch(["one two three four five six"])
    >>> len(table), table.columns
    (23, ['row', 'band', 'key'])
    """
    given: dict[str, Any] = dict(settings)
    _settings.check_names(given, _settings.DETECTION)
    known = no_paths(data_of(data, Columns(text, None, None, None), _temp_dir(given)), "sketch")
    native = _refrain.sketch(known.stream(), _settings.request(given), _settings.callback(given.get("progress")))
    return known.table(Table(native))


def jaccard(a: str, b: str, **settings: Unpack[Detection]) -> float:
    """The Jaccard similarity of the shingle sets of two texts, in [0, 1].

    >>> import refrain
    >>> refrain.jaccard("one two three four five six", "ONE two three four five, six")
    1.0
    """
    given: dict[str, Any] = dict(settings)
    _settings.check_names(given, _settings.DETECTION)
    return _refrain.jaccard(a, b, _settings.request(given))[0]


def tokens(text: str, **settings: Unpack[Detection]) -> list[tuple[str, int, int]]:
    """The tokens of a text: each as it is compared, with the code points where it starts and ends.

    >>> import refrain
    >>> refrain.tokens("Cafés, أحمد")
    [('cafes', 0, 5), ('احمد', 7, 11)]
    """
    given: dict[str, Any] = dict(settings)
    _settings.check_names(given, _settings.DETECTION)
    return _refrain.tokens(text, _settings.request(given))


def evaluate(
    findings: Union[Findings, PathLike],
    labels: PathLike,
    *,
    kind: Optional[str] = None,
    threshold: float = 0.8,
    sweep: Optional[str] = None,
) -> dict[str, Any]:
    """Scores findings against labels: precision, recall, F1, adjusted Rand index, plagdet.

    Args:
        findings: what `scan` returned, or a file of ``--format jsonl``.
        labels: a file of labels (docs/evaluation.md).
        kind: ``"exact"``, ``"pairs"``, ``"clusters"`` or ``"spans"``; by default it is recognised.
        threshold: for exact labels, the Jaccard from which a pair counts.
        sweep: ``"jaccard"``, ``"containment"`` or ``"coverage"``: the measure to score at every threshold of.

    Returns:
        The scores, as ``refrain eval --format json`` has them.
    """
    lines = findings.to_jsonl() if isinstance(findings, Findings) else _content(findings)
    scores: dict[str, Any] = json.loads(_refrain.score(lines, _content(labels), (kind, threshold, sweep)))
    return scores


def _content(path: PathLike) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError(f"{os.fspath(path)}: {error.strerror}") from error


def report(
    data: Any,
    path: PathLike,
    text: Optional[str] = None,
    *,
    id: Role = None,
    date: Role = None,
    outlet: Role = None,
    lang: str = "en",
    anonymise: bool = False,
    **settings: Unpack[ScanSettings],
) -> None:
    """Writes the page of ``refrain report``: who repeats whom, how much, side by side. The page needs no network.

    Args:
        data: as of `scan`.
        path: the file of HTML; it appears when it is whole.
        lang: ``"en"`` or ``"ar"``.
        anonymise: numbers in place of the names of outlets.
    """
    given: dict[str, Any] = dict(settings)
    _settings.check_names(given, _settings.DETECTION, _settings.FILES)
    known = data if isinstance(data, Data) else data_of(data, Columns(text, id, date, outlet), _temp_dir(given))
    callback = _settings.callback(given.get("progress"))
    if isinstance(known, Paths):
        wanted = _settings.request(given, fields=known.columns.named())
        write_whole(path, _refrain.report_files(known.original, wanted, (lang, anonymise), callback))
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="refrain-", dir=_temp_dir(given)) as folder:
        file = os.path.join(folder, "table.jsonl")
        _refrain.write_rows(known.stream(), file)
        wanted = _settings.request({**given, "format": "jsonl"}, fields={"text": "text", "id": "id", "date": "date", "outlet": "outlet"})
        write_whole(path, _refrain.report_files([file], wanted, (lang, anonymise), callback))
