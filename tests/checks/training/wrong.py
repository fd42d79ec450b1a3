"""Wrong answers to the exercises of training, written without the reference at hand."""

import itertools
import math
from collections import defaultdict

import torch
from torch import nn
from torch.nn import functional as F


def packed(order, lengths, n_tokens, key=lambda length: length, cost=sum, room=1, rest=True):
    full, open_batches = [], defaultdict(list)
    for i in order:
        batch = open_batches[key(lengths[i])]
        batch.append(i)
        if cost(lengths[i]) * (len(batch) + room) > n_tokens:
            full.append(open_batches.pop(key(lengths[i])))
    return full + ([open_batches[one] for one in sorted(open_batches)] if rest else [])


def batches_of_sources(order, lengths, n_tokens):
    return packed(order, lengths, n_tokens, cost=lambda length: length[0])


def batches_over_full(order, lengths, n_tokens):
    return packed(order, lengths, n_tokens, room=0)


def batches_without_the_rest(order, lengths, n_tokens):
    return packed(order, lengths, n_tokens, rest=False)


def batches_of_equal_sources(order, lengths, n_tokens):
    return packed(order, lengths, n_tokens, key=lambda length: length[0])


def batches_of_equal_sums(order, lengths, n_tokens):
    return packed(order, lengths, n_tokens, key=sum)


