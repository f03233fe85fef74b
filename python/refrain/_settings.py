"""Keywords of functions, as the settings of the library."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Callable, Literal, Mapping, Optional, Sequence, TypedDict, Union

from .errors import SettingError

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

#: Called with the phase, the work done in it, and its whole amount, which is None if that is not known.
Callback: TypeAlias = "Callable[[str, int, Optional[int]], object]"
#: No progress, a bar of tqdm, or a callable.
Progress: TypeAlias = "Union[None, bool, Literal['tqdm'], Callback]"
Memory: TypeAlias = "Union[int, str]"
Scope: TypeAlias = Literal["within", "near-duplicates", "passages"]


class Run(TypedDict, total=False):
    """How a call runs. The result does not depend on it."""

    threads: int
    """Threads; one per core by default."""
    memory: Optional[Memory]
    """Memory that the call may take besides the data, in bytes or as ``"2G"``; lists beyond it are kept in temporary files."""
    temp_dir: Union[None, str, "os.PathLike[str]"]
    """Folder for temporary files."""
    progress: Progress
    """``"tqdm"`` for a bar, or a callable."""


class Detection(Run, total=False):
    """What is equal, and from where on it counts."""

    threshold: float
    """Jaccard similarity from which two documents are near-duplicates, 0.3 to 1; 0.8 by default."""
    shingle: int
    """Words in a shingle, 1 to 64; 5 by default."""
    fold: Literal["full", "light", "none"]
    """What is ignored in comparison: ``"full"`` (letter forms, diacritics, case, width), ``"light"`` or ``"none"``."""
    linkage: Literal["single", "complete"]
    """Whether a cluster is joined by any chain of pairs, or every two of its members are a pair."""
    keep: str
    """Which document of a cluster is kept: ``"earliest"``, ``"latest"``, ``"longest"`` or ``"first"``. Of `dedup` and `clean` also ``"highest:FIELD"`` and ``"outlets:A,B"``."""
    min_words: int
    """Words from which a passage is reported, 4 or more; 25 by default."""
    min_sentence_words: int
    """Words from which a repeated sentence or paragraph is reported, 4 or more; 10 by default."""
    min_loop_copies: int
    """Copies from which a looping phrase is reported, 3 or more; 5 by default."""
    boilerplate: int
    """Documents from which a paragraph is boilerplate, 3 or more; 20 by default."""
    html: Literal["auto", "yes", "no"]
    """Whether texts are HTML and read as what they show; ``"auto"`` looks at each. Offsets are those of what is shown."""
    cap: int
    """Documents of an n-gram from which it proposes no passages, 2 or more; 100 by default."""


class Files(TypedDict, total=False):
    """How paths are read."""

    format: str
    """Format of the files: jsonl, json, csv, parquet, warc, text, markdown, html or feed. By default it is recognised."""


class Cleaning(Detection, total=False):
    """What is removed."""

    facts: Literal["keep", "ignore"]
    """Whether a near-duplicate that differs in a number, name or date is kept (the default) or removed."""
    min_similarity: Optional[float]
    """Similarity from which edited copies inside a document are removed, 0 to 1; by default they are kept."""
    contained: float
    """Share of a document in a longer one from which the rule ``"contained"`` removes it, 0.8 to 1; 1 by default."""
    spans: str
    """Unit of shared runs, for the rules ``"reused-passage"`` and ``"common-run"``: a number of words, ``"lines"``, ``"paragraphs"`` or ``"sentences"``."""
    keep_copies: int
    """Documents that keep a shared run; 1 by default."""
    ignore_boilerplate: bool
    """Whether documents are compared without boilerplate paragraphs."""
    filter: Union[None, Literal["gopher"], Mapping[str, float]]
    """``"gopher"`` removes documents whose repetition is above the thresholds of Rae et al. 2021 (table A1); a mapping changes some of them, by their names in docs/clean.md."""
    item_share: float
    """Share of an item's words from which the rule ``"contains-item"`` removes a document; 0.5 by default."""


_DETECT = ("threshold", "shingle", "fold", "linkage", "cap", "boilerplate")
_WITHIN = ("min_words", "min_sentence_words", "min_loop_copies")
_RUN = ("threads", "memory", "temp_dir", "progress")
_POLICY = ("facts", "min_similarity", "contained", "spans", "keep_copies", "ignore_boilerplate", "item_share", "filter")
_FILES = ("format",)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


_CHOICES = {
    "fold": ("full", "light", "none"),
    "linkage": ("single", "complete"),
    "facts": ("keep", "ignore"),
    "html": ("auto", "yes", "no"),
    "format": ("text", "jsonl", "json", "csv", "warc", "parquet", "markdown", "html", "feed"),
}
_KEEPS = ("earliest", "latest", "longest", "first")
_COUNTS = ("threads", "shingle", "min_words", "min_sentence_words", "min_loop_copies", "boilerplate", "cap", "keep_copies")
_SHARES = ("threshold", "min_similarity", "contained", "item_share")
#: More threads than any machine has cores.
_MOST_THREADS = 4096
RULES = (
    "repeated-block",
    "repeated-paragraph",
    "repeated-sentence",
    "repeated-passage",
    "repeated-phrase",
    "identical",
    "near-duplicate",
    "contained",
    "boilerplate",
    "reused-passage",
    "common-run",
    "contains-item",
)


