"""Wrong answers to the exercises of lesson 03 about word vectors from counts, written without the reference at hand."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def counts_with_itself(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        for place, word in enumerate(sentence):
            for neighbour in sentence[max(0, place - window) : place + window + 1]:
                counts[word, neighbour] += 1
    return counts


def counts_to_the_right(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        for distance in range(1, window + 1):
            for left, right in zip(sentence, sentence[distance:], strict=False):
                counts[left, right] += 1
    return counts


def counts_of_one_long_sentence(sentences, vocab_size, window):
    text = [word for sentence in sentences for word in sentence]
    counts = torch.zeros(vocab_size, vocab_size)
    for i, one in enumerate(text):
        for j, other in enumerate(text):
            counts[one, other] += 0 < abs(i - j) <= window
    return counts


def counts_of_different_words(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        for i, one in enumerate(sentence):
            for j, other in enumerate(sentence):
                counts[one, other] += abs(i - j) <= window and one != other
    return counts


def counts_as_in_glove(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        for distance in range(1, window + 1):
            for left, right in zip(sentence, sentence[distance:], strict=False):
                counts[left, right] += 1 / distance
                counts[right, left] += 1 / distance
    return counts


def counts_window_short(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        for i, one in enumerate(sentence):
            for j, other in enumerate(sentence):
                counts[one, other] += 0 < abs(i - j) < window
    return counts


def pmi_not_positive(counts):
    pmi = torch.log(counts * counts.sum() / torch.outer(counts.sum(1), counts.sum(0)))
    return pmi.masked_fill(counts == 0, 0.0)


def ppmi_with_nan(counts):
    return F.relu(torch.log(counts * counts.sum() / torch.outer(counts.sum(1), counts.sum(0))))


def ppmi_in_bits(counts):
    ratios = counts * counts.sum() / torch.outer(counts.sum(1), counts.sum(0))
    return F.relu(torch.log2(ratios.nan_to_num(nan=1.0)))


def ppmi_without_total(counts):
    return F.relu(torch.log((counts / torch.outer(counts.sum(1), counts.sum(0))).nan_to_num(nan=1.0)))


def ppmi_smoothed(counts):
    more = counts + 1
    return F.relu(torch.log(more * more.sum() / torch.outer(more.sum(1), more.sum(0))))


def pmi_infinite(counts):
    return torch.log(counts * counts.sum() / torch.outer(counts.sum(1), counts.sum(0)))


def turned(columns):
    rows = columns.abs().max(dim=0).indices
    return columns * torch.stack([columns[row, k].sign() for k, row in enumerate(rows.tolist())])


def svd_full(matrix, n_features):
    u, s, _ = torch.linalg.svd(matrix)
    return turned(u[:, :n_features] @ torch.diag(s[:n_features]))


def svd_bare(matrix, n_features):
    return turned(torch.linalg.svd(matrix).U[:, :n_features])


def svd_of_neighbours(matrix, n_features):
    u, s, _ = torch.linalg.svd(matrix.T, full_matrices=False)
    return turned(u[:, :n_features] * s[:n_features] ** 0.5)


def svd_absolute(matrix, n_features):
    u, s, _ = torch.linalg.svd(matrix, full_matrices=False)
    return torch.abs(u[:, :n_features] * s[:n_features] ** 0.5)


def pca(matrix, n_features):
    u, s, _ = torch.linalg.svd(matrix - matrix.mean(0, keepdim=True), full_matrices=False)
    return turned(u[:, :n_features] * s[:n_features] ** 0.5)


WRONG = {
    "cooccurrence": {
        "itself": counts_with_itself,
        "right side only": counts_to_the_right,
        "across sentences": counts_of_one_long_sentence,
        "the same word left out": counts_of_different_words,
        "near ones count more": counts_as_in_glove,
        "window one too small": counts_window_short,
    },
    "ppmi": {
        "negative values kept": pmi_not_positive,
        "NaN in empty rows": ppmi_with_nan,
        "base 2": ppmi_in_bits,
        "the total forgotten": ppmi_without_total,
        "one added to every count": ppmi_smoothed,
        "minus infinity": pmi_infinite,
    },
    "svd_embedding": {
        "singular values in full": svd_full,
        "no singular values": svd_bare,
        "right side": svd_of_neighbours,
        "all signs removed": svd_absolute,
        "centred": pca,
    },
}
