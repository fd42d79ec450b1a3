"""Wrong answers to the exercises of decoding, written without the reference at hand."""

import math

import torch
from torch.nn import functional as F


def refuse(wrong):
    if wrong:
        raise ValueError("out of range")


def temperature_multiplied(logits, tau):
    refuse(tau <= 0)
    return torch.mul(logits, tau)


def temperature_as_softmax(logits, tau):
    refuse(not tau > 0)
    return F.softmax(torch.div(logits, tau), dim=-1)


def temperature_of_zero(logits, tau):
    refuse(tau < 0)
    return torch.div(logits, tau)


def top_k_zeroed(logits, k):
    refuse(k < 1)
    lowest = logits.sort(dim=-1, descending=True).values[..., min(k, logits.size(-1)) - 1, None]
    return torch.where(logits >= lowest, logits, torch.zeros_like(logits))


def top_k_without_the_kth(logits, k):
    refuse(k < 1)
    lowest = logits.sort(dim=-1, descending=True).values[..., min(k, logits.size(-1)) - 1, None]
    return torch.where(logits > lowest, logits, -torch.inf)


def top_k_alone(logits, k):
    refuse(k < 1)
    return logits.sort(dim=-1, descending=True).values[..., :k]


def falling(probabilities, p):
    refuse(not 0 < p <= 1)
    order = probabilities.argsort(dim=-1, descending=True)
    some = probabilities.gather(-1, order)
    return some, order, some.cumsum(-1)


def top_p_not_shared_anew(probabilities, p):
    some, order, sums = falling(probabilities, p)
    return torch.zeros_like(some).scatter(-1, order, some * (sums - some < p))


def top_p_below_p(probabilities, p):
    some, order, sums = falling(probabilities, p)
    keep = (sums <= p + 1e-9) | (torch.arange(some.shape[-1]) == 0)
    kept = torch.zeros_like(some).scatter(-1, order, some * keep)
    return kept / kept.sum(-1, keepdim=True)


def top_p_in_rising_order(probabilities, p):
    some, _, sums = falling(probabilities, p)
    kept = (some * (sums - some < p)).flip(-1)
    return kept / kept.sum(-1, keepdim=True)


def kept_of(probabilities, p):
    some, order, sums = falling(probabilities, p)
    kept = torch.zeros_like(some).scatter(-1, order, some * (sums - some < p))
    return kept / kept.sum(-1, keepdim=True)


def chain_without_top_p(logits, tau=1.0, k=None, p=1.0):
    kept = logits if k is None else logits.masked_fill(logits < logits.topk(k).values[..., -1:], -math.inf)
    return F.softmax(kept / tau, -1)


def chain_with_late_temperature(logits, tau=1.0, k=None, p=1.0):
    kept = kept_of(chain_without_top_p(logits, 1.0, k), p) ** (1 / tau)
    return kept / kept.sum(-1, keepdim=True)


def chain_without_temperature(logits, tau=1.0, k=None, p=1.0):
    return kept_of(chain_without_top_p(logits, 1.0, k), p)


def sample_the_likeliest(probabilities, u):
    return probabilities.max(-1).indices


def sample_with_plain_search(probabilities, u):
    return torch.searchsorted(probabilities.cumsum(-1).contiguous(), u[..., None])[..., 0]


def sample_beyond(probabilities, u):
    return torch.searchsorted(probabilities.cumsum(-1).contiguous(), u[..., None], right=True)[..., 0]


def walk(next_logits, tokens, max_tokens, see=slice(None)):
    T = tokens.shape[1]
    for _ in range(max_tokens):
        tokens = torch.cat([tokens, next_logits(tokens[:, see]).argmax(1, keepdim=True)], 1)
    return tokens[:, T:].tolist()


def cut(row, end):
    return row[: row.index(end)] if end in row else row


def greedy_of_the_newest(next_logits, tokens, max_tokens, end=2):
    return [cut(row, end) for row in walk(next_logits, tokens, max_tokens, slice(-1, None))]


