"""Right answers to the exercises of lesson 04, each written another way than the reference."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def one_query_by_matrices(query, keys, values):
    scores = keys @ query / math.sqrt(query.shape[0])
    return torch.softmax(scores, dim=0) @ values


def one_query_by_a_growing_answer(query, keys, values):
    scores = torch.stack([torch.dot(query, key) for key in keys]) / len(query) ** 0.5
    weights = scores.softmax(dim=-1)
    answer = torch.zeros_like(values[0])
    for position in range(len(values)):
        answer = answer + weights[position] * values[position]
    return answer


def one_query_with_the_scale_in_the_query(query, keys, values):
    small = query / query.numel() ** 0.5
    scores = [(small * key).sum() for key in keys]
    log_total = torch.logsumexp(torch.stack(scores), dim=0)
    return sum((score - log_total).exp() * value for score, value in zip(scores, values, strict=True))


def one_query_online(query, keys, values):
    """Key by key, never holding more than one score: how fast kernels do it."""
    largest, total, answer = torch.tensor(-math.inf, dtype=query.dtype), 0.0, 0.0
    for key, value in zip(keys, values, strict=True):
        score = (query @ key) / math.sqrt(len(key))
        larger = torch.maximum(largest, score)
        shrink, weight = torch.exp(largest - larger), torch.exp(score - larger)
        total, answer = total * shrink + weight, answer * shrink + weight * value
        largest = larger
    return answer / total


def scores_by_einsum(query, key):
    return torch.einsum("...qd,...kd->...qk", query, key) * key.shape[-1] ** -0.5


def scores_by_broadcasting(query, key):
    products = query.unsqueeze(-2) * key.unsqueeze(-3)
    return products.sum(dim=-1) / np.sqrt(query.size(-1))


def scores_half_and_half(query, key):
    root = query.shape[-1] ** 0.25
    return torch.matmul(query / root, (key / root).mT)


def scores_by_loops(query, key):
    rows = []
    for i in range(query.shape[-2]):
        rows.append(torch.stack([(query[..., i, :] * key[..., j, :]).sum(-1) for j in range(key.shape[-2])], dim=-1))
    return torch.stack(rows, dim=-2) / math.sqrt(key.size(-1))


def softmax_from_its_definition(scores, mask=None):
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask.broadcast_to(scores.shape)
    largest = torch.where(allowed, scores, torch.finfo(scores.dtype).min).amax(dim=-1, keepdim=True)
    exps = torch.where(allowed, torch.exp(torch.where(allowed, scores - largest, 0.0)), 0.0)
    total = exps.sum(dim=-1, keepdim=True)
    return exps / torch.where(total == 0, 1.0, total)


def softmax_with_nan_to_num(scores, mask=None):
    if mask is not None:
        scores = torch.where(mask, scores, float("-inf"))
    return torch.nan_to_num(F.softmax(scores, dim=-1), nan=0.0)


def softmax_with_a_mask_after_a_large_negative(scores, mask=None):
    if mask is None:
        mask = torch.tensor(True)
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(mask.logical_not(), lowest).softmax(-1) * mask


def softmax_with_the_empty_rows_filled(scores, mask=None):
    if mask is None:
        return scores.softmax(dim=-1)
    blocked = scores.masked_fill(~mask, -math.inf)
    empty = ~mask.any(dim=-1, keepdim=True)
    weights = blocked.masked_fill(empty, 0.0).softmax(dim=-1)
    return weights.masked_fill(empty, 0.0)


def softmax_with_its_gradient_through_the_largest(scores, mask=None):
    mask = torch.ones(scores.shape, dtype=torch.bool) if mask is None else mask
    empty = ~mask.any(-1, keepdim=True)
    scores = scores.masked_fill(~mask, -math.inf).masked_fill(empty, 0)
    exps = (scores - scores.max(dim=-1, keepdim=True).values).exp()
    return exps / exps.sum(-1, keepdim=True) * ~empty


def softmax_row_by_row(scores, mask=None):
    allowed = torch.ones(scores.shape, dtype=torch.bool) if mask is None else mask.expand(scores.shape)
    rows = []
    for row, keep in zip(scores.reshape(-1, scores.shape[-1]), allowed.reshape(-1, scores.shape[-1]), strict=True):
        weights = torch.zeros_like(row)
        if keep.any():
            weights = weights.masked_scatter(keep, torch.softmax(row[keep], dim=0))
        rows.append(weights + 0 * row.sum())
    return torch.stack(rows).reshape(scores.shape)


def softmax_of_the_open_scores(scores, mask=None):
    """A sum over the open keys alone, whatever the blocked scores are."""
    log_mask = torch.zeros(()) if mask is None else torch.where(mask, 0.0, -math.inf)
    largest = (scores + log_mask).amax(-1, keepdim=True).nan_to_num(neginf=0.0).detach()
    exps = torch.where(log_mask == 0, (scores - largest).clamp(max=0.0).exp(), 0.0)
    return exps / exps.sum(-1, keepdim=True).clamp(min=1e-12)


def attention_by_einsum(query, key, value, mask=None):
    scores = torch.einsum("...id,...jd->...ij", query, key) / query.shape[-1] ** 0.5
    if mask is None:
        return torch.einsum("...ij,...jv->...iv", scores.softmax(-1), value)
    weights = scores.masked_fill(mask == False, -torch.inf).softmax(-1)  # noqa: E712
    weights = torch.where(mask, weights, 0.0)
    return torch.einsum("...ij,...jv->...iv", weights, value)


def attention_from_the_exercises(query, key, value, mask=None):
    scores = attention_scores(query, key)  # noqa: F821
    return torch.matmul(masked_softmax(scores, mask), value)  # noqa: F821


def attention_with_a_late_division(query, key, value, mask=None):
    scores = query @ (key / math.sqrt(key.shape[-1])).transpose(-1, -2)
    allowed = torch.ones_like(scores) if mask is None else mask.to(scores.dtype).expand_as(scores)
    blocked = scores.masked_fill(allowed == 0, torch.finfo(scores.dtype).min)
    exps = (blocked - blocked.amax(-1, keepdim=True)).exp() * allowed
    return (exps @ value) / exps.sum(-1, keepdim=True).clamp(min=1e-30)


def causal_by_comparison(n_positions):
    positions = torch.arange(n_positions)
    return positions[None, :] <= positions[:, None]


def causal_by_loops(n_positions):
    mask = torch.zeros(n_positions, n_positions, dtype=torch.bool)
    for query in range(n_positions):
        mask[query, : query + 1] = True
    return mask


def causal_by_the_future(n_positions):
    future = torch.triu(torch.ones((n_positions, n_positions)), diagonal=1)
    return future == 0


def causal_by_numpy(n_positions):
    return torch.from_numpy(np.tri(n_positions, dtype=bool))


def padding_by_unsqueeze(tokens, pad=0):
    return tokens.ne(pad).unsqueeze(1).unsqueeze(2)


def padding_by_view(tokens, pad=0):
    n_sentences, length = tokens.shape
    return torch.logical_not(tokens == pad).view(n_sentences, 1, 1, length)


def padding_by_lists(tokens, pad=0):
    return torch.tensor([[[[token != pad for token in sentence]]] for sentence in tokens.tolist()])


class LayerOfTurnedMatrices(nn.Module):
    """x @ W, as the paper writes it, with the matrices that nn.Linear holds."""

    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        sizes = {"w_v": d_v, "w_k": d_k, "w_q": d_k}
        for name, size in sizes.items():
            self.add_module(name, nn.Linear(d_model, size, bias=False))
            nn.init.xavier_uniform_(getattr(self, name).weight)

    def forward(self, x, mask=None):
        return attention_by_einsum(x @ self.w_q.weight.T, x @ self.w_k.weight.T, x @ self.w_v.weight.T, mask)


class LayerSentenceBySentence(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, False)
        self.w_k = nn.Linear(d_model, d_k, False)
        self.w_v = nn.Linear(d_model, d_v, False)

    def forward(self, x, mask=None):
        masks = [None] * len(x) if mask is None else mask.expand(len(x), x.shape[1], x.shape[1])
        sentences = [
            scaled_dot_product_attention(self.w_q(words), self.w_k(words), self.w_v(words), may_attend)  # noqa: F821
            for words, may_attend in zip(x, masks, strict=True)
        ]
        return torch.stack(sentences)


class LayerWithOneKeyQueryProduct(nn.Module):
    """q . k = x W_q W_k x: what is compared is one bilinear form."""

    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.d_k = d_k
        for name, size in (("w_q", d_k), ("w_k", d_k), ("w_v", d_v)):
            setattr(self, name, nn.Linear(d_model, size, bias=False))

    def forward(self, x, mask=None):
        form = self.w_q.weight.T @ self.w_k.weight
        scores = x @ form @ x.mT / self.d_k**0.5
        return softmax_with_nan_to_num(scores, mask) @ F.linear(x, self.w_v.weight)


RIGHT = {
    "attention_for_one_query": [
        one_query_by_matrices,
        one_query_by_a_growing_answer,
        one_query_with_the_scale_in_the_query,
        one_query_online,
    ],
    "attention_scores": [scores_by_einsum, scores_by_broadcasting, scores_half_and_half, scores_by_loops],
    "masked_softmax": [
        softmax_from_its_definition,
        softmax_with_nan_to_num,
        softmax_with_a_mask_after_a_large_negative,
        softmax_row_by_row,
        softmax_with_the_empty_rows_filled,
        softmax_with_its_gradient_through_the_largest,
        softmax_of_the_open_scores,
    ],
    "scaled_dot_product_attention": [
        attention_by_einsum,
        attention_from_the_exercises,
        attention_with_a_late_division,
    ],
    "causal_mask": [causal_by_comparison, causal_by_loops, causal_by_the_future, causal_by_numpy],
    "padding_mask": [padding_by_unsqueeze, padding_by_view, padding_by_lists],
    "SelfAttention": [LayerOfTurnedMatrices, LayerSentenceBySentence, LayerWithOneKeyQueryProduct],
}
