"""Packages: is all that the course imports listed, all of that locked, and nothing floating or in the wrong part?"""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, packages_distributions, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course.classroom import ROOT
from course.classroom.author.lock import beyond
from tests.house_rules import imports

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CUDA = set(PYPROJECT["tool"]["uv"]["exclude-dependencies"])
PARTS = {"learner": ["requirements"], "maintainer": ["requirements", "requirements-test"]}
EXTRAS = ["postgresql", "dask"]  # of a teacher who wants them
MAINTAINERS = {"bench", "browser.py", "picture.py", "site", "cluster.py"}
PYTHONS = ["3.11.2", "3.11.9", "3.12.9", "3.13.9", "3.14.2"]  # 3.11.2 is Debian 12's
SYSTEMS = {
    "linux": {"os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    "darwin": {"os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"},
    "win32": {"os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
}
# Started, not imported: the kernel, what pytest loads by itself, ruff, and the hub.
TOOLS = {"ipykernel", "jupyterhub", "pytest-timeout", "pytest-xdist", "ruff"}


def read(names: Iterable[str]) -> list[Requirement]:
    """The requirements in these files, in their order."""
    lines = [line.partition("#")[0].strip() for name in names for line in (ROOT / name).read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def asked(part: str) -> list[Requirement]:
    return read(f"{name}.in" for name in PARTS[part])


def locked(part: str, **environment: str) -> dict[str, set[str]]:
    """Name -> what is demanded of its version, for this computer or another."""
    found: dict[str, set[str]] = {}
    for one in read(f"{name}.txt" for name in PARTS[part]):
        if one.marker is None or one.marker.evaluate(environment):
            found.setdefault(canonicalize_name(one.name), set()).add(str(one.specifier))
    return found


def needed(part: str) -> set[str]:
    """All that the part asks for, however indirectly, by what the installed packages say of themselves."""
    to_do, found = asked(part), set()
    while to_do:
        one = to_do.pop()
        for node in {(canonicalize_name(one.name), extra) for extra in ("", *one.extras)} - found:
            if node[0] not in CUDA:
                found.add(node)
                further = map(Requirement, requires(node[0]) or [])
                to_do += [it for it in further if it.marker is None or it.marker.evaluate({"extra": node[1]})]
    return {name for name, _ in found}


@cache
def imported(part: str) -> set[str]:
    """The packages that the part's Python files import; bench, pictures and reading edition are a maintainer's."""
    folders = {"learner": ["course"], "maintainer": ["course", "tests"]}[part]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")] + [ROOT / "nbgrader_config.py"]
    files = [path for path in files if part == "maintainer" or not MAINTAINERS.intersection(path.parts)]
    roots = {name.partition(".")[0] for path in files for name in imports(ast.parse(path.read_text()))}
    theirs = roots - sys.stdlib_module_names - {"course", "tests", ""}
    providers = packages_distributions()
    return {canonicalize_name(providers.get(root, [root])[0]) for root in theirs}


@pytest.mark.parametrize("part", PARTS)
def test_what_is_imported_is_asked_for(part):
    assert imported(part) - {canonicalize_name(one.name) for one in asked(part)} == set()


def test_what_is_asked_for_is_imported():
    assert {canonicalize_name(one.name) for one in asked("maintainer")} - imported("maintainer") <= TOOLS


@pytest.mark.parametrize("part", PARTS)
def test_what_is_asked_for_is_locked_with_all_that_it_needs_and_nothing_else(part):
    assert locked(part).keys() == needed(part)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_computer_gets_one_version_of_each_package(python, system):
    environment = SYSTEMS[system] | {
        "sys_platform": system, "python_full_version": python, "python_version": python.rpartition(".")[0],
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
    }  # fmt: skip
    pins = locked("maintainer", **environment)
    assert {name: demands for name, demands in pins.items() if len(demands) > 1} == {}
    assert [demands for demands in pins.values() if not re.fullmatch(r"==[\w.]+", *demands)] == []
    assert locked("learner", **environment).keys() >= {canonicalize_name(one.name) for one in asked("learner")}


def test_every_python_that_suits_is_among_those_asked_about():
    oldest, too_new = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PYPROJECT["project"]["requires-python"]).groups()
    assert {python.split(".")[1] for python in PYTHONS} == set(map(str, range(int(oldest), int(too_new))))


def test_what_is_installed_is_what_is_locked():
    pins = locked("maintainer")
    assert {name: {f"=={version(name).partition('+')[0]}"} for name in pins} == pins


def test_torch_alone_says_its_version_outside_the_locks():
    assert [str(one) for one in asked("maintainer") if one.specifier] == ["torch==2.13.0"]
    assert locked("learner")["torch"] == {"==2.13.0"}


def test_no_list_forces_cuda_on_a_cpu_build_of_torch():
    names = [
        one.name
        for one in read(["requirements.in", "requirements.txt", "requirements-test.in", "requirements-test.txt"])
    ]
    assert [name for name in names if re.match("nvidia|cuda|triton", name)] == []
    assert len(CUDA) > 1


def test_no_line_stands_in_both_locks():
    lines = [set(map(str, read([name]))) for name in ("requirements.txt", "requirements-test.txt")]
    assert lines[0] & lines[1] == set()


def test_the_course_itself_is_installed_with_the_learners_part():
    assert (ROOT / "requirements.txt").read_text().splitlines().count("-e .") == 1


def copy_what_builds(folder: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE", *(path.name for path in ROOT.glob("requirements*.in"))):
        shutil.copy(ROOT / name, folder)


def test_a_package_of_the_course_declares_what_it_needs(tmp_path):
    """pip's own question to the build, asked without a network."""
    copy_what_builds(tmp_path)
    ask = "from setuptools.build_meta import prepare_metadata_for_build_wheel as ask; ask('.')"
    subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    (folder,) = tmp_path.glob("*.dist-info")
    declared = [Requirement(text) for text in Distribution.at(folder).requires]
    always = {canonicalize_name(one.name) for one in declared if one.marker is None}
    assert always == {canonicalize_name(one.name) for one in asked("learner")}
    tests = {canonicalize_name(one.name) for one in declared if one.marker and one.marker.evaluate({"extra": "test"})}
    assert tests | always == {canonicalize_name(one.name) for one in asked("maintainer")}
    for extra in EXTRAS:
        named = {one.name for one in declared if one.marker and one.marker.evaluate({"extra": extra})}
        assert named == {one.name for one in read([f"requirements-{extra}.in"])} <= tests


def test_a_package_of_the_course_holds_the_templates_of_its_pages(tmp_path):
    """What stands beside the Python files, and is no Python, must be named in pyproject.toml."""
    shutil.copytree(ROOT / "course" / "classroom", tmp_path / "course" / "classroom")
    copy_what_builds(tmp_path)
    ask = "from setuptools.build_meta import build_wheel as ask; ask('.')"
    subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        held = {name for name in file.namelist() if name.startswith("course/")}
    files = [path for path in (ROOT / "course" / "classroom").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {path.relative_to(ROOT).as_posix() for path in files} - held == set()


def test_conda_installs_the_same_pins_and_says_them_nowhere_else():
    lines = [line.strip() for line in (ROOT / "environment.yml").read_text().splitlines()]
    packages = lines[lines.index("dependencies:") + 1 :]
    assert [line for line in packages if not line.startswith("- python=")] == [
        "- pip",
        "- pip:",
        "- -r requirements.txt",
    ]


def test_the_maintainers_lock_holds_what_the_learners_lacks():
    learner = "a==1    # via x\nc==1 ; sys_platform == 'win32'  # via y\n"
    both = "a==1    # via x, z\nb==2  # via z\nc==1  # via y, z\n"
    assert beyond(learner, both) == "b==2  # via z\nc==1  # via y, z\n"
