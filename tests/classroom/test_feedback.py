"""Feedback: hidden tests are taken out of every cell, their errors keep name and text, all else stays."""

import pytest
from nbformat import NotebookNode, v4

from course.classroom.teacher.feedback import HideTests

HIDDEN = "### BEGIN HIDDEN TESTS\ncheck(f, hidden=True)\n### END HIDDEN TESTS"


def shown(source: str, ename: str = "", text: str = "") -> NotebookNode:
    """The cell after HideTests; with an error whose traceback quotes the cell."""
    quoted = [f"---> 1 {source}", f"{ename}: {text}"]
    outputs = [v4.new_output("error", ename=ename, evalue=text, traceback=quoted)] if ename else []
    return HideTests().preprocess_cell(v4.new_code_cell(source, outputs=outputs), {}, 0)[0]


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (f"check(f)\n{HIDDEN}", "check(f)"),
        (f"check(f)\n{HIDDEN}\nprint(1)", "check(f)\nprint(1)"),
        (f"check(f)\n{HIDDEN}\ncheck(g)\n{HIDDEN}", "check(f)\ncheck(g)"),
        (f"check(f)\n    {HIDDEN}", "check(f)"),
        ("check(f)\n### BEGIN HIDDEN TESTS\ncheck(f, hidden=True)", "check(f)"),
        ("check(f)", "check(f)"),
    ],
)
def test_hidden_tests_are_taken_out(source, left):
    assert shown(source).source == left


def test_nothing_has_to_switch_it_on():
    """nbgrader_config.py only names it; nbconvert runs no preprocessor that is not enabled."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(f"check(f)\n{HIDDEN}")])
    assert HideTests()(notebook, {})[0].cells[0].source == "check(f)"


def test_message_of_a_failed_check_stays_whole():
    text = "f is not right yet.\n  What:  something"
    assert shown(f"check(f)\n{HIDDEN}", "CheckFailed", text).outputs[0].traceback == [text]


def test_other_errors_keep_their_name_and_text():
    cell = shown(f"check(f)\n{HIDDEN}", "NameError", "name 'f' is not defined")
    assert cell.outputs[0].traceback == ["NameError: name 'f' is not defined"]


def test_learners_own_errors_keep_their_traceback():
    assert shown("1 / 0", "ZeroDivisionError", "division by zero").outputs[0].traceback[0] == "---> 1 1 / 0"


def test_prose_is_left_alone():
    cell = v4.new_markdown_cell("# Heading\n\ntext")
    assert HideTests().preprocess_cell(cell.copy(), {}, 0)[0] == cell
