"""`python -m course grade`: what it says, what it refuses, how it ends, also killed, and where there is no sandbox."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from course.__main__ import main
from course.classroom.teacher import marking
from course.classroom.teacher.command import printable, said
from course.classroom.teacher.results import HUMAN, Mark, Result
from tests import PATIENCE
from tests.classroom import kills, tiny
from tests.classroom.kills import DEADLY, hand_in, kept
from tests.classroom.school import REPOSITORY, School

RIGHT = "def attention_scores(query, key):\n    return query @ key.transpose(-2, -1) / key.shape[-1] ** 0.5"
WRONG = "def attention_scores(query, key):\n    return query @ key.transpose(-2, -1)"
LINE = r"\[(\d)/(\d)\] (\w+): (.*)   \d+\.\d s(.*)"


@pytest.fixture
def typed(course: School, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable:
    """Type a line in the folder of the course -> exit code, stdout, stderr; workers judge by a word."""
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(marking, "multiprocessing", kills.FORKING)
    monkeypatch.setattr(marking, "work", kills.work)

    def go(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["grade", *arguments])
        except SystemExit as ended:
            code = ended.code
        return code, *capsys.readouterr()

    return go


def test_a_line_each_and_one_at_the_end(course, typed):
    hand_in(course, {"ann": "right", "bob": "wrong", "eve": ""})
    code, out, err = typed(tiny.NAME, "--workers=1", "--json=out.json")
    assert (code, err) == (0, "")
    lines = out.splitlines()[:3]
    assert [re.fullmatch(LINE, line).groups() for line in lines] == [
        ("1", "3", "ann", "5 of 5", ""),
        ("2", "3", "bob", "3 of 5", ""),
        ("3", "3", "eve", "needs a human: the file is no notebook: line 1: "
         "Expecting property name enclosed in double quotes", ""),
    ]  # fmt: skip
    assert "3 handed in, 2 graded, 1 for a human, 0 failed, 0 suspicious" in out
    rows = json.loads((course.root / "out.json").read_text())
    assert [(row["student"], row["outcome"], sum(mark["points"] for mark in row["marks"])) for row in rows] == [
        ("ann", "graded", 5), ("bob", "graded", 3), ("eve", HUMAN, 0),
    ]  # fmt: skip
    assert "notebook" not in rows[0]
    assert typed(tiny.NAME)[1].startswith("0 graded now, 3 unchanged.\n")
    assert "[1/1] ann: 5 of 5" in typed(tiny.NAME, "--student", "ann", "--force")[1]


def test_whoever_is_left_is_named_and_the_exit_code_is_1(course, typed):
    hand_in(course, {"ann": "right", "bob": DEADLY})
    (course.root / "submitted" / os.fsdecode(b"z\xff") / tiny.NAME).mkdir(parents=True)
    code, out, _ = typed(tiny.NAME)
    assert code == 1
    assert out.splitlines()[-1] == "left to be graded: 'z\\udcff', 'bob'"
    assert "1 graded" in out


MISUSE = {  # what is typed -> what is said of it
    "": "the following arguments are required: LESSON",
    "90_tiny --workers -1": "--workers must be at least 1, not -1",
    "90_tiny --seconds 0": "--seconds must be at least 1, not 0",
    "90_tiny --memory 0": "--memory must be at least 1, not 0",
    "90_tiny --memory much": "--memory: invalid int value: 'much'",
    "90_tiny --submitted nowhere": "--submitted must be a folder that exists, not nowhere",
    "90_tiny --json no/out.json": "--json must be a file in a folder that exists, not no/out.json",
    "90_tiny --forced": "unrecognized arguments: --forced",
    "90_tiny 91_other": "unrecognized arguments: 91_other",
    "91": "LESSON must be a lesson that was released, not 91",
    "²": "LESSON must be a lesson that was released, not ²",
}


@pytest.mark.parametrize("line", MISUSE)
def test_misuse_is_named_as_it_was_typed(typed, line):
    code, out, err = typed(*line.split())
    assert (code, out) == (2, "")
    assert MISUSE[line] in " ".join(err.split())


def test_outside_of_a_course_it_says_where_to_go(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = typed(tiny.NAME)
    assert code == 2
    assert "here is no nbgrader_config.py: go to the folder of the course first" in " ".join(err.split())


REFUSED = {  # what is typed -> what is said of it
    "90_tiny": "Nothing is handed in for 90_tiny in ",
    "90_tiny --student zoe": "Nothing is handed in for 90_tiny by zoe in ",
    "91_other": "91_other has not been released: first `nbgrader generate_assignment 91_other --force`",
    "..": ".. has not been released",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_cannot_be_is_said_without_a_traceback(typed, line):
    code, out, err = typed(*line.split())
    assert (code, out) == (1, "")
    assert err.startswith(REFUSED[line])


def test_a_number_is_the_lesson_of_that_number(course, typed):
    hand_in(course, {"ann": "right"})
    assert typed("90")[0] == 0
    (course.root / "notebooks" / "90_twin").mkdir()
    assert typed("90")[0] == 2


def test_a_line_is_one_line_that_a_terminal_can_show(monkeypatch, capsys):
    odd = Result("ann", "x", HUMAN, "a\nb\x1b[2Jc\ud83d" + "d" * 1000, suspicions=["one", "two", "three", "four"])
    said(odd, 1, 1)
    line = capsys.readouterr().out
    assert line.startswith("[1/1] ann: needs a human: a b [2Jc")
    assert (line.count("\n"), len(line)) == (1, 301)
    said(Result("ann", "x", marks=[Mark("f", "f", 1.5, 2, "wrong")], suspicions=["one", "two", "three", "four"]), 2, 3)
    assert capsys.readouterr().out == "[2/3] ann: 1.5 of 2   0.0 s   suspicious: one; two; three\n"
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert printable("字 é") == "? ?"


def test_without_bubblewrap_it_says_what_to_install(course, monkeypatch, capsys):
    hand_in(course, {"ann": RIGHT})
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(marking, "multiprocessing", kills.FORKING)
    monkeypatch.setenv("PATH", "")
    assert main(["grade", tiny.NAME]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("There is no bubblewrap here. ")
    assert "apt-get install bubblewrap" in err
    assert kept(course)["rows"] == []


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="there is no bubblewrap here")
def test_a_class_in_a_sandbox_killed_in_the_middle_and_graded_to_the_end(course):
    """As a teacher types it: nothing that was started goes on after the kill, and what is left is graded."""
    hand_in(course, {"ann": RIGHT, "bob": WRONG, "carl": RIGHT, "eve": ""})
    typed = [sys.executable, "-m", "course", "grade", tiny.NAME, "--workers=1", "--json=out.json"]
    variables = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    start = {"cwd": course.root, "env": variables, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(typed, start_new_session=True, **start) as first:
        assert first.stdout.readline().startswith("[1/4] ann: 5 of 5")
        family = kills.descendants(first.pid)
        assert len(family) > 3, "the grader, a worker, bubblewrap, what is in it"
        os.killpg(first.pid, 9)
    assert kills.all_end(family)
    second = subprocess.run(typed, check=False, timeout=PATIENCE, **start)
    assert (second.returncode, second.stderr) == (0, "")
    assert re.search(r"^[23] graded now, [12] unchanged\.$", second.stdout, re.MULTILINE)
    rows = {row[0]: sum(mark[2] for mark in json.loads(row[5])) for row in kept(course)["rows"]}
    assert rows == {"ann": 5, "bob": 3, "carl": 5, "eve": 0}
    assert len(kept(course)["rows"]) == 4
    folders = [name for who in ("ann", "bob", "carl", "eve") for name in (who, f"{who}/{tiny.NAME}")]
    assert kept(course)["folders"] == folders
