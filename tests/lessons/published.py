"""Published cell ids: what learners' notebooks, grades and translations are keyed by, and so never changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from course.checks.registry import EXERCISES
from course.classroom.author.lesson import Lesson
from course.classroom.author.notebook import make_notebook

CUT = " (cut)"  # stands behind an id whose cell is no more, and whose name no other cell gets
PUBLISHED = Path(__file__).with_name("published_ids.txt")


def published() -> list[str]:
    """Lines such as 04_self_attention/question: every cell that a learner has ever been given.

    A cell of prose or of given code may be cut: nothing is graded by its id."""
    return PUBLISHED.read_text(encoding="utf-8").splitlines()


def ids(lesson: Lesson) -> list[str]:
    """The same of a lesson as it would be built now."""
    return [f"{lesson.name}/{cell.id}" for cell in make_notebook(lesson).cells]


def changed(published: list[str], now: list[str]) -> Iterator[str]:
    """A line for each id that is gone, and one for each that is new and not yet kept."""
    kept = [line for line in published if not line.endswith(CUT)]
    cut = [line.removesuffix(CUT) for line in published if line.endswith(CUT)]
    for one in kept:
        if one not in now:
            again = "give the cell that took its place this name again"
            yield f"{one} was published and is gone: {again}, or, where nothing did, write {CUT!r} behind its line"
    for one in cut:
        if one.partition("/")[2].removeprefix("check-") in EXERCISES:
            yield f"{one} is graded by its id, and cannot be cut"
        elif one in now:
            yield f"{one} was cut; what is new gets another name"
    for one in now:
        if one not in (*kept, *cut):
            yield f"{one} is new: add this line to tests/lessons/{PUBLISHED.name}; never take one away"
