"""Wrong answers to the exercises of embedding, written without the reference at hand."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch.nn import functional as F


def one_hot_whole(indices, vocab_size):
    return F.one_hot(indices, vocab_size)


def one_hot_by_largest(indices, vocab_size):
    return F.one_hot(indices).float()


def one_hot_thermometer(indices, vocab_size):
    return torch.ones(vocab_size, vocab_size).tril()[indices]


def one_hot_turned(indices, vocab_size):
    return torch.eye(vocab_size)[indices].movedim(-1, 0)


def one_hot_bag(indices, vocab_size):
    row = torch.zeros(vocab_size)
    row[indices.flatten()] = 1
    return row


def one_hot_sentence_by_sentence(indices, vocab_size):
    rows = []
    for index in indices:
        row = torch.zeros(vocab_size)
        row[index] = 1.0
        rows.append(row)
    return torch.stack(rows)


def embed_columns(indices, table):
    return torch.stack([table[:, index] for index in indices.flatten().tolist()], dim=1).reshape(-1, *indices.shape)


def embed_from_numpy(indices, table):
    return torch.from_numpy(table.detach().numpy()[indices.numpy()])


def embed_mean(indices, table):
    rows = F.embedding(indices.reshape(-1), table)
    return rows.sum(0) / len(rows)


def embed_one_by_one(indices, table):
    return torch.stack([table[index] for index in indices.tolist()])


def embed_by_lists(indices, table):
    rows = []
    for index in indices:
        rows.append(table[index].tolist())
    return torch.tensor(rows)


def embed_flat(indices, table):
    return torch.stack([table[index] for index in indices.flatten().tolist()])


def embed_scaled(indices, table):
    return F.embedding(indices, table) * np.sqrt(table.size(1))


def embed_by_one_hot_in_float32(indices, table):
    return F.one_hot(indices, len(table)).float() @ table


def embed_with_padding(indices, table):
    return F.embedding(indices, table, 0)


def cosine_with_two_tiny_lengths(a, b):
    tiny = torch.finfo(a.dtype).tiny
    lengths = [torch.maximum(x.norm(dim=-1), torch.tensor(tiny, dtype=x.dtype)) for x in (a, b)]
    return torch.einsum("...d,...d->...", *torch.broadcast_tensors(a, b)) / (lengths[0] * lengths[1])


def cosine_along_axis_1(a, b):
    return torch.cosine_similarity(a, b)


def cosine_of_whole_tables(a, b):
    return torch.sum(a * b, -1) / (torch.linalg.norm(a.flatten()) * torch.linalg.norm(b.flatten())).clamp(min=1e-30)


def cosine_without_lengths(a, b):
    return torch.einsum("...d,...d->...", *torch.broadcast_tensors(a, b))


def cosine_without_root(a, b):
    squares = torch.sum(a * a, -1) * torch.sum(b * b, -1)
    return torch.sum(a * b, -1) / torch.where(squares == 0, torch.ones_like(squares), squares)


def cosine_with_nan(a, b):
    return torch.sum(a / a.norm(dim=-1, keepdim=True) * (b / b.norm(dim=-1, keepdim=True)), -1)


def cosine_mended_afterwards(a, b):
    return torch.nan_to_num((a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1)))


def cosine_distance(a, b):
    return 1 - F.cosine_similarity(a, b, dim=-1)


def cosine_of_columns(a, b):
    return F.cosine_similarity(a, b, dim=0)


def cosine_along_the_first_axis(a, b):
    lengths = torch.linalg.norm(a, dim=0) * torch.linalg.norm(b, dim=0)
    return torch.where(lengths > 0, torch.sum(a * b, 0) / lengths, torch.zeros(()).to(lengths))


def cosine_with_epsilon(a, b):
    return (a * b).sum(-1) / (1e-8 + a.norm(dim=-1) * b.norm(dim=-1))


def correlation(a, b):
    return F.cosine_similarity(a - a.mean(-1, keepdim=True), b - b.mean(-1, keepdim=True), dim=-1)


def nearest_with_itself(word, vectors, k):
    return F.cosine_similarity(vectors[word], vectors).sort(descending=True).indices[:k]


def nearest_is_farthest(word, vectors, k):
    order = F.cosine_similarity(vectors[word], vectors).argsort().tolist()
    return torch.tensor([one for one in order if one != word][:k])


def nearest_by_dots(word, vectors, k):
    dots = (vectors * vectors[word]).sum(dim=1)
    dots[word] = -torch.inf
    return dots.argsort(descending=True)[:k]


def nearest_by_distance(word, vectors, k):
    distances = torch.cdist(vectors[word : word + 1], vectors)[0]
    distances[word] = torch.inf
    return distances.argsort()[:k]


def nearest_values(word, vectors, k):
    similarities = F.cosine_similarity(vectors[word], vectors)
    return similarities[torch.arange(len(vectors)) != word].sort(descending=True).values[:k]


def nearest_backwards(word, vectors, k):
    similarities = F.cosine_similarity(vectors[word], vectors)
    similarities[word] = -9
    return similarities.argsort()[-k:]


def nearest_without_the_first(word, vectors, k):
    return F.cosine_similarity(vectors[word], vectors).argsort(descending=True)[1 : k + 1]


def nearest_with_minus_one(word, vectors, k):
    similarities = F.cosine_similarity(vectors, vectors[word].unsqueeze(0))
    similarities[word] = -1.0
    return similarities.sort(descending=True).indices[:k]


def nearest_normalised_in_place(word, vectors, k):
    vectors.div_(vectors.norm(dim=-1, keepdim=True))
    products = vectors.mv(vectors[word])
    products[word] = -9
    return products.topk(k).indices


def lookup_times(query, keys, values, temperature):
    return F.softmax(torch.einsum("qd,kd->qk", query, keys) * temperature, -1) @ values


def lookup_without(query, keys, values, temperature):
    return F.softmax(query @ keys.mT, -1) @ values


def lookup_over_queries(query, keys, values, temperature):
    return F.softmax(query @ keys.mT / temperature, 0) @ values


def lookup_hard(query, keys, values, temperature):
    return values[(query @ keys.mT).argmax(dim=1)]


def lookup_of_keys(query, keys, values, temperature):
    return F.softmax(query @ keys.mT / temperature, -1) @ keys


def lookup_as_in_lesson_04(query, keys, values, temperature):
    return F.scaled_dot_product_attention(query / temperature, keys, values)


def lookup_overflowing(query, keys, values, temperature):
    exps = torch.exp(query @ keys.mT / temperature)
    return exps @ values / exps.sum(1, keepdim=True)


def lookup_with_one_largest(query, keys, values, temperature):
    scores = torch.einsum("qd,kd->qk", query, keys) / temperature
    exps = torch.exp(scores - torch.max(scores))
    return (exps / exps.sum(-1, keepdim=True)) @ values


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


def counts_at_the_first_place(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        for word in sentence:
            i = sentence.index(word)
            for j in range(len(sentence)):
                counts[word, sentence[j]] += 0 < abs(i - j) <= window
    return counts


def counts_in_half_a_window(sentences, vocab_size, window):
    counts = torch.zeros(vocab_size, vocab_size)
    for sentence in sentences:
        for i, one in enumerate(sentence):
            for j, other in enumerate(sentence):
                counts[one, other] += 0 < abs(i - j) <= window // 2
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


def ppmi_as_levy_and_goldberg_smooth_it(counts):
    contexts = counts.sum(0) ** 0.75
    ratios = counts * contexts.sum() / torch.outer(counts.sum(1), contexts)
    return F.relu(torch.log(ratios.nan_to_num(nan=1.0)))


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


def svd_signs_of_the_first_row(matrix, n_features):
    u, s, _ = torch.linalg.svd(matrix, full_matrices=False)
    vectors = u[:, :n_features] * s[:n_features] ** 0.5
    return torch.where(vectors[0] < 0, -vectors, vectors)


def svd_signs_as_they_come(matrix, n_features):
    u, s, _ = torch.svd(matrix)
    return u[:, :n_features] @ torch.diag(torch.sqrt(s[:n_features]))


def pca(matrix, n_features):
    u, s, _ = torch.linalg.svd(matrix - matrix.mean(0, keepdim=True), full_matrices=False)
    return turned(u[:, :n_features] * s[:n_features] ** 0.5)


def cosine_with_a_thousandth(a, b):
    return (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1) + 1e-3)


def ppmi_with_small_numbers(counts):
    chance = counts.sum(1, keepdim=True) * counts.sum(0, keepdim=True) / counts.sum()
    return torch.log(counts / (chance + 1e-9) + 1e-9).clamp(min=0)


def ppmi_by_loops(counts, n_columns=None):
    rows, columns, total = counts.sum(1), counts.sum(0), counts.sum()
    out = torch.zeros(len(counts), n_columns or counts.shape[1])
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            if counts[i, j] > 0:
                out[i, j] = max(0.0, math.log(counts[i, j] * total / (rows[i] * columns[j])))
    return out


def ppmi_by_square_loops(counts):
    return ppmi_by_loops(counts, len(counts))


WRONG = {
    "one_hot": {
        "not float32": one_hot_whole,
        "as wide as the largest index": one_hot_by_largest,
        "all places up to it": one_hot_thermometer,
        "words in the first axis": one_hot_turned,
        "one row for all words": one_hot_bag,
        "a loop along the first axis": one_hot_sentence_by_sentence,
    },
    "embed": {
        "columns": embed_columns,
        "detached": embed_from_numpy,
        "averaged": embed_mean,
        "sentences run together": embed_flat,
        "a loop along the first axis": embed_one_by_one,
        "a loop that leaves torch": embed_by_lists,
        "scaled": embed_scaled,
        "one-hot rows of float32": embed_by_one_hot_in_float32,
        "row 0 kept from learning": embed_with_padding,
    },
    "cosine_similarity": {
        "1e-3 added": cosine_with_a_thousandth,
        "no lengths": cosine_without_lengths,
        "lengths squared": cosine_without_root,
        "NaN for zeros": cosine_with_nan,
        "NaN in the gradient": cosine_mended_afterwards,
        "one minus the cosine": cosine_distance,
        "over the wrong axis": cosine_along_the_first_axis,
        "over the wrong axis, broadcast first": cosine_of_columns,
        "1e-8 added": cosine_with_epsilon,
        "correlation": correlation,
        "NaN for two zeros": cosine_with_two_tiny_lengths,
        "axis 1": cosine_along_axis_1,
        "one length for all": cosine_of_whole_tables,
    },
    "nearest": {
        "itself": nearest_with_itself,
        "the farthest": nearest_is_farthest,
        "dot product": nearest_by_dots,
        "shortest distance": nearest_by_distance,
        "similarities for words": nearest_values,
        "worst first": nearest_backwards,
        "the first one dropped": nearest_without_the_first,
        "itself has -1": nearest_with_minus_one,
        "vectors changed": nearest_normalised_in_place,
    },
    "soft_lookup": {
        "times the temperature": lookup_times,
        "no temperature": lookup_without,
        "queries share the weights": lookup_over_queries,
        "the best alone": lookup_hard,
        "keys for values": lookup_of_keys,
        "divided by the root of d_k too": lookup_as_in_lesson_04,
        "unstable": lookup_overflowing,
        "one largest for all queries": lookup_with_one_largest,
    },
    "cooccurrence": {
        "itself": counts_with_itself,
        "right side only": counts_to_the_right,
        "across sentences": counts_of_one_long_sentence,
        "the same word left out": counts_of_different_words,
        "near ones count more": counts_as_in_glove,
        "window one too small": counts_window_short,
        "first occurrence": counts_at_the_first_place,
        "window halved": counts_in_half_a_window,
    },
    "ppmi": {
        "negative values kept": pmi_not_positive,
        "NaN in empty rows": ppmi_with_nan,
        "base 2": ppmi_in_bits,
        "the total forgotten": ppmi_without_total,
        "one added to every count": ppmi_smoothed,
        "minus infinity": pmi_infinite,
        "frequent neighbours made rarer": ppmi_as_levy_and_goldberg_smooth_it,
        "1e-9 added to chance and inside the logarithm": ppmi_with_small_numbers,
        "float32": ppmi_by_loops,
        "as many columns as rows, float32": ppmi_by_square_loops,
    },
    "svd_embedding": {
        "singular values in full": svd_full,
        "no singular values": svd_bare,
        "right side": svd_of_neighbours,
        "all signs removed": svd_absolute,
        "centred": pca,
        "signs from the first number": svd_signs_of_the_first_row,
        "signs left as they came": svd_signs_as_they_come,
    },
}  # fmt: skip

# exercise -> slips whose message a Help fold quotes, and which no known mistake is: they raise everywhere, or differ in
# their type alone
SLIPS = {
    "one_hot": [lambda indices, vocab_size: indices.unsqueeze(-1) == torch.arange(vocab_size)],
    "soft_lookup": [lambda query, keys, values, temperature: F.softmax(query @ keys / temperature, -1) @ values],
}
