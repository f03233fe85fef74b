#!/usr/bin/env python3
"""Holds the reports of refrain check to the schemas of others, and runs what stands on the pages of docs/ci.

usage: gate.py REFRAIN [--sarif FILE] [--junit FILE]...

Needs the packages jsonschema, xmlschema, pyyaml and pre-commit, git, and jq. --sarif is the JSON schema of SARIF 2.1.0, --junit an XSD of JUnit, of
which there are several; what is not given is left out and said so. For each schema a report is broken, which must be seen. The hook runs in a
repository made here; the steps of action.yml and of the pages run in bash, as a runner would.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(*command, cwd=None, env=None):
    return subprocess.run([str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True)


def articles(folder):
    body = " ".join(f"word{n}" for n in range(60))
    folder.mkdir()
    (folder / "a b.txt").write_text(body)
    (folder / "خبر.txt").write_bytes(f"عنوان 😀 <&>\r\n{body}.\r\n{body}.\r\n".encode())
    (folder / "c.jsonl").write_text(json.dumps({"id": "x\u0001<y>", "text": body + " more"}) + "\n")


def validators_of(args):
    found = []
    if args.sarif:
        import jsonschema

        schema = json.loads(pathlib.Path(args.sarif).read_text())
        validator = jsonschema.validators.validator_for(schema)(schema)
        found.append(("SARIF", lambda text: validator.is_valid(json.loads(text))))
    for path in args.junit:
        import xmlschema

        found.append(("JUnit", xmlschema.XMLSchema(path).is_valid))
    return found


def schemas(refrain, work, args):
    validators = validators_of(args)
    reports = work / "sarif.json", work / "junit.xml"
    for more in [[], ["--baseline", "base.json", "--update-baseline"], ["--baseline", "base.json"], ["--rule", "all=note"], ["--rule", "all=off"]]:
        ran = run(refrain, "check", "articles", "--output", f"sarif={reports[0]}", "--output", f"junit={reports[1]}", *more, cwd=work)
        assert ran.returncode in (0, 1), ran.stderr
        for name, follows in validators:
            text = reports[name == "JUnit"].read_text()
            assert follows(text), f"{name} does not follow the schema: {text}"
            broken = text.replace("ruleId", "rule") if name == "SARIF" else text.replace("<testcase name=", "<testcase title=")
            # A report without findings has no rule to break.
            assert broken == text or not follows(broken), f"{name}: the schema allows everything"
    for name, given in [("SARIF", [args.sarif] if args.sarif else []), ("JUnit", args.junit)]:
        print(f"{name}: " + (f"five reports follow the schema, of {len(given)}" if given else "left out, no schema is given"))


def blocks(page, language):
    """The listings of a page of docs/ci, as a newcomer would copy them."""
    text = (ROOT / "docs/ci" / f"{page}.md").read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, flags=re.M | re.S)
    assert found, f"{page}: no {language}"
    return [textwrap.dedent(block) for _, block in found]


def fresh(work, name):
    """A folder with articles in it."""
    folder = work / name
    folder.mkdir()
    articles(folder / "articles")
    return folder


def hook(refrain, work):
    import yaml

    tool = shutil.which("pre-commit") or pathlib.Path(sys.executable).parent / "pre-commit"
    if not pathlib.Path(tool).exists():
        print("pre-commit: left out, it is not installed")
        return
    path = f"{refrain.parent}:{pathlib.Path(tool).parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PRE_COMMIT_HOME": str(work / "home")}
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main"]
    hooks, repo = work / "hooks", fresh(work, "repo")
    hooks.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    for folder in hooks, repo:
        for command in [["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]]:
            assert run(*git, *command, cwd=folder).returncode == 0
    config = yaml.safe_load(blocks("pre-commit", "yaml")[0])
    given = config["repos"][0]
    ids = [hook["id"] for hook in yaml.safe_load((hooks / ".pre-commit-hooks.yaml").read_text())]
    assert given["hooks"][0]["id"] in ids, "the page names a hook that is not there"
    # As on the page, but for where refrain is hosted, and with the refrain that is tested.
    given |= {"repo": str(hooks), "rev": run("git", "rev-parse", "HEAD", cwd=hooks).stdout.strip()}
    given["hooks"][0]["id"] = "refrain-system"
    (repo / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (repo / "refrain-baseline.json").write_text('{"refrain-baseline": 2, "findings": []}')
    run(*git, "add", "-A", cwd=repo)
    failed = run(tool, "run", "--all-files", cwd=repo, env=env)
    assert failed.returncode == 1 and "repeated-paragraph" in failed.stdout, failed.stdout + failed.stderr
    (repo / "refrain-baseline.json").unlink()
    set_up = run("bash", "-e", "-c", blocks("pre-commit", "sh")[0], cwd=repo, env=env)
    assert set_up.returncode == 0, set_up.stdout + set_up.stderr
    passed = run(*git, "commit", "-qm", "with the hook", cwd=repo, env=env)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    (repo / "articles/again.txt").write_text(" ".join(f"word{n}" for n in range(60)))
    run(*git, "add", "-A", cwd=repo)
    refused = run(*git, "commit", "-qm", "a copy", cwd=repo, env=env)
    assert refused.returncode == 1 and "again.txt" in refused.stdout + refused.stderr, refused.stdout + refused.stderr
    print("pre-commit: the page's steps pass what is known, and refuse a commit with a copy")


def installs(refrain, work, step):
    """The step builds the program of this checkout; a stand-in for cargo puts it where cargo would."""
    assert step["if"] == "inputs.install == 'true'"
    folder = work / "runner"
    (folder / "bin").mkdir(parents=True)
    stub = folder / "bin/cargo"
    stub.write_text(f'''#!/usr/bin/env bash
printf '%s\\n' "$PWD" "$@" > "{folder}/asked"
root=$(printf '%s\\n' "$@" | sed -n '/^--root$/{{n;p}}')
mkdir -p "$root/bin" && ln -s "{refrain}" "$root/bin/refrain"
''')
    stub.chmod(0o755)
    env = {**os.environ, "PATH": f"{stub.parent}:{os.environ['PATH']}", "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(folder / "a temp")}
    env["GITHUB_PATH"] = str(folder / "path")
    ran = run("bash", "-eo", "pipefail", "-c", step["run"], cwd=work, env=env)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    cwd, *asked = (folder / "asked").read_text().splitlines()
    assert asked[:4] == ["install", "--path", ".", "--locked"] and pathlib.Path(cwd) == ROOT, asked
    # What is asked for can be had: a program of that name, and a lock file that fits.
    metadata = run("cargo", "metadata", "--no-deps", "--locked", "--format-version", "1", cwd=cwd)
    manifest = str(pathlib.Path(cwd) / "Cargo.toml")
    targets = next(package["targets"] for package in json.loads(metadata.stdout)["packages"] if package["manifest_path"] == manifest)
    assert any(target["name"] == "refrain" and "bin" in target["kind"] for target in targets), targets
    path = (folder / "path").read_text().strip()
    assert run("refrain", "--version", env={**os.environ, "PATH": path}).stdout.startswith("refrain "), path


def action(refrain, work):
    import yaml

    given = yaml.safe_load((ROOT / "action.yml").read_text())
    assert given["runs"]["using"] == "composite"
    step = next(step for step in given["runs"]["steps"] if step.get("id") == "check")
    installs(refrain, work, next(step for step in given["runs"]["steps"] if step.get("name") == "Install"))
    workflow = yaml.safe_load(blocks("github", "yaml")[0])
    used = next(step for step in workflow["jobs"]["refrain"]["steps"] if step.get("id") == "refrain")
    assert used["with"].keys() <= given["inputs"].keys(), "the page gives inputs that the action has not"
    told = workflow["jobs"]["refrain"]["steps"][-1]["with"]["sarif_file"]
    assert re.fullmatch(r"\$\{\{ steps\.refrain\.outputs\.(\w+) \}\}", told)[1] in given["outputs"]
    folder = fresh(work, "action")
    env = {**os.environ, "PATH": f"{refrain.parent}:{os.environ['PATH']}", "PATHS": used["with"]["paths"], "ARGS": "", "SARIF": "out.sarif"}
    env |= {"GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    check = lambda: run("bash", "-eo", "pipefail", "-c", step["run"], cwd=folder, env=env)
    ran = check()
    assert ran.returncode == 1 and "::error file=articles/" in ran.stdout, ran.stdout + ran.stderr
    assert (folder / "output").read_text() == "sarif=out.sarif\n" and (folder / "summary").read_text().startswith("## refrain")
    assert json.loads((folder / "out.sarif").read_text())["version"] == "2.1.0"
    env["ARGS"] = "--fail-on none; touch harm"
    check()
    assert not (folder / "harm").exists(), "inputs are data"
    assert run("git", "init", "-q", cwd=folder).returncode == 0
    for block in blocks("github", "sh"):
        ran = run("bash", "-e", "-c", block, cwd=folder, env=env)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    # Every line of the paths is a path, spaces and all, and none is a flag; it does not matter how lines end.
    own = lambda name: (folder / name).write_text(" ".join(f"{name.strip('-')}{n}" for n in range(60)))
    names = ["-q", "two  words; touch harm", "$(touch harm)", "*"]
    for name in names:
        own(name)
    shutil.copytree(folder / "articles", folder / "more articles")
    for lines in "\n".join(["articles", "more articles", *names]), "articles\r\n\r\nmore articles\r\n  \r\n" + "\r\n".join(names) + "\r\n":
        env |= {"PATHS": lines, "ARGS": ""}
        ran = check()
        assert "file=more articles/" in ran.stdout and "\n10 articles: " in ran.stdout, ran.stdout + ran.stderr
    env["PATHS"] = "articles\nnot there\n"
    ran = check()
    assert ran.returncode == 2 and "not there" in ran.stderr, "a path that is not there was passed over"
    assert not (folder / "harm").exists(), "inputs are data"
    shutil.rmtree(folder / "more articles")
    for name in names:
        (folder / name).unlink()
    env |= {"PATHS": used["with"]["paths"], "ARGS": used["with"]["args"]}
    assert check().returncode == 0, "what is in the baseline fails"
    assert json.loads((folder / "out.sarif").read_text())["runs"][0]["results"] == [], "code scanning would show known findings as new"
    print("action.yml: its steps run as the page gives them, and inputs are data")


def gitlab(refrain, work):
    import yaml

    folder = fresh(work, "gitlab")
    env = {**os.environ, "PATH": f"{refrain.parent}:{os.environ['PATH']}"}
    job = yaml.safe_load(blocks("gitlab", "yaml")[0])["refrain"]
    (folder / "refrain-baseline.json").write_text('{"refrain-baseline": 2, "findings": []}')
    for script in job["script"]:
        assert run("bash", "-e", "-c", script, cwd=folder, env=env).returncode == 1
    files = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    assert all((folder / name).stat().st_size > 0 for name in files), files
    found = json.loads((folder / job["artifacts"]["reports"]["codequality"]).read_text())
    assert len({finding["fingerprint"] for finding in found}) == len(found) > 0
    for finding in found:
        assert finding["description"] and finding["check_name"] and finding["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert (folder / finding["location"]["path"]).exists() and finding["location"]["lines"]["begin"] > 0
    assert run("git", "init", "-q", cwd=folder).returncode == 0
    for script in blocks("gitlab", "sh") + job["script"]:
        ran = run("bash", "-e", "-c", script, cwd=folder, env=env)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    print("GitLab: the page's job fails for what is new, passes for what is known, and leaves its reports")


def readers(refrain, work):
    folder = fresh(work, "readers")
    env = {**os.environ, "PATH": f"{refrain.parent}:{os.environ['PATH']}"}
    (folder / "refrain-baseline.json").write_text('{"refrain-baseline": 2, "findings": []}')
    record, check = blocks("junit", "sh")
    junit = run("bash", "-e", "-c", check, cwd=folder, env=env)
    assert junit.returncode == 1 and "<failure" in (folder / "refrain.xml").read_text()
    for block in record, check:
        assert run("bash", "-e", "-c", block, cwd=folder, env=env).returncode == 0
    (folder / "refrain-baseline.json").write_text('{"refrain-baseline": 2, "findings": []}')
    write, new, kinds = blocks("sarif", "sh")
    assert run("bash", "-e", "-c", write, cwd=folder, env=env).returncode == 0
    results = json.loads((folder / "refrain.sarif").read_text())["runs"][0]["results"]
    if shutil.which("jq") is None:
        print("SARIF: the page's filters are left out, jq is not installed")
        return
    lines = run("bash", "-e", "-c", new, cwd=folder, env=env).stdout.splitlines()
    assert len(lines) == len(results) > 0 and any("repeated-paragraph" in line for line in lines), lines
    counts = run("bash", "-e", "-c", kinds, cwd=folder, env=env).stdout.splitlines()
    assert sum(int(line.split()[0]) for line in counts) == len(results), counts
    print("SARIF and JUnit: the pages' commands write them, and read what is in them")


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("refrain", type=pathlib.Path), args.add_argument("--sarif"), args.add_argument("--junit", action="append", default=[])
    args = args.parse_args()
    refrain = args.refrain.resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        articles(work / "articles")
        schemas(refrain, work, args)
        for part in hook, action, gitlab, readers:
            part(refrain, work)


main()
