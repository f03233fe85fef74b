"""A namespace of polars: after ``import refrain.polars`` every frame has `df.refrain`.

>>> import polars as pl, refrain.polars
>>> pl.DataFrame({"body": ["Boats return at dawn.", "boats return at dawn"]}).refrain.dedup("body").height
1
"""

from __future__ import annotations

from typing import Any

import polars as pl

from . import _functions as functions

__all__ = ["Namespace"]


@pl.api.register_dataframe_namespace("refrain")
@pl.api.register_lazyframe_namespace("refrain")
class Namespace:
    """The functions of `refrain` for one frame; keywords are theirs."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def dedup(self, text: str, **keywords: Any) -> Any:
        """The frame without identical rows and near-duplicates."""
        return functions.dedup(self._frame, text, **keywords).data

    def clean(self, text: str, **keywords: Any) -> Any:
        """The frame without repetition; see `refrain.clean`."""
        return functions.clean(self._frame, text, **keywords).data

    def near_duplicates(self, text: str, **keywords: Any) -> Any:
        """The pairs of near-duplicates, as a frame."""
        return functions.near_duplicates(self._frame, text, **keywords).pairs

    def repetitions(self, text: str, **keywords: Any) -> Any:
        """What repeats inside the texts, as a frame."""
        return functions.repetitions(self._frame, text, **keywords)
