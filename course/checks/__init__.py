"""check(f): is this answer right, and if not, what is wrong with it?"""

from __future__ import annotations

import difflib
import functools
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from course.checks import notebook
from course.checks.predict import reveal
from course.checks.registry import EXERCISES, earlier_references
from course.judging import messages
from course.judging.exercise import Draw, Exercise
from course.judging.isolation import kept_random_state, own_functions, swapped
from course.judging.judge import Verdict, judge
from course.judging.observe import Subject, observe_all
from course.judging.recognise import Trials
from course.judging.weights import READINGS

__all__ = ["CheckFailed", "check", "reveal", "solution"]

SEEN_SEED, HIDDEN_SEED = 1, 20170612
PASSED: dict[str, Callable] = {}  # exercise -> the answer that passed its check last, in this notebook
TRIED: set[str] = set()  # exercises whose check was run in this notebook


class CheckFailed(Exception):
    """An answer is not right yet; the text says why."""

    def _render_traceback_(self) -> list[str]:
        return [wrapped(str(self))]  # IPython then shows the text alone, without the traceback of the checks


def wrapped(text: str) -> str:
    """Lines of at most 100 characters, those that go on indented below their beginning."""
    fill = functools.partial(textwrap.fill, width=100, break_long_words=False, break_on_hyphens=False)
    return "\n".join(fill(line, subsequent_indent=" " * 9) for line in text.splitlines())


def check(candidate: Callable, hidden: bool = False) -> None:
    """Print one line if the answer is right, raise CheckFailed with what is wrong and why if not."""
    cell = sys._getframe(1).f_globals  # the names of the notebook that calls
    exercise = exercise_of(candidate, cell)
    TRIED.add(exercise.name)
    if candidate is exercise.reference:
        if hidden:
            raise CheckFailed(notebook.ours(exercise))
        print(notebook.ours(exercise))
        return
    verdict = examine(exercise, candidate, HIDDEN_SEED if hidden else SEEN_SEED, PASSED)
    if not verdict.right:
        PASSED.pop(exercise.name, None)
        raise CheckFailed("\n".join(filter(None, [verdict.text, notebook.not_the_last(exercise.name, candidate)])))
    PASSED[exercise.name] = candidate
    print(notebook.praised(verdict.text))


def solution(asked: Callable) -> None:
    """Print the course's own, once the answer has been checked: after a try of one's own."""
    exercise = exercise_of(asked, sys._getframe(1).f_globals)
    if exercise.name not in TRIED:
        raise CheckFailed(notebook.untried(exercise.name))
    print(inspect.getsource(exercise.reference))


def examine(exercise: Exercise, candidate: Callable, seed: int, passed: Mapping[str, Callable] = {}) -> Verdict:
    """Observe the candidate on the cases of that seed, then judge.

    Beside it stand the course's own earlier functions; the learner's, where they have passed and it uses them. Wrong
    beside these, it may still be right beside the course's: then it is right."""
    trials = prepared(exercise, seed)
    lent = earlier_references(exercise.name)
    used = own_functions(candidate, lent)
    own = [name for name in used if used[name] is passed.get(name)]
    verdict = examined_beside({name: lent[name] for name in lent if name not in own}, trials, candidate)
    if not verdict.right and own:
        beside_ours = examined_beside(lent, trials, candidate)
        if beside_ours.right:
            return beside_ours
    if verdict.right or not used:
        return verdict
    replaced = [name for name in used if name not in own and used[name] is not lent[name]]
    return replace(verdict, text=verdict.text + messages.beside(own, replaced)) if own or replaced else verdict


@functools.lru_cache(maxsize=2)
def prepared(exercise: Exercise, seed: int) -> Trials:
    """The cases of that seed, and what the reference and known mistakes do on them; kept for the next try."""
    with kept_random_state():  # a case may build the reference, whose weights torch draws
        return Trials(exercise, list(exercise.cases(Draw(seed))))


def examined_beside(lent: dict[str, Callable], trials: Trials, candidate: Callable) -> Verdict:
    """Observe and judge it while these functions are lent to it.

    Where its shape leaves open how a weight is meant, the other reading is tried too: one that is right is right."""
    verdicts, exercise = [], trials.exercise
    for reading in READINGS:
        with swapped(candidate, lent):
            observed = observe_all(exercise, candidate, trials.cases, reading)
            verdicts.append(judge(trials, observed, Subject(exercise, candidate, reading)))
        if verdicts[-1].right or not any(one.guessed for one in observed):
            break
    return max(verdicts, key=lambda verdict: (verdict.right, bool(verdict.mistakes)))


def exercise_of(candidate: Any, namespace: dict[str, Any]) -> Exercise:
    """The exercise that this function answers.

    What it is called where check was called decides: a partial has no name of its own, a decorated function may have
    another's. Its own name is the second choice."""
    if not callable(candidate):
        raise CheckFailed(messages.not_a_function(candidate))
    called = [name for name, value in namespace.items() if value is candidate]
    own = getattr(candidate, "__name__", "")
    for names in (called, [own]):
        known = [name for name in names if name in EXERCISES]
        if len(known) > 1:
            raise CheckFailed(messages.two_names(known))
        if known:
            return EXERCISES[known[0]]
    name = own if own.isidentifier() else next(iter(called), "")
    if not name:
        raise CheckFailed(messages.no_name(candidate))
    raise CheckFailed(messages.unknown_name(name, difflib.get_close_matches(name, EXERCISES)))


notebook.explain_errors()
