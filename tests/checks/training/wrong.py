"""Wrong answers to the exercises of training, written without the reference at hand."""

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
    },
    "label_smoothing_loss": {
        "spread over the others": smoothed_over_the_others,
        "padding counted": smoothed_with_padding,
        "sum for mean": smoothed_sum,
        "no smoothing": smoothed_not_at_all,
        "divided by padding too": smoothed_by_all_places,
    },
    "warmup_schedule": {
        "counted from 0": line_from_zero,
        "no warm-up": line_without_warmup,
        "never down": line_that_stays,
        "down from the start": line_down_from_the_start,
    },
    "inverse_sqrt_schedule": {
        "the larger of the two": paper_with_max,
        "d_model left out": paper_without_width,
        "no warm-up": paper_without_warmup,
        "n_warmup to the power -0.5": paper_too_steep,
    },
    "train_step": {
        "gradients not set to zero": step_without_zeros,
        "not cut": step_cut_too_late,
        "each number cut": step_cut_by_value,
        "the answers shown": step_that_shows_the_answers,
        "target not shifted": step_unshifted,
        "loss with its graph": step_that_keeps_the_graph,
        "set to zero after backward": step_zeroed_too_late,
    },
}  # fmt: skip
