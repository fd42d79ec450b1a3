"""Export: grades.csv, in which a table program shows who has what, by exercise, and who has nothing, and why."""

from __future__ import annotations

import csv
from pathlib import Path

from nbgrader.api import Assignment, Gradebook
from nbgrader.plugins import ExportPlugin

from course.classroom.pages import number, plain
from course.classroom.teacher.standing import Standing, standings

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score", "what_happened", "late_seconds",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH COMMERCIAL AT}")


class ByExercise(ExportPlugin):
    """A row for a student and a lesson: nbgrader's columns, what happened, then the points of each exercise."""

    def export(self, gradebook: Gradebook) -> None:
        only, students = set(map(str, self.assignment)), set(map(str, self.student))
        assignments = [one for one in gradebook.assignments if not only or one.name in only]
        exercises = list(dict.fromkeys(name for one in assignments for name in exercises_of(one)))
        with Path(self.to or "grades.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow([*COLUMNS, *map(cell, exercises)])
            for assignment in assignments:
                for one in standings(gradebook, assignment):
                    if not students or one.student in students:
                        table.writerow([*row(one, assignment), *points(one, exercises)])


def exercises_of(assignment: Assignment) -> list[str]:
    """The names of what is graded in the lesson; an exercise's is that of its check."""
    cells = [cell for book in assignment.notebooks for cell in (*book.grade_cells, *book.task_cells)]
    return [cell.name.removeprefix("check-") for cell in cells]


def row(one: Standing, assignment: Assignment) -> list[str]:
    """What stands before the exercises. No points where nobody can know them yet."""
    first, last, email = one.names
    about = [one.lesson, assignment.duedate or "", one.handed_in or "", one.student, last, first, email]
    scores = [one.raw, one.penalty, one.points] if one.is_graded else None
    happened = f"{one.outcome}: {one.reason}" if one.reason else one.outcome
    numbers = list(map(number, scores)) if scores else [""] * 3
    return [*map(cell, about), *numbers, number(one.most), cell(happened), number(one.late)]


def points(one: Standing, exercises: list[str]) -> list[str]:
    """Those of each exercise; '' where the lesson has no such exercise, or they are not known yet."""
    known = {name.removeprefix("check-"): earned for name, earned in one.earned.items() if one.is_graded}
    found = {name: number(earned.points) for name, earned in known.items() if earned.points or not earned.open}
    return [found.get(name, "") for name in exercises]


def cell(value: object) -> str:
    """A text that a table program shows and does not compute: of what looks like a formula, a quote comes first."""
    text = " ".join(plain(" ".join(str(value).split())).split())
    return f"'{text}" if text.startswith(FORMULA) else text
