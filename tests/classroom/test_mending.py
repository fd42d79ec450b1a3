"""Mending: of copied checks the best counts, answers and checks find each other, a renamed notebook is found."""

import copy

import pytest
from nbformat import NotebookNode, v4

from course.classroom.teacher.mending import CHECK_OF, Original, TakeBest, add_checks, adopt_renamed, keep_one, restored

FLAGS = {"schema_version": 3, "task": False, "cell_type": "code", "checksum": "0" * 32}
KNOWN = {
    "f": Original("def f(): ...", "code", FLAGS | {"grade_id": "f", "grade": False, "solution": True, "locked": False}),
    "check-f": Original(
        "check(f)", "code", FLAGS | {"grade_id": "check-f", "grade": True, "solution": False, "locked": True, "points": 2}
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
        ("fc", "fc"), ("f.c.", "f.c."), ("f", "fc"), ("f..", "fc.."), ("cf", "cfc"), ("", "c"), ("..", "..c"), ("c", "c"),
        ("ffc", "fcfc"), ("fcf", "fcfc"), ("fcc", "fcc"), ("fcfc", "fcfc"), ("c.f.f", "c.fc.fc"),
    ],
)  # fmt: skip
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
