"""Sitting: a submission in its room, from what lies in a folder to points, reasons and what its cells showed."""

import copy
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode, v4

from course.classroom.teacher import grading
from course.classroom.teacher.book import Book
from course.classroom.teacher.grading import Hall, graded, safe_outputs, short
from course.classroom.teacher.marking import asked_from, modules_for
from course.classroom.teacher.results import BLANK, GRADED, HUMAN, RIGHT, WRONG, Mark, Result, characters
from course.grading.inside.confine import Limits
from course.grading.sandbox import Sandbox
from course.grading.verdicts import Examiner
from tests.classroom import tiny
from tests.classroom.school import School, cell, read, with_answer

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="there is no bubblewrap here")
LIMITS = Limits(memory=1024, seconds=120, cpu_seconds=60, user=63_000)
NO_SCALE = "def attention_scores(query, key):\n    return query @ key.transpose(-2, -1)"


@pytest.fixture(scope="module")
def hall(released: School) -> Iterator[Hall]:
    with Book(released.root) as book:
        lesson = book.lesson(tiny.NAME)
    with Sandbox(asked_from(lesson), modules_for(lesson)) as sandbox:
        yield Hall(lesson, sandbox, Examiner(lesson.number, 12345), LIMITS)


@pytest.fixture(scope="module")
def solved(released: School) -> NotebookNode:
    return read(released.path("solutions", ".", tiny.NAME))


@pytest.fixture
def outcome(tmp_path: Path, hall: Hall) -> Callable[..., Result]:
    """What becomes of a notebook, with these files beside it, within other limits."""

    def of(notebook: NotebookNode, **files: str) -> Result:
        School(tmp_path).submit("ann", tiny.NAME, notebook)
        for name, content in files.items():
            tmp_path.joinpath("submitted", "ann", tiny.NAME, f"{name}.txt").write_text(content)
        return graded(tmp_path / "submitted", "ann", hall)

    return of


def own_cell(notebook: NotebookNode, source: str, before: str = "mask") -> NotebookNode:
    changed = copy.deepcopy(notebook)
    changed.cells.insert(changed.cells.index(cell(changed, before)), v4.new_code_cell(source, id="my-own"))
    return changed


def points(result: Result) -> tuple[float, float]:
    first, second = result.marks
    assert (first.name, second.name) == ("attention_scores", "causal_mask")
    assert (first.check, first.most, second.most) == ("check-attention_scores", 2, 3)
    return first.points, second.points


def test_right_answers_have_all_points_and_the_notebook_says_so(outcome, solved):
    result = outcome(solved)
    assert (result.outcome, result.reason, points(result), result.points) == (GRADED, "", (2, 3), 5)
    assert [mark.state for mark in result.marks] == [RIGHT, RIGHT]
    assert result.suspicions == []
    assert (result.seed, len(result.fingerprint)) == (12345, 64)
    [said] = cell(result.notebook, "check-attention_scores").outputs
    assert "attention_scores" in said.text
    nbformat.validate(result.notebook)


def test_a_known_mistake_is_named_and_costs_its_points_alone(outcome, solved):
    result = outcome(with_answer(solved, "attention_scores", NO_SCALE))
    assert points(result) == (0, 3)
    mark = result.marks[0]
    assert (mark.state, bool(mark.mistakes)) == (WRONG, True)
    assert "square root of d_k" in mark.text
    [said] = cell(result.notebook, "check-attention_scores").outputs
    assert (said.ename, said.evalue) == ("CheckFailed", mark.text)


def test_what_was_not_written_is_blank(outcome, released):
    result = outcome(read(released.path("notebooks", ".", tiny.NAME)))
    assert (points(result), {mark.state for mark in result.marks}) == ((0, 0), {BLANK})
    assert result.marks[0].text == "Nothing was written here."


def test_an_answer_that_is_not_there_says_what_there_is(outcome, solved):
    for source, said in {"": "no function attention_scores.", "attention_scores = 3": "but a int"}.items():
        mark = outcome(with_answer(solved, "attention_scores", source)).marks[0]
        assert (mark.points, mark.state) == (0, WRONG)
        assert said in mark.text


def test_the_courses_own_functions_earn_nothing_in_a_lesson_of_any_number(outcome, solved):
    """The tiny lesson has the number 90: what it asks for is taken from the sandbox all the same."""
    taken = "from course.attention import attention_scores"
    mark = outcome(with_answer(solved, "attention_scores", taken)).marks[0]
    assert (mark.points, mark.state) == (0, WRONG)


def test_a_check_that_is_replaced_or_deleted_is_asked_all_the_same(outcome, solved):
    cheat = own_cell(with_answer(solved, "attention_scores", NO_SCALE), "def check(*_, **__): pass")
    cheat.cells = [one for one in cheat.cells if one.id != "check-attention_scores"]
    result = outcome(cheat)
    assert points(result) == (0, 3)
    assert "a cell gives check another meaning" in result.suspicions


def test_of_two_answers_the_best_counts(outcome, solved):
    twice = copy.deepcopy(solved)
    twin = copy.deepcopy(cell(twice, "attention_scores"))
    twin.id, twin.source = "second", NO_SCALE
    twice.cells.insert(twice.cells.index(cell(twice, "check-attention_scores")) + 1, twin)
    assert points(outcome(twice)) == (2, 3)


