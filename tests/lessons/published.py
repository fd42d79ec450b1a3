"""Published cell ids: what learners' notebooks, grades and translations are keyed by, and so never changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from course.classroom.author.lesson import Lesson
from course.classroom.author.notebook import make_notebook

PUBLISHED = Path(__file__).with_name("published_ids.txt")


def published() -> list[str]:
    """Lines such as 04_self_attention/question: every cell that a learner has ever been given."""
    return PUBLISHED.read_text(encoding="utf-8").splitlines()


def ids(lesson: Lesson) -> list[str]:
    """The same of a lesson as it would be built now."""
    return [f"{lesson.name}/{cell.id}" for cell in make_notebook(lesson).cells]


def changed(published: list[str], now: list[str]) -> Iterator[str]:
    """A line for each id that is gone, and one for each that is new and not yet kept."""
    for one in published:
        if one not in now:
            yield f"{one} was published and is gone: give the cell that took its place this name again"
    for one in now:
        if one not in published:
            yield f"{one} is new: add this line to tests/lessons/{PUBLISHED.name}; never take one away"
