"""Ordinary user: does a teacher who is not root grade as safely, in a folder of any name, from a read-only release?"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.grading.sandbox import NoSandbox, alone, pythons, version_of
from tests import PATIENCE
from tests.classroom import tiny
from tests.classroom.kills import hand_in, kept
from tests.classroom.school import REPOSITORY, School
from tests.classroom.test_grade_command import RIGHT, WRONG
from tests.grading import needs_sandbox

USER = 200_000 + os.getpid() % 50_000  # nobody's number


@pytest.fixture
def home() -> Iterator[Path]:
    """The user's own folder, with blanks and umlauts in its name."""
    with tempfile.TemporaryDirectory(prefix="Grüße und Übungen ") as folder:
        yield Path(folder)


def as_user(home: Path) -> list[str]:
    """What to put before a command, so that it runs as somebody who is not root.

    Where Python, or the course, lies in a folder that only root may enter, that one alone is then seen in it."""
    if os.getuid() != 0:
        return []
    for path in (home, *home.rglob("*")):
        os.chown(path, USER, USER)
    needed = [Path(one) for one in (*pythons(), sys.prefix, REPOSITORY)]
    closed = {one for path in needed for one in path.parents if not one.stat().st_mode & 1}
    command = ["bwrap", "--dev-bind", "/", "/"]
    for folder in sorted(closed):
        command += ["--perms", "0755", "--tmpfs", str(folder)]
    for path in sorted(needed):
        command += ["--ro-bind", str(path), str(path)]
    return [*command, "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]


def run(home: Path, *words: str, folder: Path) -> subprocess.CompletedProcess:
    variables = os.environ | {"PYTHONPATH": str(REPOSITORY), "HOME": str(home), "TMPDIR": str(home / "tmp")}
    command = [*as_user(home), sys.executable, "-B", "-m", *words]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=PATIENCE)


@needs_sandbox
def test_an_ordinary_user_grades_a_class(released, home):
    course = School(Path(shutil.copytree(released.root, home / "Kurs für Übung 1")))
    hand_in(course, {"ann": RIGHT, "bob": WRONG, "carl": RIGHT, "eve": ""})
    (home / "tmp").mkdir()
    for path in (course.root / "notebooks").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    typed = ("course", "grade", tiny.NAME, "--workers=1", "--page=page.html")
    first = run(home, *typed, folder=course.root)
    assert (first.returncode, first.stderr) == (0, "")
    assert sorted(re.findall(r"\] (\w+): (\d of \d) ", first.stdout)) == [
        ("ann", "5 of 5"), ("bob", "3 of 5"), ("carl", "5 of 5"),
    ]  # fmt: skip
    assert "4 handed in, 3 graded, 1 for a human, 0 failed, 0 suspicious" in first.stdout
    assert [row[0] for row in kept(course)["rows"]] == ["ann", "bob", "carl", "eve"]
    assert {(course.root / name).stat().st_uid for name in ("page.html", "autograded/ann")} == {home.stat().st_uid}
    assert list((home / "tmp").iterdir()) == []
    assert run(home, *typed, folder=course.root).stdout.startswith("0 graded now, 4 unchanged.\n")


@needs_sandbox
@pytest.mark.skipif(os.getuid() != 0, reason="tests of the sandbox run as an ordinary user already")
def test_the_sandbox_of_an_ordinary_user_is_as_tight(home):
    (home / "tmp").mkdir()
    path = REPOSITORY / "tests" / "grading" / "test_sandbox.py"
    found = run(home, "pytest", "-q", "-p", "no:cacheprovider", str(path), folder=REPOSITORY)
    assert found.returncode == 0, found.stdout[-3000:]
    assert re.search(r"\b\d\d passed in", found.stdout)


@pytest.mark.parametrize(("release", "version"), [("5.14.0-362.el9.x86_64", (5, 14)), ("6.8-generic", (6, 8))])
def test_the_version_of_linux_is_read(release, version):
    assert version_of(release) == version


def test_an_older_linux_is_refused_to_whoever_is_not_root(monkeypatch):
    """It would count a submission's processes together with all others of the teacher's."""
    monkeypatch.setattr("platform.release", lambda: "4.18.0-553.el8")
    monkeypatch.setattr("os.getuid", lambda: 1000)
    with pytest.raises(NoSandbox, match=r"Linux 4\.18\.0-553\.el8 is too old: who is not root needs 5\.14"):
        alone()
    monkeypatch.setattr("os.getuid", lambda: 0)
    assert "--unshare-net" in alone()
