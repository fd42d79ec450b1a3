"""Export: grades.csv tells graded, late, blank, missing and unreadable apart, whoever graded, and holds no formula."""

import csv
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config, PyFileConfigLoader

from course.classroom.teacher.export import ByExercise, cell
from course.classroom.teacher.standing import NOT_READ, standing
from tests.classroom.school import REPOSITORY

LESSON, DUE, BEFORE, AFTER = "90_tiny", "2026-11-20 12:00:00", "2026-11-20 11:00:00", "2026-11-20 13:00:00"
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")  # nbgrader's own

TABLE = (
    "CREATE TABLE course_grade (student TEXT, lesson TEXT, outcome TEXT, reason TEXT, fingerprint TEXT, seed TEXT, "
    "seconds REAL, suspicions TEXT, marks TEXT)"
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with two lessons; of the first the check of f is worth 2, that of g 3."""
    path = tmp_path_factory.mktemp("export") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "transformer") as book:
        for lesson, names in ((LESSON, ("f", "g")), ("91_other", ("g", "h"))):
            book.add_assignment(lesson, duedate=DUE)
            book.add_notebook(lesson, lesson)
            for name, most in zip(names, (2, 3), strict=True):
                book.add_solution_cell(name, lesson, lesson)
                book.add_grade_cell(f"check-{name}", lesson, lesson, max_score=most, cell_type="code")
    return path


@pytest.fixture
def path(empty: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(empty, tmp_path))


def hand_in(path: Path, student: str, when: str = BEFORE, penalty: float | None = None, **points: float | None) -> None:
    """student's work on f and g, graded with these points; None is not graded."""
    with Gradebook(f"sqlite:///{path}", "transformer") as book:
        book.update_or_create_student(student)
        book.add_submission(LESSON, student, timestamp=when)
        book.find_submission_notebook(LESSON, LESSON, student).late_submission_penalty = penalty
        for name, score in points.items():
            grade = book.find_grade(f"check-{name}", LESSON, LESSON, student)
            grade.auto_score, grade.needs_manual_grade = score, score is None
        book.db.commit()


def change(path: Path, student: str, do: Callable[[Gradebook], None]) -> None:
    with Gradebook(f"sqlite:///{path}", "transformer") as book:
        do(book)
        book.db.commit()


def blank(student: str, *names: str) -> Callable[[Gradebook], None]:
    def do(book: Gradebook) -> None:
        for name in names:
            book.find_comment(name, LESSON, LESSON, student).auto_comment = "No response."

    return do


def written(path: Path, student: str, outcome: str, reason: str = "") -> None:
    """As `course grade` writes it down."""
    with sqlite3.connect(path) as table:
        table.execute(TABLE.replace("TABLE", "TABLE IF NOT EXISTS"))
        row = (student, LESSON, outcome, reason, "f", "1", 1.0, "not JSON", None)
        table.execute("INSERT INTO course_grade VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def exported(path: Path, **options: object) -> list[dict[str, str]]:
    destination = path.with_name("grades.csv")
    with Gradebook(f"sqlite:///{path}", "transformer") as book:
        ByExercise(to=str(destination), **options).export(book)
    with destination.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told(path: Path, *columns: str) -> dict[str, tuple[str, ...]]:
    """Of each student, these columns of the row of the first lesson."""
    rows = exported(path, assignment=[LESSON])
    return {row["student_id"]: tuple(row[column] for column in columns) for row in rows}


def test_what_happened_to_whom_without_a_table_of_ours(path):
    hand_in(path, "ada", f=2, g=3)
    hand_in(path, "bob", when=AFTER, penalty=1.5, f=2, g=0)
    hand_in(path, "cem", f=0, g=0)
    hand_in(path, "dora")
    hand_in(path, "emil", f=2, g=None)
    change(path, "cem", blank("cem", "f", "g"))
    change(path, "bob", blank("bob", "g"))
    change(path, "fay", lambda book: book.add_student("fay"))
    columns = ("what_happened", "late_seconds", "late_submission_penalty", "score", "max_score", "f", "g")
    assert told(path, *columns) == {
        "ada": ("graded", "0", "0", "5", "5", "2", "3"),
        "bob": ("late", "3600", "1.5", "0.5", "5", "2", "0"),
        "cem": ("blank", "0", "0", "0", "5", "0", "0"),
        "dora": (f"needs a human: {NOT_READ}", "0", "", "", "5", "", ""),
        "emil": ("needs a human: to be graded by hand: check-g", "0", "0", "2", "5", "2", ""),
        "fay": ("missing", "0", "0", "0", "5", "", ""),
    }


def test_what_our_own_table_says_counts(path):
    hand_in(path, "ada", f=2, g=3)
    hand_in(path, "dora", f=2, g=3)  # before she handed in what cannot be read
    hand_in(path, "gus")
    written(path, "ada", "graded")
    written(path, "dora", "needs a human", "the file is empty")
    written(path, "gus", "needs a human", "it is -x\nline")
    columns = ("what_happened", "score", "f")
    assert told(path, *columns) == {
        "ada": ("graded", "5", "2"),
        "dora": ("needs a human: the file is empty", "", ""),
        "gus": ("needs a human: it is -x line", "", ""),
    }


def test_what_a_human_has_graded_all_is_graded(path):
    hand_in(path, "dora")
    written(path, "dora", "needs a human", "the file is empty")

    def by_hand(book: Gradebook) -> None:
        for name in ("check-f", "check-g"):
            grade = book.find_grade(name, LESSON, LESSON, "dora")
            grade.manual_score, grade.needs_manual_grade = 1.5, False

    change(path, "dora", by_hand)
    assert told(path, "what_happened", "score") == {"dora": ("graded", "3")}


def test_penalty_takes_no_more_than_there_is(path):
    hand_in(path, "bob", when=AFTER, penalty=9, f=2, g=0)
    assert told(path, "raw_score", "score") == {"bob": ("2", "0")}


def test_each_lesson_has_its_rows_and_each_exercise_its_column(path):
    hand_in(path, "ada", f=2, g=3)
    rows = exported(path)
    assert [(row["assignment"], row["student_id"]) for row in rows] == [(LESSON, "ada"), ("91_other", "ada")]
    assert list(rows[0])[-3:] == ["f", "g", "h"]
    assert [(row["f"], row["g"], row["h"]) for row in rows] == [("2", "3", ""), ("", "", "")]
    assert (rows[0]["timestamp"], rows[0]["duedate"]) == (BEFORE, DUE)


def test_students_can_be_chosen(path):
    hand_in(path, "ada", f=2, g=3)
    hand_in(path, "bob", f=2, g=3)
    assert {row["student_id"] for row in exported(path, student=["bob"])} == {"bob"}


def test_hostile_names_stay_in_their_cell_and_are_no_formula(path):
    name = '=HYPERLINK("x"),"a\nb"'
    hand_in(path, "@sum", f=2, g=3)
    change(path, "@sum", lambda book: book.update_or_create_student("@sum", first_name=name, last_name="Ö, \x1b[2J"))
    [row] = exported(path, assignment=[LESSON])
    assert row["student_id"] == "'@sum"
    assert row["first_name"] == '\'=HYPERLINK("x"),"a b"'
    assert row["last_name"] == "Ö,"
    assert row["score"] == "5"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", " =", "\t=", "\r=", "\x1b[0m=", "\uff1d"])
def test_formulas_are_quoted(first):
    assert cell(f"{first}1+1").startswith("'")


def test_texts_are_left_alone():
    assert [cell(text) for text in ("Anna-Lena", "a=b", "", "2026-11-20")] == ["Anna-Lena", "a=b", "", "2026-11-20"]


def test_stock_commands_use_our_export_and_our_page(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")  # the configuration adds to it
    config: Config = PyFileConfigLoader("nbgrader_config.py", path=str(REPOSITORY)).load_config()
    assert config.ExportApp.plugin_class == f"{ByExercise.__module__}.{ByExercise.__name__}"
    assert config.GenerateFeedback.exporter_class == "course.classroom.teacher.feedback_page.FeedbackPage"


def test_standing_has_what_humans_wrote(path):
    hand_in(path, "ada", f=2, g=3)

    def comments(book: Gradebook) -> None:
        book.find_comment("f", LESSON, LESSON, "ada").manual_comment = "Good."
        book.find_comment("g", LESSON, LESSON, "ada").auto_comment = "No response."

    change(path, "ada", comments)
    with Gradebook(f"sqlite:///{path}", "transformer") as book:
        found = standing(book, LESSON, "ada")
    assert found.comments == {"f": "Good."}
    assert found.blank == {"g"}
    assert (found.outcome, found.name) == ("graded", "ada")
