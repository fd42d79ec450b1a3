"""Exercises of lesson 04, self-attention: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

import numpy as np
import torch

from course import attention
from course.checks.attention import cases
from course.judging.exercise import Exercise, Law
from course.judging.laws import close
from course.judging.mistakes import mistakes_beside
from course.judging.watch import ATTENTION

MISTAKES = mistakes_beside(__file__)

attention_for_one_query = Exercise(
    reference=attention.attention_for_one_query,
    lesson=4,
    section="One query, worked by hand",
    cases=cases.one_query_cases,
    gradients=True,
    laws=(
        Law(
            "the weights sum to one, so that values raised by 3 give an answer raised by 3",
            holds=lambda case, out, raised: close(out + 3, raised),
            change=lambda case: case.changed(values=case["values"] + 3),
        ),
        Law(
            "keys and values put in another order, together, give the same answer",
            holds=lambda case, out, other: close(out, other),
            change=lambda case: cases.permuted(case, "keys", "values", axis=0),
        ),
    ),
    forbidden=ATTENTION,
    mistakes=MISTAKES["attention_for_one_query"],
)


attention_scores = Exercise(
    reference=attention.attention_scores,
    lesson=4,
    section="All queries at once",
    cases=cases.score_cases,
    gradients=True,
    laws=(
        Law(
            "twice the query gives twice the scores",
            holds=lambda case, out, doubled: close(2 * out, doubled),
            change=lambda case: case.changed(query=2 * case["query"]),
        ),
        Law(
            "keys in another order give columns in that order",
            holds=lambda case, out, other: close(out[..., ::-1], other),
            change=lambda case: cases.permuted(case, "key", axis=-2),
        ),
    ),
    mistakes=MISTAKES["attention_scores"],
)


masked_softmax = Exercise(
    reference=attention.masked_softmax,
    lesson=4,
    section="Blocked keys",
    cases=cases.softmax_cases,
    gradients=True,
    laws=(
        Law(
            "a row of weights sums to one, an empty row to zero",
            holds=lambda case, out, _: close(out.sum(-1), cases.row_sums(case).astype(out.dtype)),
        ),
        Law(
            "the same number added to all scores changes nothing",
            holds=lambda case, out, shifted: close(out, shifted),
            change=lambda case: case.changed(scores=case["scores"] + 5),
        ),
        Law(
            "a blocked score has no influence, whatever it is",
            holds=lambda case, out, other: close(out, other),
            change=lambda case: (
                case.changed(scores=torch.where(case["mask"], case["scores"], 7.0)) if "mask" in case.inputs else None
            ),
        ),
    ),
    mistakes=MISTAKES["masked_softmax"],
)


scaled_dot_product_attention = Exercise(
    reference=attention.scaled_dot_product_attention,
    lesson=4,
    section="The whole formula",
    cases=cases.attention_cases,
    gradients=True,
    laws=(
        Law(
            "keys and values (and the mask's columns) put in another order, together, give the same output",
            holds=lambda case, out, other: close(out, other),
            change=cases.keys_reversed,
        ),
        Law(
            "a key that no query may attend to has no influence, nor has its value",
            holds=lambda case, out, other: close(out, other),
            change=cases.other_padding,
        ),
        Law(
            "no output depends on a later position when the mask is causal",
            holds=cases.past_unchanged,
            change=lambda case: cases.other_future(case, "key", "value"),
        ),
    ),
    forbidden=ATTENTION,
    mistakes=MISTAKES["scaled_dot_product_attention"],
)


causal_mask = Exercise(
    reference=attention.causal_mask,
    lesson=4,
    section="Not into the future",
    cases=cases.causal_cases,
    laws=(
        Law(
            "row t has t + 1 open keys, when rows are counted from 0",
            holds=lambda case, out, _: (out.sum(-1) == np.arange(1, len(out) + 1)).all(),
        ),
        Law("every position may attend to itself", holds=lambda case, out, _: out.diagonal().all()),
    ),
    mistakes=MISTAKES["causal_mask"],
)


padding_mask = Exercise(
    reference=attention.padding_mask,
    lesson=4,
    section="Not into the padding",
    cases=cases.padding_cases,
    laws=(
        Law(
            "as many are open as there are words",
            holds=lambda case, out, _: out.sum() == (case["tokens"] != case.inputs.get("pad", 0)).sum().item(),
        ),
        Law(
            "which word it is makes no difference",
            holds=lambda case, out, other: (out == other).all(),
            change=lambda case: case.changed(
                tokens=torch.where(case["tokens"] == case.inputs.get("pad", 0), case["tokens"], 99)
            ),
        ),
    ),
    mistakes=MISTAKES["padding_mask"],
)


self_attention = Exercise(
    reference=attention.SelfAttention,
    lesson=4,
    section="Self: one sequence in three roles",
    cases=cases.layer_cases,
    gradients=True,
    laws=(
        Law(
            "positions in another order give the same rows in that order",
            holds=lambda case, out, other: close(out[..., ::-1, :], other),
            change=cases.positions_reversed,
        ),
        Law(
            "no output depends on a later position when the mask is causal",
            holds=cases.past_unchanged,
            change=lambda case: cases.other_future(case, "x"),
        ),
        Law(
            "sentences of one batch do not see each other",
            holds=lambda case, out, other: close(out[:1], other[:1]),
            change=cases.other_sentences,
        ),
    ),
    forbidden=ATTENTION,
    mistakes=MISTAKES["SelfAttention"],
)
