"""Hubs: a JupyterHub with a made class, and people who do there over HTTP what their browser would do."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import requests
from nbformat import NotebookNode

from course.classroom import ROOT
from course.classroom.author.browser import free_port
from course.classroom.author.lesson import read_lesson
from course.classroom.author.notebook import make_notebook
from course.classroom.teacher.hub import Hub, create
from tests import PATIENCE
from tests.classroom import tiny

COURSE, PASSWORD, PATH = "transformer", "only-for-a-trial", f"{tiny.NAME}/{tiny.NAME}.ipynb"


@dataclass(frozen=True)
class Class:
    """A class whose hub runs: all in one account, the tiny lesson their only one."""

    hub: Hub
    process: subprocess.Popen

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.hub.port}"

    def teacher_types(self, *arguments: str) -> str:
        """What `python -m ARGUMENTS` says in the folder of the course; it must go well."""
        variables = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=self.hub.course, env=variables, capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def release(self) -> None:
        self.teacher_types("nbgrader", "generate_assignment", tiny.NAME)
        self.teacher_types("nbgrader", "release_assignment", tiny.NAME)

    def log(self) -> str:
        return (self.hub.folder / "log").read_text()


@contextlib.contextmanager
def running(folder: Path, students: list[str]) -> Iterator[Class]:
    """The hub of a new class with that roster, until it has ended with all that it started."""
    roster = folder / "roster.csv"
    roster.write_text("id,first_name,last_name,email\n" + "".join(f"{name},,,\n" for name in students))
    hub = Hub(folder / "class", "teacher", free_port(), PASSWORD)
    create(hub, roster)
    put_tiny(hub.course / "solutions")
    config = hub.folder / "jupyterhub_config.py"
    ours = (
        f"c.JupyterHub.hub_port = {free_port()}\nc.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{free_port()}'\n"
    )
    config.write_text(config.read_text() + ours)
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    with (hub.folder / "log").open("w") as log:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=subprocess.STDOUT)
    made = Class(hub, process)
    try:
        until(lambda: answers(made))
        yield made
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def put_tiny(solutions: Path) -> None:
    """The tiny lesson beside the others."""
    (solutions / tiny.NAME).mkdir()
    source = solutions.parent / f"{tiny.NAME}.py"
    source.write_text(tiny.TEXT, encoding="utf-8")
    nbformat.write(make_notebook(read_lesson(source)), solutions / tiny.NAME / f"{tiny.NAME}.ipynb")


def answers(made: Class) -> bool:
    assert made.process.poll() is None, made.log()
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{made.address}/hub/api", timeout=60).ok
    return False


def until(happened: Callable[[], Any], pause: float = 0.1) -> Any:
    """What happened, as soon as it has."""
    deadline = time.monotonic() + PATIENCE
    while not (found := happened()):
        assert time.monotonic() < deadline, "it must not take so long"
        time.sleep(pause)
    return found


class Person:
    """Somebody with an account on the hub, and no browser."""

    def __init__(self, made: Class, name: str) -> None:
        self.address, self.name, self.web = made.address, name, requests.Session()

    def log_in(self, password: str = PASSWORD) -> None:
        """By the hub's own form; from then on with a token of one's own."""
        page = f"{self.address}/hub/login"
        self.web.get(page, timeout=PATIENCE)
        form = {"username": self.name, "password": password, "_xsrf": self.web.cookies["_xsrf"]}
        self.web.post(page, data=form, allow_redirects=False, timeout=PATIENCE).raise_for_status()
        asked = {"X-XSRFToken": self.web.cookies.get("_xsrf", path="/hub/"), "Referer": page}
        token = self.web.post(self.of_hub("tokens"), headers=asked, timeout=PATIENCE)
        token.raise_for_status()
        self.web = requests.Session()
        self.web.headers["Authorization"] = f"token {token.json()['token']}"

    def of_hub(self, what: str = "") -> str:
        return f"{self.address}/hub/api/users/{self.name}/{what}".rstrip("/")

    def start_server(self) -> None:
        """If it does not run yet."""
        if not self.servers():
            self.web.post(self.of_hub("server"), timeout=PATIENCE).raise_for_status()
        until(self.has_server, 0.5)

    def has_server(self) -> bool:
        servers = self.servers()
        assert servers, f"the server of {self.name} must start"
        return servers[""]["ready"]

    def servers(self) -> dict[str, Any]:
        return self.web.get(self.of_hub(), timeout=PATIENCE).json()["servers"]

    def ask(self, method: str, what: str, **arguments: Any) -> Any:
        """Their server's answer."""
        url = f"{self.address}/user/{self.name}/{what}"
        answer = self.web.request(method, url, timeout=PATIENCE, **arguments)
        answer.raise_for_status()
        return answer.json()

    def assignment(self, action: str) -> Any:
        """fetch, submit or fetch_feedback, as the Assignment List does it."""
        return self.ask("POST", f"assignments/{action}", json={"course_id": COURSE, "assignment_id": tiny.NAME})

    def listed(self) -> list[dict]:
        answer = self.ask("GET", "assignments", params={"course_id": COURSE})
        assert answer["success"], answer
        return answer["value"]

    def notebook(self) -> NotebookNode:
        return nbformat.from_dict(self.ask("GET", f"api/contents/{PATH}")["content"])

    def save(self, notebook: NotebookNode) -> None:
        self.ask("PUT", f"api/contents/{PATH}", json={"type": "notebook", "format": "json", "content": notebook})
