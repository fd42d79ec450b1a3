"""Tests of the grader, and what several of them need: a lesson as it was handed out, and a place to run it in."""

from __future__ import annotations

import os
import shutil
from functools import cache

import nbformat
import pytest

from course.classroom import ROOT
from course.classroom.teacher.marking import FOR_TESTS, asked_from, modules_for, own
from course.classroom.teacher.mending import Original
from course.classroom.teacher.paper import Lesson
from course.grading.inside.confine import Limits
from course.grading.sandbox import Sandbox


def has_sandbox() -> bool:
    return shutil.which("bwrap") is not None


needs_sandbox = pytest.mark.skipif(not has_sandbox(), reason="bubblewrap is not installed: apt-get install bubblewrap")
USER = 160_000 + os.getpid() % 40_000  # of this worker alone: another's processes would count as ours
LIMITS = Limits(user=USER, memory=1024, disk=16)


@cache
def lesson(number: int) -> Lesson:
    """A lesson as it was handed out."""
    [path] = (ROOT / "notebooks").glob(f"{number:02}_*/*.ipynb")
    released = nbformat.read(path, as_version=4)
    known = {
        cell.metadata.nbgrader.grade_id: Original(cell.source, cell.cell_type, dict(cell.metadata.nbgrader))
        for cell in released.cells
        if "nbgrader" in cell.metadata
    }
    return Lesson(path.stem, number, released, known)


def place_for(number: int) -> Sandbox:
    """Where the submissions of that lesson are run, as the grader makes it."""
    refused = {name for one in own(lesson(number)) for name in one.forbidden}
    return Sandbox(asked_from(lesson(number)), modules_for(lesson(number)), FOR_TESTS, refused)
