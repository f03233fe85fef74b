"""Connected components against brute force."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from refrain.components import NotConvergedError, connected, connected_in_spark


def brute_force(edges: list[tuple[int, int]]) -> dict[int, int]:
    """Every node with the least one that it reaches."""
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in edges:
        near[a].add(b)
        near[b].add(a)
    found: dict[int, int] = {}
    for start in sorted(near):
        waiting = [start]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found[node] = start
                waiting += near[node]
    return found


def graph(drawn: random.Random) -> list[tuple[int, int]]:
    """Some chains, stars, cliques and loose edges, with numbers in no order."""
    numbers = drawn.sample(range(1_000_000), 400)
    edges: list[tuple[int, int]] = []
    while len(numbers) > 40:
        some, numbers = numbers[: drawn.randrange(2, 40)], numbers[40:]
        kind = drawn.randrange(3)
        if kind == 0:
            edges += zip(some, some[1:])
        elif kind == 1:
            edges += [(some[0], other) for other in some[1:]]
        else:
            edges += [(a, b) for a in some[:8] for b in some[:8] if a != b]
    edges += [(drawn.choice(edges)[0], drawn.choice(edges)[1]) for _ in range(drawn.randrange(4))]
    drawn.shuffle(edges)
    return edges


def test_random_graphs_have_the_components_of_brute_force() -> None:
    for seed in range(200):
        edges = graph(random.Random(seed))
        assert connected(edges) == brute_force(edges), seed


def test_long_chains_take_linear_time() -> None:
    chain = [(at, at + 1) for at in range(100_000)]
    random.Random(1).shuffle(chain)
    assert set(connected(chain).values()) == {0}


def rows(frame: Any) -> dict[int, int]:
    return {row.node: row.component for row in frame.collect()}


@pytest.mark.parametrize("seed", range(3))
def test_stars_find_the_same_as_the_driver(sail: Any, tmp_path: Path, seed: int) -> None:
    edges = graph(random.Random(seed))
    frame = sail.createDataFrame(edges, "a long, b long")
    assert rows(connected_in_spark(frame, folder=str(tmp_path), driver_edges=0)) == brute_force(edges)
    assert rows(connected_in_spark(frame, folder=str(tmp_path))) == brute_force(edges)


def test_a_chain_of_ten_thousand_settles(sail: Any, tmp_path: Path) -> None:
    chain = [(at * 7919 % 10_007, (at + 1) * 7919 % 10_007) for at in range(10_000)]
    frame = sail.createDataFrame(chain, "a long, b long")
    found = rows(connected_in_spark(frame, folder=str(tmp_path), driver_edges=0))
    assert found == brute_force(chain)


def test_what_does_not_settle_is_an_error(sail: Any, tmp_path: Path) -> None:
    frame = sail.createDataFrame([(at, at + 1) for at in range(1000)], "a long, b long")
    with pytest.raises(NotConvergedError, match="after 2 rounds"):
        connected_in_spark(frame, folder=str(tmp_path), driver_edges=0, rounds=2)


def test_no_edges_are_no_components(sail: Any, tmp_path: Path) -> None:
    frame = sail.createDataFrame([(1, 2)], "a long, b long").where("a > 5")
    assert rows(connected_in_spark(frame, folder=str(tmp_path))) == {}
