"""Exercises of lesson 00, arrays: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

import numpy as np

from course import arrays
from course.checks.arrays import cases
from course.judging.exercise import Exercise, Law
from course.judging.laws import roughly
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


row_means = Exercise(
    reference=arrays.row_means,
    lesson=0,
    section="Predict: what shape comes out?",
    cases=cases.mean_cases,
    laws=(
        Law(
            "the order of the columns does not matter",
            holds=lambda case, out, turned: roughly(out, turned),
            change=lambda case: case.changed(table=case["table"][:, ::-1]),
        ),
    ),
    mistakes=MISTAKES["row_means"],
)


matmul = Exercise(
    reference=arrays.matmul,
    lesson=0,
    section="The matrix product: inner sizes agree",
    cases=cases.product_cases,
    laws=(
        Law(
            "the matrix with ones on its diagonal changes nothing",
            holds=lambda case, out, same: roughly(same, case["a"]),
            change=lambda case: case.changed(b=np.eye(case["a"].shape[1])),
        ),
    ),
    mistakes=MISTAKES["matmul"],
)


weighted_average = Exercise(
    reference=arrays.weighted_average,
    lesson=0,
    section="The weighted average: mix in proportion",
    cases=cases.average_cases,
    laws=(
        Law(
            "three times the weights give the same average",
            holds=lambda case, out, tripled: roughly(out, tripled),
            change=lambda case: case.changed(weights=3 * case["weights"]),
        ),
        Law(
            "an average lies between the smallest and the largest value",
            holds=lambda case, out, _: bool(
                np.all((out > case["values"].min() - 1e-5) & (out < case["values"].max() + 1e-5))
            ),
        ),
    ),
    mistakes=MISTAKES["weighted_average"],
)


softmax = Exercise(
    reference=arrays.softmax,
    lesson=0,
    section="Softmax: scores become weights",
    cases=cases.softmax_cases,
    laws=(
        Law(
            "the weights sum to 1 along the axis",
            holds=lambda case, out, _: roughly(out.sum(axis=case.inputs.get("axis", -1)), 1.0),
        ),
        Law(
            "a score of -inf gets exactly the weight 0",
            holds=lambda case, out, _: bool((out[np.isneginf(case["scores"])] == 0).all()),
        ),
        Law(
            "the same number added to every score changes nothing",
            holds=lambda case, out, shifted: roughly(out, shifted),
            change=lambda case: case.changed(scores=case["scores"] + 5),
        ),
    ),
    mistakes=MISTAKES["softmax"],
)
