"""Kills processes that run stages, for tests on Linux."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def kill_first(stage: str, work: str, killed: list[int]) -> None:
    """Kills the first process that runs a stage in a folder, and notes its id."""
    deadline = time.monotonic() + 60
    while not killed and time.monotonic() < deadline:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if stage.encode() in line and work.encode() in line:
                os.kill(int(pid), signal.SIGKILL)
                killed.append(int(pid))
                return
        time.sleep(0.002)
