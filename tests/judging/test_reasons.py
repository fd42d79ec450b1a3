"""Why an answer is wrong that makes no known mistake: two at once, relations, other inputs, influence, its own text."""

from __future__ import annotations

import linecache

import numpy as np
import pytest
import torch
from torch import nn

from course.judging.exercise import Case, Draw, Exercise
from course.judging.judge import judge
from course.judging.mistakes import read_mistakes
from course.judging.observe import Subject, observe_all

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


def why(exercise: Exercise, answer) -> str:
    """What stands behind Why; '' where nothing does."""
    cases = list(exercise.cases(Draw(1)))
    found = judge(exercise, cases, observe_all(exercise, answer, cases), Subject(exercise, answer, "x @ w"))
    assert not found.right
    return next((line.partition("Why:")[2].strip() for line in found.text.splitlines() if "  Why:" in line), "")


def written(source: str, name: str, **names):
    """What a cell defines, so that its text can be read again."""
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {"np": np, "torch": torch, "nn": nn, **names}
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]


def uncentred_sum(x, eps=1e-5):
    return x / np.sqrt((x * x).sum(axis=-1)[..., None] + eps)


def not_centred_and_nan(x, eps=1e-5):
    out = x / np.sqrt((x**2).mean(-1, keepdims=True) + eps)
    return np.where(x == 1, np.nan, out) if x.shape == (2, 3) and (x == 1).all() else out


def in_single_precision(x, eps=1e-5):
    x = x.astype(np.float32)
    centred = x - x.mean(-1, keepdims=True)
    return (centred / (np.mean(centred**2, -1, keepdims=True) + eps)).astype(np.float64)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (uncentred_sum, "two things at once. (1) The mean stays in. (2) The squares are added, not averaged."),
        (not_centred_and_nan, "apart from the rows of equal entries: The mean stays in."),
        (in_single_precision, "The root is forgotten."),
    ],
)
def test_known_mistakes_are_known_two_at_once_apart_from_corners_and_up_to_rounding(answer, said):
    assert why(SPREAD, answer) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda out: np.swapaxes(out, -1, -2), "the right numbers with the last two axes exchanged, T and d"),
        (lambda out: out[..., ::-1, :], "in reverse order along axis -2"),
        (lambda out: np.roll(out, 1, axis=-1), "one place too late along axis -1"),
        (lambda out: out * 2.5, "is the right one times 2.5, on every case"),
        (lambda out: -out, "times -1: the sign is the other one"),
        (lambda out: out * np.sqrt(out.shape[-1]), "is the right one times the root of d (times 1.732 on"),
        (lambda out: out / out.shape[-2], "is the right one times 1 / T (times 0.5 on"),
        (lambda out: out + 0.25, "is the right one plus 0.25, everywhere"),
        (lambda out: np.exp(out), "is one step too far: it is an exponential of the right numbers"),
        (lambda out: out.sum(-2), "is the sum over axis -2 of the right one"),
        (lambda out: out[..., None], "with an axis of size 1 too many"),
        (lambda out: out.reshape(-1), "in the right order, cut into another shape"),
        (lambda out: np.sort(out, axis=-1), "the right numbers, but at other places"),
        (lambda out: (out.astype(np.float32) * np.float32(1 + 1e-6)).astype(np.float64), "about seven digits only"),
    ],
)
def test_relations_to_the_right_output_are_found(change, said):
    assert said in why(SPREAD, lambda x, eps=1e-5: change(spread(x, eps)))


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


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda query, key, mask=None, turned=False: weighted(query, key, None, turned), "where no `mask` is given"),
        (
            lambda query, key, mask=None, turned=False: weighted(query, key, None if mask is None else ~mask, turned),
            "with True and False of `mask` exchanged",
        ),
        (lambda query, key, mask=None, turned=False: weighted(key, key, mask, turned), "`key` in place of `query`"),
        (lambda query, key, mask=None, turned=False: query @ key.T, "these are the right `products`"),
    ],
)
def test_the_right_answer_to_something_else_is_known(answer, said):
    assert said in why(WEIGHTED, answer)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda query, key, *rest: weighted(query, key, *rest) + query.sum() / 7, "`query` changes for query 0"),
        (lambda query, key, *rest: key[:, 0] * 0 + query.sum(-1, keepdim=True) ** 3, "another `key` changes nothing"),
    ],
)
def test_an_input_without_influence_or_with_too_much_is_told(answer, said):
    assert said in why(WEIGHTED, lambda query, key, mask=None, turned=False: answer(query, key, mask, turned))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    for row in x:\n        out = row * 7\n        return out", "stands inside the loop `for row in x`"),
        ("    print(x * 7)", "prints what it found, but does not return it"),
        ("    x * 7", "has no `return` with a value"),
        ("    return table - 1 / (2 + np.abs(table))", "reads `table` of the notebook, and never its own"),
        ("    x = np.random.rand(2, 3)\n    return x", "`x = ...` throws away what was handed in as `x`"),
        ("    rows = [[]] * len(x)\n    rows[0].append(7.5)\n    return rows", "holds one and the same list several"),
        ("    out = np.zeros((2, 7))\n    out[0, 0] = (x**3).max() / eps\n    return out", "has the number 7 in it"),
        ("    return np.zeros((*x.shape[:-1], 9)) @ x / eps", "in `a @ b` the last axis of a meets"),
        ("    rows, columns = x.shape\n    return x * 3 ** rows", "allows so many axes and no more"),
        ("    a, b = [], []\n    for _ in x:\n        b.append(1)\n        a.append(b)\n    return a", "list `b`"),
    ],
)
def test_slips_are_read_in_the_answers_own_text(body, said):
    table = np.array([[1.0, 2.0]])
    assert said in why(SPREAD, written(f"def spread(x, eps=1e-5):\n{body}\n", "spread", table=table))


def test_a_default_that_remembers_is_the_reason_for_two_different_answers():
    source = "def spread(x, eps=1e-5, seen=[]):\n    seen.append(1.0)\n    return x * len(seen)\n"
    assert "the default `[]` in `def spread` is made once" in why(SPREAD, written(source, "spread"))


def test_what_sets_the_wrong_cases_apart_is_told():
    def answer(x, eps=1e-5):
        return spread(x, eps) if x.ndim < 3 else spread(x, eps) ** 3 * np.arange(1, 4)

    assert why(SPREAD, answer) == "it is wrong on each case in which `x` has 3 axes, and right on all the others."


def test_places_that_alone_are_wrong_are_told():
    def answer(x, eps=1e-5):
        out = spread(x, eps)
        out[..., -1] = out[..., -1] ** 2 * 3 + x[..., -1]
        return out

    assert why(SPREAD, answer) == "only the last feature is wrong; all others are right."


def test_where_nothing_is_sure_nothing_is_said():
    assert why(SPREAD, lambda x, eps=1e-5: spread(x, eps) ** 3 + 0.1 * x**2 - eps * np.cos(x)) == ""
