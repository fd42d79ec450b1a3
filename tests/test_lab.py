"""Lab: does `python -m course lab` start as a learner needs it, for a teacher too, and stop when asked?"""

import json
import os
import re
import urllib.error
import urllib.request
from http.client import HTTPConnection
from pathlib import Path

import pytest

from course.classroom.author.browser import TOKEN, Lab, start_lab
from course.classroom.learner.lab import FIRST_LESSON, environment, options
from tests import PATIENCE

NEWS = "@jupyterlab/apputils-extension:announcements"
FORMGRADER = "@jupyter/nbgrader:formgrader"


@pytest.fixture
def start(tmp_path):
    """Start a lab, and be sure that it is stopped."""
    labs = []

    def start_one(*further: str) -> Lab:
        labs.append(start_lab(tmp_path, *further))
        return labs[-1]

    yield start_one
    for lab in labs:
        lab.stop()


def redirect(lab: Lab) -> str:
    """Where the server sends who asks for its root."""
    connection = HTTPConnection(lab.address.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", f"/?token={TOKEN}")
    return connection.getresponse().headers["Location"]


def status(lab: Lab, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{lab.address}{path}?token={TOKEN}", timeout=PATIENCE) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def disabled_plugins(lab: Lab) -> list[str]:
    with urllib.request.urlopen(f"{lab.address}/lab?token={TOKEN}", timeout=PATIENCE) as answer:
        page = answer.read().decode()
    found = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(found.group(1))["disabledExtensions"]


def complaints(lab: Lab) -> list[str]:
    return [line for line in lab.log.read_text().splitlines() if re.match(r"\[[WE] |Traceback", line)]


def test_learner_gets_the_lessons_and_the_first_one_opens():
    assert "--ServerApp.root_dir=notebooks" in options([])
    assert f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}" in options([])


def test_further_options_are_passed_on_and_win():
    given = ["--no-browser", "--port=8899", "--ServerApp.root_dir=elsewhere"]
    made = options(given)
    assert made[-3:] == given
    assert "--ServerApp.root_dir=notebooks" not in made


def test_teacher_gets_the_whole_repository():
    made = options(["--no-browser"], teacher=True)
    assert "--ServerApp.root_dir=." in made
    assert not [option for option in made if "jpserver_extensions" in option]


def test_programs_of_this_python_come_first_on_path():
    first = environment()["PATH"].split(os.pathsep)[0]
    assert any(path.stem == "jupyter" for path in Path(first).iterdir())


def test_lab_opens_the_first_lesson_without_news_formgrader_or_complaints_and_stops(start):
    lab = start()
    assert redirect(lab).partition("?")[0] == f"/lab/tree/{FIRST_LESSON}"
    assert {NEWS, FORMGRADER} <= set(disabled_plugins(lab))
    assert status(lab, "/formgrader") == 404
    assert lab.stop() == 0
    assert [line for line in complaints(lab) if "/formgrader" not in line] == []


def test_lab_for_a_teacher_has_formgrader(start):
    lab = start("--teacher")
    assert status(lab, "/formgrader") == 200
    assert NEWS in disabled_plugins(lab)
    assert FORMGRADER not in disabled_plugins(lab)
