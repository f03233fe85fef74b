"""Near-duplicates of a corpus in shards on a Ray cluster, with the pairs, clusters and files of `refrain.shards`.

Each shard or part of a stage is a task; Ray runs a task again whose worker or process is killed. All nodes need the package, the shards and the folder of the stages under the
same paths, as on a shared file system.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, List, Optional, Sequence, Union

from .shards import Paths, Shards, StageKilledError, run_over, run_stage

__all__ = ["near_duplicates"]


def near_duplicates(
    shards: Sequence[Paths],
    *,
    work: Union[str, "os.PathLike[str]"],
    output: Optional[Union[str, "os.PathLike[str]"]] = None,
    parts: Optional[int] = None,
    cpus: int = 1,
    retries: int = 3,
    **settings: Any,
) -> Shards:
    """Finds near-duplicates as `refrain.shards.near_duplicates` does, by tasks of Ray. Connects to Ray if the program has not.

    Args:
        shards, work, output, parts, **settings: as there; `threads` are `cpus` by default.
        cpus: processors of a task.
        retries: how often a task that was killed is run again.
    """
    ray: Any = import_module("ray")
    if not ray.is_initialized():
        ray.init()
    settings.setdefault("threads", cpus)
    task: Any = ray.remote(num_cpus=cpus, max_retries=retries, retry_exceptions=[StageKilledError])(run_stage)

    def run(lines: List[List[str]]) -> None:
        ray.get([task.remote(line) for line in lines])

    # Tasks run in folders of their own.
    absolute = [os.path.abspath(paths) if isinstance(paths, (str, os.PathLike)) else [os.path.abspath(path) for path in paths] for paths in shards]
    return run_over(absolute, os.path.abspath(work), os.path.abspath(output) if output is not None else None, parts, settings, run)
