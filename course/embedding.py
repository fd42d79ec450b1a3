"""Embedding: a word becomes a list of numbers, much the same for words that mean much the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def one_hot(indices: Tensor, vocab_size: int) -> Tensor:
    """A row for each index: 1 at the place of the index, 0 everywhere else.

    indices, whole numbers from 0 to vocab_size - 1, any shape (...) -> float32 (..., vocab_size)"""
    return (indices[..., None] == torch.arange(vocab_size)).float()


def embed(indices: Tensor, table: Tensor) -> Tensor:
    """The table's row for each index: one_hot(indices, V) @ table without multiplying by the zeros.

    indices, whole numbers of any shape (...), table (V, d_model) -> (..., d_model)"""
    return table[indices]


def cosine_similarity(a: Tensor, b: Tensor) -> Tensor:
    """The cosine of the vectors' angle: 1 for one direction, 0 for a right angle, -1 for opposite.

    a (..., d), b (..., d), broadcast against each other -> (...);
    a vector of zeros is similar to nothing: 0."""
    dots = (a * b).sum(dim=-1)
    lengths = a.norm(dim=-1) * b.norm(dim=-1)
    return dots / lengths.masked_fill(lengths == 0, 1.0)  # else 0 / 0 is NaN


def nearest(word: int, vectors: Tensor, k: int) -> Tensor:
    """The k words most similar to this one by the cosine, the most similar first.

    word, a row of vectors; vectors (V, d); k < V -> indices (k,), the word itself not among them"""
    similarities = cosine_similarity(vectors[word], vectors)  # (V,)
    similarities[word] = -math.inf  # else every word is nearest to itself
    return similarities.topk(k).indices


def soft_lookup(query: Tensor, keys: Tensor, values: Tensor, temperature: float) -> Tensor:
    """The average of all values, each weighted by how well its key fits.

    softmax(query @ keys^T / temperature) @ values
    query (T_q, d_k), keys (T_k, d_k), values (T_k, d_v), temperature > 0 -> (T_q, d_v)"""
    scores = query @ keys.T / temperature  # (T_q, T_k)
    weights = scores.softmax(dim=-1)
    return weights @ values  # (T_q, d_v)


def cooccurrence(sentences: Sequence[Sequence[int]], vocab_size: int, window: int) -> Tensor:
    """How often each word stands near each other word: at most `window` places left or right.

    sentences, lists of indices from 0 to vocab_size - 1
    -> float32 (vocab_size, vocab_size), row: word, column: neighbour in the same sentence
    A place is not its own neighbour, but the same word at another place near by is."""
    counts = [[0.0] * vocab_size for _ in range(vocab_size)]
    for sentence in sentences:
        for place, word in enumerate(sentence):
            for other in range(max(0, place - window), min(len(sentence), place + window + 1)):
                if other != place:
                    counts[word][sentence[other]] += 1
    return torch.tensor(counts)


def ppmi(counts: Tensor) -> Tensor:
    """Positive pointwise mutual information: max(0, log(count / what chance alone would give)).

    counts (n, m), not negative -> (n, m), natural log; 0 where the count is 0
    (Church & Hanks 1990)"""
    # (n, m)
    by_chance = counts.sum(dim=1, keepdim=True) * counts.sum(dim=0, keepdim=True) / counts.sum()
    # log 1 is 0: two that never met tell nothing
    ratios = torch.where(counts > 0, counts / by_chance, 1.0)
    return ratios.log().clamp(min=0)


def svd_embedding(matrix: Tensor, n_features: int) -> Tensor:
    """Each row in a few numbers: its left singular vectors times the roots of the singular values.

    matrix (n, m) -> (n, n_features), the largest singular value's column first
    Signs: in each column, the number that is farthest from 0 is positive.
    (Levy, Goldberg & Dagan 2015)"""
    left, sizes, _ = torch.linalg.svd(matrix, full_matrices=False)
    vectors = left[:, :n_features] * sizes[:n_features].sqrt()  # (n, n_features)
    farthest = vectors.gather(0, vectors.abs().argmax(dim=0, keepdim=True))  # (1, n_features)
    # a singular vector's sign is free; the rule makes it the same everywhere
    return vectors * farthest.sign()
