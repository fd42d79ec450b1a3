"""Wrong answers to the exercises of attention, written without the reference at hand."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def softly(scores, values):
    return F.softmax(scores, dim=-1) @ values


def attend(query, key, value, mask=None, scale=None):
    """What torch's own does: a row without an open key gives zeros."""
    scores = query @ key.mT * (query.shape[-1] ** -0.5 if scale is None else scale)
    if mask is None:
        return softly(scores, value)
    weights = F.softmax(scores.masked_fill(~mask, -1e30), dim=-1)
    return (weights * mask) @ value


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


def one_query_of_64_numbers(query, keys, values):
    return softly(keys @ query / math.sqrt(64), values)


def one_query_of_two_keys(query, keys, values):
    return softly((keys @ query / math.sqrt(len(query)))[:2], values[:2])


def one_query_weights(query, keys, values):
    return torch.softmax(keys @ query / math.sqrt(len(query)), 0)


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


def scores_by_axis_1(query, key):
    return torch.matmul(query, key.mT) / np.sqrt(key.size(1))


def scores_by_t(query, key):
    return torch.matmul(query, torch.transpose(key, 0, 1)) / math.sqrt(key.size(-1))


def scores_by_numbers(query, key):
    return (query * key) / np.sqrt(query.size(-1))


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


def softmax_over_the_first_axis(scores, mask=None):
    if mask is not None:
        scores = torch.where(mask, scores, -math.inf)
    return F.softmax(scores, dim=0)


def softmax_over_axis_1(scores, mask=None):
    if mask is not None:
        scores = torch.where(mask, scores, -math.inf)
    return F.softmax(scores, dim=1)


def softmax_with_ten_thousand(scores, mask=None):
    return F.softmax(scores if mask is None else torch.where(mask, scores, -10000.0), dim=-1)


def softmax_then_infinity(scores, mask=None):
    weights = F.softmax(scores, dim=-1)
    return weights if mask is None else torch.where(mask, weights, -math.inf)


def softmax_with_the_mask_turned(scores, mask=None):
    if mask is None:
        return F.softmax(scores, dim=-1)
    mask = mask.transpose(-1, -2)
    return F.softmax(scores.masked_fill(~mask, -math.inf), dim=-1).masked_fill(~mask.any(-1, keepdim=True), 0)


def softmax_in_place(scores, mask=None):
    if mask is not None:
        scores.masked_fill_(mask.logical_not(), float("-inf"))
    return F.softmax(scores, dim=-1).nan_to_num(0)


def softmax_without_none(scores, mask=None):
    return F.softmax(scores.masked_fill(~mask, -math.inf), dim=-1).nan_to_num(0)


def softmax_with_half_of_the_hint(scores, mask=None):
    if mask is None:
        return scores.softmax(dim=-1)
    empty = ~mask.any(dim=-1, keepdim=True)
    return scores.masked_fill(~mask, -math.inf).masked_fill(empty, 0.0).softmax(dim=-1)


def attended(scores, value, mask, low=-math.inf, dim=-1):
    if mask is not None:
        scores = torch.where(mask, scores, low)
    return torch.einsum("...qk,...kv->...qv", F.softmax(scores, dim=dim), value)


def careful(scores, value, mask):
    weights = scores.softmax(-1) if mask is None else torch.where(mask, scores, -math.inf).softmax(-1).nan_to_num()
    return weights @ value


def attention_unscaled(query, key, value, mask=None):
    return careful(query @ key.mT, value, mask)


def attention_scaled_twice(query, key, value, mask=None):
    return careful(attention_scores(query, key) / math.sqrt(query.shape[-1]), value, mask)  # noqa: F821


def attention_scaled_by_d_v(query, key, value, mask=None):
    return careful(query @ key.mT / value.shape[-1] ** 0.5, value, mask)


def attention_over_queries(query, key, value, mask=None):
    return attended(query @ key.mT / query.shape[-1] ** 0.5, value, mask, dim=-2)


def attention_without_mask(query, key, value, mask=None):
    return attend(query, key, value)


def attention_with_mask_inverted(query, key, value, mask=None):
    return attend(query, key, value, None if mask is None else mask.logical_not())


def attention_masked_late(query, key, value, mask=None):
    weights = torch.softmax(attention_scores(query, key), -1)  # noqa: F821
    if mask is not None:
        weights = weights.masked_fill(~mask, 0)
    return weights @ value


def attention_with_nan(query, key, value, mask=None):
    return attended(query @ key.mT / query.shape[-1] ** 0.5, value, mask)


def attention_with_a_billion(query, key, value, mask=None):
    return attended(query @ key.mT / query.shape[-1] ** 0.5, value, mask, low=-1e9)


def attention_reading_keys(query, key, value, mask=None):
    return attend(query, key, key, mask)


def attention_of_queries_alone(query, key, value, mask=None):
    return attend(query, query, value, mask)


def attention_weights_alone(query, key, value, mask=None):
    return masked_softmax(attention_scores(query, key), mask)  # noqa: F821


