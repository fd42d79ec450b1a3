"""Right answers to the exercises of decoding, each written another way than the reference."""

import math

import torch
from torch.nn import functional as F


def temperature_by_multiplying(logits, tau):
    if not tau > 0:
        raise ValueError("tau must be above 0")
    return logits * (1.0 / tau)


def temperature_with_torch(logits, tau):
    if tau <= 0.0:
        raise ValueError(f"{tau}")
    return torch.div(logits, tau)


def temperature_row_by_row(logits, tau):
    if tau <= 0:
        raise ValueError("a temperature is above 0")
    if logits.ndim == 1:
        return torch.stack([one / tau for one in logits])
    return torch.stack([temperature_row_by_row(row, tau) for row in logits])


def top_k_by_sorting(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    falling = torch.sort(logits, dim=-1, descending=True).values
    lowest = falling[..., min(k, falling.shape[-1]) - 1].unsqueeze(-1)
    return torch.where(logits >= lowest, logits, torch.full_like(logits, -math.inf))


def top_k_row_by_row(logits, k):
    if k <= 0:
        raise ValueError("k")
    out = logits.clone()
    for row in out.view(-1, out.shape[-1]):
        lowest = sorted(row.tolist())[-min(k, len(row))]
        row[row < lowest] = float("-inf")
    return out


def top_k_by_counting(logits, k):
    if k < 1:
        raise ValueError("k must be 1 or more")
    larger = (logits[..., None, :] > logits[..., :, None]).sum(-1)
    return logits.masked_fill(larger >= k, float("-inf"))


def top_k_by_kth_value(logits, k):
    if k < 1:
        raise ValueError("k must be 1 or more")
    V = logits.size(-1)
    lowest = logits.kthvalue(V - min(k, V) + 1, keepdim=True).values
    return logits + torch.zeros_like(logits).masked_fill(logits < lowest, -torch.inf)


def top_p_from_above(probabilities, p):
    if p <= 0 or p > 1:
        raise ValueError("p is a share")
    falling, order = torch.sort(probabilities, dim=-1, descending=True)
    before = F.pad(falling.cumsum(-1)[..., :-1], (1, 0))
    falling = torch.where(before < p, falling, torch.zeros_like(falling))
    kept = torch.empty_like(falling).scatter_(-1, order, falling)
    return kept / kept.sum(-1, keepdim=True)


def top_p_row_by_row(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    out = torch.zeros_like(probabilities)
    for row, kept in zip(probabilities.view(-1, probabilities.shape[-1]), out.view(-1, out.shape[-1]), strict=True):
        total = 0.0
        for token in sorted(range(len(row)), key=lambda i, row=row: -row[i].item()):
            kept[token] = row[token]
            total += row[token].item()
            if total >= p:
                break
        kept /= kept.sum()
    return out


def top_p_by_comparing_all(probabilities, p):
    if not (p > 0 and p <= 1):
        raise ValueError("p")
    likelier = probabilities[..., None, :] > probabilities[..., :, None]
    before = (likelier * probabilities[..., None, :]).sum(-1)
    kept = probabilities * (before < p)
    return kept / kept.sum(-1, keepdim=True)


def top_p_by_inverse_order(probabilities, p):
    if p <= 0 or p > 1:
        raise ValueError("p")
    order = probabilities.argsort(dim=-1, descending=True)
    falling = probabilities.gather(-1, order)
    keep = (falling.cumsum(-1) - falling) < p
    back = order.argsort(dim=-1)
    kept = probabilities * keep.gather(-1, back)
    return F.normalize(kept, p=1, dim=-1)


def softmax(logits):
    exps = (logits - logits.amax(-1, keepdim=True)).exp()
    return exps / exps.sum(-1, keepdim=True)


def chain_written_out(logits, tau=1.0, k=None, p=1.0):
    logits = logits / tau
    if k is not None:
        logits = top_k_by_sorting(logits, k)
    return top_p_from_above(softmax(logits), p)


def chain_with_top_k_first(logits, tau=1.0, k=None, p=1.0):
    kept = logits if k is None else top_k_by_counting(logits, k)
    return top_p_from_above(torch.softmax(kept / tau, -1), p)


def chain_with_top_k_after_the_softmax(logits, tau=1.0, k=None, p=1.0):
    probabilities = softmax(logits / tau)
    if k is not None:
        probabilities = probabilities * (top_k_by_sorting(logits, k) > -math.inf)
        probabilities = probabilities / probabilities.sum(-1, keepdim=True)
    return top_p_from_above(probabilities, p) if p < 1 else probabilities


def sample_row_by_row(probabilities, u):
    rows, numbers = probabilities.reshape(-1, probabilities.shape[-1]), u.reshape(-1)
    tokens = []
    for row, number in zip(rows.tolist(), numbers.tolist(), strict=True):
        place, token = number * sum(row), -1
        for candidate, p in enumerate(row):
            if p > 0 and place >= 0:
                token = candidate
            place -= p
        tokens.append(token)
    return torch.tensor(tokens).reshape(u.shape)


def sample_by_search(probabilities, u):
    ends = probabilities.cumsum(-1).contiguous()
    return torch.searchsorted(ends, (u[..., None] * ends[..., -1:]), right=True)[..., 0]


def sample_by_argmax(probabilities, u):
    ends = torch.cumsum(probabilities, dim=-1)
    ends = ends / ends[..., -1:]
    return (ends > u.unsqueeze(-1)).int().argmax(-1)


def sample_by_the_last_possible(probabilities, u):
    ends = probabilities.cumsum(-1)
    last = probabilities.shape[-1] - 1 - (probabilities > 0).int().flip(-1).argmax(-1)
    return torch.minimum((ends <= u[..., None]).sum(-1), last)


def greedy_with_lists(next_logits, tokens, max_tokens, end=2):
    texts, running = [[] for _ in tokens], [True] * len(tokens)
    for _ in range(max_tokens):
        chosen = torch.topk(next_logits(tokens), 1).indices
        tokens = torch.hstack([tokens, chosen])
        for row, token in enumerate(chosen[:, 0].tolist()):
            running[row] = running[row] and token != end
            if running[row]:
                texts[row].append(token)
        if not any(running):
            return texts
    return texts


def greedy_into_room(next_logits, tokens, max_tokens, end=2):
    B, T = tokens.shape
    room, said = torch.zeros(B, T + max_tokens, dtype=torch.long), 0
    room[:, :T] = tokens
    while said < max_tokens and not (room[:, T : T + said] == end).any(dim=1).all():
        room[:, T + said] = next_logits(room[:, : T + said]).max(dim=1).indices
        said += 1
    rows = [row[T : T + said] for row in room.tolist()]
    return [row[: row.index(end)] if end in row else row for row in rows]


def greedy_that_repeats_the_end(next_logits, tokens, max_tokens, end=2):
    T, ended, rounds = tokens.size(1), torch.zeros(tokens.size(0), 1, dtype=torch.bool), 0
    while rounds < max_tokens and not bool(ended.all()):
        best = next_logits(tokens).argmax(1, keepdim=True)
        best = torch.where(ended, torch.full_like(best, end), best)
        tokens, ended, rounds = torch.cat((tokens, best), 1), ended | (best == end), rounds + 1
    return [[int(token) for token in row if token != end] for row in tokens[:, T:]]


def penalty_by_loops(logits, tokens, penalty):
    out = logits.clone()
    for row, said in zip(out, tokens.tolist(), strict=True):
        for token in set(said):
            row[token] = row[token] / penalty if row[token] > 0 else row[token] * penalty
    return out


def penalty_by_gather(logits, tokens, penalty):
    score = torch.gather(logits, 1, tokens)
    score = torch.where(score < 0, score * penalty, score / penalty)
    return logits.scatter(1, tokens, score)


def penalty_by_powers(logits, tokens, penalty):
    said = F.one_hot(tokens, logits.shape[-1]).amax(dim=1)
    factor = penalty ** (-said.to(logits.dtype) * logits.sign())
    return logits * factor


def cut(tokens, end):
    return tokens[: tokens.index(end)] if end in tokens else tokens


def beams_by_lists(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    beams, finished, prompt = [([], 0.0)], [], tokens[0].tolist()
    for length in range(1, max_tokens + 1):
        log_p = F.log_softmax(next_logits(torch.tensor([[*prompt, *said] for said, _ in beams])), dim=-1)
        candidates = [
            ([*said, token], total + p)
            for (said, total), row in zip(beams, log_p.tolist(), strict=True)
            for token, p in enumerate(row)
            if p > -math.inf
        ]
        candidates = sorted(candidates, key=lambda one: -one[1])[: 2 * n_beams]
        ended = [one for one in candidates[:n_beams] if one[0][-1] == end or length == max_tokens]
        finished += [(cut(said, end), total / length**alpha) for said, total in ended]
        beams = [one for one in candidates if one[0][-1] != end][:n_beams]
        best = max(finished, key=lambda one: one[1], default=([], -math.inf))
        if all(total / max_tokens**alpha < best[1] for _, total in beams):
            return best
    return best


def beams_by_tensors(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    T, best, best_score = tokens.shape[1], [], -math.inf
    sums = torch.zeros(1, dtype=torch.float64)
    for step in range(max_tokens):
        logits = next_logits(tokens)
        log_p = logits - logits.logsumexp(-1, keepdim=True)
        V = log_p.shape[1]
        order = (sums[:, None] + log_p).reshape(-1).sort(descending=True)
        keep = min(2 * n_beams, int((order.values > -math.inf).sum()))
        sums, rows, chosen = (
            order.values[:keep],
            order.indices[:keep].div(V, rounding_mode="floor"),
            order.indices[:keep] % V,
        )
        tokens = torch.cat([tokens.index_select(0, rows), chosen.unsqueeze(1)], dim=1)
        alive = []
        for row in range(keep):
            stops = chosen[row] == end or step == max_tokens - 1
            if stops and row < n_beams and sums[row] / (step + 1) ** alpha > best_score:
                best, best_score = cut(tokens[row, T:].tolist(), end), (sums[row] / (step + 1) ** alpha).item()
            if not stops and len(alive) < n_beams:
                alive.append(row)
        if not alive or best_score >= (sums[alive[0]] / max_tokens**alpha).item():
            break
        tokens, sums = tokens[alive], sums[alive]
    return best, best_score


def beams_by_a_dict(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    """A bound of its own: nothing can beat the best sum when alpha is 0; else it goes on to the end."""
    start, beams, found = tuple(tokens[0].tolist()), {(): 0.0}, {}
    for length in range(1, max_tokens + 1):
        if alpha == 0 and max(found.values(), default=-math.inf) >= max(beams.values()):
            break
        scores = {}
        rows = torch.softmax(next_logits(torch.tensor([start + said for said in beams])), -1).tolist()
        for (said, total), row in zip(beams.items(), rows, strict=True):
            scores |= {(*said, token): total + math.log(p) for token, p in enumerate(row) if p > 0}
        ranked = sorted(scores, key=scores.get, reverse=True)[: 2 * n_beams]
        for said in ranked[:n_beams]:
            if said[-1] == end or length == max_tokens:
                found[said] = scores[said] / length**alpha
        beams = {said: scores[said] for said in [one for one in ranked if one[-1] != end][:n_beams]}
        if not beams:
            break
    best = max(found, key=found.get)
    return cut(list(best), end), found[best]


RIGHT = {
    "temperature": [temperature_by_multiplying, temperature_with_torch, temperature_row_by_row],
    "top_k": [top_k_by_sorting, top_k_row_by_row, top_k_by_counting, top_k_by_kth_value],
    "top_p": [top_p_from_above, top_p_row_by_row, top_p_by_comparing_all, top_p_by_inverse_order],
    "next_probabilities": [chain_written_out, chain_with_top_k_first, chain_with_top_k_after_the_softmax],
    "sample": [sample_row_by_row, sample_by_search, sample_by_argmax, sample_by_the_last_possible],
    "greedy": [greedy_with_lists, greedy_into_room, greedy_that_repeats_the_end],
    "repetition_penalty": [penalty_by_loops, penalty_by_gather, penalty_by_powers],
    "beam_search": [beams_by_lists, beams_by_tensors, beams_by_a_dict],
}  # fmt: skip
