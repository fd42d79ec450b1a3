"""Cluster: the same work as in marking, sent to the workers of a Dask scheduler; needs the extra `dask`."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import platform
import queue
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from distributed import Client, Future, KilledWorker

from course.classroom.teacher.marking import Work, Worker, heard
from course.classroom.teacher.results import HUMAN, Result
from course.grading.sandbox import NoSandbox
from course.grading.tree import COURSE

PACKAGES = ("distributed", "cloudpickle", "torch", "numpy", "ipython", "nbformat")
REACHED_WITHIN, WORKERS_WITHIN, TICK = 20, 60, 2  # seconds: for the scheduler, for a first worker, between two looks


class NoCluster(NoSandbox):
    """The cluster cannot be reached, or one of its machines cannot grade; the text says which, and why."""


def results_on(address: str, task: Work, names: Sequence[str], _: int) -> Iterator[Result]:
    """The results of these students, in the order in which they are ready, from the workers of that scheduler.

    NoCluster where it cannot be reached, has no worker any more, or one that is not as this machine is."""
    if not names:
        return
    with reached(address) as client:
        run = Run(client, task, list(reversed(names)))
        try:
            yield from run.results()
        finally:
            run.end()


@contextlib.contextmanager
def reached(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=REACHED_WITHIN, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:  # a TimeoutError is an OSError
        raise NoCluster(f"There is no Dask scheduler at {address}: {error or type(error).__name__}.") from None
    try:
        client.wait_for_workers(1, WORKERS_WITHIN)
        yield client
    except TimeoutError:
        raise NoCluster(
            f"The scheduler at {address} has no workers: start `dask worker {address}` somewhere."
        ) from None
    finally:
        with contextlib.suppress(OSError, TimeoutError):
            client.close(REACHED_WITHIN)


class Run:
    """Who is waiting, and who has been sent: no more than twice as many as there are workers."""

    def __init__(self, client: Client, task: Work, waiting: list[str]) -> None:
        self.client, self.task, self.waiting = client, task, waiting
        self.sent: dict[Future, str] = {}
        self.done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self.seen = time.monotonic()

    def results(self) -> Iterator[Result]:
        while self.waiting or self.sent:
            workers = self.workers()
            while self.waiting and len(self.sent) < 2 * workers:
                self.send(self.waiting.pop())
            with contextlib.suppress(queue.Empty):
                future = self.done.get(timeout=TICK)
                yield self.result(future, self.sent.pop(future))

    def workers(self) -> int:
        """How many there are. NoCluster where for a while there was none, or the scheduler is gone."""
        known = len(self.client.scheduler_info(-1)["workers"]) if self.client.status == "running" else 0
        self.seen = time.monotonic() if known else self.seen
        if self.client.status == "closed" or time.monotonic() - self.seen > WORKERS_WITHIN:
            raise NoCluster("The cluster is gone: what was graded is kept, the next run grades the rest.")
        return known

    def send(self, student: str) -> None:
        future = self.client.submit(take, self.task, student, about(), pure=False)
        self.sent[future] = student
        future.add_done_callback(self.done.put)

    def result(self, future: Future, student: str) -> Result:
        """What came back; of one on whom several workers ended, that a human has to look."""
        try:
            return future.result()
        except KilledWorker as error:
            said = f"the workers ended on this one: {error}"
            return Result(student, self.task.lesson.name, HUMAN, said, seed=self.task.seed)
        except NoSandbox:
            raise
        except Exception as error:
            raise NoCluster(f"The cluster cannot grade {student}: {type(error).__name__}: {error}") from None

    def end(self) -> None:
        """Nobody works on it any more, and nothing of it is left on the workers."""
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):
            if self.client.status == "running":
                self.client.cancel(list(self.sent))
                self.client.run(end, self.task.seed, on_error="ignore")


@cache
def about() -> Mapping[str, str]:
    """What two machines must have alike."""
    files = sorted(COURSE.rglob("*.py"))
    texts = hashlib.sha256(b"".join(path.relative_to(COURSE).as_posix().encode() + path.read_bytes() for path in files))
    packages = {name: version(name) for name in PACKAGES}
    return packages | {"python": platform.python_version(), "course": texts.hexdigest()[:12]}


class Desk:
    """On a worker: the process with the sandbox, kept from one submission of a run to the next."""

    def __init__(self, task: Work) -> None:
        self.task = task
        self.worker: Worker | None = None

    def graded(self, student: str) -> Result:
        """As marking does it, where also the time in which an answer is judged can be limited."""
        while not self.worker or self.worker.line.poll() or not self.worker.takes(student):
            self.close()
            multiprocessing.current_process().daemon = False  # else it may have no process of its own
            self.worker = Worker.hired(self.task, 0)
            list(heard(self.worker, self.task, [], set()))
        [result] = heard(self.worker, self.task, [], set())
        return result

    def close(self) -> None:
        if self.worker:
            self.worker.process.terminate()
        self.worker = None


DESKS: dict[int, Desk] = {}  # by the seed of the run; never more than one
ONE = threading.Lock()  # submission at a time


def take(task: Work, student: str, teachers: Mapping[str, str]) -> Result:
    """On a worker: grade one submission. NoCluster where this machine is unlike the teacher's, or lacks something."""
    with ONE:
        if why := unlike(task, student, teachers):
            raise NoCluster(f"The worker on {socket.gethostname()} cannot grade: {why}.")
        for seed in DESKS.keys() - {task.seed}:
            end(seed)
        try:
            return DESKS.setdefault(task.seed, Desk(task)).graded(student)
        except NoSandbox as error:
            end(task.seed)
            raise NoCluster(f"The worker on {socket.gethostname()} cannot grade: {error}") from None


def unlike(task: Work, student: str, teachers: Mapping[str, str]) -> str:
    """Why this machine is not fit; '' where it is."""
    here = about()
    for name, wanted in teachers.items():
        if here.get(name) != wanted:
            return f"{name} is {here.get(name)} there, and {wanted} here"
    if not os.path.lexists(Path(task.submitted, student, task.lesson.name)):
        return f"it does not see {task.submitted}, which must be the same folder under the same name"
    return ""


def end(seed: int) -> None:
    """On a worker: nothing of that run is left."""
    if desk := DESKS.pop(seed, None):
        desk.close()
