"""PostgreSQL: does a class come out as with SQLite, whoever is killed, stopped, or grades at the same time?"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.classroom.author.lesson import read_lesson
from course.classroom.author.notebook import make_notebook
from course.classroom.teacher import marking
from course.classroom.teacher.book import Book, BookError
from course.classroom.teacher.export import ByExercise
from course.classroom.teacher.marking import Order, mark
from course.classroom.teacher.results import HUMAN, RIGHT, Mark, Result
from tests import PATIENCE
from tests.classroom import kills, server, tiny
from tests.classroom.kills import hand_in, kept
from tests.classroom.school import REPOSITORY, School
from tests.classroom.server import Server
from tests.classroom.test_grade_command import RIGHT as SCALED
from tests.classroom.test_grade_command import WRONG as UNSCALED
from tests.grading import needs_sandbox

pytestmark = pytest.mark.skipif(server.programs() is None, reason="no PostgreSQL here: apt-get install postgresql")
CLASS = {"ann": "right", "bob": "wrong", "carl": "right", "dora": "wrong", "eve": "", "finn": "right"}
KILLS = 5
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with Server() as found:
        yield found


def with_database(root: Path, address: str) -> School:
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f'\nc.CourseDirectory.db_url = "{address}"\n')
    return School(root)


@pytest.fixture(scope="module")
def template(running: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a course that has released the tiny lesson by nbgrader into the database `released`."""
    root = tmp_path_factory.mktemp("postgresql")
    path = root / f"{tiny.NAME}.py"
    path.write_text(tiny.TEXT, encoding="utf-8")
    School.open(root)
    with_database(root, running.create("released")).teach(tiny.NAME, make_notebook(read_lesson(path)))
    return root


