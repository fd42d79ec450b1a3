"""Two small exercises and a way to ask why an answer is wrong, for the tests of what the judge finds out by itself."""

from __future__ import annotations

import linecache

import numpy as np
import torch
from torch import nn

from course.judging.exercise import Case, Draw, Exercise
from course.judging.judge import judge
from course.judging.mistakes import read_mistakes
from course.judging.observe import Subject, observe_all
from course.judging.recognise import Trials

MISTAKES = read_mistakes(
    """\
# spread

not centred
-     centred = x - mean
+     centred = x
> The mean stays in.

the sum
-     squares = (centred**2).mean(-1, keepdims=True)
+     squares = (centred**2).sum(-1, keepdims=True)
> The squares are added, not averaged.

no root
-     return centred / np.sqrt(squares + eps)
+     return centred / (squares + eps)
> The root is forgotten.

""",
    "here",
)


def spread(x, eps=1e-5):
    """x (..., T, d) -> (..., T, d)"""
    mean = x.mean(-1, keepdims=True)
    centred = x - mean
    squares = (centred**2).mean(-1, keepdims=True)
    return centred / np.sqrt(squares + eps)


def spread_cases(draw):
    yield Case("tiny", {"x": np.array([[1.0, 3.0, 8.0], [0.0, 1.0, 1.0]])})
    yield Case("a batch", {"x": draw.array(4, 5, 3)})
    yield Case("another eps", {"x": draw.array(5, 4), "eps": 0.5})
    yield Case("equal entries", {"x": np.ones((2, 3))}, corner="the rows of equal entries")


SPREAD = Exercise(spread, 7, "Spread", spread_cases, mistakes=MISTAKES["spread"])


def lines_said(exercise: Exercise, answer) -> dict[str, str]:
    """What, Why, Also, Look -> what stands behind it, where a wrong answer is told it."""
    cases = list(exercise.cases(Draw(1)))
    found = judge(Trials(exercise, cases), observe_all(exercise, answer, cases), Subject(exercise, answer, "x @ w"))
    assert not found.right
    told = found.text.partition("\n  It printed:")[0]
    return dict(line.strip().split(":  ", 1) for line in told.splitlines()[1:])


def why(exercise: Exercise, answer) -> str:
    """What stands behind Why; '' where nothing does."""
    return lines_said(exercise, answer).get("Why", "").strip()


def written(source: str, name: str, **names):
    """What a cell defines, so that its text can be read again."""
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {"np": np, "torch": torch, "nn": nn, **names}
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]


def weighted(query, key, mask=None, turned=False):
    """query (T_q, d), key (T_k, d) -> (T_q, T_k)"""
    products = query @ key.T
    shifted = products - 1 if turned else products
    return shifted if mask is None else torch.where(mask, shifted, 0.0)


def weighted_cases(draw):
    yield Case("tiny", {"query": torch.tensor([[1.0, 2.0], [0.0, 1.0]]), "key": torch.tensor([[3.0, 1.0], [0.0, 2.0]])})
    yield Case("some", {"query": draw.tensor(4, 3), "key": draw.tensor(4, 3)})
    yield Case("a mask", {"query": draw.tensor(4, 3), "key": draw.tensor(4, 3), "mask": draw.mask(4, 4)})
    yield Case("turned", {"query": draw.tensor(4, 3), "key": draw.tensor(4, 3), "turned": True})


WEIGHTED = Exercise(weighted, 4, "Weighted", weighted_cases)
