#!/usr/bin/env python3
"""Holds `refrain scan` to the same findings from every format as from JSON lines, with files by the libraries that people write them with; and
`refrain clean` and `refrain restore` to what they promise of the same files, which those libraries read again; `refrain report` to the same
tables as Parquet as in CSV.

usage: formats.py REFRAIN
Needs what tests/formats.txt lists. Spark is used if pyspark and Java are there. Exit 1 at the first file that gives other findings."""
import csv
import gzip
import hashlib
import io
import itertools
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from datetime import date, datetime, timedelta, timezone

import duckdb
import polars
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import zstandard
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

FIRST_DAY = date(2015, 7, 21)
OUTLETS = ["courier.example", "ledger.example", None]


def articles():
    """Records of news as invented ones in corpus/, of other words, of no text; a tenth of them copies with a word or two changed."""
    pick = random.Random(7)
    root = pathlib.Path(__file__).parent.parent
    texts = [json.loads(line)["text"] for line in (root / "corpus/articles.jsonl").open(encoding="utf-8")]
    words = sorted({word for text in texts for word in text.split()})
    texts += ["\n".join(" ".join(pick.choices(words, k=40)) for _ in range(pick.randint(1, 12))) for _ in range(1500)]
    copies = [text.replace("a", 'o"', 2) + "\r\n\tend, of; it|" for text in pick.sample(texts, 150)]
    texts += copies + ["", None, None]
    pick.shuffle(texts)
    return [{"id": number, "text": text, "outlet": OUTLETS[number % 3], "day": FIRST_DAY + timedelta(days=pick.randint(0, 30))}
            for number, text in enumerate(texts)]


