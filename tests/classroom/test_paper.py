"""Paper: does a submission become what was released, with the learner's answers in it, whatever happened to it?"""

import copy
from collections.abc import Callable

import pytest
from nbformat import NotebookNode, v4
from nbgrader.utils import compute_checksum

from course.classroom.teacher.mending import Original
from course.classroom.teacher.paper import Lesson, Step, is_blank, steps

STUB = "def softmax(x):\n    raise NotImplementedError()"
RELEASED = {  # name -> source; what nbgrader does not know is given
    "title": "# Lesson",
    "setup": "import math",
    "size": "size = 3",
    "softmax": STUB,
    "check-softmax": "check(softmax)",
    "rate": "rate = 2",
    "why": "Why is that so?",
    "test-own": "assert softmax(size, rate)",
    "tail": "print(size)",
}
TEXTS = {"title", "why"}
MARKS = {  # name -> grade, solution, locked
    "softmax": (False, True, False),
    "check-softmax": (True, False, True),
    "why": (True, True, False),
    "test-own": (True, False, True),
}
ANSWER = "def softmax(x):\n    return x / math.pi * size"
KINDS = ["text", "given", "given", "answer", "check", "given", "text", "test", "given"]
ALL = "setup size softmax check-softmax rate test-own tail"


def cell(name: str, source: str) -> NotebookNode:
    make = v4.new_markdown_cell if name in TEXTS else v4.new_code_cell
    made = make(source, id=name)
    if name in MARKS:
        made.metadata.nbgrader = {"grade_id": name}
    return made


def original(name: str) -> Original:
    kind = "markdown" if name in TEXTS else "code"
    metadata = dict(zip(("grade", "solution", "locked"), MARKS[name], strict=True))
    metadata |= {"schema_version": 3, "grade_id": name, "task": False, "cell_type": kind}
    metadata |= {"points": 2} if metadata["grade"] else {}
    made = cell(name, RELEASED[name])
    made.metadata.nbgrader = metadata
    return Original(RELEASED[name], kind, metadata | {"checksum": compute_checksum(made)})


NOTEBOOK = v4.new_notebook(cells=[cell(name, source) for name, source in RELEASED.items()])
LESSON = Lesson("90_tiny", 90, NOTEBOOK, {name: original(name) for name in MARKS})


def submitted(change: Callable[[NotebookNode], object] = lambda notebook: None) -> list[Step]:
    """The paper of the released notebook with an answer in it, after that has happened to it."""
    notebook = copy.deepcopy(NOTEBOOK)
    found(notebook, "softmax").source = ANSWER
    change(notebook)
    return steps(notebook, LESSON)


