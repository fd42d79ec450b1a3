"""Small exercises of every sort, for the tests of the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from course.judging.exercise import Case, Draw, Exercise, Law
from course.judging.judge import Verdict, judge
from course.judging.mistakes import read_mistakes
from course.judging.observe import observe_all
from course.judging.recognise import Trials

MISTAKES = read_mistakes(
    """\
# scores

not scaled
-     return query @ key.T / math.sqrt(d)
+     return query @ key.T
> The scores grow with the length of the vectors.

detached
-     return query @ key.T / math.sqrt(d)
+     return query.detach() @ key.T / math.sqrt(d)
> The query leaves the graph, so it never learns.

transposed
-     return query @ key.T / math.sqrt(d)
+     return key @ query.T / math.sqrt(d)
> Rows are queries, columns are keys.

# Affine

no gain
-         return self.w(x) * self.gain * times
+         return self.w(x) * self.gain * 0 + self.w(x) * times
> The gain has no effect.

# centred

always the last axis
-     return values - values.mean(axis=axis, keepdims=True)
+     return values - values.mean(axis=-1, keepdims=True)
> The axis that is asked for is not looked at.

# shares

no refusal
-     if total % parts:
+     if False:
> A total that cannot be split is cut silently.

one more
-     return [total // parts] * parts
+     return [total // parts] * (parts + 1)
> There is one part too many.
""",
    "samples.py",
)


def verdict_on(exercise: Exercise, candidate: Callable, seed: int = 1) -> Verdict:
    cases = list(exercise.cases(Draw(seed)))
    return judge(Trials(exercise, cases), observe_all(exercise, candidate, cases))


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
    lesson=4,
    section="All queries at once",
    cases=score_cases,
    gradients=True,
    laws=(
        Law(
            "twice the query gives twice the scores",
            holds=lambda case, out, doubled: abs(2 * out - doubled).max() < 1e-6,
            change=lambda case: case.changed(query=2 * case["query"]) if case.name != "wide" else None,
        ),
    ),
    mistakes=MISTAKES["scores"],
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
    lesson=7,
    section="A gain",
    cases=affine_cases,
    gradients=True,
    mistakes=MISTAKES["Affine"],
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


SQUARE = Exercise(reference=OneProjection, lesson=5, section="Merging", cases=square_cases, gradients=True)


def centred(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """values minus their mean along the axis."""
    return values - values.mean(axis=axis, keepdims=True)


def centred_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"values": np.array([1.0, 3.0])})
    yield Case("rows", {"values": draw.array(4, 5)})
    yield Case("columns", {"values": draw.array(4, 5), "axis": 0})


CENTRED = Exercise(
    reference=centred,
    lesson=0,
    section="Means",
    cases=centred_cases,
    laws=(
        Law(
            "what is centred has mean 0",
            holds=lambda case, out, _: abs(out.mean(case.inputs.get("axis", -1))).max() < 1e-9,
        ),
    ),
    mistakes=MISTAKES["centred"],
)


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
    lesson=5,
    section="Heads",
    cases=share_cases,
    mistakes=MISTAKES["shares"],
)


def shuffled(items: list[int]) -> list[int]:
    """The items in any other order."""
    return items[::-1]


def shuffle_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"items": [1, 2]})
    yield Case("random", {"items": draw.integers(0, 9, 6).tolist()})


SHUFFLED = Exercise(
    reference=shuffled,
    lesson=1,
    section="Order",
    cases=shuffle_cases,
    unique=False,
    laws=(
        Law("the same items come back", holds=lambda case, out, _: sorted(case["items"]) == sorted(out.tolist())),
        Law("the order is another", holds=lambda case, out, _: case["items"] != out.tolist()),
    ),
)
ALL = {exercise.name: exercise for exercise in (SCORES, AFFINE, SQUARE, CENTRED, SHARES, SHUFFLED)}
