"""Sequence to sequence against torch's packed GRU, torch's cross-entropy and numbers worked by hand."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.seq2seq import additive_attention, decode_greedy, encode_source, shift_right, teacher_forcing_loss
from tests.parity import assert_same_outputs, draw, randomise, weighted

B, T, D_X, D_H, V = 4, 6, 3, 5, 7
LENGTHS = torch.tensor([6, 1, 4, 3])


def leaf(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return draw(*shape, dtype=dtype, seed=seed).requires_grad_()


def test_shift_by_hand():
    target = torch.tensor([[7, 8, 9], [5, 0, 0], [0, 0, 0]])
    inputs, answers = shift_right(target)
    assert inputs.tolist() == [[1, 7, 8, 9], [1, 5, 0, 0], [1, 0, 0, 0]]
    assert answers.tolist() == [[7, 8, 9, 2], [5, 2, 0, 0], [2, 0, 0, 0]]
    assert target.tolist() == [[7, 8, 9], [5, 0, 0], [0, 0, 0]], "the target itself is left alone"


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_encoder_equals_torchs_gru_over_packed_sentences(dtype):
    theirs = randomise(nn.GRU(D_X, D_H, batch_first=True), dtype)
    cell = nn.GRUCell(D_X, D_H).to(dtype)
    with torch.no_grad():
        for mine, other in zip(cell.parameters(), theirs.parameters(), strict=True):
            mine.copy_(other)
    xs, other_xs, h0, other_h0 = (leaf(*shape, dtype=dtype) for shape in ((B, T, D_X), (B, T, D_X), (B, D_H), (B, D_H)))
    mask = torch.arange(T) < LENGTHS[:, None]
    states, last = encode_source(cell, xs, mask, h0)
    packed = nn.utils.rnn.pack_padded_sequence(other_xs, LENGTHS, batch_first=True, enforce_sorted=False)
    packed_states, other_last = theirs(packed, other_h0[None])
    other_states, _ = nn.utils.rnn.pad_packed_sequence(packed_states, batch_first=True)
    assert_same_outputs(last, other_last[0])
    assert_same_outputs(states[mask], other_states[mask])
    weighted(last).backward()
    weighted(other_last[0]).backward()
    for one, two in zip([xs, h0, *cell.parameters()], [other_xs, other_h0, *theirs.parameters()], strict=True):
        assert_same_outputs(one.grad, two.grad)


def test_loss_by_hand():
    logits = torch.tensor([[[0.5, 0.125, 0.125, 0.25], [0.25] * 4], [[0.125, 0.125, 0.5, 0.25], [0.25] * 4]]).log()
    loss = teacher_forcing_loss(logits, torch.tensor([[3, 2], [2, 0]]))
    assert loss.item() == pytest.approx((math.log(4) + math.log(4) + math.log(2)) / 3)


@pytest.mark.parametrize("scale", [1, 1e4])
def test_loss_and_gradient_equal_torchs(scale):
    logits, other = leaf(B, T, V), leaf(B, T, V)
    answers = torch.randint(1, V, (B, T), generator=torch.Generator().manual_seed(1)) * (
        torch.arange(T) < LENGTHS[:, None]
    )
    mine = teacher_forcing_loss(scale * logits, answers)
    theirs = F.cross_entropy((scale * other).flatten(0, 1), answers.flatten(), ignore_index=0)
    assert_same_outputs(mine, theirs)
    mine.backward(), theirs.backward()
    assert_same_outputs(logits.grad, other.grad)


def countdown(token: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Says 9 so often as its state tells, then <eos>, then 8 for ever."""
    said = torch.where(state > 0, 9, torch.where(state == 0, 2, 8))
    return F.one_hot(said, 10), state - 1


@pytest.mark.parametrize(
    ("start", "limit", "written"),
    [
        ([3, 1], 10, [[9] * 3, [9]]),
        ([3, 1], 2, [[9, 9], [9]]),
        ([0, 0], 5, [[], []]),
        ([2], 0, [[]]),
        ([4, 0], 4, [[9] * 4, []]),
    ],
)
def test_greedy_stops(start, limit, written):
    assert decode_greedy(countdown, torch.tensor(start), limit) == written


def test_greedy_asks_no_more_than_it_must_and_feeds_back_what_was_said():
    given = []

    def step(token: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        given.append(token.tolist())
        return countdown(token, state)

    decode_greedy(step, torch.tensor([2, 0]), 10)
    assert given == [[1, 1], [9, 2], [9, 8]]


def inputs(*lead: int) -> list[Tensor]:
    shapes = ((*lead, 4, 3), (*lead, T, 5), (*lead, T, 2), (6, 3), (6, 5), (6,))
    return [leaf(*shape, seed=seed) for seed, shape in enumerate(shapes)]


@pytest.mark.parametrize("masked", [False, True])
def test_additive_attention_equals_its_formula_word_by_word(masked):
    query, key, value, w_q, w_k, v = inputs(B)
    mask = (torch.arange(T) < LENGTHS[:, None])[:, None] if masked else None
    summaries, weights = additive_attention(query, key, value, w_q, w_k, v, mask)
    for b in range(B):
        n_words = LENGTHS[b] if masked else T
        for t in range(4):
            scores = torch.stack([v @ torch.tanh(w_q @ query[b, t] + w_k @ key[b, s]) for s in range(n_words)])
            shares = scores.exp() / scores.exp().sum()
            assert_same_outputs(weights[b, t, :n_words], shares)
            assert (weights[b, t, n_words:] == 0).all()
            assert_same_outputs(summaries[b, t], sum(share * row for share, row in zip(shares, value[b], strict=False)))


def test_additive_attention_gradients_against_finite_differences():
    mask = torch.tensor([True, True, False, True, False, True])
    assert torch.autograd.gradcheck(lambda *some: additive_attention(*some, mask), inputs(), atol=1e-6)
