"""How calls run: errors, threads, progress, interrupts, forks, streams, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import refrain

COMMAND = [sys.executable, "-m", "refrain"]


def varied(rows: int, words: int = 60) -> list[str]:
    """Texts of which every hundredth repeats another."""
    return [" ".join(f"w{row - row % 100 if row % 100 == 1 else row}x{at}" for at in range(words)) for row in range(rows)]


def test_errors_have_classes_and_codes(tmp_path: Path) -> None:
    with pytest.raises(refrain.SettingError, match="threshold: must be between 0.3 and 1.0") as raised:
        refrain.dedup(["a"], threshold=3.0)
    assert raised.value.code == "setting" and isinstance(raised.value, (ValueError, refrain.RefrainError))
    with pytest.raises(refrain.SettingError, match="unknown keyword `treshold`; did you mean `threshold`?"):
        refrain.dedup(["a"], treshold=0.5)  # type: ignore[call-arg]
    with pytest.raises(refrain.NotFoundError, match="no such file") as missing:
        refrain.scan(tmp_path / "none.jsonl")
    assert missing.value.code == "not-found" and isinstance(missing.value, FileNotFoundError)
    with pytest.raises(refrain.InputError, match="no column `body` for `text`; columns: id, text"):
        refrain.dedup([{"id": 1, "text": "a"}], "body")
    with pytest.raises(refrain.InputError, match="row 1: `text` is int, not a string"):
        refrain.dedup(["a", 3])
    with pytest.raises(refrain.InputError, match="row 1: is int, not a dict"):
        refrain.dedup([{"text": "a"}, 3])
    with pytest.raises(refrain.InputError, match="row 0: `text` has a lone surrogate"):
        refrain.dedup(["a\ud800"])
    with pytest.raises(refrain.InputError, match="cannot read int"):
        refrain.dedup(3)
    with pytest.raises(refrain.SettingError, match="id: has 1 values for 2 texts"):
        refrain.scan(["a", "b"], id=["x"])
    with pytest.raises(refrain.SettingError, match="fold: must be one of full, light, none"):
        refrain.scan(["a"], fold="fast")  # type: ignore[arg-type]
    for wrong, words in [({"threads": 10**6}, "threads: must be at most"), ({"threads": -1}, "threads: must be a whole number"), ({"threshold": "0.8"}, "threshold: must be a number"),
                         ({"threshold": float("nan")}, "threshold: must be a number"), ({"memory": "x"}, "memory: `x`"), ({"memory": -1}, "memory"), ({"keep": "best"}, "keep: must be one of"),
                         ({"keep": "highest:score"}, "are for dedup and clean"), ({"format": "xyz"}, "format: must be one of"), ({"progress": 5}, "progress")]:
        with pytest.raises(refrain.SettingError, match=words):
            refrain.scan(["a"], **wrong)
    with pytest.raises(refrain.SettingError, match="remove: no rule 'nonsense'"):
        refrain.clean(["a"], remove=["nonsense"])
    with pytest.raises(refrain.InputError, match="no document with the id `zzz` was read"):
        refrain.dedup(["a"]).explain("zzz")
    for data in (b"bytes", {"text": ["a"]}):
        with pytest.raises(refrain.InputError, match="cannot read"):
            refrain.dedup(data)
    with pytest.raises(refrain.SettingError, match="paths"):
        refrain.dedup(tmp_path)


def test_a_column_of_another_type_is_refused() -> None:
    import pyarrow as pa

    class Foreign:
        """A table of no library that is known."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pa.table({"text": [[1], [2]]}).__arrow_c_stream__(requested_schema)

    with pytest.raises((refrain.InputError, pa.ArrowNotImplementedError)):
        refrain.scan(Foreign())


