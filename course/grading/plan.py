"""Plan: which cells of a submitted notebook have to run before its exercises can be asked."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from course.grading.effects import WORLD, changeable, effects_of, reached
from course.grading.names import MOST_CHARACTERS, Names, names_of, names_of_words

MOST_GIVEN = 1000  # cells of a lesson, which stand in every submission: each is looked at once
names_of_given, effects_of_given, changeable_given = map(
    functools.lru_cache(MOST_GIVEN), (names_of, effects_of, changeable)
)


@dataclass(frozen=True)
class Cell:
    """A code cell of a submission."""

    name: str  # nbgrader's grade_id, or the cell's id
    kind: str  # "answer", "check", "test" (a teacher's), "given" (as released) or "own" (a learner's: added, changed)
    source: str


def needed(cells: Sequence[Cell]) -> list[bool]:
    """Whether each cell is to be run, in the order of the notebook.

    Answers, tests and own cells are; checks never, since the grader asks there itself. Of the given ones the
    first is, and the one named setup; each that binds a name which something that runs reads behind it, or in a
    function, which may be called at any later time; each that may change an object which such a name holds; each that
    has effect without a name. Where one that runs may read everything, all given before it run. Nothing after the last
    check or test decides a grade, so nothing after it is run, own cells neither. Without any these rules hold to the
    end."""
    last = max((place for place, cell in enumerate(cells) if cell.kind in ("check", "test")), default=len(cells) - 1)
    looked_at = cells[: last + 1]
    names = names_of_all(looked_at)
    touches = touched(names, [cell.kind for cell in looked_at])
    first = min(touches, default=None)
    new = {place for place, cell in enumerate(looked_at) if cell.kind != "given" or is_setup(cell, place == first)}
    wanted, runs, all_before = {WORLD: len(cells)}, set(), 0
    while new:
        runs |= new
        for place in new:
            wanted |= {name: max(place, wanted.get(name, 0)) for name in names[place].first}
            wanted |= dict.fromkeys(names[place].later, len(cells))
            all_before = max(all_before, place if names[place].reads_all else 0)
        new = {place for place in touches if place < all_before or is_wanted(place, touches[place], wanted)} - runs
    return [place in runs and cell.kind != "check" for place, cell in enumerate(cells)]


def names_of_all(cells: Sequence[Cell]) -> list[Names]:
    """The names of each; once a learner has written more than anybody reads, the rest is taken by its words."""
    found, written = [], 0
    for cell in cells:
        written += len(cell.source) if cell.kind in ("answer", "own") else 0
        if cell.kind == "given":
            found.append(names_of_given(cell.source))
        else:
            found.append(names_of(cell.source) if written <= MOST_CHARACTERS else names_of_words(cell.source))
    return found


def is_setup(cell: Cell, first: bool) -> bool:
    return first or cell.name == "setup"


def is_wanted(place: int, touches: Iterable[str], wanted: Mapping[str, int]) -> bool:
    """Whether one of the names that a cell there touches is read behind it; wanted: name -> where it is read last."""
    return any(wanted.get(name, -1) > place for name in touches)


def touched(names: Sequence[Names], kinds: Sequence[str]) -> dict[int, set[str]]:
    """For each given cell, by its place: the names that it binds, and those whose objects it may change."""
    effects = {place: effects_of_given(names[place]) for place, kind in enumerate(kinds) if kind == "given"}
    of_each = [(changeable_given if place in effects else changeable)(one) for place, one in enumerate(names)]
    values = {WORLD}.union(*of_each, *(one.bound_inside for one in names))
    holds, calls, later = defaultdict(set), defaultdict(set), defaultdict(set)
    for place, effect in effects.items():
        for name in effect.holds.keys() & values:
            holds[name] |= effect.holds[name] & values
        for name in effect.defines:
            calls[name] |= names[place].inside
            later[name] |= effect.later
    found = {}
    for place, effect in effects.items():
        by_calls = set().union(*(later[name] for name in reached(names[place].reads, calls) & later.keys()))
        found[place] = {*names[place].binds, *effect.patches, *reached((effect.changes | by_calls) & values, holds)}
    return found
