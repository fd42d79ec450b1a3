"""The house files: do they install, agree with each other, and keep what README.md promises?"""

import ast
import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from course.classroom import ROOT
from course.classroom.learner import install, lab
from tests import PATIENCE
from tests.house_rules import HOUSE_FILES, imports

README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """make as typed into a shell, also when these tests were themselves started by make."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    command = [shutil.which("make"), *arguments]
    return subprocess.run(
        command, cwd=folder, env=clean | environment, capture_output=True, text=True, timeout=PATIENCE
    )


def would_run(*arguments: str) -> str:
    done = make(ROOT, "--dry-run", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_targets() -> set[str]:
    phony = re.search(r"^\.PHONY:(.*)$", MAKEFILE, re.MULTILINE).group(1).split()
    return {target for target in phony if not target.startswith("setup")}


def test_python_versions_agree():
    """pyproject.toml says them, install.py reads them there; ruff does too, as long as it is told nothing else."""
    oldest, newest = install.pythons()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == f">=3.{oldest},<3.{newest + 1}"
    assert "target-version" not in project["tool"]["ruff"]
    candidates = re.search("^CANDIDATES = (.*)$", MAKEFILE, re.MULTILINE).group(1).split()
    assert candidates == [*(f"python3.{minor}" for minor in range(newest, oldest - 1, -1)), "python3", "python"]
    assert workflow()["strategy"]["matrix"]["python"] == [f"3.{oldest}", f"3.{newest}"]
    assert set(re.findall(r"Python (3\.\d+\D*3\.\d+)", README)) == {f"3.{oldest} to 3.{newest}"}


def test_conda_and_the_container_have_a_python_that_suits():
    oldest, newest = install.pythons()
    named = [(ROOT / "environment.yml").read_text(), str(container())]
    minors = [int(minor) for text in named for minor in re.findall(r"python(?:=|:)?3\.(\d+)", text)]
    assert len(minors) == 3
    assert all(oldest <= minor <= newest for minor in minors)


def test_binder_has_the_learners_pins_and_a_python_that_suits():
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["-r ../requirements.txt"]
    oldest, newest = install.pythons()
    minor = re.fullmatch(r"python-3\.(\d+)\n", (ROOT / "binder" / "runtime.txt").read_text())[1]
    assert oldest <= int(minor) <= newest


def test_binder_starts_the_lab_as_make_lab_does(tmp_path):
    """Its start, with a program in JupyterLab's place that says what it was given."""
    told = tmp_path / "jupyter-lab"
    told.write_text('#!/bin/sh\necho "$JUPYTER_CONFIG_PATH"; for one in "$@"; do echo "$one"; done\n')
    told.chmod(0o755)
    asked = [str(told), "--ServerApp.base_url=/user/x/"]
    done = subprocess.run(
        [sys.executable, "binder/start", *asked], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    settings, *given = done.stdout.splitlines()
    assert settings.startswith(lab.environment()["JUPYTER_CONFIG_PATH"])
    assert given == [*asked[1:], *lab.options([])]
    assert all(os.access(ROOT / "binder" / name, os.X_OK) for name in ("start", "postBuild"))


def test_a_lesson_needs_no_more_than_colab_has():
    """As README says: nothing has to be installed there. What starts, builds, measures and grades is not for there."""
    elsewhere = {"classroom", "bench", "grading"}
    files = [
        path for path in (ROOT / "course").rglob("*.py") if not elsewhere & set(path.parts) and path.stem != "__main__"
    ]
    roots = {name.partition(".")[0] for path in files for name in imports(ast.parse(path.read_text()))}
    roots -= {"anywidget"}  # without it what looks inside is a still: tests/page/test_notebook.py
    assert roots - sys.stdlib_module_names - {"course"} == {"torch", "numpy", "matplotlib", "ipywidgets", "IPython"}


@pytest.mark.parametrize("name", HOUSE_FILES)
def test_no_file_names_a_package_index(name):
    assert not re.search(r"index-url|pypi\.org|find-links|whl/cpu", (ROOT / name).read_text())


def test_readme_names_only_make_targets_that_exist_and_all_of_them():
    assert set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(code_in_readme()))) == make_targets()


def test_readme_names_only_commands_that_exist():
    from course.__main__ import main

    for command in set(re.findall(r"-m course ([a-z]+)", README)):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0


