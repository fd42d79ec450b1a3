"""The exercises of lesson 00: cases, laws, and the mistakes that people make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course import arrays
from course.checks.exercise import Case, Draw, Exercise, Law, Mistake


def close(one: Any, other: Any) -> bool:
    """Equal up to rounding in float32."""
    return np.allclose(one, other, rtol=1e-4, atol=1e-5)


def mean_cases(draw: Draw) -> Iterator[Case]:
    rows, columns = draw.sizes(2, low=3)
    yield Case("tiny", {"table": np.array([[1.0, 3.0], [10.0, 20.0], [0.0, 6.0]])})
    yield Case("many numbers", {"table": draw.array(rows, columns)})
    yield Case("one row", {"table": draw.array(1, columns)})
    yield Case("one column", {"table": draw.array(rows, 1)})
    yield Case("whole numbers", {"table": np.array([[1, 2, 2, 0], [0, 0, -1, -2], [7, 8, 7, 8]])})


row_means = Exercise(
    reference=arrays.row_means,
    see="lesson 00, 'Predict: what shape comes out?'",
    cases=mean_cases,
    laws=(
        Law(
            "the order of the columns does not matter",
            holds=lambda case, out, turned: close(out, turned),
            change=lambda case: case.changed(table=case["table"][:, ::-1]),
        ),
    ),
    mistakes=(
        Mistake("columns for rows", (("table.sum(axis=1) / table.shape[1]", "table.mean(axis=0)"),), "it averages down each column: the axis you name is the one that disappears, and axis 0 is the rows."),
        Mistake("one mean of everything", (("table.sum(axis=1) / table.shape[1]", "table.mean()"),), "it averages the whole table into one number: without an axis, NumPy takes them all."),
        Mistake("axis kept", (("table.sum(axis=1) / table.shape[1]", "table.mean(axis=1, keepdims=True)"),), "the means are right, but the averaged axis stayed behind with size 1; here it has to go."),
        Mistake("sum", ((" / table.shape[1]", ""),), "this is the sum of each row; a mean also divides by how many numbers there are."),
        Mistake("divided by the rows", (("table.shape[1]", "table.shape[0]"),), "each row's sum is divided by the number of rows, but a row has as many numbers as there are columns."),
        Mistake("divided by one less", (("table.shape[1]", "(table.shape[1] - 1)"),), "each sum is divided by one less than the number of columns; that belongs to the variance of a sample, not to a mean."),
        Mistake("decimals dropped", ((" / table", " // table"),), "whole-number division (//) drops the decimals."),
        Mistake("integers for means", (("return table.sum(axis=1) / table.shape[1]", "out = np.zeros_like(table[:, 0])\n    out[:] = table.sum(axis=1) / table.shape[1]\n    return out"),), "the means are put into an array that has the type of the table, so for whole numbers the decimals are cut off."),
        Mistake("median", (("table.sum(axis=1) / table.shape[1]", "np.median(table, axis=1)"),), "this is the median, the number in the middle; the mean is sum divided by count."),
    ),
)  # fmt: skip


def product_cases(draw: Draw) -> Iterator[Case]:
    n, m, p = draw.sizes(3)
    yield Case("tiny", {"a": np.array([[1.0, 2.0], [0.0, 3.0]]), "b": np.array([[4.0, 1.0, 0.0], [5.0, 0.0, 2.0]])})
    yield Case("three different sizes", {"a": draw.array(n, m), "b": draw.array(m, p)})
    yield Case("square", {"a": draw.array(3, 3), "b": draw.array(3, 3)})
    yield Case("one row, one column", {"a": draw.array(1, m), "b": draw.array(m, 1)})
    yield Case("inner size 1", {"a": draw.array(n, 1), "b": draw.array(1, p)})


RESET = "the sum runs on from one number of the result to the next: it has to begin again at 0 for every i and every j."

matmul = Exercise(
    reference=arrays.matmul,
    see="lesson 00, 'The matrix product: inner sizes agree'",
    cases=product_cases,
    laws=(
        Law(
            "the matrix with ones on its diagonal changes nothing",
            holds=lambda case, out, same: close(same, case["a"]),
            change=lambda case: case.changed(b=np.eye(case["a"].shape[1])),
        ),
    ),
    mistakes=(
        Mistake("number by number", (("return out", "return a * b"),), "a * b multiplies numbers that stand in the same place; a matrix product takes a whole row against a whole column."),
        Mistake("only the last pair", (("] += a", "] = a"),), "each pair overwrites the one before, so only the last product is left: the products have to be added up."),
        Mistake("rows of b", (("b[k, j]", "b[j, k]"),), "rows of b are read where columns are needed: the index that is summed comes first in b."),
        Mistake("columns of a", (("a[i, k]", "a[k, i]"),), "columns of a are read where rows are needed: the index that is summed comes last in a."),
        Mistake("last pair left out", (("in range(m)", "in range(m - 1)"),), "the inner loop stops one pair early: range(m) already ends before m."),
        Mistake("first pair left out", (("in range(m)", "in range(1, m)"),), "the inner loop begins at 1, but the first index is 0."),
        Mistake("added for multiplied", (("a[i, k] * b", "a[i, k] + b"),), "the two numbers of a pair are added; they have to be multiplied first, and the products added."),
        Mistake("sum never reset", (("    for i in", "    total = 0.0\n    for i in"), ("out[i, j] += a[i, k] * b[k, j]", "total += a[i, k] * b[k, j]\n                out[i, j] = total")), RESET),
        Mistake("sum reset once a row", (("        for j in", "        total = 0.0\n        for j in"), ("out[i, j] += a[i, k] * b[k, j]", "total += a[i, k] * b[k, j]\n                out[i, j] = total")), RESET),
        Mistake("one row shared", (("np.zeros((n, p))", "[[0.0] * p] * n"), ("out[i, j]", "out[i][j]"), ("return out", "return np.array(out)")), "[[0] * p] * n holds n times the very same row, so writing to one row writes to all of them."),
        Mistake("transposed", (("return out", "return out.T"),), "rows and columns of the result are swapped: i, from a, counts its rows, and j, from b, its columns."),
        Mistake("b times a", (("return out", "return b @ a"),), "this is b times a; a matrix product depends on the order."),
        Mistake("whole numbers", (("np.zeros((n, p))", "np.zeros((n, p), dtype=int)"),), "the result is kept in whole numbers, which cuts off the decimals of every sum."),
    ),
)  # fmt: skip


def average_cases(draw: Draw) -> Iterator[Case]:
    T_q, T_k, d, B, H = draw.sizes(5)

    def weights(*shape: int, dtype: Any = np.float64) -> np.ndarray:
        return (np.abs(draw.array(*shape)) + 0.1).astype(dtype)

    alone = np.eye(T_k)[draw.rng.integers(0, T_k, T_q)]
    yield Case("tiny", {"values": np.array([[0.0, 8.0], [4.0, 0.0]]), "weights": np.array([[3.0, 1.0]])})
    yield Case("one table", {"values": draw.array(T_k, d), "weights": weights(T_q, T_k)})
    yield Case("stacks of tables", {"values": draw.array(B, H, T_k, d), "weights": weights(B, H, T_q, T_k)})
    yield Case("one table for a stack of weights", {"values": draw.array(T_k, d), "weights": weights(B, T_q, T_k)})
    yield Case("all sizes 3", {"values": draw.array(3, 3, 3), "weights": weights(3, 3, 3)})
    yield Case("one value counts alone", {"values": draw.array(T_k, d), "weights": alone})
    yield Case("a single value", {"values": draw.array(1, d), "weights": weights(T_q, 1)})
    yield Case("very small weights", {"values": draw.array(T_k, d), "weights": weights(T_q, T_k) * 1e-9})
    yield Case("whole numbers as values", {"values": np.array([[1, 2], [3, 5], [8, 1]]), "weights": weights(4, 3)})
    yield Case("float32", {"values": draw.array(T_k, d, dtype=np.float32), "weights": weights(T_q, T_k, dtype=np.float32)})


TOTALS, MIX = "weights.sum(axis=-1, keepdims=True)", "weights @ values / totals"

weighted_average = Exercise(
    reference=arrays.weighted_average,
    see="lesson 00, 'The weighted average: mix in proportion'",
    cases=average_cases,
    laws=(
        Law(
            "three times the weights give the same average",
            holds=lambda case, out, tripled: close(out, tripled),
            change=lambda case: case.changed(weights=3 * case["weights"]),
        ),
        Law(
            "an average lies between the smallest and the largest value",
            holds=lambda case, out, _: bool(np.all((out > case["values"].min() - 1e-5) & (out < case["values"].max() + 1e-5))),
        ),
    ),
    mistakes=(
        Mistake("not divided", ((" / totals", ""),), "this is the weighted sum; an average also divides by the total of the weights, else twice the weights give twice the result."),
        Mistake("divided by the count", (("/ totals", "/ weights.shape[-1]"),), "it divides by how many values there are; with weights, the total of the weights takes the place of the count."),
        Mistake("one total for everything", ((TOTALS, "weights.sum()"),), "all the weights together make one total, but each row of weights is an average of its own and has its own total."),
        Mistake("totals down the columns", ((TOTALS, "weights.sum(axis=-2, keepdims=True)"),), "the weights are added down the columns; the weights of one average stand in one row."),
        Mistake("axis lost", ((", keepdims=True", ""),), "the totals have lost their last axis, so broadcasting lines them up with the columns instead of the rows."),
        Mistake("weights transposed", ((MIX, "weights.swapaxes(-1, -2) @ values / totals"),), "the weights are transposed first; their last axis, T_k, already meets the first axis of values."),
        Mistake("values times weights", ((MIX, "values @ weights / totals"),), "the two factors are in the wrong order: the rows of the result have to come from weights."),
        Mistake("weights ignored", ((MIX, "np.ones_like(weights) @ values / weights.shape[-1]"),), "every value counts the same: this is the plain mean, and the weights are not used."),
        Mistake("only the largest", ((MIX, "(weights == weights.max(axis=-1, keepdims=True)).astype(float) @ values"),), "only the value with the largest weight is taken; the others have a share too."),
        Mistake("softmax of the weights", ((TOTALS, "np.exp(weights).sum(axis=-1, keepdims=True)"), (MIX, "np.exp(weights) @ values / totals")), "the weights go through exp first; they are weights already, and only scores need that."),
        Mistake("something added to the total", (("/ totals", "/ (totals + 1e-8)"),), "a small number is added to the total; where the weights are small too, it pulls the average towards 0."),
        Mistake("np.dot", ((MIX, "np.dot(weights, values) / totals"),), "np.dot pairs every table of one stack with every table of the other; @ takes them one with one."),
        Mistake("decimals dropped", ((MIX, "weights @ values // totals"),), "whole-number division (//) drops the decimals."),
        Mistake("input changed", ((f"totals = {TOTALS}", f"weights /= {TOTALS}"), (" / totals", "")), "it divides the caller's own weights in place: /= writes into the array that was handed in."),
    ),
)  # fmt: skip


def softmax_cases(draw: Draw) -> Iterator[Case]:
    T_q, T_k, B, H = draw.sizes(4)
    yield Case("tiny", {"scores": np.log([1.0, 2.0, 5.0])})
    yield Case("rows", {"scores": draw.array(T_q, T_k)})
    yield Case("columns", {"scores": draw.array(T_q, T_k), "axis": 0})
    yield Case("middle axis of three", {"scores": draw.array(B, T_q, T_k), "axis": 1})
    yield Case("stacks of rows", {"scores": draw.array(B, H, T_q, T_k), "axis": -1})
    yield Case("axis counted from the end", {"scores": draw.array(B, H, T_q, T_k), "axis": -3})
    yield Case("as many rows as columns", {"scores": draw.array(4, 4)})
    yield Case("large scores", {"scores": np.array([1000.0, 1001.0, 1002.0])})
    yield Case("scores far apart", {"scores": np.array([[0.0, 1000.0, 0.0], [0.0, 3000.0, 0.0]])})
    yield Case("one row far below the other", {"scores": np.array([[0.0, 1.0], [-2000.0, -2001.0]])})
    yield Case("a score of -inf", {"scores": np.array([0.0, -np.inf, np.log(3.0)])})
    yield Case("a single score", {"scores": np.array([[3.0], [-7.0]])})
    yield Case("whole numbers", {"scores": np.array([[1, 2, 3], [3, 1, 5]])})
    yield Case("float32", {"scores": draw.array(T_q, T_k, dtype=np.float32)})


MAX, SUM, SHIFT = "scores.max(axis=axis, keepdims=True)", "exps.sum(axis=axis, keepdims=True)", "scores - largest"
UNSTABLE = (SHIFT, "scores")
EVERYTHING = "the exponentials of the whole array are added into one sum, so a single row no longer sums to 1."
KEEP = "a sum or maximum along an axis loses that axis, and broadcasting then lines it up with the wrong one (or fails): keep it with size 1."
LOGARITHM = "this is the logarithm of the weights, called log-softmax: its numbers are negative and do not sum to 1."

softmax = Exercise(
    reference=arrays.softmax,
    see="lesson 00, 'Softmax: scores become weights'",
    cases=softmax_cases,
    laws=(
        Law(
            "the weights sum to 1 along the axis",
            holds=lambda case, out, _: close(out.sum(axis=case.inputs.get("axis", -1)), 1.0),
        ),
        Law(
            "the same number added to every score changes nothing",
            holds=lambda case, out, shifted: close(out, shifted),
            change=lambda case: case.changed(scores=case["scores"] + 5),
        ),
    ),
    mistakes=(
        Mistake("unstable", (UNSTABLE,), "exp of a large score is infinite, and infinity divided by infinity is NaN: first subtract from all scores the same number, so that none is large."),
        Mistake("one maximum for all", ((MAX, "scores.max()"),), "one maximum is subtracted everywhere; a row far below it becomes all zeros, and 0/0 is NaN: each row needs its own maximum."),
        Mistake("mean subtracted", ((MAX, "scores.mean(axis=axis, keepdims=True)"),), "with the mean subtracted, a score far above the mean still overflows; only the maximum is sure to leave none above 0."),
        Mistake("minimum subtracted", ((MAX, "scores.min(axis=axis, keepdims=True)"),), "with the minimum subtracted, the largest score can still be huge and overflow."),
        Mistake("scores cut off", ((SHIFT, "np.clip(scores, -500, 500)"),), "cutting large scores off makes unequal scores equal; subtracting loses nothing."),
        Mistake("scores divided by the maximum", ((SHIFT, "scores / largest"),), "dividing the scores changes their differences, and with them the weights; only subtracting is free."),
        Mistake("everything sums to 1", ((SUM, "exps.sum()"),), EVERYTHING),
        Mistake("one maximum and one sum", ((MAX, "scores.max()"), (SUM, "exps.sum()")), EVERYTHING),
        Mistake("everything sums to 1, unstable", ((SUM, "exps.sum()"), UNSTABLE), EVERYTHING[:-1] + ", and exp of a large score overflows."),
        Mistake("axis lost", ((MAX, "scores.max(axis=axis)"), (SUM, "exps.sum(axis=axis)")), KEEP),
        Mistake("axis lost in the sum", ((SUM, "exps.sum(axis=axis)"),), KEEP),
        Mistake("axis lost in the maximum", ((MAX, "scores.max(axis=axis)"),), KEEP),
        Mistake("axis lost, unstable", ((SUM, "exps.sum(axis=axis)"), UNSTABLE), KEEP[:-1] + "; and exp of a large score overflows."),
        Mistake("always the last axis", ((MAX, "scores.max(axis=-1, keepdims=True)"), (SUM, "exps.sum(axis=-1, keepdims=True)")), "it always works along the last axis and never looks at `axis`."),
        Mistake("always the first axis", ((MAX, "scores.max(axis=0, keepdims=True)"), (SUM, "exps.sum(axis=0, keepdims=True)")), "it always works along axis 0 and never looks at `axis`."),
        Mistake("without exp", ((f"np.exp({SHIFT})", "scores"),), "the scores themselves are divided by their sum; exp is missing, so negative scores give negative weights."),
        Mistake("not divided", (("return exps / " + SUM, "return exps"),), "the largest weight is 1, but they do not sum to 1: divide by the sum of the exponentials, not by the largest."),
        Mistake("exp alone", (UNSTABLE, ("return exps / " + SUM, "return exps")), "this is exp alone: positive, but it does not sum to 1, and a large score overflows."),
        Mistake("powers of two", (("np.exp(", "np.exp2("),), "these are powers of 2; softmax takes powers of e."),
        Mistake("length 1 for sum 1", (("return exps / " + SUM, "return exps / np.sqrt((exps**2).sum(axis=axis, keepdims=True))"),), "the weights are divided by their length, so their squares sum to 1; the weights themselves have to."),
        Mistake("logarithm", (("return exps / " + SUM, f"return {SHIFT} - np.log({SUM})"),), LOGARITHM),
        Mistake("logarithm of the weights", (("return exps / " + SUM, f"return np.log(exps / {SUM})"),), LOGARITHM),
        Mistake("sigmoid", (("return exps / " + SUM, "return 1 / (1 + np.exp(-scores))"),), "this is the sigmoid: it looks at each score alone, while in softmax the scores share one total."),
        Mistake("upside down", ((MAX, "(-scores).max(axis=axis, keepdims=True)"), (SHIFT, "-scores - largest")), "the sign is turned round: the lowest score gets the largest weight."),
        Mistake("winner takes all", (("exps / " + SUM, "(scores == largest) / (scores == largest).sum(axis=axis, keepdims=True)"),), "the largest score takes everything; softmax leaves every score a share."),
        Mistake("integers for weights", (("return exps / " + SUM, f"out = np.empty_like(scores)\n    out[...] = exps / {SUM}\n    return out"),), "the weights are put into an array that has the type of the scores, so for whole numbers every weight below 1 is cut to 0."),
        Mistake("input changed", ((f"exps = np.exp({SHIFT})", "scores -= largest\n    exps = np.exp(scores)"),), "-= writes into the array that was handed in; make a new one."),
    ),
)  # fmt: skip
