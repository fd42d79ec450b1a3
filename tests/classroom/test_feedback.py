"""Feedback: no hidden test is shown; the page says what was lost and why, and whatever a learner wrote is text."""

import copy
import html
import re
import time
from dataclasses import replace
from datetime import datetime

import pytest
from nbformat import NotebookNode, v4
from nbgrader.utils import compute_checksum

from course.classroom.teacher.feedback import HideTests
from course.classroom.teacher.feedback_page import FeedbackPage, how_late, in_a_line
from course.classroom.teacher.results import HUMAN
from course.classroom.teacher.standing import Earned, Standing

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


def test_one_very_long_line_is_read_at_once():
    began = time.process_time()
    assert shown("x" * 300_000).source == "x" * 300_000
    assert time.process_time() - began < 5


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


HOSTILE = "</title></pre><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J\u202e{{ 7 * 7 }}&amp;"


def known(name: str, source: str = "", **more: object) -> NotebookNode:
    """A cell that nbgrader knows, with a check's or an answer's metadata."""
    kind = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, "cell_type": "code"}
    make = v4.new_markdown_cell if more.pop("markdown", False) else v4.new_code_cell
    outputs = {"outputs": more.pop("outputs")} if "outputs" in more else {}
    cell = make(source, metadata={"nbgrader": {"grade_id": name, **kind, **more}}, **outputs)
    if more.pop("untouched", False):
        cell.metadata.nbgrader.checksum = compute_checksum(cell)
    return cell


def answer(name: str, source: str, **more: object) -> NotebookNode:
    return known(name, source, solution=True, **more)


def check_cell(name: str, text: str = "f: 6 cases - right", failed: bool = False) -> NotebookNode:
    shown = v4.new_output("error", ename="CheckFailed", evalue=text) if failed else v4.new_output("stream", text=text)
    return known(f"check-{name}", f"check({name})\n{HIDDEN}", grade=True, outputs=[shown])


WRONG = """softmax is not right yet.
  What:  softmax([0, 1]) gives [0, 1],
         expected [0.27, 0.73].
  Why:   it is not divided by the sum.
  Look:  lesson 00, 'Softmax'"""
NOTEBOOK = v4.new_notebook(
    cells=[
        v4.new_markdown_cell("# 90 · Tiny\n\nHow?"),
        answer("matmul", "def matmul(a, b):\n    return a @ b"),
        check_cell("matmul"),
        v4.new_code_cell("picture()", outputs=[v4.new_output("display_data", data={"image/png": "iVBORw0KGgo="})]),
        answer("softmax", "def softmax(x):\n    return x  # oh < well"),
        check_cell("softmax", WRONG, failed=True),
        answer("row_means", "raise NotImplementedError()", untouched=True),
        check_cell("row_means", "it is not written yet", failed=True),
        known("essay", "Because **rows** sum to <one>.", solution=True, grade=True, markdown=True),
    ]
)
EARNED = {
    "check-matmul": Earned(2, 2), "check-softmax": Earned(0, 3), "check-row_means": Earned(0, 1.5),
    "essay": Earned(0, 4, open=True),
}  # fmt: skip
ANNA = Standing(
    "s1", "90_tiny", ("Anna", "Berg", ""), "late", "", datetime(2026, 11, 21, 15, 30), 7300.0, 0.5, 10.5, EARNED,
    comments={"softmax": "Compare with\nthe formula."},
)  # fmt: skip


def page(found: Standing = ANNA, notebook: NotebookNode = NOTEBOOK) -> str:
    return FeedbackPage().of(found, notebook)


def words(html_page: str) -> str:
    """What is read on the page, in one line."""
    body = re.sub(r"<(style|title).*?</\1>", "", html_page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def rows(html_page: str) -> list[list[str]]:
    """The table, cell by cell."""
    lines = re.findall(r"<tr>(.*?)</tr>", html_page.partition("<tbody>")[2].partition("</tbody>")[0], re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", line, re.DOTALL)] for line in lines]


def test_page_says_first_whose_it_is_and_what_it_earned():
    read = words(page())
    assert read.startswith("90 · Tiny Student Anna Berg Lesson 90_tiny Points 1.5 of 10.5 (2, less the late penalty)")
    assert "Late penalty 0.5" in read
    assert "Handed in 2026-11-21 15:30 UTC , 2 hours late" in read


def test_student_without_a_name_in_the_gradebook_is_called_by_id():
    assert "Student s1 Lesson" in words(page(replace(ANNA, names=("", "", ""))))


def test_table_says_in_a_line_what_was_lost_and_why():
    assert rows(page()) == [
        ["matmul", "2 / 2", "Right."],
        ["softmax", "0 / 3", "It is not divided by the sum. (comment)"],
        ["row_means", "0 / 1.5", "Nothing was written here."],
        ["essay", "- / 4", "Your teacher has not graded this yet."],
        ["late penalty", "-0.5", "handed in 2 hours late"],
    ]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (WRONG, "It is not divided by the sum."),
        ("f is not right yet.\n  What:  it returns None.\n  Look:  lesson 00", "It returns None."),
        ("NameError: name 'check' is not defined", "NameError: name 'check' is not defined"),
        ("What: " + "word " * 100, "Word" + " word" * 39 + " ..."),
        ("", ""),
    ],
)
def test_line_is_the_first_of_why_else_of_what_else_of_all(said, line):
    assert in_a_line(said) == line


