#!/usr/bin/env python3
"""Holds the reports of refrain check to the schemas of others, and runs the hook and the action. usage: gate.py REFRAIN [--sarif FILE] [--junit FILE]...

Needs the packages jsonschema, xmlschema, pyyaml and pre-commit, and git. --sarif is the JSON schema of SARIF 2.1.0, --junit an XSD of JUnit, of
which there are several; what is not given is left out and said so. For each schema a report is broken, which must be seen. The hook runs in a repository made here; the steps of action.yml run in bash, as a runner would."""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

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


def hook(refrain, work):
    tool = shutil.which("pre-commit") or pathlib.Path(sys.executable).parent / "pre-commit"
    if not pathlib.Path(tool).exists():
        print("pre-commit: left out, it is not installed")
        return
    env = {**os.environ, "PATH": f"{refrain.parent}:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(work / "home")}
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main"]
    hooks, repo = work / "hooks", work / "repo"
    hooks.mkdir(), repo.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    articles(repo / "articles")
    for folder in hooks, repo:
        for command in [["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]]:
            assert run(*git, *command, cwd=folder).returncode == 0
    rev = run("git", "rev-parse", "HEAD", cwd=hooks).stdout.strip()
    config = {"repos": [{"repo": str(hooks), "rev": rev, "hooks": [{"id": "refrain-system", "args": ["articles", "--baseline", "known.json"]}]}]}
    (repo / ".pre-commit-config.yaml").write_text(json.dumps(config))
    (repo / "known.json").write_text('{"refrain-baseline": 1, "findings": []}')
    run(*git, "add", "-A", cwd=repo)
    failed = run(tool, "run", "--all-files", cwd=repo, env=env)
    assert failed.returncode == 1 and "repeated-paragraph" in failed.stdout, failed.stdout + failed.stderr
    run(refrain, "check", "articles", "--baseline", "known.json", "--update-baseline", cwd=repo)
    run(*git, "add", "-A", cwd=repo)
    passed = run(tool, "run", "--all-files", cwd=repo, env=env)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    print("pre-commit: fails for what is new, passes for what is known")


def action(refrain, work):
    import yaml

    given = yaml.safe_load((ROOT / "action.yml").read_text())
    assert given["runs"]["using"] == "composite"
    step = next(step for step in given["runs"]["steps"] if step.get("id") == "check")
    env = {**os.environ, "PATH": f"{refrain.parent}:{os.environ['PATH']}", "PATHS": "articles", "ARGS": "", "SARIF": "out.sarif"}
    env |= {"GITHUB_OUTPUT": str(work / "output"), "GITHUB_STEP_SUMMARY": str(work / "summary")}
    ran = run("bash", "-eo", "pipefail", "-c", step["run"], cwd=work, env=env)
    assert ran.returncode == 1 and "::error file=articles/" in ran.stdout, ran.stdout + ran.stderr
    assert (work / "output").read_text() == "sarif=out.sarif\n" and (work / "summary").read_text().startswith("## refrain")
    assert json.loads((work / "out.sarif").read_text())["version"] == "2.1.0"
    env["ARGS"] = "--fail-on none; touch harm"
    ran = run("bash", "-eo", "pipefail", "-c", step["run"], cwd=work, env=env)
    assert not (work / "harm").exists(), "inputs are data"
    env["ARGS"] = "--fail-on none"
    assert run("bash", "-eo", "pipefail", "-c", step["run"], cwd=work, env=env).returncode == 0
    print("action.yml: its steps run, and inputs are data")


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("refrain", type=pathlib.Path), args.add_argument("--sarif"), args.add_argument("--junit", action="append", default=[])
    args = args.parse_args()
    refrain = args.refrain.resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        articles(work / "articles")
        schemas(refrain, work, args)
        hook(refrain, work)
        action(refrain, work)


main()
