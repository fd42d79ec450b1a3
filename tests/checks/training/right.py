"""Right answers to the exercises of training, each written another way than the reference."""

import itertools
import math
from collections import defaultdict

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def batches_with_counted_tokens(order, lengths, n_tokens):
    waiting, tokens, batches = defaultdict(list), defaultdict(int), []
    for i in order:
        source, target = key = lengths[i]
        waiting[key].append(i)
        tokens[key] += source + target
        if tokens[key] + source + target > n_tokens:
            batches.append(waiting.pop(key))
            tokens[key] = 0
    batches.extend(waiting[key] for key in sorted(waiting))
    return batches


def batches_by_the_size_that_fits(order, lengths, n_tokens):
    holes, finished = {}, []
    for i in order:
        hole = holes.setdefault(tuple(lengths[i]), [])
        hole += [i]
        if len(hole) == max(n_tokens // (lengths[i][0] + lengths[i][1]), 1):
            finished.append(hole[:])
            hole.clear()
    return finished + [batch for _, batch in sorted(holes.items()) if batch]


def batches_by_places(order, lengths, n_tokens):
    """The place in `order` at which each batch is finished tells where it stands."""
    groups = {}
    for at, i in enumerate(order):
        groups.setdefault(lengths[i], []).append((at, i))
    finished, left = [], []
    for length, group in sorted(groups.items()):
        size = max(1, n_tokens // sum(length))
        for batch in itertools.zip_longest(*[iter(group)] * size):
            some = [one for one in batch if one]
            (finished if len(some) == size else left).append(some)
    finished.sort(key=lambda batch: batch[-1][0])
    return [[i for _, i in batch] for batch in finished + left]


def shift(target):
    length = (target > 0).sum(1, keepdim=True)
    answers = F.pad(target, (0, 1)).scatter(1, length, 2)
    return F.pad(target, (1, 0), value=1), answers


def smoothed_by_torch(logits, answers, smoothing=0.1):
    return F.cross_entropy(logits.flatten(0, 1), answers.flatten(), ignore_index=0, label_smoothing=smoothing)


def smoothed_by_targets(logits, answers, smoothing=0.1):
    V = logits.shape[-1]
    target = F.one_hot(answers, V).to(logits) * (1 - smoothing) + smoothing / V
    losses = -(target * F.log_softmax(logits, -1)).sum(-1)
    return losses[answers != 0].mean()


def smoothed_by_loops(logits, answers, smoothing=0.1):
    losses = []
    for row, right in zip(logits, answers, strict=True):
        for scores, token in zip(row, right, strict=True):
            if token:
                surprise = scores.logsumexp(0) - scores
                losses.append((1 - smoothing) * surprise[token] + smoothing * surprise.sum() / len(scores))
    return torch.stack(losses).mean()


def smoothed_by_choosing(logits, answers, smoothing=0.1):
    real = answers.ne(0)
    log_p = logits[real] - logits[real].logsumexp(-1, keepdim=True)
    right = log_p[range(len(log_p)), answers[real]]
    return -(right + smoothing * (log_p.mean(1) - right)).mean()


def line_by_lambda(step, n_steps, n_warmup):
    if step < n_warmup:
        return float(step) / float(max(1, n_warmup))
    return max(0.0, float(n_steps - step) / float(max(1, n_steps - n_warmup)))


def line_by_minimum(step, n_steps, n_warmup):
    return min(step / max(n_warmup, 1) if n_warmup else 1.0, (n_steps - step) / (n_steps - n_warmup))


def line_by_interpolation(step, n_steps, n_warmup):
    return np.interp(step, [0, n_warmup, n_steps] if n_warmup else [0, n_steps], [0, 1, 0] if n_warmup else [1, 0])


def paper_by_branches(step, d_model, n_warmup):
    if step < n_warmup:
        rate = step / (n_warmup * math.sqrt(n_warmup))
    else:
        rate = 1 / math.sqrt(step)
    return rate / math.sqrt(d_model)


def paper_from_its_top(step, d_model, n_warmup):
    top = 1 / math.sqrt(d_model * n_warmup)
    return top * min(step / n_warmup, math.sqrt(n_warmup / step))


def paper_by_powers(step, d_model, n_warmup):
    return pow(d_model, -0.5) * np.minimum(pow(float(step), -0.5), step * pow(float(n_warmup), -1.5))


def step_by_torch(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    optimizer.zero_grad(set_to_none=False)
    inputs, answers = shift(target)
    logits = model(source, inputs)
    loss = F.cross_entropy(logits.transpose(1, 2), answers, ignore_index=0, label_smoothing=smoothing)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=clip)
    optimizer.step()
    return float(loss.detach())


def step_with_zeros_first(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    model.zero_grad()
    inputs, answers = shift(target)
    loss = smoothed_by_targets(model(source, inputs), answers, smoothing)
    loss.backward()
    nn.utils.clip_grad_norm_([weight for group in optimizer.param_groups for weight in group["params"]], clip)
    optimizer.step()
    return loss.detach().item()


def step_cut_by_hand(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    model.train()
    inputs, answers = shift(target)
    loss = smoothed_by_torch(model(source, inputs), answers, smoothing)
    weights = list(model.parameters())
    gradients = torch.autograd.grad(loss, weights)
    norm = sum((gradient**2).sum() for gradient in gradients) ** 0.5
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient * clip / norm if norm > clip else gradient
    optimizer.step()
    return loss.item()


def step_with_a_closure(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    inputs, answers = shift(target)

    def closure():
        optimizer.zero_grad()
        loss = smoothed_by_torch(model(source, inputs), answers, smoothing)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        return loss

    return optimizer.step(closure).detach().numpy()[()]


RIGHT = {
    "batches_by_length": [batches_with_counted_tokens, batches_by_the_size_that_fits, batches_by_places],
    "label_smoothing_loss": [smoothed_by_torch, smoothed_by_targets, smoothed_by_loops, smoothed_by_choosing],
    "warmup_schedule": [line_by_lambda, line_by_minimum, line_by_interpolation],
    "inverse_sqrt_schedule": [paper_by_branches, paper_from_its_top, paper_by_powers],
    "train_step": [step_by_torch, step_with_zeros_first, step_cut_by_hand, step_with_a_closure],
}  # fmt: skip
