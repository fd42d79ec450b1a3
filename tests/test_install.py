"""Install: does it end in a working .venv, or in one line that says what is wrong and what to do?"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course.classroom import ROOT
from tests import PATIENCE

SCRIPT = Path("course/classroom/learner/install.py")
PRELUDE = "import sys, shutil, runpy, collections\n"
OLD_PYTHON = "sys.version_info = (3, 9, 18, 'final', 0)\n"
NEW_PYTHON = "sys.version_info = (3, 99, 0, 'final', 0)\n"
NO_DISK = "shutil.disk_usage = lambda path: collections.namedtuple('usage', 'free')(free=1.2e9)\n"
NO_VENV_MODULE = "sys.modules['ensurepip'] = None\n"
ENOUGH_DISK = "shutil.disk_usage = lambda path: collections.namedtuple('usage', 'free')(free=1e12)\n"


@pytest.fixture
def tree(tmp_path):
    """A course that pins nothing, so that its .venv is made in seconds and without a network."""
    (tmp_path / SCRIPT).parent.mkdir(parents=True)
    for name in (SCRIPT, "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "requirements-test.txt").write_text("# nothing either\n")
    return tmp_path


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """A .venv made by hand, once for all: to make one takes seconds, to copy it none."""
    folder = tmp_path_factory.mktemp("by hand") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def tree_with_venv(tree, venv):
    """The same course, where somebody has made .venv by hand and nothing is installed yet."""
    shutil.copytree(venv, tree / ".venv", symlinks=True)
    return tree


def install(tree: Path, prelude: str = ENOUGH_DISK, *wish: str, **environment: str) -> subprocess.CompletedProcess:
    """Run install.py on a computer that `prelude` describes."""
    run = f"{PRELUDE}{prelude}runpy.run_path({str(tree / SCRIPT)!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", run, *wish],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def said(done: subprocess.CompletedProcess) -> list[str]:
    """The words on stdout of a run that ended well, without a word on stderr."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def complaint(done: subprocess.CompletedProcess) -> str:
    """The one line on stderr."""
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def venv_python(tree: Path) -> Path:
    return tree / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def test_python_3_6_can_parse_it():
    ast.parse((ROOT / SCRIPT).read_text(), feature_version=(3, 6))


def test_it_needs_the_standard_library_alone():
    imported = {alias.name for node in ast.walk(ast.parse((ROOT / SCRIPT).read_text())) for alias in names(node)}
    assert imported <= sys.stdlib_module_names


def names(node: ast.AST) -> list[ast.alias]:
    assert not isinstance(node, ast.ImportFrom)
    return node.names if isinstance(node, ast.Import) else []


@pytest.mark.parametrize(
    ("prelude", "message"),
    [
        (OLD_PYTHON, r"Python must be 3\.\d+ to 3\.\d+, but this is 3\.9 .*install one of these"),
        (NEW_PYTHON, r"Python must be 3\.\d+ to 3\.\d+, but this is 3\.99 .*install one of these"),
        (NO_DISK, r"need \d+ GB of disk, but 1\.2 GB are free .*free some space"),
        (NO_VENV_MODULE, r"must have its venv module, but .* lacks ensurepip: .*apt install python3-venv"),
    ],
)
def test_what_is_missing_is_said_in_one_line_and_nothing_is_made(tree, prelude, message):
    assert re.search(message, complaint(install(tree, prelude)))
    assert not (tree / ".venv").exists()


def test_installs_once_and_again_when_a_pin_changes(tree):
    assert "Installed in" in install(tree).stdout
    assert subprocess.run([venv_python(tree), "-m", "pip", "--version"], capture_output=True).returncode == 0
    assert said(install(tree)) == []
    (tree / "requirements.txt").write_text("# nothing, said otherwise\n")
    assert "Installed in" in install(tree).stdout


def test_the_learners_part_and_then_the_maintainers_on_top_of_it(tree_with_venv):
    steps = [install(tree_with_venv, ENOUGH_DISK, part) for part in ("learner", "maintainer", "maintainer", "learner")]
    assert [[line for line in said(step) if line.startswith("Installing")] for step in steps] == [
        ["Installing what is pinned in requirements.txt (once; some minutes)"],
        ["Installing what is pinned in requirements.txt and requirements-test.txt (once; some minutes)"],
        [],
        [],
    ]


def test_a_pin_of_the_maintainers_leaves_the_learners_part_as_it_is(tree_with_venv):
    assert "Installed in" in install(tree_with_venv, ENOUGH_DISK, "maintainer").stdout
    (tree_with_venv / "requirements-test.txt").write_text("# nothing, said otherwise\n")
    assert said(install(tree_with_venv)) == []
    assert "Installed in" in install(tree_with_venv, ENOUGH_DISK, "maintainer").stdout


def test_only_a_part_that_exists_is_installed(tree):
    assert "There is no part 'everything' to install" in complaint(install(tree, ENOUGH_DISK, "everything"))


@pytest.mark.parametrize(("prelude", "code"), [("", 0), (OLD_PYTHON, 1), (NEW_PYTHON, 1)])
def test_whether_a_python_suits_is_found_without_making_anything(tree, prelude, code):
    assert install(tree, prelude, "suits").returncode == code
    assert not (tree / ".venv").exists()


def test_half_a_venv_is_made_afresh(tree):
    (tree / ".venv" / "lib").mkdir(parents=True)
    (tree / ".venv" / "lib" / "half").write_text("")
    (tree / ".venv" / "installed").write_text("unfinished\n")
    assert install(tree).returncode == 0
    assert venv_python(tree).exists()
    assert not (tree / ".venv" / "lib" / "half").exists()


def test_without_a_network_it_says_so_and_names_the_log(tree_with_venv):
    (tree_with_venv / "requirements.txt").write_text("nbgrader==0.9.6\n")
    closed = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}
    done = install(tree_with_venv, **closed, PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="", PIP_NO_CACHE_DIR="1")
    log = tree_with_venv / ".venv" / "install.log"
    assert re.search("no connection to the package index; check the network", complaint(done))
    assert str(log) in done.stderr
    assert "nbgrader" in log.read_text()


def test_a_venv_made_by_hand_survives_a_failure_of_pip(tree_with_venv):
    mine = tree_with_venv / ".venv" / "mine"
    mine.write_text("")
    (tree_with_venv / "requirements.txt").write_text("not a requirement\n")
    complaint(install(tree_with_venv))
    (tree_with_venv / "requirements.txt").write_text("# nothing\n")
    assert install(tree_with_venv).returncode == 0
    assert mine.exists()


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("Max retries exceeded with url\nERROR: No matching distribution found for torch", "no connection"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no ready-made package for this Python"),
        ("ERROR: ResolutionImpossible", "ERROR: ResolutionImpossible"),
        ("", "pip was stopped"),
    ],
)
def test_the_likely_cause_is_read_from_the_words_of_pip(words, cause):
    from course.classroom.learner.install import likely_cause

    assert likely_cause(words).startswith(cause)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  Downloading torch-2.13.0-cp312-cp312-win_amd64.whl (122.1 MB)", "  torch 2.13.0 (122.1 MB)"),
        ("  Using cached scipy-1.17.1-cp312-cp312-win_amd64.whl (36.0 MB)", "  scipy 1.17.1 (36.0 MB)"),
        ("  Downloading six-1.17.0-py2.py3-none-any.whl (11 kB)", None),
        ("Installing collected packages: a, b, c", "Unpacking 3 packages: a minute or two"),
    ],
)
def test_progress_shows_the_few_lines_that_matter(line, shown):
    from course.classroom.learner.install import progress

    assert progress(line) == shown
