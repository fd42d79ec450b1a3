"""Right answers to the exercises of lesson 02, each written in its own way."""

import math

import torch
from torch import nn
from torch.nn import functional as F

PAD, BOS, EOS = 0, 1, 2


def shift_by_loops(target):
    inputs = torch.zeros(target.shape[0], target.shape[1] + 1, dtype=torch.long)
    answers = inputs.clone()
    for row, sentence in enumerate(target.tolist()):
        words = [token for token in sentence if token != 0]
        for at, token in enumerate([1, *words]):
            inputs[row, at] = token
        for at, token in enumerate([*words, 2]):
            answers[row, at] = token
    return inputs, answers


def shift_by_lists(target):
    rows = [row[row != PAD] for row in target]
    longest = target.shape[1] + 1

    def padded(lists):
        return torch.stack([F.pad(torch.as_tensor(one), (0, longest - len(one))) for one in lists])

    return padded([[BOS, *row.tolist()] for row in rows]), padded([[*row.tolist(), EOS] for row in rows])


def shift_by_scatter(target):
    column = torch.full((len(target), 1), BOS)
    inputs = torch.cat([column, target], dim=1)
    answers = torch.cat([target, torch.zeros_like(column)], dim=1)
    return inputs, answers.scatter(1, target.count_nonzero(dim=1)[:, None], EOS)


def encode_by_sentences(step, xs, mask, h0):
    all_states = []
    for x, real, start in zip(xs, mask, h0, strict=True):
        h, states = start[None], []
        for one, word in zip(x, real, strict=True):
            if word:
                h = step(one[None], h)
            states.append(h[0])
        all_states.append(torch.stack(states))
    states = torch.stack(all_states)
    return states, states[:, -1]


def encode_by_multiplying(step, xs, mask, h0):
    h, states = h0, []
    for x, real in zip(xs.unbind(1), mask.unbind(1), strict=True):
        keep = real[:, None].to(h.dtype)
        h = keep * step(x, h) + (1 - keep) * h
        states.append(h)
    return torch.stack(states, 1), states[-1]


def encode_by_rows(step, xs, mask, h0):
    h = h0.clone()
    states = []
    for t in range(xs.size(1)):
        rows = mask[:, t].nonzero().flatten()
        after = h.clone()
        if len(rows):
            after[rows] = step(xs[:, t], h)[rows]
        h = after
        states.append(h[:, None])
    return torch.cat(states, dim=1), h


def loss_of_torch(logits, answers):
    return F.cross_entropy(logits.flatten(0, 1), answers.flatten(), ignore_index=0)


def loss_by_loops(logits, answers):
    total, count = 0, 0
    for sentence, right in zip(logits, answers, strict=True):
        for scores, token in zip(sentence, right, strict=True):
            if token != 0:
                total = total + scores.logsumexp(0) - scores[token]
                count += 1
    return total / count


def loss_by_choosing(logits, answers):
    real = answers != 0
    log_p = F.log_softmax(logits[real], dim=1)
    return -log_p[torch.arange(len(log_p)), answers[real]].mean()


def loss_by_one_hot(logits, answers):
    real = answers.ne(0)
    hot = F.one_hot(answers, logits.shape[-1]).to(logits)
    log_p = logits - torch.logsumexp(logits, dim=-1, keepdim=True)
    return -torch.einsum("btv,btv,bt->", log_p, hot, real.to(logits)) / real.sum()


def greedy_cut_afterwards(step, state, max_tokens):
    token, columns = torch.full((state.shape[0],), 1), []
    said_end = torch.zeros_like(token)
    while len(columns) < max_tokens and not said_end.all():
        logits, state = step(token, state)
        token = logits.max(dim=1).indices
        said_end += token == 2
        columns.append(token)
    written = torch.stack(columns, dim=1).tolist() if columns else [[] for _ in state]
    return [row[: row.index(2)] if 2 in row else row for row in written]


def greedy_with_flags(step, state, max_tokens):
    token = torch.ones(len(state), dtype=torch.long)
    out, open_rows = [[] for _ in state], set(range(len(state)))
    for _ in range(max_tokens):
        logits, state = step(token, state)
        token = torch.topk(logits, 1, dim=-1).indices[:, 0]
        for row in list(open_rows):
            if token[row] == EOS:
                open_rows.discard(row)
            else:
                out[row].append(token[row].item())
        if not open_rows:
            return out
    return out


def greedy_into_room(step, state, max_tokens):
    """Written into a table full of <eos>, whose rows are cut at the first one."""
    room = torch.full((len(state), max_tokens + 1), EOS)
    token = torch.ones_like(room[:, 0])
    for at in range(max_tokens):
        logits, state = step(token, state)
        token = torch.where((room[:, :at] == EOS).any(dim=1), EOS, logits.argmax(dim=-1))
        room[:, at] = token
        if bool((token == EOS).all()):
            break
    return [row[: row.index(EOS)] for row in room.tolist()]


def attention_by_broadcast_sum(query, key, value, w_q, w_k, v, mask=None):
    hidden = torch.tanh(F.linear(query, w_q)[..., :, None, :] + F.linear(key, w_k)[..., None, :, :])
    scores = (hidden * v).sum(-1)
    if mask is not None:
        scores = torch.where(mask, scores, torch.full_like(scores, -math.inf))
    exps = (scores - scores.amax(-1, keepdim=True)).exp()
    weights = exps / exps.sum(-1, keepdim=True)
    return torch.einsum("...qk,...kd->...qd", weights, value), weights


def attention_query_by_query(query, key, value, w_q, w_k, v, mask=None):
    summaries, rows = [], []
    for t in range(query.shape[-2]):
        asked = query[..., t, :] @ w_q.mT
        scores = torch.stack([(asked + key[..., s, :] @ w_k.mT).tanh() @ v for s in range(key.shape[-2])], dim=-1)
        if mask is not None:
            allowed = mask.expand(*mask.shape[:-2], query.shape[-2], -1)[..., t, :]
            scores = scores.masked_fill(allowed.logical_not(), float("-inf"))
        weights = nn.functional.softmax(scores, dim=-1)
        rows.append(weights)
        summaries.append((weights[..., None] * value).sum(-2))
    return torch.stack(summaries, dim=-2), torch.stack(rows, dim=-2)


def attention_with_einsum(query, key, value, w_q, w_k, v, mask=None):
    q = torch.einsum("...qi,di->...qd", query, w_q)
    k = torch.einsum("...ki,di->...kd", key, w_k)
    scores = torch.einsum("...qkd,d->...qk", torch.tanh(q[..., None, :] + k[..., None, :, :]), v)
    if mask is not None:
        scores = scores + torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(~mask, -math.inf)
    weights = torch.softmax(scores, -1)
    return weights.matmul(value), weights


RIGHT = {
    "shift_right": [shift_by_loops, shift_by_lists, shift_by_scatter],
    "encode_source": [encode_by_sentences, encode_by_multiplying, encode_by_rows],
    "teacher_forcing_loss": [loss_of_torch, loss_by_loops, loss_by_choosing, loss_by_one_hot],
    "decode_greedy": [greedy_cut_afterwards, greedy_with_flags, greedy_into_room],
    "additive_attention": [attention_by_broadcast_sum, attention_query_by_query, attention_with_einsum],
}
