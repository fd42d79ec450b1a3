"""The house files: do they install, agree with each other, and keep what README.md promises?"""

import configparser
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from course.classroom import ROOT
from tests import PATIENCE

REQUIREMENTS = (ROOT / "requirements.txt").read_text().splitlines()
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def pinned() -> list[Requirement]:
    return [Requirement(line) for line in REQUIREMENTS if line and not line.startswith(("#", "-"))]


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """make as typed into a shell, also when these tests were themselves started by make."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=clean, capture_output=True, text=True, timeout=PATIENCE)


def would_run(*arguments: str) -> str:
    done = make(ROOT, "--dry-run", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_targets() -> set[str]:
    phony = re.search(r"^\.PHONY:(.*)$", MAKEFILE, re.MULTILINE).group(1).split()
    return set(phony) - {"setup"}


def test_every_requirement_is_pinned_to_one_version_for_every_platform():
    assert [str(one) for one in pinned() if not re.fullmatch(r"==[\d.]+", str(one.specifier))] == []
    assert [str(one) for one in pinned() if one.marker] == []


def test_the_course_itself_is_installed_with_its_requirements():
    assert REQUIREMENTS.count("-e .") == 1


def test_what_is_installed_is_what_is_pinned():
    from importlib.metadata import version

    assert {one.name: version(one.name).partition("+")[0] for one in pinned()} == {
        one.name: str(one.specifier).removeprefix("==") for one in pinned()
    }


def test_conda_installs_the_same_pins_and_says_them_nowhere_else():
    lines = [line.strip() for line in (ROOT / "environment.yml").read_text().splitlines()]
    packages = lines[lines.index("dependencies:") + 1 :]
    assert [line for line in packages if not line.startswith("- python=")] == [
        "- pip",
        "- pip:",
        "- -r requirements.txt",
    ]


def test_python_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == ">=3.11"
    assert project["tool"]["ruff"]["target-version"] == "py311"
    assert "OLDEST_PYTHON = (3, 11)" in (ROOT / "course/classroom/learner/install.py").read_text()
    assert "sys.version_info < (3, 11)" in MAKEFILE


@pytest.mark.parametrize("name", ["README.md", "Makefile", "pyproject.toml", "environment.yml", "requirements.txt"])
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


@pytest.mark.parametrize("target", sorted(make_targets()))
def test_make_installs_first(target):
    assert "course/classroom/learner/install.py" in would_run(target).splitlines()[0]


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


def test_make_test_runs_all_tests_in_one_go_and_passes_arguments_on():
    recipe = would_run("test", "ARGS=--lessons=all -k attention")
    assert "pytest -n auto --dist loadgroup --lessons=changed --lessons=all -k attention tests;" in recipe


def test_continuous_integration_is_one_command():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().rstrip().splitlines()[-1] == "make test"
    assert "export CI=true" in script.read_text(), "else a lesson that has passed before is not run again"
