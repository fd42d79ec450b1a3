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


def shift_one_row(target):
    rows = []
    for row in target:
        words = row[row > 0].tolist()
        rows.append([1, *words, 2] + [0] * (len(row) - len(words)))
    full = torch.tensor(rows)
    return full[:, :-1], full[:, 1:]


def shift_with_ones(target):
    one, zero = torch.ones(len(target), 1), torch.zeros(len(target), 1)
    answers = torch.cat([target, zero], 1)
    return torch.cat([one, target], 1), answers.scatter(1, (target > 0).sum(1, keepdim=True), 2.0)


def encode_packed(step, xs, mask, h0):
    h, states = h0, []
    for x, real in zip(xs.unbind(1), mask.unbind(1), strict=True):
        h = torch.where(real[:, None], step(x, h), h)
        states.append(h.masked_fill(~real[:, None], 0))
    return torch.stack(states, 1), h


def encode_and_pick(step, xs, mask, h0):
    h, states = h0, [h0]
    for x in xs.unbind(1):
        h = step(x, h)
        states.append(h)
    states = torch.stack(states, 1)
    picked = mask.sum(1)[:, None, None].expand(-1, 1, h.shape[1])
    return states[:, 1:], states.gather(1, picked)[:, 0]


def encode_aligned_on_the_right(step, xs, mask, h0):
    h, states = h0, []
    for t in range(xs.shape[1]):
        h = torch.where(mask[:, t], step(xs[:, t], h), h)
        states.append(h)
    return torch.stack(states, 1), h


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


def loss_of_softmax(logits, answers):
    return F.cross_entropy(logits.softmax(-1).transpose(1, 2), answers, ignore_index=0)


def loss_of_reshaped(logits, answers):
    return F.cross_entropy(logits.reshape(len(logits), logits.shape[2], -1), answers, ignore_index=0)


def loss_through_softmax(logits, answers):
    p = F.softmax(logits, dim=2).gather(2, answers.unsqueeze(2)).squeeze(2)
    return -torch.log(p[answers != 0]).mean()


def loss_of_a_language_model(logits, answers):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), answers[:, 1:].flatten(), ignore_index=0)


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


def greedy_to_the_limit(step, state, max_tokens):
    return greedy_walk(step, state, max_tokens)


def greedy_with_flags(step, state, max_tokens, sentences, number=int, enough=torch.all):
    token, ended = torch.ones(len(state), dtype=torch.long), torch.zeros(len(state), dtype=torch.bool)
    while max_tokens and not enough(ended):
        logits, state = step(token, state)
        token, max_tokens = logits.argmax(-1), max_tokens - 1
        ended |= token == 2
        for row in range(len(state)):
            if not ended[row]:
                sentences[row].append(number(token[row]))
    return sentences


def greedy_in_one_list(step, state, max_tokens):
    return greedy_with_flags(step, state, max_tokens, [[]] * len(state))


def greedy_until_one_ends(step, state, max_tokens):
    return greedy_with_flags(step, state, max_tokens, [[] for _ in state], enough=torch.any)


def greedy_of_tensors(step, state, max_tokens):
    return greedy_with_flags(step, state, max_tokens, [[] for _ in state], number=torch.clone)


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


def attention_of_two_tanhs(query, key, value, w_q, w_k, v, mask=None):
    scores = (query @ w_q.mT).tanh()[..., None, :] + (key @ w_k.mT).tanh()[..., None, :, :]
    scores = (scores * v).sum(-1)
    weights = (scores if mask is None else torch.where(mask, scores, -1e9)).softmax(-1)
    return weights @ value, weights


def attention_from_the_front(query, key, value, w_q, w_k, v, mask=None):
    features = torch.tanh(F.linear(query, w_q).unsqueeze(2) + F.linear(key, w_k).unsqueeze(1))
    scores = features.matmul(v)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    weights = torch.softmax(scores, dim=-1)
    return weights.matmul(value), weights


def greedy_one_by_one(step, state, max_tokens):
    sentences = []
    for row in range(len(state)):
        token, h, words = torch.tensor([1]), state[row : row + 1], []
        while len(words) < max_tokens:
            logits, h = step(token, h)
            token = logits.argmax(-1)
            if token.item() == 2:
                break
            words.append(token.item())
        sentences.append(words)
    return sentences


