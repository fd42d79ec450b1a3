"""Wrong answers to beam_search, written without the reference at hand."""

import math

import torch


def cut(row, end):
    return row[: row.index(end)] if end in row else row


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


def beams_from_the_literal_hints(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2, possible=False):
    T, sums, best, best_score = tokens.shape[1], torch.zeros(1), [], -math.inf
    for round_ in range(1, max_tokens + 1):
        log_p = next_logits(tokens).log_softmax(-1)
        totals = (sums[:, None] + log_p).flatten()
        sums, found = totals.topk(min(2 * n_beams, totals.numel()))
        chosen = found % log_p.shape[1]
        tokens = torch.cat([tokens[found // log_p.shape[1]], chosen[:, None]], dim=1)
        finished = (chosen == end) | torch.tensor(round_ == max_tokens)
        for at in range(min(n_beams, len(chosen))):
            if finished[at] and (sums[at] / round_**alpha).item() > best_score:
                best_score = (sums[at] / round_**alpha).item()
                best = cut(tokens[at, T:].tolist(), end)
        going_on = [at for at in range(len(chosen)) if not finished[at]]
        if possible:
            going_on = [at for at in going_on if sums[at] > -math.inf]
        tokens, sums = tokens[going_on[:n_beams]], sums[going_on[:n_beams]]
        if not going_on:
            break
    return best, best_score


def beams_without_an_early_stop(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    return beams_from_the_literal_hints(next_logits, tokens, n_beams, max_tokens, alpha, end, possible=True)


def beams_one_by_one(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    prompt, running, finished, best = tokens[0].tolist(), [([], 0.0)], [], ([], -math.inf)
    for length in range(1, max_tokens + 1):
        grown = []
        for said, total in running:
            row = next_logits(torch.tensor([prompt + said])).log_softmax(-1)[0].tolist()
            grown += [([*said, t], total + row[t]) for t in range(len(row)) if row[t] > -math.inf]
        grown = sorted(grown, key=lambda one: -one[1])[: 2 * n_beams]
        done = [one for one in grown[:n_beams] if one[0][-1] == end or length == max_tokens]
        finished += [(cut(said, end), total / length**alpha) for said, total in done]
        running = [one for one in grown if one[0][-1] != end][:n_beams]
        best = max(finished, key=lambda one: one[1], default=best)
        if not running or running[0][1] / max_tokens**alpha <= best[1]:
            break
    return best


def beams_with_the_finished_among_them(next_logits, tokens, n_beams, max_tokens, alpha=1.0, end=2):
    beams = [(0.0, [])]
    for _ in range(max_tokens):
        if all(said and said[-1] == end for _, said in beams):
            break
        running = [(total, said) for total, said in beams if not said or said[-1] != end]
        rows = next_logits(torch.tensor([tokens[0].tolist() + said for _, said in running])).log_softmax(-1)
        grown = [one for one in beams if one not in running]
        for (total, said), row in zip(running, rows, strict=True):
            for token, p in enumerate(row.tolist()):
                grown.append((total + p, [*said, token]))
        beams = sorted(grown, key=lambda one: one[0], reverse=True)[:n_beams]
    total, said = max(beams, key=lambda one: one[0] / len(one[1]) ** alpha)
    return cut(said, end), total / len(said) ** alpha
