"""Validate: while a notebook is validated, does the server go on, tell how far it is, and stop when asked?"""

import contextlib
import inspect
import json
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from course.arrays import softmax
from course.classroom import ROOT
from course.classroom.author.browser import TOKEN, Lab, start_lab
from course.classroom.learner import validation_process
from course.classroom.learner.validate import ROUTE, answer
from course.classroom.learner.validation_process import STOPPED, ValidationProcess
from tests import PATIENCE

LESSON = "00_start_here"
RIGHT = inspect.getsource(softmax)
SLOW = """
import time
while True:
    with open("beats", "a") as file:
        file.write(".")
    time.sleep(0.1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the learner's server shows: the lesson with one right answer, the same with a cell that never ends."""
    folder = tmp_path / "work"
    folder.mkdir()
    notebook = nbformat.read(ROOT / "notebooks" / LESSON / f"{LESSON}.ipynb", as_version=4)
    next(cell for cell in notebook.cells if cell.id == "softmax").source = RIGHT
    nbformat.write(notebook, folder / "lesson.ipynb")
    notebook.cells.insert(0, v4.new_code_cell(SLOW))
    nbformat.write(notebook, folder / "slow.ipynb")
    return folder


@pytest.fixture
def lab(tmp_path: Path, folder: Path) -> Iterator[Lab]:
    lab = start_lab(tmp_path, f"--ServerApp.root_dir={folder}")
    yield lab
    lab.stop()


def ask(lab: Lab, method: str, route: str, **query: str) -> dict:
    request = urllib.request.Request(f"{lab.address}{route}?{urllib.parse.urlencode(query)}", method=method)
    request.add_header("Authorization", f"token {TOKEN}")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def begin(lab: Lab, path: str) -> Callable[[], dict]:
    """Have it validated; what is returned waits for the answer."""
    found: list[dict] = []

    def validate() -> None:
        with contextlib.suppress(ConnectionError):  # the server may be stopped before
            found.append(ask(lab, "POST", ROUTE, path=path))

    thread = threading.Thread(target=validate, daemon=True)
    thread.start()

    def wait() -> dict:
        thread.join(PATIENCE)
        return found[0]

    return wait


def until(true: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < deadline:
        time.sleep(0.2)
    return bool(true())


def is_running(folder: Path) -> bool:
    """Whether the cell that never ends is running."""
    beats = folder / "beats"
    before = beats.stat().st_size if beats.exists() else 0
    time.sleep(1)
    return beats.exists() and beats.stat().st_size > before


def test_server_goes_on_meanwhile_until_it_is_stopped_and_tells_of_another_by_exercise(lab, folder):
    slow = begin(lab, "slow.ipynb")
    assert until(lambda: is_running(folder))
    assert ask(lab, "GET", "/api/status")["kernels"] == 0
    assert ask(lab, "GET", ROUTE, path="slow.ipynb")["said"].startswith("a cell (1 of ")
    assert ask(lab, "GET", ROUTE, path="lesson.ipynb")["said"] == ""
    assert "being validated already" in ask(lab, "POST", ROUTE, path="slow.ipynb")["problem"]
    assert ask(lab, "DELETE", ROUTE, path="slow.ipynb") == {"stopped": True}
    assert slow()["problem"] == STOPPED
    assert until(lambda: not is_running(folder))
    assert ask(lab, "DELETE", ROUTE, path="slow.ipynb") == {"stopped": False}
    report = ask(lab, "POST", ROUTE, path="lesson.ipynb")
    assert report["title"] == "1 of 4 exercises, 3 of 8 points"
    assert [mark["name"] for mark in report["marks"] if mark["state"] == "right"] == ["softmax"]
    assert "no file other.ipynb" in ask(lab, "POST", ROUTE, path="other.ipynb")["problem"]


def test_what_is_validated_ends_with_the_page_that_asked_and_with_the_server(lab, folder):
    with contextlib.closing(HTTPConnection(lab.address.removeprefix("http://"))) as page:
        page.request("POST", f"{ROUTE}?path=slow.ipynb", headers={"Authorization": f"token {TOKEN}"})
        assert until(lambda: ask(lab, "GET", ROUTE, path="slow.ipynb")["said"])
    assert until(lambda: not ask(lab, "GET", ROUTE, path="slow.ipynb")["said"])
    begin(lab, "slow.ipynb")
    assert until(lambda: is_running(folder))
    assert lab.stop() == 0
    assert until(lambda: not is_running(folder))


def test_process_that_breaks_says_the_last_line_of_its_complaint(tmp_path, monkeypatch):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "__main__.py").write_text("raise ValueError('no kernel')")
    monkeypatch.setattr(validation_process, "ROOT", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = ValidationProcess(tmp_path / "lesson.ipynb").wait()
    assert found == {"problem": "Validate ended with an error, which is not of your making: ValueError: no kernel"}


def test_nbgraders_own_dialog_would_show_the_same():
    marks = [{"name": "softmax", "state": "right", "text": ""}, {"name": "matmul", "state": "wrong", "text": "a < b"}]
    shown = answer({"title": "1 of 2 exercises", "marks": marks})
    assert shown["value"] == {"failed": [{"source": "matmul", "error": "a &lt; b", "raw_error": "a < b"}]}
    assert answer({"title": "", "marks": marks[:1]})["value"] == {}
    assert answer({"problem": STOPPED})["success"] is False
