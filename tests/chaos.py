#!/usr/bin/env python3
"""Kills refrain, fills its disk and damages what it reads, for a minute. usage: chaos.py REFRAIN

After each round: inputs are untouched; no file under a final name is part of one; what was cleaned comes back with the same content, or restore ends with 2
and writes nothing; an index is whole; standard error has no panic; the exit code is 0, 1, 2, 130 or the signal that was sent.

CHAOS_SECONDS (default 60) is the time, CHAOS_SEED the seed, which is printed; CHAOS_ROUND runs one round alone. What a round does follows from seed and
round; at which instruction a signal arrives does not.
"""
import gzip
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib

SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
CODES = {0, 1, 2, 130}
HANGS = 120  # seconds


class Failure(Exception):
    pass


def must(condition, *what):
    if not condition:
        raise Failure(" ".join(str(part) for part in what))


def words(rng, count):
    return " ".join(f"w{rng.randrange(4000)}" for _ in range(count))


def write_inputs(folder, rng):
    """A few files in several formats, with copies in them and across them."""
    folder.mkdir()
    articles = [words(rng, 80) for _ in range(900)]
    record = lambda n, text: json.dumps({"id": str(n), "text": text, "date": f"2020-01-{n % 28 + 1:02}", "outlet": f"o{n % 5}"}) + "\n"
    lines = lambda first: "".join(record(first + n, articles[rng.randrange(len(articles))] + "\n" + words(rng, 9)) for n in range(900)).encode()
    (folder / "a.jsonl").write_bytes(lines(0))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(lines(10_000), 6, mtime=0))
    rows = [f'{n},"{articles[n % 300]}"\n' for n in range(400)]
    (folder / "c.csv").write_text("id,text\n" + "".join(rows))
    (folder / "d.txt").write_text(articles[0] + "\n\n" + articles[0] + "\n")


def tree(folder, read=pathlib.Path.read_bytes):
    """The files below a folder by name; what begins with a dot is no final name."""
    if not folder.exists():
        return {}
    files = (path for path in folder.rglob("*") if path.is_file())
    names = ((path.relative_to(folder), path) for path in files)
    return {str(name): hashlib.sha256(read(path)).digest() for name, path in names if not any(part.startswith(".") for part in name.parts)}


def unpacked(path):
    """The content of a file, decompressed if it can be: a restored file has the same, compressed anew."""
    content = path.read_bytes()
    try:
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error):
        return content


def damaged(bytes_, rng):
    """Some bytes turned over, overwritten, cut out, put in, or all cut off."""
    found = bytearray(bytes_)
    for _ in range(rng.choice([1, 1, 2, 8])):
        at, length = rng.randrange(len(found) + 1), rng.choice([1, 4, 100, 5000])
        how = rng.randrange(5)
        if how == 0:
            for n in range(at, min(at + length, len(found))):
                found[n] ^= 1 << rng.randrange(8)
        elif how == 1:
            found[at : at + length] = rng.choice([b"\0", b"\xff", b"9", b"{"]) * len(found[at : at + length])
        elif how == 2:
            del found[at : at + length]
        elif how == 3:
            found[at:at] = rng.choice([rng.randbytes(length), bytes(found[:length])])
        else:
            del found[at:]
    return bytes(found)


