"""Wrong answers to the exercises of decoding, written without the reference at hand."""

import math

import torch
from torch.nn import functional as F

from tests.checks.decoding.wrong_beams import (
    beams_from_the_literal_hints,
    beams_of_logits,
    beams_one_by_one,
    beams_that_count_the_prompt,
    beams_with_the_end,
    beams_with_the_finished_among_them,
    beams_without_an_early_stop,
    beams_without_normalisation,
    cut,
)


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


def temperature_unchecked(logits, tau):
    return logits.div(tau)


def temperature_of_log_probabilities(logits, tau):
    refuse(not tau > 0)
    return F.log_softmax(logits, dim=-1) / tau


def top_k_by_rank(logits, k):
    refuse(k < 1)
    out = torch.full_like(logits, -math.inf)
    for row, filled in zip(logits.view(-1, logits.shape[-1]), out.view(-1, out.shape[-1]), strict=True):
        lowest = sorted(row.tolist(), reverse=True)[min(k + 1, len(row)) - 1]
        filled[row >= lowest] = row[row >= lowest]
    return out


def top_k_with_a_large_number(logits, k):
    refuse(k < 1)
    values, _ = torch.topk(logits, min(k, logits.size(-1)))
    return torch.where(logits < values[..., -1].unsqueeze(-1), torch.tensor(-1e10, dtype=logits.dtype), logits)


def top_k_unchecked(logits, k):
    values, _ = torch.topk(logits, min(k, logits.size(-1)))
    return torch.where(logits < values[..., -1].unsqueeze(-1), -math.inf, logits)


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


def top_p_as_first_written(probabilities, p):
    """sorted, cumsum, mask where the sum is above p: without the shift by one, and nothing rescued."""
    some, order, sums = falling(probabilities, p)
    some = some.masked_fill(sums > p, 0.0)
    kept = torch.zeros_like(some).scatter(-1, order, some)
    return kept / kept.sum(-1, keepdim=True)


def top_p_with_the_first_rescued(probabilities, p):
    _, order, sums = falling(probabilities, p)
    remove = sums > p
    remove[..., 0] = 0
    kept = probabilities.clone().masked_fill(torch.zeros_like(remove).scatter(-1, order, remove), 0)
    return kept / kept.sum(-1, keepdim=True)


def top_p_left_sorted(probabilities, p):
    some, _, sums = falling(probabilities, p)
    kept = some * (sums - some < p)
    return kept / kept.sum(-1, keepdim=True)


def top_p_beyond_p(probabilities, p):
    some, order, sums = falling(probabilities, p)
    kept = torch.zeros_like(some).scatter(-1, order, some * (sums - some <= p))
    return kept / kept.sum(-1, keepdim=True)


def top_p_unchecked(probabilities, p):
    some, order = probabilities.sort(dim=-1, descending=True)
    before = some.cumsum(-1) - some
    kept = torch.zeros_like(some).scatter(-1, order, some.masked_fill(before >= p, 0.0))
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
    refuse(k is not None and k < 1)
    kept = logits if k is None else logits.masked_fill(logits < logits.topk(k).values[..., -1:], -math.inf)
    return F.softmax(kept / tau, -1)


def chain_with_any_k(logits, tau=1.0, k=None, p=1.0):
    kept = logits / tau
    if k:
        kept = kept.masked_fill(kept < kept.topk(min(k, kept.shape[-1])).values[..., -1:], -math.inf)
    return kept_of(kept.softmax(-1), p)


def chain_with_late_temperature(logits, tau=1.0, k=None, p=1.0):
    kept = kept_of(chain_without_top_p(logits, 1.0, k), p) ** (1 / tau)
    return kept / kept.sum(-1, keepdim=True)


def chain_without_temperature(logits, tau=1.0, k=None, p=1.0):
    return kept_of(chain_without_top_p(logits, 1.0, k), p)


def sample_the_likeliest(probabilities, u):
    return probabilities.max(-1).indices


def sample_with_plain_search(probabilities, u):
    return torch.searchsorted(probabilities.cumsum(-1).contiguous(), u[..., None])[..., 0]


def sample_at_random(probabilities, u):
    return torch.distributions.Categorical(probs=probabilities).sample()


def sample_clamped(probabilities, u):
    ends = torch.cumsum(probabilities, -1)
    found = torch.searchsorted(ends.contiguous(), u[..., None], right=True)[..., 0]
    return torch.minimum(found, torch.tensor(probabilities.size(-1) - 1))


def sample_beyond(probabilities, u):
    return torch.searchsorted(probabilities.cumsum(-1).contiguous(), u[..., None], right=True)[..., 0]


