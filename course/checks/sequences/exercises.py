"""Exercises of lesson 01, sequences: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from course import sequences
from course.checks.sequences import cases
from course.judging.exercise import Case, Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)

next_token_table = Exercise(
    reference=sequences.next_token_table,
    lesson=1,
    section="The sentence as a table",
    cases=cases.table_cases,
    mistakes=MISTAKES["next_token_table"],
)


generate = Exercise(
    reference=sequences.generate,
    lesson=1,
    section="The loop that writes",
    cases=cases.generate_cases,
    mistakes=MISTAKES["generate"],
)


def rows_sum_to_one(case: Case, out: dict[str, np.ndarray], _: Any) -> bool:
    sums: defaultdict[str, float] = defaultdict(float)
    for name, value in out.items():
        if not name.endswith("keys"):
            sums[name.rpartition("[")[0]] += float(value)
    return all(abs(total - 1) < 1e-9 for total in sums.values())


ngram_probabilities = Exercise(
    reference=sequences.ngram_probabilities,
    lesson=1,
    section="Counting what follows",
    cases=cases.ngram_cases,
    laws=(Law("after each context the probabilities sum to 1", rows_sum_to_one),),
    mistakes=MISTAKES["ngram_probabilities"],
)


perplexity = Exercise(
    reference=sequences.perplexity,
    lesson=1,
    section="How surprised was the model?",
    cases=cases.perplexity_cases,
    laws=(
        Law("it is never below 1", lambda case, out, _: out >= 1 - 1e-9),
        Law(
            "the same text twice is as surprising as once",
            lambda case, out, twice: out == twice or abs(out - twice) < 1e-7 * out,
            lambda case: case.changed(probabilities=[*case["probabilities"], *case["probabilities"]]),
        ),
    ),
    mistakes=MISTAKES["perplexity"],
)


unroll = Exercise(
    reference=sequences.unroll,
    lesson=1,
    section="One step, repeated",
    cases=cases.unroll_cases,
    gradients=True,
    mistakes=MISTAKES["unroll"],
)


running_sum_states = Exercise(
    reference=sequences.running_sum_states,
    lesson=1,
    section="A memory of one number",
    cases=cases.sum_cases,
    mistakes=MISTAKES["running_sum_states"],
)


collision = Exercise(
    reference=sequences.collision,
    lesson=1,
    section="What the sum forgets",
    cases=cases.collision_cases,
    unique=False,
    laws=(
        Law("the answer is as long as xs", lambda case, out, _: out.shape == (len(case["xs"]),)),
        Law("the final state, the sum, is the same", lambda case, out, _: bool(out.sum() == sum(case["xs"]))),
        Law(
            "the answer differs from xs in at least one place",
            lambda case, out, _: bool((out != np.array(case["xs"])).any()),
        ),
    ),
    mistakes=MISTAKES["collision"],
)


rnn_step = Exercise(
    reference=sequences.rnn_step,
    lesson=1,
    section="A state that is learned",
    cases=cases.rnn_cases,
    gradients=True,
    mistakes=MISTAKES["rnn_step"],
)


gru_step = Exercise(
    reference=sequences.gru_step,
    lesson=1,
    section="A gate: keep or take",
    cases=cases.gru_cases,
    gradients=True,
    laws=(
        Law(
            "an update gate of 1 (b_x = 1000 there) keeps the old state",
            lambda case, out, kept: bool(np.allclose(kept, case["h"].numpy(), atol=1e-5)),
            lambda case: case.changed(b_x=cases.with_gate(case["b_x"], 1, 3, 1000)),
        ),
    ),
    mistakes=MISTAKES["gru_step"],
)


lstm_step = Exercise(
    reference=sequences.lstm_step,
    lesson=1,
    section="Two states: the LSTM",
    cases=cases.lstm_cases,
    gradients=True,
    laws=(
        Law(
            "with the input gate shut and the forget gate open (b_x = -1000 and 1000 there) c stays as it is",
            lambda case, out, kept: bool(np.allclose(kept["[1]"], case["c"].numpy(), atol=1e-5)),
            lambda case: case.changed(b_x=cases.with_gate(cases.with_gate(case["b_x"], 0, 4, -1000), 1, 4, 1000)),
        ),
    ),
    mistakes=MISTAKES["lstm_step"],
)


state_jacobian_norms = Exercise(
    reference=sequences.state_jacobian_norms,
    lesson=1,
    section="The derivative of the end by the beginning",
    cases=cases.jacobian_cases,
    laws=(Law("h_T feels itself with norm 1, so the last number is 1", lambda case, out, _: abs(out[-1] - 1) < 1e-9),),
    mistakes=MISTAKES["state_jacobian_norms"],
)