class Chaos:
    def __init__(self, refrain, work, rng):
        self.refrain, self.work = refrain, work
        self.inputs = work / "in"
        write_inputs(self.inputs, rng)
        self.before, self.contents = tree(self.inputs), tree(self.inputs, unpacked)
        self.full = self.mounted()
        # What each command leaves if nobody disturbs it, and how long that takes.
        self.reference, self.seconds = work / "reference", {}
        self.reference.mkdir()
        for name in self.commands(self.reference):
            begun = time.monotonic()
            code, error = self.run(self.commands(self.reference)[name])
            must(code in (0, 1), name, "fails undisturbed:", error)
            self.seconds[name] = time.monotonic() - begun
        self.expected = tree(self.reference)
        must(tree(self.reference / "back", unpacked) == self.contents, "restored, it is something else")
        self.page = (self.reference / "page.html").read_bytes()

    def commands(self, to):
        """Restore reads what clean wrote; so does a run for each from the reference."""
        out = to if to == self.reference else self.reference
        return {
            "clean": ["clean", self.inputs, "-o", to / "out", "--manifest", to / "out.m"],
            "restore": ["restore", out / "out", "--manifest", out / "out.m", "-o", to / "back"],
            "index add": ["index", "add", to / "index", self.inputs, "--batch", "300"],
            "check --add": ["check", self.inputs, "--index", to / "index2", "--add", "--output", f"sarif={to / 'check.sarif'}"],
            "report": ["report", self.inputs, "-o", to / "page.html"],
        }

    def mounted(self):
        """A folder of which the size can be set, for root on Linux."""
        folder = self.work / "full"
        folder.mkdir()
        ran = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True) if os.geteuid() == 0 else None
        return folder if ran is not None and ran.returncode == 0 else None

    def close(self):
        if self.full is not None:
            subprocess.run(["umount", self.full], check=True)

    def start(self, command, **how):
        command = [str(part) for part in [self.refrain, *command, "--quiet"]]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.work, **how)

    def finish(self, child, sent=None):
        """Exit code and standard error of a run, which must be proper ones."""
        try:
            _, error = child.communicate(timeout=HANGS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise Failure("hangs") from None
        error = error.decode(errors="replace")
        must("panicked" not in error, "panics:", error)
        must(child.returncode in CODES or sent is not None and child.returncode in (-sent, 128 + sent), "exit code", child.returncode, error)
        return child.returncode, error

    def run(self, command, **how):
        return self.finish(self.start(command, **how))

    def check_files(self, to):
        """Every file in `to` is the whole one; indexes are whole, and one that lacks articles takes them."""
        must(tree(self.inputs) == self.before, "an input was changed")
        for name, found in tree(to).items():
            if not name.startswith("index"):
                must(found == self.expected.get(name), name, "is not the whole file")
        for name in ["index", "index2"]:
            if (to / name).exists():
                code, error = self.run(["index", "verify", to / name])
                must(code == 0, name, "is not whole:", error)
                code, error = self.run(["index", "add", to / name, self.inputs])
                must(code == 0, name, "takes no articles:", error)

    def kill(self, to, rng):
        """Runs a command and ends it at some moment."""
        name = rng.choice([*self.seconds, "clean", "index add"])
        sent, delay = rng.choice(SIGNALS), rng.uniform(0, 1.1) * self.seconds[name]
        yield f"{name}, {sent.name} after {delay:.3f} s"
        child = self.start(self.commands(to)[name])
        time.sleep(delay)
        child.send_signal(sent)
        self.finish(child, sent)
        self.check_files(to)
        if name == "clean":
            code, error = self.run([*self.commands(to)[name], "--resume"])
            must(code == 0, "does not go on:", error)
            must(tree(to) == {name: sum for name, sum in self.expected.items() if name.startswith("out")}, "went on to something else")

    def fill(self, to, rng):
        """Runs a command while there is little room: on a small disk, or with a limit for files."""
        name = rng.choice([*self.seconds])
        room = int(2 ** rng.uniform(12, 22))
        if self.full is not None and rng.randrange(2):
            yield f"{name}, {room} bytes of disk"
            for path in self.full.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            subprocess.run(["mount", "-o", f"remount,size={room}", self.full], check=True)
            folder, limit = self.full, None
        else:
            yield f"{name}, files of at most {room} bytes"
            folder, limit = to, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        # As a shell that ignores SIGXFSZ would, so that the write fails.
        code, error = self.run(self.commands(folder)[name], preexec_fn=limit, restore_signals=False)
        must(code in (0, 1) or error, "is silent about a full disk")
        if folder == self.full:
            subprocess.run(["mount", "-o", "remount,size=64m", self.full], check=True)
        self.check_files(folder)

    def hurt_input(self, to, rng):
        name = rng.choice(sorted(self.before))
        yield f"clean and restore with damage in {name}"
        hurt = to / "hurt"
        shutil.copytree(self.inputs, hurt)
        (hurt / name).write_bytes(damaged((hurt / name).read_bytes(), rng))
        before = tree(hurt)
        code, error = self.run(["clean", hurt, "-o", to / "out", "--manifest", to / "m"])
        must(tree(hurt) == before, "an input was changed")
        if code == 0:
            code, error = self.run(["restore", to / "out", "--manifest", to / "m", "-o", to / "back"])
            must(code == 0 and tree(to / "back", unpacked) == tree(hurt, unpacked), "comes back as something else:", error)
        else:
            must(code == 2 and error, code, error)

    def hurt_manifest(self, to, rng):
        yield "restore with damage in the manifest"
        (to / "m").write_bytes(damaged((self.reference / "out.m").read_bytes(), rng))
        code, error = self.run(["restore", self.reference / "out", "--manifest", to / "m", "-o", to / "back"])
        found = tree(to / "back", unpacked)
        must(code == 2 and error or code == 0 and found == self.contents, "exit code", code, error)
        must(all(self.contents.get(name) == sum for name, sum in found.items()), "restores something else")

    def hurt_index(self, to, rng):
        command = rng.choice(["index verify", "index query", "index add", "check"])
        yield f"{command} with a damaged index"
        index = to / "index"
        index.write_bytes(damaged((self.reference / "index").read_bytes(), rng))
        commands = {"index verify": ["index", "verify", index], "index query": ["index", "query", index, self.inputs], "check": ["check", self.inputs, "--index", index]}
        commands["index add"] = ["index", "add", index, self.inputs / "a.jsonl"]
        code, error = self.run(commands[command])
        must(code != 2 or error, "is silent about damage")
        must(tree(self.inputs) == self.before, "an input was changed")

    def round(self, number, seed):
        rng = random.Random(f"{seed}/{number}")
        kind = rng.choice([self.kill, self.kill, self.fill, self.fill, self.hurt_input, self.hurt_manifest, self.hurt_manifest, self.hurt_index])
        to = self.work / f"round-{number}"
        to.mkdir()
        said = kind.__name__
        try:
            for said in kind(to, rng):
                pass
        except Failure as failure:
            return f"round {number}: {said}: {failure}"
        finally:
            shutil.rmtree(to)
        return None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    seconds = float(os.environ.get("CHAOS_SECONDS", "60"))
    seed = os.environ.get("CHAOS_SEED") or str(random.SystemRandom().randrange(1 << 32))
    alone = os.environ.get("CHAOS_ROUND")
    print(f"chaos: CHAOS_SEED={seed}", flush=True)
    end, failures, number = time.monotonic() + seconds, [], 0
    with tempfile.TemporaryDirectory(prefix="refrain-chaos") as folder:
        chaos = Chaos(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(folder).resolve(), random.Random(seed))
        try:
            for number in [int(alone)] if alone else iter(lambda: number + 1, None):
                if time.monotonic() > end and not alone:
                    break
                failure = chaos.round(number, seed)
                if failure is not None:
                    failures.append(failure)
                    print(failure, flush=True)
        finally:
            chaos.close()
    if failures:
        sys.exit(f"chaos: {len(failures)} rounds failed with CHAOS_SEED={seed}; see one with CHAOS_ROUND=N")
    print(f"chaos: {number} rounds held")


main()