def batches_by_sorting(order, lengths, n_tokens):
    batches = []
    place = {i: at for at, i in enumerate(order)}
    for length, group in itertools.groupby(
        sorted(order, key=lambda i: (lengths[i], place[i])), key=lambda i: lengths[i]
    ):
        some, size = list(group), max(1, n_tokens // sum(length))
        batches += [some[at : at + size] for at in range(0, len(some), size)]
    return batches


def batches_sorted_before_they_are_dealt(order, lengths, n_tokens):
    return packed(sorted(order, key=lambda i: lengths[i]), lengths, n_tokens)


def batches_closed_when_the_next_comes(order, lengths, n_tokens):
    groups, batches = defaultdict(list), []
    for i in order:
        length = tuple(lengths[i])
        if groups[length] and (len(groups[length]) + 1) * (length[0] + length[1]) > n_tokens:
            batches.append(groups[length])
            groups[length] = []
        groups[length].append(i)
    return batches + [groups[length] for length in sorted(groups) if groups[length]]


def batches_where_they_begin(order, lengths, n_tokens):
    waiting, tokens, batches = {}, {}, []
    for i in order:
        source, target = key = lengths[i]
        if key not in waiting or tokens[key] + source + target > n_tokens:
            waiting[key], tokens[key] = [], 0
            batches.append(waiting[key])
        waiting[key].append(i)
        tokens[key] += source + target
    return batches


def batches_left_as_they_began(order, lengths, n_tokens):
    full, waiting = [], {}
    for i in order:
        waiting.setdefault(lengths[i], []).append(i)
        if sum(lengths[i]) * (1 + len(waiting[lengths[i]])) > n_tokens:
            full.append(waiting.pop(lengths[i]))
    full.extend(waiting.values())
    return full


def smoothed_as_annotated(logits, answers, smoothing=0.1):
    V = logits.shape[-1]
    x, target = logits.log_softmax(-1).reshape(-1, V), answers.reshape(-1)
    true_dist = torch.zeros_like(x).fill_(smoothing / (V - 2))
    true_dist.scatter_(1, target.unsqueeze(1), 1.0 - smoothing)
    true_dist[:, 0] = 0
    true_dist[target == 0] = 0
    return nn.KLDivLoss(reduction="sum")(x, true_dist) / (answers != 0).sum()


def smoothed_as_annotated_without_the_mean(logits, answers, smoothing=0.1):
    return smoothed_as_annotated(logits, answers, smoothing) * (answers != 0).sum()


def smoothed_by_divergence(logits, answers, smoothing=0.1):
    V = logits.shape[-1]
    target = F.one_hot(answers, V).to(logits) * (1 - smoothing) + smoothing / V
    losses = F.kl_div(F.log_softmax(logits, -1), target, reduction="none").sum(-1)
    return losses[answers != 0].mean()


def smoothed_twice_softmaxed(logits, answers, smoothing=0.1):
    return F.cross_entropy(logits.softmax(-1).transpose(1, 2), answers, ignore_index=0, label_smoothing=smoothing)


def smoothed_over_the_others(logits, answers, smoothing=0.1):
    V = logits.shape[-1]
    target = torch.full_like(logits, smoothing / (V - 1)).scatter(-1, answers[..., None], 1 - smoothing)
    return -(target * logits.log_softmax(-1)).sum(-1)[answers != 0].mean()


def smoothed_with_padding(logits, answers, smoothing=0.1):
    return F.cross_entropy(logits.transpose(1, 2), answers, label_smoothing=smoothing)


def smoothed_sum(logits, answers, smoothing=0.1):
    return F.cross_entropy(logits.transpose(1, 2), answers, ignore_index=0, reduction="sum", label_smoothing=smoothing)


def smoothed_not_at_all(logits, answers, smoothing=0.1):
    return F.cross_entropy(logits.transpose(1, 2), answers, ignore_index=0)


def smoothed_by_all_places(logits, answers, smoothing=0.1):
    return F.cross_entropy(
        logits.transpose(1, 2), answers, ignore_index=0, reduction="none", label_smoothing=smoothing
    ).mean()


def line_from_zero(step, n_steps, n_warmup):
    step -= 1
    return step / n_warmup if step <= n_warmup and n_warmup else (n_steps - step) / (n_steps - n_warmup)


def line_without_warmup(step, n_steps, n_warmup):
    return 1.0 if step < n_warmup else (n_steps - step) / (n_steps - n_warmup)


def line_that_stays(step, n_steps, n_warmup):
    return min(1.0, step / n_warmup) if n_warmup else 1.0


def line_down_from_the_start(step, n_steps, n_warmup):
    return step / n_warmup if step < n_warmup + 1 else 1 - step / n_steps


def paper_with_max(step, d_model, n_warmup):
    return max(1 / math.sqrt(step), step / n_warmup**1.5) / math.sqrt(d_model)


def paper_without_width(step, d_model, n_warmup):
    return min(1 / math.sqrt(step), step / n_warmup**1.5)


def paper_without_warmup(step, d_model, n_warmup):
    return (step * d_model) ** -0.5


def paper_one_step_back(step, d_model, n_warmup):
    step -= 1
    return d_model**-0.5 * min(float(step) ** -0.5, step * n_warmup**-1.5)


def line_with_min(step, n_steps, n_warmup):
    return min(step / n_warmup, (n_steps - step) / (n_steps - n_warmup))


def paper_too_steep(step, d_model, n_warmup):
    return min(1 / math.sqrt(step), step / math.sqrt(n_warmup)) / math.sqrt(d_model)


def shift(target):
    length = (target > 0).sum(1, keepdim=True)
    return F.pad(target, (1, 0), value=1), F.pad(target, (0, 1)).scatter(1, length, 2)


def loss_of(model, source, inputs, answers, smoothing):
    return F.cross_entropy(model(source, inputs).transpose(1, 2), answers, ignore_index=0, label_smoothing=smoothing)


def step_without_zeros(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    loss = loss_of(model, source, *shift(target), smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()


def step_cut_too_late(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    optimizer.zero_grad()
    loss = loss_of(model, source, *shift(target), smoothing)
    loss.backward()
    optimizer.step()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    return loss.item()


def step_cut_by_value(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    optimizer.zero_grad()
    loss = loss_of(model, source, *shift(target), smoothing)
    loss.backward()
    for weight in model.parameters():
        weight.grad.clamp_(-clip, clip)
    optimizer.step()
    return loss.item()


def step_that_shows_the_answers(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    optimizer.zero_grad()
    _, answers = shift(target)
    loss = loss_of(model, source, answers, answers, smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()


def step_unshifted(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    optimizer.zero_grad()
    loss = loss_of(model, source, target, target, smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()


def step_that_keeps_the_graph(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    loss = loss_of(model, source, *shift(target), smoothing)
    model.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss


def step_cleaned_up_afterwards(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    loss = loss_of(model, source, *shift(target), smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_([weight for group in optimizer.param_groups for weight in group["params"]], clip)
    optimizer.step()
    model.zero_grad()
    return loss.detach().item()


def step_with_a_detached_loss(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    loss = loss_of(model, source, *shift(target), smoothing)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.detach()


def step_while_evaluating(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    model.train(False)
    optimizer.zero_grad()
    loss = loss_of(model, source, *shift(target), smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()


def step_zeroed_too_late(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    loss = loss_of(model, source, *shift(target), smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


WRONG = {
    "batches_by_length": {
        "sources alone counted": batches_of_sources,
        "one pair too many": batches_over_full,
        "unfilled batches lost": batches_without_the_rest,
        "targets of all lengths": batches_of_equal_sources,
        "equal sums": batches_of_equal_sums,
        "all batches sorted by length": batches_by_sorting,
        "the shortest first": batches_sorted_before_they_are_dealt,
        "closed when the next comes": batches_closed_when_the_next_comes,
        "handed over when it begins": batches_where_they_begin,
        "what is left in the order of its beginning": batches_left_as_they_began,
    },
    "label_smoothing_loss": {
        "spread over the others": smoothed_over_the_others,
        "padding counted": smoothed_with_padding,
        "sum for mean": smoothed_sum,
        "no smoothing": smoothed_not_at_all,
        "divided by padding too": smoothed_by_all_places,
        "The Annotated Transformer's": smoothed_as_annotated,
        "The Annotated Transformer's, as a sum": smoothed_as_annotated_without_the_mean,
        "divergence": smoothed_by_divergence,
        "softmax twice": smoothed_twice_softmaxed,
    },
    "warmup_schedule": {
        "counted from 0": line_from_zero,
        "no warm-up": line_without_warmup,
        "never down": line_that_stays,
        "down from the start": line_down_from_the_start,
        "divided by no warm-up": line_with_min,
    },
    "inverse_sqrt_schedule": {
        "the larger of the two": paper_with_max,
        "d_model left out": paper_without_width,
        "no warm-up": paper_without_warmup,
        "n_warmup to the power -0.5": paper_too_steep,
        "1 subtracted": paper_one_step_back,
    },
    "train_step": {
        "gradients not set to zero": step_without_zeros,
        "not cut": step_cut_too_late,
        "each number cut": step_cut_by_value,
        "the answers shown": step_that_shows_the_answers,
        "target not shifted": step_unshifted,
        "loss with its graph": step_that_keeps_the_graph,
        "set to zero after backward": step_zeroed_too_late,
        "emptied afterwards": step_cleaned_up_afterwards,
        "a tensor for the number": step_with_a_detached_loss,
        "evaluation mode": step_while_evaluating,
    },
}  # fmt: skip
