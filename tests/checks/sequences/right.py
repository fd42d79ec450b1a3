"""Right answers to the exercises of lesson 01, each written another way than the reference."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from functools import reduce

import numpy as np
import torch
from torch.nn import functional as F


def table_by_a_growing_context(tokens, end, prompt_length=0):
    context, rows = list(tokens[:prompt_length]), []
    for token in tokens[prompt_length:]:
        rows.append((context.copy(), token))
        context.append(token)
    return [*rows, (context, end)]


def table_as_lists(tokens, end, prompt_length=0):
    rows = [[list(tokens)[:cut], tokens[cut]] for cut in range(prompt_length, len(tokens))]
    rows.append([list(tokens), end])
    return rows


def table_from_all_rows(tokens, end, prompt_length=0):
    every = zip(itertools.accumulate([[], *([token] for token in tokens)]), [*tokens, end], strict=True)
    return list(itertools.islice(every, prompt_length, None))


def generate_while(model, prompt, end, max_tokens):
    context = list(prompt)
    while len(context) - len(prompt) < max_tokens and (token := model(context)) != end:
        context = [*context, token]
    return context[len(prompt) :]


def generate_with_return(model, prompt, end, max_tokens):
    said = []
    while len(said) < max_tokens:
        said.append(model(list(prompt) + said))
        if said[-1] == end:
            return said[:-1]
    return said


def generate_recursively(model, prompt, end, max_tokens):
    token = model(tuple(prompt)) if max_tokens else end
    return [] if token == end else [token, *generate_recursively(model, [*prompt, token], end, max_tokens - 1)]


def ngrams_by_two_counters(sentences, n, vocabulary, smoothing=0.0):
    grams, contexts = Counter(), Counter()
    for sentence in sentences:
        for gram in zip(*(sentence[start:] for start in range(n)), strict=False):
            grams[gram] += 1
            contexts[gram[:-1]] += 1
    width = len(vocabulary)
    return {
        context: {token: (grams[(*context, token)] + smoothing) / (count + smoothing * width) for token in vocabulary}
        for context, count in contexts.items()
    }


def ngrams_in_arrays(sentences, n, vocabulary, smoothing=0.0):
    place = {token: index for index, token in enumerate(vocabulary)}
    counts = defaultdict(lambda: np.full(len(vocabulary), float(smoothing)))
    for sentence in sentences:
        for start in range(len(sentence) - n + 1):
            *context, token = sentence[start : start + n]
            counts[tuple(context)][place[token]] += 1
    return {context: dict(zip(vocabulary, row / row.sum(), strict=True)) for context, row in counts.items()}


def ngrams_by_a_growing_context(sentences, n, vocabulary, smoothing=0.0):
    rows = {}
    for sentence in sentences:
        context = ()
        for token in sentence:
            if len(context) == n - 1:
                rows.setdefault(context, dict.fromkeys(vocabulary, 0))[token] += 1
            context = (*context, token)[len(context) + 1 - (n - 1) if len(context) == n - 1 else 0 :]
    for row in rows.values():
        total = sum(row.values()) + len(row) * smoothing
        for token in row:
            row[token] = (row[token] + smoothing) / total
    return rows


def perplexity_in_bits(probabilities):
    if any(p == 0 for p in probabilities):
        return float("inf")
    return 2 ** -(sum(math.log2(p) for p in probabilities) / len(probabilities))


def perplexity_in_numpy(probabilities):
    return np.exp(-np.log(np.asarray(probabilities)).mean())


def perplexity_in_torch(probabilities):
    return torch.tensor(np.array(probabilities), dtype=torch.float64).log().neg().mean().exp()


def perplexity_by_roots(probabilities):
    return 1 / math.prod(p ** (1 / len(probabilities)) for p in probabilities) if min(probabilities) else math.inf


def perplexity_of_a_list(probabilities):
    if probabilities.count(0):
        return math.inf
    logarithms = map(math.log, probabilities)
    return math.exp(-math.fsum(logarithms) / len(probabilities))


def unroll_by_accumulate(step, xs, h0):
    pairs = list(itertools.accumulate(xs, lambda pair, x: step(x, pair[1]), initial=(None, h0)))[1:]
    return [y for y, _ in pairs], [h for _, h in pairs]


def unroll_by_pairs(step, xs, h0):
    walked = []
    for x in xs:
        walked.append(step(x, walked[-1][1] if walked else h0))
    return [pair[0] for pair in walked], [pair[1] for pair in walked]


def unroll_by_index(step, xs, h0):
    hs, ys = [h0], []
    for t in range(len(xs)):
        y, new = step(xs[t], hs[t])
        ys += [y]
        hs += [new]
    return ys, hs[1:]


def sum_in_numpy(xs):
    return np.cumsum(xs)


def sum_by_slices(xs):
    return [sum(xs[: t + 1]) for t in range(len(xs))]


def sum_by_accumulate(xs):
    return list(itertools.accumulate(xs))


def sum_by_loop(xs):
    h, states = 0, []
    for x in xs:
        h += x
        states.append(h)
    return states


def collision_at_the_end(xs):
    ys = list(xs)
    ys[-2] -= 7
    ys[-1] += 7
    return ys


def collision_all_in_one(xs):
    other = [sum(xs)] + [0] * (len(xs) - 1)
    return other if other != xs else [other[0] - 1, 1, *other[2:]]


def collision_reordered_where_it_can_be(xs):
    return next(
        (list(order) for order in itertools.permutations(xs[:8]) if list(order) != xs), [xs[0] - 1, xs[1] + 1, *xs[2:]]
    )


def collision_in_numpy(xs):
    change = np.zeros(len(xs), dtype=int)
    change[0], change[-1] = 1, -1
    return np.array(xs) + change


def rnn_by_linear(x, h, w_x, w_h, b_x, b_h):
    return (F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h)).tanh()


def rnn_joined(x, h, w_x, w_h, b_x, b_h):
    return torch.tanh(torch.cat([x, h], dim=-1) @ torch.cat([w_x, w_h], dim=1).mT + (b_x + b_h))


def rnn_by_einsum(x, h, w_x, w_h, b_x, b_h):
    straight = torch.einsum("ij,...j->...i", w_x, x) + torch.einsum("ij,...j->...i", w_h, h) + b_x + b_h
    return 2 * torch.sigmoid(2 * straight) - 1


def gru_by_rows(x, h, w_x, w_h, b_x, b_h):
    d = h.shape[-1]
    reset, update, new = slice(d), slice(d, 2 * d), slice(2 * d, None)
    r = torch.sigmoid(F.linear(x, w_x[reset], b_x[reset]) + F.linear(h, w_h[reset], b_h[reset]))
    z = torch.sigmoid(F.linear(x, w_x[update], b_x[update]) + F.linear(h, w_h[update], b_h[update]))
    n = torch.tanh(F.linear(x, w_x[new], b_x[new]) + r * F.linear(h, w_h[new], b_h[new]))
    return n + z * (h - n)


def gru_by_lerp(x, h, w_x, w_h, b_x, b_h):
    of_x, of_h = F.linear(x, w_x, b_x).unflatten(-1, (3, -1)), F.linear(h, w_h, b_h).unflatten(-1, (3, -1))
    gates = torch.sigmoid(of_x[..., :2, :] + of_h[..., :2, :])
    new = torch.tanh(of_x[..., 2, :] + gates[..., 0, :] * of_h[..., 2, :])
    return torch.lerp(new, h, gates[..., 1, :])


def gru_written_out(x, h, w_x, w_h, b_x, b_h):
    (xr, xz, xn), (hr, hz, hn) = ((v @ w.T + b).tensor_split(3, dim=-1) for v, w, b in ((x, w_x, b_x), (h, w_h, b_h)))
    r, z = 1 / (1 + torch.exp(-(xr + hr))), 1 / (1 + torch.exp(-(xz + hz)))
    return z * h + (1 - z) * (xn + hn * r).tanh()


def lstm_by_rows(x, h, c, w_x, w_h, b_x, b_h):
    d = h.shape[-1]
    parts = []
    for block in range(4):
        rows = slice(block * d, (block + 1) * d)
        parts.append(F.linear(x, w_x[rows], b_x[rows]) + F.linear(h, w_h[rows], b_h[rows]))
    c = parts[1].sigmoid() * c + parts[0].sigmoid() * parts[2].tanh()
    return parts[3].sigmoid() * c.tanh(), c


def lstm_joined(x, h, c, w_x, w_h, b_x, b_h):
    parts = torch.cat([x, h], -1) @ torch.cat([w_x, w_h], 1).T + b_x + b_h
    i, f, g, o = torch.split(parts, c.shape[-1], dim=-1)
    kept = torch.stack([torch.sigmoid(f) * c, torch.sigmoid(i) * torch.tanh(g)]).sum(0)
    return [torch.sigmoid(o) * torch.tanh(kept), kept]


def lstm_by_unflatten(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = (F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h)).unflatten(-1, (4, c.size(-1))).unbind(-2)
    c = torch.addcmul(F.sigmoid(i) * g.tanh(), F.sigmoid(f), c)
    return F.sigmoid(o) * c.tanh(), c


def jacobians_multiplied(step, xs, h0):
    """Each step's own Jacobian, multiplied from the end."""
    h, singles = h0, []
    for x in xs:
        singles.append(torch.autograd.functional.jacobian(lambda state, x=x: step(x, state)[1], h))
        h = step(x, h)[1].detach()
    products = [torch.eye(len(h0), dtype=h0.dtype)]
    for single in reversed(singles):
        products.append(products[-1] @ single)
    return torch.stack([torch.linalg.svdvals(product)[0] for product in reversed(products)])


