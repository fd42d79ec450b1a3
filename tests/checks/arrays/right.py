"""Right answers to the exercises of lesson 00, each written another way than the reference."""

from __future__ import annotations

import math

import numpy as np
import torch


def means_by_numpy(table):
    return table.mean(axis=1)


def means_by_loops(table):
    out = []
    for row in table:
        total = 0
        for number in row:
            total = total + number
        out.append(total / len(row))
    return np.array(out)


def means_by_product(table):
    n_columns = table.shape[1]
    return table @ np.full(n_columns, 1 / n_columns)


def means_by_last_axis_and_average(table):
    return np.average(table, axis=-1)


def product_by_at(a, b):
    return a @ b


def product_by_einsum(a, b):
    return np.einsum("nm,mp->np", a, b)


def product_by_broadcasting(a, b):
    return (a[:, :, None] * b[None, :, :]).sum(axis=1)


def product_by_lists(a, b):
    rows = []
    for row in a.tolist():
        rows.append([sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*b.tolist(), strict=True)])
    return np.array(rows)


def product_by_outer_products(a, b):
    out = np.zeros((a.shape[0], b.shape[1]))
    for k in range(a.shape[1]):
        out = out + np.outer(a[:, k], b[k])
    return out


def average_by_shares(values, weights):
    shares = weights / np.sum(weights, axis=-1)[..., None]
    return np.matmul(shares, values)


def average_by_einsum(values, weights):
    mixed = np.einsum("...qk,...kd->...qd", weights, values)
    return mixed / np.einsum("...qk->...q", weights)[..., np.newaxis]


def average_by_broadcasting(values, weights):
    counted = weights[..., :, :, None] * values[..., None, :, :]
    return counted.sum(axis=-2) / weights.sum(axis=-1)[..., None]


def average_by_loops(values, weights):
    *leading, n_queries, n_keys = weights.shape
    values = np.broadcast_to(values, (*leading, n_keys, values.shape[-1]))
    out = np.zeros((*leading, n_queries, values.shape[-1]), dtype=np.result_type(values, weights, np.float32))
    for place in np.ndindex(*leading, n_queries):
        total = 0.0
        for k in range(n_keys):
            out[place] += weights[(*place, k)] * values[(*place[:-1], k)]
            total += weights[(*place, k)]
        out[place] /= total
    return out


def softmax_by_logarithm(scores, axis=-1):
    largest = np.max(scores, axis=axis, keepdims=True)
    log_total = largest + np.log(np.sum(np.exp(scores - largest), axis=axis, keepdims=True))
    return np.exp(scores - log_total)


def softmax_by_torch(scores, axis=-1):
    tensor = torch.from_numpy(np.asarray(scores))
    if not tensor.is_floating_point():
        tensor = tensor.double()
    return tensor.softmax(dim=axis).numpy()


def softmax_by_moved_axis(scores, axis=-1):
    rows = np.moveaxis(scores, axis, 0)
    exps = np.exp(rows - rows.max(axis=0))
    return np.moveaxis(exps / exps.sum(axis=0), 0, axis)


def softmax_by_loops(scores, axis=-1):
    def one_row(row):
        largest = max(row)
        exps = [math.exp(score - largest) for score in row]
        return np.array([each / sum(exps) for each in exps])

    weights = np.apply_along_axis(one_row, axis, scores)
    return weights.astype(scores.dtype) if scores.dtype.kind == "f" else weights


RIGHT = {
    "row_means": [means_by_numpy, means_by_loops, means_by_product, means_by_last_axis_and_average],
    "matmul": [product_by_at, product_by_einsum, product_by_broadcasting, product_by_lists, product_by_outer_products],
    "weighted_average": [average_by_shares, average_by_einsum, average_by_broadcasting, average_by_loops],
    "softmax": [softmax_by_logarithm, softmax_by_torch, softmax_by_moved_axis, softmax_by_loops],
}
