"""What functions return."""

from __future__ import annotations

import html
import json
import os
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Optional, Union

from ._objects import Finding, finding_of
from ._table import Table
from .errors import InputError

if TYPE_CHECKING:
    from ._columns import Data
    from ._refrain import NativeCleaned, NativeFindings, NativeMatches

PathLike = Union[str, "os.PathLike[str]"]


def write_whole(path: PathLike, content: bytes) -> None:
    """Writes a file that appears when it is whole."""
    import tempfile

    path = os.fspath(path)
    handle, unfinished = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".refrain-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(unfinished, 0o666 & ~umask)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise


class Findings:
    """Everything that a scan found. Tables are of the kind of the data: of polars for a polars frame, else `refrain.Table`.

    Iterating gives every finding as an object (`refrain.Pair`, `refrain.Repetition`, ...), in the order of the command's output.
    """

    def __init__(self, native: NativeFindings, data: Data, settings: dict[str, Any]) -> None:
        self._native = native
        self._data = data
        self._settings = settings

    def _table(self, name: str) -> Any:
        return self._data.table(Table(self._native.table(name)))

    @property
    def pairs(self) -> Any:
        """Pairs of documents: rule, a, b, a_row, b_row, jaccard, a_in_b, b_in_a, origin, a_covered, b_covered, words. Shares are in [0, 1]; `words` counts matched words."""
        return self._table("pairs")

    @property
    def clusters(self) -> Any:
        """Members of clusters: cluster (from 1), id, row, keep, size, min_jaccard."""
        return self._table("clusters")

    @property
    def passages(self) -> Any:
        """Passages of pairs, with offsets in code points (half-open): a, b, a_row, b_row, a_start, a_end, b_start, b_end, kind, similarity, words, respelled, own, reordered."""
        return self._table("passages")

    @property
    def repetitions(self) -> Any:
        """Repetition inside documents: rule, id, row, first_start, first_end, again_start, again_end, similarity, words, copies."""
        return self._table("repetitions")

    @property
    def derivations(self) -> Any:
        """Sources of documents: id, row, label, copied, source, source_row, share, words."""
        return self._table("derivations")

    @property
    def common_runs(self) -> Any:
        """Occurrences of runs that many documents share: run (from 1), id, row, start, end, words, documents, outlets, text."""
        return self._table("common_runs")

    @property
    def boilerplate(self) -> Any:
        """Paragraphs of many documents: text, documents, outlets, example."""
        return self._table("boilerplate")

    @property
    def problems(self) -> Any:
        """Documents that could not be read, with examples of each kind: source, row (from 0; of files the line, from 1), reason."""
        return self._table("problems")

    @property
    def summary(self) -> dict[str, int]:
        """Totals; `skipped` counts documents that could not be read."""
        return dict(json.loads(self._native.summary()))

    def to_jsonl(self) -> bytes:
        """The lines of ``refrain scan --format jsonl``."""
        return self._native.jsonl(self._settings.get("threads") or 0)

    def write_jsonl(self, path: PathLike) -> None:
        """Writes these lines to a file, which appears when it is whole."""
        write_whole(path, self.to_jsonl())

    def __iter__(self) -> Iterator[Finding]:
        for line in self.to_jsonl().splitlines():
            finding = finding_of(line)
            if finding is not None:
                yield finding

    def report(self, path: PathLike, *, lang: str = "en", anonymise: bool = False) -> None:
        """Writes the page of ``refrain report`` about the data: who repeats whom. The data are scanned again, for all findings.

        Args:
            path: the file of HTML, which needs no network.
            lang: ``"en"`` or ``"ar"``.
            anonymise: numbers in place of the names of outlets.
        """
        from ._functions import report

        report(self._data, path, lang=lang, anonymise=anonymise, **self._settings)

    def __repr__(self) -> str:
        return f"<refrain.Findings: {self._native.summary_line()}>"

    def __str__(self) -> str:
        return self._native.text(5)

    def _repr_html_(self) -> str:
        text = html.escape(self._native.text(5))
        return f'<pre dir="auto" style="white-space:pre-wrap;unicode-bidi:plaintext">{text}</pre>'


