"""nbgrader's own commands, as a teacher types them, on a class that met every accident: none costs a point."""

import copy
import csv
import html
import re
from collections.abc import Callable

import pytest
from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook

from course.classroom.author.lesson import read_lesson
from course.classroom.author.notebook import make_notebook
from course.classroom.teacher.standing import NOT_READ, standing
from tests.classroom import tiny
from tests.classroom.school import School, cell, read, with_answer

ALL = {"attention_scores": 2, "causal_mask": 3}
NO_SCORES = {"attention_scores": 0, "causal_mask": 3}
NO_MASK = {"attention_scores": 2, "causal_mask": 0}
STUB = "def attention_scores(query: Tensor, key: Tensor) -> Tensor:\n    raise NotImplementedError()"
WRONG = "def attention_scores(query, key):\n    return query @ key.transpose(-2, -1)"


def place(notebook: NotebookNode, name: str) -> int:
    return notebook.cells.index(cell(notebook, name))


def removed(notebook: NotebookNode, *names: str) -> None:
    notebook.cells = [cell for cell in notebook.cells if cell.id not in names]


def copied(notebook: NotebookNode, name: str, source: str | None = None, after: str | None = None) -> None:
    """Copy a cell with all its metadata, as JupyterLab does, and paste it after itself or another."""
    twin = copy.deepcopy(cell(notebook, name))
    twin.id, twin.source = f"{name}-copy", source or twin.source
    notebook.cells.insert(place(notebook, after or name) + 1, twin)


def own_cell(notebook: NotebookNode, source: str, after: str) -> None:
    notebook.cells.insert(place(notebook, after) + 1, v4.new_code_cell(source, id="my-own"))


def warns(notebook: NotebookNode) -> None:
    answer = cell(notebook, "attention_scores")
    answer.source = "import os, warnings\nwarnings.warn('careful')\n" + answer.source.replace(
        "    d_k =", "    os.write(2, b'written past Python')\n    d_k ="
    )


def edits_check(notebook: NotebookNode) -> None:
    cell(notebook, "check-attention_scores").source = "print('mine')\nassert attention_scores"


def check_to_text(notebook: NotebookNode) -> None:
    at = place(notebook, "check-causal_mask")
    metadata = notebook.cells[at].metadata
    notebook.cells[at] = v4.new_markdown_cell("my notes", metadata=metadata, id="check-causal_mask")
    notebook.cells[at].attachments = {}


def rewrites_exercise(notebook: NotebookNode) -> None:
    own_cell(notebook, cell(notebook, "attention_scores").source, after="attention_scores")
    removed(notebook, "attention_scores", "check-attention_scores")


def answers_below(notebook: NotebookNode) -> None:
    answer = cell(notebook, "attention_scores").source
    cell(notebook, "attention_scores").source = STUB
    copied(notebook, "attention_scores", answer, after="try-it")


def moves_check(notebook: NotebookNode) -> None:
    notebook.cells.insert(1, notebook.cells.pop(place(notebook, "check-attention_scores")))


def splits_answer(notebook: NotebookNode) -> None:
    copied(notebook, "causal_mask", "size = 3  # tried first", after="mask")


def schema(version: int | None) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        for graded in notebook.cells:
            if "nbgrader" in graded.metadata:
                for name in ("schema_version", "task", "checksum", "cell_type"):
                    graded.metadata.nbgrader.pop(name, None)
                if version is not None:
                    graded.metadata.nbgrader.schema_version = version

    return change


def strips_metadata(notebook: NotebookNode) -> None:
    for any_cell in notebook.cells:
        any_cell.metadata = {}


def breaks_metadata(notebook: NotebookNode) -> None:
    cell(notebook, "causal_mask").metadata.nbgrader = "solution"
    cell(notebook, "check-causal_mask").metadata.nbgrader = {"grade_id": "check-causal_mask", "grade": True}
    cell(notebook, "try-it").metadata.nbgrader = {"grade_id": "of-another-course", "solution": True}


