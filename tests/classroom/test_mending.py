"""Mending: of copied checks the best counts, answers and checks find each other, a renamed notebook is found."""

import copy
from dataclasses import replace

import pytest
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum
from traitlets.config import Config, PyFileConfigLoader
from traitlets.utils.importstring import import_item

from course.classroom.teacher.mending import (
    CHECK_OF,
    MendSubmission,
    Original,
    TakeBest,
    add_checks,
    adopt_renamed,
    as_released,
    keep_one,
    restored,
)
from tests.classroom.school import REPOSITORY

FLAGS = {"schema_version": 3, "task": False, "cell_type": "code", "checksum": "0" * 32}
KNOWN = {
    "f": Original("def f(): ...", "code", FLAGS | {"grade_id": "f", "grade": False, "solution": True, "locked": False}),
    "check-f": Original(
        "check(f)",
        "code",
        FLAGS | {"grade_id": "check-f", "grade": True, "solution": False, "locked": True, "points": 2},
    ),
}
FAILED = [v4.new_output("error", ename="CheckFailed")]


def notebook(*parts: str) -> NotebookNode:
    """f is an answer, c its check, anything else an own cell of that text."""
    names = {"f": "f", "c": "check-f"}
    cells = [v4.new_code_cell(f"{part} {number}", id=f"cell-{number}") for number, part in enumerate(parts)]
    for part, cell in zip(parts, cells, strict=True):
        if part in names:
            cell.metadata.nbgrader = {"grade_id": names[part]}
    return v4.new_notebook(cells=[restored(cell, KNOWN) for cell in cells])


def pattern(made: NotebookNode) -> str:
    letters = {"f": "f", "check-f": "c", None: "."}
    return "".join(letters[cell.metadata.get("nbgrader", {}).get("grade_id")] for cell in made.cells)


@pytest.mark.parametrize(
    ("parts", "mended"),
    [
        ("fc", "fc"),
        ("f.c.", "f.c."),
        ("f", "fc"),
        ("f..", "fc.."),
        ("cf", "cfc"),
        ("", "c"),
        ("..", "..c"),
        ("c", "c"),
        ("ffc", "fcfc"),
        ("fcf", "fcfc"),
        ("fcc", "fcc"),
        ("fcfc", "fcfc"),
        ("c.f.f", "c.fc.fc"),
    ],
)
def test_a_check_follows_each_answer(parts, mended):
    made = notebook(*parts)
    add_checks(made, "check-f", KNOWN["check-f"])
    assert pattern(made) == mended


def test_locked_text_is_released_text_and_an_answer_stays_the_learners():
    made = notebook("f", "c", "x")
    assert [cell.source for cell in made.cells] == ["f 0", "check(f)", "x 2"]
    assert made.cells[1].metadata.nbgrader.points == 2


def test_cell_is_known_by_its_id_when_its_metadata_is_lost():
    cell = restored(v4.new_code_cell("my answer", id="f"), KNOWN)
    assert (cell.source, cell.metadata.nbgrader.grade_id) == ("my answer", "f")


def test_a_learners_cell_cannot_claim_to_be_a_check():
    cell = restored(v4.new_code_cell("pass", metadata={CHECK_OF: "check-f"}), KNOWN)
    assert cell.metadata == {}


def test_released_metadata_is_not_shared_between_cells():
    first, second = (restored(v4.new_code_cell("", id="f"), KNOWN) for _ in range(2))
    first.metadata.nbgrader.grade_id = "changed"
    assert second.metadata.nbgrader.grade_id == KNOWN["f"].metadata["grade_id"] == "f"


@pytest.mark.parametrize(("failing", "counts"), [((), 0), ((0,), 1), ((0, 1), 2), ((0, 1, 2), 2)])
def test_first_check_that_passed_counts(failing, counts):
    made = notebook("c", "c", "x", "c")
    checks = [cell for cell in made.cells if "nbgrader" in cell.metadata]
    keep_one(checks, KNOWN["check-f"])
    assert [CHECK_OF in cell.metadata for cell in checks] == [True] * 3
    for index in failing:
        checks[index].outputs = copy.deepcopy(FAILED)
    graded, _ = TakeBest().preprocess(made, {})
    left = [cell for cell in graded.cells if "nbgrader" in cell.metadata]
    assert left == [checks[counts]]
    assert pattern(graded) == "c." if counts < 2 else ".c"
    assert not any(CHECK_OF in cell.metadata for cell in graded.cells)


def test_notebook_alone_under_another_name_is_the_lessons(tmp_path):
    (tmp_path / "04 (1).ipynb").write_text("mine")
    notebooks = [str(tmp_path / "04 (1).ipynb")]
    adopt_renamed(assignment="04", student="*", notebooks=notebooks)
    assert notebooks == [str(tmp_path / "04.ipynb")]
    assert (tmp_path / "04.ipynb").read_text() == (tmp_path / "04 (1).ipynb").read_text() == "mine"


@pytest.mark.parametrize("names", [["04"], ["04", "04 (1)"], ["a", "b"]])
def test_any_other_set_of_notebooks_stays_as_it_is(tmp_path, names):
    notebooks = [str(tmp_path / f"{name}.ipynb") for name in names]
    for path in notebooks:
        (tmp_path / path).write_text(path)
    adopt_renamed(assignment="04", student="*", notebooks=notebooks)
    assert sorted(map(str, tmp_path.iterdir())) == sorted(notebooks)


