"""Right answers to the exercises of lesson 03, each written another way than the reference."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import torch
from torch.nn import functional as F


def one_hot_by_identity(indices, vocab_size):
    return torch.eye(vocab_size)[indices]


def one_hot_by_torch(indices, vocab_size):
    return F.one_hot(indices, vocab_size).to(torch.float32)


def one_hot_by_scatter(indices, vocab_size):
    rows = torch.zeros(*indices.shape, vocab_size)
    return rows.scatter_(-1, indices.unsqueeze(-1), 1.0)


def one_hot_by_loop(indices, vocab_size):
    rows = torch.zeros(indices.numel(), vocab_size)
    for row, index in enumerate(indices.flatten().tolist()):
        rows[row, index] = 1
    return rows.reshape(*indices.shape, vocab_size)


def embed_by_product(indices, table):
    return F.one_hot(indices, len(table)).to(table.dtype) @ table


def embed_by_torch(indices, table):
    return F.embedding(indices, table)


def embed_by_selecting(indices, table):
    return table.index_select(0, indices.flatten()).reshape(*indices.shape, -1)


def embed_by_stacking(indices, table):
    rows = [table[index] for index in indices.flatten().tolist()]
    return torch.stack(rows).view(*indices.shape, table.shape[1])


def embed_by_einsum(indices, table):
    rows = (indices.unsqueeze(-1) == torch.arange(table.shape[0])).to(table.dtype)
    return torch.einsum("...v,vd->...d", rows, table)


def cosine_by_torch(a, b):
    return F.cosine_similarity(a, b, dim=-1)


def cosine_by_unit_vectors(a, b):
    def unit(x):
        length = torch.sqrt(torch.clamp((x * x).sum(-1, keepdim=True), min=1e-30))
        return x / length

    return (unit(a) * unit(b)).sum(-1)


def cosine_by_clamp(a, b):
    dots = torch.einsum("...d,...d->...", *torch.broadcast_tensors(a, b))
    lengths = torch.linalg.vector_norm(a, dim=-1) * torch.linalg.vector_norm(b, dim=-1)
    return dots / lengths.clamp(min=1e-12)


def cosine_with_a_harmless_number(a, b):
    return (a * b).sum(dim=-1) / (a.norm(dim=-1) * b.norm(dim=-1) + 1e-12)


def cosine_with_a_small_length(a, b):
    lengths = [x.square().sum(dim=-1).clamp(min=1e-24).sqrt() for x in (a, b)]
    return (a * b).sum(dim=-1) / lengths[0] / lengths[1]


def cosine_by_where(a, b):
    squares = (a**2).sum(dim=-1) * (b**2).sum(dim=-1)
    safe = torch.where(squares > 0, squares, torch.ones_like(squares))
    return torch.where(squares > 0, (a * b).sum(dim=-1) / safe.sqrt(), torch.zeros_like(squares))


def nearest_by_sorting(word, vectors, k):
    similarities = F.cosine_similarity(vectors[word], vectors, dim=-1)
    order = [one for one in similarities.argsort(descending=True).tolist() if one != word]
    return torch.tensor(order[:k])


def nearest_by_a_mask(word, vectors, k):
    others = torch.arange(len(vectors)) != word
    similarities = torch.where(others, F.cosine_similarity(vectors, vectors[word : word + 1]), -torch.inf)
    return similarities.argsort(descending=True)[:k]


def nearest_by_removing_itself(word, vectors, k):
    order = F.cosine_similarity(vectors[word][None], vectors).sort(descending=True, stable=True).indices
    return order[order != word][:k]


def nearest_by_unit_vectors(word, vectors, k):
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    scores = unit @ unit[word]
    scores[word] = -2.0
    return torch.argsort(-scores)[:k]


def nearest_by_python(word, vectors, k):
    def cosine(other):
        a, b = vectors[word].tolist(), vectors[other].tolist()
        return sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)

    ranked = sorted((one for one in range(len(vectors)) if one != word), key=cosine, reverse=True)
    return torch.tensor(ranked[:k])


def nearest_by_deleting(word, vectors, k):
    others = torch.cat([torch.arange(word), torch.arange(word + 1, len(vectors))])
    similarities = F.cosine_similarity(vectors[word][None], vectors[others])
    return others[similarities.topk(k).indices]


def lookup_by_einsum(query, keys, values, temperature):
    weights = F.softmax(torch.einsum("qd,kd->qk", query, keys) / temperature, dim=1)
    return torch.einsum("qk,kv->qv", weights, values)


def lookup_by_hand(query, keys, values, temperature):
    scores = torch.matmul(query / temperature, keys.transpose(0, 1))
    exps = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
    return exps @ values / exps.sum(dim=-1, keepdim=True)


def lookup_by_torch(query, keys, values, temperature):
    return F.scaled_dot_product_attention(query, keys, values, scale=1 / temperature)


def lookup_by_loops(query, keys, values, temperature):
    answers = []
    for one in query:
        scores = torch.stack([(one * key).sum() for key in keys]) / temperature
        weights = torch.softmax(scores, 0)
        answers.append(sum(weight * value for weight, value in zip(weights, values, strict=True)))
    return torch.stack(answers)


def counts_by_slices(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        for place, word in enumerate(sentence):
            before = sentence[max(0, place - window) : place]
            for neighbour in before + sentence[place + 1 : place + 1 + window]:
                counts[word, neighbour] += 1
    return counts


def counts_by_pairs(sentences, vocab_size, window):
    met = Counter()
    for sentence in sentences:
        for distance in range(1, window + 1):
            for left, right in zip(sentence, sentence[distance:], strict=False):
                met[left, right] += 1
                met[right, left] += 1
    counts = torch.zeros(vocab_size, vocab_size)
    for (one, other), count in met.items():
        counts[one, other] = count
    return counts


def counts_by_products(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        rows = F.one_hot(torch.tensor(sentence, dtype=torch.long), vocab_size).float()
        places = torch.arange(len(sentence))
        apart = (places[:, None] - places[None, :]).abs()
        near = ((apart > 0) & (apart <= window)).float()
        counts += rows.T @ near @ rows
    return counts


def counts_by_numpy(sentences, vocab_size, window):
    counts = np.zeros((vocab_size, vocab_size), dtype=np.float32)
    for sentence in sentences:
        for i in range(len(sentence)):
            for j in range(len(sentence)):
                if 0 < abs(i - j) <= window:
                    counts[sentence[i], sentence[j]] += 1
    return torch.from_numpy(counts)


def ppmi_by_relu(counts):
    total = counts.sum()
    joint = counts / total
    chance = torch.outer(joint.sum(dim=1), joint.sum(dim=0))
    safe = torch.where(counts > 0, joint, chance)
    return F.relu(torch.log(safe / chance.masked_fill(chance == 0, 1.0) + (chance == 0)))


def ppmi_by_nan_to_num(counts):
    pmi = (
        torch.log(counts) + torch.log(counts.sum()) - torch.log(counts.sum(1))[:, None] - torch.log(counts.sum(0))[None]
    )
    return torch.maximum(torch.nan_to_num(pmi, nan=0.0, neginf=0.0), torch.zeros_like(counts))


def ppmi_by_loops(counts):
    total, out = counts.sum().item(), torch.zeros_like(counts)
    rows, columns = counts.sum(dim=1).tolist(), counts.sum(dim=0).tolist()
    for i, row in enumerate(counts.tolist()):
        for j, count in enumerate(row):
            if count > 0:
                out[i, j] = max(0.0, math.log(count * total / (rows[i] * columns[j])))
    return out


def signed(columns):
    """Each column turned so that its number farthest from 0 is positive."""
    for k in range(columns.shape[1]):
        column = columns[:, k]
        if column[column.abs().argmax()] < 0:
            columns[:, k] = -column
    return columns


def svd_by_loop_over_signs(matrix, n_features):
    u, s, _ = torch.linalg.svd(matrix)
    return signed(u[:, :n_features] @ torch.diag(s[:n_features] ** 0.5))


def svd_by_numpy(matrix, n_features):
    u, s, _ = np.linalg.svd(matrix.numpy(), full_matrices=False)
    vectors = u[:, :n_features] * np.sqrt(s[:n_features])
    farthest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    return torch.from_numpy(vectors * np.sign(farthest))


def svd_by_eigenvectors(matrix, n_features):
    _, right = torch.linalg.eigh((matrix.T @ matrix).double())
    projected = matrix.double() @ right.flip(1)[:, :n_features]  # u_k sigma_k
    lengths = projected.norm(dim=0)
    return signed(projected / lengths.sqrt()).to(matrix.dtype)


def svd_by_extremes(matrix, n_features):
    u, s, _ = torch.svd(matrix)
    vectors = (u * s.sqrt())[:, :n_features]
    sign = torch.where(vectors.max(dim=0).values >= -vectors.min(dim=0).values, 1.0, -1.0)
    return vectors * sign.to(vectors.dtype)


RIGHT = {
    "one_hot": [one_hot_by_identity, one_hot_by_torch, one_hot_by_scatter, one_hot_by_loop],
    "embed": [embed_by_product, embed_by_torch, embed_by_selecting, embed_by_stacking, embed_by_einsum],
    "cosine_similarity": [
        cosine_by_torch, cosine_by_unit_vectors, cosine_by_clamp, cosine_with_a_harmless_number, cosine_by_where,
        cosine_with_a_small_length,
    ],
    "nearest": [
        nearest_by_sorting, nearest_by_unit_vectors, nearest_by_python, nearest_by_deleting, nearest_by_a_mask,
        nearest_by_removing_itself,
    ],
    "soft_lookup": [lookup_by_einsum, lookup_by_hand, lookup_by_torch, lookup_by_loops],
    "cooccurrence": [counts_by_slices, counts_by_pairs, counts_by_products, counts_by_numpy],
    "ppmi": [ppmi_by_relu, ppmi_by_nan_to_num, ppmi_by_loops],
    "svd_embedding": [svd_by_loop_over_signs, svd_by_numpy, svd_by_eigenvectors, svd_by_extremes],
}  # fmt: skip
