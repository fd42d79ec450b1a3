"""Help folds: each message that a "what I see" quotes is one that somebody gets."""

from __future__ import annotations

import functools
import itertools
import re
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.checks import SEEN_SEED, examine
from course.checks.registry import EXERCISES, THEMES
from course.classroom.author.exercises import prose_of_exercises
from course.judging.mistakes import wrong_answers

# exercise -> answers with slips that are no known mistakes; exercise -> known mistake -> another answer that makes it
SLIPS: dict[str, list[Callable]] = {}
WRONG: dict[str, dict[str, Callable]] = {}
for theme in THEMES:
    told = runpy.run_path(str(Path(__file__).with_name(theme) / "wrong.py"))
    SLIPS |= told.get("SLIPS", {})
    WRONG |= told["WRONG"]

# What no check says: Jupyter or Python does, before there is an answer to check.
SAID_BY_OTHERS = {"IndentationError", "NotImplementedError"}


def quotes() -> Iterator[tuple[str, str]]:
    """Exercise, and a message that one of its Help folds quotes."""
    for name, prose in prose_of_exercises():
        for heading in re.findall(r"^Help:(.*)", prose, flags=re.MULTILINE):
            if " see " in heading or " told " in heading:
                quoted = re.findall(r"`([^`]+)`", heading)
                yield from ((name, quote) for quote in quoted if quote not in SAID_BY_OTHERS and quote not in EXERCISES)


def answers_to(name: str) -> Iterator[Callable]:
    """Wrong answers to that exercise, slips first."""
    return itertools.chain(SLIPS.get(name, []), wrong_answers(EXERCISES[name]).values(), WRONG.get(name, {}).values())


@functools.cache
def message(name: str, answer: Callable) -> str:
    """What somebody with this answer gets to hear, in one line."""
    return " ".join(examine(EXERCISES[name], answer, SEEN_SEED).text.split())


@pytest.mark.parametrize(("name", "quote"), [pytest.param(*one, id=": ".join(one)) for one in quotes()])
def test_what_a_help_quotes_is_said(name, quote):
    """Three dots stand for anything."""
    pattern = ".*".join(map(re.escape, quote.split("...")))
    heard = any(re.search(pattern, message(name, answer)) for answer in answers_to(name))
    assert heard, f"no known wrong answer to {name} is told {quote!r}"
