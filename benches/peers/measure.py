"""Runs one command to its end and measures it: wall time, peak memory of all its processes, and whether it ended well.

The process that calls this must be small itself: a kernel may count what the caller held when it started the command.
"""
import dataclasses
import os
import pathlib
import signal
import subprocess
import threading
import time

SAMPLE_SECONDS = 0.1
PROC = pathlib.Path("/proc")


@dataclasses.dataclass
class Measurement:
    """What one run took. `peak_mb` is in 10^6 bytes; `failure` is "" when the command ended with exit code 0."""

    seconds: float
    peak_mb: float
    failure: str


def _children():
    """Maps each process id to those of its children, from /proc; {} where there is none."""
    children = {}
    for entry in PROC.glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may hold anything; the parent is the second field after it.
            parent = int(entry.read_text(errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue  # the process ended meanwhile
        children.setdefault(parent, []).append(int(entry.parent.name))
    return children


def _proportional_bytes(pid):
    """The process's memory, where a page shared by n processes counts 1/n in each; 0 when it is gone."""
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _tree_bytes(root):
    """The memory of a process and all its descendants now, shared pages counted once."""
    children, waiting, total = _children(), [root], 0
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        total += _proportional_bytes(pid)
    return total


class _TreeSampler(threading.Thread):
    """Looks at the memory of a process tree ten times a second until stopped, and keeps the greatest sum seen."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self._root = root
        self._ended = threading.Event()
        self.peak_bytes = 0

    def run(self):
        while not self._ended.wait(SAMPLE_SECONDS):
            self.peak_bytes = max(self.peak_bytes, _tree_bytes(self._root))

    def stop(self):
        self._ended.set()
        self.join()


def _wait(child, timeout_seconds):
    """Waits for the child, killing its whole group at the limit; gives (exit code, its resource use, whether it was killed)."""
    killed = threading.Event()

    def kill():
        killed.set()
        os.killpg(child.pid, signal.SIGKILL)

    timer = threading.Timer(timeout_seconds, kill)
    timer.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)  # the caller was interrupted: leave nothing running
        raise
    finally:
        timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage, killed.is_set()


def run(command, environment, log, output, timeout_seconds):
    """Runs `command` with its standard output to the file `output` and its messages to the file `log`; a Measurement.

    Peak memory is the greater of the kernel's record of the largest single process and the sum over the tree, sampled.
    """
    with open(output, "wb") as out, open(log, "ab") as messages:
        start = time.perf_counter()
        child = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=messages, start_new_session=True
        )
        sampler = _TreeSampler(child.pid)
        sampler.start()
        code, usage, killed = _wait(child, timeout_seconds)
        seconds = time.perf_counter() - start
        sampler.stop()
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    peak = max(usage.ru_maxrss * unit, sampler.peak_bytes)
    failure = f"stopped after {timeout_seconds} s" if killed else f"exit code {code}" if code else ""
    return Measurement(seconds, peak / 1e6, failure)
