"""Grading: what a class costs by stock nbgrader and by `course grade`, the same submissions, the same points."""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from course.bench.growth import Growth
from course.bench.pupils import ROOT, Course, notebooks, released
from course.bench.spent import Spent, spent

LESSON = "04_self_attention"
SLICE = 10  # submissions that stock nbgrader grades before ours has its turn again
OURS = ("-m", "course", "grade", "--force")
UNEXPLAINED = """
import os, sys
from pathlib import Path
from course.classroom.teacher.marking import Order, mark
mark(Path.cwd(), Order(sys.argv[1], force=True, workers=os.cpu_count(), explains=False), print)
"""
OURS_UNEXPLAINED = ("-c", UNEXPLAINED)
STOCK, EXPORT = ("-m", "nbgrader", "autograde"), ("-m", "nbgrader", "export")


class DifferentPoints(Exception):
    """Stock nbgrader and ours do not give the same; the text says to whom."""


@dataclass
class Costs:
    """CPU seconds of each run, by who ran, and how many submissions a run had."""

    stock: list[tuple[int, Spent]] = field(default_factory=list)
    ours: list[tuple[int, Spent]] = field(default_factory=list)
    unexplained: list[tuple[int, Spent]] = field(default_factory=list)
    compared: int = 0


def each_costs(runs: Sequence[tuple[int, Spent]]) -> float:
    """CPU seconds a submission."""
    return sum(one.cpu for _, one in runs) / sum(count for count, _ in runs)


def race(n_class: int, lesson: str, say: Callable[[str], object]) -> Costs:
    """A class graded by both in turn: stock in slices, ours the whole class between them, with reasons and without.

    Both begin anew in each turn, and what that takes counts."""
    costs = Costs()
    with tempfile.TemporaryDirectory(prefix="class-") as place:
        say(f"a class of {n_class} works on {lesson}")
        course = released(Path(place, "ours"), lesson)
        for turn, (count, part) in enumerate(in_slices(course, n_class)):
            costs.stock.append((count, run(STOCK, part, say)))
            how, runs = (OURS_UNEXPLAINED, costs.unexplained) if turn % 2 else (OURS, costs.ours)
            runs.append((n_class, run(how, course, say)))
            costs.compared += same_points(points(part), points(course))
        if not costs.unexplained:
            costs.unexplained.append((n_class, run(OURS_UNEXPLAINED, course, say)))
    return costs


def in_slices(course: Course, n_class: int) -> list[tuple[int, Course]]:
    """The class hands in; and once more in slices, each in a course of its own: how many, and where."""
    handed = list(notebooks(course, n_class))
    slices = []
    for start in range(0, n_class, SLICE):
        part = course.copied(course.root.with_name(f"stock {start}"))
        for student, notebook in handed[start : start + SLICE]:
            part.handed_in(student, notebook)
        slices.append((len(handed[start : start + SLICE]), part))
    for student, notebook in handed:
        course.handed_in(student, notebook)
    return slices


def run(
    how: Sequence[str], course: Course, say: Callable[[str], object],
    heard: Callable[[str, int], object] = lambda line, process: None,
) -> Spent:  # fmt: skip
    """A grader over all that is handed in."""
    took = spent([sys.executable, *how, course.lesson], course.root, heard, os.environ | {"PYTHONPATH": str(ROOT)})
    say(f"{course.root.name}: {took.cpu:.1f} CPU-s in {took.seconds:.0f} s")
    return took


def points(course: Course) -> dict[str, dict[str, str]]:
    """Student -> exercise -> points, as `nbgrader export` has them."""
    spent([sys.executable, *EXPORT], course.root, environment=os.environ | {"PYTHONPATH": str(ROOT)})
    with (course.root / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0])[list(rows[0]).index("late_seconds") + 1 :]
    return {row["student_id"]: {name: row[name] for name in names} for row in rows}


def same_points(theirs: dict[str, dict[str, str]], ours: dict[str, dict[str, str]]) -> int:
    """How many points of exercises are the same; DifferentPoints where one is not."""
    different = [
        f"{student}, {name}: {earned} by nbgrader, {ours[student][name]} by ours"
        for student, row in theirs.items() for name, earned in row.items() if ours[student][name] != earned
    ]  # fmt: skip
    if different:
        raise DifferentPoints("; ".join(different))
    return sum(map(len, theirs.values()))


def growth(n_class: int, lesson: str, say: Callable[[str], object]) -> tuple[Spent, Growth]:
    """A class of that size, by ours alone."""
    with tempfile.TemporaryDirectory(prefix="class-") as place:
        say(f"a class of {n_class} works on {lesson}")
        course = released(Path(place, f"class of {n_class}"), lesson)
        for student, notebook in notebooks(course, n_class):
            course.handed_in(student, notebook)
        seen = Growth()
        return run(OURS, course, say, seen), seen