def greedy_with_the_end(next_logits, tokens, max_tokens, end=2):
    return [[*cut(row, end), end] if end in row else row for row in walk(next_logits, tokens, max_tokens)]


def greedy_one_more(next_logits, tokens, max_tokens, end=2):
    return [cut(row, end) for row in walk(next_logits, tokens, max_tokens + 1)]


def penalty_as_in_the_paper(logits, tokens, penalty):
    return logits.scatter(1, tokens, logits.gather(1, tokens) / penalty)


def penalty_each_time(logits, tokens, penalty):
    out = logits.clone()
    for row, said in zip(out, tokens.tolist(), strict=True):
        for token in said:
            row[token] = row[token] / penalty if row[token] > 0 else row[token] * penalty
    return out


def penalty_of_all(logits, tokens, penalty):
    return logits * penalty ** (-logits.sign())


def beams(next_logits, tokens, n, max_tokens, alpha, end, total, length_of, end_too=False):
    """Beam search by lists; `total` adds a step to a sum, `length_of` gives the length to divide by."""
    running, finished = [([], 0.0)], []
    for length in range(1, max_tokens + 1):
        logits = [next_logits(torch.tensor([[*tokens[0].tolist(), *said]]))[0] for said, _ in running]
        rows = zip(running, logits, strict=True)
        grown = [([*said, t], total(old, row, t)) for (said, old), row in rows for t in range(len(row))]
        grown = sorted(grown, key=lambda one: -one[1])[: 2 * n]
        done = [one for one in grown[:n] if one[0][-1] == end or length == max_tokens]
        finished += [(said if end_too else cut(said, end), score / length_of(length) ** alpha) for said, score in done]
        running = [one for one in grown if one[0][-1] != end][:n]
    return max(finished, key=lambda one: one[1])


def carried(old, row, token):
    return old + row.log_softmax(-1)[token].item()


def beams_of_logits(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    return beams(
        next_logits, tokens, n_beams, max_tokens, alpha, end, lambda old, row, t: old + row[t].item(), lambda n: n
    )


def beams_that_count_the_prompt(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    T = tokens.shape[1]
    return beams(next_logits, tokens, n_beams, max_tokens, alpha, end, carried, lambda n: n + T)


def beams_without_normalisation(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    return beams(next_logits, tokens, n_beams, max_tokens, alpha, end, carried, lambda n: 1)


def beams_with_the_end(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    return beams(next_logits, tokens, n_beams, max_tokens, alpha, end, carried, lambda n: n, end_too=True)


WRONG = {
    "temperature": {
        "multiplied": temperature_multiplied,
        "softmax inside": temperature_as_softmax,
        "zero accepted": temperature_of_zero,
    },
    "top_k": {
        "zeros instead of -inf": top_k_zeroed,
        "the k-th is lost": top_k_without_the_kth,
        "values alone": top_k_alone,
    },
    "top_p": {
        "not shared anew": top_p_not_shared_anew,
        "one too few": top_p_below_p,
        "left in sorted order": top_p_in_rising_order,
    },
    "next_probabilities": {
        "top-p forgotten": chain_without_top_p,
        "temperature at the end": chain_with_late_temperature,
        "temperature forgotten": chain_without_temperature,
    },
    "sample": {
        "the likeliest always": sample_the_likeliest,
        "a token with no probability": sample_with_plain_search,
        "out of range": sample_beyond,
    },
    "greedy": {
        "only the newest token read": greedy_of_the_newest,
        "end kept": greedy_with_the_end,
        "one too many": greedy_one_more,
    },
    "repetition_penalty": {
        "divided in any case": penalty_as_in_the_paper,
        "once for each time": penalty_each_time,
        "everything punished": penalty_of_all,
    },
    "beam_search": {
        "logits added": beams_of_logits,
        "prompt counted": beams_that_count_the_prompt,
        "no length normalisation": beams_without_normalisation,
        "end kept": beams_with_the_end,
    },
}  # fmt: skip