def test_columns_that_hold_no_strings_are_refused() -> None:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    with pytest.raises(refrain.InputError, match="several columns are named `text`"):
        refrain.dedup(pa.table([["a"], ["b"]], names=["text", "text"]))
    with pytest.raises(refrain.InputError, match="several columns are named `text`"):
        refrain.dedup(pd.DataFrame([["a", "b"]], columns=["text", "text"]))
    for nested in (pl.DataFrame({"text": [["a"]]}), pa.table({"text": [["a"]]}), pa.table({"text": [{"a": 1}]})):
        with pytest.raises(refrain.InputError, match="not strings"):
            refrain.dedup(nested)
    with pytest.raises(refrain.InputError, match="row 1: `text` is int, not a string"):
        refrain.dedup(pd.DataFrame({"text": pd.Series(["a", 3], dtype=object)}))
    assert refrain.dedup(pl.DataFrame({"text": []})).data.height == 0


def test_a_finding_can_be_copied_and_pickled() -> None:
    import copy
    import pickle

    finding = next(iter(refrain.scan(["a b c", "A b c"])))
    assert copy.deepcopy(finding).a == pickle.loads(pickle.dumps(finding)).a == finding.a


def test_results_do_not_depend_on_threads_or_memory() -> None:
    texts = varied(3000)
    expected = refrain.scan(texts).to_jsonl()
    for settings in ({"threads": 1}, {"threads": 3}, {"memory": "30M"}, {"memory": 10 << 20, "threads": 1}):
        assert refrain.scan(texts, **settings).to_jsonl() == expected


def test_progress_is_reported_in_order() -> None:
    seen: list[tuple[str, int, Any]] = []
    refrain.scan(varied(30_000), progress=lambda phase, done, total: seen.append((phase, done, total)))
    phases = list(dict.fromkeys(phase for phase, *_ in seen))
    order = ["reading", "candidates", "verification", "passages", "results", "writing"]
    assert phases and phases == sorted(phases, key=order.index)


def test_an_exception_of_the_callback_stops_the_call() -> None:
    class Stop(Exception):
        pass

    def callback(phase: str, done: int, total: Any) -> None:
        raise Stop

    begun = time.perf_counter()
    with pytest.raises(Stop):
        refrain.scan(varied(60_000), progress=callback)
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize("call", ["scan(texts)", "clean(texts)", "against(texts, texts)", "sketch(texts)", "Index(folder + '/i.db').add(texts)"])
def test_an_interrupt_stops_a_call_within_a_second(call: str, tmp_path: Path) -> None:
    script = f"""
        import os, signal, sys, threading, time
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        import refrain
        from test_runs import varied
        folder = {str(tmp_path)!r}
        texts = varied(200_000)
        at = []
        def interrupt():
            at.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)
        threading.Timer(0.15, interrupt).start()
        try:
            refrain.{call}
        except KeyboardInterrupt:
            late = time.perf_counter() - at[0]
            # The system takes a moment to forget a thread that has ended.
            time.sleep(0.3)
            running = [name for name in os.listdir("/proc/self/task") if open(f"/proc/self/task/{{name}}/comm").read().startswith("refrain")]
            print(f"{{late:.2f}}", len(running), sum(thread.is_alive() for thread in threading.enumerate()))
        else:
            print("done")
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True, check=True)
    assert ran.stdout.strip() != "done", "the call was over before the interrupt; make it longer"
    late, running, threads = ran.stdout.split()
    assert float(late) < 1.0 and running == "0" and threads == "1", ran.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_can_call() -> None:
    texts = varied(2000)
    expected = len(refrain.near_duplicates(texts).pairs)
    child = os.fork()
    if child == 0:
        os._exit(0 if len(refrain.near_duplicates(texts).pairs) == expected else 1)
    begun = time.time()
    while time.time() - begun < 30:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the child hangs")


def test_calls_of_several_threads_run_side_by_side() -> None:
    texts = varied(2000)
    expected = refrain.scan(texts).to_jsonl()
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(refrain.scan(texts).to_jsonl())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_the_lock_of_the_interpreter_is_released() -> None:
    counted = 0
    running = threading.Event()

    def count() -> None:
        nonlocal counted
        while not running.is_set():
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    begun = time.perf_counter()
    refrain.scan(varied(20_000))
    taken = time.perf_counter() - begun
    running.set()
    thread.join()
    assert counted > taken / 0.05


def memory() -> int:
    """Bytes of resident memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_thousand_calls_leak_nothing() -> None:
    texts = varied(50)
    for _ in range(200):
        refrain.dedup(texts).removed
    before = memory()
    for _ in range(1000):
        refrain.dedup(texts).removed
        refrain.jaccard(texts[0], texts[1])
    assert memory() - before < 20 << 20


