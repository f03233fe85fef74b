"""Findings as typed objects: the lines of ``--format jsonl`` (docs/findings.md).

Ranges are half-open and count code points; shares are in [0, 1]; words are matched words.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Optional, Union


class Span(NamedTuple):
    """A range of a document."""

    start: int
    end: int
    paragraphs: tuple[int, int]
    """The first and the last paragraph that it touches, from 1."""


class Repetition(NamedTuple):
    """A range that is repeated inside a document."""

    rule: str
    doc: str
    first: Span
    again: Span
    similarity: float
    words: int
    copies: Optional[int] = None
    """Of a phrase: copies in its loop, the first included."""


class Segment(NamedTuple):
    """A segment of a passage; an empty range is where words are missing."""

    kind: str
    """``"exact"``, ``"respelled"``, ``"replaced"`` or ``"inserted"``."""
    a: tuple[int, int]
    b: tuple[int, int]


class Passage(NamedTuple):
    """Text that both documents of a pair have."""

    a: tuple[int, int]
    b: tuple[int, int]
    words: int
    respelled: int
    similarity: float
    kind: str
    """``"verbatim"``, ``"edited"`` or ``"reworded"``."""
    reordered: bool
    segments: tuple[Segment, ...] = ()


class Pair(NamedTuple):
    """Two documents that share text; `a` before `b` bytewise."""

    rule: str
    a: str
    b: str
    jaccard: float
    a_in_b: float
    b_in_a: float
    origin: Optional[str]
    """``"a"`` or ``"b"``: the earlier one, where the dates say so."""
    a_covered: Optional[float] = None
    b_covered: Optional[float] = None
    passages: Optional[tuple[Passage, ...]] = None
    """None where passages were not looked for."""


class Source(NamedTuple):
    """What a document has from an earlier one."""

    doc: str
    share: float
    words: int


class Derivation(NamedTuple):
    """The sources of a document."""

    doc: str
    label: str
    """``"wholly"`` (at least 0.8 is copied) or ``"partly"``."""
    copied: float
    sources: tuple[Source, ...]


class Boilerplate(NamedTuple):
    """A paragraph that many documents have."""

    text: str
    documents: int
    examples: tuple[str, ...]
    outlets: Optional[int] = None


class Occurrence(NamedTuple):
    """Where a run occurs."""

    doc: str
    start: int
    end: int


class CommonRun(NamedTuple):
    """A verbatim run that documents share outside the passages of pairs."""

    text: str
    words: int
    documents: int
    places: tuple[Occurrence, ...]
    outlets: Optional[int] = None


class Cluster(NamedTuple):
    """Documents that are joined by near-duplicates."""

    id: int
    members: tuple[str, ...]
    keep: str
    min_jaccard: float


#: A finding of any type.
Finding = Union[Repetition, Pair, Derivation, Boilerplate, CommonRun, Cluster]


def finding_of(line: bytes) -> Optional[Finding]:
    """The finding of a line; None for the lines that describe the run."""
    fields: dict[str, Any] = json.loads(line)
    kind = fields.pop("type")
    if kind == "repetition":
        return Repetition(**{**fields, "first": _span(fields["first"]), "again": _span(fields["again"])})
    if kind == "pair":
        found = fields.get("passages")
        return Pair(**{**fields, "passages": None if found is None else tuple(map(_passage, found))})
    if kind == "derivation":
        return Derivation(**{**fields, "sources": tuple(Source(**source) for source in fields["sources"])})
    if kind == "boilerplate":
        return Boilerplate(**{**fields, "examples": tuple(fields["examples"])})
    if kind == "common-run":
        return CommonRun(**{**fields, "places": tuple(Occurrence(**place) for place in fields["places"])})
    if kind == "cluster":
        return Cluster(**{**fields, "members": tuple(fields["members"])})
    return None


def _range(ends: list[int]) -> tuple[int, int]:
    return ends[0], ends[1]


def _span(fields: dict[str, Any]) -> Span:
    return Span(fields["start"], fields["end"], _range(fields["paragraphs"]))


def _passage(fields: dict[str, Any]) -> Passage:
    segments = tuple(Segment(kind, _range(a), _range(b)) for kind, a, b in fields["segments"])
    return Passage(**{**fields, "a": _range(fields["a"]), "b": _range(fields["b"]), "segments": segments})
