"""Verdicts: a submission's answers are asked in its room, and judged here, beside references that never were there."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from course.checks import SEEN_SEED
from course.checks.registry import EXERCISES, earlier_references
from course.grading import jobs
from course.grading.replay import UNCLEAR
from course.grading.sandbox import Room
from course.grading.served import Served
from course.grading.witness import Witness, put_right, witness
from course.judging import messages
from course.judging.exercise import Case, Draw, Exercise
from course.judging.isolation import kept_random_state
from course.judging.judge import Verdict, is_right, judge
from course.judging.observation import Observation, Value
from course.judging.observe import ALL, CPU_SECONDS, OUTPUT
from course.judging.recognise import Trials
from course.judging.source import Source, definitions
from course.judging.weights import READINGS

SECONDS = 6 * CPU_SECONDS  # for one question, on a busy computer


class Absent(Exception):
    """There is no function of that name; the text says what there is instead, or nothing."""


class Died(Exception):
    """The answer ended the process in which it was asked; the text says how."""


@dataclass(frozen=True)
class Judged(Verdict):
    """fits_seen_alone: it is right on the inputs that `check` shows to everybody, and wrong on others. unclear: it may
    be right, but the grader could not follow what it does."""

    fits_seen_alone: bool = False
    unclear: bool = False


class Examiner:
    """Who judges a lesson's exercises, on inputs drawn from one seed that no submission could know.

    explains: whether it says why an answer is wrong, which takes longer than to see that it is."""

    def __init__(self, lesson: int, seed: int, explains: bool = True) -> None:
        self.lesson, self.seed, self.explains = lesson, seed, explains
        self.trials = functools.cache(prepared)
        self.jobs, self.witnesses = functools.cache(self.job), functools.cache(self.witness)

    def job(self, name: str, seed: int, reading: str) -> bytes:
        return jobs.job(EXERCISES[name], self.trials(name, seed).cases, reading)

    def witness(self, name: str, seed: int, reading: str) -> Witness | None:
        return witness(EXERCISES[name], self.trials(name, seed).cases, reading)

    def examine(self, room: Room, name: str, right: Collection[str], texts: Sequence[str]) -> Judged:
        """The verdict on the answer to that exercise, as it stands in the room; Absent where there is none.

        right: the earlier exercises whose own answers are right: it is judged beside these, and beside the course's
        where they are not. texts: the submission's cells, in which the answer's source is looked for."""
        ours = list(earlier_references(name))
        wrong = [other for other in ours if other not in right]
        hidden = Asked(self, room, name, self.seed, texts)
        if hidden.right_beside(wrong) or (not hidden.late and len(wrong) < len(ours) and hidden.right_beside(ours)):
            return Judged(True, messages.right(hidden.exercise, len(self.trials(name, self.seed).cases)))
        if not self.explains:
            return Judged(False, f"{name} is not right yet.", unclear=hidden.unclear)
        seen = Asked(self, room, name, SEEN_SEED, texts)
        verdict = seen.verdict_beside(wrong)
        return (
            fits_seen_alone(hidden)
            if verdict.right
            else Judged(False, verdict.text, verdict.mistakes, unclear=hidden.unclear)
        )


def prepared(name: str, seed: int) -> Trials:
    """The cases of that seed, and what the reference and known mistakes do on them."""
    with kept_random_state():
        return Trials(EXERCISES[name], list(EXERCISES[name].cases(Draw(seed))))


def fits_seen_alone(hidden: Asked) -> Judged:
    """What can be said of an answer that is right on the inputs that check shows, and wrong on others."""
    text = "It is right on the inputs that `check` tries, and wrong on others: does it fit these alone?"
    return Judged(False, f"{hidden.name} is not right yet.\n  What:  {text}", (), True)


@dataclass
class Asked:
    """The questions about one answer, on the cases of one seed."""

    examiner: Examiner
    room: Room
    name: str
    seed: int
    texts: Sequence[str]
    late: bool = False
    unclear: bool = False

    @property
    def exercise(self) -> Exercise:
        return EXERCISES[self.name]

    @property
    def trials(self) -> Trials:
        return self.examiner.trials(self.name, self.seed)

    def observed(self, ours: list[str]) -> Iterator[tuple[Remote, list[Observation]]]:
        """What it does while the course's own functions stand beside it under these names; where the shape leaves open
        how a weight is meant, in both ways."""
        for reading in READINGS:
            remote = Remote(self, reading, ours)
            found = remote.observed(self.examiner.jobs(self.name, self.seed, reading), self.trials)
            self.late = any(one.failure and one.failure.kind == "TimeoutError" for one in found)
            doubt = None if self.late else self.examiner.witnesses(self.name, self.seed, reading)
            found = put_right(found, remote.seen_by(doubt, self.trials)) if doubt else found
            self.unclear |= any(one.failure and one.failure.text.startswith(UNCLEAR) for one in found)
            yield remote, found
            if self.late or not any(one.guessed for one in found):
                return

    def right_beside(self, ours: list[str]) -> bool:
        expected = self.trials.of(self.exercise.reference)
        return any(is_right(self.exercise, self.trials.cases, found, expected) for _, found in self.observed(ours))

    def verdict_beside(self, ours: list[str]) -> Verdict:
        """The verdict, with its reasons."""
        verdicts = [judge(self.trials, found, remote) for remote, found in self.observed(ours)]
        return max(verdicts, key=lambda verdict: (verdict.right, bool(verdict.mistakes)))


class Remote:
    """The answer, asked where it is; for the judge it is like an answer that is here."""

    def __init__(self, asked: Asked, reading: str, ours: list[str]) -> None:
        self.asked, self.reading, self.ours = asked, reading, ours
        self.exercise = asked.exercise
        self.data: Mapping[str, object] = {}

    def observed(self, job: bytes, trials: Trials) -> list[Observation]:
        """What it does on the cases of the job."""
        header, body = self.reply(job)
        names = header.get("data")
        self.data = {name: 0 for name in names if isinstance(name, str)} if isinstance(names, list) else {}
        return jobs.answered(header, body, trials.of(self.exercise.reference))

    def seen_by(self, doubt: Witness, trials: Trials) -> dict[int, Observation]:
        """What is seen here of what it could claim."""
        served, right = doubt.serves(), trials.of(self.exercise.reference)
        header, body = self.reply(doubt.job, OUTPUT, served)
        return doubt.seen(jobs.answered(header, body, [right[at] for at in doubt.cases]), served)

    def call(self, case: Case, inputs: dict[str, Any]) -> Value:
        """What it gives for one more call, written down. ValueError where it gives nothing."""
        once = replace(case, inputs=inputs)
        only = replace(self.exercise, laws=(), gradients=False)
        header, body = self.reply(jobs.job(only, [once], self.reading))
        found = jobs.answered(header, body, [Observation()])
        if not found or found[0].output is None:
            raise ValueError("no output")
        return found[0].output

    def reply(self, job: bytes, depth: int = ALL, serve: Served | None = None) -> tuple[dict[str, Any], bytes]:
        asked = self.asked
        header, body = asked.room.ask(asked.name, job, SECONDS, borrowable(asked.name), self.ours, depth, serve)
        if "absent" in header:
            raise Absent(str(header["absent"])[:100])
        if "died" in header:
            raise Died(str(header["died"])[:300])
        return header, body

    def source(self) -> Source | None:
        """Its definition in the cells, the last one."""
        for text in reversed(self.asked.texts):
            if found := defined(text, self.asked.name):
                return Source(found, self.data)
        return None


def defined(text: str, name: str) -> ast.FunctionDef | ast.ClassDef | None:
    try:
        found = definitions(ast.parse(text), {name})
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return found[-1] if found else None


@functools.cache
def borrowable(name: str) -> tuple[tuple[str, str, str], ...]:
    """Module, name and source of the exercises of the same lesson before this one."""
    exercises = list(EXERCISES.values())
    earlier = exercises[: exercises.index(EXERCISES[name])]
    same = [one.reference for one in earlier if one.lesson == EXERCISES[name].lesson]
    return tuple((one.__module__, one.__name__, inspect.getsource(one)) for one in same)
