"""Cases of lesson 00, arrays: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course.judging.exercise import Case, Draw


def mean_cases(draw: Draw) -> Iterator[Case]:
    rows, columns = draw.sizes(2, low=3)
    yield Case("tiny", {"table": np.array([[1.0, 3.0], [10.0, 20.0], [0.0, 6.0]])})
    yield Case("many numbers", {"table": draw.array(rows, columns)})
    yield Case("one row", {"table": draw.array(1, columns)})
    yield Case("one column", {"table": draw.array(rows, 1)})
    yield Case("as large as the stars", {"table": draw.array(4, 3)})
    whole = np.array([[1, 2, 2, 0], [0, 0, -1, -2], [7, 8, 7, 8]])
    yield Case("whole numbers", {"table": whole}, corner="the whole numbers")


def product_cases(draw: Draw) -> Iterator[Case]:
    n, m, p = draw.sizes(3)
    yield Case("tiny", {"a": np.array([[1.0, 2.0], [0.0, 3.0]]), "b": np.array([[4.0, 1.0, 0.0], [5.0, 0.0, 2.0]])})
    yield Case("three different sizes", {"a": draw.array(n, m), "b": draw.array(m, p)})
    yield Case("square", {"a": draw.array(3, 3), "b": draw.array(3, 3)})
    yield Case("one row, one column", {"a": draw.array(1, m), "b": draw.array(m, 1)})
    yield Case("inner size 1", {"a": draw.array(n, 1), "b": draw.array(1, p)})
    yield Case("as large as the salads", {"a": draw.array(2, 4), "b": draw.array(4, 3)})


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
    small = {"values": draw.array(T_k, d), "weights": weights(T_q, T_k) * 1e-30}
    yield Case("very small weights", small, corner="the very small weights")
    whole = np.array([[1, 2], [3, 5], [8, 1]])
    yield Case("whole numbers as values", {"values": whole, "weights": weights(4, 3)}, corner="the whole numbers")
    counts = draw.rng.integers(1, 6, (4, 3))
    yield Case("whole numbers for both", {"values": whole, "weights": counts}, corner="the whole numbers")
    single = {"values": draw.array(T_k, d, dtype=np.float32), "weights": weights(T_q, T_k, dtype=np.float32)}
    yield Case("float32", single, corner="the float32 numbers")


def softmax_cases(draw: Draw) -> Iterator[Case]:
    T_q, T_k, B, H = draw.sizes(4)
    yield Case("tiny", {"scores": np.log([1.0, 2.0, 5.0])})
    yield Case("rows", {"scores": draw.array(T_q, T_k)})
    yield Case("columns", {"scores": draw.array(T_q, T_k), "axis": 0})
    yield Case("middle axis of three", {"scores": draw.array(B, T_q, T_k), "axis": 1})
    yield Case("stacks of rows", {"scores": draw.array(B, H, T_q, T_k), "axis": -1})
    yield Case("axis counted from the end", {"scores": draw.array(B, H, T_q, T_k), "axis": -3})
    yield Case("as many rows as columns", {"scores": draw.array(4, 4)})
    yield Case("a single score", {"scores": np.array([[3.0], [-7.0]])})
    large = "the very large scores"
    yield Case("large scores", {"scores": np.array([1000.0, 1001.0, 1002.0])}, corner=large)
    yield Case("scores far apart", {"scores": np.array([[0.0, 1000.0, 0.0], [0.0, 3000.0, 0.0]])}, corner=large)
    yield Case("one row far below the other", {"scores": np.array([[0.0, 1.0], [-2000.0, -2001.0]])}, corner=large)
    yield Case("a score of -inf", {"scores": np.array([0.0, -np.inf, np.log(3.0)])}, corner="the score of -inf")
    yield Case("whole numbers", {"scores": np.array([[1, 2, 3], [3, 1, 5]])}, corner="the whole numbers")
    yield Case("float32", {"scores": draw.array(T_q, T_k, dtype=np.float32)}, corner="the float32 numbers")
