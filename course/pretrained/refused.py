"""Refused: what a model's files hold that the course cannot read as it stands there."""

from __future__ import annotations

from collections.abc import Iterable


class Refused(ValueError):
    """A file is missing, torn or foreign, or asks for what the course does not have; which, and why."""


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first of the names, and how many more there are."""
    names = sorted(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
