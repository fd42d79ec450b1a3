"""Fixtures for the grader: to begin a sandbox takes three seconds of computing, so those who can share one."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest

from course.grading.sandbox import Room, Sandbox
from tests.grading import LIMITS, place_for


@pytest.fixture(scope="session")
def places() -> Iterator[Any]:
    """Lesson -> its sandbox."""
    with ExitStack() as opened:
        yield cache(lambda number: opened.enter_context(place_for(number)))


@pytest.fixture(scope="session")
def place(places: Any) -> Sandbox:
    """The sandbox of lesson 00."""
    return places(0)


@pytest.fixture
def room(place: Sandbox) -> Iterator[Room]:
    """A room in which nobody has been."""
    with place.enter(LIMITS) as room:
        yield room
