"""Sequence to sequence: one network reads a sentence, another writes it in another language."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

PAD, BOS, EOS = 0, 1, 2  # padding, beginning of sentence, end of sentence


def shift_right(target: Tensor) -> tuple[Tensor, Tensor]:
    """What the decoder is given and must answer, place by place: <bos> 1 in front, <eos> 2 behind.

    target (B, T), padded at the end with 0
    -> inputs (B, T + 1), answers (B, T + 1), both padded at the end with 0"""
    inputs = F.pad(target, (1, 0), value=BOS)
    answers = F.pad(target, (0, 1), value=PAD)
    lengths = (target != PAD).sum(dim=1)
    answers[torch.arange(len(target)), lengths] = EOS
    return inputs, answers


def encode_source(
    step: Callable[[Tensor, Tensor], Tensor], xs: Tensor, mask: Tensor, h0: Tensor
) -> tuple[Tensor, Tensor]:
    """Read a batch of sentences word by word, h_t = step(x_t, h_{t-1}); at padding the state stays.

    step: (B, d_x), (B, d_h) -> (B, d_h); xs (B, T, d_x), mask (B, T) True = a word, h0 (B, d_h)
    -> all states (B, T, d_h), the last state (B, d_h)"""
    h, states = h0, []
    for t in range(xs.shape[1]):
        new = step(xs[:, t], h)
        h = torch.where(mask[:, t, None], new, h)
        states.append(h)
    return torch.stack(states, dim=1), h


def teacher_forcing_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """The mean surprise -ln p about the right answers, over all tokens of the batch but padding.

    logits (B, T, V), answers (B, T), 0 = padding -> one number"""
    log_p = logits.log_softmax(dim=-1)  # (B, T, V)
    surprise = -log_p.gather(-1, answers[..., None])[..., 0]  # (B, T)
    real = answers != PAD
    return (surprise * real).sum() / real.sum()


def decode_greedy(
    step: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]], state: Tensor, max_tokens: int
) -> list[list[int]]:
    """Write a batch: each time the likeliest token, until all say <eos> or max_tokens are written.

    step: tokens (B,), state (B, ...) -> logits (B, V), new state; state (B, ...)
    -> B lists of tokens, without <bos>, without <eos> and what follows it"""
    token = torch.full((len(state),), BOS)
    sentences: list[list[int]] = [[] for _ in range(len(state))]
    ended = torch.zeros(len(state), dtype=torch.bool)
    for _ in range(max_tokens):
        logits, state = step(token, state)
        token = logits.argmax(dim=-1)  # (B,)
        ended = ended | (token == EOS)
        if ended.all():
            break
        for row in (~ended).nonzero().flatten().tolist():
            sentences[row].append(int(token[row]))
    return sentences


def additive_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    w_q: Tensor,
    w_k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Every query looks at every key: score = v . tanh(W_q q + W_k k), softmax, mean of the values.

    query (..., T_q, d_q), key (..., T_k, d_k), value (..., T_k, d_v),
    w_q (d, d_q), w_k (d, d_k), v (d,)
    mask, boolean, True = may attend, broadcastable to (..., T_q, T_k), with a True in each row
    -> summaries (..., T_q, d_v), weights (..., T_q, T_k)  (Bahdanau et al. 2015)"""
    q = (query @ w_q.T).unsqueeze(-2)  # (..., T_q, 1, d)
    k = (key @ w_k.T).unsqueeze(-3)  # (..., 1, T_k, d)
    scores = torch.tanh(q + k) @ v  # (..., T_q, T_k)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1)
    return weights @ value, weights
