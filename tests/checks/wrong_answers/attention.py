"""Wrong answers to the first exercises of lesson 04, scores and weights, written without the reference at hand."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F


def softly(scores, values):
    return F.softmax(scores, dim=-1) @ values


def one_query_unscaled(query, keys, values):
    return softly(keys @ query, values)


def one_query_by_d_k(query, keys, values):
    return softly((keys * query).sum(-1) / query.numel(), values)


def one_query_by_the_number_of_keys(query, keys, values):
    return softly(torch.mv(keys, query) / keys.shape[0] ** 0.5, values)


def one_query_not_normalised(query, keys, values):
    scores = keys @ query / len(query) ** 0.5
    return (scores - scores.max()).exp() @ values


def one_query_hard(query, keys, values):
    return values[torch.argmax(keys @ query)]


def one_query_overflowing(query, keys, values):
    exps = torch.exp(keys @ query / math.sqrt(len(query)))
    return (exps / exps.sum()) @ values


def one_query_reading_keys(query, keys, values):
    return softly(keys @ query / math.sqrt(len(query)), keys)


def one_query_in_plain_python(query, keys, values):
    scores = [float(sum(q * k for q, k in zip(query, key, strict=True))) / math.sqrt(len(query)) for key in keys]
    exps = [math.exp(score - max(scores)) for score in scores]
    return sum(value * (weight / sum(exps)) for weight, value in zip(exps, values, strict=True))


def scores_unscaled(query, key):
    return torch.einsum("...qd,...kd->...qk", query, key)


def scores_by_d_k(query, key):
    return torch.matmul(query, key.mT) / key.size(-1)


def scores_by_the_number_of_keys(query, key):
    return torch.matmul(query, key.mT) * key.size(-2) ** -0.5


def scores_turned(query, key):
    return torch.einsum("...qd,...kd->...kq", query, key) / query.size(-1) ** 0.5


def scores_of_queries_alone(query, key):
    return torch.matmul(query, query.mT) / math.sqrt(query.size(-1))


def scores_without_transposing(query, key):
    return torch.matmul(query, key) / math.sqrt(key.size(-1))


def scores_with_capital_t(query, key):
    return torch.matmul(query, key.T) / math.sqrt(key.size(-1))


def scores_by_cosine(query, key):
    similarity = F.cosine_similarity(query.unsqueeze(-2), key.unsqueeze(-3), dim=-1, eps=1e-12)
    return similarity / math.sqrt(query.size(-1))


def softmax_over_queries(scores, mask=None):
    if mask is not None:
        scores = torch.where(mask, scores, -math.inf)
    return F.softmax(scores, -2)


def softmax_without_looking_at_the_mask(scores, mask=None):
    exps = torch.exp(scores - scores.amax(-1, keepdim=True))
    return exps / exps.sum(-1, keepdim=True)


def softmax_inverted(scores, mask=None):
    if mask is None:
        return F.softmax(scores, -1)
    return torch.where(mask, -math.inf, scores).softmax(-1).nan_to_num()


def softmax_inverted_with_nan(scores, mask=None):
    if mask is not None:
        scores = scores.masked_fill(mask.bool(), float("-inf"))
    return scores.softmax(-1)


def softmax_with_nan(scores, mask=None):
    if mask is not None:
        scores = scores.masked_fill(mask == 0, float("-inf"))
    return torch.softmax(scores, dim=-1)


def softmax_with_a_billion(scores, mask=None):
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    return torch.softmax(scores, dim=-1)


def softmax_with_a_billion_added(scores, mask=None):
    if mask is not None:
        scores = scores + (1.0 - mask.to(scores.dtype)) * -1e9
    return torch.softmax(scores, dim=-1)


def softmax_then_mask(scores, mask=None):
    weights = torch.softmax(scores, dim=-1)
    return weights if mask is None else weights * mask


def softmax_then_mask_then_sum(scores, mask=None):
    weights = softmax_then_mask(scores, mask)
    return weights / weights.sum(-1, keepdim=True)


def softmax_of_products(scores, mask=None):
    return F.softmax(scores if mask is None else scores * mask, dim=-1)


def softmax_of_sums(scores, mask=None):
    return F.softmax(scores if mask is None else scores + mask.to(scores.dtype), dim=-1)


def softmax_by_the_largest_of_all_keys(scores, mask=None):
    exps = torch.exp(scores - scores.amax(-1, keepdim=True))
    if mask is not None:
        exps = torch.where(mask, exps, 0.0)
    return exps / torch.maximum(exps.sum(-1, keepdim=True), torch.ones(()))


def softmax_by_one_largest(scores, mask=None):
    if mask is not None:
        scores = torch.where(mask, scores, -math.inf)
    exps = (scores - scores.max()).exp()
    return exps / exps.sum(-1, keepdim=True)


def softmax_painted_over(scores, mask=None):
    if mask is None:
        return F.softmax(scores, dim=-1)
    low = torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(mask.logical_not(), -math.inf)
    weights = F.softmax(scores + low, dim=-1)
    return torch.where(weights.isnan(), 0.0, weights)


WRONG = {
    "attention_for_one_query": {
        "not scaled": one_query_unscaled,
        "divided by d_k": one_query_by_d_k,
        "scaled by the number of keys": one_query_by_the_number_of_keys,
        "not normalised": one_query_not_normalised,
        "best key only": one_query_hard,
        "overflow": one_query_overflowing,
        "keys for values": one_query_reading_keys,
        "leaves torch": one_query_in_plain_python,
    },
    "attention_scores": {
        "not scaled": scores_unscaled,
        "divided by d_k": scores_by_d_k,
        "scaled by T_k": scores_by_the_number_of_keys,
        "rows and columns exchanged": scores_turned,
        "queries against queries": scores_of_queries_alone,
        "key not transposed": scores_without_transposing,
        "all axes reversed": scores_with_capital_t,
        "cosine": scores_by_cosine,
    },
    "masked_softmax": {
        "softmax over the queries": softmax_over_queries,
        "mask ignored": softmax_without_looking_at_the_mask,
        "mask inverted": softmax_inverted,
        "mask inverted, NaN left": softmax_inverted_with_nan,
        "empty row gives NaN": softmax_with_nan,
        "empty row gives equal weights": softmax_with_a_billion,
        "large number subtracted": softmax_with_a_billion_added,
        "mask after the softmax": softmax_then_mask,
        "normalised again": softmax_then_mask_then_sum,
        "scores multiplied by the mask": softmax_of_products,
        "mask added as 0 and 1": softmax_of_sums,
        "gradient of an empty row is NaN": softmax_painted_over,
        "largest of the blocked keys too": softmax_by_the_largest_of_all_keys,
        "one largest for all rows, NaN left": softmax_by_one_largest,
    },
}
