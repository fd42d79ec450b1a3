"""The arrays of lesson 00 against NumPy, SciPy and torch, and against numbers worked out by hand."""

import numpy as np
import pytest
import scipy.special
import torch

from course.arrays import matmul, row_means, softmax, weighted_average

RNG = np.random.default_rng(0)


def test_row_means_equal_numpys():
    table = RNG.standard_normal((5, 3))
    ours, theirs = row_means(table), table.mean(axis=1)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_row_means_of_whole_numbers_keep_their_decimals():
    np.testing.assert_array_equal(row_means(np.array([[1, 2], [-1, 0]])), [1.5, -0.5])


@pytest.mark.parametrize(("n", "m", "p"), [(2, 3, 4), (1, 5, 1), (4, 1, 3), (3, 3, 3)])
def test_matmul_equals_numpys_and_torchs(n, m, p):
    a, b = RNG.standard_normal((n, m)), RNG.standard_normal((m, p))
    ours, theirs = matmul(a, b), a @ b
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(ours, torch.from_numpy(a) @ torch.from_numpy(b), rtol=1e-12)


def test_matmul_by_hand():
    ours = matmul(np.array([[1, 2], [0, 3]]), np.array([[4, 1, 0], [5, 0, 2]]))
    np.testing.assert_array_equal(ours, [[1 * 4 + 2 * 5, 1 * 1 + 2 * 0, 1 * 0 + 2 * 2], [3 * 5, 3 * 0, 3 * 2]])


def test_weighted_average_equals_numpys():
    values, weights = RNG.standard_normal((5, 3)), RNG.random((4, 5))
    ours = weighted_average(values, weights)
    theirs = np.stack([np.average(values, axis=0, weights=row) for row in weights])
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_weighted_average_takes_stacks_one_by_one_and_shares_values_between_them():
    values, weights = RNG.standard_normal((2, 6, 5, 3)), RNG.random((2, 6, 4, 5))
    ours = weighted_average(values, weights)
    for place in np.ndindex(2, 6):
        np.testing.assert_allclose(ours[place], weighted_average(values[place], weights[place]), rtol=1e-12)
    shared = weighted_average(values[0, 0], weights)
    np.testing.assert_allclose(shared[1, 5], weighted_average(values[0, 0], weights[1, 5]), rtol=1e-12)


def test_weighted_average_of_equal_weights_is_the_mean_and_of_one_weight_a_lookup():
    values = RNG.standard_normal((5, 3))
    np.testing.assert_allclose(weighted_average(values, np.full((1, 5), 7.0))[0], values.mean(axis=0), rtol=1e-12)
    np.testing.assert_array_equal(weighted_average(values, np.eye(5)), values)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_softmax_equals_scipys_and_torchs(axis, dtype):
    scores = (10 * RNG.standard_normal((4, 5, 6))).astype(dtype)
    ours, theirs = softmax(scores, axis=axis), scipy.special.softmax(scores, axis=axis)
    assert ours.dtype == dtype
    rtol = 1e-12 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(ours, theirs, rtol=rtol)
    np.testing.assert_allclose(ours, torch.from_numpy(scores).softmax(dim=axis), rtol=rtol)


@pytest.mark.parametrize(
    "scores",
    [
        [1000.0, 1001.0, 1002.0],
        [[0.0, 1.0], [-2000.0, -2001.0]],
        [0.0, 3000.0],
        [0.0, -np.inf, 1.0],
        [[5.0]],
        [3, 1, 2],
    ],
)
def test_softmax_at_the_edges_equals_torchs(scores):
    scores = np.array(scores)
    ours, theirs = softmax(scores), torch.tensor(scores, dtype=torch.float64).softmax(dim=-1)
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_softmax_by_hand():
    np.testing.assert_allclose(softmax(np.log([1.0, 2.0, 5.0])), [1 / 8, 2 / 8, 5 / 8], rtol=1e-12)


@pytest.mark.parametrize("function", [row_means, softmax])
def test_inputs_stay_as_they_are(function):
    given = RNG.standard_normal((3, 4))
    kept = given.copy()
    function(given)
    np.testing.assert_array_equal(given, kept)


def test_softmax_weights_need_no_second_division():
    scores, values = RNG.standard_normal((4, 5)), RNG.standard_normal((5, 3))
    np.testing.assert_allclose(weighted_average(values, softmax(scores)), softmax(scores) @ values, rtol=1e-12)
    np.testing.assert_allclose(weighted_average(values, np.exp(scores)), softmax(scores) @ values, rtol=1e-12)
