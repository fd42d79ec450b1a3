"""Alignment: which source word does the decoder look at when it writes each target word?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from course.seq2seq import shift_right
from course.training import Tokens, as_batch, batches_by_length


def write_down(weights: list[Tensor]) -> Callable[[nn.Module, tuple], None]:
    """A forward pre-hook for a MultiHeadAttention: note who reads whom before it answers."""

    def hook(attention: nn.Module, given: tuple) -> None:
        query, key, _, mask = given
        weights.append(attention.weights(query, key, mask))

    return hook


@torch.no_grad()
def cross_attention_weights(model: nn.Module, source: Tensor, target: Tensor) -> Tensor:
    """How much every decoder layer reads of each source token while the decoder writes the target.

    source (B, T_k), target (B, T), tokens padded behind with 0
    -> (n_layers, B, H, T + 1, T_k), as in eval mode.
    Row t is the one that PREDICTS target token t (what it is given is token t - 1); the row behind
    the last predicts <eos>."""
    weights: list[Tensor] = []
    training = model.training
    with ExitStack() as hooks:
        for layer in model.decoder.layers:
            hook = layer.cross_attention.register_forward_pre_hook(write_down(weights))
            hooks.enter_context(hook)
        hooks.callback(model.train, training)
        inputs, _ = shift_right(target)
        model.eval()(source, inputs)
    return torch.stack(weights)  # (n_layers, B, H, T + 1, T_k)


def word_weights(model: nn.Module, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Tensor]:
    """What the last decoder layer reads in each pair of (source, target) tokens, the heads' mean.

    -> for every pair (T, T_k): row t of target token t; without the row that predicts <eos>"""
    found = [torch.empty(0)] * len(pairs)
    lengths = [(len(source), len(target)) for source, target in pairs]
    for rows in batches_by_length(range(len(pairs)), lengths, 4_000):
        source, target = (as_batch([pairs[i][side] for i in rows]) for side in (0, 1))
        heads = cross_attention_weights(model, source, target)[-1]  # (B, H, T + 1, T_k)
        for i, weights in zip(rows, heads.mean(dim=1), strict=True):
            found[i] = weights[:-1]
    return found


def heaviest_links(weights: Tensor) -> Tensor:
    """One link for each target word: to the source word that it reads most of; of equals the first.

    weights (T, T_k) -> boolean (T, T_k), one True in each row"""
    links = torch.zeros(weights.shape, dtype=torch.bool)
    return links.scatter(1, weights.argmax(dim=1, keepdim=True), True)


def alignment_accuracy(links: Sequence[Tensor], gold: Sequence[Tensor]) -> float:
    """The share of target words of which a link is in the gold alignment.

    Two lists of sentences of boolean (T, T_k), tensors or arrays: links, such as heaviest_links,
    and gold. Target words without any gold link are left out: no link of theirs could be right."""
    right = n_words = 0
    for a, s in same_shapes(links, gold):
        n_words += s.any(dim=1).sum().item()
        right += (a & s).any(dim=1).sum().item()
    return right / n_words


def alignment_error_rate(
    links: Sequence[Tensor], sure: Sequence[Tensor], possible: Sequence[Tensor] | None = None
) -> float:
    """AER = 1 - (|A and S| + |A and P|) / (|A| + |S|)  (Och & Ney 2003, section 6).

    0 is best, 1 is worst. Lists of sentences of boolean (T, T_k), tensors or arrays: A the links,
    S the sure gold links, P the possible ones, S among them (without possible P = S). All counts
    are over the whole list. A link of a target word that has no gold link counts in |A| and so as
    an error; a second gold link of a word counts in |S| even if A has one link a word."""
    hits = total = 0
    with_sure, with_possible = same_shapes(links, sure), same_shapes(links, possible or sure)
    for (a, s), (_, p) in zip(with_sure, with_possible, strict=True):
        hits += ((a & s).sum() + (a & (s | p)).sum()).item()
        total += (a.sum() + s.sum()).item()
    return 1 - hits / total


def same_shapes(links: Sequence[Tensor], gold: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Sentence by sentence as tensors; ValueError where the two do not speak of the same words."""
    both = [(torch.as_tensor(a), torch.as_tensor(g)) for a, g in zip(links, gold, strict=True)]
    for i, (a, g) in enumerate(both):
        if a.shape != g.shape:
            raise ValueError(
                f"sentence {i}: links {tuple(a.shape)} and gold {tuple(g.shape)} must be "
                f"(target words, source words) of the same sentence; "
                f"is the row of <eos> still there, or is a word cut into several tokens?"
            )
    return both
