"""Near-duplicates of a corpus in shards: files that are too many, or too large, for one process.

The stages of the command (`refrain stage`) run as processes of their own, as many at a time as there are workers; `refrain.ray` runs the same on a Ray cluster.
Stages that are finished are not run again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

from .errors import InputError, RefrainError, SettingError

__all__ = ["Shards", "StageKilledError", "near_duplicates", "run_stage"]

Paths = Union[str, "os.PathLike[str]", Sequence[Union[str, "os.PathLike[str]"]]]
#: Command lines of a stage that do not depend on each other; returns once all are done.
Runner = Callable[[List[List[str]]], None]

#: Settings, and the flags that they are.
_FLAGS = {
    "text": "text-field",
    "id": "id-field",
    "date": "date-field",
    "threshold": "threshold",
    "shingle": "shingle",
    "fold": "fold",
    "keep": "keep",
    "html": "html-fields",
    "strict": "strict",
    "threads": "jobs",
}
#: Those that say how files are read, which stages that read them again need too.
_READING = ("text", "id", "date", "html", "threads")


class StageKilledError(RefrainError):
    """A process that ran a stage was ended by a signal. What it had not finished can be run again."""

    code = "stage-killed"


class Shards:
    """What was found.

    Attributes:
        folder: the folder of the stages.
        pairs: path of a Parquet file: rule, a, b, jaccard, a_in_b, b_in_a.
        clusters: path of a Parquet file: cluster (the least id in it), id, row, class, keep, min_jaccard.
        outputs: the folders or files of what is kept, one for each shard, where an output was named.
        counts: documents, empty, skipped, classes, candidates, near (pairs of classes), pairs, clusters, members, uncompared.
        digests: of `pairs` and `clusters`; the same for the same findings, whatever their order.
    """

    def __init__(self, folder: str, shards: int, parts: int, outputs: Sequence[str]) -> None:
        self.folder = folder
        self.outputs = list(outputs)
        self.pairs = os.path.join(folder, "components", "00001", "pairs.parquet")
        self.clusters = os.path.join(folder, "components", "00001", "clusters.parquet")
        joined = _manifest(folder, "components", 1)
        self.digests: Dict[str, str] = dict(joined["digests"])
        sketched = [_manifest(folder, "sketch", number) for number in range(1, shards + 1)]
        members = [_manifest(folder, "classes", number) for number in range(1, parts + 1)]
        proposed = [_manifest(folder, "candidates", number) for number in range(1, parts + 1)]
        verified = [_manifest(folder, "verify", number) for number in range(1, parts + 1)]

        def total(manifests: Sequence[Any], what: str) -> int:
            return sum(manifest["counts"][what] for manifest in manifests)

        self.counts: Dict[str, int] = {
            **{what: total(sketched, what) for what in ("documents", "empty", "skipped")},
            "classes": total(sketched, "classes") - total(members, "members"),
            "candidates": total(verified, "compared"),
            "near": total(verified, "near"),
            **{what: joined["counts"][what] for what in ("pairs", "clusters", "members")},
            "uncompared": total(proposed, "uncompared"),
        }


def near_duplicates(
    shards: Sequence[Paths],
    *,
    work: Union[str, "os.PathLike[str]"],
    output: Optional[Union[str, "os.PathLike[str]"]] = None,
    parts: Optional[int] = None,
    workers: Optional[int] = None,
    **settings: Any,
) -> Shards:
    """Finds documents whose sets of shingles have a Jaccard similarity of `threshold` or more, shard by shard.

    Args:
        shards: for each shard its files, folders or globs. Documents need ids of their own, over all shards; of those of one cluster it is checked.
        work: the folder of the stages. With the same shards and settings, what is finished there is not done again.
        output: a folder for what is kept of each shard, with manifests; None writes nothing.
        parts: into how many parts the later stages are divided; as many as shards by default.
        workers: processes at a time; as many as processors by default.
        **settings: `text`, `id` and `date` (fields), `threshold`, `shingle`, `fold`, `keep`, `html`, `strict`, and `threads` of each process.

    Raises:
        SettingError: a keyword out of its range.
        InputError: input that cannot be read, documents of one cluster with the same id.
        StageKilledError: a process was killed; call again to go on.
    """
    count = workers or os.cpu_count() or 1
    # The processes share the processors.
    settings.setdefault("threads", max(1, (os.cpu_count() or 1) // count))

    def run(lines: List[List[str]]) -> None:
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(run_stage, lines))

    return run_over(shards, work, output, parts, settings, run)


def run_over(
    shards: Sequence[Paths], work: Union[str, "os.PathLike[str]"], output: Optional[Union[str, "os.PathLike[str]"]], parts: Optional[int], settings: Dict[str, Any], run: Runner
) -> Shards:
    """The stages in their order, each by `run`."""
    unknown = [name for name in settings if name not in _FLAGS]
    if unknown:
        raise SettingError(f"{unknown[0]}: is no setting of shards; there are {', '.join(_FLAGS)}")
    if not shards:
        raise SettingError("shards: there are none; name the files of each")
    folder, count = os.fspath(work), parts or len(shards)
    inputs = [[os.fspath(paths)] if isinstance(paths, (str, os.PathLike)) else [os.fspath(path) for path in paths] for paths in shards]
    reading = _flags({name: value for name, value in settings.items() if name in _READING})

    def of_shards(stage: str, *flags: str) -> List[List[str]]:
        return [[stage, *paths, "--work", folder, "--shard", f"{number}/{len(inputs)}", *flags] for number, paths in enumerate(inputs, 1)]

    def of_parts(stage: str) -> List[List[str]]:
        return [[stage, "--work", folder, "--part", str(number)] for number in range(1, count + 1)]

    run(of_shards("sketch", "--parts", str(count), *_flags(settings)))
    run(of_parts("classes"))
    run(of_parts("candidates"))
    run(of_shards("sets", *reading))
    run(of_parts("verify"))
    run([["components", "--work", folder]])
    outputs: List[str] = []
    if output is not None:
        outputs = [os.path.join(os.fspath(output), _output_name(number, paths)) for number, paths in enumerate(inputs, 1)]
        run([[*line, "--output", to] for line, to in zip(of_shards("apply", *reading), outputs)])
    return Shards(folder, len(inputs), count, outputs)


def run_stage(line: List[str]) -> None:
    """Runs `refrain stage` with a command line in a process of its own.

    Raises:
        InputError: it failed; the message is its own.
        StageKilledError: it was ended by a signal.
    """
    done = subprocess.run([sys.executable, "-m", "refrain", "stage", *line, "--quiet"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode < 0:
        raise StageKilledError(f"stage {line[0]}: ended by signal {-done.returncode}; run it again to go on")
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip()
        raise InputError(message[len("refrain: ") :] if message.startswith("refrain: ") else message)


def _flags(settings: Dict[str, Any]) -> List[str]:
    """Settings as flags of the command."""
    flags = []
    for name, value in settings.items():
        if value is not None:
            flags.append(f"--{_FLAGS[name]}={str(value).lower() if isinstance(value, bool) else value}")
    return flags


def _output_name(number: int, paths: Sequence[str]) -> str:
    """Where a shard goes: a file that is named as its only file, or a folder."""
    is_file = len(paths) == 1 and os.path.isfile(paths[0])
    return f"{number:05}-{Path(paths[0]).name}" if is_file else f"{number:05}"


def _manifest(folder: str, stage: str, number: int) -> Dict[str, Any]:
    with open(os.path.join(folder, stage, f"{number:05}", "manifest.json"), encoding="utf-8") as file:
        manifest: Dict[str, Any] = json.load(file)
    return manifest
