"""Multi-head attention against torch's own, with the same weights."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.attention import causal_mask
from course.multi_head import MultiHeadAttention, heads_as_sum, merge_heads, n_parameters, split_heads
from tests.parity import (
    assert_same_gradients,
    assert_same_outputs,
    attention_pairs,
    copy_weights,
    draw,
    randomise,
    weighted,
)

B, H, T_Q, T_K, D_MODEL = 3, 4, 5, 7, 24
PADDING = torch.arange(T_K) < torch.tensor([[7], [4], [1]])  # (B, T_k), True = a word


def pair(dtype: torch.dtype) -> tuple[MultiHeadAttention, nn.MultiheadAttention]:
    ours = randomise(MultiHeadAttention(D_MODEL, H), dtype)
    theirs = nn.MultiheadAttention(D_MODEL, H, batch_first=True, dtype=dtype)
    copy_weights(attention_pairs(ours, theirs))
    return ours, theirs


def states(n_positions: int, dtype: torch.dtype, seed: int) -> torch.Tensor:
    return draw(B, n_positions, D_MODEL, dtype=dtype, seed=seed)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("masked", ["not", "padding", "attention", "both"])
def test_output_weights_and_gradients_equal_torchs(dtype: torch.dtype, masked: str) -> None:
    ours, theirs = pair(dtype)
    query, key, value = states(T_Q, dtype, 1), states(T_K, dtype, 2), states(T_K, dtype, 3)
    may_attend = torch.ones(T_Q, T_K, dtype=torch.bool)
    if masked in ("attention", "both"):
        may_attend = torch.ones(T_Q, T_K, dtype=torch.bool).tril()
    mask = may_attend.expand(B, 1, T_Q, T_K)
    key_padding_mask = None
    if masked in ("padding", "both"):
        mask, key_padding_mask = mask & PADDING[:, None, None], ~PADDING
    mine = ours(query, key, value, mask)
    other, weights = theirs(
        query, key, value, attn_mask=~may_attend, key_padding_mask=key_padding_mask, average_attn_weights=False
    )
    assert_same_outputs(mine, other)
    assert_same_outputs(ours.weights(query, key, mask), weights)
    without_weights, _ = theirs(query, key, value, key_padding_mask, need_weights=False, attn_mask=~may_attend)
    assert_same_outputs(mine, without_weights)
    weighted(mine).backward()
    weighted(other).backward()
    assert_same_gradients(attention_pairs(ours, theirs))


def test_a_row_with_nothing_to_attend_to_is_zero_before_w_o_and_its_gradient_is_finite() -> None:
    ours, _ = pair(torch.float64)
    x = states(T_K, torch.float64, 1).requires_grad_()
    mask = PADDING.clone()
    mask[0] = False
    output = ours(x, x, x, mask[:, None, None])
    assert_same_outputs(output[0], ours.w_o.bias.expand(T_K, -1))
    weighted(output).backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in [x, *ours.parameters()])


def test_splitting_then_merging_changes_nothing() -> None:
    x = states(T_Q, torch.float64, 1)
    assert split_heads(x, H).shape == (B, H, T_Q, D_MODEL // H)
    assert torch.equal(merge_heads(split_heads(x, H)), x)
    assert torch.equal(split_heads(x, H)[:, 2], x[..., 12:18])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("d_model", "n_heads"), [(24, 4), (24, 1), (6, 3), (512, 8)])
def test_number_of_parameters_is_torchs_whatever_the_number_of_heads(d_model: int, n_heads: int, bias: bool) -> None:
    theirs = nn.MultiheadAttention(d_model, n_heads, bias=bias)
    assert n_parameters(d_model, bias) == sum(parameter.numel() for parameter in theirs.parameters())
    ours = MultiHeadAttention(d_model, n_heads, bias)
    assert n_parameters(d_model, bias) == sum(parameter.numel() for parameter in ours.parameters())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_heads_added_up_are_torchs_out_proj_of_the_merged_heads(dtype: torch.dtype) -> None:
    """The heads are torch's own, and so is the sum that they come to: the whole layer's output, its bias aside."""
    _, theirs = pair(dtype)
    x = states(T_Q, dtype, 1)
    parts = F.linear(x, theirs.in_proj_weight, theirs.in_proj_bias).chunk(3, dim=-1)
    query, key, value = (part.unflatten(-1, (H, D_MODEL // H)).transpose(1, 2) for part in parts)
    heads = F.scaled_dot_product_attention(query, key, value)  # (B, H, T_q, d_head)
    output, _ = theirs(x, x, x, need_weights=False)
    assert_same_outputs(heads_as_sum(heads, theirs.out_proj.weight), output - theirs.out_proj.bias)


def test_no_output_sees_the_future() -> None:
    ours, _ = pair(torch.float64)
    x = states(T_K, torch.float64, 1)
    changed = torch.cat([x[:, :4], states(T_K - 4, torch.float64, 9)], dim=1)
    before, after = (ours(y, y, y, causal_mask(T_K)) for y in (x, changed))
    assert torch.equal(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


@pytest.mark.parametrize("build", [lambda: MultiHeadAttention(10, 3), lambda: split_heads(torch.zeros(1, 2, 10), 3)])
def test_heads_that_do_not_divide_the_model_are_refused(build) -> None:
    with pytest.raises(ValueError, match="d_model=10 must be divisible by n_heads=3"):
        build()
