"""Judge: right or wrong, and if not, what is wrong, why, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from course.judging import faults, messages
from course.judging.comparison import same_gradients, same_outputs, similar_value
from course.judging.difference import apart, places
from course.judging.elsewhere import elsewhere
from course.judging.exercise import Case, Exercise, Mistake
from course.judging.influence import influence
from course.judging.isolation import in_time, kept_random_state, quiet
from course.judging.observation import Failure, Observation
from course.judging.observe import Subject
from course.judging.questions import problems
from course.judging.recognise import Trials, recognise
from course.judging.relations import relation
from course.judging.source import LIKELY, SURE, Source, cause, cut_off, slip
from course.judging.weights import READINGS

CPU_SECONDS = 3  # for asking once more, the reference or the answer
MOST_CASES = 2  # on which it is asked


@dataclass(frozen=True)
class Verdict:
    """Right or wrong, the text for the learner, and the mistakes that have a name: one, or two at once."""

    right: bool
    text: str
    mistakes: tuple[Mistake, ...] = ()

    @property
    def mistake(self) -> Mistake | None:
        """The one mistake, where it is one."""
        return self.mistakes[0] if len(self.mistakes) == 1 else None


def judge(trials: Trials, observed: list[Observation], answer: Subject | None = None) -> Verdict:
    """The verdict on observations, which may come from another process.

    Without the answer itself it runs only the reference and known mistakes; with it, it can ask and read further."""
    exercise, cases = trials.exercise, trials.cases
    with quiet(), kept_random_state(), torch.enable_grad():  # a law may divide by zero on a wrong answer
        expected = trials.of(exercise.reference)
        wrong = list(problems(exercise, cases, observed, expected))
        if not wrong:
            return Verdict(True, messages.right(exercise, len(cases)))
        if any(seen.failure and seen.failure.nothing_written for seen in observed):
            return Verdict(False, messages.wrong(exercise, wrong[0].text))
        known = recognise(trials, observed, expected)
        if known:
            why = known.says
            what, also = faults.of_mistakes(trials, known, wrong, observed, expected)
        else:
            why = next(filter(None, reasons(exercise, cases, observed, expected, answer)), None)
            what, also = faults.of_outputs(wrong, observed, expected) if why else (wrong[0].text, None)
        tried = zip(observed, expected, strict=False)
        printed = next((seen.printed for seen, want in tried if went_wrong(seen, want)), "")
        text = messages.wrong(exercise, what, why, also, printed)
        return Verdict(False, text, known.mistakes if known else ())


def went_wrong(seen: Observation, want: Observation) -> bool:
    return bool(seen.failure) != bool(want.failure) or not same_outputs(seen, want)


def is_right(exercise: Exercise, cases: list[Case], observed: list[Observation], expected: list[Observation]) -> bool:
    """Whether nothing is wrong, without a word on what."""
    with quiet(), kept_random_state(), torch.enable_grad():
        return next(problems(exercise, cases, observed, expected), None) is None


def reasons(
    exercise: Exercise, cases: list[Case], observed: list[Observation], expected: list[Observation],
    answer: Subject | None,
) -> Iterator[str | None]:  # fmt: skip
    """Why it is wrong, the surest first; each is true of what was observed, or stands in the answer's own text."""
    source = answer.source() if answer else None
    tried = list(zip(cases, observed, expected, strict=False))
    failing = ((case, seen) for case, seen, want in tried if seen.failure and not want.failure)
    at, failed = next(failing, (None, Observation()))
    wrong = [(case, seen) for case, seen, want in tried if not same_outputs(seen, want)]
    if not wrong:  # values, kinds and errors are right
        yield None if all(map(same_gradients, observed, expected)) else cut_off(exercise, source)
        return
    yield slip(SURE, exercise, source)
    if not_built(failed.failure) or any(map(changes_by_itself, observed)):
        return
    if failed.failure:
        yield " Besides, ".join(filter(None, (stopped(at, failed, wrong, source), apart(cases, observed, expected))))
    else:
        yield relation(exercise, cases, observed, expected)
        yield in_time(CPU_SECONDS, elsewhere, exercise, cases, observed, expected)
    yield asked_again(answer, [case for case, seen in wrong if not (seen.failure or case.corner or case.training)])
    yield slip(LIKELY, exercise, source)
    yield apart(cases, observed, expected)
    yield places(exercise, cases, observed, expected)


def stopped(
    case: Case, failed: Observation, wrong: Sequence[tuple[Case, Observation]], source: Source | None
) -> str | None:
    """The cause of an exception; which case it is about, where the learner is shown another one."""
    text, shown = cause(failed.failure, source), case is wrong[0][0]
    where = f"on the case {case.name!r}{messages.called_later(failed)} it stops with {failed.failure.kind}: "
    return where + text if text and not shown else text


def not_built(failure: Failure | None) -> bool:
    """Whether the layer could not be given its weights; why is said with it."""
    return failure is not None and failure.kind == "LookupError"


def changes_by_itself(seen: Observation) -> bool:
    """Whether two equal calls gave two different answers."""
    return bool(seen.output and seen.again) and not similar_value(seen.output, seen.again)


def asked_again(answer: Subject | None, cases: Sequence[Case]) -> str | None:
    """What other inputs change, on the cases that have the most of them."""
    if answer is None:
        return None
    reference = Subject(answer.exercise, answer.exercise.reference, READINGS[0])
    richest = sorted(cases, key=lambda case: -sum(value is not None for value in case.inputs.values()))
    return in_time(CPU_SECONDS, influence, answer, reference, richest[:MOST_CASES])
