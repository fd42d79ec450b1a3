"""Exercises of lesson 12, BERT: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

import numpy as np

from course import bert
from course.checks.bert import cases, holes
from course.judging.exercise import Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


mask_tokens = Exercise(
    reference=bert.mask_tokens,
    lesson=12,
    section="Holes in a text",
    cases=holes.hole_cases,
    trial=holes.counted,
    tried_apart=True,
    mistakes=MISTAKES["mask_tokens"],
)


masked_lm_loss = Exercise(
    reference=bert.masked_lm_loss,
    lesson=12,
    section="How surprised is it?",
    cases=cases.loss_cases,
    gradients=True,
    laws=(
        Law(
            "what it says where nothing is asked changes nothing",
            holds=lambda case, out, other: np.array_equal(out, other),
            change=cases.change_what_is_not_asked,
        ),
        Law(
            "adding one number to all logits of a place changes nothing",
            holds=lambda case, out, other: abs(out - other) < 1e-3 * (1 + abs(out)),
            change=lambda case: case.changed(logits=case["logits"] + 3),
        ),
    ),
    mistakes=MISTAKES["masked_lm_loss"],
)


whole = Exercise(
    reference=bert.BERT,
    lesson=12,
    section="The encoder alone",
    cases=cases.bert_cases,
    gradients=True,
    laws=(
        Law("padding is never read", holds=cases.words_alike, change=cases.pad_more),
        Law("every word has a say in every state", holds=cases.all_words_differ, change=cases.change_last_word),
        Law("another segment gives other states", holds=cases.all_words_differ, change=cases.change_segments),
    ),
    mistakes=MISTAKES["BERT"],
)


classify = Exercise(
    reference=bert.classify,
    lesson=12,
    section="One answer for a whole text",
    cases=cases.class_cases,
    gradients=True,
    laws=(
        Law(
            "only the first state of each text is read",
            holds=lambda case, out, other: np.array_equal(out, other),
            change=cases.change_later_states,
        ),
    ),
    mistakes=MISTAKES["classify"],
)
