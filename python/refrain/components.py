"""Connected components of a graph, for edges that do not fit one machine and for those that do."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from .errors import RefrainError

__all__ = ["NotConvergedError", "connected", "connected_in_spark"]


class NotConvergedError(RefrainError):
    """The components of a graph did not settle within the rounds that were allowed."""

    code = "not-converged"


def connected(edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The least node of the component of each node that has an edge.

    >>> connected([(3, 2), (2, 1), (5, 6)])
    {3: 1, 2: 1, 1: 1, 5: 5, 6: 5}
    """
    least: dict[int, int] = {}

    def root(node: int) -> int:
        top = node
        while least.setdefault(top, top) != top:
            top = least[top]
        while least[node] != top:
            least[node], node = top, least[node]
        return top

    for a, b in edges:
        x, y = root(a), root(b)
        if x < y:
            least[y] = x
        elif y < x:
            least[x] = y
    return {node: root(node) for node in list(least)}


def connected_in_spark(edges: Any, *, folder: str, rounds: int = 50, driver_edges: int = 1_000_000) -> Any:
    """The least node of the component of each node, by alternating large and small stars (Kiveris et al. 2014, Connected Components in MapReduce and Beyond).

    Args:
        edges: a data frame of the columns `a` and `b`, whole numbers.
        folder: where each round is written.
        rounds: after so many rounds that still change something the call fails.
        driver_edges: graphs of at most so many edges are computed on the driver.

    Returns:
        A data frame of the columns `node` and `component`.

    Raises:
        NotConvergedError: the graph did not settle.
    """
    from pyspark.sql import functions as f

    session = edges.sparkSession
    if edges.limit(driver_edges + 1).count() <= driver_edges:
        found = connected((row.a, row.b) for row in edges.select("a", "b").collect())
        rows = sorted(found.items()) or [(0, 0)]
        frame = session.createDataFrame(rows, "node long, component long")
        return frame if found else frame.limit(0)
    stars = edges.where("a <> b").select(f.greatest("a", "b").alias("u"), f.least("a", "b").alias("v")).distinct()
    before: Optional[Any] = None
    for number in range(rounds):
        stars = _small_star(_large_star(stars, f), f)
        path = f"{folder}/round-{number:03}"
        stars.write.mode("overwrite").parquet(path)
        stars = session.read.parquet(path)
        state = tuple(stars.agg(f.count("*"), f.sum(f.xxhash64("u", "v").cast("decimal(38,0)"))).first())
        if state == before:
            nodes = stars.select(f.col("u").alias("node"), f.col("v").alias("component"))
            return nodes.unionByName(nodes.select(f.col("component").alias("node"), "component")).distinct()
        before = state
    raise NotConvergedError(f"connected components: still changing after {rounds} rounds; allow more")


def _large_star(edges: Any, f: Any) -> Any:
    """Links the neighbours of each node that are greater to the least of them and the node."""
    both = edges.unionByName(edges.select(f.col("v").alias("u"), f.col("u").alias("v")))
    least = both.groupBy("u").agg(f.least(f.min("v"), f.first("u")).alias("m"))
    joined = both.join(least, "u").where("v > u")
    return joined.select(f.col("v").alias("u"), f.col("m").alias("v")).where("u <> v").distinct()


def _small_star(edges: Any, f: Any) -> Any:
    """Links the neighbours of each node that are less, and the node, to the least of them."""
    least = edges.groupBy("u").agg(f.min("v").alias("m"))
    joined = edges.join(least, "u")
    linked = joined.select(f.col("v").alias("u"), f.col("m").alias("v")).where("u <> v")
    return linked.unionByName(least.select("u", f.col("m").alias("v"))).distinct()
