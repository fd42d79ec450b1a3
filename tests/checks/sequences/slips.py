"""Slips in the exercises of sequences that end in an exception, or return nothing; Help folds quote their messages."""

from __future__ import annotations

import torch


def contexts_as_lists(sentences, n, vocabulary, smoothing=0.0):
    seen = {}
    for sentence in sentences:
        for at, token in enumerate(sentence):
            seen.setdefault(sentence[max(0, at - n + 1) : at], []).append(token)
    return seen


def states_that_are_lost(xs):
    total = 0
    for x in xs:
        total = total + x


def last_state(step, xs, h):
    states = [h]
    for x in xs:
        states.append(step(x, states[-1])[1])
    return states


def derivatives_of_nothing(step, xs, h0):
    states = last_state(step, xs, h0)
    return [torch.autograd.grad(states[-1].sum(), state)[0].norm().item() for state in states]


def graph_used_twice(step, xs, h0):
    states = last_state(step, xs, h0.clone().requires_grad_())
    return [
        torch.stack([torch.autograd.grad(number, state)[0] for number in states[-1]]).norm().item() for state in states
    ]


SLIPS = {
    "ngram_probabilities": [contexts_as_lists],
    "running_sum_states": [states_that_are_lost],
    "state_jacobian_norms": [derivatives_of_nothing, graph_used_twice],
}
