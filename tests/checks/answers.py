"""The answers that people other than the course have given, exercise by exercise."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course.checks import registry


def answers(kind: str) -> dict[str, Any]:
    """exercise -> what tests/checks/<theme>/<kind>.py has for it, 'right' or 'wrong'."""
    found: dict[str, Any] = {}
    for theme in registry.THEMES:
        found |= runpy.run_path(str(Path(__file__).with_name(theme) / f"{kind}.py"))[kind.upper()]
    return found


def right_answers() -> dict[str, list[Callable]]:
    """exercise -> right answers, each written another way than the reference."""
    return answers("right")