def _check_values(given: "dict[str, Any]", cleans: bool) -> None:
    """Refuses values of a wrong kind, by the name of the keyword."""
    for name, value in given.items():
        choices = _CHOICES.get(name)
        if choices is not None and value not in choices:
            raise SettingError(f"{name}: must be one of {', '.join(choices)} (got {value!r})")
        if name in _COUNTS and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise SettingError(f"{name}: must be a whole number (got {value!r})")
        if name in _SHARES and (isinstance(value, bool) or not isinstance(value, (int, float)) or value != value):
            raise SettingError(f"{name}: must be a number (got {value!r})")
    if given.get("threads", 0) > _MOST_THREADS:
        raise SettingError(f"threads: must be at most {_MOST_THREADS} (got {given['threads']})")
    keep = str(given.get("keep", "first"))
    if keep not in _KEEPS and not (cleans and keep.startswith(("highest:", "outlets:"))):
        more = ", highest:FIELD or outlets:A,B" if cleans else "; highest: and outlets: are for dedup and clean"
        raise SettingError(f"keep: must be one of {', '.join(_KEEPS)}{more} (got {keep!r})")


def check_rules(remove: "Union[str, Sequence[str]]") -> "list[str]":
    """The rules that `remove` names."""
    rules = [remove] if isinstance(remove, str) else list(remove)
    for rule in rules:
        if rule not in RULES:
            raise SettingError(f"remove: no rule {rule!r}; rules: {', '.join(RULES)}")
    return rules


def check_names(settings: "dict[str, Any]", *groups: "Sequence[str]") -> None:
    """Refuses keywords that are in none of the groups."""
    known = [name for group in groups for name in group]
    for name in settings:
        if name not in known:
            import difflib

            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known keywords: {', '.join(sorted(known))}"
            raise SettingError(f"unknown keyword `{name}`{hint}")


DETECTION = (*_DETECT, "keep", "html", *_WITHIN, *_RUN)
CLEANING = (*DETECTION, *_POLICY)
FILES = _FILES


def bytes_of(memory: "Memory") -> int:
    """Bytes of an amount of memory such as ``"2G"``."""
    if isinstance(memory, int) and not isinstance(memory, bool) and memory >= 0:
        return memory
    if not isinstance(memory, str):
        raise SettingError(f"memory: must be a number of bytes or a string such as '2G' (got {memory!r})")
    text = memory.strip().upper().removesuffix("B").removesuffix("I")
    number, unit = (text[:-1], text[-1]) if text and text[-1] in _UNITS else (text, "")
    try:
        return int(float(number) * _UNITS[unit])
    except ValueError:
        raise SettingError(f"memory: `{memory}` is no amount of memory; use bytes, or a number with K, M, G or T") from None


def _spans(value: Any) -> Any:
    if isinstance(value, int):
        return {"words": value}
    text = str(value)
    if text in ("lines", "paragraphs"):
        return text
    if text == "sentences":
        return {"sentences": 1}
    if text.isdigit():
        return {"words": int(text)}
    raise SettingError(f"spans: `{value}` is no unit; use a number of words, lines, paragraphs or sentences")


def _keep(value: str, policy: "dict[str, Any]") -> "Optional[str]":
    kind, _, rest = value.partition(":")
    if kind == "highest":
        policy["prefer"] = {"highest": rest}
        return None
    if kind == "outlets":
        policy["prefer"] = {"outlets": [name.strip() for name in rest.split(",")]}
        return None
    return value


def request(
    settings: "dict[str, Any]",
    *,
    scope: str = "all",
    fields: "Optional[dict[str, Optional[str]]]" = None,
    remove: "Optional[Sequence[str]]" = None,
) -> str:
    """The JSON that the extension module takes. A keyword that is None has its default."""
    given = {name: value for name, value in settings.items() if value is not None}
    _check_values(given, remove is not None)
    policy: "dict[str, Any]" = {name: given[name] for name in _POLICY if name in given and name not in ("spans", "filter")}
    if "filter" in given:
        wanted_filter = given["filter"]
        policy["filter"] = {} if wanted_filter == "gopher" else dict(wanted_filter)
    if "spans" in given:
        policy["spans"] = _spans(given["spans"])
    detect: "dict[str, Any]" = {name: given[name] for name in _DETECT if name in given}
    detect["scope"] = scope
    if "keep" in given:
        kept = _keep(given["keep"], policy)
        if kept is not None:
            detect["keep"] = kept
    within = {name: given[name] for name in _WITHIN if name in given}
    if within:
        detect["within"] = within
    wanted: "dict[str, Any]" = {"detect": detect}
    if remove is not None:
        policy["remove"] = list(remove)
    if policy:
        wanted["policy"] = policy
    if "threads" in given:
        wanted["threads"] = given["threads"]
    if "memory" in given:
        wanted["memory"] = bytes_of(given["memory"])
    if "temp_dir" in given:
        wanted["temp_dir"] = os.fspath(given["temp_dir"])
    if fields:
        wanted["fields"] = {role: name for role, name in fields.items() if name is not None}
    if "html" in given:
        wanted["html"] = given["html"]
    if "format" in given:
        wanted["format"] = given["format"]
    return json.dumps(wanted)


def callback(progress: Any) -> "Optional[Callback]":
    """What the extension module calls with the progress of a run."""
    if progress is None or progress is False:
        return None
    if progress is True or progress == "tqdm":
        return _Bar()
    if callable(progress):
        return progress  # type: ignore[no-any-return]
    raise SettingError(f"progress: must be None, 'tqdm' or a callable (got {progress!r})")


class _Bar:
    """A bar of tqdm for each phase."""

    def __init__(self) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            raise SettingError("progress: the package tqdm is not installed; install it, or pass a callable") from None
        self._new: Any = tqdm
        self._phase = ""
        self._bar: Any = None

    def __call__(self, phase: str, done: int, total: "Optional[int]") -> None:
        if phase != self._phase:
            self.close()
            unit = "B" if phase in ("reading", "writing") else " pairs"
            self._bar = self._new(total=total, desc=phase, unit=unit, unit_scale=True, leave=False)
            self._phase = phase
        self._bar.total = total
        self._bar.n = done
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
