"""Lab: does `python -m course lab` start as a learner needs it, for a teacher too, and stop when asked?"""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from http.client import HTTPConnection
from pathlib import Path

import pytest

from course.classroom.author.browser import TOKEN, Lab, start_lab
from course.classroom.learner import desk, index
from course.classroom.learner.lab import environment, options
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


def test_learner_gets_the_desk_and_its_page_opens():
    assert f"--ServerApp.root_dir={desk.desk()}" in options([])
    assert f"--LabApp.default_url=/lab/tree/{index.PAGE}" in options([])


def test_further_options_are_passed_on_and_win():
    given = ["--no-browser", "--port=8899", "--ServerApp.root_dir=elsewhere"]
    made = options(given)
    assert made[-3:] == given
    assert f"--ServerApp.root_dir={desk.desk()}" not in made


def test_teacher_gets_the_whole_repository():
    made = options(["--no-browser"], teacher=True)
    assert "--ServerApp.root_dir=." in made
    assert not [option for option in made if "jpserver_extensions" in option]


def test_programs_of_this_python_come_first_on_path():
    first = environment()["PATH"].split(os.pathsep)[0]
    assert any(path.stem == "jupyter" for path in Path(first).iterdir())


def test_lab_opens_the_page_without_news_formgrader_or_complaints_and_stops(start, tmp_path):
    lab = start()
    assert redirect(lab).partition("?")[0] == f"/lab/tree/{index.PAGE}"
    assert (tmp_path / "work" / index.PAGE).read_text(encoding="utf-8").startswith("# The Transformer, built by hand")
    assert len(list((tmp_path / "work").glob("*/*.ipynb"))) == len(desk.lessons())
    assert {NEWS, FORMGRADER} <= set(disabled_plugins(lab))
    assert status(lab, "/formgrader") == 404
    assert lab.stop() == 0
    assert [line for line in complaints(lab) if "/formgrader" not in line] == []


def test_lab_for_a_teacher_has_formgrader(start):
    lab = start("--teacher")
    assert status(lab, "/formgrader") == 200
    assert NEWS in disabled_plugins(lab)
    assert FORMGRADER not in disabled_plugins(lab)


def test_the_page_is_written_anew_when_a_notebook_is_saved(start, tmp_path):
    """By the server itself, whoever saves: what stands in the notebooks is what the page says."""
    lab, lesson = start(), desk.lessons()[0]
    solved = json.loads((desk.ROOT / "solutions" / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    body = json.dumps({"type": "notebook", "format": "json", "content": solved}).encode()
    address = f"{lab.address}/api/contents/{lesson}/{lesson}.ipynb?token={TOKEN}"
    with urllib.request.urlopen(urllib.request.Request(address, body, method="PUT"), timeout=PATIENCE) as answer:
        assert answer.status == 200
    assert "| 4 of 4 right | 8 of 8 | done |" in (tmp_path / "work" / index.PAGE).read_text(encoding="utf-8")


def test_a_desk_that_cannot_be_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    run = subprocess.run(
        [sys.executable, "-m", "course", "lab", "--no-browser"],
        env=os.environ | {"COURSE_WORK": str(tmp_path / "file")}, cwd=desk.ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 1
    assert "must be a folder that can be written to" in run.stderr
    assert "Traceback" not in run.stderr
