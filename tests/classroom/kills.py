"""Kills: a class is graded, killed at random moments and started again; python -m tests.classroom.kills 100.

Runs are quick: they are forked from this process, and their workers judge by one word of an answer, without a
sandbox. All else is the grader's own: what is killed is how it keeps its books. With `sandbox` behind the number the
workers are the grader's own, too, which takes fifty times as long."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

from nbformat import v4
from sqlalchemy import Connection, create_engine, text

from course.__main__ import main
from course.classroom.author.lesson import read_lesson
from course.classroom.author.notebook import make_notebook
from course.classroom.teacher import inbox, marking
from course.classroom.teacher.paper import steps
from course.classroom.teacher.results import HUMAN, RIGHT, WRONG, Mark, Result
from course.grading.folder import PREFIX
from tests import PATIENCE
from tests.classroom import tiny
from tests.classroom.school import School, read, with_answer

FORKING = SimpleNamespace(get_context=lambda _: multiprocessing.get_context("fork"))
DEADLY = "deadly"  # in an answer: the worker ends on it


def judged(task: marking.Work, student: str) -> Result:
    """An answer with the word wrong in it is wrong."""
    result = Result(student, task.lesson.name, seed=task.seed)
    try:
        handed = inbox.handed_in(task.submitted, student, task.lesson.name)
        result.fingerprint = handed.fingerprint
        paper = steps(inbox.notebook_of(handed, task.lesson.name), task.lesson)
    except inbox.Unreadable as error:
        result.outcome, result.reason, result.fingerprint = HUMAN, str(error), result.fingerprint or str(error)
        return result
    answers = {step.grade_id: step.cell.source for step in paper if step.kind == "answer"}
    if any(DEADLY in source for source in answers.values()):
        os._exit(1)
    for check in task.lesson.checks():
        name, most = check.removeprefix("check-"), task.lesson.known[check].metadata["points"]
        wrong = "wrong" in answers[name]
        result.marks.append(Mark(name, check, 0 if wrong else most, most, WRONG if wrong else RIGHT))
    result.notebook = v4.new_notebook(cells=[step.cell for step in paper])
    return result


def work(line: multiprocessing.connection.Connection, task: marking.Work) -> None:
    """In place of a worker with a sandbox."""
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        marking.ends_with_parent()
        line.send(None)
        while student := line.recv():
            line.send(judged(task, student))


def hand_in(course: School, students: dict[str, str]) -> None:
    """Each with this answer to the first exercise; with none, a broken file."""
    solved = read(course.path("solutions", ".", tiny.NAME))
    for student, answer in students.items():
        course.submit(student, tiny.NAME, with_answer(solved, "attention_scores", answer))
        if not answer:
            course.path("submitted", student, tiny.NAME).write_text("{")


def started(course: School, *arguments: str, worker: Callable = work) -> int:
    """The number of a process, the first of its group, that grades the class."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        os.chdir(course.root)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 (until it ends)
        tempfile.tempdir = str(course.root.parent)
        marking.work, marking.multiprocessing = worker, FORKING
        os._exit(main(["grade", tiny.NAME, "--workers=2", *arguments]))
    finally:
        os._exit(99)


def descendants(process: int) -> set[tuple[int, str]]:
    """The process and all that came of it: number and when it began."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = place.joinpath("stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            parents[int(place.name)] = int(words[1]), words[19]
    found, new = set(), {process} & parents.keys()
    while new:
        found |= new
        new = {one for one, (parent, _) in parents.items() if parent in new} - found
    return {(one, parents[one][1]) for one in found}


def alive(some: set[tuple[int, str]]) -> set[int]:
    """Those that still run; one that has ended and was not asked about does not."""
    found = set()
    for process, began in some:
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            if words[19] == began and words[0] != "Z":
                found.add(process)
    return found


def all_end(some: set[tuple[int, str]]) -> bool:
    """Whether none of them goes on; it may take a while on a busy computer."""
    until = time.monotonic() + PATIENCE / 10
    while alive(some) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(some)


def killed(process: int, after: float, group: bool) -> bool | None:
    """Kill it then, or its group -> whether all that came of it has ended; None where it was done before."""
    until = time.monotonic() + after
    while time.monotonic() < until:
        if os.waitpid(process, os.WNOHANG)[0]:
            return None
        time.sleep(0.001)
    family = descendants(process)
    (os.killpg if group else os.kill)(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return all_end(family)


@contextlib.contextmanager
def gradebook(course: School) -> Iterator[Connection]:
    """A line to the course's database, whichever it has; what was done there is kept at the end."""
    engine = create_engine(course.database)
    try:
        with engine.begin() as line:
            yield line
    finally:
        engine.dispose()


