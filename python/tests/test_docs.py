"""The examples of docs/python.md run, and print what the page says: `print(...)  # what is printed`."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs/python.md"


def examples() -> list[tuple[str, str]]:
    """The code of each section that has some."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = [(section.splitlines()[0], "\n".join(re.findall(r"^```python\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL))) for section in sections]
    return [(title, code) for title, code in found if code]


@pytest.mark.parametrize("title, code", examples(), ids=[title for title, _ in examples()])
def test_examples_print_what_the_page_says(title: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = re.findall(r"^ *print\(.*\)  # (.*)$", code, flags=re.MULTILINE)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, f"docs/python.md, {title}", "exec"), {"__name__": "__main__"})
    assert printed.getvalue().splitlines() == expected


def write_examples(folder: Path) -> None:
    """Writes each example as a program, for the checkers of types."""
    for number, (_, code) in enumerate(examples()):
        (folder / f"example_{number}.py").write_text(code + "\n", encoding="utf-8")


def test_the_page_has_ten_examples() -> None:
    assert len(examples()) >= 10