def old_format(notebook: NotebookNode) -> None:
    notebook.nbformat_minor = 2
    for any_cell in notebook.cells:
        del any_cell["id"]


ACCIDENTS: dict[str, Callable[[NotebookNode], object]] = {
    "honest": lambda notebook: None,
    "warns": warns,
    "deletes-check": lambda notebook: removed(notebook, "check-attention_scores"),
    "deletes-checks": lambda notebook: removed(notebook, "check-attention_scores", "check-causal_mask"),
    "edits-check": edits_check,
    "check-to-text": check_to_text,
    "copies-check": lambda notebook: copied(notebook, "check-attention_scores"),
    "copies-check-to-top": lambda notebook: copied(notebook, "check-attention_scores", after="question"),
    "copies-answer": lambda notebook: copied(notebook, "attention_scores"),
    "copies-stub": lambda notebook: copied(notebook, "attention_scores", STUB),
    "copies-and-plays": lambda notebook: copied(notebook, "attention_scores", WRONG, after="check-attention_scores"),
    "answers-below": answers_below,
    "splits-answer": splits_answer,
    "moves-check": moves_check,
    "rewrites-exercise": rewrites_exercise,
    "schema-1": schema(1),
    "schema-none": schema(None),
    "schema-99": schema(99),
    "strips-metadata": strips_metadata,
    "breaks-metadata": breaks_metadata,
    "old-format": old_format,
    "renames": lambda notebook: None,
    "prints-a-lot": lambda notebook: own_cell(notebook, "print('x' * 3_000_000)", after="try-it"),
}
LOSES = {  # what is wrong costs its points, and no more
    "blank": {"attention_scores": 0, "causal_mask": 0},
    "wrong": NO_SCORES,
    "wrong-and-skips-check": NO_SCORES,
    "wrong-check-deleted": NO_SCORES,
    "wants-more-points": NO_SCORES,
    "forges-a-check": NO_SCORES,
    "no-setup": {"attention_scores": 0, "causal_mask": 0},
    "dies": NO_MASK,
}


def wrong_notebooks(solved: NotebookNode, released: NotebookNode) -> dict[str, NotebookNode]:
    made = {name: with_answer(solved, "attention_scores", WRONG) for name in LOSES} | {"blank": released}
    cell(made["wrong-and-skips-check"], "check-attention_scores").metadata.tags = ["skip-execution"]
    removed(made["wrong-check-deleted"], "check-attention_scores")
    cell(made["wants-more-points"], "check-causal_mask").metadata.nbgrader.points = 100
    own_cell(made["forges-a-check"], "pass", after="try-it")
    cell(made["forges-a-check"], "my-own").metadata.check_of = "check-attention_scores"
    made["no-setup"], made["dies"] = copy.deepcopy(solved), copy.deepcopy(solved)
    removed(made["no-setup"], "setup")
    own_cell(made["dies"], "import os\nos._exit(1)", after="try-it")
    return made


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    path = tmp_path_factory.mktemp("lesson") / f"{tiny.NAME}.py"
    path.write_text(tiny.TEXT, encoding="utf-8")
    return make_notebook(read_lesson(path))


@pytest.fixture(scope="module")
def said(school: School, solved: NotebookNode) -> dict[str, str]:
    """What each command wrote; all must succeed, from a shell in which .venv is not activated."""
    school.write("solutions", ".", tiny.NAME, solved)
    words = {}
    for command in ("generate_assignment", "autograde", "generate_feedback", "export"):
        if command == "autograde":
            hand_in(school, solved)
        ended = school.command(command, *([tiny.NAME] if command != "export" else []), PATH="/usr/bin:/bin")
        assert ended.returncode == 0, ended.stderr
        words[command] = ended.stdout + ended.stderr
    return words


