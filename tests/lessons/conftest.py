"""The run of the lesson that a file of tests is about."""

from typing import Any

import pytest

from tests.lessons import run_lesson


@pytest.fixture(scope="module")
def lesson(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The variables that it leaves behind; its number is in the file's mark."""
    return run_lesson(request.node.get_closest_marker("lesson").args[0])
