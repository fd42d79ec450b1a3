"""Laws: what counts as equal up to rounding, and what does not?"""

import numpy as np
import pytest

from course.judging.laws import close, roughly


@pytest.mark.parametrize(
    ("dtype", "off", "equal"),
    [("float64", 1e-10, True), ("float64", 1e-8, False), ("float32", 1e-5, True), ("float32", 1e-3, False)],
)
def test_close_in_the_precision_of_the_numbers(dtype, off, equal):
    one = np.array([1.0, -2.0], dtype=dtype)
    assert close(one, one + np.asarray(off, dtype)) is equal
    assert close(one, one - np.asarray(off, dtype)) is equal


def test_nan_is_close_to_nothing():
    nan = np.array([np.nan])
    assert not close(nan, nan)
    assert not roughly(nan, nan)


@pytest.mark.parametrize(("off", "equal"), [(1e-6, True), (1e-3, False)])
def test_roughly_asks_for_the_precision_of_float32_alone(off, equal):
    assert roughly(np.ones(3), 1.0 + off) is equal
    assert roughly(np.array([1e6]), 1e6 * (1 + off)) is equal
