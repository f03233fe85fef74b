#!/usr/bin/env python3
"""Every relative link and every `path` of the documents leads to something. usage: links.py. Exit 1 with what does not."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def broken(page):
    """Links and quoted paths of one page that lead nowhere."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    paths = re.findall(r"`((?:src|docs|tests|benches|corpus|fuzz|examples|\.ci)/[\w./-]*)`", text)
    for link in links:
        if "://" not in link and not (page.parent / link).exists():
            yield link
    ignored = subprocess.run(["git", "check-ignore", "--stdin"], cwd=ROOT, input="\n".join(paths), capture_output=True, text=True, check=False)
    for path in set(paths) - set(ignored.stdout.split()):
        if not path.rsplit("/", 1)[-1].isupper() and not (ROOT / path).exists():
            yield path


def main():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    pages = [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]
    found = [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in broken(page)]
    if found:
        sys.exit("links that lead nowhere:\n" + "\n".join(found))
    print(f"{len(pages)} pages, no broken link")


if __name__ == "__main__":
    main()