class Cleaned:
    """Data without what was removed, and why it was.

    Attributes:
        data: the rows that are kept, as data of the same kind; their order is that of the input.
        findings: what was found before anything was removed.
    """

    def __init__(self, native: NativeCleaned, data: Data, settings: dict[str, Any]) -> None:
        self._native = native
        self._data = data
        self._settings = settings
        self._by_id: Optional[dict[str, dict[str, Any]]] = None
        texts = native.texts()
        self.data: Any = data.kept(Table(native.keep()), None if texts is None else Table(texts))
        self.findings = Findings(native.findings, data, settings)

    @property
    def removed(self) -> Any:
        """Rows that are removed: id, row, rule, kept (the id of the one kept in their favour), kept_row, similarity; measure and value where a filter removed them."""
        return self._data.table(Table(self._native.removed()))

    @property
    def spans(self) -> Any:
        """Ranges that are removed from texts that stay: id, row, rule, start, end (code points of the text as it was), kept, kept_start, kept_end, similarity."""
        return self._data.table(Table(self._native.spans()))

    @property
    def keep(self) -> list[bool]:
        """For each row of the data whether it is kept."""
        kept: list[bool] = Table(self._native.keep()).column("keep")
        return kept

    @property
    def pairs(self) -> Any:
        """As in `Findings.pairs`."""
        return self.findings.pairs

    @property
    def clusters(self) -> Any:
        """As in `Findings.clusters`."""
        return self.findings.clusters

    def explain(self, id: object) -> str:
        """Why a document was removed or kept, in words.

        Args:
            id: its id; the number of its row if the data have no ids.

        Raises:
            InputError: no document with the id was read; rows without a text are not.
        """
        name = str(id)
        if self._by_id is None:
            self._by_id = {row["id"]: row for row in Table(self._native.removed())}
        if not self._native.findings.has(name):
            raise InputError(f"no document with the id `{name}` was read")
        row = self._by_id.get(name)
        if row is not None:
            return f"{name} was removed: {_why(row)}."
        copies = [other for other in self._by_id.values() if other["kept"] == name]
        spans = [span for span in Table(self._native.spans()) if span["id"] == name]
        parts = [f"{name} was kept"]
        if copies:
            listed = ", ".join(other["id"] for other in copies[:5]) + (f" and {len(copies) - 5} more" if len(copies) > 5 else "")
            parts.append(f"in favour of it {'was' if len(copies) == 1 else 'were'} removed {listed}")
        if spans:
            rules = _counted(span["rule"] for span in spans)
            parts.append("from its text were removed " + ", ".join(f"{count} × {rule}" for rule, count in sorted(rules.items())))
        return "; ".join(parts) + "."

    def report(self, path: PathLike, *, lang: str = "en", anonymise: bool = False) -> None:
        """As `Findings.report`, about the data before the removal."""
        self.findings.report(path, lang=lang, anonymise=anonymise)

    def _counts(self) -> str:
        removed, rows = len(self._native.removed()), len(self._native.keep())
        rules = _counted(Table(self._native.removed()).column("rule"))
        by_rule = ", ".join(f"{count:,} {rule}" for rule, count in sorted(rules.items()))
        spans = len(self._native.spans())
        return f"{rows - removed:,} of {rows:,} rows kept" + (f"; removed: {by_rule}" if rules else "") + (f"; {spans:,} ranges of text removed" if spans else "")

    def __repr__(self) -> str:
        return f"<refrain.Cleaned: {self._counts()}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._counts())}</p>{Table(self._native.removed())._repr_html_()}"


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _why(row: dict[str, Any]) -> str:
    kept = row["kept"]
    share = "" if row["similarity"] is None else f" {row['similarity']:.2f}"
    rules = {
        "identical": f"it has the same words as {kept}",
        "near-duplicate": f"it is a near-duplicate of {kept} (Jaccard{share})",
        "contained": f"its text is contained in {kept} (share{share})",
        "contains-item": f"it contains the item {kept} of the reference (share{share})",
        "boilerplate": "nothing but boilerplate is in it",
        "gopher": f"its {row['measure']} is {row['value']}",
    }
    return rules.get(row["rule"], str(row["rule"]))


class Matches:
    """What documents share with a reference."""

    def __init__(self, native: NativeMatches, data: Data) -> None:
        self._native = native
        self._data = data

    @property
    def table(self) -> Any:
        """Matches: rule, id, row, item, item_row, jaccard, share (of the document's words in [0, 1]), item_share (of the item's), words."""
        return self._data.table(Table(self._native.table("matches")))

    @property
    def problems(self) -> Any:
        """Documents that could not be read: source, row, reason."""
        return self._data.table(Table(self._native.table("problems")))

    def to_jsonl(self) -> bytes:
        """The lines of ``refrain scan --against FILE --format jsonl``."""
        return self._native.jsonl()

    def __len__(self) -> int:
        return len(self._native.table("matches"))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(Table(self._native.table("matches")))

    def __repr__(self) -> str:
        return f"<refrain.Matches: {len(self)} matches>"

    def _repr_html_(self) -> str:
        return Table(self._native.table("matches"))._repr_html_()


class Comparison:
    """Two texts side by side.

    Attributes:
        jaccard: similarity of the sets of shingles in [0, 1].
        a_in_b: share of the shingles of a that are in b.
        b_in_a: share of the shingles of b that are in a.
        passages: what both share, with offsets in code points, as ``refrain compare --format json`` has it.
    """

    def __init__(self, document: str, page: str, text: str) -> None:
        self._document: dict[str, Any] = json.loads(document)
        self._page = page
        self._text = text
        self.jaccard: float = self._document["jaccard"]
        self.a_in_b: float = self._document["a_in_b"]
        self.b_in_a: float = self._document["b_in_a"]
        self.passages: list[dict[str, Any]] = self._document["passages"]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as ``refrain compare --format json`` has it."""
        return self._document

    def to_html(self) -> str:
        """A page that shows both texts, in light and dark colours; it needs no network."""
        return self._page

    def write_html(self, path: PathLike) -> None:
        """Writes that page to a file."""
        write_whole(path, self._page.encode())

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<refrain.Comparison: Jaccard {self.jaccard:.4f}, {len(self.passages)} shared passages>"

    def _repr_html_(self) -> str:
        # A frame keeps the styles of the page and those of the notebook apart.
        return f'<iframe srcdoc="{html.escape(self._page)}" style="width:100%;height:32em;border:1px solid #8884" sandbox></iframe>'


__all__ = ["Cleaned", "Comparison", "Findings", "Matches"]