def attention_of_the_first_axes(query, key, value, mask=None):
    return careful(query @ key.mT / math.sqrt(query.size(1)), value, mask)


def attention_with_weights(query, key, value, mask=None):
    weights = masked_softmax(attention_scores(query, key), mask)  # noqa: F821
    return torch.matmul(weights, value), weights


def attention_painted_over(query, key, value, mask=None):
    scores = query @ key.mT / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores + torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(mask == 0, -torch.inf)
    return torch.nan_to_num(F.softmax(scores, -1)) @ value


def attention_over_axis_1(query, key, value, mask=None):
    return attended(query @ key.mT / query.shape[-1] ** 0.5, value, mask, dim=1)


def attention_over_queries_with_a_billion(query, key, value, mask=None):
    return attended(query @ key.mT / query.shape[-1] ** 0.5, value, mask, low=-1e9, dim=-2)


def causal_without_itself(n_positions):
    return torch.arange(n_positions) < torch.arange(n_positions)[:, None]


def causal_with_the_next(n_positions):
    return torch.arange(n_positions) < torch.arange(n_positions)[:, None] + 2


def causal_turned(n_positions):
    return torch.from_numpy(np.triu(np.ones((n_positions, n_positions), dtype=bool)))


def causal_for_blocked(n_positions):
    return torch.arange(n_positions) > torch.arange(n_positions)[:, None]


def causal_to_be_added(n_positions):
    return nn.Transformer.generate_square_subsequent_mask(n_positions)


def causal_of_numbers(n_positions):
    return torch.from_numpy(np.tri(n_positions))


def causal_with_a_batch(n_positions):
    return torch.triu(torch.ones(1, n_positions, n_positions), diagonal=1) == 0


def causal_as_gpt_has_it(n_positions):
    return torch.tril(torch.ones(n_positions, n_positions)).view(1, 1, n_positions, n_positions).bool()


def padding_in_front(tokens, pad=0):
    return tokens.ne(pad)[None, None]


def padding_of_numbers(tokens, pad=0):
    return tokens.ne(pad).float().unsqueeze(1).unsqueeze(1)


def padding_for_each_query(tokens, pad=0):
    return tokens.ne(pad)[:, None, None].repeat(1, 1, tokens.size(1), 1)


def padding_where_padding_is(tokens, pad=0):
    return torch.eq(tokens, pad).unsqueeze(1).unsqueeze(1)


def padding_of_queries(tokens, pad=0):
    return torch.ne(tokens, pad).unsqueeze(1).unsqueeze(-1)


def padding_without_axes(tokens, pad=0):
    return tokens.ne(pad)


def padding_without_one_axis(tokens, pad=0):
    return tokens.ne(pad).unsqueeze(1)


def padding_at_zero(tokens, pad=0):
    return tokens.bool().unsqueeze(1).unsqueeze(1)


def padding_by_length(tokens, pad=0):
    lengths = tokens.ne(pad).sum(1)
    mask = torch.zeros(tokens.shape, dtype=torch.bool)
    for row, length in enumerate(lengths):
        mask[row, :length] = True
    return mask[:, None, None]


class Layer(nn.Module):
    """Three matrices, and a forward that each mistake makes in its own way."""

    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_v, bias=False)

    def scores(self, x):
        return torch.einsum("bik,bjk->bij", self.w_q(x), self.w_k(x)) / self.w_q.out_features**0.5


class LayerAskingWithKeys(Layer):
    def forward(self, x, mask=None):
        key = self.w_k(x)
        return attend(key, key, self.w_v(x), mask)


class LayerExchanged(Layer):
    def forward(self, x, mask=None):
        return careful(self.scores(x).mT, self.w_v(x), mask)


class LayerWithoutValues(Layer):
    def forward(self, x, mask=None):
        return careful(self.scores(x), x, mask)


class LayerWithoutMask(Layer):
    def forward(self, x, mask=None):
        return careful(self.scores(x), self.w_v(x), None)


class LayerScaledByModel(Layer):
    def forward(self, x, mask=None):
        query, key = self.w_q(x), self.w_k(x)
        return attend(query, key, self.w_v(x), mask, scale=x.shape[-1] ** -0.5)


class LayerAcrossTheBatch(Layer):
    def forward(self, x, mask=None):
        x = x.permute(1, 0, 2)
        return careful(self.scores(x), self.w_v(x), mask).permute(1, 0, 2)


class LayerWithNaN(Layer):
    def forward(self, x, mask=None):
        return attended(self.scores(x), self.w_v(x), mask)


class LayerWithABillion(Layer):
    def forward(self, x, mask=None):
        return attended(self.scores(x), self.w_v(x), mask, low=-1e9)


class LayerMaskedLate(Layer):
    def forward(self, x, mask=None):
        weights = torch.softmax(self.scores(x), dim=-1)
        return (weights if mask is None else weights * mask) @ self.w_v(x)


