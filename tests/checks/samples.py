"""Small exercises of every sort, for the tests of the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from course.checks.exercise import Case, Draw, Exercise, Law, Mistake
from course.checks.judge import Verdict, judge
from course.checks.observe import observe_all


def verdict_on(exercise: Exercise, candidate: Callable, seed: int = 1) -> Verdict:
    cases = list(exercise.cases(Draw(seed)))
    return judge(exercise, cases, observe_all(exercise, candidate, cases))


def scores(query: Tensor, key: Tensor) -> Tensor:
    """query (T_q, d), key (T_k, d) -> (T_q, T_k)"""
    d = query.shape[-1]
    return query @ key.T / math.sqrt(d)


def score_cases(draw: Draw) -> Iterator[Case]:
    T_q, T_k, d = draw.sizes(3, low=3)
    yield Case("tiny", {"query": torch.tensor([[2.0, 0.0, 0.0, 0.0]]), "key": torch.tensor([[3.0, 0.0, 0.0, 0.0]])})
    yield Case("random", {"query": draw.tensor(T_q, d), "key": draw.tensor(T_k, d)})
    yield Case("wide", {"query": draw.tensor(5, d), "key": draw.tensor(7, d)})


SCORES = Exercise(
    reference=scores,
    see="lesson 04, 'All queries at once'",
    cases=score_cases,
    gradients=True,
    laws=(
        Law(
            "twice the query gives twice the scores",
            holds=lambda case, out, doubled: abs(2 * out - doubled).max() < 1e-6,
            change=lambda case: case.changed(query=2 * case["query"]) if case.name != "wide" else None,
        ),
    ),
    mistakes=(
        Mistake("not scaled", ((" / math.sqrt(d)", ""),), "The scores grow with the length of the vectors."),
        Mistake("detached", (("query @", "query.detach() @"),), "The query leaves the graph, so it never learns."),
        Mistake("transposed", (("query @ key.T", "key @ query.T"),), "Rows are queries, columns are keys."),
    ),
)


class Affine(nn.Module):
    """x (T, d_in) -> (T, d_out), with a gain for each output."""

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__()
        self.w = nn.Linear(d_in, d_out, bias=False)
        self.gain = nn.Parameter(torch.ones(d_out))

    def forward(self, x: Tensor, times: int = 1) -> Tensor:
        return self.w(x) * self.gain * times


def affine_cases(draw: Draw) -> Iterator[Case]:
    d_in, d_out, T = draw.sizes(3)
    for name, init in (("narrow", {"d_in": d_in, "d_out": d_out}), ("square", {"d_in": d_in, "d_out": d_in})):
        yield Case(name, {"x": draw.tensor(T, d_in)}, init, draw.weights(Affine(**init)))


AFFINE = Exercise(
    reference=Affine,
    see="lesson 07, 'A gain'",
    cases=affine_cases,
    gradients=True,
    mistakes=(Mistake("no gain", ((" * self.gain", " * self.gain * 0 + self.w(x)"),), "The gain has no effect."),),
)


class OneProjection(nn.Module):
    """x (T, d) -> (T, d): every weight is square."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.w = nn.Linear(d, d, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.w(x)


def square_cases(draw: Draw) -> Iterator[Case]:
    T, d = draw.sizes(2)
    yield Case("square", {"x": draw.tensor(T, d)}, {"d": d}, draw.weights(OneProjection(d)))


SQUARE = Exercise(reference=OneProjection, see="lesson 05, 'Merging'", cases=square_cases, gradients=True)


def centred(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """values minus their mean along the axis."""
    return values - values.mean(axis=axis, keepdims=True)


def centred_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"values": np.array([1.0, 3.0])})
    yield Case("rows", {"values": draw.array(4, 5)})
    yield Case("columns", {"values": draw.array(4, 5), "axis": 0})


CENTRED = Exercise(
    reference=centred,
    see="lesson 00, 'Means'",
    cases=centred_cases,
    laws=(Law("what is centred has mean 0", holds=lambda case, out, _: abs(out.mean(case.inputs.get("axis", -1))).max() < 1e-9),),
    mistakes=(Mistake("always the last axis", (("axis=axis", "axis=-1"),), "The axis that is asked for is not looked at."),),
)  # fmt: skip


def shares(total: int, parts: int) -> list[int]:
    """total split into equal parts; ValueError where it cannot be."""
    if total % parts:
        raise ValueError(f"total={total} must be divisible by parts={parts}")
    return [total // parts] * parts


def share_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"total": 6, "parts": 2})
    yield Case("uneven", {"total": 7, "parts": 2})
    yield Case("large", {"total": 5 * draw.integer(10, 99), "parts": 5})


SHARES = Exercise(
    reference=shares,
    see="lesson 05, 'Heads'",
    cases=share_cases,
    mistakes=(
        Mistake("no refusal", (("if total % parts:", "if False:"),), "A total that cannot be split is cut silently."),
        Mistake("one more", (("] * parts", "] * (parts + 1)"),), "There is one part too many."),
    ),
)


def shuffled(items: list[int]) -> list[int]:
    """The items in any other order."""
    return items[::-1]


def shuffle_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"items": [1, 2]})
    yield Case("random", {"items": draw.integers(0, 9, 6).tolist()})


SHUFFLED = Exercise(
    reference=shuffled,
    see="lesson 01, 'Order'",
    cases=shuffle_cases,
    unique=False,
    laws=(
        Law("the same items come back", holds=lambda case, out, _: sorted(case["items"]) == sorted(out.tolist())),
        Law("the order is another", holds=lambda case, out, _: case["items"] != out.tolist()),
    ),
)
ALL = {exercise.name: exercise for exercise in (SCORES, AFFINE, SQUARE, CENTRED, SHARES, SHUFFLED)}