def test_a_stream_is_kept_in_a_file_and_given_back_as_a_stream(tmp_path: Path, records: Any) -> None:
    import pyarrow as pa

    table = pa.Table.from_pylist(records)
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2))
    kept = refrain.dedup(reader, "body", id="id", date="date", temp_dir=tmp_path)
    assert isinstance(kept.data, pa.RecordBatchReader)
    assert [record["id"] for record in kept.data.read_all().to_pylist()] == ["m0", "m2", "m4", "m5"]
    assert os.listdir(tmp_path) == [], "the file has no name"
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2))
    texts = refrain.clean(reader, "body", id="id", date="date").data.read_all().column("body").to_pylist()
    assert texts[3] == "\n".join(records[5]["body"].split("\n")[:2])


def test_the_command_comes_with_the_package(tmp_path: Path) -> None:
    ran = subprocess.run([*COMMAND, "--version"], stdout=subprocess.PIPE, text=True, check=True)
    assert ran.stdout == f"refrain {refrain.__version__}\n"
    script = Path(sys.executable).parent / "refrain"
    if script.exists():
        assert subprocess.run([script, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout == ran.stdout
    file = tmp_path / "a.txt"
    file.write_text("The council met on Monday and agreed to repair the old bridge.\n" * 2)
    assert subprocess.run([*COMMAND, "check", "--quiet", str(file)], stdout=subprocess.DEVNULL).returncode == 1
    assert subprocess.run([*COMMAND, "scan", "none.txt"], stderr=subprocess.DEVNULL).returncode == 2
    assert subprocess.run([*COMMAND, "scan", "--nonsense"], stderr=subprocess.DEVNULL).returncode == 2
    quiet = subprocess.run(f"{sys.executable} -m refrain scan {file} | head -1", shell=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert quiet.stderr == b"" or b"Traceback" not in quiet.stderr


def test_a_million_rows_need_little_memory() -> None:
    script = '''
import pyarrow as pa, random, refrain
def peak():
    return next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmHWM"))
drawn = random.Random(5)
words = [f"w{at}" for at in range(20_000)]
own = lambda row: " ".join(drawn.choices(words, k=25))
table = pa.table({"text": [own(row) if row % 10 else f"the same words in every tenth row of the thousand of number {row // 1000}" for row in range(1_000_000)]})
open("/proc/self/clear_refs", "w").write("5")
before = peak()
refrain.near_duplicates(table)
print((peak() - before) / 1_000_000)
'''
    ran = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True)
    assert float(ran.stdout) < 800


def test_a_bar_of_tqdm_shows_the_phases(capfd: pytest.CaptureFixture[str]) -> None:
    refrain.scan(varied(40_000), progress="tqdm")
    assert "reading" in capfd.readouterr().err


def test_the_import_is_fast() -> None:
    script = "import time; begun = time.perf_counter(); import refrain; print(time.perf_counter() - begun)"
    times = [float(subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True).stdout) for _ in range(7)]
    assert min(times) < 0.05, times
    modules = subprocess.run([sys.executable, "-c", "import refrain, sys; print(*sys.modules)"], stdout=subprocess.PIPE, text=True, check=True)
    assert not {"pyarrow", "pandas", "polars", "numpy", "datasets", "duckdb"} & set(modules.stdout.split())


def test_keep_filters_a_data_set(records: Any) -> None:
    import datasets

    data = datasets.Dataset.from_list(records)
    keep = refrain.keep(data, "body", id="id", date="date")
    expected = ["m0", "m2", "m4", "m5"]
    assert list(data.filter(keep, with_indices=True)["id"]) == expected
    assert list(data.filter(keep, load_from_cache_file=False)["id"]) == expected
    assert list(data.filter(keep, with_indices=True, num_proc=2, load_from_cache_file=False)["id"]) == expected
    with pytest.raises(Exception, match="with_indices=True"):
        data.filter(keep, num_proc=2, load_from_cache_file=False)
