"""Book: is each result in the gradebook once and whole, and nothing lost that a human wrote, whatever goes wrong?"""

import datetime
import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from course.classroom.teacher import book as books
from course.classroom.teacher.book import TABLE, Book, BookError, is_time, number_of
from course.classroom.teacher.results import BLANK, GRADED, HUMAN, RIGHT, WRONG, Mark, Result
from tests.classroom import tiny
from tests.classroom.school import School, read

PENALTY = """
c.AssignLatePenalties.plugin_class = "late.Late"
"""
PLUGIN = """
from nbgrader.plugins import BasePlugin
class Late(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return min(score, total_seconds_late / 3600)
"""


@pytest.fixture
def book(course: School) -> Iterator[Book]:
    with Book(course.root) as opened:
        yield opened


def result(course: School, first: float = 2, second: float = 3, student: str = "ann", **further: object) -> Result:
    marks = [
        Mark("attention_scores", "check-attention_scores", first, 2, RIGHT if first else WRONG, "said", ("slip",)),
        Mark("causal_mask", "check-causal_mask", second, 3, RIGHT if second else BLANK),
    ]
    notebook = read(course.path("solutions", ".", tiny.NAME))
    parts = {"fingerprint": "f1", "seed": 2**61, "suspicions": ["odd"], "notebook": notebook, "marks": marks} | further
    return Result(student, tiny.NAME, **parts)


def grades(course: School, student: str = "ann") -> dict[str, tuple[float | None, float | None, bool]]:
    """name -> automatic and manual score, and whether a human has to look."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "transformer") as gradebook:
        [notebook] = gradebook.find_submission(tiny.NAME, student).notebooks
        return {
            one.name.removeprefix("check-"): (one.auto_score, one.manual_score, one.needs_manual_grade)
            for one in notebook.grades
        }


def by_hand(course: School, score: float | None, student: str = "ann") -> None:
    """What formgrader does when a teacher types in points."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "transformer") as gradebook:
        grade = gradebook.find_grade("check-attention_scores", tiny.NAME, tiny.NAME, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()


def test_a_result_becomes_points_a_row_and_a_notebook(course, book):
    written = result(course, second=0, timestamp="2026-01-02 03:04:05 UTC")
    book.write(written)
    assert grades(course) == {"attention_scores": (2, None, False), "causal_mask": (0, None, False)}
    assert book.done(tiny.NAME) == {"ann": "f1"}
    assert book.results(tiny.NAME) == [replace(written, notebook=None, timestamp="")]
    place = course.path("autograded", "ann", tiny.NAME)
    assert nbformat.read(place, 4).cells == written.notebook.cells
    assert place.with_name("timestamp.txt").read_text() == "2026-01-02 03:04:05 UTC"
    assert place.parent.stat().st_mode & 0o777 == 0o755


def test_a_second_result_takes_the_place_of_the_first(course, book):
    book.write(result(course))
    course.path("autograded", "ann", tiny.NAME).with_name("left.txt").write_text("old")
    book.write(result(course, 0, 0, fingerprint="f2"))
    assert book.done(tiny.NAME) == {"ann": "f2"}
    assert grades(course) == {"attention_scores": (0, None, False), "causal_mask": (0, None, False)}
    assert sorted(path.name for path in (course.root / "autograded" / "ann").rglob("*")) == [
        tiny.NAME, f"{tiny.NAME}.ipynb",
    ]  # fmt: skip


def test_results_of_a_human_to_be_keep_what_was_there(course, book):
    book.write(result(course))
    by_hand(course, 1)
    book.write(Result("ann", tiny.NAME, HUMAN, "half \ud83d\0 of it", fingerprint="f2"))
    assert grades(course)["attention_scores"] == (2, 1, False)
    assert [(one.outcome, one.reason) for one in book.results(tiny.NAME)] == [(HUMAN, "half ? of it")]
    assert course.path("autograded", "ann", tiny.NAME).exists()


def test_points_given_by_hand_are_kept_and_flagged_where_the_automatic_ones_changed(course, book):
    book.write(result(course))
    by_hand(course, 1.5)
    book.write(result(course, second=0, fingerprint="f2"))
    assert grades(course)["attention_scores"] == (2, 1.5, False)
    book.write(result(course, 0, fingerprint="f3"))
    assert grades(course)["attention_scores"] == (0, 1.5, True)
    book.write(result(course, 0, fingerprint="f3"))
    assert grades(course)["attention_scores"] == (0, 1.5, True), "nobody has looked yet: it may be run again"
    by_hand(course, 0.5)
    book.write(result(course, 0, fingerprint="f4"))
    assert grades(course)["attention_scores"] == (0, 0.5, False)


def test_comments_say_where_nothing_was_written_and_a_teachers_own_is_kept(course, book):
    def comments() -> dict[str, tuple[str | None, str | None]]:
        with Gradebook(f"sqlite:///{course.root}/gradebook.db", "transformer") as gradebook:
            [notebook] = gradebook.find_submission(tiny.NAME, "ann").notebooks
            return {one.name: (one.auto_comment, one.manual_comment) for one in notebook.comments}

    book.write(result(course, second=0))
    assert comments() == {"attention_scores": (None, None), "causal_mask": ("No response.", None)}
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "transformer") as gradebook:
        gradebook.find_comment("causal_mask", tiny.NAME, tiny.NAME, "ann").manual_comment = "Try."
        gradebook.db.commit()
    book.write(result(course))
    assert comments() == {"attention_scores": (None, None), "causal_mask": (None, "Try.")}


