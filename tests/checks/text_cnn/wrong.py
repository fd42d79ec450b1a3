"""Wrong answers to the exercise of text_cnn, written without the reference at hand."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def convolved(x, weight, bias):
    """(B, n_filters, T): the answers of all windows, zeros behind."""
    return F.conv1d(F.pad(x.transpose(1, 2), (0, weight.shape[1] - 1)), weight.transpose(1, 2), bias)


def no_mask(x, filters, mask):
    return torch.cat([convolved(x, *one).relu().amax(2) for one in filters], 1)


def zeros_but_no_mask(x, filters, mask):
    x = x * mask.unsqueeze(2)
    return torch.cat([convolved(x, *one).relu().amax(2) for one in filters], 1)


def mean_pooled(x, filters, mask):
    x = x * mask.unsqueeze(2)
    parts = [(convolved(x, *one).relu() * mask.unsqueeze(1)).mean(2) for one in filters]
    return torch.cat(parts, 1)


def never_cut_off(x, filters, mask):
    x = x * mask.unsqueeze(2)
    parts = [convolved(x, *one).masked_fill(~mask.unsqueeze(1), -1e9).amax(2) for one in filters]
    return torch.cat(parts, 1)


def same_padding(x, filters, mask):
    x, parts = (x * mask.unsqueeze(2)).transpose(1, 2), []
    for weight, bias in filters:
        width = weight.shape[1]
        padded = F.pad(x, ((width - 1) // 2, width // 2))
        parts.append((F.conv1d(padded, weight.transpose(1, 2), bias).relu() * mask.unsqueeze(1)).amax(2))
    return torch.cat(parts, 1)


def causal_padding(x, filters, mask):
    x, parts = (x * mask.unsqueeze(2)).transpose(1, 2), []
    for weight, bias in filters:
        padded = F.pad(x, (weight.shape[1] - 1, 0))
        parts.append((F.conv1d(padded, weight.transpose(1, 2), bias).relu() * mask.unsqueeze(1)).amax(2))
    return torch.cat(parts, 1)


def bias_behind(x, filters, mask):
    x = x * mask.unsqueeze(2)
    parts = []
    for weight, bias in filters:
        answers = convolved(x, weight, torch.zeros_like(bias)).relu() + bias.unsqueeze(1)
        parts.append((answers * mask.unsqueeze(1)).amax(2))
    return torch.cat(parts, 1)


def a_true_convolution(x, filters, mask):
    x = x * mask.unsqueeze(2)
    parts = [(convolved(x, w.flip(1), b).relu() * mask.unsqueeze(1)).amax(2) for w, b in filters]
    return torch.cat(parts, 1)


def no_room_behind(x, filters, mask):
    words, parts = x * mask[..., None], []
    for weight, bias in filters:
        windows = words.unfold(1, weight.shape[1], 1)
        answers = torch.relu(torch.einsum("btdw,fwd->btf", windows, weight) + bias)
        parts.append((answers * mask[:, : answers.shape[1], None]).amax(1))
    return torch.cat(parts, -1)


def places_before_features(x, filters, mask):
    x = x * mask.unsqueeze(2)
    return torch.cat([F.conv1d(x, weight, bias).relu().amax(2) for weight, bias in filters], 1)


# An answer with a slip that is no known mistake: a Help fold quotes what it is told.
SLIPS = {"text_cnn": [places_before_features]}

WRONG = {
    "text_cnn": {
        "no mask": no_mask,
        "windows begin at padding": zeros_but_no_mask,
        "mean over all places": mean_pooled,
        "no relu, and padding at minus infinity": never_cut_off,
        "zeros on both sides": same_padding,
        "zeros in front": causal_padding,
        "relu before the bias": bias_behind,
        "filter backwards": a_true_convolution,
        "whole windows alone, and none in short sentences": no_room_behind,
    },
}
