#!/usr/bin/env python3
"""Holds the crates that refrain is built of to deny.toml: licences, bans and sources. usage: licences.py

cargo-deny checks the same, and more; this needs nothing but cargo and Python. Where MIT is not allowed
the check must fail: a check that cannot fail is none.
"""
import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"


def packages(features):
    """The packages that some platform builds with these features, those for tests and benches among them."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--features", ",".join(features)]
    graph = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    used = {node["id"] for node in graph["resolve"]["nodes"]}
    return [package for package in graph["packages"] if package["id"] in used]


def is_allowed(expression, allowed):
    """Whether an SPDX expression can be met by licences that are allowed; a slash is an older form of OR."""
    tokens = re.findall(r"[()]|[\w.+-]+(?: WITH [\w.-]+)?", expression.replace("/", " OR "))

    def one():
        token = tokens.pop(0)
        if token != "(":
            return token in allowed
        found = either()
        assert tokens.pop(0) == ")", expression
        return found

    def both():
        found = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            found &= one()
        return found

    def either():
        found = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            found |= both()
        return found

    found = either()
    assert not tokens, expression
    return found


def problems(features, rules):
    banned = {ban["crate"]: ban["reason"] for ban in rules["bans"]["deny"]}
    for package in packages(features):
        name = f"{package['name']} {package['version']}"
        if not is_allowed(package["license"] or "none", set(rules["licenses"]["allow"])):
            yield f"{name}: licence {package['license']} is not among those that deny.toml allows"
        if package["name"] in banned:
            yield f"{name}: banned by deny.toml ({banned[package['name']]})"
        if package["source"] not in (None, REGISTRY):
            yield f"{name}: from {package['source']}, and not from crates.io"


def main():
    rules = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))
    for expression, expected in [("MIT/X", True), ("(MIT OR X) AND Zlib", True), ("MIT AND X", False), ("X", False), ("X WITH Y OR MIT", True)]:
        assert is_allowed(expression, {"MIT", "Zlib"}) == expected, expression
    found = list(problems(rules["graph"]["features"], rules))
    print(*found, sep="\n", end="\n" if found else "")
    without_mit = rules | {"licenses": rules["licenses"] | {"allow": ["Apache-2.0"]}}
    if not any("licence MIT " in problem for problem in problems(rules["graph"]["features"], without_mit)):
        sys.exit("licences: the check does not see crates under MIT where that is not allowed")
    if found:
        sys.exit(1)
    print(f"licences: {len(packages(rules['graph']['features']))} crates are under licences that deny.toml allows, from crates.io")


main()
