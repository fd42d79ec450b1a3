"""Report: what a teacher wants to know of a class after grading, as a page and as a few lines for the terminal."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from course.checks.registry import EXERCISES
from course.classroom.pages import Pages, number, plain
from course.classroom.teacher.results import BLANK, GRADED, RIGHT, WRONG, Mark, Result

OURS = "the grader"  # so begins the reason where not the submission failed but our program
N_SLOWEST, N_NAMED, N_LINES, MOST_BARS, MOST_LINE = 5, 3, 20, 20, 200


@dataclass(frozen=True)
class Tally:
    """How a class did in one exercise. mistakes: name, what a teacher would say, how many made it; most first."""

    name: str
    most: float
    right: int
    wrong: int
    blank: int
    mistakes: tuple[tuple[str, str, int], ...]

    @property
    def of(self) -> int:
        return self.right + self.wrong + self.blank

    @property
    def words(self) -> str:
        """'right 210, wrong 80, blank 10, of 300'"""
        return f"right {self.right}, wrong {self.wrong}, blank {self.blank}, of {self.of}"

    def shares(self) -> list[tuple[str, float, float]]:
        """What a bar of length 100 shows: state, where it begins, how long it is."""
        lengths = [(state, 100 * getattr(self, state) / max(1, self.of)) for state in (RIGHT, WRONG, BLANK)]
        return [(state, sum(long for _, long in lengths[:at]), long) for at, (state, long) in enumerate(lengths)]


@dataclass(frozen=True)
class Bar:
    """Of the distribution: these points, and how many have them."""

    label: str
    count: int


@dataclass(frozen=True)
class Class:
    """The results of a lesson, sorted by what a teacher has to do about them."""

    graded: list[Result]
    human: list[Result]
    failed: list[Result]
    suspicious: list[Result]
    slowest: list[Result]
    blank: int

    @classmethod
    def of(cls, results: Sequence[Result]) -> Class:
        graded = [one for one in results if one.outcome == GRADED]
        failed = [one for one in results if one.outcome != GRADED and one.reason.startswith(OURS)]
        human = [one for one in results if one.outcome != GRADED and not one.reason.startswith(OURS)]
        slowest = sorted(results, key=lambda one: -one.seconds)[:N_SLOWEST]
        suspicious = [one for one in results if one.suspicions]
        return cls(graded, human, failed, suspicious, slowest, sum(map(is_blank, graded)))

    @property
    def points(self) -> list[float]:
        return [one.points for one in self.graded]

    @property
    def most(self) -> float:
        return max((sum(mark.most for mark in one.marks) for one in self.graded), default=0.0)


def is_blank(result: Result) -> bool:
    return bool(result.marks) and all(mark.state == BLANK for mark in result.marks)


def tallies(results: Sequence[Result]) -> list[Tally]:
    """One for each exercise, in their order in the notebook."""
    marks: dict[str, list[Mark]] = {}
    for result in results:
        for mark in result.marks:
            marks.setdefault(mark.name, []).append(mark)
    return [tally(name, given) for name, given in marks.items()]


def tally(name: str, marks: Sequence[Mark]) -> Tally:
    states = Counter(mark.state for mark in marks)
    made = Counter(mistake for mark in marks for mistake in dict.fromkeys(mark.mistakes))
    says = {one.name: one.says for one in EXERCISES[name].mistakes} if name in EXERCISES else {}
    mistakes = tuple((mistake, says.get(mistake, ""), count) for mistake, count in made.most_common())
    return Tally(name, max(mark.most for mark in marks), states[RIGHT], states[WRONG], states[BLANK], mistakes)


def distribution(points: Sequence[float], most: float) -> list[Bar]:
    """How many have which points: a bar for each whole number of them, or for as many as leave twenty bars."""
    width = max(1, math.ceil((most + 1) / MOST_BARS))
    places = Counter(int(have // width) for have in points)
    return [Bar(label(at * width, width), places[at]) for at in range(int(most // width) + 1)]


def label(first: int, width: int) -> str:
    return str(first) if width == 1 else f"{first}-{first + width - 1}"


class ClassPage(Pages):
    """The page of a class, whose template stands beside this file."""


def report(results: Sequence[Result], lesson: str) -> str:
    """The page, whole in one file, for a browser without a network."""
    found = Class.of(results)
    bars = distribution(found.points, found.most)
    return ClassPage().page(
        "class.html.j2", lesson=lesson, n=len(results), found=found, bars=bars, middle=middle(found),
        highest=max((bar.count for bar in bars), default=0) or 1, tallies=tallies(found.graded),
        in_words=", ".join(f"{bar.label} points: {bar.count}" for bar in bars if bar.count),
    )  # fmt: skip


def middle(found: Class) -> str:
    """'median 9 of 13, all points 25, none 4 (blank 3)'; '' where nobody is graded."""
    if not found.points:
        return ""
    whole = sum(have >= found.most for have in found.points)
    none = sum(have == 0 for have in found.points)
    middle = f"median {number(statistics.median(found.points))} of {number(found.most)}"
    return f"{middle}; all points {whole}; none {none}{f' (blank {found.blank})' if found.blank else ''}"


def in_words(results: Sequence[Result]) -> str:
    """The same in a few lines, each of which a terminal may show: nothing in them moves a cursor."""
    if not results:
        return "Nobody's work has been graded."
    found, lesson = Class.of(results), results[0].lesson
    lines = [
        f"{lesson}: {len(results)} handed in, {len(found.graded)} graded, {len(found.human)} for a human, "
        f"{len(found.failed)} failed, {len(found.suspicious)} suspicious"
    ]
    lines += [f"points: {middle(found)}"] if found.points else []
    lines += [f"  {one.name}: {one.words}{named(one)}" for one in tallies(found.graded)]
    lines += listed("needs a human", [f"{one.student}: {first_line(one.reason)}" for one in found.human])
    lines += listed("failed", [f"{one.student}: {first_line(one.reason)}" for one in found.failed])
    lines += listed("suspicious", [f"{one.student}: {'; '.join(one.suspicions)}" for one in found.suspicious])
    lines += ["slowest: " + ", ".join(f"{one.student} {one.seconds:.0f} s" for one in found.slowest)]
    return "\n".join(in_one_line(line) for line in lines)


def named(one: Tally) -> str:
    """'; not scaled 40, multiplied 3': the mistakes that most made."""
    told = ", ".join(f"{name} {count}" for name, _, count in one.mistakes[:N_NAMED])
    return f"; {told}" if told else ""


def first_line(text: str) -> str:
    return text.partition("\n")[0]


def listed(title: str, lines: Sequence[str]) -> list[str]:
    """Each below the title; of very many the first."""
    more = [f"{title}: {len(lines) - N_LINES} more"] if len(lines) > N_LINES else []
    return [f"{title}: {line}" for line in lines[:N_LINES]] + more


def in_one_line(line: str) -> str:
    text = " ".join(plain(line).split("\n"))
    return text if len(text) <= MOST_LINE else f"{text[:MOST_LINE]} ..."