def found(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def drop(*names: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        notebook.cells = [cell for cell in notebook.cells if cell.id not in names]

    return change


def write(name: str, source: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: found(notebook, name).update(source=source)


def own(before: str, source: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: notebook.cells.insert(
        notebook.cells.index(found(notebook, before)), v4.new_code_cell(source, id="mine")
    )


def code_of(paper: list[Step]) -> str:
    """The names of the code cells, in their order."""
    return " ".join(step.grade_id or step.cell.id for step in paper if step.kind != "text")


def ran(paper: list[Step]) -> list[str]:
    return [step.cell.source for step in paper if step.ran]


def as_from_colab(notebook: NotebookNode) -> None:
    """Other names for all cells, and no metadata."""
    for number, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"colab-{number}", {}


def test_lesson_knows_its_checks_and_what_they_ask():
    assert LESSON.checks() == ["check-softmax", "test-own"]
    assert [LESSON.exercise_of(name) for name in MARKS] == ["", "softmax", "", ""]
    broken = Lesson(
        "x", 1, NOTEBOOK, {"a": Original("check(", "code", {}), "b": Original("check(nothing)", "code", {})}
    )
    assert [broken.exercise_of(name) for name in "ab"] == ["", ""]


def test_unharmed_paper_is_the_notebook():
    paper = submitted()
    assert [step.cell.id for step in paper] == list(RELEASED)
    assert [step.kind for step in paper] == KINDS
    assert [step.exercise for step in paper if step.kind == "check"] == ["softmax"]
    released = [RELEASED[name] for name in ("setup", "size", "rate", "test-own")]
    assert ran(paper) == [*released[:2], ANSWER, *released[2:]]


SAME = {  # what costs nobody anything
    "metadata is lost": lambda notebook: [cell.update(metadata={}) for cell in notebook.cells],
    "the check is changed": write("check-softmax", "print('mine')"),
    "the test is changed": write("test-own", "pass"),
    "the check is deleted": drop("check-softmax"),
    "all that is given is deleted": drop("setup", "size", "rate", "tail", "title"),
    "the check is a text": lambda notebook: found(notebook, "check-softmax").update(cell_type="markdown"),
    "the answer is a text": lambda notebook: found(notebook, "softmax").update(cell_type="markdown"),
    "a given cell is moved up": lambda notebook: notebook.cells.insert(0, notebook.cells.pop(2)),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_is_lost_by_accident_comes_back(change):
    names = code_of(submitted(change)).split()
    assert sorted(names) == sorted(ALL.split())
    assert [name for name in names if name in MARKS] == ["softmax", "check-softmax", "test-own"]
    assert sorted(ran(submitted(change))) == sorted(ran(submitted()))


def test_given_cells_that_lost_their_names_are_known_by_their_text():
    def change(notebook: NotebookNode) -> None:
        marks = [cell.metadata for cell in notebook.cells]
        as_from_colab(notebook)
        for cell, kept in zip(notebook.cells, marks, strict=True):
            cell.metadata = kept

    paper = submitted(change)
    assert [step.cell.id for step in paper if step.kind == "given"] == ["setup", "size", "rate", "tail"]
    assert [step.kind for step in paper] == [step.kind for step in submitted()]


def test_without_names_and_metadata_the_text_of_an_answer_still_runs_and_is_checked():
    paper = submitted(as_from_colab)
    assert ANSWER in ran(paper)
    places = {step.cell.source: place for place, step in enumerate(paper)}
    assert places["check(softmax)"] > places[ANSWER]
    assert sum(step.kind == "check" for step in paper) == 1


def test_two_cells_of_one_text_get_two_names_back():
    released = v4.new_notebook(cells=[v4.new_code_cell("x = 1", id=name) for name in ("a", "b")])
    lesson = Lesson("x", 1, released, {})
    twins = v4.new_notebook(cells=[v4.new_code_cell("x = 1", id=name) for name in ("p", "q")])
    assert [step.kind for step in steps(twins, lesson)] == ["given", "own", "given"]


def test_a_changed_given_cell_runs_after_what_it_was():
    paper = submitted(write("size", "size = 4"))
    assert code_of(paper) == "setup size size-changed softmax check-softmax rate test-own tail"
    assert [step.kind for step in paper if step.cell.id.startswith("size")] == ["given", "own"]
    assert ran(paper)[:3] == ["import math", "size = 3", "size = 4"]


def test_a_deleted_cell_comes_back_where_it_stood():
    assert code_of(submitted(drop("size"))) == ALL
    assert code_of(submitted(drop("setup", "size", "softmax"))).split()[:2] == ["setup", "size"]


def test_what_stands_behind_the_last_check_is_not_run():
    assert "print(size)" not in ran(submitted())
    tail = own("tail", "while True: pass")
    assert "while True: pass" not in ran(submitted(tail))


def test_own_cells_run_where_they_stand():
    paper = submitted(own("softmax", "seen = size"))
    assert code_of(paper) == "setup size mine softmax check-softmax rate test-own tail"
    assert [step.kind for step in paper if step.cell.id == "mine"] == ["own"]
    assert ran(paper)[2] == "seen = size"


def copy_answer(source: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        twin = copy.deepcopy(found(notebook, "softmax"))
        twin.id, twin.source = "softmax-copy", source
        notebook.cells.insert(notebook.cells.index(found(notebook, "check-softmax")) + 1, twin)

    return change


def test_a_copied_answer_is_asked_as_well():
    paper = submitted(copy_answer("def softmax(x):\n    return 1"))
    checks = [step for step in paper if step.kind == "check"]
    assert [step.check_of for step in checks] == ["check-softmax"] * 2
    assert [step.exercise for step in checks] == ["softmax"] * 2
    assert len([step for step in paper if step.grade_id == "check-softmax"]) == 1
    sources = [step.cell.source for step in paper if "softmax" in step.cell.source and step.kind != "test"]
    assert sources == [ANSWER, "check(softmax)", "def softmax(x):\n    return 1", "check(softmax)"]


def test_of_an_answer_and_a_copy_of_the_stub_the_answer_is_the_one_that_counts():
    paper = submitted(copy_answer(STUB))
    [kept] = [step for step in paper if step.grade_id == "softmax"]
    assert kept.cell.source == ANSWER


def test_one_name_on_two_cells_loses_neither():
    paper = submitted(lambda notebook: notebook.cells.append(v4.new_code_cell("mine = 1", id="size")))
    assert {"size = 3", "mine = 1"} <= {step.cell.source for step in paper}


def test_an_answer_in_words_is_kept_as_it_is():
    paper = submitted(write("why", "Because."))
    [words] = [step for step in paper if step.grade_id == "why"]
    assert (words.kind, words.cell.source, words.ran) == ("text", "Because.", False)


@pytest.mark.parametrize("change", [drop(*RELEASED), lambda notebook: notebook.update(cells=[])])
def test_an_empty_notebook_is_all_that_was_released(change):
    assert sorted(code_of(submitted(change)).split()) == sorted(set(ALL.split()) - {"softmax"})


def test_blank_is_what_was_released_but_for_spaces():
    released = LESSON.known["softmax"]
    for source, blank in {
        STUB: True,
        STUB.replace("\n", "\n\n") + "\n": True,
        STUB + "  # x": False,
        "": False,
    }.items():
        assert is_blank(v4.new_code_cell(source), released) is blank