def kept(course: School) -> dict[str, object]:
    """All that a run leaves behind, but for what is drawn or measured: what two runs must have alike."""
    with gradebook(course) as line:
        asked = "SELECT student, lesson, outcome, reason, fingerprint, marks FROM course_grade"
        rows = sorted(map(tuple, line.exec_driver_sql(asked)))
        asked = """SELECT s.student_id, c.name, g.auto_score, g.manual_score, g.needs_manual_grade FROM grade g
            JOIN submitted_notebook n ON g.notebook_id = n.id JOIN submitted_assignment s ON n.assignment_id = s.id
            JOIN base_cell c ON g.cell_id = c.id"""
        grades = sorted(map(tuple, line.exec_driver_sql(asked)))
    graded = course.root / "autograded"
    files = {str(path.relative_to(graded)): path.read_bytes() for path in graded.rglob("*") if path.is_file()}
    cells = {name: len(json.loads(content)["cells"]) for name, content in files.items()}
    folders = sorted(str(path.relative_to(graded)) for path in graded.rglob("*") if path.is_dir())
    return {"rows": rows, "grades": grades, "cells": cells, "folders": folders}


def give_by_hand(course: School, students: dict[str, float]) -> None:
    """A teacher's own points for the first exercise."""
    asked = """UPDATE grade SET manual_score = :score, needs_manual_grade = FALSE WHERE
        cell_id IN (SELECT id FROM base_cell WHERE name = 'check-attention_scores') AND notebook_id IN
        (SELECT n.id FROM submitted_notebook n JOIN submitted_assignment s ON n.assignment_id = s.id
        WHERE s.student_id = :student)"""
    with gradebook(course) as line:
        for student, score in students.items():
            assert line.execute(text(asked), {"score": score, "student": student}).rowcount == 1


def a_class(course: School) -> None:
    """Graded once, with some points given by hand; then most hand in again, and some for the first time."""
    hand_in(course, {"ann": "right", "bob": "wrong", "carl": "right", "dora": "right", "eve": ""})
    assert os.waitstatus_to_exitcode(os.waitpid(started(course), 0)[1]) == 0
    give_by_hand(course, {"ann": 1, "bob": 1.5, "dora": 0})
    later = {"ann": "now wrong", "bob": "still wrong", "eve": "right", "finn": "right", "gil": "wrong", "hal": ""}
    hand_in(course, later)


def rounds(
    course: School, kills: int, seed: int, place: Path, worker: Callable = work
) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """What is left of the class after runs that were killed, and what of one that was not, until there were so many
    kills; AssertionError where a process went on, or a folder was left."""
    draw = random.Random(seed)
    began = time.monotonic()
    whole = School(Path(shutil.copytree(course.root, place / "whole")))
    assert os.waitstatus_to_exitcode(os.waitpid(started(whole, worker=worker), 0)[1]) == 0
    lasts, done = time.monotonic() - began, 0
    for number in itertools.count():
        if done >= kills:
            return
        torn = School(Path(shutil.copytree(course.root, place / f"torn-{number}")))
        run = started(torn, worker=worker)
        while (ended := killed(run, draw.uniform(0, lasts), draw.random() < 0.7)) is not None:
            assert ended, "a process went on after the kill"
            done += 1
            run = started(torn, worker=worker)
        assert list(place.glob(f"{PREFIX}*")) == []
        yield kept(torn), kept(whole)


def try_out(kills: int, sandbox: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "course")
        root.mkdir()
        course, path = School.open(root), root / f"{tiny.NAME}.py"
        path.write_text(tiny.TEXT, encoding="utf-8")
        course.teach(tiny.NAME, make_notebook(read_lesson(path)))
        a_class(course)
        found = rounds(course, kills, int(time.time()), Path(folder), marking.work if sandbox else work)
        compared = []
        for torn, whole in found:
            compared.append(torn == whole)
            sys.stdout.write(f"{time.process_time():.0f} s: {len(compared)} classes, {compared.count(False)} unlike\n")
            sys.stdout.flush()
    sys.stdout.write(f"{kills} kills, {len(compared)} classes, {compared.count(False)} unlike an uninterrupted run\n")


if __name__ == "__main__":
    try_out(int(sys.argv[1]), sys.argv[2:] == ["sandbox"])