def walk(next_logits, tokens, max_tokens, see=slice(None)):
    T = tokens.shape[1]
    for _ in range(max_tokens):
        tokens = torch.cat([tokens, next_logits(tokens[:, see]).argmax(1, keepdim=True)], 1)
    return tokens[:, T:].tolist()


def greedy_of_the_newest(next_logits, tokens, max_tokens, end=2):
    return [cut(row, end) for row in walk(next_logits, tokens, max_tokens, slice(-1, None))]


def greedy_with_the_end(next_logits, tokens, max_tokens, end=2):
    return [[*cut(row, end), end] if end in row else row for row in walk(next_logits, tokens, max_tokens)]


def greedy_one_more(next_logits, tokens, max_tokens, end=2):
    return [cut(row, end) for row in walk(next_logits, tokens, max_tokens + 1)]


def greedy_row_by_row(next_logits, tokens, max_tokens, end=2):
    texts = []
    for row in tokens.tolist():
        text = []
        while len(text) < max_tokens:
            token = next_logits(torch.tensor([[*row, *text]]))[0].argmax().item()
            if token == end:
                break
            text.append(token)
        texts.append(text)
    return texts


def greedy_to_the_limit(next_logits, tokens, max_tokens, end=2):
    B, T = tokens.shape
    room = torch.zeros(B, T + max_tokens, dtype=torch.long)
    room[:, :T] = tokens
    for t in range(T, T + max_tokens):
        room[:, t] = next_logits(room[:, :t]).max(dim=1).indices
    return [cut(row[T:], end) for row in room.tolist()]


def greedy_until_all_end_together(next_logits, tokens, max_tokens, end=2):
    texts, ended = [[] for _ in tokens], set()
    for _ in range(max_tokens):
        chosen = next_logits(tokens).argmax(-1)
        tokens = torch.cat([tokens, chosen.unsqueeze(1)], -1)
        for row, token in enumerate(chosen.tolist()):
            if token == end:
                ended.add(row)
            if row not in ended:
                texts[row].append(token)
        if all(token == end for token in chosen.tolist()):
            break
    return texts


def greedy_of_tensors(next_logits, tokens, max_tokens, end=2):
    texts, ended = [[] for _ in tokens], [False] * len(tokens)
    for _ in range(max_tokens):
        chosen = next_logits(tokens).argmax(-1)
        tokens = torch.cat([tokens, chosen.unsqueeze(1)], -1)
        for row, token in enumerate(chosen):
            ended[row] = ended[row] or bool(token == end)
            if not ended[row]:
                texts[row].append(token)
        if all(ended):
            break
    return texts


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


WRONG = {
    "temperature": {
        "multiplied": temperature_multiplied,
        "softmax inside": temperature_as_softmax,
        "zero accepted": temperature_of_zero,
        "nothing refused": temperature_unchecked,
        "log_softmax first": temperature_of_log_probabilities,
    },
    "top_k": {
        "zeros instead of -inf": top_k_zeroed,
        "the k-th is lost": top_k_without_the_kth,
        "values alone": top_k_alone,
        "one too many": top_k_by_rank,
        "minus 1e10 for -inf": top_k_with_a_large_number,
        "nothing refused, the last place taken": top_k_unchecked,
    },
    "top_p": {
        "not shared anew": top_p_not_shared_anew,
        "one too few": top_p_with_the_first_rescued,
        "one too few, or none at all": top_p_as_first_written,
        "left in sorted order": top_p_left_sorted,
        "left in rising order": top_p_in_rising_order,
        "goes on at exactly p": top_p_beyond_p,
        "nothing refused, from the large end": top_p_unchecked,
    },
    "next_probabilities": {
        "top-p forgotten": chain_without_top_p,
        "temperature at the end": chain_with_late_temperature,
        "temperature forgotten": chain_without_temperature,
        "`if k`": chain_with_any_k,
    },
    "sample": {
        "the likeliest always": sample_the_likeliest,
        "a token with no probability, out of range": sample_with_plain_search,
        "out of range": sample_beyond,
        "the last token, possible or not": sample_clamped,
    },
    "greedy": {
        "only the newest token read": greedy_of_the_newest,
        "end kept": greedy_with_the_end,
        "one too many": greedy_one_more,
        "row by row": greedy_row_by_row,
        "asks to the limit": greedy_to_the_limit,
        "stops only when all end at once": greedy_until_all_end_together,
        "tensors for numbers": greedy_of_tensors,
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
        "impossible beams kept to the end": beams_from_the_literal_hints,
        "goes on when none can win": beams_without_an_early_stop,
        "one call for each beam": beams_one_by_one,
        "finished ones compete on": beams_with_the_finished_among_them,
    },
}  # fmt: skip
