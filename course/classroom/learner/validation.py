"""Validation: a learner's notebook is run as the grader would run it, and told exercise by exercise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode, v4
from traitlets.config import Config, PyFileConfigLoader

from course.checks.notebook import ours
from course.checks.registry import EXERCISES
from course.classroom import ROOT
from course.classroom.learner import desk
from course.classroom.teacher import inbox
from course.classroom.teacher.mending import Original
from course.classroom.teacher.paper import Lesson, Step, is_blank, steps
from course.classroom.teacher.results import BLANK, RIGHT, WRONG, Mark
from course.classroom.teacher.running import Run, cut, took_too_long

RELEASED = ROOT / "notebooks"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
MOST_TEXT = 20_000


class NotValidated(Exception):
    """There is nothing to be told of this notebook's exercises; the text says why."""


@dataclass(frozen=True)
class Report:
    """What became of each exercise of a lesson; notes: what else its author should know, a sentence each."""

    lesson: str
    marks: list[Mark]
    notes: list[str]

    @property
    def all_right(self) -> bool:
        return all(mark.state == RIGHT for mark in self.marks)

    @property
    def title(self) -> str:
        right = sum(mark.state == RIGHT for mark in self.marks)
        points, most = sum(mark.points for mark in self.marks), sum(mark.most for mark in self.marks)
        return f"{right} of {len(self.marks)} exercises, {points:g} of {most:g} points"


def in_words(report: Report) -> str:
    """A line an exercise."""
    lines = [f"{mark.points:g} of {mark.most:g}  {mark.name}  {mark.state}" for mark in report.marks]
    return "\n".join([f"{report.lesson}: {report.title}", *lines, *report.notes])


def validate(path: Path, tell: Callable[[str], None], released: Path = RELEASED) -> Report:
    """Run what a grade needs of the notebook, the checks among it, in a kernel of its own. NotValidated says why not.

    tell(text) is called as it goes on. Nothing is written: the notebook stays as it is."""
    notebook = read(path)
    lesson = lesson_of(notebook, path, released)
    every = steps(notebook, lesson)
    wanted = to_run(every)
    running = v4.new_notebook(cells=[step.cell for step in wanted], metadata=KERNEL)

    def told(cell: NotebookNode, cell_index: int) -> None:
        tell(f"{wanted[cell_index].check_of.removeprefix('check-') or 'a cell'} ({cell_index + 1} of {len(wanted)})")

    run = Run(config=limits(), on_cell_start=told, shutdown_kernel="immediate")
    run.preprocess(running, {"metadata": {"path": str(path.parent)}})
    return Report(lesson.name, [mark_of(check, every, lesson) for check in lesson.checks()], list(notes(wanted)))


def to_run(every: Sequence[Step]) -> list[Step]:
    return [step for step in every if step.ran or step.kind == "check"]


def read(path: Path) -> NotebookNode:
    try:
        return inbox.cleaned(inbox.parsed(path.read_bytes()))
    except FileNotFoundError:
        raise NotValidated(f"There is no file {path.name}: was it renamed? Then open it again.") from None
    except OSError as error:
        raise NotValidated(f"{path.name} cannot be read: {error.strerror}.") from None
    except inbox.Unreadable as error:
        raise NotValidated(f"{path.name} cannot be read: {error}.") from None


def lesson_of(notebook: NotebookNode, path: Path, released: Path) -> Lesson:
    """The lesson with which the notebook has most cells in common.

    A notebook with checks of its own that has less than half of any lesson is a teacher's own, and is its own model."""
    mine = {cell.metadata.get("nbgrader", {}).get("grade_id", cell.id) for cell in notebook.cells}
    files = [file for file in sorted(released.glob("*/*.ipynb")) if file.stem == file.parent.name]
    lessons = {file.stem: lesson_at(file) for file in files}
    best = lessons.get(desk.most_alike(mine, {name: one.known for name, one in lessons.items()}, path.stem))
    if best is None or 2 * len(mine & set(best.known)) < len(best.known):
        best = own if (own := its_own_model(path)).checks() else best
    if best is None or not mine & set(best.known):
        raise NotValidated(f"{path.name} has no exercise of a lesson, so there is nothing to validate.")
    return best


def its_own_model(path: Path) -> Lesson:
    """The lesson as it would have been released, had it looked like this: an answer without its stub was written."""
    lesson = lesson_at(path)
    for name, original in lesson.known.items():
        if original.metadata.get("solution") and desk.is_written(original.source):
            lesson.known[name] = Original("", original.cell_type, original.metadata)
    return lesson


def lesson_at(file: Path) -> Lesson:
    """The lesson as it was released there: its locked cells as they have to be, and the stubs of its answers."""
    notebook = inbox.parsed(file.read_bytes())
    cells = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader")]
    known = {
        cell["metadata"]["nbgrader"]["grade_id"]: Original(
            inbox.source_of(cell["source"]), cell["cell_type"], cell["metadata"]["nbgrader"]
        )
        for cell in cells
    }
    number = file.stem.partition("_")[0]
    return Lesson(file.stem, int(number) if number.isdigit() else -1, inbox.cleaned(notebook), known)


def limits() -> Config:
    """Those of nbgrader autograde."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()


def mark_of(check: str, every: Sequence[Step], lesson: Lesson) -> Mark:
    """What became of the exercise; of several checks the best counts."""
    most = lesson.known[check].metadata["points"]
    name = lesson.exercise_of(check) or check
    failed = [error_of(step.cell) or no_answer(step.cell, name) for step in every if step.check_of == check]
    if not all(failed):
        return Mark(name, check, most, most, RIGHT)
    answers = [step for step in every if step.grade_id == check.removeprefix("check-")]
    if answers and all(is_blank(step.cell, lesson.known[step.grade_id]) for step in answers):
        return Mark(name, check, 0.0, most, BLANK, "Nothing is written here yet.")
    return Mark(name, check, 0.0, most, WRONG, failed[-1])


def error_of(cell: NotebookNode) -> str:
    """What the cell that checks says is wrong; '' where it passed."""
    for output in cell.outputs:
        if output.output_type == "error":
            text = output.evalue if output.ename == "CheckFailed" else f"{output.ename}: {output.evalue}"
            return cut(text.rstrip(": "), MOST_TEXT)
    return ""


def no_answer(cell: NotebookNode, name: str) -> str:
    """What a check says where it has met the course's own, which is no error, and gives no points; '' where not."""
    own = ours(EXERCISES[name]) if name in EXERCISES else ""
    return own if own and any(own in output.get("text", "") for output in cell.outputs) else ""


def notes(ran: Sequence[Step]) -> Iterator[str]:
    """Which cells took too long; their checks say so themselves."""
    for step in ran:
        if step.kind not in ("check", "test") and took_too_long(step.cell):
            first = next((line for line in step.cell.source.splitlines() if line.strip()), "")
            yield f"A cell took too long and was stopped; it begins: {cut(first, 80)}"
