"""Shards as tasks of Ray: the same as processes of one machine."""

from __future__ import annotations

import json
import random
import sys
import threading
from pathlib import Path
from typing import Any, Iterator

import pytest

import refrain.shards

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from killing import kill_first  # noqa: E402


@pytest.fixture(scope="module")
def ray_session() -> Iterator[Any]:
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield ray
    ray.shutdown()


def written(folder: Path, count: int) -> list[str]:
    """Shards with near-duplicates across them."""
    drawn = random.Random(8)
    words = [f"word{at}" for at in range(4000)]
    lines: list[str] = []
    while len(lines) < 500:
        text = drawn.choices(words, k=80)
        for _ in range(drawn.choice((1, 2, 4))):
            changed = [drawn.choice(words) if drawn.random() < 0.01 else word for word in text]
            lines.append(json.dumps({"id": f"d{len(lines)}", "text": " ".join(changed)}) + "\n")
    drawn.shuffle(lines)
    paths = []
    for number in range(count):
        paths.append(str(folder / f"{number}.jsonl"))
        Path(paths[-1]).write_text("".join(lines[number::count]), encoding="utf-8")
    return paths


def test_ray_finds_the_same_though_a_task_is_killed(ray_session: Any, tmp_path: Path) -> None:
    import refrain.ray

    paths = written(tmp_path, 4)
    expected = refrain.shards.near_duplicates(paths, work=tmp_path / "expected", output=tmp_path / "kept")
    killed: list[int] = []
    work = str(tmp_path / "work")
    killer = threading.Thread(target=kill_first, args=("sketch", work, killed))
    killer.start()
    found = refrain.ray.near_duplicates(paths, work=work, output=tmp_path / "out", parts=3)
    killer.join()
    assert killed
    assert found.digests == expected.digests
    assert found.counts["pairs"] == expected.counts["pairs"] > 50
    assert [Path(path).read_bytes() for path in found.outputs] == [Path(path).read_bytes() for path in expected.outputs]
