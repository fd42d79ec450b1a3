"""Marking: a class is graded, by several processes where there are several cores; the gradebook has one writer."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from course.checks.registry import EXERCISES
from course.classroom.teacher import inbox
from course.classroom.teacher.book import Book, BookError
from course.classroom.teacher.grading import Hall, graded
from course.classroom.teacher.paper import Lesson
from course.classroom.teacher.results import HUMAN, Result
from course.grading import tree
from course.grading.inside import confine
from course.grading.inside.confine import Limits
from course.grading.sandbox import NoSandbox, Sandbox
from course.grading.verdicts import Examiner
from course.judging.exercise import Exercise

FOR_TESTS = ("transformers", "tokenizers", "safetensors", "sacrebleu", "scipy", "pytest", "_pytest")  # hold answers
UNSANDBOXED = "graded without a sandbox"
USERS = range(100_000, 160_000)  # numbers of users that nobody has


@dataclass(frozen=True)
class Work:
    """What a worker has to know: where submissions lie, the lesson, the seed, the limits, whether in a sandbox."""

    submitted: Path
    lesson: Lesson
    seed: int
    limits: Limits
    explains: bool = True
    walls: bool = True


def modules_for(lesson: Lesson) -> list[str]:
    """The modules of course that the lesson's cells and its checks need."""
    sources = [cell.source for cell in lesson.released.cells if cell.cell_type == "code"]
    found = {name for source in sources for name in tree.imports_of(source)}
    found |= {exercise.reference.__module__.removeprefix("course.") for exercise in own(lesson)}
    return sorted(name for name in found if tree.files_of(name) and name.split(".")[0] not in tree.NOT_SHIPPED)


def own(lesson: Lesson) -> list[Exercise]:
    """The exercises of the lesson of that number, and those that a lesson of a teacher's own asks for."""
    asked = {lesson.exercise_of(check) for check in lesson.checks()}
    return [one for name, one in EXERCISES.items() if one.lesson == lesson.number or name in asked]


def asked_from(lesson: Lesson) -> set[str]:
    """The functions that no sandbox of that lesson holds: its own, and those of the lessons after it."""
    later = {name for name, exercise in EXERCISES.items() if exercise.lesson > lesson.number}
    return later | {exercise.name for exercise in own(lesson)}


def work(line: Connection, task: Work) -> None:
    """A worker: a sandbox of its own, in which one student after the other is graded, until no name comes, or the
    sandbox is no more."""
    try:
        ends_with_parent()
        refused = {name for one in own(task.lesson) for name in one.forbidden}
        examiner = Examiner(task.lesson.number, task.seed, task.explains)
        with Sandbox(asked_from(task.lesson), modules_for(task.lesson), FOR_TESTS, refused, task.walls) as sandbox:
            hall = Hall(task.lesson, sandbox, examiner, task.limits)
            line.send(None)
            while sandbox.process.poll() is None and (student := line.recv()):
                line.send(tried(task, student, hall))
    except NoSandbox as error:
        line.send(str(error))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        pass