@pytest.fixture
def beside(running: Server, template: Path, tmp_path: Path) -> School:
    """A course whose gradebook is in PostgreSQL."""
    address = running.create(f"course_{next(NUMBERS)}", "released")
    return with_database(Path(shutil.copytree(template, tmp_path / "beside")), address)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are forked, and judge without a sandbox."""
    monkeypatch.setattr(marking, "multiprocessing", kills.FORKING)
    monkeypatch.setattr(marking, "work", kills.work)


def run(course: School, say: Callable[..., None] = lambda *_: None, force: bool = False) -> marking.Run:
    return mark(course.root, Order(tiny.NAME, force=force, workers=2), say)


def ended(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def exported(course: School) -> str:
    with Gradebook(course.database, "transformer") as gradebook:
        ByExercise(to=str(course.root / "grades.csv")).export(gradebook)
    return (course.root / "grades.csv").read_text(encoding="utf-8")


def known(course: School) -> list[str]:
    with Book(course.root) as book:
        return book.lesson(tiny.NAME).checks()


@needs_sandbox
def test_as_a_teacher_types_it_with_two_workers(beside):
    hand_in(beside, {"ann": SCALED, "bob": UNSCALED, "eve": ""})
    typed = [sys.executable, "-m", "course", "grade", tiny.NAME, "--workers=2"]
    variables = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    found = subprocess.run(
        typed, cwd=beside.root, env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert "3 handed in, 2 graded, 1 for a human, 0 failed, 0 suspicious" in found.stdout
    assert beside.points(tiny.NAME) == {
        "ann": {"attention_scores": 2, "causal_mask": 3}, "bob": {"attention_scores": 0, "causal_mask": 3},
        "eve": {"attention_scores": 0, "causal_mask": 0},
    }  # fmt: skip
    assert not (beside.root / "gradebook.db").exists()


def test_a_class_comes_out_as_with_sqlite(course, beside, quick):
    """Graded, some points given by hand, handed in again and graded again, then all by force; exported."""
    for one in (course, beside):
        kills.a_class(one)
    assert kept(beside) == kept(course)
    for force in (False, True):
        for one in (course, beside):
            run(one, force=force)
        assert kept(beside) == kept(course)
        assert exported(beside) == exported(course)
    by_hand = {name: hand for name, cell, _, hand, _ in kept(beside)["grades"] if cell == "check-attention_scores"}
    assert by_hand == {"ann": 1, "bob": 1.5, "dora": 0} | dict.fromkeys(("carl", "eve", "finn", "gil", "hal"))
    assert len(exported(beside).splitlines()) == 1 + 8


def test_exercises_stand_as_in_the_notebook_also_where_the_database_has_moved_them(beside):
    """A row that is changed goes to the end of its table."""
    assert known(beside) == ["check-attention_scores", "check-causal_mask"]
    with kills.gradebook(beside) as line:
        for table in ("base_cell", "source_cell"):
            line.exec_driver_sql(f"UPDATE {table} SET name = name WHERE name = 'check-attention_scores'")
    assert known(beside) == ["check-attention_scores", "check-causal_mask"]


@pytest.mark.parametrize("kind", ["course", "beside"])
def test_two_graders_at_once_leave_one_row_a_student(kind, request):
    course = request.getfixturevalue(kind)
    hand_in(course, CLASS)
    for force in ((), ("--force",)):
        graders = [kills.started(course, *force) for _ in range(3)]
        assert [ended(one) for one in graders] == [0, 0, 0]
        assert Counter(row[0] for row in kept(course)["rows"]) == dict.fromkeys(CLASS, 1)
        assert Counter(row[0] for row in kept(course)["grades"]) == dict.fromkeys(CLASS, 2)
    assert {name for name in kept(course)["folders"] if "." in name} == set()


def test_a_server_that_stops_in_the_middle_is_said_and_the_next_run_finishes(course, beside, running, quick):
    def say(_: Result, count: int, __: int) -> None:
        if count == 2:
            running.stop()

    for one in (course, beside):
        hand_in(one, CLASS)
    try:
        with pytest.raises(BookError, match=r"^The gradebook cannot be read or written: .*Does its server run\?"):
            run(beside, say)
        with pytest.raises(BookError, match="Does its server run"):
            run(beside)
    finally:
        running.start()
    assert len(kept(beside)["rows"]) == 2
    finished = run(beside)
    assert (len(finished.results), finished.unchanged) == (4, 2)
    run(course)
    assert kept(beside) == kept(course)


def test_killed_at_random_moments_it_is_as_if_it_had_not_been(course, beside, tmp_path):
    for one in (course, beside):
        kills.a_class(one)
    began = time.monotonic()
    assert ended(kills.started(course)) == 0
    draw, lasts, done = random.Random(5), time.monotonic() - began, 0
    while (gone := kills.killed(kills.started(beside), draw.uniform(0.1, 1) * lasts, draw.random() < 0.7)) is not None:
        assert gone, "a process went on after the kill"
        done += 1
        if done == KILLS:
            assert ended(kills.started(beside)) == 0
            break
    assert kept(beside) == kept(course)


def odd(student: str, text: str) -> Result:
    marks = [Mark("attention_scores", "check-attention_scores", 2, 2, RIGHT, text, (text,))]
    return Result(student, tiny.NAME, HUMAN, text, marks, [text], 2**62 - 1, 0.1, text, "9999-12-31 23:59:59 UTC")


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d of it", "\U0001f600 'quoted' \\ %s :x {}", "long " * 400_000])
def test_odd_texts_come_back_as_from_sqlite(course, beside, text):
    found = []
    for one in (course, beside):
        with Book(one.root) as book:
            book.write(odd("o'hara %s :x \U0001f600" + "x" * 110, text))
            found.append(book.results(tiny.NAME))
    assert found[0] == found[1]
    [result] = found[1]
    assert (result.suspicions, result.marks[0].text, result.seed) == ([text], text, 2**62 - 1)
    expected = replace(odd(result.student, text), reason=result.reason, fingerprint=result.fingerprint, timestamp="")
    assert result == expected
