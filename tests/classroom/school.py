"""School: a course in a folder of its own, with learners who submit, and nbgrader, which grades them."""

import copy
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from course.classroom import ROOT
from course.judging import mistakes
from course.judging.exercise import Exercise

REPOSITORY = ROOT


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


@dataclass(frozen=True)
class School:
    root: Path

    @staticmethod
    def open(root: Path) -> "School":
        shutil.copy(REPOSITORY / "nbgrader_config.py", root)
        return School(root)

    def teach(self, lesson: str, solved: NotebookNode) -> NotebookNode:
        """Put a lesson's solved notebook in place, have nbgrader release it; what the learners get."""
        self.write("solutions", ".", lesson, solved)
        self.run(GenerateAssignment, lesson)
        return read(self.path("notebooks", ".", lesson))

    def submit(self, student: str, lesson: str, notebook: NotebookNode) -> None:
        self.write("submitted", student, lesson, notebook)

    def autograde(self, lesson: str) -> dict[str, dict[str, float]]:
        """student -> exercise -> points, straight from the gradebook."""
        self.run(Autograde, lesson)
        return self.points(lesson)

    @property
    def config(self) -> Config:
        return PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()

    @property
    def database(self) -> str:
        """The address of its gradebook."""
        return CourseDirectory(config=self.config).db_url

    def points(self, lesson: str) -> dict[str, dict[str, float]]:
        with Gradebook(self.database, "transformer") as gradebook:
            return {
                submission.student_id: {
                    grade.name.removeprefix("check-"): grade.score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
                for submission in gradebook.assignment_submissions(lesson)
            }

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Run `nbgrader ...` in the course folder."""
        command = [sys.executable, "-m", "nbgrader", *arguments]
        variables = os.environ | {"PYTHONPATH": str(REPOSITORY)} | environment
        variables.pop("PYTEST_CURRENT_TEST", None)  # else a kernel lets go what is written past Python
        return subprocess.run(command, cwd=self.root, env=variables, capture_output=True, text=True)

    def run(self, converter: type, lesson: str, student: str = "") -> None:
        config = self.config
        config.CourseDirectory.assignment_id = lesson
        if student:
            config.CourseDirectory.student_id = student
        converter(coursedir=CourseDirectory(config=config), config=config).start()

    def path(self, step: str, student: str, lesson: str, ending: str = "ipynb") -> Path:
        return self.root / step / student / lesson / f"{lesson}.{ending}"

    def write(self, step: str, student: str, lesson: str, notebook: NotebookNode) -> None:
        path = self.path(step, student, lesson)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell of that id."""
    return next(cell for cell in notebook.cells if cell.id == name)


def with_answer(notebook: NotebookNode, exercise: str, source: str) -> NotebookNode:
    """A copy in which the exercise is answered by that source."""
    changed = copy.deepcopy(notebook)
    cell(changed, exercise).source = source
    return changed


def wrong_source(exercise: Exercise, released: NotebookNode) -> str:
    """The exercise answered with its first mistake; not answered at all where it declares none."""
    if exercise.mistakes:
        return mistakes.wrong_source(exercise.reference, exercise.mistakes[0])
    return next(cell.source for cell in released.cells if cell.id == exercise.name)


def learners(exercises: list[str]) -> list[set[str]]:
    """What each of a few learners answers wrongly: of every two exercises, one of them has the first alone wrong.

    They count the exercises from the last to the first, in bits: learner b errs wherever bit b is set. Of two numbers
    the larger, the exercise that comes first, has the highest bit in which they differ. (What follows cannot cost an
    exercise its points: its check has run by then.)"""
    numbers = {name: number for number, name in enumerate(reversed(exercises), 1)}
    bits = range(len(exercises).bit_length())
    return [{name for name, number in numbers.items() if number >> bit & 1} for bit in bits]
