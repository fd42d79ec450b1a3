"""Exercises of lesson 02, encoder and decoder: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

import numpy as np

from course import seq2seq
from course.checks.seq2seq import cases
from course.judging.exercise import Case, Exercise, Law
from course.judging.laws import close
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


shift_right = Exercise(
    reference=seq2seq.shift_right,
    lesson=2,
    section="Given the right beginning",
    cases=cases.shift_cases,
    mistakes=MISTAKES["shift_right"],
)


def padded(case: Case) -> Case:
    """The same sentences with two more places of padding, full of numbers."""
    more = case["xs"][:, :1].repeat(1, 2, 1) + 5
    blank = case["mask"].new_zeros(len(case["mask"]), 2)
    return case.changed(xs=cases.torch.cat([case["xs"], more], 1), mask=cases.torch.cat([case["mask"], blank], 1))


encode_source = Exercise(
    reference=seq2seq.encode_source,
    lesson=2,
    section="The reader",
    cases=cases.encode_cases,
    gradients=True,
    laws=(
        Law(
            "more padding leaves the last state as it is",
            lambda case, out, more: close(out["[1]"], more["[1]"]),
            padded,
        ),
    ),
    mistakes=MISTAKES["encode_source"],
)


teacher_forcing_loss = Exercise(
    reference=seq2seq.teacher_forcing_loss,
    lesson=2,
    section="What the loss must leave out",
    cases=cases.loss_cases,
    gradients=True,
    laws=(
        Law(
            "adding one number to all logits changes nothing",
            lambda case, out, other: abs(out - other) < 1e-3 * (1 + abs(out)),
            lambda case: case.changed(logits=case["logits"] + 3),
        ),
    ),
    mistakes=MISTAKES["teacher_forcing_loss"],
)


decode_greedy = Exercise(
    reference=seq2seq.decode_greedy,
    lesson=2,
    section="The writer",
    cases=cases.decode_cases,
    mistakes=MISTAKES["decode_greedy"],
)


additive_attention = Exercise(
    reference=seq2seq.additive_attention,
    lesson=2,
    section="Look at every state",
    cases=cases.attention_cases,
    gradients=True,
    laws=(Law("each row of weights sums to 1", lambda case, out, _: np.allclose(out["[1]"].sum(-1), 1, atol=1e-5)),),
    mistakes=MISTAKES["additive_attention"],
)