def ends_with_parent() -> None:
    """This process ends when it is told to, and when the one that hired it is no more; it clears up before."""

    def leave(*_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    confine.called("prctl", confine.DIES_WITH_PARENT, signal.SIGTERM, 0, 0, 0)
    parent = parent_process()
    if parent and parent.pid != os.getppid():  # it ended before it could be asked for that
        leave()


def tried(task: Work, student: str, hall: Hall) -> Result:
    """The result; of an error of ours, that a human has to look."""
    try:
        result = graded(task.submitted, student, hall)
        result.suspicions[:0] = [] if task.walls else [UNSANDBOXED]
        return result
    except Exception:
        said = traceback.format_exc()[-1500:]
        return Result(student, task.lesson.name, HUMAN, f"the grader itself failed: {said}", seed=task.seed)


@dataclass
class Worker:
    """A process that grades, the line to it, whether it has begun, and whom it is busy with."""

    process: multiprocessing.process.BaseProcess
    line: Connection
    ready: bool = False
    student: str = ""

    @classmethod
    def hired(cls, task: Work, number: int) -> Worker:
        context = multiprocessing.get_context("fork")  # another way each would import torch and nbgrader again
        ours, theirs = context.Pipe()
        user = USERS[(64 * os.getpid() + number) % len(USERS)]  # another than in any run beside this one
        own = replace(task, limits=replace(task.limits, user=user))
        process = context.Process(target=work, args=(theirs, own), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def takes(self, student: str) -> bool:
        """Whether it is still there to grade this one."""
        try:
            self.line.send(student)
        except OSError:
            return False
        self.student = student
        return True

    def dismissed(self) -> None:
        with contextlib.suppress(OSError):
            self.line.send("")
        self.line.close()
        self.process.join(10)
        self.process.kill()


def results_of(task: Work, names: Sequence[str], workers: int) -> Iterator[Result]:
    """The results of these students, in the order in which they are ready. NoSandbox where there is none."""
    waiting, once_more = list(reversed(names)), set(names)
    staff = [Worker.hired(task, number) for number in range(min(workers, len(waiting)))]
    try:
        while staff:
            for line in wait([worker.line for worker in staff]):
                worker = next(one for one in staff if one.line is line)
                yield from heard(worker, task, waiting, once_more)
                if waiting and worker.ready and worker.takes(waiting[-1]):
                    waiting.pop()
                else:
                    staff.remove(worker)
                    worker.dismissed()
                if waiting and not staff:
                    staff.append(Worker.hired(task, 0))
    finally:
        for worker in staff:
            worker.process.terminate()
        for worker in staff:
            worker.dismissed()


def heard(worker: Worker, task: Work, waiting: list[str], once_more: set[str]) -> Iterator[Result]:
    """What a worker says: a result, that it is ready, or no more. NoSandbox of one that could not begin.

    Whoever it had when it ended waits once more, who may have come when it was ending already."""
    try:
        said = worker.line.recv()
    except (EOFError, OSError):
        if not worker.ready:
            raise NoSandbox("A process of the grader ended before it could begin; it may have said why.") from None
        worker.ready, said = False, None
        if worker.student in once_more:
            once_more.remove(worker.student)
            waiting.append(worker.student)
        elif worker.student:
            why = "the grader's process ended on this one"
            said = Result(worker.student, task.lesson.name, HUMAN, why, seed=task.seed)
    else:
        worker.ready = True
    if isinstance(said, str):
        raise NoSandbox(said)
    worker.student = ""
    if said is not None:
        yield said


@dataclass(frozen=True)
class Order:
    """Who is to be graded, and how.

    only: these students, or all; force: also what has not changed since it was graded; submitted: where they hand in,
    None where the course says; explains: whether a wrong answer is told why; walls: whether in a sandbox."""

    lesson: str
    only: Sequence[str] = ()
    force: bool = False
    submitted: Path | None = None
    workers: int = 1
    limits: Limits = field(default_factory=Limits)
    explains: bool = True
    walls: bool = True


@dataclass
class Run:
    """What a run over a class came to: who was graded in it, how many had not changed; and all results there are.

    left: who is to be graded still, with the next run: the grader itself failed on them, or they have no name that a
    gradebook takes."""

    results: list[Result] = field(default_factory=list)
    unchanged: int = 0
    left: list[str] = field(default_factory=list)
    all: list[Result] = field(default_factory=list)


Say = Callable[[Result, int, int], None]
Workers = Callable[[Work, Sequence[str], int], Iterator[Result]]


def mark(root: Path, order: Order, say: Say, results: Workers = results_of) -> Run:
    """Grade who has handed something in that is not graded yet; each is in the gradebook before the next is said.

    results: who does the work, of which all but the gradebook is part."""
    with Book(root) as book:
        place = (order.submitted or book.submitted).absolute()
        seed = secrets.randbits(62)
        task = Work(place, book.lesson(order.lesson), seed, order.limits, order.explains, order.walls)
        run, names = begun(book, order, place)
        for count, result in enumerate(results(task, names, order.workers), 1):
            book.write(result)
            result.notebook = None
            run.results.append(result)
            run.left += [] if result.fingerprint else [result.student]
            say(result, count, len(names))
        run.all = book.results(order.lesson)
    return run


def begun(book: Book, order: Order, place: Path) -> tuple[Run, list[str]]:
    """The run before anybody is graded, and who is to be graded in it."""
    wanted = wanted_of(place, order.lesson, order.only)
    named = [name for name in wanted if inbox.is_name(name)]
    done = {} if order.force else book.done(order.lesson)
    changed = [name for name in named if fingerprint(place, name, order.lesson) != done.get(name, "none")]
    return Run([], len(named) - len(changed), [name for name in wanted if name not in named]), changed


def wanted_of(submitted: Path, lesson: str, only: Sequence[str]) -> list[str]:
    """Who is to be graded. BookError where one of those named, or nobody, has handed in."""
    found = inbox.students(submitted, lesson)
    missing = sorted(set(only) - set(found))
    if missing or not found:
        by = f" by {', '.join(missing)}" if missing else ""
        raise BookError(f"Nothing is handed in for {lesson}{by} in {submitted}.")
    return [name for name in found if not only or name in only]


def fingerprint(submitted: Path, student: str, lesson: str) -> str:
    """Of what lies there; of what cannot be read, its reason."""
    try:
        return inbox.handed_in(submitted, student, lesson).fingerprint
    except inbox.Unreadable as error:
        return str(error)
