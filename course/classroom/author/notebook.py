"""Turn a lesson into its solved notebook: prose with its folds, solution cells, graded check cells."""

from __future__ import annotations

import importlib
import re

import nbformat
from nbformat import NotebookNode, v4

from course.classroom.author import alt_texts
from course.classroom.author.bibliography import sources
from course.classroom.author.lesson import Cell, Lesson
from course.classroom.author.solution import mark_solutions

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
BOX = '<div style="border-left: 4px solid #1976d2; padding-left: 1em">'
BADGE = "*Difficulty {difficulty} of 5 · about {minutes} minutes · {points} point{s}*"

NEEDS = re.compile(r"^\| \*\*It needs\*\* \|.*$", re.MULTILINE)
WITHOUT_IT = """\
Put this into a cell of your own below, run it, and go on: the cells that follow then use the course's.

```python
from {module} import {name}
```

Come back when you like; points are for an answer of your own. When you have tried one and run its check,
`from course.checks import solution` and `solution({name})` show how the course wrote it."""


def make_notebook(lesson: Lesson) -> NotebookNode:
    """nbgrader's source version of the lesson, not yet executed."""
    exercises = {cell.names: cell for cell in lesson.cells if cell.kind == "exercise"}
    cells = []
    for cell, following in zip(lesson.cells, [*lesson.cells[1:], None], strict=True):
        if cell.kind == "markdown":
            made = v4.new_markdown_cell(prose(lesson, cell, following))
        elif cell.kind == "exercise":
            made = v4.new_code_cell(solution(lesson, cell), metadata={"nbgrader": grading(cell, solution=True)})
        elif cell.kind == "check":
            made = v4.new_code_cell(check_source(cell.names), metadata={"nbgrader": check_grading(cell, exercises)})
        else:
            made = v4.new_code_cell(alt_texts.without(lesson, cell), metadata=code_metadata(cell))
        made.id = cell.id
        cells.append(made)
    notebook = v4.new_notebook(cells=cells, metadata=METADATA)
    nbformat.validate(notebook)
    return notebook


def prose(lesson: Lesson, cell: Cell, following: Cell | None) -> str:
    """A cell of prose with its folds; before an exercise in a box, at the end with what is to be read next."""
    task, folds = fold(linked(lesson, cell.source))
    if following and following.kind == "exercise":
        task = boxed(lesson, cell, following, task)
        folds = [*folds, details(*without_it(following))]
    return "\n\n".join([task, *folds]) + ("" if following else f"{onwards(lesson)}{sources(lesson)}")


def code_metadata(cell: Cell) -> dict:
    """The tags of a code cell, and why nbval is told not to compare its output."""
    return {name: cell.options[name] for name in ("tags", "why") if name in cell.options}


def grading(cell: Cell, solution: bool = False, points: int | None = None) -> dict:
    """nbgrader's complete metadata for a solution cell or, with points, a test cell."""
    graded = points is not None
    metadata = {
        "schema_version": 3, "grade_id": cell.id, "solution": solution, "grade": graded, "locked": not solution,
        "task": False,
    }  # fmt: skip
    return metadata | ({"points": points} if graded else {})


def check_grading(cell: Cell, exercises: dict[str, Cell]) -> dict:
    """A check cell has the points of its exercise."""
    return grading(cell, points=exercises[cell.names].options["points"])


def check_source(name: str) -> str:
    """The check that the learner sees, and the one on other seeds and shapes that only the grader runs."""
    return f"check({name})\n### BEGIN HIDDEN TESTS\ncheck({name}, hidden=True)\n### END HIDDEN TESTS"


def boxed(lesson: Lesson, cell: Cell, exercise: Cell, source: str) -> str:
    """The exercise in a box, under the heading that announces it, with its difficulty, time and points."""
    head, _, rest = source.partition("\n")
    if not head.startswith("#") or f"`{exercise.names}`" not in head:
        raise lesson.error(
            cell.line, f"the prose before exercise {exercise.names} starts with a heading naming it in `...`"
        )
    badge = BADGE.format(**exercise.options, s="" if exercise.options["points"] == 1 else "s")
    return "\n\n".join(
        [head, '<div style="border-left: 4px solid #1976d2; padding-left: 1em">', badge, rest.strip(), "</div>"]
    )


def without_it(exercise: Cell) -> tuple[str, str]:
    """Summary and text of the fold for who is stuck."""
    text = WITHOUT_IT.format(module=exercise.module, name=exercise.names)
    return "I want to go on without it", text


def linked(lesson: Lesson, prose: str) -> str:
    """The lessons that a lesson needs, as links, in the row of its head that names them."""

    def link(number: re.Match) -> str:
        path = next(lesson.path.parent.glob(f"{number[0]}_*.py"), None)
        return f"[{number[0]}](../{path.stem}/{path.stem}.ipynb)" if path else number[0]

    return NEEDS.sub(lambda row: re.sub(r"\b\d\d\b", link, row[0]), prose)


def onwards(lesson: Lesson) -> str:
    """The link to the next lesson, where there is one."""
    later = sorted(path for path in lesson.path.parent.glob("[0-9][0-9]_*.py") if path.stem > lesson.name)
    if not later:
        return ""
    title = later[0].read_text(encoding="utf-8").partition("\n# ")[2].partition("\n")[0]
    return f"\n\n**Next:** [{title}](../{later[0].stem}/{later[0].stem}.ipynb)"


def fold(prose: str) -> tuple[str, list[str]]:
    """The prose, and its folds: paragraphs after 'Hint:' one inside the other, each 'Help: symptom' by itself."""
    parts = re.split(r"^(Hint|Help):[ \t]*", prose, flags=re.MULTILINE)
    hints, helps = [], []
    for kind, text in zip(parts[1::2], parts[2::2], strict=True):
        (hints if kind == "Hint" else helps).append(text.strip())
    folded = ""
    for number in range(len(hints), 0, -1):
        folded = details(f"Hint {number}", hints[number - 1] + ("\n\n" + folded if folded else ""))
    found = [folded] if folded else []
    for text in helps:
        symptom, _, cure = text.partition("\n")
        symptom = re.sub(r"`([^`]+)`", r"<code>\1</code>", symptom.strip())
        found.append(details(f"Help: {symptom}", cure.strip()))
    return parts[0].rstrip(), found


def details(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def solution(lesson: Lesson, cell: Cell) -> str:
    """The reference's source, with the markers; LessonError where there is none, or it cannot be marked."""
    try:
        reference = getattr(importlib.import_module(cell.module), cell.names, None)
    except ImportError as error:
        raise lesson.error(cell.line, f"{cell.module} cannot be imported: {error}") from None
    if reference is None:
        raise lesson.error(cell.line, f"{cell.module} has nothing called {cell.names!r}")
    if (own := getattr(reference, "__name__", cell.names)) != cell.names:
        raise lesson.error(cell.line, f"{cell.module}.{cell.names} is {own!r} in its source: renamed, or wrapped?")
    try:
        return mark_solutions(reference)
    except ValueError as error:
        raise lesson.error(cell.line, f"exercise {cell.names}: {error}") from None
