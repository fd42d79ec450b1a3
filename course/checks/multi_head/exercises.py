"""Exercises of lesson 05, multi-head attention: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

import numpy as np
import torch

from course import multi_head
from course.checks.multi_head import cases
from course.judging.exercise import Case, Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


split_heads = Exercise(
    reference=multi_head.split_heads,
    lesson=5,
    section="Cut the vector into heads",
    cases=cases.split_cases,
    gradients=True,
    laws=(
        Law(
            "every number of x is still there, once",
            holds=lambda case, out, _: np.allclose(np.sort(out.ravel()), np.sort(case["x"].numpy().ravel())),
        ),
    ),
    mistakes=MISTAKES["split_heads"],
)


merge_heads = Exercise(
    reference=multi_head.merge_heads,
    lesson=5,
    section="Cut the vector into heads",
    cases=cases.merge_cases,
    gradients=True,
    laws=(
        Law(
            "every number of x is still there, once",
            holds=lambda case, out, _: np.allclose(np.sort(out.ravel()), np.sort(case["x"].numpy().ravel())),
        ),
    ),
    mistakes=MISTAKES["merge_heads"],
)


def change_future(case: Case) -> Case | None:
    """Another last position, in the causal case alone."""
    if case.name != "causal":
        return None
    changed = {
        name: torch.cat([case[name][:, :-1], case[name][:, -1:] + 1], dim=1) for name in ("query", "key", "value")
    }
    return case.changed(**changed)


def past_unchanged(case: Case, out: np.ndarray, changed: np.ndarray) -> bool:
    return np.array_equal(out[:, :-1], changed[:, :-1])


def reverse_keys(case: Case) -> Case | None:
    if "mask" in case.inputs or case.method != "forward":
        return None
    return case.changed(key=case["key"].flip(1), value=case["value"].flip(1))


multi_head_attention = Exercise(
    reference=multi_head.MultiHeadAttention,
    lesson=5,
    section="The layer",
    cases=cases.layer_cases,
    gradients=True,
    laws=(
        Law("no output sees a later position under a causal mask", holds=past_unchanged, change=change_future),
        Law(
            "the order of the keys and values does not matter",
            change=reverse_keys,
            holds=lambda case, out, reversed_: np.allclose(out, reversed_, atol=1e-9),
        ),
    ),
    mistakes=MISTAKES["MultiHeadAttention"],
)


parameters = Exercise(
    reference=multi_head.n_parameters,
    lesson=5,
    section="What a head costs",
    cases=cases.count_cases,
    mistakes=MISTAKES["n_parameters"],
)


def same_as_merged(case: Case, out: np.ndarray, _: object) -> bool:
    merged = multi_head.merge_heads(case["heads"]) @ case["w_o"].T
    return np.allclose(out, merged.numpy(), rtol=1e-3, atol=1e-4)


heads_as_sum = Exercise(
    reference=multi_head.heads_as_sum,
    lesson=5,
    section="Side by side, then projected, is a sum",
    cases=cases.sum_cases,
    gradients=True,
    laws=(Law("it equals merging the heads and projecting by w_o", holds=same_as_merged),),
    mistakes=MISTAKES["heads_as_sum"],
)