class Bench:
    def __init__(self, refrain, folder):
        self.refrain, self.folder, self.number, self.count = refrain, folder, itertools.count(), 0

    def path(self, ending):
        return str(self.folder / f"{next(self.number)}.{ending}")

    def scan(self, path, *args):
        command = [self.refrain, "scan", path, "--format", "jsonl", "--date-field", "day", *args]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            sys.exit(f"{path}: {ran.stderr}")
        return ran.stdout

    def expect(self, rows):
        path = self.path("jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row | {"id": str(row["id"]), "day": str(row["day"])}) + "\n" for row in rows)
        self.expected = self.scan(path)

    def check(self, what, path, *args):
        found = self.scan(path, *args)
        for want, got in itertools.zip_longest(self.expected.splitlines(), found.splitlines()):
            if want != got:
                sys.exit(f"{what}: expected {want}\nfound {got}")
        self.clean(what, path, *args)
        self.count += 1
        (shutil.rmtree if os.path.isdir(path) else os.remove)(path)


    def run(self, what, *command):
        ran = subprocess.run([self.refrain, *command], capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            sys.exit(f"{what}: {ran.stderr}")
        return ran

    def clean(self, what, path, *args):
        number = next(self.number)
        ending = "" if os.path.isdir(path) else os.path.basename(path)[os.path.basename(path).index("."):]
        out, back, manifest = (str(self.folder / f"{name}-{number}{ending}") for name in ("out", "back", "manifest"))
        self.run(what, "clean", path, "-o", out, "--manifest", manifest, "--keep", "first", "--date-field", "day", *args)
        self.run(what, "restore", out, "--manifest", manifest, "-o", back)
        with open(manifest, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        files = {line["name"]: line for line in lines if line["type"] == "file"}
        removals = {name: [line for line in lines if line["type"] == "removal" and line["file"] == name] for name in files}
        if not any(removals.values()):
            sys.exit(f"{what}: nothing was removed")
        for name, line in files.items():
            paths = [os.path.join(folder, name) if os.path.isdir(path) else folder for folder in (path, out, back)]
            if line["format"] == "parquet":
                check_columns(what, paths, line, removals[name])
            elif sha256(unpacked(paths[0])) != sha256(unpacked(paths[2])):
                sys.exit(f"{what}: was not restored")
            if line["format"] == "warc":
                with open(paths[1], "rb") as file:
                    if (read := sum(1 for _ in ArchiveIterator(file, check_digests="raise"))) == 0:
                        sys.exit(f"{what}: {read} records were left")
        for one in (out, back, manifest):
            (shutil.rmtree if os.path.isdir(one) else os.remove)(one)


def unpacked(path):
    programs = {".zst": "zstd", ".bz2": "bzip2", ".xz": "xz"}
    if program := programs.get(os.path.splitext(path)[1]):
        return subprocess.run([program, "-dc", path], capture_output=True, check=True).stdout
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return file.read()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def leaf(table, path):
    column = table[path.split(".")[0]].to_pylist()
    for name in path.split(".")[1:]:
        column = [value[name] if value is not None else None for value in column]
    return column


def check_columns(what, paths, line, removals):
    """The output has the kept rows with every other column as it was, texts less what the manifest says; what was restored is equal in all."""
    before, out, back = (pyarrow.parquet.ParquetFile(io.BytesIO(unpacked(path))) for path in paths)
    tables = [file.read() for file in (before, out, back)]
    whole, left, restored = ([table[name].to_pylist() for name in table.column_names] for table in tables)
    for name, other, values in (("restored", tables[2], restored), ("the output", tables[1], None)):
        if not tables[0].schema.equals(other.schema, check_metadata=True):
            sys.exit(f"{what}: {name} has another schema: {other.schema}\ninstead of {tables[0].schema}")
        if values is not None and values != whole:
            sys.exit(f"{what}: {name} has other values")
    if removals == []:
        return
    gone = {removal["row"] for removal in removals if removal["span"] is None}
    text = line["parquet"]["text"]
    texts = leaf(tables[0], text)
    for removal in reversed([removal for removal in removals if removal["span"] is not None]):
        row, (start, end) = removal["row"], removal["span"]
        kind = bytes if isinstance(texts[row], bytes) else str
        old = texts[row].decode() if kind is bytes else texts[row]
        texts[row] = old[:start] + old[end:]
        texts[row] = texts[row].encode() if kind is bytes else texts[row]
    kept = [row for row in range(tables[0].num_rows) if row not in gone]
    if leaf(tables[1], text) != [texts[row] for row in kept]:
        sys.exit(f"{what}: the output has other texts")
    for name, column, cleaned in zip(tables[0].column_names, whole, left):
        if name != text.split(".")[0] and cleaned != [column[row] for row in kept]:
            sys.exit(f"{what}: the output has other values in {name}")
    codecs = lambda file: [file.metadata.row_group(0).column(column).compression for column in range(file.metadata.num_columns)]
    groups = lambda file: [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    if codecs(before) != codecs(out) or codecs(before) != codecs(back) or groups(before) != groups(back):
        sys.exit(f"{what}: another codec, or other row groups")


def arrow_table(rows, text=pyarrow.string(), key=pyarrow.int64(), day=pyarrow.date32()):
    column = lambda name, of: pyarrow.array([row[name] for row in rows]).cast(of)
    keys = pyarrow.array([row["id"] for row in rows]).cast(key)
    plain = pyarrow.array([row["text"] for row in rows])
    texts = plain.dictionary_encode() if pyarrow.types.is_dictionary(text) else plain.cast(text)
    noise = pyarrow.array([[{"x": row["id"]}, None] for row in rows])
    return pyarrow.table({"noise": noise, "id": keys, "text": texts, "outlet": column("outlet", pyarrow.string()), "day": column("day", day)})


def check_pyarrow(bench, rows):
    def check(what, table, *args, **options):
        path = bench.path("parquet")
        pyarrow.parquet.write_table(table, path, **options)
        bench.check(f"pyarrow, {what}", path, *args)

    dictionary = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    kinds = [pyarrow.string(), pyarrow.large_string(), pyarrow.string_view(), dictionary, pyarrow.binary(), pyarrow.large_binary()]
    for kind in kinds:
        check(f"text as {kind}", arrow_table(rows, text=kind))
    keys = [pyarrow.int32(), pyarrow.uint64(), pyarrow.int16(), pyarrow.string()]
    for kind in keys:
        check(f"id as {kind}", arrow_table(rows, key=kind))
    days = [pyarrow.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC", "Asia/Riyadh")] + [pyarrow.date64()]
    for kind in days:
        check(f"day as {kind}", arrow_table(rows, day=kind))
    check("day as INT96", arrow_table(rows, day=pyarrow.timestamp("us")), use_deprecated_int96_timestamps=True)
    table = arrow_table(rows)
    for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
        for pages, group in (("1.0", 100), ("2.0", 1 << 20)):
            check(f"{codec}, pages {pages}", table, compression=codec, data_page_version=pages, row_group_size=group)
    for encoding in ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"):
        check(encoding, table, use_dictionary=False, column_encoding={"text": encoding}, data_page_size=20_000)
    check("small pages and an index", table, data_page_size=1000, write_page_index=True, write_page_checksum=True)
    check("a dictionary that overflows", table, dictionary_pagesize_limit=50_000, data_page_size=10_000)
    nested = [{"body": {"text": text}} if text is not None else None for text in table["text"].to_pylist()]
    nested = table.drop_columns("text").append_column("meta", pyarrow.array(nested))
    check("nested", nested, "--text-field", "meta.body.text")
    check("columns of every kind", every_kind(table), row_group_size=333, compression={"map": "zstd", "text": "gzip"})
    check("columns of every kind, without dictionaries", every_kind(table), use_dictionary=False, data_page_version="2.0", data_page_size=3000)
    path = bench.path("parquet")
    pyarrow.parquet.write_table(table, path, compression="none")
    with open(path, "rb") as plain, gzip.open(path + ".gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    bench.check("pyarrow, in gzip once more", path + ".gz")


def every_kind(table):
    """The table with columns of other types beside, nested ones and nulls at every depth."""
    numbers = table["id"].to_pylist()
    some = lambda number, value: value if number % 3 else None
    kinds = {
        "lists": (pyarrow.list_(pyarrow.list_(pyarrow.int16())), lambda n: [[n % 7, None], [], None][: n % 4]),
        "map": (pyarrow.map_(pyarrow.string(), pyarrow.list_(pyarrow.float64())), lambda n: [(str(n), [n / 3, None]), ("", None)][: n % 3]),
        "struct": (pyarrow.struct({"a": pyarrow.struct({"b": pyarrow.bool_()}), "c": pyarrow.large_string()}), lambda n: {"a": some(n + 1, {"b": some(n + 2, n % 2 == 0)}), "c": "c"}),
        "decimal": (pyarrow.decimal128(30, 4), lambda n: n),
        "fixed": (pyarrow.binary(3), lambda n: b"%03d" % (n % 1000)),
        "half": (pyarrow.float32(), lambda n: n / 7),
        "category": (pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), lambda n: "abc"[n % 3]),
        "nothing": (pyarrow.null(), lambda n: None),
        "time": (pyarrow.time64("ns"), lambda n: n * 1000),
        "long": (pyarrow.large_list(pyarrow.large_binary()), lambda n: [b"x" * (n % 50), None]),
    }
    for name, (kind, value) in kinds.items():
        values = [some(number, value(number)) for number in numbers]
        column = pyarrow.array(values).dictionary_encode() if name == "category" else pyarrow.array(values, type=kind)
        table = table.append_column(pyarrow.field(name, column.type, metadata={"of": name}), column)
    return table.replace_schema_metadata({"made": "for refrain", "bytes": b"\x00\xff".hex()})


def check_polars(bench, rows):
    frame = polars.from_arrow(arrow_table(rows).drop_columns("noise"))
    for codec in ("uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4"):
        path = bench.path("parquet")
        frame.write_parquet(path, compression=codec, row_group_size=300)
        bench.check(f"polars, {codec}", path)
    for kind in (polars.Categorical, polars.Binary):
        path = bench.path("pq")
        frame.with_columns(polars.col("text").cast(kind)).write_parquet(path)
        bench.check(f"polars, text as {kind}", path)
    path = bench.path("parquet")
    frame.with_columns(meta=polars.struct(body=polars.col("text"))).drop("text").write_parquet(path, data_page_size=5000)
    bench.check("polars, nested", path, "--text-field", "meta.body")


def check_duckdb(bench, rows):
    with duckdb.connect() as database:
        database.register("rows", arrow_table(rows).drop_columns("noise"))
        database.execute("create table articles as select * from rows")
        for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli", "lz4_raw"):
            for version in ("V1", "V2"):
                path = bench.path("parquet")
                database.execute(f"copy articles to '{path}' (format parquet, codec {codec}, parquet_version {version})")
                bench.check(f"duckdb, {codec} {version}", path)
        path = bench.path("parquet")
        nested = "select id::hugeint::bigint as id, {'body': text} as meta, outlet, day::timestamp as day from articles"
        database.execute(f"copy ({nested}) to '{path}' (format parquet, row_group_size 2048)")
        bench.check("duckdb, nested", path, "--text-field", "meta.body")


def check_tables(bench, rows):
    """Tables cannot tell no text from an empty one, so every record here has one."""
    named = [(row["id"], row["text"], row["outlet"], row["day"]) for row in rows]
    dialects = [(",", csv.QUOTE_MINIMAL, "\n", "csv"), (";", csv.QUOTE_ALL, "\r\n", "csv"), ("\t", csv.QUOTE_MINIMAL, "\r\n", "tsv"),
                ("|", csv.QUOTE_NONNUMERIC, "\n", "txt"), (",", csv.QUOTE_MINIMAL, "\r\n", "csv.gz")]
    for delimiter, quoting, line_end, ending in dialects:
        path = bench.path(ending)
        opened = gzip.open(path, "wt", newline="", encoding="utf-8") if ending.endswith("gz") else open(path, "w", newline="", encoding="utf-8-sig")
        with opened as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
            writer.writerow(["id", "text", "outlet", "day"])
            writer.writerows(named)
        bench.check(f"csv, {delimiter!r} {ending}", path)
    table = arrow_table(rows).drop_columns("noise")
    path = bench.path("csv")
    pyarrow.csv.write_csv(table, path)
    bench.check("pyarrow, csv", path)
    frame = polars.from_arrow(table)
    for style in ("necessary", "always", "non_numeric"):
        path = bench.path("csv")
        frame.write_csv(path, quote_style=style, separator=";")
        bench.check(f"polars, csv {style}", path)
    with duckdb.connect() as database:
        path = bench.path("csv.zst")
        database.register("rows", table)
        database.execute(f"copy (select * from rows) to '{path}' (format csv, header true)")
        bench.check("duckdb, csv in zstd", path)


def check_packers(bench, rows):
    """The content comes back, whoever compressed it, from one member or two."""
    lines = "".join(json.dumps(row | {"id": str(row["id"]), "day": str(row["day"])}) + "\n" for row in rows).encode()
    half = lines.index(b"\n", len(lines) // 2) + 1
    through = lambda *command: lambda part: subprocess.run(command, input=part, capture_output=True, check=True).stdout
    ways = [(f"gzip -{level}", "gz", through("gzip", f"-{level}")) for level in (1, 6, 9)]
    ways += [(f"pigz {more}", "gz", through("pigz", "-p4", "-b128", *more.split())) for more in ("-6", "--rsyncable")]
    ways += [("gzip of Python", "gz", lambda part: gzip.compress(part, mtime=7))]
    ways += [("blocks of bgzip", "gz", bgzip), ("libz by line", "gz", flushed)]
    ways += [(f"bzip2 -{level}", "bz2", through("bzip2", f"-{level}")) for level in (1, 9)]
    ways += [(f"xz {options}", "xz", through("xz", *options.split())) for options in ("-0", "-6", "-T4 -2 --block-size=300KiB", "-1 -C sha256")]
    ways += [(f"zstandard {options}", "zst", lambda part, options=options: zstandard.ZstdCompressor(**options).compress(part))
             for options in ({}, {"write_checksum": True, "threads": 1}, {"level": 19})]
    ways += [("zstandard, as a stream", "zst", streamed), ("pyarrow", "zst", lambda part: pyarrow.compress(part, "zstd", asbytes=True)),
             ("zstd --no-check", "zst", through("zstd", "--no-check")), ("zstd --long", "zst", through("zstd", "-9", "--long"))]
    for what, ending, pack in ways:
        for parts in ([lines], [lines[:half], lines[half:]]):
            path = bench.path(f"jsonl.{ending}")
            with open(path, "wb") as file:
                file.writelines(pack(part) for part in parts)
            bench.clean(f"{what} in {len(parts)}", path)
            os.remove(path)


def bgzip(part):
    """Members of 64 KiB with an extra field that tells their length, and an empty one at the end."""
    members = []
    for block in [part[at:at + 65280] for at in range(0, len(part), 65280)] + [b""]:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = packer.compress(block) + packer.flush()
        header = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(body) + 25)
        members.append(header + body + struct.pack("<II", zlib.crc32(block), len(block)))
    return b"".join(members)


def flushed(part):
    """What a server writes that packs as lines come."""
    packed = io.BytesIO()
    with gzip.GzipFile("server.log", "wb", 6, packed) as file:
        for number, line in enumerate(part.splitlines(keepends=True)):
            file.write(line)
            if number % 50 == 0:
                file.flush()
    return packed.getvalue()


def streamed(part):
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(level=3).stream_writer(packed, closefd=False) as file:
        file.write(part)
    return packed.getvalue()


def check_warc(bench, rows):
    named = [row | {"id": f"https://{row['outlet'] or 'other.example'}/{row['id']}", "outlet": row["outlet"] or "other.example"} for row in rows]
    bench.expect(named)
    for packed in (False, True):
        for size in (10, 1 << 30):
            path = bench.path("warc.wet.gz" if packed else "warc")
            with open(path, "wb") as file:
                writer = WARCWriter(file, gzip=packed)
                writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "none"}))
                for number, row in enumerate(named):
                    headers = {"WARC-Date": datetime.combine(row["day"], datetime.min.time(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
                    body = io.BytesIO(row["text"].encode())
                    writer.write_record(writer.create_warc_record(row["id"], "conversion", payload=body, warc_headers_dict=headers))
                    if number % size == 0:
                        answer = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
                        body = io.BytesIO(b"<p>text</p>\r\n\r\nWARC/1.0\r\n\r\n")
                        writer.write_record(writer.create_warc_record(row["id"], "response", payload=body, http_headers=answer))
            bench.check(f"warcio, {'gzip' if packed else 'plain'}, other records {size}", path)


def check_report(bench):
    """Each table of a report as Parquet has the rows of its CSV: numbers as numbers, times in UTC, lists."""
    shown = {"timestamp[ms, tz=UTC]": lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}", "bool": lambda flag: str(flag).lower(),
             "list<element: string not null>": " ".join, "double": lambda share: f"{share:.9f}"}
    root = pathlib.Path(__file__).parent.parent
    for table in ("pairs", "passages", "outlets", "sources", "clusters", "repetitions", "boilerplate"):
        paths = [bench.path(form) for form in ("csv", "parquet")]
        for path in paths:
            bench.run(table, "report", str(root / "corpus"), "--format", path.rsplit(".", 1)[1], "--table", table, "-o", path)
        with open(paths[0], encoding="utf-8", newline="") as file:
            head, *lines = csv.reader(file)
        read = pyarrow.parquet.read_table(paths[1])
        kinds = [str(field.type) for field in read.schema]
        if read.column_names != head or read.num_rows != len(lines) or not set(kinds) <= {*shown, "string", "int64"}:
            sys.exit(f"{table} as Parquet: {read.schema}, {read.num_rows} rows of {len(lines)}")
        for name, kind, column in zip(head, kinds, zip(*lines)):
            plain = [f"{float(cell):.9f}" if cell and kind == "double" else cell for cell in column]
            found = ["" if value is None else shown.get(kind, str)(value) for value in read[name].to_pylist()]
            if found != plain:
                sys.exit(f"{table} as Parquet: {name} is {found}, not {plain}")
        bench.count += 1


def check_spark(bench, rows):
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        return print("left out: pyspark is not there")
    if shutil.which("java") is None:
        return print("left out: Spark, because Java is not there")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
                "spark.sql.session.timeZone": "UTC", "spark.log.level": "ERROR"}
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        plain = [(row["id"], row["text"], row["outlet"], row["day"]) for row in rows]
        frame = spark.createDataFrame(plain, "id long, text string, outlet string, day date").repartition(3)
        # Its codec `lz4` cuts long pages into blocks that the parquet crate does not put together.
        for codec in ("snappy", "zstd", "gzip", "lz4_raw", "none"):
            path = bench.path("parquet")
            frame.write.option("compression", codec).parquet(path)
            bench.check(f"Spark, {codec}", path)
        stamped = frame.selectExpr("id", "struct(text as body) as meta", "outlet", "cast(day as timestamp) as day")
        for kind in ("INT96", "TIMESTAMP_MICROS", "TIMESTAMP_MILLIS"):
            spark.conf.set("spark.sql.parquet.outputTimestampType", kind)
            path = bench.path("parquet")
            stamped.write.parquet(path)
            bench.check(f"Spark, nested, {kind}", path, "--text-field", "meta.body")
    finally:
        spark.stop()


def main():
    rows = articles()
    with_text = [row for row in rows if row["text"] is not None]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(sys.argv[1], pathlib.Path(folder))
        for name, check, taken in [("pyarrow", check_pyarrow, rows), ("polars", check_polars, rows), ("duckdb", check_duckdb, rows),
                                   ("tables", check_tables, with_text), ("WARC", check_warc, with_text), ("Spark", check_spark, rows)]:
            bench.expect(taken)
            before = bench.count
            check(bench, taken)
            print(f"{name}: {bench.count - before} files, the findings of JSON lines from each; cleaned, read and restored")
        check_packers(bench, with_text[:400])
        print("packers: the content of what each of their programs compressed comes back")
        before = bench.count
        check_report(bench)
        print(f"report: {bench.count - before} tables, read as they are in CSV")


if __name__ == "__main__":
    main()
