"""Marking: a class is graded, by several processes where there are several cores; the gradebook has one writer."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path

from course.checks.registry import EXERCISES
from course.classroom.teacher import inbox
from course.classroom.teacher.book import Book, BookError
from course.classroom.teacher.grading import graded
from course.classroom.teacher.paper import Lesson
from course.classroom.teacher.results import HUMAN, Result
from course.grading import tree
from course.grading.inside.confine import Limits
from course.grading.sandbox import NoSandbox, Sandbox
from course.grading.verdicts import Examiner

FOR_TESTS = ("transformers", "tokenizers", "safetensors", "sacrebleu", "scipy", "pytest", "_pytest")  # hold answers
USERS = range(100_000, 160_000)  # numbers of users that nobody has


@dataclass(frozen=True)
class Work:
    """What a worker has to know: where submissions lie, the lesson, the seed, the limits."""

    submitted: Path
    lesson: Lesson
    seed: int
    limits: Limits
    explains: bool = True


def modules_for(lesson: Lesson) -> list[str]:
    """The modules of course that the lesson's cells and its checks need."""
    asked = [cell.source for cell in lesson.released.cells if cell.cell_type == "code"]
    found = {name for source in asked for name in tree.imports_of(source)}
    own = [exercise for exercise in EXERCISES.values() if exercise.lesson == lesson.number]
    found |= {exercise.reference.__module__.removeprefix("course.") for exercise in own}
    return sorted(name for name in found if tree.files_of(name) and name.split(".")[0] not in tree.NOT_SHIPPED)


def asked_from(number: int) -> set[str]:
    """The functions that no sandbox of that lesson holds: its own, and those of the lessons after it."""
    return {name for name, exercise in EXERCISES.items() if exercise.lesson >= number}


def work(line: Connection, task: Work) -> None:
    """A worker: a sandbox of its own, in which one student after the other is graded, until no name comes."""
    try:
        examiner = Examiner(task.lesson.number, task.seed, task.explains)
        number = task.lesson.number
        refused = {name for one in EXERCISES.values() if one.lesson == number for name in one.forbidden}
        with Sandbox(asked_from(number), modules_for(task.lesson), FOR_TESTS, refused) as sandbox:
            line.send(None)
            while student := line.recv():
                line.send(tried(task, student, sandbox, examiner))
    except NoSandbox as error:
        line.send(str(error))
    except (EOFError, KeyboardInterrupt):
        pass


def tried(task: Work, student: str, sandbox: Sandbox, examiner: Examiner) -> Result:
    """The result; of an error of ours, that a human has to look."""
    try:
        return graded(task.submitted, student, task.lesson, sandbox, examiner, task.limits)
    except Exception:
        said = traceback.format_exc()[-1500:]
        return Result(student, task.lesson.name, HUMAN, f"the grader itself failed: {said}", seed=task.seed)


@dataclass
class Worker:
    """A process that grades, the line to it, and whom it is busy with."""

    process: multiprocessing.process.BaseProcess
    line: Connection
    student: str = ""

    @classmethod
    def hired(cls, task: Work, number: int) -> Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        user = USERS[(64 * os.getpid() + number) % len(USERS)]  # another than in any run beside this one
        own = replace(task, limits=replace(task.limits, user=user))
        process = context.Process(target=work, args=(theirs, own), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def dismissed(self) -> None:
        self.line.close()
        self.process.join(10)
        self.process.kill()


def results_of(task: Work, names: Sequence[str], workers: int) -> Iterator[Result]:
    """The results of these students, in the order in which they are ready. NoSandbox where there is none."""
    waiting = list(reversed(names))
    staff = [Worker.hired(task, number) for number in range(min(workers, len(waiting)))]
    try:
        while staff:
            for line in wait([worker.line for worker in staff]):
                worker = next(one for one in staff if one.line is line)
                yield from heard(worker, task, staff)
                if waiting and worker in staff:
                    worker.student = waiting.pop()
                    worker.line.send(worker.student)
                elif worker in staff:
                    staff.remove(worker)
                    worker.dismissed()
                if waiting and not staff:
                    staff.append(Worker.hired(task, 0))
    finally:
        for worker in staff:
            worker.process.kill()
            worker.dismissed()


def heard(worker: Worker, task: Work, staff: list[Worker]) -> Iterator[Result]:
    """What a worker says: a result, that it is ready, or no more."""
    try:
        said = worker.line.recv()
    except (EOFError, OSError):
        staff.remove(worker)
        if worker.student:
            why = "the grader's process ended on this one"
            yield Result(worker.student, task.lesson.name, HUMAN, why, seed=task.seed)
        return
    if isinstance(said, str):
        raise NoSandbox(said)
    if said is not None:
        yield said


@dataclass
class Run:
    """What a run over a class came to: who was graded in it, how many had not changed; and all results there are."""

    results: list[Result] = field(default_factory=list)
    unchanged: int = 0
    all: list[Result] = field(default_factory=list)


def mark(
    root: Path, lesson: str, only: Sequence[str], workers: int, force: bool, limits: Limits,
    say: Callable[[Result, int, int], None], submitted: Path | None = None, explains: bool = True,
) -> Run:  # fmt: skip
    """Grade who has handed something in that is not graded yet; each is in the gradebook before the next is said."""
    run = Run()
    with Book(root) as book:
        place = submitted or book.submitted
        found = inbox.students(place, lesson)
        missing = sorted(set(only) - set(found))
        if missing:
            raise BookError(f"Nothing is handed in for {lesson} by {', '.join(missing)} in {place}.")
        wanted = [name for name in found if not only or name in only]
        done = {} if force else book.done(lesson)
        names = [name for name in wanted if fingerprint(place, name, lesson) != done.get(name, "none")]
        run.unchanged = len(wanted) - len(names)
        task = Work(place, book.lesson(lesson), secrets.randbits(62), limits, explains)
        for count, result in enumerate(results_of(task, names, workers), 1):
            book.write(result)
            result.notebook = None
            run.results.append(result)
            say(result, count, len(names))
        run.all = book.results(lesson)
    return run


def fingerprint(submitted: Path, student: str, lesson: str) -> str:
    """Of what lies there; of what cannot be read, its reason."""
    try:
        return inbox.handed_in(submitted, student, lesson).fingerprint
    except inbox.Unreadable as error:
        return str(error)

