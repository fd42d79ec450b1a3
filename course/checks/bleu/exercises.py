"""Exercises of lesson 09, BLEU: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

from course import bleu
from course.checks.bleu import cases
from course.judging.exercise import Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


corpus_bleu = Exercise(
    reference=bleu.corpus_bleu,
    lesson=9,
    section="A number for quality",
    cases=cases.bleu_cases,
    laws=(
        Law(
            "the references themselves score 100", lambda case, out, other: abs(other - 100) < 1e-6, cases.nothing_wrong
        ),
        Law(
            "the order of the sentences does not matter",
            lambda case, out, other: abs(out - other) < 1e-6,
            cases.backwards,
        ),
    ),
    mistakes=MISTAKES["corpus_bleu"],
)
