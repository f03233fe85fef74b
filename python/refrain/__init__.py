"""refrain finds near-duplicates, passages that documents share, and repetition inside documents; and removes them.

>>> import refrain
>>> kept = refrain.dedup([{"body": "Boats return at dawn."}, {"body": "BOATS return, at dawn"}], text="body")
>>> len(kept.data)
1
"""

from __future__ import annotations

from . import errors
from ._functions import (
    Keep,
    against,
    clean,
    compare,
    dedup,
    evaluate,
    jaccard,
    keep,
    near_duplicates,
    repetitions,
    report,
    scan,
    sketch,
    tokens,
)
from ._index import Index
from ._refrain import __version__
from ._objects import Boilerplate, Cluster, CommonRun, Derivation, Finding, Occurrence, Pair, Passage, Repetition, Segment, Source, Span
from ._results import Cleaned, Comparison, Findings, Matches
from ._settings import Cleaning, Detection, Files, Run
from ._table import Table
from .errors import IndexFileError, InputError, NotFoundError, RefrainError, SettingError, TooMuchRemovedError

__all__ = [
    "Boilerplate",
    "Cleaned",
    "Cleaning",
    "Cluster",
    "CommonRun",
    "Comparison",
    "Derivation",
    "Detection",
    "Files",
    "Finding",
    "Findings",
    "Index",
    "IndexFileError",
    "InputError",
    "Keep",
    "Matches",
    "NotFoundError",
    "Occurrence",
    "Pair",
    "Passage",
    "RefrainError",
    "Repetition",
    "Run",
    "Segment",
    "SettingError",
    "Source",
    "Span",
    "Table",
    "TooMuchRemovedError",
    "__version__",
    "against",
    "clean",
    "compare",
    "dedup",
    "errors",
    "evaluate",
    "jaccard",
    "keep",
    "near_duplicates",
    "repetitions",
    "report",
    "scan",
    "sketch",
    "tokens",
]
