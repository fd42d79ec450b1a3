"""Arrays: how a list of scores becomes weights, and how weights become an average."""

from __future__ import annotations

import numpy as np


def row_means(table: np.ndarray) -> np.ndarray:
    """The mean of each row.

    table (rows, columns), any numbers -> (rows,)"""
    return table.sum(axis=1) / table.shape[1]


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The matrix product: row i of a against column j of b, multiplied pair by pair and added up.

    a (n, m), b (m, p) -> (n, p)"""
    n, m = a.shape
    p = b.shape[1]
    out = np.zeros((n, p))
    for i in range(n):
        for j in range(p):
            for k in range(m):
                out[i, j] += a[i, k] * b[k, j]
    return out


def weighted_average(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Average the rows of values: a row of weights says how much each counts and gives one average.

    values (..., T_k, d), weights (..., T_q, T_k) -> (..., T_q, d)
    Weights are at least 0 and need not sum to 1: only their proportions count; no row is all 0.
    Floats keep their precision, whole numbers become float64. The inputs are left as they are."""
    totals = weights.sum(axis=-1, keepdims=True)  # (..., T_q, 1)
    return weights @ values / totals  # (..., T_q, d)


def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """exp(scores) / sum of exp(scores) along one axis: positive weights that sum to 1 along it.

    scores, any shape, any size of number (1000 gives no NaN; -inf gets weight 0) -> the same shape
    Floats keep their precision, whole numbers become float64. The input is left as it is."""
    largest = scores.max(axis=axis, keepdims=True)
    exps = np.exp(scores - largest)  # at most 1, where exp(1000) would overflow
    return exps / exps.sum(axis=axis, keepdims=True)