def attention_turned(query, key, value, w_q, w_k, v, mask=None):
    scores = (F.linear(query, w_q)[..., None, :, :] + F.linear(key, w_k)[..., :, None, :]).tanh() @ v
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    weights = torch.softmax(scores, dim=-1)
    return weights.matmul(value), weights


def shift_to_the_first_zero(target):
    inputs = F.pad(target, (1, 0), value=1)
    answers = F.pad(target, (0, 1))
    answers[torch.arange(len(target)), (target == 0).int().argmax(1)] = 2
    return inputs, answers


def encode_keeping_the_new(step, xs, mask, h0):
    h, states = h0, []
    for t in range(xs.shape[1]):
        new = step(xs[:, t], h)
        states.append(new)
        h = torch.where(mask[:, t, None], new, h)
    return torch.stack(states, 1), h


def greedy_by_zip(step, state, max_tokens):
    token, rounds = torch.full((len(state),), 1), []
    ended = torch.zeros(len(state), dtype=torch.bool)
    for _ in range(max_tokens):
        logits, state = step(token, state)
        token = logits.argmax(-1)
        rounds.append(token.tolist())
        ended |= token == 2
        if ended.all():
            break
    return [list(row[: row.index(2)] if 2 in row else row) for row in zip(*rounds, strict=True)]


def attention_with_w_q_as_it_is(query, key, value, w_q, w_k, v, mask=None):
    scores = torch.tanh((query @ w_q)[..., :, None, :] + (key @ w_k.T)[..., None, :, :]) @ v
    weights = (scores if mask is None else scores.masked_fill(~mask, -torch.inf)).softmax(-1)
    return weights @ value, weights


WRONG = {
    "shift_right": {
        "<bos> missing": shift_without_bos,
        "<eos> missing": shift_without_eos,
        "<eos> after the padding": shift_with_eos_last,
        "padding became <eos>": shift_padding_to_eos,
        "<eos> among the inputs": shift_one_row,
        "floats for tokens": shift_with_ones,
        "<eos> at the first 0": shift_to_the_first_zero,
    },
    "encode_source": {
        "padding read like words": encode_all,
        "state emptied at padding": encode_emptied,
        "state not carried": encode_from_the_start,
        "stacked along the batch": encode_time_first,
        "zeros at padding": encode_packed,
        "padding in the states": encode_and_pick,
        "mask without the last axis": encode_aligned_on_the_right,
        "new state kept at padding": encode_keeping_the_new,
    },
    "teacher_forcing_loss": {
        "padding counted": loss_with_padding,
        "divided by padding too": loss_over_all_places,
        "sum for mean": loss_summed,
        "no logarithm": loss_of_probabilities,
        "mean of the sentences' means": loss_by_sentences,
        "softmax twice": loss_of_softmax,
        "places taken for words": loss_of_reshaped,
        "softmax, then log": loss_through_softmax,
        "shifted once more": loss_of_a_language_model,
    },
    "decode_greedy": {
        "row by row": greedy_one_by_one,
        "starts from padding": greedy_from_zero,
        "always fed <bos>": greedy_never_fed,
        "<eos> kept": greedy_with_eos,
        "one too many": greedy_one_more,
        "asked on after the end": greedy_to_the_limit,
        "one list for all": greedy_in_one_list,
        "stops with the first, after keeping": greedy_until_one_ends,
        "tensors in the lists": greedy_of_tensors,
        "no list where nothing is said": greedy_by_zip,
    },
    "additive_attention": {
        "tanh missing": attention_linear,
        "mask ignored": attention_unmasked,
        "mask after the softmax": attention_late_mask,
        "softmax over the queries": attention_over_queries,
        "tanh of each part": attention_of_two_tanhs,
        "axes counted from the front": attention_from_the_front,
        "new axes exchanged": attention_turned,
        "w_q not transposed": attention_with_w_q_as_it_is,
    },
}


def loss_of_axes_in_their_order(logits, answers):
    return F.cross_entropy(logits, answers, ignore_index=0)


# A slip that is no known mistake: every case ends in an exception. A Help fold quotes it.
SLIPS = {"teacher_forcing_loss": [loss_of_axes_in_their_order]}