def jacobians_of_the_rest(step, xs, h0):
    """From each state on, the whole rest of the way as one function."""
    norms, h = [], h0
    for t in range(len(xs) + 1):
        rest = torch.autograd.functional.jacobian(
            lambda state, t=t: reduce(lambda s, x: step(x, s)[1], xs[t:], state), h
        )
        norms.append(np.linalg.norm(rest.numpy(), 2))
        h = step(xs[t], h)[1] if t < len(xs) else h
    return np.array(norms)


def jacobians_in_one_batch(step, xs, h0):
    states = [h0.clone().requires_grad_(True)]
    for x in xs:
        states.append(step(x, states[-1])[1])
    rows = torch.autograd.grad(states[-1], states, torch.eye(len(h0), dtype=h0.dtype), is_grads_batched=True)
    return [float(torch.linalg.norm(jacobian, ord=2)) for jacobian in rows]


def jacobians_forward(step, xs, h0):
    """As torch.func has it; its first use imports for seconds."""

    def rest(state, xs):
        return reduce(lambda s, x: step(x, s)[1], xs, state)

    _, hs = unroll_by_pairs(step, xs, h0)
    all_jacobians = [torch.func.jacfwd(rest)(h, xs[t:]) for t, h in enumerate([h0, *hs])]
    return [torch.linalg.svdvals(jacobian)[0].item() for jacobian in all_jacobians]


RIGHT = {
    "next_token_table": [table_by_a_growing_context, table_as_lists, table_from_all_rows],
    "generate": [generate_while, generate_with_return, generate_recursively],
    "ngram_probabilities": [ngrams_by_two_counters, ngrams_in_arrays, ngrams_by_a_growing_context],
    "perplexity": [
        perplexity_in_bits,
        perplexity_in_numpy,
        perplexity_in_torch,
        perplexity_by_roots,
        perplexity_of_a_list,
    ],
    "unroll": [unroll_by_accumulate, unroll_by_pairs, unroll_by_index],
    "running_sum_states": [sum_in_numpy, sum_by_slices, sum_by_accumulate, sum_by_loop],
    "collision": [collision_at_the_end, collision_all_in_one, collision_reordered_where_it_can_be, collision_in_numpy],
    "rnn_step": [rnn_by_linear, rnn_joined, rnn_by_einsum],
    "gru_step": [gru_by_rows, gru_by_lerp, gru_written_out],
    "lstm_step": [lstm_by_rows, lstm_joined, lstm_by_unflatten],
    "state_jacobian_norms": [jacobians_multiplied, jacobians_of_the_rest, jacobians_in_one_batch, jacobians_forward],
}
