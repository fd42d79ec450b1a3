"""Book: results go into nbgrader's gradebook, each whole or not at all, and it is known which of them are there."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import determine_grade, is_grade, parse_utc
from sqlalchemy import Column, Float, MetaData, Select, String, Table, Text, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from course.checks.registry import EXERCISES
from course.classroom.teacher.inbox import SECRET
from course.classroom.teacher.mending import Original, originals
from course.classroom.teacher.paper import Lesson
from course.classroom.teacher.results import BLANK, GRADED, Mark, Result, characters

TABLE = Table(
    "course_grade",
    MetaData(),
    Column("student", String(200), primary_key=True),
    Column("lesson", String(200), primary_key=True),
    *(Column(name, Text) for name in ("outcome", "reason", "fingerprint", "seed", "suspicions", "marks")),
    Column("seconds", Float),
)  # fmt: skip


ASK = "Is it open elsewhere? Does its server run? What was written stays: start again when it can be written."


class BookError(Exception):
    """The gradebook, or a folder, does not do what it must; the text says what, and what to do."""


class Book:
    """The teacher's folder: submissions, gradebook, graded notebooks."""

    def __init__(self, root: Path) -> None:
        loader = PyFileConfigLoader("nbgrader_config.py", path=str(root))
        self.config: Config = loader.load_config()
        self.config.CourseDirectory.root = str(root)
        self.folders = CourseDirectory(config=self.config)
        with explained():
            self.gradebook = Gradebook(self.folders.db_url, self.folders.course_id)
            TABLE.create(self.gradebook.engine, checkfirst=True)

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.gradebook.close()

    @property
    def submitted(self) -> Path:
        return Path(self.folders.root, self.folders.submitted_directory)

    def lesson(self, name: str) -> Lesson:
        """What was released of the lesson. BookError where nothing was."""
        path = Path(self.folders.format_path(self.folders.release_directory, ".", name), f"{name}.ipynb")
        try:
            with explained():
                known = originals(self.gradebook, name, name)
                self.gradebook.db.rollback()  # nothing stays open while a class is graded
            released = nbformat.read(path, as_version=4)
        except (MissingEntry, OSError):
            raise BookError(
                f"{name} has not been released: first `nbgrader generate_assignment {name} --force`, which puts it "
                f"into the gradebook and into {path.parent}."
            ) from None
        return Lesson(name, number_of(name), released, in_order(known, released))

    def done(self, lesson: str) -> dict[str, str]:
        """Student -> the fingerprint of what of theirs has been graded."""
        asked = select(TABLE.c.student, TABLE.c.fingerprint).where(TABLE.c.lesson == lesson)
        return {row["student"]: row["fingerprint"] for row in self.rows(asked)}

    def results(self, lesson: str) -> list[Result]:
        """What became of all submissions so far, without their notebooks."""
        asked = select(TABLE).where(TABLE.c.lesson == lesson).order_by(TABLE.c.student)
        return [read_row(row) for row in self.rows(asked)]

    def rows(self, asked: Select) -> list[Mapping[str, object]]:
        with explained():
            found = [row._mapping for row in self.gradebook.db.execute(asked)]
            self.gradebook.db.rollback()
            return found

    def write(self, result: Result) -> None:
        """The graded notebook, the grades, and last that they are there: what is cut short before is graded again."""
        with explained(), self.alone():
            self.forget(result)
            submission = self.submission(result)
            self.put_notebook(result)
            if result.notebook is None:
                self.leave_to_a_human(result)
            else:
                self.put_grades(result)
            self.put_penalty(result, submission)
            values = {"student": result.student, "lesson": result.lesson, **row_of(result)}
            self.gradebook.db.execute(insert(TABLE).values(values))
            self.gradebook.db.commit()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No other grader writes into this folder meanwhile, as far as its disk knows locks."""
        place = os.open(self.folders.root, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(place, fcntl.LOCK_EX)
            yield
        finally:
            os.close(place)

    def forget(self, result: Result) -> None:
        same = (TABLE.c.student == result.student) & (TABLE.c.lesson == result.lesson)
        self.gradebook.db.execute(delete(TABLE).where(same))
        self.gradebook.db.commit()

    def submission(self, result: Result) -> SubmittedAssignment:
        self.gradebook.update_or_create_student(result.student)
        when = {"timestamp": result.timestamp} if is_time(result.timestamp) else {}
        return self.gradebook.update_or_create_submission(result.lesson, result.student, **when)

    def put_notebook(self, result: Result) -> None:
        """The notebook as it was graded, at once in the place of an older one."""
        place = Path(self.folders.format_path(self.folders.autograded_directory, result.student, result.lesson))
        place.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{result.lesson}-", dir=place.parent))
        nbformat.write(result.notebook or v4.new_notebook(), new / f"{result.lesson}.ipynb")
        if result.timestamp:
            (new / "timestamp.txt").write_text(result.timestamp, encoding="utf-8")
        if result.secret:
            (new / SECRET).write_bytes(result.secret)
        new.chmod(0o755)
        if os.path.lexists(place):
            place.rename(f"{new}-old")
        new.rename(place)
        for left in place.parent.glob(f".{result.lesson}-*"):
            shutil.rmtree(left, ignore_errors=True)

    def put_grades(self, result: Result) -> None:
        """Points where a check gave them, and nbgrader's own rule where a human will; what a human gave is kept."""
        marks = {mark.check: mark for mark in result.marks}
        cells = cells_of(result.notebook)
        [notebook] = self.gradebook.find_submission(result.lesson, result.student).notebooks
        for grade in notebook.grades:
            before = grade.auto_score
            grade.auto_score = points(marks.get(grade.name), cells.get(grade.name))
            doubtful = before != grade.auto_score or grade.needs_manual_grade  # until a human has looked at it again
            grade.needs_manual_grade = grade.auto_score is None or (grade.manual_score is not None and doubtful)
        blank = {mark.check.removeprefix("check-") for mark in result.marks if mark.state == BLANK}
        for comment in notebook.comments:
            comment.auto_comment = "No response." if comment.name in blank else None
        self.gradebook.db.commit()

    def leave_to_a_human(self, result: Result) -> None:
        """Points that there are stay; where there are none, Formgrader asks for them."""
        [notebook] = self.gradebook.find_submission(result.lesson, result.student).notebooks
        for grade in notebook.grades:
            nothing = grade.auto_score is None and grade.manual_score is None
            grade.needs_manual_grade = grade.needs_manual_grade or nothing
        self.gradebook.db.commit()

    def put_penalty(self, result: Result, submission: SubmittedAssignment) -> None:
        """What the course's plugin takes off for being late."""
        for notebook in submission.notebooks:
            notebook.late_submission_penalty = None
        self.gradebook.db.commit()
        if submission.total_seconds_late > 0 and result.outcome == GRADED:
            names = {"notebook": result.lesson, "assignment": result.lesson, "student": result.student}
            AssignLatePenalties(config=self.config).preprocess(
                result.notebook, {"nbgrader": names | {"db_url": self.folders.db_url}}
            )
            self.gradebook.db.expire_all()


