"""Fixtures for the classroom: kernels that start at once, and a course of its own in a temporary folder."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.classroom.author.lesson import read_lesson
from course.classroom.author.notebook import make_notebook
from tests.classroom import tiny, warm_kernels
from tests.classroom.school import School


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment variables with which the kernel called python3 is forked from a process that has imported torch."""
    if not sys.platform.startswith("linux"):
        yield {}
        return
    folder = tmp_path_factory.mktemp("warm")
    address = folder / "door"
    program = [sys.executable, warm_kernels.__file__]
    server = subprocess.Popen(
        [*program, "serve", address], stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    try:
        assert server.stdout.readline() == "ready\n"
        kernel = folder / "kernels" / "python3" / "kernel.json"
        kernel.parent.mkdir(parents=True)
        ask = [program[0], "-I", "-S", program[1], "ask", str(address), "-f", "{connection_file}"]
        kernel.write_text(
            json.dumps({"argv": ask, "display_name": "warm", "language": "python", "interrupt_mode": "message"})
        )
        yield {"JUPYTER_PATH": str(folder)}
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, warm: dict[str, str]) -> Iterator[School]:
    """A course folder with the house's nbgrader_config.py and no lessons yet; nbgrader's kernels are warm."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in warm.items():
            patch.setenv(name, value)
        patch.setenv("PATH", os.environ["PATH"])  # the configuration adds to it
        yield School.open(tmp_path_factory.mktemp("school"))


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A course that has released the tiny lesson, to which nobody has handed in yet; to be copied, not changed."""
    root = tmp_path_factory.mktemp("released")
    path = root / f"{tiny.NAME}.py"
    path.write_text(tiny.TEXT, encoding="utf-8")
    course = School.open(root)
    course.teach(tiny.NAME, make_notebook(read_lesson(path)))
    return course


@pytest.fixture
def course(released: School, tmp_path: Path) -> School:
    """A course of its own in which the tiny lesson is released."""
    return School(Path(shutil.copytree(released.root, tmp_path / "course")))