def test_every_link_of_the_page_leads_to_a_place_on_it():
    text = page()
    links, places = re.findall(r'href="#([^"]*)"', text), re.findall(r' id="([^"]*)"', text)
    assert set(links) == set(places) == {f"exercise-{number}" for number in range(1, 5)}
    assert len(places) == len(set(places))


def test_page_shows_answers_messages_and_comments_whole():
    text = page()
    assert re.search(r'<span class="k">def</span>.*<span class="nf">matmul</span>', text)
    assert "# oh &lt; well" in text
    assert " ".join(WRONG.split()) in words(text)
    assert "Compare with\nthe formula." in text
    assert "Because **rows** sum to &lt;one&gt;." in text
    assert "it is not written yet" not in text


def test_page_has_no_picture_no_script_no_network_and_no_hidden_test():
    text = page()
    assert not re.search("<img|<script|<link|https?:|@import|url\\(|iVBOR|HIDDEN|hidden=True", text)
    assert "default-src 'none'" in text


def test_hidden_tests_that_a_learner_made_check_say_are_not_shown():
    told = v4.new_notebook(cells=[answer("matmul", "x = 1"), check_cell("matmul", f"look:\n{HIDDEN}", failed=True)])
    assert "hidden=True" not in page(notebook=told)
    assert "look:" in page(notebook=told)


def test_page_is_read_on_a_phone_and_in_the_dark():
    assert 'name="viewport"' in page()
    assert "color-scheme: light dark" in page()


@pytest.mark.parametrize(
    "where", ["names", "student", "lesson", "title", "source", "check", "essay", "comment", "reason"]
)
def test_whatever_is_not_ours_is_text(where):
    cells = copy.deepcopy(NOTEBOOK)
    found = replace(ANNA, **{where: HOSTILE}) if where in ("student", "lesson") else ANNA
    found = replace(found, names=("", "", "")) if where == "student" else found
    match where:
        case "names":
            found = replace(ANNA, names=(HOSTILE, "", ""))
        case "comment":
            found = replace(ANNA, comments={"softmax": HOSTILE})
        case "reason":
            found = replace(ANNA, outcome=HUMAN, reason=HOSTILE, refused=True)
        case "title":
            cells.cells[0].source = f"# {HOSTILE}"
        case "source":
            cells.cells[1].source = f"x = '''{HOSTILE}'''\n# {HOSTILE}\n{HOSTILE}"
        case "check":
            cells.cells[5].outputs[0].evalue = HOSTILE
        case "essay":
            cells.cells[8].source = HOSTILE
    text = page(found, cells)
    assert "alert(1)" in text.replace('</span><span class="p">', "").replace('</span><span class="mi">', "")
    assert not re.search("<script|<img|\x1b|\u202e|49&", text)


def test_grade_id_of_a_hostile_cell_is_text():
    cells = v4.new_notebook(cells=[known(HOSTILE, "", grade=True, solution=True)])
    assert not re.search("<script|<img", page(replace(ANNA, earned={HOSTILE: Earned(0, 1)}), cells))


def test_very_long_answer_and_message_are_cut():
    long = v4.new_notebook(cells=[answer("f", "x = 1\n" * 100_000), check_cell("f", "y" * 1_000_000, failed=True)])
    assert len(page(replace(ANNA, earned={"check-f": Earned(0, 1)}), long)) < 300_000


def test_answer_whose_cell_is_gone_is_found_where_it_was_written():
    moved = copy.deepcopy(NOTEBOOK)
    moved.cells[1] = v4.new_code_cell("def matmul(a, b):\n    return 'elsewhere'")
    assert "elsewhere" in words(page(notebook=moved))
    del moved.cells[1]
    assert rows(page(notebook=moved))[0] == ["matmul", "2 / 2", "Right."]


def test_points_of_a_human_count():
    earned = EARNED | {"check-softmax": Earned(1, 3), "essay": Earned(4, 4)}
    found = replace(ANNA, earned=earned, comments={"essay": "Good."})
    assert rows(page(found))[1] == ["softmax", "1 / 3", "It is not divided by the sum."]
    assert rows(page(found))[3] == ["essay", "4 / 4", "Right. (comment)"]
    assert "points, partly right" in words(page(found))


def test_blank_notebook_is_said_to_be_blank():
    names = ("matmul", "softmax", "row_means")
    cells = [cell for name in names for cell in (answer(name, "pass", untouched=True), check_cell(name, failed=True))]
    found = replace(ANNA, earned={f"check-{name}": Earned(0, 2) for name in names})
    text = words(page(found, v4.new_notebook(cells=cells)))
    assert "Nothing was written here: the notebook is as it was handed out." in text
    assert text.count("Nothing was written here.") == 6


def test_submission_that_could_not_be_read_says_what_to_do_and_no_points():
    text = words(page(replace(ANNA, outcome=HUMAN, reason="the file is empty", refused=True)))
    assert "could not be read : the file is empty" in text
    assert "What to do: open the notebook in JupyterLab." in text
    assert "Points not graded yet, of 10.5" in text
    assert "matmul" not in text
    assert "could not be read" in words(page(ANNA, v4.new_notebook()))


def test_failure_of_ours_is_no_fault_of_the_learners():
    reason = "the grader itself failed: Traceback: secret/path.py"
    text = words(page(replace(ANNA, outcome=HUMAN, reason=reason, refused=True)))
    assert "there is nothing that you must do" in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, ""), (1, "1 second"), (3600, "1 hour"), (7300, "2 hours"), (90_000, "1 day")]
)
def test_how_late(seconds, said):
    assert how_late(seconds) == said
