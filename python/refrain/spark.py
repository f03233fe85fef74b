"""Near-duplicates of data frames of Spark, with the pairs and the similarities of the command.

Grouping, joins and distinct are Spark's; Rust runs in the executors, over Arrow. There is no code for the JVM, so that the module runs on Sail too, and on Spark Connect.
`python -m refrain.spark --help` describes the program.
"""

from __future__ import annotations

import argparse
import json
from typing import Any, Callable, Iterator, Optional

from . import _refrain, _settings
from .components import connected_in_spark
from .errors import InputError, SettingError

__all__ = ["NearDuplicates", "near_duplicates"]

#: Two classes of identical documents that make more pairs than this are listed by their first documents, as in the command.
MOST_PAIRS = 100_000

Batches = Iterator[Any]


class NearDuplicates:
    """What was found.

    Attributes:
        pairs: rule, a, b, jaccard, a_in_b, b_in_a: the pairs of documents, `a` before `b` bytewise.
        clusters: cluster (the least id in it), id, keep, min_jaccard: the members of clusters.
        counts: documents, empty, skipped, classes (of identical documents), candidates, verified, uncompared (pairs of large buckets).
    """

    def __init__(self, pairs: Any, clusters: Any, counts: dict[str, int]) -> None:
        self.pairs = pairs
        self.clusters = clusters
        self.counts = counts

    def digests(self) -> dict[str, str]:
        """Digests of `pairs` and `clusters`, which do not depend on order: those of `refrain stage components` and `refrain stage digest` for the same findings."""
        return {"pairs": _digest(self.pairs.select("rule", "a", "b", "jaccard")), "clusters": _digest(self.clusters.select("cluster", "id", "keep"))}

    def kept(self, frame: Any, id: str) -> Any:
        """The rows of a frame that are kept: all but the members of clusters that are not."""
        from pyspark.sql import functions as f

        removed = self.clusters.where("not keep").select(f.col("id").alias(id))
        return frame.withColumn(id, f.col(id).cast("string")).join(removed, id, "left_anti")


def near_duplicates(
    frame: Any,
    text: str = "text",
    *,
    id: str = "id",
    date: Optional[str] = None,
    work: str,
    resume: bool = False,
    rounds: int = 50,
    driver_edges: int = 1_000_000,
    **settings: Any,
) -> NearDuplicates:
    """Finds documents whose sets of shingles have a Jaccard similarity of `threshold` or more.

    Args:
        frame: a data frame of Spark or Sail.
        text: its column of texts. Rows without a text are counted, and left out.
        id: its column of ids, each of one row.
        date: its column of dates, for `keep`.
        work: a folder that all executors can write to. Each stage is written there as Parquet.
        resume: read stages that an earlier call with the same settings has finished. The frame has to be the same, too, which is not checked.
        rounds: rounds after which connected components that still change are an error.
        driver_edges: graphs of at most so many pairs are joined to clusters on the driver.
        **settings: `threshold`, `shingle`, `fold`, `keep`, `html`, as in `refrain.Detection`.

    Raises:
        SettingError: a keyword out of its range.
        InputError: ids that several rows have.
        NotConvergedError: see `rounds`.
    """
    _settings.check_names(settings, ("threshold", "shingle", "fold", "keep", "html"))
    request = _settings.request(settings, scope="near-duplicates")
    # Says at once what is out of range.
    _refrain.jaccard("", "", request)
    _refrain.sketch(_refrain.table_of([("text", [""])]), request)
    keep = settings.get("keep") or "earliest"
    if keep not in ("earliest", "latest", "longest", "first"):
        raise SettingError(f"keep: must be earliest, latest, longest or first (got {keep})")
    return _Search(frame, (text, id, date), work, resume, request).run(keep, rounds, driver_edges)


