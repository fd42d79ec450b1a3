"""A class on a JupyterHub: from release to feedback in a browser, and many at once over HTTP, with nothing lost."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.classroom.author.browser import chromium, new_page
from course.classroom.teacher.hub import proxy
from tests.classroom import tiny
from tests.classroom.crowd import RIGHT, all_at_once, answer_of, collected, graded
from tests.classroom.hubs import Class, Person, running
from tests.classroom.student import Desk

CROWD = [f"s{number:03}" for number in range(1, 7)]
WRONG = RIGHT.replace(" / math.sqrt(key.shape[-1])", "")
MASK = "def causal_mask(n_positions):\n    return torch.ones(n_positions, n_positions).tril().bool()"
ANSWERS = {"ann": {1: RIGHT, 4: MASK}, "bob": {1: WRONG, 4: MASK}, "eve": {}}  # by the number of the code cell

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("jupyterhub") is None, reason="JupyterHub is not installed"),
    pytest.mark.skipif(
        not (os.environ.get("CONFIGURABLE_HTTP_PROXY") or shutil.which("configurable-http-proxy")),
        reason="JupyterHub's proxy is not installed: npm install --global configurable-http-proxy",
    ),
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="there is no bubblewrap here"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with running(tmp_path_factory.mktemp("hub"), [*ANSWERS, *CROWD]) as made:
        made.release()
        yield made


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")
def test_a_lesson_from_release_to_feedback(made):
    with new_page() as page:
        desks = {name: Desk(page.context.browser, made, name) for name in ANSWERS}
        said = {name: work(desk, ANSWERS[name]) for name, desk in desks.items()}
        assert "Validate: 2 of 2 exercises, 5 of 5 points" in said["ann"]
        assert "not divided by the square root of d_k" in said["bob"]
        assert "Validate: 1 of 2 exercises, 3 of 5 points" in said["bob"]
        assert said["eve"].count("not written yet") == 2
        made.teacher_types("nbgrader", "collect", tiny.NAME)
        assert {name: graded(made)[name] for name in ANSWERS} == {"ann": 5, "bob": 3, "eve": 0}
        made.teacher_types("nbgrader", "generate_feedback", tiny.NAME)
        made.teacher_types("nbgrader", "release_feedback", tiny.NAME)
        read = {name: desk.read_feedback() for name, desk in desks.items()}
        assert "5 of 5" in read["ann"]
        assert "3 of 5" in read["bob"]
        assert "not divided by the square root of d_k" in read["bob"]
        assert "0 of 5" in read["eve"]


def work(desk: Desk, answers: dict[int, str]) -> str:
    """Fetch, answer, validate, submit -> what Validate said."""
    assert desk.entries() == ["Assignment List"], "nothing for teachers"
    desk.fetch()
    desk.open()
    for number, source in answers.items():
        desk.write(number, source)
    said = desk.validate()
    desk.submit()
    return said


def test_many_at_once_lose_nothing(made):
    """As many as are cheap to start; python -m tests.classroom.crowd 30 takes thirty, and says how long they take."""
    all_at_once(made, CROWD)
    answers = collected(made)
    assert {name: answers[name] for name in CROWD} == {name: answer_of(name) for name in CROWD}
    points = graded(made)
    assert {name: points[name] for name in CROWD} == dict.fromkeys(CROWD, 2)


def test_nobody_enters_who_is_not_on_the_roster_or_has_no_password(made):
    for name, password in (("stranger", "only-for-a-trial"), ("ann", "another password")):
        person = Person(made, name)
        with pytest.raises(Exception, match="403"):
            person.log_in(password)


def test_a_student_cannot_use_the_server_of_another(made):
    ann, bob = Person(made, CROWD[0]), Person(made, CROWD[1])
    ann.log_in()
    bob.log_in()
    bob.start_server()
    ann.name = bob.name
    with pytest.raises(Exception, match=r"40[34]"):
        ann.ask("GET", "api/contents")


def test_proxy_is_the_one_that_runs():
    assert Path(proxy()).name.startswith("configurable-http-proxy")
