"""Paper: a submitted notebook as the grader works on it: what was released, with the learner's answers in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nbformat import NotebookNode, v4

from course.checks.registry import EXERCISES
from course.classroom.learner.desk import as_released
from course.classroom.teacher.mending import CHECK_OF, Original, mend
from course.grading.plan import Cell, needed


@dataclass(frozen=True)
class Lesson:
    """What is known of a lesson before anybody's submission is read.

    released: its notebook as it was handed out; known: the cells that nbgrader keeps, by grade_id."""

    name: str
    number: int
    released: NotebookNode
    known: dict[str, Original]

    def checks(self) -> list[str]:
        """The grade_ids of its graded code cells, in their order."""
        return [name for name, original in self.known.items() if original.is_check and original.cell_type == "code"]

    def exercise_of(self, grade_id: str) -> str:
        """The exercise that this graded cell asks about: of one that asks about none, ''."""
        try:
            tree = ast.parse(self.known[grade_id].source)
        except SyntaxError:
            return ""
        for node in ast.walk(tree):
            match node:
                case ast.Call(ast.Name("check"), [ast.Name(name), *_]) if name in EXERCISES:
                    return name
        return ""


@dataclass(frozen=True)
class Step:
    """A cell of the notebook, and what is to be done about it.

    kind: answer, given, own, check (of an exercise, asked by the judge), test (of a teacher's own, run as it is) or
    text; ran: whether a grade needs it."""

    cell: NotebookNode
    kind: str
    exercise: str = ""
    ran: bool = False

    @property
    def grade_id(self) -> str:
        return self.cell.metadata.get("nbgrader", {}).get("grade_id", "")

    @property
    def check_of(self) -> str:
        """The graded cell that this one is, or a copy of."""
        return self.cell.metadata.get(CHECK_OF, self.grade_id)


def steps(notebook: NotebookNode, lesson: Lesson) -> list[Step]:
    """The notebook, mended, cell by cell; what was released and is missing stands where it stood."""
    released = {cell.id: cell for cell in lesson.released.cells}
    mend(notebook, lesson.known)
    name_again(notebook.cells, lesson.released.cells)
    notebook.cells = list(with_missing(notebook.cells, lesson.released.cells))
    found = [Step(cell, kind, exercise) for cell, kind, exercise in told(notebook.cells, released, lesson)]
    code = [step for step in found if step.kind != "text"]
    wanted = needed([Cell(step.cell.id, step.kind, step.cell.source) for step in code])
    ran = {id(step): run for step, run in zip(code, wanted, strict=True)}
    return [replace(step, ran=ran.get(id(step), False)) for step in found]


def told(
    cells: Sequence[NotebookNode], released: dict[str, NotebookNode], lesson: Lesson
) -> Iterator[tuple[NotebookNode, str, str]]:
    """Each cell, its kind, its exercise."""
    for cell in cells:
        grade_id = cell.metadata.get(CHECK_OF) or cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type != "code":
            yield cell, "text", ""
        elif grade_id in lesson.known and lesson.known[grade_id].is_check:
            exercise = lesson.exercise_of(grade_id)
            yield cell, "check" if exercise else "test", exercise
        elif grade_id in lesson.known:
            yield cell, "answer", ""
        else:
            same = cell.id in released and cell.source == released[cell.id].source
            yield cell, "given" if same else "own", ""


def name_again(cells: Sequence[NotebookNode], released: Sequence[NotebookNode]) -> None:
    """Cells that have lost their names, as some programs have it, get them back where the text tells."""
    there = {cell.id for cell in cells}
    lost = {cell.source: cell.id for cell in reversed(released) if cell.id not in there and cell.source.strip()}
    for cell in cells:
        if cell.source in lost and "nbgrader" not in cell.metadata:
            cell.id = lost.pop(cell.source)


def with_missing(cells: Sequence[NotebookNode], released: Sequence[NotebookNode]) -> Iterator[NotebookNode]:
    """The cells, and in front of each that was released those that stood before it, and are gone or were changed.

    A changed one runs as well, after what it was: so nothing is missing that another cell needs."""
    there = {cell.id: cell for cell in cells}
    waiting = [cell for cell in released if "nbgrader" not in cell.metadata and is_lost(cell, there)]
    order = {cell.id: index for index, cell in enumerate(released)}
    for cell in cells:
        while waiting and order.get(cell.id, -1) >= order[waiting[0].id]:
            yield restored(waiting.pop(0), there)
        yield cell
    yield from (restored(cell, there) for cell in waiting)


def is_lost(cell: NotebookNode, there: dict[str, NotebookNode]) -> bool:
    return cell.cell_type == "code" and (cell.id not in there or there[cell.id].source != cell.source)


def restored(cell: NotebookNode, there: dict[str, NotebookNode]) -> NotebookNode:
    """The released cell; one that was changed gives its name to it."""
    if cell.id in there:
        there[cell.id].id = f"{cell.id}-changed"[:64]
    return v4.new_code_cell(cell.source, id=cell.id)


def is_blank(answer: NotebookNode, original: Original) -> bool:
    """Whether nothing was written in it."""
    return as_released(answer.source, original.source)
