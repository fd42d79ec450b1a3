"""Exercises of lesson 07, blocks: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course import blocks
from course.checks.blocks import cases
from course.judging.exercise import Case, Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


gelu = Exercise(
    reference=blocks.gelu,
    lesson=7,
    section="A bend that is not a corner: GELU",
    cases=cases.gelu_cases,
    gradients=True,
    laws=(
        Law(
            "gelu(x) - gelu(-x) = x",
            holds=lambda case, out, mirrored: np.allclose(out - mirrored, case["x"], atol=1e-5),
            change=lambda case: case.changed(x=-case["x"]),
        ),
    ),
    mistakes=MISTAKES["gelu"],
)


def others_unchanged(case: Case, out: Any, changed: Any) -> bool:
    """All positions but the second are the same to the last bit."""
    keep = [t for t in range(out.shape[-2]) if t != 1]
    return np.array_equal(out[..., keep, :], changed[..., keep, :])


def change_second_position(case: Case) -> Case | None:
    x: Tensor = case["x"]
    if x.ndim < 3 or x.shape[-2] < 3:
        return None
    step = torch.zeros_like(x)
    step[..., 1, :] = 1
    return case.changed(x=x + step)


feed_forward = Exercise(
    reference=blocks.FeedForward,
    lesson=7,
    section="Each position thinks for itself",
    cases=cases.feed_forward_cases,
    gradients=True,
    laws=(Law("each position is computed alone", holds=others_unchanged, change=change_second_position),),
    mistakes=MISTAKES["FeedForward"],
)


layer_norm = Exercise(
    reference=blocks.LayerNorm,
    lesson=7,
    section="Layer norm, by hand",
    cases=cases.norm_cases,
    gradients=True,
    laws=(
        Law(
            "adding the same number to a whole vector changes nothing",
            holds=lambda case, out, shifted: np.allclose(out, shifted, rtol=1e-3, atol=1e-3),
            change=lambda case: case.changed(x=case["x"] + 1),
        ),
    ),
    mistakes=MISTAKES["LayerNorm"],
)


residual = Exercise(
    reference=blocks.residual,
    lesson=7,
    section="Before or after: where the norm stands",
    cases=cases.residual_cases,
    gradients=True,
    laws=(
        Law(
            "with a sub-layer that gives zero, pre-norm is the identity",
            holds=lambda case, out, zeroed: np.array_equal(zeroed, case["x"]),
            change=lambda case: (
                case.changed(sublayer=torch.zeros_like) if case.inputs.get("norm_first", True) else None
            ),
        ),
    ),
    mistakes=MISTAKES["residual"],
)


def zero_sublayers(case: Case) -> Case | None:
    """The case with the last matrix of both sub-layers at zero; pre-norm, one layer."""
    if case.name not in ("tiny", "pre-norm"):
        return None
    last = ("attention.w_o.", "feed_forward.w_2.")
    zeroed = {name: weight * 0 if name.startswith(last) else weight for name, weight in case.weights.items()}
    return replace(case, weights=zeroed)


encoder_layer = Exercise(
    reference=blocks.EncoderLayer,
    lesson=7,
    section="The encoder layer",
    cases=lambda draw: cases.layer_cases(blocks.EncoderLayer, draw),
    gradients=True,
    laws=(
        Law(
            "with its sub-layers zeroed, a pre-norm layer is the identity",
            holds=lambda case, out, zeroed: np.array_equal(zeroed, case["x"]),
            change=zero_sublayers,
        ),
    ),
    mistakes=MISTAKES["EncoderLayer"],
)


encoder = Exercise(
    reference=blocks.Encoder,
    lesson=7,
    section="A stack of layers",
    cases=lambda draw: cases.layer_cases(blocks.Encoder, draw, n_layers=3),
    gradients=True,
    mistakes=MISTAKES["Encoder"],
)
