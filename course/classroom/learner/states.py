"""States: how far a learner has come, read from the outputs that their notebooks hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.classroom.learner import desk

RIGHT, TRIED, OPEN = "right", "tried", "open"
SAYS_RIGHT = "- right"  # in what check says
BADGE = re.compile(r"Difficulty \d of 5 · about (\d+) minutes")
TIME = re.compile(r"^\| \*\*Time\*\* \| *(.*?) *[;,(|]", re.MULTILINE)  # what follows says where to pause
HEADING = re.compile(r"^(#+) +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """One exercise: what it gives, how long it takes, where it stands, and whether it is done.

    section: the heading of the part of the lesson that explains it; heading: its own."""

    name: str
    points: int
    minutes: int
    section: str
    heading: str
    state: str


@dataclass(frozen=True)
class Progress:
    """A lesson, as the learner has left it. path: None where it is not on the desk; problem: why it cannot be read."""

    lesson: str
    title: str
    time: str
    path: Path | None
    exercises: tuple[Exercise, ...] = ()
    begun: bool = False
    older: bool = False
    problem: str = ""

    def count(self, state: str) -> int:
        return sum(one.state == state for one in self.exercises)

    @property
    def points(self) -> int:
        return sum(one.points for one in self.exercises if one.state == RIGHT)

    @property
    def most(self) -> int:
        return sum(one.points for one in self.exercises)

    @property
    def minutes_left(self) -> int:
        return sum(one.minutes for one in self.exercises if one.state != RIGHT)

    @property
    def next(self) -> Exercise | None:
        """The first exercise that is not right yet."""
        return next((one for one in self.exercises if one.state != RIGHT), None)


def survey() -> list[Progress]:
    """All lessons, in their order."""
    return [progress(lesson) for lesson in desk.lessons()]


def progress(lesson: str) -> Progress:
    """The lesson as it was released tells what there is; the learner's own, what of it is done."""
    released = desk.read(desk.released(lesson))
    head = desk.source_of(released["cells"][0])
    title = head.partition("\n")[0].lstrip("# ")
    time = found[1] if (found := TIME.search(head)) else ""
    path = desk.own(lesson)
    try:
        notebook = desk.read(path) if path else {"cells": [], "metadata": {}}
    except desk.DeskError as error:
        return Progress(lesson, title, time, path, problem=str(error), exercises=tuple(exercises(released, {})))
    states = dict(states_in(notebook))
    begun, older = desk.is_worked_in(notebook), bool(path) and desk.is_older(lesson, notebook)
    return Progress(lesson, title, time, path, tuple(exercises(released, states)), begun, older)


def exercises(notebook: dict[str, Any], states: dict[str, str]) -> Iterator[Exercise]:
    """Those of a released notebook, in their order."""
    section = heading = ""
    minutes, points = 0, points_in(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            for level, text in HEADING.findall(desk.source_of(cell)):
                section, heading = (text, text) if len(level) == 2 else (section, text)
            minutes = int(found[1]) if (found := BADGE.search(desk.source_of(cell))) else 0
        elif desk.is_answer(cell):
            name = cell["metadata"]["nbgrader"]["grade_id"]
            yield Exercise(name, points.get(name, 0), minutes, section, heading, states.get(name, OPEN))


def points_in(notebook: dict[str, Any]) -> dict[str, int]:
    graded = [cell.get("metadata", {}).get("nbgrader", {}) for cell in notebook["cells"]]
    return {one["grade_id"].removeprefix("check-"): int(one.get("points", 0)) for one in graded if one.get("grade")}


def states_in(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Exercise and state: right where its last check says so and the answer was not run again since."""
    answers = {grade_id(cell): cell for cell in notebook["cells"] if desk.is_answer(cell)}
    checks = {grade_id(cell): cell for cell in notebook["cells"] if grade_id(cell).startswith("check-")}
    for name, answer in answers.items():
        check = checks.get(f"check-{name}", {})
        if says_right(check) and (answer.get("execution_count") or 0) <= (check.get("execution_count") or 0):
            yield name, RIGHT
        elif check.get("outputs") or desk.is_written(desk.source_of(answer)):
            yield name, TRIED
        else:
            yield name, OPEN


def grade_id(cell: dict[str, Any]) -> str:
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def says_right(check: dict[str, Any]) -> bool:
    outputs = check.get("outputs", [])
    texts = ["".join(one.get("text", "")) + "".join(one.get("data", {}).get("text/plain", "")) for one in outputs]
    failed = any(one.get("output_type") == "error" for one in outputs)
    return not failed and any(SAYS_RIGHT in text for text in texts)
