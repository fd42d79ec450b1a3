"""Stamps: a lesson whose tests have passed need not run again until something changes that they depend on."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

UNCHANGED = "lesson {} is unchanged since its tests passed; make test ARGS=--lessons=all runs them all the same"
APART = ("course/bench/", "course/lessons/")  # no run reads the bench, nor another lesson than its own
SHARED = (
    "tests/lessons/[!t]*.py", "tests/checks/answers.py", "tests/checks/*/right.py", "tests/nbval_sanitize.cfg",
    "requirements*", "pyproject.toml",
)  # fmt: skip


class Stamps:
    """For a run of pytest, or one of its workers: which lessons need not run, and which have passed when it ends."""

    def __init__(self, config: pytest.Config):
        self.cache, self.root = config.cache, config.rootpath
        self.skips = config.getoption("lessons") == "changed" and "CI" not in os.environ
        self.tests: dict[str, set[str]] = {}  # lesson -> the ids of its tests
        self.stamps: dict[str, str] = {}
        self.unchanged: set[str] = set()
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Before the first test: a file that changes while they run does not count as tested."""
        lessons: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            if number := lesson_of(item):
                lessons.setdefault(number, []).append(item)
        for number, items in lessons.items():
            self.tests[number] = {item.nodeid for item in items}
            self.stamps[number] = stamp(self.root, number, items)
            if self.skips and self.cache.get(f"lessons/{number}", None) == self.stamps[number]:
                self.unchanged.add(number)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if lesson_of(item) in self.unchanged:
            pytest.skip(UNCHANGED.format(lesson_of(item)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:  # before the test, in it, or after it
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        for number, tests in self.tests.items():
            if tests <= self.passed - self.failed:
                self.cache.set(f"lessons/{number}", self.stamps[number])


def lesson_of(item: pytest.Item) -> str:
    """The number of the lesson whose run an item needs; '' where it needs none."""
    mark = item.get_closest_marker("lesson")
    return mark.args[0] if mark else ""


def stamp(root: Path, number: str, items: list[pytest.Item]) -> str:
    """One text for all that the lesson's tests depend on: files, packages, Python, and which tests they are."""
    digest = hashlib.sha256(repr((sys.version, packages(), sorted(item.nodeid for item in items))).encode())
    for path in sorted({*files(root, number), *(item.path for item in items)}):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@functools.cache
def packages() -> list[str]:
    """What is installed, with its version."""
    return sorted(f"{one.name} {one.version}" for one in importlib.metadata.distributions())


def files(root: Path, number: str) -> Iterator[Path]:
    """Everything of the course that a run may read, the lesson, its stored notebook, and what its tests share."""
    for path in (root / "course").rglob("*"):
        inside = path.relative_to(root).as_posix()
        if path.is_file() and path.suffix != ".pyc" and not inside.startswith(APART):
            yield path
    for pattern in (f"course/lessons/{number}_*.py", f"solutions/{number}_*/*.ipynb", *SHARED):
        yield from root.glob(pattern)