def cells_of(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows, by grade_id."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def in_order(known: dict[str, Original], released: NotebookNode) -> dict[str, Original]:
    """As they stand in the notebook; a database gives them back in any order."""
    there = {name: place for place, name in enumerate(cells_of(released))}
    return dict(sorted(known.items(), key=lambda item: there.get(item[0], len(there))))


def points(mark: Mark | None, cell: NotebookNode | None) -> float | None:
    """What a graded cell earns; None where a human has to say."""
    if mark is not None:
        return mark.points
    return determine_grade(cell)[0] if cell is not None and is_grade(cell) else 0.0


def number_of(lesson: str) -> int:
    """Of '04_self_attention' 4; of a lesson of a teacher's own the last of the course's, of which it may use all."""
    return int(lesson[:2]) if lesson[:2].isdigit() else max(exercise.lesson for exercise in EXERCISES.values())


def is_time(text: str) -> bool:
    try:
        return bool(text) and parse_utc(text) is not None
    except (ValueError, OverflowError):
        return False


def row_of(result: Result) -> dict[str, object]:
    return {
        "outcome": result.outcome, "reason": characters(result.reason), "fingerprint": characters(result.fingerprint),
        "seed": str(result.seed), "seconds": result.seconds, "suspicions": json.dumps(result.suspicions),
        "marks": json.dumps([astuple(mark) for mark in result.marks]),
    }  # fmt: skip


def read_row(row: Mapping[str, object]) -> Result:
    marks = [Mark(*fields[:6], tuple(fields[6])) for fields in json.loads(str(row["marks"]))]
    kept = {name: row[name] for name in ("student", "lesson", "outcome", "reason", "fingerprint", "seconds")}
    return Result(**kept, marks=marks, suspicions=json.loads(str(row["suspicions"])), seed=int(str(row["seed"])))


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """What a database or a disk refuses, in words."""
    try:
        yield
    except (SQLAlchemyError, InvalidEntry) as error:
        why = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise BookError(f"The gradebook cannot be read or written: {why}. {ASK}") from error
    except OSError as error:
        raise BookError(f"A file cannot be written: {error}. Is the disk full?") from error
