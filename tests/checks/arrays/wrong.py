"""Wrong answers to the exercises of lesson 00, written without the reference at hand."""

from __future__ import annotations

import numpy as np
import torch


def means_of_columns(table):
    n_rows, n_columns = table.shape
    return np.array([sum(table[row, column] for row in range(n_rows)) / n_rows for column in range(n_columns)])


def sums(table):
    return np.array([np.sum(row) for row in table])


def means_with_the_axis(table):
    return np.array([[np.mean(row)] for row in table])


def one_mean(table):
    total = 0.0
    for row in table:
        for number in row:
            total += number
    return total / table.size


def means_over_rows_count(table):
    return np.array([sum(row) / len(table) for row in table])


def means_in_an_array_like_the_table(table):
    means = np.zeros(len(table), dtype=table.dtype)
    for row in range(len(table)):
        means[row] = table[row].sum() / len(table[row])
    return means


def means_of_the_stars(table):
    stars = [[5, 4, 3], [3, 2, 1], [0, 5, 4], [2, 1, 0]]
    return np.array([sum(row) / 3 for row in stars])


def means_of_four_fruits(table):
    means = np.zeros(4)
    for fruit in range(4):
        for taster in range(3):
            means[fruit] += table[fruit, taster]
    return means / 3


def mean_of_the_first_row(table):
    for row in table:
        total = 0
        for number in row:
            total += number
        return total / len(row)


def means_in_a_list(table):
    return table.mean(axis=1).tolist()


def product_in_place(a, b):
    return np.multiply(a, b)


def product_of_the_last_pair(a, b):
    out = np.empty((len(a), b.shape[1]))
    for i in range(len(a)):
        for j in range(b.shape[1]):
            for x, y in zip(a[i], b[:, j], strict=True):
                out[i, j] = x * y
    return out


def product_with_a_shared_row(a, b):
    rows = [[0] * b.shape[1]] * len(a)
    for i, row in enumerate(a):
        for j, column in enumerate(b.T):
            for x, y in zip(row, column, strict=True):
                rows[i][j] = rows[i][j] + x * y
    return np.array(rows)


def product_with_a_running_sum(a, b):
    running, rows = 0.0, []
    for row in a:
        rows.append([])
        for column in b.T:
            running = running + np.dot(row, column)
            rows[-1].append(running)
    return np.array(rows)


def product_without_the_last_pair(a, b):
    return a[:, :-1] @ b[:-1]


def product_turned(a, b):
    return np.array([[np.dot(row, column) for row in a] for column in b.T])


def product_of_the_first_row(a, b):
    out = np.zeros((len(a), b.shape[1]))
    for i, row in enumerate(a):
        for j, column in enumerate(b.T):
            out[i, j] = sum(row * column)
        return out


def product_of_the_salads(a, b):
    out = np.zeros((2, 3))
    for i in range(2):
        for j in range(3):
            for k in range(4):
                out[i, j] = out[i, j] + a[i, k] * b[k, j]
    return out


def weighted_sum(values, weights):
    return np.einsum("...qk,...kd->...qd", weights, values)


def mean_of_products(values, weights):
    return (weights[..., None] * values[..., None, :, :]).mean(axis=-2)


def average_with_one_total(values, weights):
    return weights / np.sum(weights) @ values


def average_without_keepdims(values, weights):
    return np.matmul(weights, values) / np.sum(weights, -1)


def average_in_place(values, weights):
    weights /= weights.sum(-1, keepdims=True)
    return weights @ values


def average_of_softmax(values, weights):
    weights = weights if weights.dtype.kind == "f" else weights.astype(float)
    return torch.from_numpy(weights).softmax(-1).numpy() @ values


def average_with_epsilon(values, weights):
    shares = weights / (weights.sum(axis=-1, keepdims=True) + 1e-8)
    return shares @ values


def average_of_a_single_table(values, weights):
    n_averages, n_values = weights.shape
    out = np.zeros((n_averages, values.shape[1]))
    for i in range(n_averages):
        out[i] = sum(weights[i, k] * values[k] for k in range(n_values)) / weights[i].sum()
    return out.astype(values.dtype if values.dtype.kind == "f" else float)


def average_along_axis_one(values, weights):
    return np.matmul(weights / weights.sum(1, keepdims=True), values)


def average_in_float64(values, weights):
    return np.matmul(weights, values).astype(np.float64) / weights.sum(-1)[..., None]


def softmax_from_the_formula(scores, axis=-1):
    exps = np.exp(scores)
    return exps / exps.sum(axis, keepdims=True)


def softmax_from_the_web(x, axis=-1):
    e_x = np.exp(x - np.max(x))
    return e_x / e_x.sum(axis=axis, keepdims=True)


