"""Wrong answers to the exercises of lesson 02, each a known mistake written independently of the reference."""

import torch
from torch.nn import functional as F


def shift_without_bos(target):
    blank = torch.zeros(len(target), 1, dtype=torch.long)
    answers = torch.cat([target, blank], 1)
    for row in answers:
        row[row.count_nonzero()] = 2
    return torch.cat([target, blank], 1), answers


def shift_without_eos(target):
    blank = torch.zeros(len(target), 1, dtype=torch.long)
    return torch.cat([blank + 1, target], 1), torch.cat([target, blank], 1)


def shift_with_eos_last(target):
    one = torch.ones(len(target), 1, dtype=torch.long)
    return torch.cat([one, target], 1), torch.cat([target, 2 * one], 1)


def shift_padding_to_eos(target):
    inputs, answers = shift_without_eos(target)
    return inputs, torch.where(answers == 0, 2, answers)


def encode_all(step, xs, mask, h0):
    states = []
    for x in xs.transpose(0, 1):
        h0 = step(x, h0)
        states.append(h0)
    return torch.stack(states, 1), h0


def encode_emptied(step, xs, mask, h0):
    states = []
    for x, real in zip(xs.transpose(0, 1), mask.T, strict=True):
        h0 = step(x, h0).masked_fill(~real[:, None], 0)
        states.append(h0)
    return torch.stack(states, 1), states[-1]


def encode_from_the_start(step, xs, mask, h0):
    h, states = h0, []
    for t in range(xs.shape[1]):
        h = torch.where(mask[:, t : t + 1], step(xs[:, t], h0), h)
        states.append(h)
    return torch.stack(states, 1), h


def encode_time_first(step, xs, mask, h0):
    h, states = h0, []
    for t in range(xs.shape[1]):
        h = torch.where(mask[:, t : t + 1], step(xs[:, t], h), h)
        states.append(h[None])
    return torch.cat(states), h


def loss_with_padding(logits, answers):
    return F.cross_entropy(logits.transpose(1, 2), answers)


def loss_over_all_places(logits, answers):
    return F.cross_entropy(logits.transpose(1, 2), answers, ignore_index=0, reduction="none").mean()


def loss_summed(logits, answers):
    return F.cross_entropy(logits.transpose(1, 2), answers, ignore_index=0, reduction="sum")


def loss_of_probabilities(logits, answers):
    p = logits.softmax(-1)
    chosen = torch.stack([row[torch.arange(len(right)), right] for row, right in zip(p, answers, strict=True)])
    return -chosen[answers > 0].mean()


def loss_by_sentences(logits, answers):
    losses = [F.cross_entropy(one, right, ignore_index=0) for one, right in zip(logits, answers, strict=True)]
    return torch.stack(losses).mean()


def greedy_from_zero(step, state, max_tokens):
    return greedy_walk(step, state, max_tokens, first=0)


def greedy_walk(step, state, max_tokens, first=1, feed=True, cut=True):
    token, columns = torch.full((len(state),), first), []
    for _ in range(max_tokens):
        logits, state = step(token, state)
        columns.append(logits.argmax(1))
        token = columns[-1] if feed else token
    rows = torch.stack(columns, 1).tolist() if columns else [[] for _ in state]
    return [row[: row.index(2) + (not cut)] if 2 in row else row for row in rows]


def greedy_never_fed(step, state, max_tokens):
    return greedy_walk(step, state, max_tokens, feed=False)


def greedy_with_eos(step, state, max_tokens):
    return greedy_walk(step, state, max_tokens, cut=False)


def greedy_one_more(step, state, max_tokens):
    return greedy_walk(step, state, max_tokens + 1)


def hidden(query, key, w_q, w_k):
    return F.linear(query, w_q)[..., None, :] + F.linear(key, w_k)[..., None, :, :]


def attention_linear(query, key, value, w_q, w_k, v, mask=None):
    scores = torch.einsum("...d,d->...", hidden(query, key, w_q, w_k), v)
    weights = (scores if mask is None else scores.masked_fill(mask.logical_not(), -torch.inf)).softmax(-1)
    return weights @ value, weights


def attention_unmasked(query, key, value, w_q, w_k, v, mask=None):
    weights = (hidden(query, key, w_q, w_k).tanh() * v).sum(-1).softmax(-1)
    return weights @ value, weights


def attention_late_mask(query, key, value, w_q, w_k, v, mask=None):
    weights = (hidden(query, key, w_q, w_k).tanh() * v).sum(-1).softmax(-1)
    weights = weights if mask is None else weights.masked_fill(~mask, 0)
    return weights @ value, weights


def attention_over_queries(query, key, value, w_q, w_k, v, mask=None):
    scores = (hidden(query, key, w_q, w_k).tanh() * v).sum(-1)
    weights = F.softmax(scores if mask is None else torch.where(mask, scores, -torch.inf), dim=-2)
    return torch.matmul(weights, value), weights


WRONG = {
    "shift_right": {
        "<bos> missing": shift_without_bos,
        "<eos> missing": shift_without_eos,
        "<eos> after the padding": shift_with_eos_last,
        "padding became <eos>": shift_padding_to_eos,
    },
    "encode_source": {
        "padding read like words": encode_all,
        "state emptied at padding": encode_emptied,
        "state not carried": encode_from_the_start,
        "stacked along the batch": encode_time_first,
    },
    "teacher_forcing_loss": {
        "padding counted": loss_with_padding,
        "divided by padding too": loss_over_all_places,
        "sum for mean": loss_summed,
        "no logarithm": loss_of_probabilities,
        "mean of the sentences' means": loss_by_sentences,
    },
    "decode_greedy": {
        "starts from padding": greedy_from_zero,
        "always fed <bos>": greedy_never_fed,
        "<eos> kept": greedy_with_eos,
        "one too many": greedy_one_more,
    },
    "additive_attention": {
        "tanh missing": attention_linear,
        "mask ignored": attention_unmasked,
        "mask after the softmax": attention_late_mask,
        "softmax over the queries": attention_over_queries,
    },
}
