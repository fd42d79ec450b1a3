"""Cluster: do workers that share but a folder grade a class, also when one is killed, and is what they lack said?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from types import SimpleNamespace

import pytest
from distributed import Client, KilledWorker, LocalCluster

from course.__main__ import main
from course.classroom.teacher import cluster, marking
from course.classroom.teacher.book import Book
from course.classroom.teacher.cluster import DESKS, NoCluster, Run, about, results_on, take
from course.classroom.teacher.marking import Order, Work, mark
from course.classroom.teacher.results import HUMAN, Result
from course.grading.inside.confine import Limits
from tests import PATIENCE
from tests.classroom import kills, tiny
from tests.classroom.kills import DEADLY, hand_in, kept
from tests.classroom.school import REPOSITORY, School
from tests.classroom.test_grade_command import RIGHT, WRONG
from tests.grading import needs_sandbox

NOWHERE = "tcp://127.0.0.1:9"


def task_of(course: School, seed: int = 1) -> Work:
    with Book(course.root) as book:
        return Work(book.submitted, book.lesson(tiny.NAME), seed, Limits())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here in place of a worker: its process is forked, and judges by a word."""
    monkeypatch.setattr(marking, "multiprocessing", kills.FORKING)
    monkeypatch.setattr(marking, "work", kills.work)
    yield
    for seed in list(DESKS):
        cluster.end(seed)


@needs_sandbox
def test_two_workers_grade_a_class_and_one_is_killed(course):
    answers = dict.fromkeys(("ann", "bob", "carl", "dora", "finn"), RIGHT) | {"bob": WRONG, "dora": WRONG}
    hand_in(course, answers | {"eve": ""})
    wrote: list[int] = []
    ends: set[tuple[int, str]] = set()
    kept_by: list[set[tuple[int, str]]] = []

    def say(result: Result, count: int, of: int) -> None:
        wrote.append(os.getpid())
        families = [kills.descendants(process) for process in client.run(os.getpid).values()]
        if count == 1:  # the one that has begun by now is the one to be killed
            ends.update(max(families, key=len))
            os.kill(min(process for process, _ in ends), signal.SIGKILL)
        if count == of:
            kept_by.extend(families)

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as two,
        Client(two) as client,
    ):
        client.wait_for_workers(2)
        results = partial(results_on, two.scheduler_address)
        run = mark(course.root, Order(tiny.NAME), say, results)
        assert kills.all_end(ends), "the sandbox of a worker ends with it"
        started = {one for family in kept_by for one in family - kills.descendants(os.getpid())}
        assert kills.all_end(started), "nothing is left on the others, either"
    points = {name: 3 if answer == WRONG else 5 for name, answer in answers.items()} | {"eve": 0}
    assert {one.student: one.points for one in run.results} == points
    assert (run.left, wrote) == ([], [os.getpid()] * 6)
    assert Counter(row[0] for row in kept(course)["rows"]) == dict.fromkeys(points, 1)


def test_the_process_is_kept_from_one_submission_to_the_next(course, quick):
    hand_in(course, {"ann": "right", "bob": "wrong", "carl": DEADLY, "dora": "right"})
    first, second = task_of(course, 1), task_of(course, 2)
    assert take(first, "ann", about()).points == 5
    process = DESKS[1].worker.process
    assert (take(first, "bob", about()).points, DESKS[1].worker.process) == (3, process)
    found = take(first, "carl", about())
    assert (found.outcome, found.reason, found.fingerprint) == (HUMAN, "the grader's process ended on this one", "")
    assert take(first, "dora", about()).points == 5
    other = DESKS[1].worker.process
    assert other is not process
    assert take(second, "ann", about()).seed == 2
    assert list(DESKS) == [2]
    other.join(PATIENCE)
    assert not other.is_alive(), "of another run nothing is kept"


UNLIKE = {
    "torch": ({"torch": "1.0"}, "torch is .*, and 1.0 here"),
    "course": ({"course": "another"}, "course is [0-9a-f]{12} there, and another here"),
    "python": ({"python": "3.99"}, "python is .* there, and 3.99 here"),
}


@pytest.mark.parametrize(("teachers", "said"), UNLIKE.values(), ids=UNLIKE)
def test_a_machine_that_is_not_as_the_teachers_is_named(course, teachers, said):
    hand_in(course, {"ann": "right"})
    with pytest.raises(NoCluster, match=f"The worker on .* cannot grade: {said}"):
        take(task_of(course), "ann", dict(about()) | teachers)


def test_a_machine_without_the_folder_or_a_sandbox_is_named(course, quick, monkeypatch):
    hand_in(course, {"ann": "right"})
    task = task_of(course)
    monkeypatch.setattr(marking, "work", lambda line, _: line.send("There is no bubblewrap here. Install it."))
    with pytest.raises(NoCluster, match=r"The worker on .* cannot grade: There is no bubblewrap here\. Install it\."):
        take(task, "ann", about())
    assert DESKS == {}
    (course.root / "submitted").rename(course.root / "elsewhere")
    with pytest.raises(NoCluster, match=r"it does not see .*submitted, which must be the same folder"):
        take(task, "ann", about())


def test_without_a_scheduler_the_teacher_is_told_and_nothing_is_changed(course, monkeypatch, capsys):
    hand_in(course, {"ann": "right"})
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(cluster, "REACHED_WITHIN", 1)
    for address in (NOWHERE, "nonsense://here"):
        assert main(["grade", tiny.NAME, f"--scheduler={address}"]) == 1
        assert capsys.readouterr().err.startswith(f"There is no Dask scheduler at {address}: ")
    assert kept(course)["rows"] == []


def test_nobody_to_grade_needs_no_scheduler(course):
    assert list(results_on(NOWHERE, task_of(course), (), 1)) == []


class Pretended:
    """A client whose workers are gone, or end on everybody."""

    status = "running"

    def __init__(self, workers: int) -> None:
        self.n_workers = workers

    def scheduler_info(self, _: int) -> dict[str, range]:
        return {"workers": range(self.n_workers)}

    def submit(self, *_: object, **__: object) -> Future:
        future: Future = Future()
        future.set_exception(KilledWorker("ann", SimpleNamespace(address="there"), 3))
        return future


def test_whoever_ends_all_workers_is_for_a_human(course):
    [found] = Run(Pretended(1), task_of(course), ["ann"]).results()
    assert (found.outcome, found.fingerprint) == (HUMAN, "")
    assert found.reason.startswith("the workers ended on this one: ")


@pytest.mark.parametrize("status", ["running", "closed"])
def test_a_cluster_that_goes_ends_the_run(course, monkeypatch, status):
    monkeypatch.setattr(cluster, "WORKERS_WITHIN", 0)
    gone = Pretended(0)
    gone.status = status
    with pytest.raises(NoCluster, match="The cluster is gone: what was graded is kept"):
        list(Run(gone, task_of(course), ["ann"]).results())


def test_on_one_machine_nothing_of_dask_is_imported():
    asked = "import sys, course.classroom.teacher.command; print({'dask', 'distributed'} & {*sys.modules})"
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert found.stdout == "set()\n"


def test_without_dask_it_says_what_to_install(course, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    monkeypatch.setitem(sys.modules, "course.classroom.teacher.cluster", None)
    with pytest.raises(SystemExit):
        main(["grade", tiny.NAME, f"--scheduler={NOWHERE}"])
    assert '--scheduler needs what `pip install -e ".[dask]"` installs' in " ".join(capsys.readouterr().err.split())