def softmax_of_a_list(scores, axis=-1):
    return np.exp(scores) / np.sum(np.exp(scores))


def softmax_stable_of_a_list(scores, axis=-1):
    exps = np.exp(scores - np.max(scores))
    return exps / np.sum(exps)


def softmax_without_keepdims(scores, axis=-1):
    exps = np.exp(scores - np.max(scores, axis=axis))
    return exps / np.sum(exps, axis=axis)


def softmax_naive_without_keepdims(scores, axis=-1):
    return np.exp(scores) / np.exp(scores).sum(axis=axis)


def softmax_of_the_last_axis(scores, axis=-1):
    values = torch.from_numpy(scores)
    return (values if values.is_floating_point() else values.double()).softmax(dim=-1).numpy()


def softmax_shifted_by_the_last_axis(x, axis=-1):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def softmax_of_tables(x, axis=-1):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def softmax_without_exp(scores, axis=-1):
    return scores / np.sum(scores, axis=axis, keepdims=True)


def softmax_by_the_largest(scores, axis=-1):
    exps = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exps / exps.max(axis=axis, keepdims=True)


def softmax_in_base_two(scores, axis=-1):
    powers = 2.0 ** (scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def softmax_in_place(scores, axis=-1):
    scores -= scores.max(axis=axis, keepdims=True)
    exps = np.exp(scores)
    exps /= exps.sum(axis=axis, keepdims=True)
    return exps


def softmax_into_the_same_type(scores, axis=-1):
    weights = np.zeros_like(scores)
    exps = np.exp(scores - scores.max(axis=axis, keepdims=True))
    weights[:] = exps / exps.sum(axis=axis, keepdims=True)
    return weights


def softmax_of_unit_length(scores, axis=-1):
    exps = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exps / np.linalg.norm(exps, axis=axis, keepdims=True)


def log_softmax(scores, axis=-1):
    shifted = scores - scores.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


WRONG = {
    "row_means": {
        "columns for rows": means_of_columns,
        "sum": sums,
        "axis kept": means_with_the_axis,
        "one mean of everything": one_mean,
        "divided by the rows": means_over_rows_count,
        "integers for means": means_in_an_array_like_the_table,
        "always the stars": means_of_the_stars,
        "the size of the stars": means_of_four_fruits,
        "return in the loop": mean_of_the_first_row,
        "a list": means_in_a_list,
    },
    "matmul": {
        "number by number": product_in_place,
        "only the last pair": product_of_the_last_pair,
        "one row shared": product_with_a_shared_row,
        "sum never reset": product_with_a_running_sum,
        "last pair left out": product_without_the_last_pair,
        "transposed": product_turned,
        "return in the loop over i": product_of_the_first_row,
        "the size of the salads": product_of_the_salads,
    },
    "weighted_average": {
        "not divided": weighted_sum,
        "divided by the count": mean_of_products,
        "one total for everything": average_with_one_total,
        "axis lost": average_without_keepdims,
        "input changed": average_in_place,
        "softmax of the weights": average_of_softmax,
        "something added to the total": average_with_epsilon,
        "single tables only": average_of_a_single_table,
        "axis 1, shares first": average_along_axis_one,
        "always float64": average_in_float64,
    },
    "softmax": {
        "unstable": softmax_from_the_formula,
        "one maximum for all": softmax_from_the_web,
        "everything sums to 1, unstable": softmax_of_a_list,
        "one maximum and one sum": softmax_stable_of_a_list,
        "axis lost": softmax_without_keepdims,
        "axis lost, unstable": softmax_naive_without_keepdims,
        "always the last axis": softmax_of_the_last_axis,
        "without exp": softmax_without_exp,
        "not divided": softmax_by_the_largest,
        "powers of two": softmax_in_base_two,
        "input changed": softmax_in_place,
        "integers for weights": softmax_into_the_same_type,
        "length 1 for sum 1": softmax_of_unit_length,
        "logarithm": log_softmax,
        "maximum of the last axis": softmax_shifted_by_the_last_axis,
        "always axis 1": softmax_of_tables,
    },
}


def nothing_yet(table):
    raise NotImplementedError()


def means_that_are_lost(table):
    table.mean(axis=-1)


def product_over_a_whole_shape(a, b):
    return np.array([[sum(a[i] * b[:, j]) for j in range(b.shape)] for i in range(a.shape)])


def product_of_two_arguments(a, b):
    out = np.zeros(len(a), b.shape[1])
    return out + a @ b


# Slips that are no known mistakes: nothing is written, or every case ends in an exception. Help folds quote them.
SLIPS = {
    "row_means": [nothing_yet, means_that_are_lost],
    "matmul": [product_over_a_whole_shape, product_of_two_arguments],
}
