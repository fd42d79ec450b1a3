"""The table of exercises: does each check recognise every mistake by name, and accept every right answer?"""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course.checks import HIDDEN_SEED, SEEN_SEED, examine
from course.checks.registry import EXERCISES
from course.judging.exercise import Draw, Exercise
from course.judging.mistakes import wrong_answers

RIGHT_ANSWERS = Path(__file__).parents[2] / "tests" / "checks" / "right_answers"
SEEDS = (SEEN_SEED, HIDDEN_SEED)
HEAD = ("lesson", "exercise", "cases", "laws", "mistakes", "recognised", "right answers accepted")


@dataclass(frozen=True)
class Row:
    """What one exercise has, and what its check got wrong: mistakes not named as themselves, right answers refused."""

    exercise: Exercise
    cases: int
    right: int | None  # right answers tried, the reference among them; None where the repository has no others
    unrecognised: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.unrecognised and not self.refused


def survey(say: Callable[[str], None] = lambda text: None) -> list[Row]:
    """One row for each exercise, each mistake and each right answer tried on the seen and on the hidden seed.

    It takes a second or two an exercise; `say` is told which one is being tried."""
    answers, rows = right_answers(RIGHT_ANSWERS), []
    for number, (name, exercise) in enumerate(EXERCISES.items(), 1):
        say(f"[{number}/{len(EXERCISES)}] {name}")
        rows.append(examined(exercise, answers.get(name)))
    return rows


def right_answers(folder: Path) -> dict[str, list[Callable]]:
    """Exercise name -> correct answers written in other ways, from RIGHT in every file of the folder."""
    found: dict[str, list[Callable]] = {}
    for path in sorted(folder.glob("[a-z]*.py")):
        found |= runpy.run_path(str(path))["RIGHT"]
    return found


def examined(exercise: Exercise, answers: list[Callable] | None) -> Row:
    """The exercise's row."""
    unrecognised = [
        mistake.name
        for mistake, answer in wrong_answers(exercise).items()
        if any(examine(exercise, answer, seed).mistake is not mistake for seed in SEEDS)
    ]
    refused = [
        getattr(answer, "__qualname__", repr(answer))
        for answer in [exercise.reference, *(answers or [])]
        if not all(examine(exercise, answer, seed).right for seed in SEEDS)
    ]
    cases = len(list(exercise.cases(Draw(SEEN_SEED))))
    return Row(exercise, cases, 1 + len(answers) if answers else None, tuple(unrecognised), tuple(refused))


def table(rows: list[Row] | None = None) -> str:
    """The rows as aligned text, their total, and a line for whatever is not recognised or not accepted."""
    rows = survey() if rows is None else rows
    lines = [HEAD, *(texts(row) for row in rows), total(rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = ["  ".join(aligned(line, widths)).rstrip() for line in lines]
    shown[1:1] = shown[-1:-1] = ["-" * (sum(widths) + 2 * len(widths) - 2)]
    return "\n".join(shown + [line for row in rows for line in complaints(row)])


def texts(row: Row) -> tuple[str, ...]:
    """One row's cells."""
    exercise, n_mistakes = row.exercise, len(row.exercise.mistakes)
    recognised = f"{n_mistakes - len(row.unrecognised)} of {n_mistakes}"
    accepted = "-" if row.right is None else f"{row.right - len(row.refused)} of {row.right}"
    counts = str(row.cases), str(len(exercise.laws)), str(n_mistakes)
    return (lesson_of(exercise), exercise.name, *counts, recognised, accepted)


def total(rows: list[Row]) -> tuple[str, ...]:
    """The last line: sums of all the columns."""
    n_mistakes = sum(len(row.exercise.mistakes) for row in rows)
    n_unrecognised = sum(len(row.unrecognised) for row in rows)
    known = [row for row in rows if row.right is not None]
    n_right, n_refused = sum(row.right for row in known), sum(len(row.refused) for row in known)
    accepted = f"{n_right - n_refused} of {n_right}" if known else "-"
    return (
        "total", f"{len(rows)} exercises", str(sum(row.cases for row in rows)),
        str(sum(len(row.exercise.laws) for row in rows)), str(n_mistakes),
        f"{n_mistakes - n_unrecognised} of {n_mistakes}", accepted,
    )  # fmt: skip


def complaints(row: Row) -> list[str]:
    """One line for each mistake that is not recognised and each right answer that is refused."""
    name = row.exercise.name
    return [f"WRONG {name}: the mistake {mistake!r} is not recognised by its name" for mistake in row.unrecognised] + [
        f"WRONG {name}: the right answer {answer} is not accepted" for answer in row.refused
    ]


def lesson_of(exercise: Exercise) -> str:
    """'04'."""
    return f"{exercise.lesson:02}"


def aligned(line: tuple[str, ...], widths: list[int]) -> list[str]:
    """Names to the left, numbers to the right."""
    padded = zip(line, widths, strict=True)
    return [text.ljust(width) if column < 2 else text.rjust(width) for column, (text, width) in enumerate(padded)]