def late(course: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lesson was due on the first of January; an hour costs a point."""
    (course.root / "late.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(course.root)
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(PENALTY)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "transformer") as gradebook:
        gradebook.find_assignment(tiny.NAME).duedate = datetime.datetime(2026, 1, 1)
        gradebook.db.commit()


@pytest.mark.parametrize(
    ("when", "penalty"),
    [
        ("2026-01-01 02:00:00 UTC", 2),
        ("2026-01-01 02:00:00 +0000", 2),
        ("2026-01-01 03:00:00 Europe/Berlin", 2),
        ("2025-12-31 00:00:00 UTC", None),
        ("2026-02-01 00:00:00 UTC", 5),
        ("", None),
        ("no time", None),
        ("9" * 99, None),
    ],
)
def test_a_plugin_takes_points_off_for_being_late(course, monkeypatch, when, penalty):
    def taken() -> float | None:
        with Gradebook(f"sqlite:///{course.root}/gradebook.db", "transformer") as gradebook:
            return gradebook.find_submission(tiny.NAME, "ann").notebooks[0].late_submission_penalty

    late(course, monkeypatch)
    with Book(course.root) as book:
        for _ in range(2):
            book.write(result(course, timestamp=when))
            assert taken() == penalty
        book.write(result(course, timestamp="2025-12-31 00:00:00 UTC"))
        assert taken() is None


@pytest.mark.parametrize("text", ["", "x", "9" * 99, "0000-00-00", "a b c", "2026-01-02 03:04:05 " + "9" * 30, "é"])
def test_what_is_no_time_is_none(text):
    assert not is_time(text)
    assert is_time("2026-01-02 03:04:05.678 UTC")


def test_a_lesson_that_was_not_released_is_named(course, book):
    assert list(book.lesson(tiny.NAME).checks()) == ["check-attention_scores", "check-causal_mask"]
    for name in ("91_other", "..", ""):
        with pytest.raises(BookError, match="has not been released: first `nbgrader generate_assignment"):
            book.lesson(name)
    course.path("notebooks", ".", tiny.NAME).unlink()
    with pytest.raises(BookError, match="has not been released"):
        book.lesson(tiny.NAME)


def test_number_of_a_lesson():
    assert [number_of(name) for name in ("04_self_attention", "90_tiny", "my_own")] == [4, 90, 13]


def test_a_locked_gradebook_is_said_and_nothing_is_lost(course, book, monkeypatch):
    book.write(result(course))
    book.gradebook.engine.dispose()
    monkeypatch.setattr(books, "Gradebook", impatient)
    lock = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    with Book(course.root) as waiting:
        lock.execute("BEGIN EXCLUSIVE")
        for refused in (lambda: waiting.write(result(course, 0)), lambda: waiting.done(tiny.NAME)):
            with pytest.raises(BookError, match=r"database is locked\. Is it open elsewhere\?"):
                refused()
            waiting.gradebook.db.rollback()
        with pytest.raises(BookError, match="database is locked"):
            Book(course.root)
        lock.execute("ROLLBACK")
    lock.close()
    assert book.done(tiny.NAME) == {"ann": "f1"}
    assert grades(course) == {"attention_scores": (2, None, False), "causal_mask": (3, None, False)}


def impatient(url: str, course_id: str) -> Gradebook:
    """A gradebook that does not wait for whoever has it open."""
    return Gradebook(f"{url}?timeout=0", course_id)


def test_a_gradebook_that_is_none_is_said(course):
    (course.root / "gradebook.db").write_text("no database, but a text " * 100)
    with pytest.raises(BookError, match="file is not a database"):
        Book(course.root)


def test_a_full_disk_is_said_and_the_graded_notebook_before_is_kept(course, book, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    book.write(result(course))
    with monkeypatch.context() as patch:
        patch.setattr(books.nbformat, "write", full)
        with pytest.raises(BookError, match=r"No space left on device. Is the disk full\?"):
            book.write(result(course, 0, fingerprint="f2"))
    assert course.path("autograded", "ann", tiny.NAME).exists()
    assert grades(course)["attention_scores"] == (2, None, False)
    assert book.done(tiny.NAME) == {}, "it is graded again"
    book.write(result(course, 0, fingerprint="f2"))
    assert [path.name for path in (course.root / "autograded" / "ann").iterdir()] == [tiny.NAME]


def test_a_full_database_is_said_and_what_was_in_it_is_kept(course, book):
    book.write(result(course))
    book.gradebook.close()
    event.listen(book.gradebook.engine, "connect", lambda line, _: line.execute("PRAGMA max_page_count = 1"))  # no more
    with pytest.raises(BookError, match="database or disk is full"):
        book.write(result(course, suspicions=["x" * 1_000_000], student="bob"))
    book.gradebook.db.rollback()
    assert book.done(tiny.NAME) == {"ann": "f1"}


@pytest.mark.parametrize("step", ["forget", "submission", "put_notebook", "put_grades", "put_penalty"])
def test_cut_short_behind_any_step_it_is_graded_again_and_flagged_as_ever(course, book, monkeypatch, step):
    """As if the process were killed there: the row is the last that is written."""

    def cut_short(self: Book, *arguments: object) -> None:
        real(self, *arguments)
        raise KeyboardInterrupt

    book.write(result(course))
    by_hand(course, 1)
    real = getattr(Book, step)
    with monkeypatch.context() as patch:
        patch.setattr(Book, step, cut_short)
        with pytest.raises(KeyboardInterrupt):
            book.write(result(course, 0, fingerprint="f2"))
    assert book.done(tiny.NAME) == {}
    with Book(course.root) as again:
        again.write(result(course, 0, fingerprint="f2"))
        assert again.done(tiny.NAME) == {"ann": "f2"}
    assert grades(course)["attention_scores"] == (0, 1, True)
    assert [path.name for path in (course.root / "autograded" / "ann").iterdir()] == [tiny.NAME]


def test_between_the_two_renames_a_kill_leaves_what_the_next_run_clears_up(course, book, monkeypatch):
    book.write(result(course))
    real, renamed = Path.rename, []

    def once(self: Path, target: object) -> Path:
        if renamed:
            raise KeyboardInterrupt
        renamed.append(target)
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", once)
        with pytest.raises(KeyboardInterrupt):
            book.write(result(course, 0, fingerprint="f2"))
    book.write(result(course, 0, fingerprint="f2"))
    assert [path.name for path in (course.root / "autograded" / "ann").iterdir()] == [tiny.NAME]


def test_postgresql_can_have_the_table():
    """What it would be told; no server is needed for that."""
    made = str(CreateTable(TABLE).compile(dialect=postgresql.dialect()))
    assert "PRIMARY KEY (student, lesson)" in made
    assert "seconds FLOAT" in made


def test_an_address_of_another_database_is_used(course):
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f'\nc.CourseDirectory.db_url = "sqlite:///{course.root}/other.db"\n')
    (course.root / "gradebook.db").rename(course.root / "other.db")
    with Book(course.root) as book:
        book.write(result(course))
        assert book.results(tiny.NAME)[0].outcome == GRADED
    assert not (course.root / "gradebook.db").exists()
