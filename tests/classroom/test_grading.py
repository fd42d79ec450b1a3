"""Grading: through stock nbgrader, solved notebooks have every point, released ones none, a mistake costs its own.

The submissions hold what the grade rests on, the answers and checks; the tests of the solutions run every cell. Where
there is a sandbox two lessons are enough: tests/grading/test_lessons.py grades all of them."""

import ast
import copy
import itertools
import symtable

import pytest
from nbformat import NotebookNode

from course.checks.registry import EXERCISES
from tests.classroom.school import REPOSITORY, School, learners, read, with_answer, wrong_source
from tests.grading import has_sandbox

IMPORTS = ast.Import | ast.ImportFrom
LESSONS = sorted(path.stem for path in (REPOSITORY / "solutions").glob("*/*.ipynb"))
GRADED = [name for name in LESSONS if name[:2] in ("04", "05")] if has_sandbox() else LESSONS


def graded_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if "nbgrader" in cell.metadata]


def essential(notebook: NotebookNode) -> NotebookNode:
    """A copy with the cells that nbgrader knows and, of the others, the imports and what those cells refer to."""
    short = copy.deepcopy(notebook)
    needed = {name for cell in graded_cells(short) for name in used(cell.source)}
    for cell in reversed(short.cells):
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            kept = [node for node in python_in(cell.source) if isinstance(node, IMPORTS) or bound(node) & needed]
            cell.source = "\n".join(map(ast.unparse, kept))
            needed |= used(cell.source)
    short.cells = [cell for cell in short.cells if cell.cell_type == "code" and cell.source]
    return short


def python_in(source: str) -> list[ast.stmt]:
    """The statements of a cell, without IPython's own commands."""
    return ast.parse("\n".join(line for line in source.splitlines() if not line.startswith(("%", "!")))).body


def bound(node: ast.stmt) -> set[str]:
    """The names that a statement defines or assigns."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {name.id for target in targets if target for name in ast.walk(target) if isinstance(name, ast.Name)}


def used(source: str) -> set[str]:
    """The global names that a cell reads, also from within its functions."""
    tables = [symtable.symtable(source, "cell", "exec")]
    found = set()
    for table in tables:
        tables += table.get_children()
        top = table.get_type() == "module"
        found |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (top or symbol.is_global())
        }
    return found


@pytest.fixture(scope="module")
def graded(request: pytest.FixtureRequest, school: School) -> dict[str, dict[str, float]]:
    """Who has how many points in which exercise; the learners who make mistakes are numbered."""
    lesson = request.param
    solved = essential(read(REPOSITORY / "solutions" / lesson / f"{lesson}.ipynb"))
    released = school.teach(lesson, solved)
    school.submit("solved", lesson, solved)
    school.submit("released", lesson, released)
    for number, wrong in enumerate(learners(list(possible(solved)))):
        submitted = solved
        for exercise in wrong:
            submitted = with_answer(submitted, exercise, wrong_source(EXERCISES[exercise], released))
        school.submit(f"wrong-{number}", lesson, submitted)
    return school.autograde(lesson) | {"possible": possible(solved)}


def possible(notebook: NotebookNode) -> dict[str, float]:
    checks = [cell.metadata.nbgrader for cell in graded_cells(notebook) if cell.metadata.nbgrader.grade]
    return {check.grade_id.removeprefix("check-"): check.points for check in checks}


each_lesson = pytest.mark.parametrize("graded", GRADED, indirect=True)


@each_lesson
def test_solved_notebook_has_every_point(graded):
    assert graded["solved"] == graded["possible"]


@each_lesson
def test_released_notebook_has_no_point(graded):
    assert set(graded["released"].values()) <= {0.0}
    assert graded["released"].keys() == graded["possible"].keys()


@each_lesson
def test_a_mistake_costs_exactly_its_points(graded):
    for number, wrong in enumerate(learners(list(graded["possible"]))):
        assert graded[f"wrong-{number}"] == graded["possible"] | dict.fromkeys(wrong, 0.0)


@pytest.mark.parametrize("n_exercises", range(1, 20))
def test_every_exercise_is_once_wrong_and_once_right_after_each_wrong_one(n_exercises):
    exercises = [f"exercise-{n}" for n in range(n_exercises)]
    assert set().union(*learners(exercises)) == set(exercises)
    for first, later in itertools.combinations(exercises, 2):
        assert any(first in wrong and later not in wrong for wrong in learners(exercises)), (first, later)


def test_there_are_lessons():
    assert GRADED
