"""Alignment: the weights by hand, hooks that leave nothing behind, and the two numbers worked out on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from course.alignment import (
    alignment_accuracy,
    alignment_error_rate,
    cross_attention_weights,
    heaviest_links,
    word_weights,
)
from course.attention import causal_mask, padding_mask
from course.seq2seq import shift_right
from course.transformer import Transformer, TransformerConfig
from tests.parity import randomise

SOURCE = torch.tensor([[5, 6, 7, 8], [9, 4, 0, 0], [3, 3, 4, 0]])
TARGET = torch.tensor([[4, 5, 6, 7, 8], [6, 0, 0, 0, 0], [7, 8, 0, 0, 0]])


def translator(**choices) -> Transformer:
    sizes = {"d_model": 12, "n_heads": 3, "d_ff": 10, "n_layers": 2, "source_vocab_size": 10, "target_vocab_size": 9}
    return randomise(Transformer(TransformerConfig(**(sizes | choices))))


def weights_by_hand(layer: nn.Module, x: torch.Tensor, memory: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """softmax(q k / sqrt(d_head)), number by number; x is what cross-attention asks with."""
    n_heads, attention = layer.cross_attention.n_heads, layer.cross_attention
    query, key = attention.w_q(x), attention.w_k(memory)
    size = query.shape[-1] // n_heads
    found = torch.zeros(len(x), n_heads, x.shape[1], memory.shape[1], dtype=x.dtype)
    for b in range(len(x)):
        for h in range(n_heads):
            part = slice(h * size, (h + 1) * size)
            for t in range(x.shape[1]):
                exps = [math.exp(query[b, t, part] @ row / math.sqrt(size)) for row in key[b, :, part]]
                kept = torch.tensor(exps, dtype=x.dtype) * mask[b]
                found[b, h, t] = kept / kept.sum()
    return found


@pytest.mark.parametrize("norm_first", [True, False])
@torch.no_grad()
def test_weights_of_every_layer_equal_those_worked_out_by_hand(norm_first):
    model = translator(norm_first=norm_first)
    found = cross_attention_weights(model, SOURCE, TARGET)
    inputs, _ = shift_right(TARGET)
    memory, mask = model.encode(SOURCE), causal_mask(6) & padding_mask(inputs)
    x = model.positions(model.target_embedding(inputs))
    assert found.shape == (2, 3, 3, 6, 4)
    for layer, theirs in zip(model.decoder.layers, found, strict=True):
        if norm_first:
            y = layer.norm_1(x)
            asked = layer.norm_2(x + layer.self_attention(y, y, y, mask))
        else:
            asked = layer.norm_1(x + layer.self_attention(x, x, x, mask))
        torch.testing.assert_close(theirs, weights_by_hand(layer, asked, memory, SOURCE != 0))
        x = layer(x, memory, mask, padding_mask(SOURCE))


def test_padding_is_never_read_and_the_rest_sums_to_one():
    weights = cross_attention_weights(translator(), SOURCE, TARGET)
    torch.testing.assert_close(weights.sum(-1), torch.ones_like(weights[..., 0]))
    assert (weights.permute(0, 2, 3, 1, 4)[..., SOURCE == 0] == 0).all()


def test_a_row_is_that_of_the_word_it_predicts():
    """Row t knows the target before t and nothing else: a change of token t leaves rows 0 ... t and moves row t + 1."""
    model, changed = translator(), TARGET.clone()
    changed[0, 2] = 3
    before, after = (cross_attention_weights(model, SOURCE, target)[:, 0] for target in (TARGET, changed))
    assert before[:, :, :3].equal(after[:, :, :3])
    assert not torch.allclose(before[:, :, 3], after[:, :, 3])


@pytest.mark.parametrize("training", [True, False])
def test_hooks_are_gone_afterwards_and_the_mode_is_as_before(training):
    model = translator(dropout=0.5).train(training)
    first, second = (cross_attention_weights(model, SOURCE, TARGET) for _ in range(2))
    assert first.equal(second), "dropout was on"
    assert all(not layer.cross_attention._forward_pre_hooks for layer in model.decoder.layers)
    assert {module.training for module in model.modules()} == {training}
    assert not first.requires_grad


def test_hooks_are_gone_after_an_error_too():
    model = translator().train()
    with pytest.raises(IndexError):
        cross_attention_weights(model, SOURCE + 100, TARGET)
    assert all(not layer.cross_attention._forward_pre_hooks for layer in model.decoder.layers)
    assert model.training


def test_word_weights_are_the_last_layers_mean_without_eos_and_padding():
    model = translator()
    pairs = [(row[row > 0].tolist(), target[target > 0].tolist()) for row, target in zip(SOURCE, TARGET, strict=True)]
    whole = cross_attention_weights(model, SOURCE, TARGET)[-1].mean(dim=1)  # (B, T + 1, T_k)
    for found, row, (source, target) in zip(word_weights(model, pairs), whole, pairs, strict=True):
        torch.testing.assert_close(found, row[: len(target), : len(source)])


def test_heaviest_links_by_hand():
    weights = torch.tensor([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])
    assert heaviest_links(weights).tolist() == [[False, True, False], [True, False, False]]


def matrix(*rows: str) -> np.ndarray:
    return np.array([[letter == "x" for letter in row] for row in rows])


def test_accuracy_by_hand():
    """Of four words with gold links three are right; the word without gold is left out."""
    links = [matrix("x..", ".x.", "..x"), matrix(".x", ".x")]
    gold = [matrix("x..", ".xx", "..."), matrix("xx", "x.")]
    assert alignment_accuracy(links, gold) == 3 / 4


def test_error_rate_by_hand():
    """|A| = 4, |S| = 3, |A and S| = 2, |A and P| = 3: AER = 1 - (2 + 3) / (4 + 3), recall 2/3, precision 3/4."""
    links = matrix("x...", ".x..", ".x..", "..x.")
    sure = matrix("x...", ".x..", "....", "...x")
    possible = matrix("x...", ".x..", ".xx.", "...x")
    assert alignment_error_rate([links], [sure], [possible]) == pytest.approx(2 / 7)
    assert alignment_error_rate([links], [sure]) == pytest.approx(1 - 4 / 7)


def test_error_rate_is_one_minus_f_where_all_links_are_sure_and_counts_over_all_sentences():
    links, sure = [matrix("x.", ".x"), matrix("x")], [matrix("x.", "x."), matrix("x")]
    precision, recall = 2 / 3, 2 / 3
    assert alignment_error_rate(links, sure) == pytest.approx(1 - 2 * precision * recall / (precision + recall))
    assert alignment_error_rate(sure, sure) == 0
    assert alignment_error_rate([~one for one in sure], sure) == 1


def test_links_of_words_without_gold_and_second_gold_links_count_as_errors():
    assert alignment_error_rate([matrix("x.", "x.")], [matrix("x.", "..")]) == pytest.approx(1 - 2 / 3)
    assert alignment_error_rate([matrix("x.")], [matrix("xx")]) == pytest.approx(1 - 2 / 3)


def test_sure_links_that_are_not_listed_as_possible_are_possible_all_the_same():
    assert alignment_error_rate([matrix("x.")], [matrix("x.")], [matrix("..")]) == 0


def test_the_row_of_eos_is_found():
    with pytest.raises(ValueError, match=r"sentence 0: links \(2, 2\) and gold \(1, 2\).*<eos>"):
        alignment_accuracy([matrix("x.", "x.")], [matrix("x.")])
    with pytest.raises(ValueError, match="must be"):
        alignment_error_rate([matrix("x.")], [matrix("x.")], [matrix("x")])
