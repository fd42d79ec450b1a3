"""Wrong answers to the exercises of sequences, written without the reference at hand."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from itertools import accumulate, chain

import numpy as np
import torch
from torch.nn import functional as F


def table_without_end(tokens, end, prompt_length=0):
    rows = []
    for cut in range(prompt_length, len(tokens)):
        rows.append((tokens[:cut], tokens[cut]))
    return rows


def table_with_the_answer_inside(tokens, end, prompt_length=0):
    context, rows = tokens[:prompt_length], []
    for token in [*tokens[prompt_length:], end]:
        context = [*context, token]
        rows.append((context, token))
    return rows


def table_of_the_prompt_too(tokens, end, prompt_length=0):
    return [(tokens[:cut], token) for cut, token in enumerate([*tokens, end])]


def table_of_one_list(tokens, end, prompt_length=0):
    context, rows = list(tokens[:prompt_length]), []
    for token in [*tokens[prompt_length:], end]:
        rows.append((context, token))
        context.append(token)
    return rows


def table_of_pairs(tokens, end, prompt_length=0):
    followed = tokens + [end]  # noqa: RUF005
    return [(followed[:cut][-1:], followed[cut]) for cut in range(prompt_length, len(followed))]


def generate_keeping_end(model, prompt, end, max_tokens):
    said = []
    while len(said) < max_tokens and (not said or said[-1] != end):
        said.append(model(prompt + said))
    return said


def generate_one_too_many(model, prompt, end, max_tokens):
    said = []
    while len(said) <= max_tokens:
        token = model(prompt + said)
        if token == end:
            return said
        said.append(token)
    return said


def generate_in_the_prompt(model, prompt, end, max_tokens):
    context, said = prompt, []
    for _ in range(max_tokens):
        token = model(context)
        if token == end:
            break
        context += [token]
        said.append(token)
    return said


def generate_from_one_token(model, prompt, end, max_tokens):
    said, newest = [], prompt[-1:]
    for _ in range(max_tokens):
        token = model(newest)
        if token == end:
            break
        said.append(token)
        newest = [token]
    return said


def generate_with_the_prompt(model, prompt, end, max_tokens):
    context = list(prompt)
    for _ in range(max_tokens):
        token = model(context)
        if token == end:
            break
        context.append(token)
    return context


def generate_for_ever(model, prompt, end, max_tokens):
    said = []
    while (token := model([*prompt, *said])) != end:
        said.append(token)
    return said


def count_ngrams(sentences, n):
    counts = defaultdict(Counter)
    for sentence in sentences:
        for start in range(len(sentence) - n + 1):
            counts[tuple(sentence[start : start + n - 1])][sentence[start + n - 1]] += 1
    return counts


def ngrams_smoothed_above(sentences, n, vocabulary, smoothing=0.0):
    counts = count_ngrams(sentences, n)
    return {c: {t: (row[t] + smoothing) / sum(row.values()) for t in vocabulary} for c, row in counts.items()}


def ngrams_over_the_vocabulary_alone(sentences, n, vocabulary, smoothing=0.0):
    size = len(vocabulary)
    return {
        c: {t: (row[t] + smoothing) / (size + smoothing * size) for t in vocabulary}
        for c, row in count_ngrams(sentences, n).items()
    }


def ngrams_of_one_long_text(sentences, n, vocabulary, smoothing=0.0):
    counts = count_ngrams([list(chain(*sentences))], n)
    total = {c: sum(row.values()) + smoothing * len(vocabulary) for c, row in counts.items()}
    return {c: {t: (row[t] + smoothing) / total[c] for t in vocabulary} for c, row in counts.items()}


def ngrams_with_n_before(sentences, n, vocabulary, smoothing=0.0):
    counts = count_ngrams(sentences, n + 1)
    total = {c: sum(row.values()) + smoothing * len(vocabulary) for c, row in counts.items()}
    return {c: {t: (row[t] + smoothing) / total[c] for t in vocabulary} for c, row in counts.items()}


def ngrams_over_all_places(sentences, n, vocabulary, smoothing=0.0):
    places = Counter(tuple(s[i : i + n - 1]) for s in sentences for i in range(len(s) - (n - 1) + 1))
    counts = count_ngrams(sentences, n)
    total = {c: places[c] + smoothing * len(vocabulary) for c in counts}
    return {c: {t: (row[t] + smoothing) / total[c] for t in vocabulary} for c, row in counts.items()}


def perplexity_of_two_bases(probabilities):
    return 2 ** -np.log(np.array(probabilities)).mean()


def perplexity_summed(probabilities):
    return np.exp(-np.log(np.array(probabilities)).sum())


def perplexity_of_the_mean(probabilities):
    return 1 / np.mean(probabilities)


def perplexity_as_cross_entropy(probabilities):
    return -np.mean(np.log(probabilities))


def perplexity_of_the_product(probabilities):
    return np.prod(probabilities) ** (-1 / len(probabilities))


def unroll_forgetting(step, xs, h0):
    pairs = [step(x, h0) for x in xs]
    return [y for y, _ in pairs], [h for _, h in pairs]


def unroll_with_the_start(step, xs, h0):
    ys, hs = [], [h0]
    for x in xs:
        y, h = step(x, hs[-1])
        ys.append(y)
        hs.append(h)
    return ys, hs


def unroll_exchanged(step, xs, h0):
    ys, hs, h = [], [], h0
    for x in xs:
        y, h = step(x, h)
        hs += [h]
        ys += [y]
    return hs, ys


def unroll_from_the_end(step, xs, h0):
    ys, hs, h = [], [], h0
    for t in range(len(xs) - 1, -1, -1):
        y, h = step(xs[t], h)
        ys.append(y)
        hs.append(h)
    return ys, hs


def sum_from_zero(xs):
    return list(accumulate(xs, initial=0))


def sum_before(xs):
    return [sum(xs[:t]) for t in range(len(xs))]


def sum_averaged(xs):
    return [np.mean(xs[: t + 1]) for t in range(len(xs))]


def collision_backwards(xs):
    return list(reversed(xs))


def collision_swapped(xs):
    first, second, *rest = xs
    return [second, first, *rest]


def collision_longer(xs):
    ys = xs.copy()
    ys.append(0)
    return ys


def collision_in_place(xs):
    xs[0], xs[1] = xs[0] + 1, xs[1] - 1
    return xs


def rnn_straight(x, h, w_x, w_h, b_x, b_h):
    return F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h)


def rnn_untransposed(x, h, w_x, w_h, b_x, b_h):
    return torch.tanh(x @ w_x.mT + b_x + torch.matmul(h, w_h) + b_h)


def rnn_one_bias(x, h, w_x, w_h, b_x, b_h):
    return (F.linear(x, w_x, b_x) + F.linear(h, w_h)).tanh()


def gru_gates(x, h, w_x, w_h, b_x, b_h):
    return [*F.linear(x, w_x, b_x).tensor_split(3, -1), *F.linear(h, w_h, b_h).tensor_split(3, -1)]


def gru_sieve(x, h, w_x, w_h, b_x, b_h):
    xr, xz, xn, hr, hz, hn = gru_gates(x, h, w_x, w_h, b_x, b_h)
    new = torch.tanh(xn + (xr + hr).sigmoid() * hn)
    return torch.lerp(h, new, (xz + hz).sigmoid())


def gru_update_first(x, h, w_x, w_h, b_x, b_h):
    xz, xr, xn, hz, hr, hn = gru_gates(x, h, w_x, w_h, b_x, b_h)
    new = torch.tanh(xn + (xr + hr).sigmoid() * hn)
    return torch.lerp(new, h, (xz + hz).sigmoid())


def gru_of_the_published_paper(x, h, w_x, w_h, b_x, b_h):
    xr, xz, xn, hr, hz, _ = gru_gates(x, h, w_x, w_h, b_x, b_h)
    d = h.shape[-1]
    new = torch.tanh(xn + F.linear(torch.sigmoid(xr + hr) * h, w_h[2 * d :], b_h[2 * d :]))
    return torch.lerp(new, h, (xz + hz).sigmoid())


def gru_without_reset(x, h, w_x, w_h, b_x, b_h):
    _, xz, xn, _, hz, hn = gru_gates(x, h, w_x, w_h, b_x, b_h)
    z = torch.sigmoid(xz + hz)
    return z * h + (1 - z) * torch.tanh(xn + hn)


def lstm_parts(x, h, w_x, w_h, b_x, b_h):
    return (F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h)).split(h.shape[-1], -1)


def lstm_untamed(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c, c


def lstm_forget_first(x, h, c, w_x, w_h, b_x, b_h):
    f, i, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def lstm_of_1997(x, h, c, w_x, w_h, b_x, b_h):
    i, _, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    c = c + i.sigmoid() * g.tanh() + 0 * _
    return o.sigmoid() * c.tanh(), c


def lstm_shown_too_early(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = map(torch.Tensor.sigmoid, lstm_parts(x, h, w_x, w_h, b_x, b_h))
    g = lstm_parts(x, h, w_x, w_h, b_x, b_h)[2].tanh()
    return o * c.tanh(), f * c + i * g


def states_of(step, xs, h0):
    states = [h0.clone().requires_grad_()]
    for x in xs:
        states.append(step(x, states[-1])[1])
    return states


def jacobian(of, by):
    return torch.stack([torch.autograd.grad(of[unit], by, retain_graph=True)[0] for unit in range(len(of))])


def norms_of_frobenius(step, xs, h0):
    states = states_of(step, xs, h0)
    return [jacobian(states[-1], state).square().sum().sqrt().item() for state in states]


def norms_of_the_sum(step, xs, h0):
    states = states_of(step, xs, h0)
    for state in states:
        state.retain_grad()
    states[-1].sum().backward()
    return [state.grad.norm().item() for state in states]


def norms_backwards(step, xs, h0):
    states = states_of(step, xs, h0)
    return [torch.linalg.svdvals(jacobian(states[-1], state)).max().item() for state in states[::-1]]


def norms_multiplied(step, xs, h0):
    states = states_of(step, xs, h0)
    each = [torch.linalg.svdvals(jacobian(after, before)).max().item() for before, after in itertools.pairwise(states)]
    return [math.prod(each[t:]) for t in range(len(states))]


WRONG = {
    "next_token_table": {
        "no row for the end": table_without_end,
        "the context holds the answer": table_with_the_answer_inside,
        "rows for the prompt": table_of_the_prompt_too,
        "one list for all rows": table_of_one_list,
        "only the newest token as context": table_of_pairs,
    },
    "generate": {
        "END in the answer": generate_keeping_end,
        "one too many": generate_one_too_many,
        "prompt changed": generate_in_the_prompt,
        "only the newest token shown": generate_from_one_token,
        "prompt in the answer": generate_with_the_prompt,
        "limit ignored": generate_for_ever,
    },
    "ngram_probabilities": {
        "smoothing above only": ngrams_smoothed_above,
        "divided by the vocabulary alone": ngrams_over_the_vocabulary_alone,
        "across sentences": ngrams_of_one_long_text,
        "context too long": ngrams_with_n_before,
        "last words counted as contexts": ngrams_over_all_places,
    },
    "perplexity": {
        "bases mixed": perplexity_of_two_bases,
        "sum for mean, infinite": perplexity_summed,
        "mean of the probabilities": perplexity_of_the_mean,
        "the surprise itself": perplexity_as_cross_entropy,
        "multiplied out": perplexity_of_the_product,
    },
    "unroll": {
        "state not carried": unroll_forgetting,
        "h0 among the states": unroll_with_the_start,
        "outputs and states exchanged": unroll_exchanged,
        "read backwards": unroll_from_the_end,
    },
    "running_sum_states": {"0 in front": sum_from_zero, "one step late": sum_before, "running mean": sum_averaged},
    "collision": {
        "reversed": collision_backwards,
        "first two exchanged": collision_swapped,
        "a zero more": collision_longer,
        "xs changed": collision_in_place,
    },
    "rnn_step": {"no tanh": rnn_straight, "w_h not transposed": rnn_untransposed, "no b_h": rnn_one_bias},
    "gru_step": {
        "z and 1 - z exchanged": gru_sieve,
        "gates in another order": gru_update_first,
        "reset before the matrix": gru_of_the_published_paper,
        "no reset": gru_without_reset,
    },
    "lstm_step": {
        "no tanh of the new c": lstm_untamed,
        "input and forget exchanged": lstm_forget_first,
        "nothing forgotten": lstm_of_1997,
        "output from the old c": lstm_shown_too_early,
    },
    "state_jacobian_norms": {
        "Frobenius norm": norms_of_frobenius,
        "gradient of the sum": norms_of_the_sum,
        "from the end": norms_backwards,
        "norms multiplied": norms_multiplied,
    },
}  # fmt: skip