class _Search:
    """The stages of one call."""

    def __init__(self, frame: Any, columns: tuple[str, str, Optional[str]], work: str, resume: bool, request: str) -> None:
        from pyspark.sql import functions as f

        text, id, date = columns
        self.f = f
        self.session = frame.sparkSession
        self.documents = frame.select(
            f.col(id).cast("string").alias("id"), f.col(text).cast("string").alias("text"), (f.col(date).cast("string") if date else f.lit(None).cast("string")).alias("date")
        )
        self.work = work.rstrip("/")
        self.resume = resume
        self.request = request
        self.settings = json.dumps([request, *columns])

    def stage(self, name: str, made: Callable[[], Any]) -> Any:
        """A frame that is written, and read again: what depends on it does not compute it once more."""
        path = f"{self.work}/{name}"
        if not (self.resume and self._finished_with(path) == self.settings):
            self._mark(path, "unfinished")
            made().write.mode("overwrite").parquet(path)
            self._mark(path, self.settings)
        return self.session.read.parquet(path)

    def _mark(self, path: str, settings: str) -> None:
        """Notes beside a stage with which settings it was finished."""
        self.session.createDataFrame([(settings,)], "settings string").write.mode("overwrite").parquet(f"{path}.finished")

    def _finished_with(self, path: str) -> Optional[str]:
        try:
            rows = self.session.read.parquet(f"{path}.finished").collect()
        except Exception:  # The engines raise different exceptions for a path that does not exist.
            return None
        return rows[0].settings if len(rows) == 1 else None

    def run(self, keep: str, rounds: int, driver_edges: int) -> NearDuplicates:
        f = self.f
        sketched = self.stage("sketch", self.sketch)
        doubled = sketched.groupBy("id").count().where("count > 1").limit(1).collect()
        if doubled:
            raise InputError(f"several rows have the id `{doubled[0].id}`; near-duplicates need ids of their own")
        filled = sketched.where("tokens > 0")
        # Identical documents first: they cost one comparison.
        classes = self.stage("classes", lambda: filled.groupBy("hash", "tokens").agg(f.min("id").alias("id"), f.min("row").alias("class"), f.count("*").alias("size")))
        members = self.stage("members", lambda: filled.select("id", "hash", "tokens", "seconds").join(classes.select("hash", "tokens", "class", "size", f.col("id").alias("first")), ["hash", "tokens"]).drop("hash"))
        firsts = classes.select("class", f.col("id").alias("first"))
        # All members of a class have the same keys.
        keys = filled.join(classes.select(f.col("class").alias("row")), "row", "left_semi").select(f.col("row").alias("class"), f.posexplode("keys").alias("band", "key"))
        buckets = keys.groupBy("band", "key").agg(f.collect_list("class").alias("classes")).where(f.size("classes") > 1).select("classes")
        proposed = self.stage("proposed", lambda: buckets.mapInArrow(_propose, "a long, b long, left_out long"))
        candidates = self.stage("candidates", lambda: proposed.where("a is not null").select("a", "b").distinct())
        verified = self.stage("verified", lambda: self.verify(candidates, firsts))
        near = verified.where("is_near").drop("is_near")
        pairs = self.stage("pairs", lambda: self.pairs(members, near))
        components = connected_in_spark(near.select("a", "b"), folder=f"{self.work}/components", rounds=rounds, driver_edges=driver_edges)
        clusters = self.stage("clusters", lambda: self.clusters(members, near, components, keep))
        return NearDuplicates(pairs, clusters, self.counts(sketched, classes, proposed, candidates, near))

    def sketch(self) -> Any:
        request = self.request

        def sketch(batches: Batches) -> Batches:
            import pyarrow as pa
            from refrain import _refrain

            for batch in batches:
                table = pa.Table.from_batches([batch])
                found = pa.table(_refrain.sketch_batch(table, request))
                for column in ("hash", "tokens", "seconds", "keys"):
                    table = table.append_column(column, found.column(column))
                yield from table.select(["id", "hash", "tokens", "seconds", "keys"]).to_batches()

        found = self.documents.mapInArrow(sketch, "id string, hash binary, tokens int, seconds long, keys array<int>")
        return found.withColumn("row", self.f.monotonically_increasing_id())

    def verify(self, candidates: Any, firsts: Any) -> Any:
        f, request = self.f, self.request
        wanted = candidates.select(f.col("a").alias("class")).unionByName(candidates.select(f.col("b").alias("class"))).distinct()
        texts = firsts.join(wanted, "class").join(self.documents.select(f.col("id").alias("first"), "text"), "first").select("class", "text")

        def verify(batches: Batches) -> Batches:
            import pyarrow as pa
            from refrain import _refrain

            for batch in batches:
                table = pa.Table.from_batches([batch])
                found = pa.table(_refrain.verify_batch(table.select(["text_a", "text_b"]).rename_columns(["a", "b"]), request))
                columns = [table.column("a"), table.column("b"), *found.columns]
                yield from pa.table(columns, names=["a", "b", *found.column_names]).to_batches()

        sides = candidates.join(texts.select(f.col("class").alias("a"), f.col("text").alias("text_a")), "a")
        sides = sides.join(texts.select(f.col("class").alias("b"), f.col("text").alias("text_b")), "b").select("a", "b", "text_a", "text_b")
        return sides.mapInArrow(verify, "a long, b long, jaccard double, a_in_b double, b_in_a double, is_near boolean")

    def pairs(self, members: Any, near: Any) -> Any:
        """The pairs of classes as pairs of documents."""
        f = self.f

        def side(name: str) -> Any:
            return members.select(f.col("class").alias(name), *(f.col(column).alias(f"{column}_{name}") for column in ("id", "size", "first")))

        def pick(this: str, that: str) -> Any:
            """A column of the documents in the order of their ids."""
            return f.when(f.col("id_a") > f.col("id_b"), f.col(that)).otherwise(f.col(this))

        between = near.join(side("a"), "a").join(side("b"), "b")
        few = f"size_a * size_b <= {MOST_PAIRS} or id_a = first_a or id_b = first_b"
        shares = (pick("a_in_b", "b_in_a").alias("a_in_b"), pick("b_in_a", "a_in_b").alias("b_in_a"))
        alike = between.where(few).select(f.lit("near-duplicate").alias("rule"), pick("id_a", "id_b").alias("a"), pick("id_b", "id_a").alias("b"), "jaccard", *shares)
        several = members.where("size > 1")
        one, other = (several.select("class", f.col("id").alias(name), "size", "first") for name in ("a", "b"))
        same = one.join(other.drop("size", "first"), "class").where(f"a < b and (size * (size - 1) / 2 <= {MOST_PAIRS} or a = first)")
        equal = same.select(f.lit("identical").alias("rule"), "a", "b", *(f.lit(1.0).alias(name) for name in ("jaccard", "a_in_b", "b_in_a")))
        return alike.unionByName(equal)

    def clusters(self, members: Any, near: Any, components: Any, keep: str) -> Any:
        from pyspark.sql import Window

        f = self.f
        of = components.select(f.col("node").alias("class"), "component")
        joined = members.join(of, "class", "left").withColumn("component", f.coalesce("component", "class"))
        least = near.join(of.withColumnRenamed("class", "a"), "a").groupBy("component").agg(f.min("jaccard").alias("min_jaccard"))
        window = Window.partitionBy("component")
        orders = {
            "earliest": [f.col("seconds").isNull(), f.col("seconds").asc(), f.col("tokens").desc(), f.col("id").asc()],
            "latest": [f.col("seconds").isNull(), f.col("seconds").desc(), f.col("tokens").desc(), f.col("id").asc()],
            "longest": [f.col("tokens").desc(), f.col("id").asc()],
            "first": [f.col("id").asc()],
        }
        ranked = joined.withColumn("members", f.count("*").over(window)).where("members > 1")
        ranked = ranked.withColumn("cluster", f.min("id").over(window)).withColumn("keep", f.row_number().over(window.orderBy(*orders[keep])) == 1)
        return ranked.join(least, "component", "left").select("cluster", "id", "keep", f.coalesce("min_jaccard", f.lit(1.0)).alias("min_jaccard"))

    def counts(self, sketched: Any, classes: Any, proposed: Any, candidates: Any, near: Any) -> dict[str, int]:
        f = self.f
        no_tokens, no_text = f.when(f.col("tokens") == 0, True), f.when(f.col("hash").isNull(), True)
        first = sketched.agg(f.count("*"), f.count(no_tokens), f.count(no_text)).first()
        documents, empty, skipped = (int(number) for number in first)
        left_out = proposed.agg(f.sum("left_out")).first()[0]
        return {
            "documents": documents - skipped,
            "empty": empty - skipped,
            "skipped": skipped,
            "classes": classes.count(),
            "candidates": candidates.count(),
            "verified": near.count(),
            "uncompared": int(left_out or 0),
        }


