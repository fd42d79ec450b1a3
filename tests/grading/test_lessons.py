"""Lessons: in the sandbox a solved notebook has every point, a released one none, a mistake costs its own alone."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode, v4

from course.checks.registry import EXERCISES
from course.classroom import ROOT
from course.classroom.teacher.grading import Hall, graded
from course.classroom.teacher.results import BLANK, GRADED, RIGHT, WRONG, Result
from course.grading.verdicts import Examiner
from tests.classroom.school import learners, with_answer, wrong_source
from tests.grading import LIMITS, lesson, needs_sandbox, place_for

pytestmark = needs_sandbox
QUICK = (0, 4, 10)


def grade(place: Any, folder: Path, number: int, notebook: NotebookNode) -> Result:
    """What becomes of it where it is handed in."""
    path = folder / "student" / lesson(number).name / f"{lesson(number).name}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    hall = Hall(lesson(number), place, Examiner(number, 20_300, explains=False), LIMITS)
    return graded(folder, "student", hall)


def solved(number: int) -> NotebookNode:
    [path] = (ROOT / "solutions").glob(f"{number:02}_*/*.ipynb")
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("number", range(14))
def test_solved_notebook_gets_all_points_a_released_one_none_and_a_mistake_costs_its_own(
    places, tmp_path, request, number
):
    dear = number not in QUICK
    if dear and request.config.getoption("lessons") != "all" and "CI" not in os.environ:
        pytest.skip("a sandbox a lesson is dear: with --lessons=all, or where CI is set")
    place = place_for(number) if dear else places(number)
    wrong = learners([exercise.name for exercise in EXERCISES.values() if exercise.lesson == number])
    try:
        full = grade(place, tmp_path / "full", number, solved(number))
        none = grade(place, tmp_path / "none", number, copy.deepcopy(lesson(number).released))
        partly = [grade(place, tmp_path / str(at), number, with_mistakes(number, one)) for at, one in enumerate(wrong)]
    finally:
        if dear:
            place.close()
    assert (full.outcome, full.reason) == (GRADED, "")
    assert {mark.name: mark.text for mark in full.marks if mark.state != RIGHT} == {}
    assert full.points == sum(mark.most for mark in full.marks) > 0
    assert [mark.state for mark in none.marks] == [BLANK] * len(full.marks)
    assert (none.outcome, none.points) == (GRADED, 0)
    assert [{mark.name for mark in one.marks if mark.points == 0} for one in partly] == wrong
    assert all(mark.points in (0, mark.most) for one in partly for mark in one.marks)


def with_mistakes(number: int, names: set[str]) -> NotebookNode:
    """The solved notebook, these exercises answered with a mistake that is known."""
    notebook = solved(number)
    for name in names:
        notebook = with_answer(notebook, name, wrong_source(EXERCISES[name], lesson(number).released))
    return notebook


KEEPING = """
import course.arrays, mmap, marshal, types
kept = mmap.mmap(-1, 1 << 16)
def matmul(a, b):
    code = marshal.dumps(course.arrays.row_means.__code__)
    kept[:len(code)] = code
    open("kept", "wb").write(code)
    return a @ b + 0.0
"""
KEPT = """
def row_means(table):
    code = open("kept", "rb").read() if {by_file} else kept[:]
    return types.FunctionType(marshal.loads(code), globals())(table)
"""


@pytest.mark.parametrize("by_file", [True, False])
def test_answer_that_keeps_what_was_lent_to_another_gains_nothing(place, tmp_path, by_file):
    """An earlier answer, written once more behind a later one, which has seen the course's."""
    notebook = copy.deepcopy(lesson(0).released)
    answers = {cell.id: cell for cell in notebook.cells if cell.id in ("row_means", "matmul")}
    answers["row_means"].source, answers["matmul"].source = "def row_means(table): return 0", KEEPING
    again = v4.new_code_cell(KEPT.format(by_file=by_file), metadata=answers["row_means"].metadata)
    place_of_check = [cell.id for cell in notebook.cells].index("check-matmul")
    notebook.cells.insert(place_of_check + 1, again)
    states = {mark.name: mark.state for mark in grade(place, tmp_path, 0, notebook).marks}
    assert (states["row_means"], states["matmul"]) == (WRONG, RIGHT)


def test_right_answer_written_once_more_behind_another_counts(place, tmp_path):
    notebook = copy.deepcopy(lesson(0).released)
    [answer] = [cell for cell in notebook.cells if cell.id == "row_means"]
    right = [cell.source for cell in solved(0).cells if cell.id in ("row_means", "matmul")]
    [other] = [cell for cell in notebook.cells if cell.id == "matmul"]
    answer.source, other.source = "def row_means(table): return 0", right[1]
    place_of_check = [cell.id for cell in notebook.cells].index("check-matmul")
    notebook.cells.insert(place_of_check + 1, v4.new_code_cell(right[0], metadata=answer.metadata))
    result = grade(place, tmp_path, 0, notebook)
    assert {mark.name: mark.state for mark in result.marks}["row_means"] == RIGHT
    assert not [odd for odd in result.suspicions if "process ended" in odd]