def hand_in(school: School, solved: NotebookNode) -> None:
    for student, accident in ACCIDENTS.items():
        notebook = copy.deepcopy(solved)
        accident(notebook)
        school.submit(student, tiny.NAME, notebook)
    for student, notebook in wrong_notebooks(solved, read(school.path("notebooks", ".", tiny.NAME))).items():
        school.submit(student, tiny.NAME, notebook)
    handed_in = school.path("submitted", "renames", tiny.NAME)
    handed_in.rename(handed_in.with_name(f"{tiny.NAME} (1).ipynb"))


@pytest.fixture(scope="module")
def points(school: School, said: dict[str, str]) -> dict[str, dict[str, float]]:
    return school.points(tiny.NAME)


def feedback(school: School, student: str) -> str:
    """What a learner reads on the feedback page."""
    page = school.path("feedback", student, tiny.NAME, "html").read_text(encoding="utf-8")
    body = re.sub(r"<(style|script|title).*?</\1>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", body))


@pytest.mark.parametrize("student", ACCIDENTS)
def test_accident_costs_nothing(points, student):
    assert points[student] == ALL


@pytest.mark.parametrize("student", LOSES)
def test_what_is_wrong_costs_its_points(points, student):
    assert points[student] == LOSES[student]


def test_commands_say_little(said):
    assert not re.search("Traceback|SAWarning", "".join(said.values()))
    assert said["generate_assignment"] == said["generate_feedback"] == said["export"] == ""


def test_export_lists_everyone(school, said):
    with (school.root / "grades.csv").open() as file:
        rows = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
        file.seek(0)
        happened = {row["student_id"]: row["what_happened"] for row in csv.DictReader(file)}
    assert happened == dict.fromkeys(rows, "graded") | {"blank": "blank"}
    assert rows == {name: (sum(ALL.values()), 5) for name in ACCIDENTS} | {
        name: (sum(points.values()), 5) for name, points in LOSES.items()
    }


@pytest.mark.parametrize("student", [*ACCIDENTS, *LOSES])
def test_feedback_hides_the_hidden_tests(school, said, student):
    text = feedback(school, student)
    assert "causal_mask" in text
    assert "hidden=True" not in text
    assert "HIDDEN TESTS" not in text


def test_feedback_says_points_and_what_is_wrong(school, said):
    page = feedback(school, "wrong")
    assert "3 of 5" in page
    assert "attention_scores is not right yet" in page
    assert "square root of d_k" in page
    assert "Traceback" not in page


def test_feedback_on_a_blank_notebook_says_so(school, said):
    assert "Nothing was written here: the notebook is as it was handed out." in feedback(school, "blank")


def test_feedback_names_an_error_in_the_check_cell(school, said):
    assert "NameError: name 'check' is not defined" in feedback(school, "no-setup")


def test_long_output_is_cut(school, said):
    assert school.path("autograded", "prints-a-lot", tiny.NAME).stat().st_size < 200_000


def test_copies_leave_one_check(school, said):
    cells = read(school.path("autograded", "copies-and-plays", tiny.NAME)).cells
    assert [check.source.count("hidden=True") for check in cells if "check(attention_scores" in check.source] == [1]


def test_one_unreadable_notebook_stops_no_one_else(school, said, solved):
    school.submit("afterwards", tiny.NAME, solved)
    broken = school.path("submitted", "a-broken-file", tiny.NAME)
    broken.parent.mkdir(parents=True)
    broken.write_text('{"cells": [', encoding="utf-8")
    ended = school.command("autograde", tiny.NAME)
    assert ended.returncode == 1
    assert "a-broken-file" in ended.stderr
    assert school.points(tiny.NAME)["afterwards"] == ALL
    with Gradebook(f"sqlite:///{school.root}/gradebook.db", "transformer") as gradebook:
        assert standing(gradebook, tiny.NAME, "a-broken-file").reason == NOT_READ
