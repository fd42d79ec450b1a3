"""Wrong answers to the exercises on maximum entropy, written without the reference at hand."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F


def counts(tokens, vocab_size):
    found = F.one_hot(tokens, vocab_size).sum(dim=1).float()
    found[:, 0] = 0
    return found


def there_or_not(tokens, vocab_size):
    bag = torch.zeros(len(tokens), vocab_size)
    bag[torch.arange(len(tokens))[:, None], tokens] += 1
    bag[:, 0] = 0
    return bag


def with_padding(tokens, vocab_size):
    return F.one_hot(tokens, vocab_size).sum(dim=1).float()


def frequencies(tokens, vocab_size):
    found = counts(tokens, vocab_size)
    return found / found.sum(dim=1, keepdim=True)


def longs(tokens, vocab_size):
    return counts(tokens, vocab_size).long()


def bincount_of_the_batch(tokens, vocab_size):
    return torch.bincount(tokens[tokens > 0], minlength=vocab_size).float()


def hot_rows(tokens, vocab_size):
    return F.one_hot(tokens, num_classes=vocab_size).to(torch.float32)


def log_counts(tokens, vocab_size):
    return torch.log(1 + counts(tokens, vocab_size))


def words_from_4_on(tokens, vocab_size):
    found = counts(tokens, vocab_size)
    found[:, :4] = 0
    return found


def without_first_column(tokens, vocab_size):
    return counts(tokens, vocab_size)[:, 1:]


def columns_from_1(tokens, vocab_size):
    return torch.roll(counts(tokens, vocab_size), -1, dims=1)


def columns_for_texts(tokens, vocab_size):
    return counts(tokens, vocab_size).T


def log_of_softmax(features, weights):
    return torch.log(torch.softmax(features @ weights, dim=-1))


def exponentials_first(features, weights):
    e = torch.exp(features @ weights)
    return torch.log(e / e.sum(dim=-1, keepdim=True))


def softmax_alone(features, weights):
    return F.softmax(features @ weights, dim=-1)


def no_z(features, weights):
    return torch.einsum("...f,fc->...c", features, weights)


def sigmoids(features, weights):
    return F.logsigmoid(features @ weights)


def first_axis(features, weights):
    return torch.log_softmax(features @ weights, 0)


def turned(features, weights):
    return F.log_softmax(F.linear(features, weights), dim=-1)


def with_epsilon(features, weights):
    return torch.log(F.softmax(features @ weights, dim=-1) + 1e-9)


def yes_or_no(features, weights):
    return ((features > 0).to(weights.dtype) @ weights).log_softmax(-1)


def bits(features, weights):
    return F.log_softmax(features @ weights, dim=-1) / math.log(2)


def negative(features, weights):
    return -F.log_softmax(features @ weights, dim=-1)


def best_taken_off(features, weights):
    sums = features @ weights
    return sums - sums.max(dim=-1, keepdim=True)[0]


WRONG = {
    "bag_of_words": {
        "presence for counts": there_or_not,
        "padding counted": with_padding,
        "shares for counts, NaN without words": frequencies,
        "another number type": longs,
        "all texts in one bag": bincount_of_the_batch,
        "one row for each token": hot_rows,
        "logarithms of counts": log_counts,
        "signs of sentences left out": words_from_4_on,
        "padding's column cut off": without_first_column,
        "one column too far to the left": columns_from_1,
        "turned on its side": columns_for_texts,
    },
    "maximum_entropy": {
        "the logarithm of a softmax that became 0": log_of_softmax,
        "a quotient of exponentials": exponentials_first,
        "probabilities": softmax_alone,
        "the sums alone": no_z,
        "each class alone": sigmoids,
        "over the texts": first_axis,
        "weights turned round": turned,
        "a small number inside the logarithm": with_epsilon,
        "counts ignored": yes_or_no,
        "another logarithm": bits,
        "surprise": negative,
        "the largest taken off for ln Z": best_taken_off,
    },
}