def test_a_cell_that_ends_its_process_costs_only_itself(outcome, solved):
    result = outcome(own_cell(solved, "import os\nos._exit(1)"))
    assert points(result) == (2, 3)
    assert any(said.startswith("the process ended: ") for said in result.suspicions)
    assert cell(result.notebook, "my-own").outputs[0].ename == "Ended"


def test_an_answer_that_ends_its_process_costs_its_points(outcome, solved):
    deadly = "import os\ndef attention_scores(query, key):\n    os._exit(1)"
    result = outcome(with_answer(solved, "attention_scores", deadly))
    assert points(result) == (0, 3)
    assert "ended its process" in result.marks[0].text


def test_who_kills_each_room_gets_a_few_only(outcome, solved):
    deadly = solved
    for number in range(grading.MOST_ROOMS + 1):
        deadly = own_cell(deadly, "import os\nos._exit(1)", before="scores")
        cell(deadly, "my-own").id = f"own-{number}"
    result = outcome(deadly)
    assert points(result) == (0, 0)
    assert sum(said.startswith("the process ended") for said in result.suspicions) == grading.MOST_ROOMS
    assert "no time was left" in result.marks[0].text


def test_threads_left_behind_end_the_room(outcome, solved):
    left = "import threading, time\nthreading.Thread(target=time.sleep, args=(100,), daemon=True).start()"
    result = outcome(own_cell(solved, left))
    assert points(result) == (2, 3)
    assert any("died" in said or "threads" in said for said in result.suspicions)


def test_files_that_were_handed_in_lie_beside_the_cells(outcome, solved):
    result = outcome(own_cell(solved, "print(open('data.txt').read())"), data="from a file", timestamp="2026-01-02")
    assert cell(result.notebook, "my-own").outputs[0].text == "from a file\n"
    assert result.timestamp == "2026-01-02"


def test_what_cells_show_is_kept_as_text_and_can_be_written(outcome, solved, tmp_path):
    shows = "print('\\ud83d', end='\\0')\nraise ValueError('\\ud83d')"
    result = outcome(own_cell(solved, shows))
    printed, failed = cell(result.notebook, "my-own").outputs
    assert (printed.text, failed.ename, failed.evalue) == ("?", "ValueError", "?")
    nbformat.write(result.notebook, tmp_path / "graded.ipynb")


def test_what_was_stored_in_the_notebook_is_not_shown(outcome, solved):
    forged = copy.deepcopy(solved)
    for one in forged.cells:
        if one.cell_type == "code":
            one.outputs = [v4.new_output("stream", text="forged")]
    assert "forged" not in str(outcome(forged).notebook)


def test_what_nobody_can_read_is_for_a_human(tmp_path, hall):
    place = tmp_path / "ann" / tiny.NAME
    place.mkdir(parents=True)
    place.joinpath(f"{tiny.NAME}.ipynb").write_text("{")
    result = graded(tmp_path, "ann", hall)
    assert (result.outcome, result.points, result.notebook) == (HUMAN, 0, None)
    assert result.reason.startswith("the file is no notebook: line 1")
    assert len(result.fingerprint) == 64
    missing = graded(tmp_path, "bob", hall)
    assert (missing.outcome, missing.fingerprint) == (HUMAN, missing.reason)


def test_a_teachers_own_test_passes_where_it_raises_nothing(outcome, solved, hall, monkeypatch):
    test = replace(
        hall.lesson.known["check-causal_mask"],
        source="assert causal_mask(2).sum() == 3",
        metadata=hall.lesson.known["check-causal_mask"].metadata | {"grade_id": "sum", "points": 4},
    )
    monkeypatch.setitem(hall.lesson.known, "sum", test)
    tested = copy.deepcopy(solved)
    tested.cells.append(v4.new_code_cell(test.source, id="sum", metadata={"nbgrader": {"grade_id": "sum"}}))
    right, wrong = outcome(tested), outcome(with_answer(tested, "causal_mask", "def causal_mask(n):\n    return 0"))
    assert right.marks[2] == Mark("sum", "sum", 4, 4, RIGHT)
    assert (wrong.marks[2].points, wrong.marks[2].state) == (0, WRONG)
    assert wrong.marks[2].text.startswith("AttributeError")


ODD_OUTPUTS = [
    None, 3, "text", [], {}, {"output_type": "stream", "name": "evil", "text": "x"},
    {"output_type": "stream", "name": "stdout", "text": 3}, {"data": {"text/html": "<script>"}},
    {"data": {"image/png": "é"}}, {"data": {"image/png": "x" * 3_000_000}}, {"data": {"text/plain": ["x"]}},
    {"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["a", "b"]},
]  # fmt: skip


@pytest.mark.parametrize("output", ODD_OUTPUTS, ids=lambda output: str(output)[:40])
def test_odd_outputs_are_left_out(output):
    assert list(safe_outputs([output])) == []


def test_outputs_are_cut():
    plain = {"output_type": "stream", "name": "stdout", "text": "x" * 50_000}
    shown = list(safe_outputs([plain] * 1000))
    assert len(shown) == grading.MOST_SHOWN
    assert len(shown[0].text) < grading.MOST_TEXT + 100
    assert short("\ud83d" * 50_000).startswith("????")


def test_characters_are_those_that_can_be_written():
    for text in ("a\ud83db", "a\0b", os.fsdecode(b"a\xffb")):
        assert characters(text).encode() in (b"a?b", b"ab")
    assert characters("字 é") == "字 é"