def _digest(frame: Any) -> str:
    """The sum of the digests of the rows."""

    def digest(batches: Batches) -> Batches:
        import pyarrow as pa
        from refrain import _refrain

        for batch in batches:
            yield pa.record_batch([pa.array([_refrain.digest_batch(pa.Table.from_batches([batch]))])], names=["digest"])

    parts = frame.mapInArrow(digest, "digest string").collect()
    return f"{sum(int(part.digest, 16) for part in parts) % 2**128:032x}"


def _propose(batches: Batches) -> Batches:
    """Pairs of the members of buckets, and a row with the number of pairs that are left out."""
    import pyarrow as pa
    from refrain import _refrain

    for batch in batches:
        native, left_out = _refrain.pairs_of_buckets(batch.column(0).to_pylist())
        found = pa.table(native)
        yield from found.append_column("left_out", pa.array([0] * found.num_rows, pa.int64())).to_batches()
        if left_out:
            yield pa.record_batch([pa.array([None], pa.int64()), pa.array([None], pa.int64()), pa.array([left_out], pa.int64())], names=["a", "b", "left_out"])


def main(arguments: Optional[list[str]] = None) -> None:
    """The program: reads Parquet or JSON lines, writes pairs, clusters and what is kept."""
    parser = argparse.ArgumentParser(prog="python -m refrain.spark", description="Near-duplicates with Spark.")
    parser.add_argument("--input", required=True, help="Parquet, or JSON lines if the name ends in .jsonl or .json")
    parser.add_argument("--output", required=True, help="folder for pairs, clusters, kept and the stages")
    parser.add_argument("--master", help="address of a cluster; local[*] by default")
    parser.add_argument("--text", default="text", help="column of the texts")
    parser.add_argument("--id", default="id", help="column of the ids")
    parser.add_argument("--date", help="column of the dates")
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--keep", default="earliest")
    parser.add_argument("--resume", action="store_true", help="go on from the stages that are written")
    given = parser.parse_args(arguments)
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    session = builder.master(given.master or "local[*]").appName("refrain").config("spark.sql.execution.arrow.maxRecordsPerBatch", "1000").getOrCreate()
    read = session.read.json if given.input.rstrip("/").endswith((".jsonl", ".json")) else session.read.parquet
    frame = read(given.input)
    found = near_duplicates(frame, given.text, id=given.id, date=given.date, work=f"{given.output}/stages", resume=given.resume, threshold=given.threshold, keep=given.keep)
    found.pairs.write.mode("overwrite").parquet(f"{given.output}/pairs")
    found.clusters.write.mode("overwrite").parquet(f"{given.output}/clusters")
    found.kept(frame, given.id).write.mode("overwrite").parquet(f"{given.output}/kept")
    print(json.dumps(found.counts))


if __name__ == "__main__":
    main()
