"""Wrong answers to the exercises of tagging, written without the reference at hand."""

from __future__ import annotations

import torch

from course.tagging import sequence_score


def trellis_of(emissions, transition, start, best_of=torch.amax):
    """Rows of best scores, one for each word."""
    rows = [start + emissions[0]]
    for t in range(1, len(emissions)):
        rows.append(best_of(rows[-1].unsqueeze(1) + transition, 0) + emissions[t])
    return rows


def no_way_back(emissions, transition, start):
    rows = trellis_of(emissions, transition, start)
    return [row.argmax().item() for row in rows], rows[-1].max().item()


def way_back_without_pointers(emissions, transition, start):
    rows = trellis_of(emissions, transition, start)
    tags = [rows[-1].argmax().item()]
    for row in reversed(rows[:-1]):
        tags.insert(0, (row + transition[:, tags[0]]).argmax().item())
    return tags[::-1], rows[-1].max().item()


def one_step_ahead(emissions, transition, start):
    tag = int((start + emissions[0]).argmax())
    tags, total = [tag], (start + emissions[0])[tag].item()
    for t in range(1, len(emissions)):
        scores = transition[tag] + emissions[t]
        tag = int(scores.argmax())
        total += scores[tag].item()
        tags.append(tag)
    return tags, total


def to_from(emissions, transition, start):
    return shortest(emissions, transition.T, start)


def shortest(emissions, transition, start):
    best, before = start + emissions[0], []
    for t in range(1, emissions.shape[0]):
        table = best.view(-1, 1) + transition + emissions[t]
        best = table.max(0)[0]
        before.append(table.max(0)[1].tolist())
    tags = [best.argmax().item()]
    for row in before[::-1]:
        tags = [row[tags[0]], *tags]
    return tags, best.max().item()


def starts_nowhere(emissions, transition, start):
    return shortest(emissions, transition, torch.zeros_like(start))


def loop_from_zero(emissions, transition, start):
    N = len(start)
    best, before = [max(0.0, (start[n] + emissions[0, n]).item()) for n in range(N)], []
    for row in emissions[1:]:
        new, ways = [], []
        for tag in range(N):
            highest, way = 0.0, 0
            for other in range(N):
                score = best[other] + transition[other, tag].item()
                if score > highest:
                    highest, way = score, other
            new.append(highest + row[tag].item())
            ways.append(way)
        best = new
        before.append(ways)
    tags = [max(range(N), key=best.__getitem__)]
    for ways in reversed(before):
        tags.insert(0, ways[tags[0]])
    return tags, max(best)


def both_of_max(emissions, transition, start):
    best = start + emissions[0]
    for t in range(1, len(emissions)):
        best = (best[:, None] + transition).max(dim=0) + emissions[t]
    return [0] * len(emissions), best.max().item()


def log_z(emissions, mask, transition, start, together=torch.logsumexp):
    alpha = start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        new = together(alpha.unsqueeze(2) + transition, 1) + emissions[:, t]
        alpha = torch.where(mask[:, t].unsqueeze(1), new, alpha)
    return together(alpha, 1)


def without_mask(emissions, tags, mask, transition, start):
    everywhere = torch.ones_like(mask)
    return sequence_score(emissions, tags, everywhere, transition, start) - log_z(
        emissions, everywhere, transition, start
    )


def mask_in_the_score_alone(emissions, tags, mask, transition, start):
    score = sequence_score(emissions, tags, mask, transition, start)
    return score - log_z(emissions, mask | True, transition, start)


def loss(emissions, tags, mask, transition, start):
    return log_z(emissions, mask, transition, start) - sequence_score(emissions, tags, mask, transition, start)


def against_the_best(emissions, tags, mask, transition, start):
    best = log_z(emissions, mask, transition, start, together=torch.amax)
    return sequence_score(emissions, tags, mask, transition, start) - best


def overflowing(emissions, tags, mask, transition, start):
    def together(x, dim):
        return x.exp().sum(dim).log()

    return sequence_score(emissions, tags, mask, transition, start) - log_z(
        emissions, mask, transition, start, together
    )


def products_of_exp(emissions, tags, mask, transition, start):
    p, moves = emissions.exp(), transition.exp()
    alpha = torch.exp(emissions[:, 0] + start)
    for t in range(1, emissions.shape[1]):
        alpha = torch.where(mask[:, t].unsqueeze(1), (alpha @ moves) * p[:, t], alpha)
    return sequence_score(emissions, tags, mask, transition, start) - alpha.sum(1).log()


def to_from_in_log_z(emissions, tags, mask, transition, start):
    score = sequence_score(emissions, tags, mask, transition, start)
    return score - log_z(emissions, mask, transition.t(), start)


def summed(emissions, tags, mask, transition, start):
    return -loss(emissions, tags, mask, transition, start).sum()


def words_alone(emissions, tags, mask, transition, start):
    p = emissions.log_softmax(2)
    return (p.gather(2, tags.unsqueeze(2)).squeeze(2) * mask).sum(1)


def mask_without_a_column(emissions, tags, mask, transition, start):
    alpha = start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        new = (alpha.unsqueeze(2) + transition).logsumexp(1) + emissions[:, t]
        alpha = torch.where(mask[:, t], new, alpha)
    return sequence_score(emissions, tags, mask, transition, start) - alpha.logsumexp(1)


# Answers with slips that are no known mistakes: the Help folds quote what they are told.
SLIPS = {"viterbi": [both_of_max], "crf_log_likelihood": [mask_without_a_column]}

WRONG = {
    "viterbi": {
        "best ending at each word": no_way_back,
        "not turned round": way_back_without_pointers,
        "greedy": one_step_ahead,
        "transitions transposed": to_from,
        "no start": starts_nowhere,
    },
    "crf_log_likelihood": {
        "padding counted everywhere": without_mask,
        "padding counted in ln Z": mask_in_the_score_alone,
        "the sign": loss,
        "the best sequence for all": against_the_best,
        "exp of the scores": overflowing,
        "exp from the first word on": products_of_exp,
        "transitions transposed in ln Z": to_from_in_log_z,
        "one number for the batch": summed,
        "each word alone": words_alone,
    },
}
