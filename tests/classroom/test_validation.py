"""Validation: is each exercise told as a grade would have it, by the cells that it needs, whatever else goes wrong?"""

import inspect
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from traitlets.config import Config

from course.attention import attention_scores, causal_mask
from course.classroom.learner import validation
from course.classroom.learner.validation import NotValidated, Report, in_words, lesson_of, read, to_run, validate
from course.classroom.teacher.paper import steps
from tests.classroom import tiny
from tests.classroom.school import REPOSITORY, School, cell, with_answer

SCORES, MASK = inspect.getsource(attention_scores), inspect.getsource(causal_mask)
WRONG = SCORES.replace(" / math.sqrt(d_k)", "")
LONG_CELLS = {"train-run", "race-run", "positions-run", "clinic-ward", "history-run", "text-splits"}  # of lesson 09


@pytest.fixture(autouse=True)
def _warm(school: School) -> None:
    """Kernels are forked from a warm process."""


@pytest.fixture
def notebook(course: School) -> nbformat.NotebookNode:
    """The tiny lesson, as it was released."""
    return nbformat.read(course.path("notebooks", ".", tiny.NAME), as_version=4)


def validated(course: School, notebook: nbformat.NotebookNode, name: str = f"{tiny.NAME}.ipynb") -> Report:
    path = course.root / name
    nbformat.write(notebook, path)
    before = path.read_bytes()
    report = validate(path, lambda text: None, course.root / "notebooks")
    assert path.read_bytes() == before
    return report


def states(report: Report) -> list[tuple[str, float, str]]:
    return [(mark.name, mark.points, mark.state) for mark in report.marks]


def test_each_exercise_has_its_state_and_its_points(course, notebook):
    report = validated(course, with_answer(notebook, "attention_scores", SCORES))
    assert states(report) == [("attention_scores", 2, "right"), ("causal_mask", 0, "blank")]
    assert report.title == "1 of 2 exercises, 2 of 5 points"
    assert in_words(report).splitlines()[1:] == ["2 of 2  attention_scores  right", "0 of 3  causal_mask  blank"]
    assert not report.all_right


def test_what_the_check_says_is_told(course, notebook):
    (wrong, _) = validated(course, with_answer(notebook, "attention_scores", WRONG)).marks
    assert wrong.state == "wrong"
    assert "not divided by the square root of d_k" in wrong.text


def test_the_courses_own_is_no_answer_and_gives_no_points(course, notebook):
    lent = with_answer(notebook, "causal_mask", "from course.attention import causal_mask")
    lent.cells.insert(3, v4.new_code_cell("from course.attention import attention_scores"))
    report = validated(course, lent)
    assert states(report) == [("attention_scores", 0, "blank"), ("causal_mask", 0, "wrong")]
    assert report.marks[1].text.startswith("causal_mask: this is the course's own.")


def test_renamed_notebook_without_its_checks_and_with_a_broken_cell_is_told_all_the_same(course, notebook):
    solved = with_answer(with_answer(notebook, "attention_scores", SCORES), "causal_mask", MASK)
    solved.cells = [one for one in solved.cells if not one.id.startswith("check-")]
    solved.cells.insert(1, v4.new_code_cell("def"))
    assert validated(course, solved, "mine (1).ipynb").all_right


def test_a_teachers_own_lesson_is_its_own_model(tmp_path, course, notebook):
    path = tmp_path / "of_my_own.ipynb"
    nbformat.write(with_answer(notebook, "attention_scores", WRONG), path)
    report = validate(path, lambda text: None, REPOSITORY / "notebooks")
    assert states(report) == [("attention_scores", 0, "wrong"), ("causal_mask", 0, "blank")]
    assert report.lesson == "of_my_own"


def test_endless_cell_costs_its_time_and_a_note(course, notebook, monkeypatch):
    monkeypatch.setattr(validation, "limits", lambda: Config(Run={"ungraded_timeout": 5, "late_timeout": 1}))
    solved = with_answer(notebook, "attention_scores", SCORES)
    for place in (2, 5):
        solved.cells.insert(place, v4.new_code_cell("\nwhile True:\n    pass"))
    report = validated(course, solved)
    assert states(report)[0] == ("attention_scores", 2, "right")
    assert report.notes == ["A cell took too long and was stopped; it begins: while True:"] * 2


def test_cell_that_ends_the_kernel_is_told_by_what_follows(course, notebook):
    solved = with_answer(notebook, "attention_scores", SCORES)
    solved.cells.insert(2, v4.new_code_cell("import os\nos._exit(1)"))
    (mark, _) = validated(course, solved).marks
    assert mark.text == "NotRun: the kernel died here, or in a cell above"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "There is no file mine.ipynb: was it renamed?"),
        ("", "mine.ipynb cannot be read: the file is empty."),
        ('{"cells": [', "mine.ipynb cannot be read: the file is no notebook: line 1"),
        ("[]", "mine.ipynb cannot be read: the file is JSON, but no notebook"),
        ('{"cells": []}', "mine.ipynb has no exercise of a lesson"),
    ],
)
def test_what_cannot_be_validated_is_said_in_a_sentence(tmp_path: Path, content: str | None, why: str):
    path = tmp_path / "mine.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NotValidated, match="^" + why.replace("?", r"\?")) as said:
        validate(path, lambda text: None)
    assert str(said.value).endswith(".")


@pytest.mark.parametrize("folder", ["solutions", "notebooks"])
def test_long_cells_of_lesson_09_are_not_run(folder):
    path = REPOSITORY / folder / "09_translator" / "09_translator.ipynb"
    notebook = read(path)
    lesson = lesson_of(notebook, path, validation.RELEASED)
    every = steps(notebook, lesson)
    ran = {step.cell.id for step in to_run(every)}
    assert lesson.name == path.stem
    assert {step.cell.id for step in every} >= LONG_CELLS
    assert not LONG_CELLS & ran
    assert set(lesson.checks()) <= ran
    assert cell(notebook, "setup").id in ran
