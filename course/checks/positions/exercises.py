"""Exercises of lesson 06, positions: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

import numpy as np
import torch

from course import positions
from course.checks.positions import cases, toys
from course.judging.exercise import Case, Exercise, Law
from course.judging.laws import close, roughly
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


def rounded_too_early(case: Case, angles: np.ndarray) -> bool:
    """Whether these are the angles as Python computes them, but to fewer than twelve digits."""
    d_model, base = case["d_model"], case.inputs.get("base", 10_000.0)
    by_hand = [[t * base ** (-2 * i / d_model) for i in range(d_model // 2)] for t in case["positions"].tolist()]
    return roughly(angles, by_hand) and not np.allclose(angles, by_hand, rtol=1e-12, atol=0.0)


def depends_on_distance(products: np.ndarray) -> bool:
    """Every diagonal of (..., T, T) holds one number."""
    return close(products[..., 1:, 1:], products[..., :-1, :-1])


def moves_every_row(case: Case, shift: np.ndarray) -> bool:
    """shift @ PE[t] is PE[t + k], at the first positions for which both exist."""
    k, first = case["k"], max(0, -case["k"])
    table = positions.sinusoidal_positions(
        first + abs(k) + 5, case["d_model"], case.inputs.get("base", 10_000.0)
    ).numpy()
    return close(table[first : first + 5] @ shift.T, table[first + k : first + k + 5])


def lengths_of_pairs(x: np.ndarray) -> np.ndarray:
    return np.hypot(x[..., 0::2], x[..., 1::2])


def products(x: np.ndarray) -> np.ndarray:
    """Every row with every row."""
    return x @ np.swapaxes(x, -1, -2)


def otherwise(out: np.ndarray, moved: np.ndarray) -> bool:
    """More than rounding lies between the two."""
    return out.shape == moved.shape and abs(out - moved).max() > 1e-6


is_permutation_equivariant = Exercise(
    reference=positions.is_permutation_equivariant,
    lesson=6,
    section="A law, and a test for it",
    cases=cases.order_cases,
    laws=(
        Law(
            "in their old order, the positions of any layer pass the test",
            holds=lambda case, out, unmoved: bool(unmoved),
            change=lambda case: case.changed(order=torch.arange(case["x"].shape[1])),
        ),
    ),
    mistakes=MISTAKES["is_permutation_equivariant"],
)

position_angles = Exercise(
    reference=positions.position_angles,
    lesson=6,
    section="Clock hands",
    cases=cases.angle_cases,
    laws=(
        Law(
            "every angle is right to twelve digits, not only to seven",
            holds=lambda case, out, _: not rounded_too_early(case, out),
        ),
        Law(
            "twice the position gives twice the angle",
            holds=lambda case, out, doubled: np.allclose(2 * out, doubled),
            change=lambda case: case.changed(positions=2 * case["positions"]),
        ),
    ),
    mistakes=MISTAKES["position_angles"],
)

sinusoidal_positions = Exercise(
    reference=positions.sinusoidal_positions,
    lesson=6,
    section="The table of sines and cosines",
    cases=cases.table_cases,
    laws=(
        Law(
            "the squares of a row add up to d_model / 2, one for each pair",
            holds=lambda case, out, _: close(
                (out**2).sum(-1), np.full(case["n_positions"], case["d_model"] / 2, np.float32)
            ),
        ),
        Law(
            "the dot product of two rows depends on their distance alone",
            holds=lambda case, out, _: depends_on_distance(products(out)),
        ),
    ),
    mistakes=MISTAKES["sinusoidal_positions"],
)

shift_matrix = Exercise(
    reference=positions.shift_matrix,
    lesson=6,
    section="k steps further is always the same turn",
    cases=cases.shift_cases,
    laws=(
        Law(
            "the matrix times row t of the sinusoids is row t + k, for every t",
            holds=lambda case, out, _: moves_every_row(case, out),
        ),
        Law(
            "it turns and never stretches: the matrix times its transpose is the identity",
            holds=lambda case, out, _: close(out @ out.T, np.eye(len(out), dtype=out.dtype)),
        ),
        Law(
            "k steps and k steps more are 2k steps",
            holds=lambda case, out, doubled: close(out @ out, doubled),
            change=lambda case: case.changed(k=2 * case["k"]),
        ),
    ),
    mistakes=MISTAKES["shift_matrix"],
)

learned_positions = Exercise(
    reference=positions.LearnedPositions,
    lesson=6,
    section="A table that is learned",
    cases=cases.learned_cases,
    gradients=True,
    laws=(
        Law(
            "the same is added whatever the words are",
            holds=lambda case, out, raised: close(out + 3, raised),
            change=lambda case: (
                case.changed(x=case["x"] + 3) if case["x"].shape[1] <= case.init["max_length"] else None
            ),
        ),
        Law(
            "a fresh table holds random numbers with a variance of 1 or less",
            holds=lambda case, out, fresh: toys.SmallAtRandom.sees_good(fresh),
            change=cases.fresh_table,
        ),
    ),
    mistakes=MISTAKES["LearnedPositions"],
)

rotate = Exercise(
    reference=positions.rotate,
    lesson=6,
    section="Turn queries and keys",
    cases=cases.rotate_cases,
    gradients=True,
    laws=(
        Law(
            "a turn keeps the length of every pair",
            holds=lambda case, out, _: roughly(lengths_of_pairs(out), lengths_of_pairs(case["x"].numpy())),
        ),
        Law(
            "moved three positions further, all rows together, every dot product stays as it is",
            holds=lambda case, out, later: close(products(out), products(later)),
            change=lambda case: (
                case.changed(start=case.inputs.get("start", 0) + 3) if case["x"].dtype == torch.float32 else None
            ),
        ),
        Law(
            "moved three positions further, the rows are turned further",
            holds=lambda case, out, later: otherwise(out, later),
            change=lambda case: (
                case.changed(start=case.inputs.get("start", 0) + 3) if case["x"].dtype == torch.float32 else None
            ),
        ),
    ),
    mistakes=MISTAKES["rotate"],
)

ANOTHER_ORDER = "the words in another order give more than their rows in another order"

rotary_attention = Exercise(
    reference=positions.RotaryAttention,
    lesson=6,
    section="Into the layer",
    cases=lambda draw: cases.layer_cases(draw, "project"),
    gradients=True,
    laws=(
        Law(
            ANOTHER_ORDER,
            holds=lambda case, out, moved: otherwise(np.flip(out, 1), moved),
            change=lambda case: cases.in_another_order(case, "mirrored"),
        ),
    ),
    mistakes=MISTAKES["RotaryAttention"],
)

alibi_bias = Exercise(
    reference=positions.alibi_bias,
    lesson=6,
    section="Say it to the scores",
    cases=cases.bias_cases,
    laws=(
        Law(
            "nothing is taken away at distance 0, and nothing is ever added",
            holds=lambda case, out, _: bool((out <= 0).all() and (out[:, 0, 0] == 0).all()),
        ),
        Law("the bias depends on the distance alone", holds=lambda case, out, _: depends_on_distance(out)),
    ),
    mistakes=MISTAKES["alibi_bias"],
)

alibi_attention = Exercise(
    reference=positions.AlibiAttention,
    lesson=6,
    section="The bias in the layer",
    cases=lambda draw: cases.layer_cases(draw, "weights"),
    gradients=True,
    laws=(
        Law(
            ANOTHER_ORDER,
            holds=lambda case, out, moved: otherwise(np.roll(out, -1, 1), moved),
            change=lambda case: cases.in_another_order(case, "first word last"),
        ),
    ),
    mistakes=MISTAKES["AlibiAttention"],
)
