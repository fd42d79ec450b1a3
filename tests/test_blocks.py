"""Layer norm, feed-forward, encoder layers and stacks against torch's own, with the same weights."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.attention import causal_mask
from course.blocks import BlockConfig, Encoder, EncoderLayer, FeedForward, LayerNorm, gelu, residual
from tests.parity import (
    assert_same_gradients,
    assert_same_outputs,
    copy_weights,
    draw,
    layer_pairs,
    norm_pairs,
    randomise,
    stack_pairs,
    weighted,
)  # fmt: skip

B, T = 3, 6
PADDING = torch.arange(T) < torch.tensor([[6], [4], [1]])  # (B, T), True = a word
CHOICES = [(norm_first, activation) for norm_first in (True, False) for activation in ("relu", "gelu")]
DTYPES = [torch.float64, torch.float32]


def config(norm_first: bool = True, activation: str = "relu", n_layers: int = 3, dropout: float = 0.0) -> BlockConfig:
    return BlockConfig(
        d_model=12, n_heads=3, d_ff=20, n_layers=n_layers, norm_first=norm_first, activation=activation, dropout=dropout
    )


def states(dtype: torch.dtype = torch.float64, seed: int = 1) -> torch.Tensor:
    return draw(B, T, 12, dtype=dtype, seed=seed)


def torch_layer(norm_first: bool, activation: str, dtype: torch.dtype) -> nn.TransformerEncoderLayer:
    return nn.TransformerEncoderLayer(12, 3, 20, 0.0, activation, batch_first=True, norm_first=norm_first, dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_layer_norm_and_its_gradients_equal_torchs(dtype: torch.dtype) -> None:
    ours, theirs = randomise(LayerNorm(12), dtype), nn.LayerNorm(12, dtype=dtype)
    copy_weights(norm_pairs(ours, theirs))
    x, y = states(dtype).requires_grad_(), states(dtype).requires_grad_()
    mine, other = ours(x), theirs(y)
    assert_same_outputs(mine, other)
    weighted(mine).backward(), weighted(other).backward()
    assert_same_outputs(x.grad, y.grad)
    assert_same_gradients(norm_pairs(ours, theirs))


def test_gelu_equals_torchs() -> None:
    x = states()
    assert_same_outputs(gelu(x), F.gelu(x))


def test_feed_forward_sees_one_position_at_a_time() -> None:
    layer, x = randomise(FeedForward(12, 20)), states()
    changed = x.clone()
    changed[:, 2] += 1
    others = [0, 1, 3, 4, 5]
    assert torch.equal(layer(x)[:, others], layer(changed)[:, others])
    assert not torch.allclose(layer(x)[:, 2], layer(changed)[:, 2])


def test_an_unknown_activation_is_refused() -> None:
    with pytest.raises(ValueError, match=r"activation='swish' must be one of \['gelu', 'relu'\]"):
        FeedForward(12, 20, "swish")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("norm_first", "activation"), CHOICES)
def test_encoder_layer_and_its_gradients_equal_torchs(dtype: torch.dtype, norm_first: bool, activation: str) -> None:
    ours = randomise(EncoderLayer(config(norm_first, activation)), dtype)
    theirs = torch_layer(norm_first, activation, dtype)
    copy_weights(pairs := layer_pairs(ours, theirs))
    x, y = states(dtype).requires_grad_(), states(dtype).requires_grad_()
    mine = ours(x, causal_mask(T) & PADDING[:, None, None])
    other = theirs(y, src_mask=~causal_mask(T), src_key_padding_mask=~PADDING)
    assert_same_outputs(mine, other)
    weighted(mine).backward(), weighted(other).backward()
    assert_same_outputs(x.grad, y.grad)
    assert_same_gradients(pairs)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("norm_first", "activation"), CHOICES)
def test_encoder_and_its_gradients_equal_torchs(dtype: torch.dtype, norm_first: bool, activation: str) -> None:
    ours = randomise(Encoder(config(norm_first, activation)), dtype)
    last = nn.LayerNorm(12, dtype=dtype) if norm_first else None
    layer = torch_layer(norm_first, activation, dtype)
    theirs = nn.TransformerEncoder(layer, 3, norm=last, enable_nested_tensor=False)
    copy_weights(pairs := stack_pairs(ours, theirs))
    mine = ours(states(dtype), PADDING[:, None, None])
    other = theirs(states(dtype), src_key_padding_mask=~PADDING)
    assert_same_outputs(mine, other)
    weighted(mine).backward(), weighted(other).backward()
    assert_same_gradients(pairs)


def test_a_pre_norm_layer_whose_sub_layers_are_zero_is_the_identity() -> None:
    layer = randomise(EncoderLayer(config()))
    with torch.no_grad():
        for linear in (layer.attention.w_o, layer.feed_forward.w_2):
            linear.weight.zero_(), linear.bias.zero_()
    assert torch.equal(layer(states()), states())


def test_residual_adds_x_itself_and_normalises_before_or_after() -> None:
    x = states()
    assert torch.equal(residual(x, torch.sin, torch.cos), x + torch.sin(torch.cos(x)))
    assert torch.equal(residual(x, torch.sin, torch.cos, norm_first=False), torch.cos(x + torch.sin(x)))


def test_dropout_acts_in_training_only() -> None:
    layer = randomise(EncoderLayer(config(dropout=0.5)))
    assert not torch.allclose(layer(states()), layer(states()))
    layer.eval()
    assert torch.equal(layer(states()), layer(states()))
    without = randomise(EncoderLayer(config()))
    assert torch.equal(layer(states()), without(states()))
