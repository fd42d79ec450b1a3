"""Decoding: a model gives a score to every possible next token; how does that become a text?"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course.seq2seq import EOS

NextLogits = Callable[[Tensor], Tensor]  # tokens so far (B, T) -> logits of the next token (B, V)


def temperature(logits: Tensor, tau: float) -> Tensor:
    """Logits divided by tau: below 1 the likeliest tokens win more often, above 1 less often.

    logits (..., V) -> (..., V); ValueError where tau is not above 0  (Ackley et al. 1985)"""
    if tau <= 0:
        raise ValueError(
            f"tau={tau} must be above 0; to take the likeliest token always, decode greedily"
        )
    return logits / tau


def top_k(logits: Tensor, k: int) -> Tensor:
    """The k largest logits as they are, all others -inf  (Fan et al. 2018).

    logits (..., V) -> (..., V); what ties with the k-th largest stays too;
    a k above V keeps all; ValueError where k < 1"""
    if k < 1:
        raise ValueError(f"k={k} must be at least 1: some token has to be left")
    kept = logits.topk(min(k, logits.shape[-1]), dim=-1).values  # (..., k), the largest first
    return logits.masked_fill(logits < kept[..., -1:], -math.inf)


def top_p(probabilities: Tensor, p: float) -> Tensor:
    """The fewest tokens that together have probability p, likeliest first; they share the 1 anew.

    probabilities (..., V) -> (..., V), 0 where a token is left out; the likeliest always stays;
    ValueError unless 0 < p <= 1  (Holtzman et al. 2020)"""
    if not 0 < p <= 1:
        raise ValueError(f"p={p} must be above 0 and at most 1: it is a share of the probability")
    rising, order = probabilities.sort(dim=-1, stable=True)  # (..., V) each
    tails = rising.cumsum(dim=-1)  # a token's own probability and that of all less likely ones
    left_out = tails <= 1 - p
    left_out[..., -1] = False  # the likeliest
    shares = torch.zeros_like(rising).scatter(-1, order, rising.masked_fill(left_out, 0.0))
    return shares / shares.sum(dim=-1, keepdim=True)


def next_probabilities(
    logits: Tensor, tau: float = 1.0, k: int | None = None, p: float = 1.0
) -> Tensor:
    """The whole chain: logits / temperature -> top-k -> softmax -> top-p.

    logits (..., V) -> probabilities (..., V); k None: no top-k"""
    logits = temperature(logits, tau)
    if k is not None:
        logits = top_k(logits, k)
    return top_p(logits.softmax(dim=-1), p)


def sample(probabilities: Tensor, u: Tensor) -> Tensor:
    """Lay the probabilities end to end from 0 to 1: the token on whose stretch u falls.

    probabilities (..., V), u (...,) in [0, 1), uniform -> tokens (...,);
    never one whose probability is 0"""
    ends = probabilities.cumsum(dim=-1)  # where each token's stretch ends
    # rounding can leave the last end a little below or above 1
    place = u[..., None] * ends[..., -1:]
    return (ends <= place).sum(dim=-1)


def greedy(
    next_logits: NextLogits, tokens: Tensor, max_tokens: int, end: int = EOS
) -> list[list[int]]:
    """Continue each row by its likeliest token until all have said end or max_tokens are written.

    next_logits: tokens (B, T) -> logits (B, V); tokens (B, T), the prompts
    -> B lists of new tokens, without end and what follows it"""
    prompt_length = tokens.shape[1]
    ended = torch.zeros(len(tokens), dtype=torch.bool)
    for _ in range(max_tokens):
        chosen = next_logits(tokens).argmax(dim=-1)  # (B,)
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)  # (B, T + 1)
        ended = ended | (chosen == end)
        if ended.all():
            break
    return [before(end, row) for row in tokens[:, prompt_length:].tolist()]


def before(end: int, row: list[int]) -> list[int]:
    """What stands in front of the first `end`; all of it where there is none."""
    return row[: row.index(end)] if end in row else row


def repetition_penalty(logits: Tensor, tokens: Tensor, penalty: float) -> Tensor:
    """Make what was said less likely: divide positive logits by `penalty`, multiply negative ones.

    logits (B, V), tokens (B, T), those written so far -> (B, V);
    penalty 1 changes nothing, above 1 repeats less
    (Keskar et al. 2019, whose formula divides in any case and would so reward negative logits)."""
    said = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, tokens, True)  # (B, V)
    penalised = torch.where(logits > 0, logits / penalty, logits * penalty)
    return torch.where(said, penalised, logits)


def beam_search(
    next_logits: NextLogits,
    tokens: Tensor,
    n_beams: int,
    max_tokens: int,
    alpha: float = 1.0,
    end: int = EOS,
) -> tuple[list[int], float]:
    """Keep the n_beams most probable beginnings; the finished sentence of the best score.

    next_logits as in greedy; tokens (1, T), one prompt -> (new tokens without end, score)
    score: the sum of ln p, end's too, / number of new tokens ** alpha, alpha >= 0;
    what max_tokens cuts off is finished  (Graves 2012; Wu et al. 2016)."""
    prompt_length, sums, best = tokens.shape[1], torch.zeros(1), ([], -math.inf)
    for length in range(1, max_tokens + 1):
        log_p = next_logits(tokens).log_softmax(dim=-1)  # (n, V)
        totals = (sums[:, None] + log_p).flatten()  # (n * V,)
        # at most half of them end, so n_beams can go on
        sums, places = totals.topk(min(2 * n_beams, len(totals)))
        rows, chosen = places // log_p.shape[-1], places % log_p.shape[-1]
        tokens = torch.cat([tokens[rows], chosen[:, None]], dim=1)  # (2 n, T + 1)
        finished = (chosen == end) | (length == max_tokens)
        for row in finished[:n_beams].nonzero().flatten():
            score = sums[row].item() / length**alpha
            best = max(best, (before(end, tokens[row, prompt_length:].tolist()), score),
                       key=lambda one: one[1])
        alive = (~finished & (sums > -math.inf)).nonzero().flatten()[:n_beams]
        tokens, sums = tokens[alive], sums[alive]
        if len(alive) == 0 or sums[0].item() / max_tokens**alpha <= best[1]:
            break  # no beam can still win: ln p <= 0
    return best


def sampled(
    next_logits: NextLogits, generator: torch.Generator | None = None, **shape: float
) -> NextLogits:
    """The same model, rolling dice: only a drawn token keeps a logit, so that `greedy` takes it.

    shape: tau, k, p, as in next_probabilities"""

    def drawn(tokens: Tensor) -> Tensor:
        probabilities = next_probabilities(next_logits(tokens), **shape)
        chosen = sample(probabilities, torch.rand(len(probabilities), generator=generator))
        return torch.full_like(probabilities, -math.inf).scatter(-1, chosen[:, None], 0.0)

    return drawn


def penalised(next_logits: NextLogits, penalty: float) -> NextLogits:
    """The same model with a repetition penalty on what stands in its tokens, prompt included."""
    return lambda tokens: repetition_penalty(next_logits(tokens), tokens, penalty)