class LayerWithBiases(Layer):
    def __init__(self, d_model, d_k, d_v):
        nn.Module.__init__(self)
        self.w_q, self.w_k, self.w_v = nn.Linear(d_model, d_k), nn.Linear(d_model, d_k), nn.Linear(d_model, d_v)

    def forward(self, x, mask=None):
        return careful(self.scores(x), self.w_v(x), mask)


class LayerOfOtherNames(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.to_q, self.to_k = (nn.Linear(d_model, d_k, bias=False) for _ in range(2))
        self.to_v = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        return attend(self.to_q(x), self.to_k(x), self.to_v(x), mask)


class LayerOfParameters(nn.Module):
    """x @ W, as the paper writes it."""

    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.w_q = nn.Parameter(torch.randn(d_model, d_k) / d_model**0.5)
        self.w_k = nn.Parameter(torch.randn(d_model, d_k) / d_model**0.5)
        self.w_v = nn.Parameter(torch.randn(d_model, d_v) / d_model**0.5)

    def forward(self, x, mask=None):
        return attend(x @ self.w_q, x @ self.w_k, x @ self.w_v, mask)


def attention_by_torch(query, key, value, mask=None):
    return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)


class LayerByTorch(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.w_v = nn.Linear(d_model, d_v, bias=False)
        self.w_q, self.w_k = (nn.Linear(d_model, d_k, bias=False) for _ in range(2))

    def forward(self, x, mask=None):
        query, key, value = self.w_q(x), self.w_k(x), self.w_v(x)
        return F.scaled_dot_product_attention(query, key, value, mask)


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
        "the example's root": one_query_of_64_numbers,
        "two keys only": one_query_of_two_keys,
        "weights returned": one_query_weights,
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
        "axis 1 for d_k": scores_by_axis_1,
        "first two axes exchanged": scores_by_t,
        "number by number": scores_by_numbers,
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
        "softmax over axis 0": softmax_over_the_first_axis,
        "axis counted from the front, NaN left": softmax_over_axis_1,
        "blocked by -10000": softmax_with_ten_thousand,
        "minus infinity after the softmax": softmax_then_infinity,
        "mask turned": softmax_with_the_mask_turned,
        "scores overwritten": softmax_in_place,
        "None not expected": softmax_without_none,
    },
    "scaled_dot_product_attention": {
        "torch's own": attention_by_torch,
        "not scaled": attention_unscaled,
        "divided by d_k": attention_scaled_twice,
        "scaled by d_v": attention_scaled_by_d_v,
        "softmax over the queries": attention_over_queries,
        "mask ignored": attention_without_mask,
        "mask inverted": attention_with_mask_inverted,
        "mask after the softmax": attention_masked_late,
        "empty row gives NaN": attention_with_nan,
        "empty row gives the mean": attention_with_a_billion,
        "keys for values": attention_reading_keys,
        "queries against queries": attention_of_queries_alone,
        "weights returned": attention_weights_alone,
        "axis 1 for d_k": attention_of_the_first_axes,
        "weights returned too": attention_with_weights,
        "gradient of an empty row is NaN": attention_painted_over,
        "axis counted from the front": attention_over_axis_1,
        "softmax over the queries, -1e9": attention_over_queries_with_a_billion,
    },
    "causal_mask": {
        "itself forbidden": causal_without_itself,
        "next allowed": causal_with_the_next,
        "turned round": causal_turned,
        "True for blocked": causal_for_blocked,
        "to be added": causal_to_be_added,
        "ones and zeros": causal_of_numbers,
        "an axis in front": causal_with_a_batch,
        "two axes in front": causal_as_gpt_has_it,
    },
    "padding_mask": {
        "inverted": padding_where_padding_is,
        "queries blocked": padding_of_queries,
        "no axes for heads and queries": padding_without_axes,
        "one axis too few": padding_without_one_axis,
        "pad id fixed": padding_at_zero,
        "padding taken to be at the end": padding_by_length,
        "axes in front": padding_in_front,
        "ones and zeros": padding_of_numbers,
        "a row for each query": padding_for_each_query,
    },
    "SelfAttention": {
        "torch's own": LayerByTorch,
        "W_k makes the queries": LayerAskingWithKeys,
        "queries and keys exchanged": LayerExchanged,
        "W_v skipped": LayerWithoutValues,
        "mask not passed on": LayerWithoutMask,
        "scaled by d_model": LayerScaledByModel,
        "attention across the batch": LayerAcrossTheBatch,
        "empty row gives NaN": LayerWithNaN,
        "empty row gives the mean": LayerWithABillion,
        "mask after the softmax": LayerMaskedLate,
        "other parameters": LayerWithBiases,
        "nn.Parameter for nn.Linear": LayerOfParameters,
    },
}  # fmt: skip

# exercise -> further answers, another one to a mistake that stands above
SLIPS = {
    "masked_softmax": [softmax_with_half_of_the_hint],
    "SelfAttention": [LayerOfOtherNames],
}
