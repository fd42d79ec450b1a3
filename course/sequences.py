"""Sequences: what does a model carry along from token to token, and how far does it get?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor


def next_token_table(tokens: list, end: str, prompt_length: int = 0) -> list[tuple[list, str]]:
    """What a language model sees and must say, one row (context, next token) for each moment.

    A row for every token after the first prompt_length ones, which are given,
    and a last row whose next token is end."""
    followed = [*tokens, end]
    return [(followed[:t], followed[t]) for t in range(prompt_length, len(followed))]


def generate(model: Callable[[list], str], prompt: list, end: str, max_tokens: int) -> list:
    """Ask the model for one token after another, until it says end or max_tokens tokens are there.

    model(context) -> the next token; context is the prompt and everything said since.
    -> the new tokens alone: without the prompt, without end."""
    output: list = []
    for _ in range(max_tokens):
        token = model([*prompt, *output])
        if token == end:
            break
        output.append(token)
    return output


def ngram_probabilities(
    sentences: list[list], n: int, vocabulary: list, smoothing: float = 0.0
) -> dict[tuple, dict[str, float]]:
    """P(next token | the n - 1 tokens before it), counted inside each sentence  (Shannon 1948).

    Add-k smoothing: (count of the token after the context + smoothing)
    / (count of all tokens after it + smoothing * vocabulary size).
    -> {context: {token: probability}}; every context that something followed,
    and in it every token of the vocabulary."""
    counts: dict[tuple, Counter] = {}
    for sentence in sentences:
        for t in range(n - 1, len(sentence)):
            context = tuple(sentence[t - n + 1 : t])
            counts.setdefault(context, Counter())[sentence[t]] += 1
    table = {}
    for context, followers in counts.items():
        total = followers.total() + smoothing * len(vocabulary)
        table[context] = {token: (followers[token] + smoothing) / total for token in vocabulary}
    return table


def perplexity(probabilities: list[float]) -> float:
    """exp of the mean surprise -ln p: among how many equally likely tokens the model had to choose.

    probabilities: what the model gave to each token that then came. Infinite where one is 0."""
    if min(probabilities) == 0:
        return math.inf
    surprise = -sum(math.log(p) for p in probabilities) / len(probabilities)  # in nats
    return math.exp(surprise)


def unroll(step: Callable, xs: list | Tensor, h0: object) -> tuple[list, list]:
    """Walk through a sequence with one state: y_t, h_t = step(x_t, h_{t-1}), beginning from h0.

    -> (ys, hs), two lists as long as xs; h0 itself is not among hs."""
    ys, hs = [], []
    h = h0
    for x in xs:
        y, h = step(x, h)
        ys.append(y)
        hs.append(h)
    return ys, hs


def running_sum_states(xs: list[float]) -> list[float]:
    """The states of a memory of one number, the sum so far: h_t = h_{t-1} + x_t, h_0 = 0.

    -> one state after each number of xs"""
    _, states = unroll(lambda x, h: (None, h + x), xs, 0)
    return states


def collision(xs: list[int]) -> list[int]:
    """Another sequence of the same length whose running sum ends in the same state.

    xs: two or more whole numbers. Any answer will do that differs from xs in at least one place."""
    return [xs[0] + 1, xs[1] - 1, *xs[2:]]


def rnn_step(x: Tensor, h: Tensor, w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    """tanh(W_x x + b_x + W_h h + b_h)  (Elman 1990; tanh and weights as in torch.nn.RNNCell).

    x (..., d_x), h (..., d_h), w_x (d_h, d_x), w_h (d_h, d_h), b_x and b_h (d_h,)
    -> new h (..., d_h)"""
    return torch.tanh(x @ w_x.T + b_x + h @ w_h.T + b_h)


def gru_step(x: Tensor, h: Tensor, w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    """(1 - z) * n + z * h: keep the share z of the old state, take the rest anew.

    x (..., d_x), h (..., d_h), w_x (3 d_h, d_x), w_h (3 d_h, d_h), b_x and b_h (3 d_h,)
    -> new h (..., d_h)
    The weights of reset gate r, update gate z and new content n lie below one another in this order
    (Cho et al. 2014; torch.nn.GRUCell)."""
    x_r, x_z, x_n = (x @ w_x.T + b_x).chunk(3, dim=-1)
    h_r, h_z, h_n = (h @ w_h.T + b_h).chunk(3, dim=-1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h


def lstm_step(
    x: Tensor, h: Tensor, c: Tensor, w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor
) -> tuple[Tensor, Tensor]:
    """c' = f * c + i * g, h' = o * tanh(c')  (Hochreiter & Schmidhuber 1997; f: Gers et al. 2000).

    x (..., d_x), h and c (..., d_h), w_x (4 d_h, d_x), w_h (4 d_h, d_h), b_x and b_h (4 d_h,)
    -> new (h, c), (..., d_h)
    The weights of input gate i, forget gate f, new content g and output gate o lie below one
    another (torch.nn.LSTMCell)."""
    i, f, g, o = (x @ w_x.T + b_x + h @ w_h.T + b_h).chunk(4, dim=-1)
    new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    new_h = torch.sigmoid(o) * torch.tanh(new_c)
    return new_h, new_c


def state_jacobian_norms(step: Callable, xs: Tensor, h0: Tensor) -> list[float]:
    """How strongly the last state feels each state: spectral norms of d h_T / d h_t, t = 0 ... T.

    step(x, h) -> (y, new h), xs (T, d_x), h0 (d_h,) -> T + 1 numbers, of which the last is 1
    (Pascanu et al. 2013)"""
    h0 = h0.detach().requires_grad_()
    _, hs = unroll(step, xs, h0)
    states = [h0, *hs]
    rows = [torch.autograd.grad(entry, states, retain_graph=True) for entry in states[-1]]
    jacobians = torch.stack([torch.stack(row) for row in rows], dim=1)  # (T + 1, d_h, d_h)
    return torch.linalg.matrix_norm(jacobians, ord=2).tolist()
