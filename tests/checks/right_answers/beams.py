"""Right answers to the last exercises of lesson 10, beam search and the cache, each written in its own way."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def cut(tokens, end):
    return tokens[: tokens.index(end)] if end in tokens else tokens


def beams_by_lists(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    beams, finished = [([], 0.0)], []
    for length in range(1, max_tokens + 1):
        candidates = []
        for said, total in beams:
            log_p = F.log_softmax(next_logits(torch.tensor([[*tokens[0].tolist(), *said]]))[0], dim=-1)
            candidates += [([*said, token], total + log_p[token].item()) for token in range(len(log_p))]
        candidates = sorted(candidates, key=lambda one: -one[1])[: 2 * n_beams]
        ended = [one for one in candidates[:n_beams] if one[0][-1] == end or length == max_tokens]
        finished += [(cut(said, end), total / length**alpha) for said, total in ended]
        beams = [one for one in candidates if one[0][-1] != end][:n_beams]
    return max(finished, key=lambda one: one[1])


def beams_without_an_early_stop(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    T, best, best_score = tokens.shape[1], [], -math.inf
    sums = torch.zeros(1, dtype=torch.float64)
    for step in range(max_tokens):
        logits = next_logits(tokens)
        log_p = logits - logits.logsumexp(-1, keepdim=True)
        V = log_p.shape[1]
        order = (sums[:, None] + log_p).reshape(-1).sort(descending=True)
        keep = min(2 * n_beams, len(order.values))
        sums, rows, chosen = order.values[:keep], order.indices[:keep].div(V, rounding_mode="floor"), order.indices[:keep] % V
        tokens = torch.cat([tokens.index_select(0, rows), chosen.unsqueeze(1)], dim=1)
        alive = []
        for row in range(keep):
            stops = chosen[row] == end or step == max_tokens - 1
            if stops and row < n_beams and sums[row] / (step + 1) ** alpha > best_score:
                best, best_score = cut(tokens[row, T:].tolist(), end), (sums[row] / (step + 1) ** alpha).item()
            if not stops and len(alive) < n_beams:
                alive.append(row)
        if not alive:
            break
        tokens, sums = tokens[alive], sums[alive]
    return best, best_score


def beams_by_a_heap(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    start, beams, found = tuple(tokens[0].tolist()), {(): 0.0}, {}
    for length in range(1, max_tokens + 1):
        scores = {}
        for said, total in beams.items():
            probabilities = torch.softmax(next_logits(torch.tensor([start + said])), -1)[0].tolist()
            scores |= {(*said, token): total + math.log(p) for token, p in enumerate(probabilities) if p > 0}
        ranked = sorted(scores, key=scores.get, reverse=True)[: 2 * n_beams]
        for said in ranked[:n_beams]:
            if said[-1] == end or length == max_tokens:
                found[said] = scores[said] / length**alpha
        beams = {said: scores[said] for said in [one for one in ranked if one[-1] != end][:n_beams]}
    best = max(found, key=found.get)
    return cut(list(best), end), found[best]


class CacheByChunks(nn.Module):
    def __init__(self, max_length):
        super().__init__()
        self.max_length, self.length, self.chunks = max_length, 0, []

    def forward(self, key, value):
        self.length += key.shape[-2]
        if self.length > self.max_length:
            raise ValueError("no room")
        self.chunks.append((key, value))
        return torch.cat([k for k, _ in self.chunks], -2), torch.cat([v for _, v in self.chunks], -2)

    def reorder(self, rows):
        self.chunks = [(k.index_select(0, rows), v.index_select(0, rows)) for k, v in self.chunks]


class CacheWithIndexCopy(nn.Module):
    def __init__(self, max_length):
        super().__init__()
        self.max_length, self.length = max_length, 0

    def forward(self, key, value):
        B, H, n, d_head = key.shape
        places = torch.arange(self.length, self.length + n)
        if self.length + n > self.max_length:
            raise ValueError("max_length")
        if self.length == 0:
            self.keys = torch.zeros(B, H, self.max_length, d_head, dtype=key.dtype)
            self.values = torch.zeros(B, H, self.max_length, value.shape[3], dtype=value.dtype)
        self.keys.index_copy_(2, places, key)
        self.values.index_copy_(2, places, value)
        self.length += n
        return self.keys.narrow(2, 0, self.length), self.values.narrow(2, 0, self.length)

    def reorder(self, rows):
        self.keys = torch.stack([self.keys[row] for row in rows])
        self.values = torch.stack([self.values[row] for row in rows])


class CachePositionFirst(nn.Module):
    def __init__(self, max_length):
        super().__init__()
        self.max_length, self.keys, self.values = max_length, [], []

    @property
    def length(self):
        return len(self.keys)

    def forward(self, key, value):
        if self.length + key.shape[2] > self.max_length:
            raise ValueError("too long")
        self.keys.extend(key.unbind(2))
        self.values.extend(value.unbind(2))
        return torch.stack(self.keys, dim=2), torch.stack(self.values, dim=2)

    def reorder(self, rows):
        self.keys = [key[rows] for key in self.keys]
        self.values = [value[rows] for value in self.values]


RIGHT = {
    "beam_search": [beams_by_lists, beams_without_an_early_stop, beams_by_a_heap],
    "KVCache": [CacheByChunks, CacheWithIndexCopy, CachePositionFirst],
}
