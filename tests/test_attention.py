"""Attention against torch's own and against numbers worked by hand."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from course.attention import (
    SelfAttention,
    attention_for_one_query,
    attention_scores,
    causal_mask,
    masked_softmax,
    padding_mask,
    scaled_dot_product_attention,
)
from tests.parity import TOLERANCE, assert_same_outputs, draw, randomise, weighted

B, H, T_Q, T_K, D_K, D_V = 2, 3, 5, 7, 4, 6


def query_key_value(dtype: torch.dtype = torch.float64) -> list[Tensor]:
    shapes = ((B, H, T_Q, D_K), (B, H, T_K, D_K), (B, H, T_K, D_V))
    return [draw(*shape, dtype=dtype, seed=seed).requires_grad_() for seed, shape in enumerate(shapes)]


def random_mask(*shape: int) -> Tensor:
    """About half of it False, and the last row empty."""
    mask = draw(*shape, seed=9) > 0
    mask[..., -1, :] = False
    return mask


MASKS = {
    "none": None,
    "one for all": random_mask(T_Q, T_K),
    "for each head": random_mask(B, H, T_Q, T_K),
    "padding": padding_mask(torch.arange(T_K).expand(B, T_K) % 3 + torch.tensor([[0], [1]])),
    "everything blocked": torch.zeros(T_Q, T_K, dtype=torch.bool),
}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("masked", MASKS)
def test_output_and_gradients_equal_torchs(dtype, masked):
    ours, theirs = query_key_value(dtype), query_key_value(dtype)
    mine = scaled_dot_product_attention(*ours, MASKS[masked])
    other = F.scaled_dot_product_attention(*theirs, attn_mask=MASKS[masked])
    assert_same_outputs(mine, other)
    weighted(mine).backward()
    weighted(other).backward()
    for one, two in zip(ours, theirs, strict=True):
        assert_same_outputs(one.grad, two.grad)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_causal_attention_equals_torchs(dtype):
    query, key, value = (draw(B, T_K, size, dtype=dtype, seed=size) for size in (D_K, D_K, D_V))
    mine = scaled_dot_product_attention(query, key, value, causal_mask(T_K))
    assert_same_outputs(mine, F.scaled_dot_product_attention(query, key, value, is_causal=True))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_self_attention_equals_torchs_on_the_same_projections(dtype):
    layer = randomise(SelfAttention(d_model=8, d_k=D_K, d_v=D_V), dtype)
    x = draw(B, T_K, 8, dtype=dtype).requires_grad_()
    mask = random_mask(B, T_K, T_K)
    projected = (x @ layer.w_q.weight.T, x @ layer.w_k.weight.T, x @ layer.w_v.weight.T)
    mine, other = layer(x, mask), F.scaled_dot_product_attention(*projected, attn_mask=mask)
    assert_same_outputs(mine, other)
    leaves = [x, *layer.parameters()]
    ours = torch.autograd.grad(weighted(mine), leaves)
    for one, two in zip(ours, torch.autograd.grad(weighted(other), leaves), strict=True):
        torch.testing.assert_close(one, two, rtol=TOLERANCE[dtype], atol=10 * TOLERANCE[dtype])


def test_gradients_equal_finite_differences_and_are_finite_for_empty_rows():
    inputs = query_key_value()
    assert torch.autograd.gradcheck(lambda *qkv: scaled_dot_product_attention(*qkv, MASKS["one for all"]), inputs)
    scores = draw(T_Q, T_K).requires_grad_()
    assert torch.autograd.gradcheck(lambda scores: masked_softmax(scores, MASKS["one for all"]), (scores,))


def test_one_query_is_a_row_of_the_matrix_formula():
    query, key, value = draw(T_Q, D_K), draw(T_K, D_K, seed=1), draw(T_K, D_V, seed=2)
    rows = torch.stack([attention_for_one_query(row, key, value) for row in query])
    assert_same_outputs(rows, scaled_dot_product_attention(query, key, value))


def test_the_numbers_worked_by_hand():
    query = torch.ones(1, 64, dtype=torch.float64)
    key = torch.stack([query[0] * 1.75, query[0] * 1.5])
    assert (query @ key.T).tolist() == [[112, 96]]
    assert attention_scores(query, key).tolist() == [[14, 12]]
    weights = masked_softmax(attention_scores(query, key))
    assert [round(weight, 2) for weight in weights[0].tolist()] == [0.88, 0.12]
    assert weights[0, 0].item() == pytest.approx(1 / (1 + math.exp(-2)), abs=1e-15)
    value = torch.tensor([[10.0, 0.0, 5.0], [0.0, 10.0, 5.0]], dtype=torch.float64)
    z = attention_for_one_query(query[0], key, value)
    assert z.tolist() == pytest.approx([8.807970779778824, 1.192029220221176, 5.0], abs=1e-12)


def test_rows_of_weights_sum_to_one_and_empty_rows_to_zero():
    mask = random_mask(B, H, T_Q, T_K)
    weights = masked_softmax(draw(B, H, T_Q, T_K), mask)
    assert_same_outputs(weights.sum(-1), mask.any(-1).double())
    assert (weights[~mask] == 0).all()


def test_blocked_scores_may_be_anything():
    scores, mask = draw(T_Q, T_K), random_mask(T_Q, T_K)
    for garbage in (1e300, -1e300, math.inf, math.nan):
        assert torch.equal(masked_softmax(scores.masked_fill(~mask, garbage), mask), masked_softmax(scores, mask))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_mask_that_blocks_nothing_changes_not_one_bit(dtype):
    ours, theirs = (
        draw(B, H, T_Q, T_K, dtype=dtype).requires_grad_(),
        draw(B, H, T_Q, T_K, dtype=dtype).requires_grad_(),
    )
    masked, free = masked_softmax(ours, torch.ones(T_Q, T_K, dtype=torch.bool)), masked_softmax(theirs)
    assert torch.equal(masked, free)
    weighted(masked).backward()
    weighted(free).backward()
    assert torch.equal(ours.grad, theirs.grad)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_an_empty_row_is_zero_and_its_gradient_too(dtype):
    scores = draw(T_Q, T_K).to(dtype).requires_grad_()
    weights = masked_softmax(scores, random_mask(T_Q, T_K))
    weighted(weights).backward()
    assert (weights[-1] == 0).all()
    assert (scores.grad[-1] == 0).all()
    assert scores.grad.isfinite().all()


def test_each_row_has_a_largest_score_of_its_own():
    scores = draw(T_Q, T_K) + torch.tensor([1e4, -1e4, 0.0, 1e300, -1e300], dtype=torch.float64)[:, None]
    assert_same_outputs(masked_softmax(scores), scores.softmax(dim=-1))


def test_very_large_scores_give_no_nan():
    weights = masked_softmax(torch.tensor([[1e4, 1e4 - 1, -1e4]]))
    assert weights.tolist()[0] == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1)), 0.0], rel=1e-6)


@pytest.mark.parametrize("changed", range(1, T_K))
def test_no_output_depends_on_the_future_not_even_in_its_last_bit(changed):
    layer = randomise(SelfAttention(8, D_K, D_V))
    x = draw(B, T_K, 8)
    other = x.clone()
    other[:, changed:] += draw(B, T_K - changed, 8, seed=1)
    mask = causal_mask(T_K)
    assert torch.equal(layer(x, mask)[:, :changed], layer(other, mask)[:, :changed])
    assert not torch.allclose(layer(x, mask)[:, changed:], layer(other, mask)[:, changed:])


def test_padding_changes_nothing():
    layer = randomise(SelfAttention(8, D_K, D_V))
    tokens = torch.tensor([[4, 9, 3, 0, 0], [5, 6, 7, 8, 2]])
    x = draw(2, 5, 8)
    mask = padding_mask(tokens)[:, 0]  # no axis for heads
    assert_same_outputs(layer(x, mask)[:1, :3], layer(x[:1, :3]))


def test_permuting_the_sequence_permutes_the_rows():
    layer = randomise(SelfAttention(8, D_K, D_V))
    x, order = draw(B, T_K, 8), torch.randperm(T_K, generator=torch.Generator().manual_seed(3))
    assert_same_outputs(layer(x[:, order]), layer(x)[:, order])


def test_masks_spelled_out():
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert causal_mask(1).tolist() == [[True]]
    assert padding_mask(torch.tensor([[5, 7, 0]])).tolist() == [[[[True, True, False]]]]
    assert padding_mask(torch.tensor([[5, 7, 0]]), pad=7).tolist() == [[[[True, False, True]]]]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_precision_stays(dtype):
    query, key, value = query_key_value(dtype)
    assert scaled_dot_product_attention(query, key, value, MASKS["one for all"]).dtype == dtype


def test_d_k_of_query_and_key_must_agree():
    with pytest.raises(RuntimeError):
        attention_scores(draw(T_Q, 4), draw(T_K, 5))