def test_readme_names_only_files_that_exist_except_where_it_says_planned():
    rows = [line for line in README.splitlines() if "planned" not in line]
    links = re.findall(r"\]\(([^)#:]+)\)", "\n".join(rows))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_lists_as_available_the_lessons_that_are_there():
    listed = re.findall(r"^\| \[.*?\]\(notebooks/(\w+)/\1\.ipynb\)", README, re.MULTILINE)
    assert listed == sorted(path.parent.name for path in (ROOT / "notebooks").glob("*/*.ipynb"))


def code_in_readme() -> list[str]:
    return re.findall(r"```.*?```|`[^`]+`", README, re.DOTALL)


def test_make_passes_arguments_on():
    assert "python -m course lab --no-browser --port=8899" in would_run("lab", "ARGS=--no-browser --port=8899")
    assert "python -m course build 04" in would_run("build", "ARGS=04")
    assert "course/classroom/author/lock.py --upgrade" in would_run("lock", "ARGS=--upgrade")


def test_make_installs_first_what_its_target_needs():
    first = {target: would_run(target, "PYTHON=python3").splitlines()[0] for target in make_targets() - {"lock"}}
    parts = {"lab": "learner", "test": "maintainer", "build": "maintainer", "bench": "maintainer", "site": "maintainer"}
    assert first == {target: f"python3 course/classroom/learner/install.py {part}" for target, part in parts.items()}


def test_make_takes_the_first_python_that_suits(tmp_path):
    """python3.13 is not here, python3.12 does not start, python3.11 does."""
    for name, code in {"python3.12": 1, "python3.11": 0, "python3": 0}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    done = make(ROOT, "--dry-run", "setup", PATH=str(tmp_path))
    assert done.stdout.split()[0] == "python3.11"


def test_make_test_runs_every_step_and_fails_with_the_first_that_failed(tmp_path):
    """The recipe itself, with programs in .venv/bin that note their call; the second of them fails with code 3."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, body in {"ruff": "exit 0", "python": 'case "$*" in *"--check"*) exit 3;; *tests*) exit 1;; esac'}.items():
        (programs / name).write_text(f'#!/bin/sh\necho "called {name} $*"\n{body}\n')
        (programs / name).chmod(0o755)
    done = make(tmp_path, "test", "PYTHON=true")
    assert [line.split()[1:4] for line in done.stdout.splitlines() if line.startswith("called")] == [
        ["ruff", "check", "."],
        ["python", "-m", "course"],
        ["python", "-m", "pytest"],
    ]
    assert done.returncode != 0
    assert "Error 3" in done.stderr


def test_what_differs_from_run_to_run_is_taken_out_of_stored_outputs():
    rules = configparser.ConfigParser()
    rules.read(ROOT / "tests" / "nbval_sanitize.cfg")
    text = "/tmp/ipykernel_81/12.py <f at 0x7fa0> 12.5 s at 10:31:07, 3.1k tokens/s; exact match 0.98, shape (2, 3)"
    for rule in rules.values():
        text = re.sub(rule["regex"], rule["replace"], text) if "regex" in rule else text
    assert text == "/tmp/ipykernel_N/N.py <f at 0xN> DURATION at CLOCK, SPEED; exact match 0.98, shape (2, 3)"


def workflow() -> dict:
    return yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())["jobs"]["test"]


def container() -> dict:
    return json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())


def test_make_test_runs_all_tests_in_one_go_and_passes_arguments_on():
    recipe = would_run("test", "ARGS=--lessons=all -k attention")
    assert "pytest -n auto --dist loadgroup --lessons=changed --lessons=all -k attention tests;" in recipe


def test_continuous_integration_is_one_command():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().rstrip().splitlines()[-1] == "make test"
    assert "export CI=true" in script.read_text(), "else a lesson that has passed before is not run again"
    assert [step["run"] for step in workflow()["steps"] if "run" in step] == [".ci/run"]


def test_continuous_integration_keeps_what_is_installed_until_a_lock_changes():
    (cache,) = [step["with"] for step in workflow()["steps"] if step.get("uses", "").startswith("actions/cache@")]
    assert cache["path"] == ".venv"
    assert re.search(r"hashFiles\('requirements\*\.txt', 'pyproject\.toml'\)", cache["key"])
    assert "matrix.python" in cache["key"]


def test_the_container_installs_the_learners_part_and_shows_the_lab():
    assert container()["postCreateCommand"] == "make setup"
    assert container()["forwardPorts"] == [8888]
    assert {"make", "fonts-noto-cjk"} <= set(container()["onCreateCommand"].split())