@pytest.mark.parametrize(("written", "kept"), [("..", 1), ("f.", 0), (".f", 1), ("ff", 1)])
def test_of_copied_answers_the_last_that_is_not_as_released_is_the_answer(written, kept):
    """Both run, one after the other; nbgrader shows and keeps the one that it knows by the exercise's name."""
    answers = notebook("f", "f").cells
    for answer, letter in zip(answers, written, strict=True):
        answer.source = "def f(): return 1" if letter == "f" else KNOWN["f"].source
        answer.metadata.nbgrader.checksum = ""
    released = compute_checksum(as_released(KNOWN["f"]))
    original = replace(KNOWN["f"], metadata=KNOWN["f"].metadata | {"checksum": released})
    keep_one(answers, original)
    assert ["nbgrader" in answer.metadata for answer in answers] == [at == kept for at in range(2)]
    assert not any(CHECK_OF in answer.metadata for answer in answers)


@pytest.fixture
def submission(tmp_path):
    """What nbgrader tells a preprocessor; its gradebook knows f and check-f of notebook 'sums' in assignment 'week
    1'."""
    address = f"sqlite:///{tmp_path}/gradebook.db"
    with Gradebook(address, "course") as gradebook:
        gradebook.add_assignment("week 1")
        gradebook.add_notebook("sums", "week 1")
        gradebook.add_solution_cell("f", "sums", "week 1")
        gradebook.add_grade_cell("check-f", "sums", "week 1", max_score=2, cell_type="code")
        for name, original in KNOWN.items():
            kept = {flag: original.metadata[flag] for flag in ("cell_type", "locked", "checksum")}
            gradebook.add_source_cell(name, "sums", "week 1", source=original.source, **kept)
    return {"nbgrader": {"db_url": address, "notebook": "sums", "assignment": "week 1"}}


def test_a_battered_notebook_is_as_the_gradebook_knows_it(submission):
    """An answer twice without its check, the check's text changed and elsewhere, and a cell of the learner's own."""
    parts = [("print(f)", "check-f"), ("def f(): 1", "f"), ("x", ""), ("def f(): 2", "f")]
    cells = [v4.new_code_cell(source, metadata={"nbgrader": {"grade_id": name}}) for source, name in parts]
    made, _ = MendSubmission().preprocess(v4.new_notebook(cells=cells), submission)
    assert [cell.source for cell in made.cells] == ["check(f)", "def f(): 1", "check(f)", "x", "def f(): 2", "check(f)"]
    assert pattern(made) == "....fc"
    assert [at for at, cell in enumerate(made.cells) if cell.metadata.get(CHECK_OF) == "check-f"] == [0, 2, 5]
    assert made.cells[4].metadata.nbgrader == KNOWN["f"].metadata
    assert made.cells[5].metadata.nbgrader == KNOWN["check-f"].metadata


def test_an_unharmed_notebook_stays_as_it_is(submission):
    made = notebook("f", "x", "c")
    before = copy.deepcopy(made)
    assert MendSubmission().preprocess(made, submission)[0] == before


def configured() -> Config:
    return PyFileConfigLoader("nbgrader_config.py", path=str(REPOSITORY)).load_config()


SANITIZE, AUTOGRADE = "sanitize_preprocessors", "autograde_preprocessors"
ORDER = [  # (pipeline, what comes first, what comes after it, what else would happen)
    (SANITIZE, "MendSubmission", "DeduplicateIds", "of copied cells the last would count, were it empty"),
    (SANITIZE, "MendSubmission", "OverwriteCells", "a check that lost its metadata would keep the learner's text"),
    (SANITIZE, "MendSubmission", "CheckCellMetadata", "broken metadata would stop the grading"),
    (AUTOGRADE, "Run", "LimitSize", "nothing would have been printed yet"),
    (AUTOGRADE, "Run", "IgnorePattern", "nothing would have been written to stderr yet"),
    (AUTOGRADE, "IgnorePattern", "TakeBest", "a check that passed with a warning would count as failed"),
    (AUTOGRADE, "Run", "TakeBest", "no check would have failed yet, and the first would always count"),
    (AUTOGRADE, "TakeBest", "SaveAutoGrades", "the points would be those of the last check"),
    (AUTOGRADE, "IgnorePattern", "SaveAutoGrades", "a warning would cost all points"),
    (AUTOGRADE, "SaveAutoGrades", "AssignLatePenalties", "there would be no points yet to take away from"),
]


@pytest.mark.parametrize(("pipeline", "first", "then", "otherwise"), ORDER)
def test_who_decides_a_grade_comes_in_this_order(pipeline, first, then, otherwise):
    steps = [name.rpartition(".")[2] for name in configured().Autograde[pipeline]]
    assert steps.count(first) == steps.count(then) == 1
    assert steps.index(first) < steps.index(then), f"otherwise {otherwise}"


def test_mending_comes_before_the_run_and_each_step_exists():
    """nbgrader runs the sanitizing pipeline, writes the notebook, reads it again and runs the grading pipeline."""
    asked = configured()
    mended = "course.classroom.teacher.mending"
    assert asked.Autograde[SANITIZE][0] == f"{mended}.MendSubmission", "what comes later may rely on whole metadata"
    assert asked.Autograde.pre_convert_hook == f"{mended}.adopt_renamed"
    for name in (*asked.Autograde[SANITIZE], *asked.Autograde[AUTOGRADE], *asked.GenerateFeedback.preprocessors):
        assert issubclass(import_item(name), Preprocessor)
    assert callable(import_item(asked.Autograde.pre_convert_hook))


def test_a_teachers_own_test_is_not_taken_for_its_own_answer():
    test = replace(KNOWN["check-f"], metadata=KNOWN["check-f"].metadata | {"grade_id": "test-own"})
    made = v4.new_notebook(cells=[as_released(test)])
    add_checks(made, "test-own", test)
    assert len(made.cells) == 1
