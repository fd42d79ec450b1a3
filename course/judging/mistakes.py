"""Mistakes: wrong answers that people really give, each a diff of the reference and what a teacher would say.

A file of mistakes names an exercise, then mistake after mistake, with an empty line between them:

    # attention_scores

    scaled by T_k
    -     return query @ key.transpose(-2, -1) / math.sqrt(d_k)
    +     return query @ key.transpose(-2, -1) / math.sqrt(key.shape[-2])
    > the scale is taken from the number of keys; a score is a sum over d_k products, and it is d_k
    > that makes it grow.

The lines with '-' stand in the reference, exactly once, and make room for those with '+'. The next '-' after a '+'
begins a second hunk of the same mistake. Where lines are only added, a hunk holds a neighbour twice, gone and come."""

from __future__ import annotations

import contextlib
import difflib
import functools
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.judging.exercise import Exercise, Hunk, Mistake


def mistakes_beside(file: str) -> dict[str, tuple[Mistake, ...]]:
    """What mistakes.diff says, in the folder of that file: exercise -> its mistakes, in their order."""
    path = Path(file).with_name("mistakes.diff")
    return read_mistakes(path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}")


def read_mistakes(text: str, file: str) -> dict[str, tuple[Mistake, ...]]:
    """Exercise -> its mistakes, in their order. ValueError with file and line where something is missing."""
    found: dict[str, tuple[Mistake, ...]] = {}
    exercise = ""
    for first, lines in paragraphs(text):
        if lines[0].startswith("# "):
            exercise = lines[0].removeprefix("# ")
            found.setdefault(exercise, ())
        elif not exercise:
            raise ValueError(f"{file}:{first}: a mistake before the name of its exercise ('# softmax')")
        else:
            found[exercise] += (read_mistake(lines, f"{file}:{first}"),)
    return found


def paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that stand together, with the number of the first; a mark alone ('+') is no empty line."""
    numbered = enumerate(text.splitlines(), 1)
    for empty, together in itertools.groupby(numbered, key=lambda one: not one[1]):
        lines = list(together)
        if not empty:
            yield lines[0][0], [line for _, line in lines]


def read_mistake(lines: list[str], place: str) -> Mistake:
    """Its name, its hunks, its sentence; ValueError where they are not there, in this order."""
    name, marked = lines[0], [(line[:1], line[2:]) for line in lines[1:]]
    signs = "".join(sign for sign, _ in marked)
    hunks = signs.rstrip(">")
    if name[0] in "-+>" or not signs.endswith(">") or set(hunks) - set("-+") or not hunks.startswith("-"):
        raise ValueError(f"{place}: a mistake is a line with its name, then lines with - and +, then lines with >")
    says = " ".join(line for sign, line in marked if sign == ">")
    return Mistake(name, tuple(read_hunks(marked[: len(hunks)])), says, place)


def read_hunks(marked: list[tuple[str, str]]) -> Iterator[Hunk]:
    """Lines that go and lines that come, a pair for each time that the one follows the other."""
    blocks = [[line for _, line in some] for _, some in itertools.groupby(marked, key=lambda one: one[0])]
    for old, new in itertools.zip_longest(blocks[::2], blocks[1::2], fillvalue=[]):
        yield Hunk(tuple(old), tuple(new))


def wrong_source(reference: Callable, mistake: Mistake) -> str:
    """The reference's source with the mistake in it. ValueError where a hunk does not match exactly once."""
    lines = list(lines_of(reference))
    places = places_of(reference, mistake)
    for at in sorted(places, reverse=True):  # the last first, so that the others stay where they are
        lines[at : at + len(places[at].old)] = places[at].new
    return "\n".join(lines) + "\n"


@functools.cache
def lines_of(reference: Callable) -> tuple[str, ...]:
    """The reference's source, line by line."""
    return tuple(textwrap.dedent(inspect.getsource(reference)).splitlines())


@functools.cache
def places_of(reference: Callable, mistake: Mistake) -> dict[int, Hunk]:
    """Where each of the mistake's hunks begins in the reference."""
    return {place_of(hunk, lines_of(reference), reference, mistake): hunk for hunk in mistake.hunks}


def place_of(hunk: Hunk, lines: Sequence[str], reference: Callable, mistake: Mistake) -> int:
    """Where the hunk's old lines stand in the reference."""
    height = len(hunk.old)
    places = [at for at in range(len(lines) - height + 1) if tuple(lines[at : at + height]) == hunk.old]
    if len(places) == 1:
        return places[0]
    raise ValueError(
        f"{mistake.place}: {mistake.name!r}: the lines to be replaced stand {len(places)} times in "
        f"{reference.__name__}, but must stand there once:\n" + "\n".join(hunk.old)
    )


def compiled(reference: Callable, source: str, name: str) -> Callable:
    """What that source defines in the place of the reference. SyntaxError where it is no Python."""
    namespace = dict(vars(inspect.getmodule(reference)))
    exec(compile(source, f"<{reference.__name__} with {name}>", "exec"), namespace)
    return namespace[reference.__name__]


@functools.cache
def wrong_answer(reference: Callable, mistake: Mistake) -> Callable:
    """The reference with the mistake in it, as a learner would have it."""
    return compiled(reference, wrong_source(reference, mistake), mistake.name)


def wrong_answers(exercise: Exercise) -> dict[Mistake, Callable]:
    """Every known mistake of the exercise, as a function or class that makes it."""
    return {mistake: wrong_answer(exercise.reference, mistake) for mistake in exercise.mistakes}


# Two mistakes at once: each is a few edits of the source; where they do not touch each other, both can be made.


@dataclass(frozen=True)
class Edit:
    """Another text from one place of the source up to another."""

    start: int
    end: int
    text: str


def answer_with_both(reference: Callable, one: Mistake, other: Mistake) -> Callable | None:
    """The reference with both mistakes in it; None where they cannot be made at once."""
    source = with_both(reference, one, other)
    with contextlib.suppress(SyntaxError):
        return compiled(reference, source, f"{one.name} and {other.name}") if source else None
    return None


def with_both(reference: Callable, one: Mistake, other: Mistake) -> str | None:
    """The reference's source with both mistakes in it; None where they change the same words."""
    edits = sorted([*edits_of(reference, one), *edits_of(reference, other)], key=lambda edit: (edit.start, edit.end))
    if any(first.end > then.start or first.start == then.start for first, then in itertools.pairwise(edits)):
        return None
    source = "\n".join(lines_of(reference)) + "\n"
    for edit in reversed(edits):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source


@functools.cache
def edits_of(reference: Callable, mistake: Mistake) -> tuple[Edit, ...]:
    """The words of the source that the mistake changes, as few as possible."""
    lines, found = lines_of(reference), []
    for at, hunk in places_of(reference, mistake).items():
        start = sum(len(line) + 1 for line in lines[:at])
        old, new = ("".join(f"{line}\n" for line in some) for some in (hunk.old, hunk.new))
        found += edits_between(old, new, start)
    return tuple(found)


def edits_between(old: str, new: str, start: int) -> Iterator[Edit]:
    """How the new text comes out of the old, which begins at that place: word by word, sign by sign."""
    words, others = (re.findall(r"\w+|\s+|.", text) for text in (old, new))
    ends = [start, *itertools.accumulate(map(len, words), initial=start)][1:]
    for kind, first, last, since, until in difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Edit(ends[first], ends[last], "".join(others[since:until]))
