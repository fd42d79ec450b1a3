"""Marking: is every student graded once, by however many workers, whoever dies, and whenever it all is killed?"""

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from course.classroom.teacher import marking
from course.classroom.teacher.book import Book, BookError
from course.classroom.teacher.marking import Order, Run, asked_from, mark, modules_for
from course.classroom.teacher.paper import Lesson
from course.classroom.teacher.results import HUMAN, Result
from course.grading.inside.confine import Limits
from course.grading.sandbox import NoSandbox
from tests.classroom import kills, tiny
from tests.classroom.kills import DEADLY, hand_in, kept
from tests.classroom.school import School

KILLS = 12  # python -m tests.classroom.kills 100 does more
CLASS = {"ann": "right", "bob": "wrong", "carl": "right", "dora": "wrong", "eve": "", "finn": "right"}

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="grading is for Linux")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are forked, and judge without a sandbox."""
    monkeypatch.setattr(marking, "multiprocessing", kills.FORKING)
    monkeypatch.setattr(marking, "work", kills.work)


@pytest.fixture
def run(course: School) -> Callable[..., Run]:
    said: list[tuple[str, int, int]] = []

    def go(*only: str, workers: int = 2, force: bool = False, submitted: Path | None = None) -> Run:
        said.clear()
        found = mark(course.root, Order(tiny.NAME, only, force, submitted, workers), say)
        assert [one.student for one in found.results] == [student for student, _, _ in said]
        assert [(count, of) for _, count, of in said] == [(n + 1, len(said)) for n in range(len(said))]
        return found

    def say(result: Result, count: int, of: int) -> None:
        said.append((result.student, count, of))

    return go


def points(run: Run) -> dict[str, float]:
    return {one.student: one.points for one in run.results}


def rows(course: School) -> Counter:
    return Counter(student for student, *_ in kept(course)["rows"])


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_each_is_graded_once_by_however_many(course, run, workers):
    hand_in(course, CLASS)
    found = run(workers=workers)
    assert points(found) == {"ann": 5, "bob": 3, "carl": 5, "dora": 3, "eve": 0, "finn": 5}
    assert rows(course) == dict.fromkeys(CLASS, 1)
    assert [one.student for one in found.results if one.outcome == HUMAN] == ["eve"]
    assert (found.unchanged, found.left) == (0, [])
    assert all(one.notebook is None for one in found.results), "a large class would not fit into memory"


def test_what_has_not_changed_stays_as_it_is(course, run):
    hand_in(course, CLASS)
    run()
    again = run()
    assert (again.results, again.unchanged) == ([], 6)
    hand_in(course, {"bob": "right", "eve": "right", "gil": "right"})
    changed = run()
    assert (points(changed), changed.unchanged) == ({"bob": 5, "eve": 5, "gil": 5}, 5 - 1)
    forced = run(force=True)
    assert (len(forced.results), forced.unchanged) == (7, 0)
    assert rows(course) == dict.fromkeys([*CLASS, "gil"], 1)


def test_only_those_named_are_graded(course, run):
    hand_in(course, CLASS)
    assert points(run("bob", "ann", "bob")) == {"ann": 5, "bob": 3}
    assert run("ann").unchanged == 1
    assert points(run("ann", force=True)) == {"ann": 5}
    assert rows(course) == {"ann": 1, "bob": 1}
    with pytest.raises(BookError, match=f"Nothing is handed in for {tiny.NAME} by nobody, zoe in "):
        run("zoe", "ann", "nobody")


def test_where_nobody_handed_in_that_is_said(course, run, tmp_path):
    with pytest.raises(BookError, match=f"Nothing is handed in for {tiny.NAME} in .*submitted"):
        run()
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(BookError, match="elsewhere"):
        run(submitted=tmp_path / "elsewhere")
    hand_in(course, {"ann": "right"})
    (course.root / "submitted").rename(tmp_path / "other")
    assert points(run(submitted=tmp_path / "other")) == {"ann": 5}


def test_a_lesson_that_was_not_released_is_named_before_anything_is_read(course):
    with pytest.raises(BookError, match="91_other has not been released"):
        mark(course.root, Order("91_other"), lambda *_: None)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_costs_nobody_else_and_its_student_comes_again(course, run, workers):
    hand_in(course, CLASS | {"bob": DEADLY, "dora": DEADLY})
    found = run(workers=workers)
    assert points(found) == {"ann": 5, "bob": 0, "carl": 5, "dora": 0, "eve": 0, "finn": 5}
    reasons = {one.student: one.reason for one in found.results if one.outcome == HUMAN}
    assert reasons.keys() == {"bob", "dora", "eve"}
    assert reasons["bob"] == reasons["dora"] == "the grader's process ended on this one"
    assert sorted(found.left) == ["bob", "dora"]
    again = run(workers=workers)
    assert (sorted(points(again)), again.unchanged) == (["bob", "dora"], 4)
    assert rows(course) == dict.fromkeys(CLASS, 1)


def test_a_worker_that_ends_after_a_result_takes_no_blame_and_costs_nothing(course, run, monkeypatch):
    def one_each(line, task):
        line.send(None)
        line.send(kills.judged(task, line.recv()))

    monkeypatch.setattr(marking, "work", one_each)
    hand_in(course, CLASS)
    found = run()
    assert points(found) == {"ann": 5, "bob": 3, "carl": 5, "dora": 3, "eve": 0, "finn": 5}
    assert found.left == []


@pytest.mark.parametrize("ends", [lambda line, _: None, lambda line, _: line.close(), lambda line, _: os._exit(9)])
def test_workers_that_never_begin_end_the_run(course, run, monkeypatch, ends):
    monkeypatch.setattr(marking, "work", ends)
    hand_in(course, CLASS)
    with pytest.raises(NoSandbox, match="ended before it could begin"):
        run()
    assert kept(course)["rows"] == []


def test_without_a_sandbox_the_run_ends_with_its_words(course, run, monkeypatch):
    monkeypatch.setattr(marking, "work", lambda line, task: line.send("install something"))
    hand_in(course, CLASS)
    with pytest.raises(NoSandbox, match="install something"):
        run()


def test_an_error_of_the_grader_itself_is_for_a_human_and_stops_nobody(course, monkeypatch):
    def fails(*_: object) -> Result:
        raise RuntimeError("ours")

    monkeypatch.setattr(marking, "graded", fails)
    with Book(course.root) as book:
        task = marking.Work(course.root, book.lesson(tiny.NAME), 1, Limits())
    found = marking.tried(task, "ann", None)
    assert (found.outcome, found.fingerprint) == (HUMAN, "")
    assert "RuntimeError: ours" in found.reason


def test_what_cannot_be_written_ends_the_run_and_what_was_written_stays(course, run, monkeypatch):
    def refuses(self: Book, result: Result) -> None:
        if len(self.done(tiny.NAME)) == 2:
            raise BookError("locked")
        real(self, result)

    real = Book.write
    hand_in(course, CLASS)
    with monkeypatch.context() as patch:
        patch.setattr(Book, "write", refuses)
        with pytest.raises(BookError, match="locked"):
            run()
    assert len(rows(course)) == 2
    assert run().unchanged == 2
    assert rows(course) == dict.fromkeys(CLASS, 1)


@pytest.mark.parametrize("name", [os.fsdecode(b"a\xff"), "new\nline", "x" * 129])
def test_who_has_no_name_that_the_gradebook_takes_is_left(course, run, name):
    hand_in(course, {"ann": "right"})
    (course.root / "submitted" / name / tiny.NAME).mkdir(parents=True)
    found = run()
    assert (points(found), found.left) == ({"ann": 5}, [name])


def test_a_worker_ends_with_its_parent_and_clears_up(tmp_path):
    """The parent is killed; what the worker would do at its own end, it does."""
    begun, clear = os.pipe(), tmp_path / "clear"
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            with contextlib.suppress(KeyboardInterrupt):
                marking.ends_with_parent()
                os.write(begun[1], b"b")
                while True:
                    signal.pause()
            clear.write_text("done")
            os._exit(0)
        signal.pause()
    assert os.read(begun[0], 1) == b"b"
    assert kills.killed(parent, 0, group=False)
    assert clear.read_text() == "done"


def test_killed_at_any_moment_and_started_again_it_is_as_if_it_had_not_been(course, tmp_path):
    kills.a_class(course)
    before = kept(course)
    assert {name: grade for name, cell, _, grade, _ in before["grades"] if cell == "check-attention_scores"} == {
        "ann": 1, "bob": 1.5, "carl": None, "dora": 0,
    } | {"eve": None}  # fmt: skip
    for torn, whole in kills.rounds(course, KILLS, 3, tmp_path):
        assert torn == whole
        assert Counter(student for student, *_ in torn["rows"]) == dict.fromkeys(
            ["ann", "bob", "carl", "dora", "eve", "finn", "gil", "hal"], 1
        )
    flags = {
        name: (auto, hand, flag) for name, cell, auto, hand, flag in whole["grades"] if cell == "check-attention_scores"
    }
    assert flags["ann"] == (0, 1, 1), "her answer is wrong now"
    assert flags["bob"] == (0, 1.5, 0)
    assert flags["dora"] == (2, 0, 0)
    assert flags["gil"] == (0, None, 0)
    assert not [name for name in whole["folders"] if "." in name]


def test_a_sandbox_holds_nothing_that_a_teachers_own_lesson_asks_for(course):
    with Book(course.root) as book:
        lesson = book.lesson(tiny.NAME)
    assert {"attention_scores", "causal_mask"} <= asked_from(lesson)
    assert "softmax" not in asked_from(lesson)
    assert "attention" in modules_for(lesson)
    fourth = Lesson("04_self_attention", 4, lesson.released, {})
    assert {"attention_scores", "MultiHeadAttention"} <= asked_from(fourth)
    assert "softmax" not in asked_from(fourth)
