"""Cases of lesson 07, the blocks: residuals, norms, layers: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from course import blocks
from course.blocks import BlockConfig
from course.judging.exercise import Asked, Case, Draw


def gelu_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"x": torch.tensor([-1.0, 0.0, 1.0, 2.0])})
    yield Case("far out", {"x": torch.tensor([-40.0, -5.0, 5.0, 40.0], dtype=torch.float64)})
    yield Case("a batch", {"x": 2 * draw.tensor(*draw.sizes(3))})
    yield Case("float32", {"x": draw.tensor(*draw.sizes(2), dtype=torch.float32)})
    yield Case("a single number", {"x": draw.tensor()})


def feed_forward_cases(draw: Draw) -> Iterator[Case]:
    eye = torch.eye(2, dtype=torch.float64)
    zero = torch.zeros(2, dtype=torch.float64)
    tiny = {"w_1.weight": eye, "w_1.bias": zero, "w_2.weight": 2 * eye, "w_2.bias": zero + 1}
    yield Case("tiny", {"x": torch.tensor([[3.0, -3.0]], dtype=torch.float64)}, {"d_model": 2, "d_ff": 2}, tiny)
    B, T, d_model, d_ff = draw.sizes(4, low=3)
    init = {"d_model": d_model, "d_ff": d_ff}
    weights = draw.weights(blocks.FeedForward(**init))
    yield Case("a batch", {"x": draw.tensor(B, T, d_model)}, init, weights)
    yield Case("gelu", {"x": draw.tensor(B, T, d_model)}, init | {"activation": "gelu"}, weights)
    yield Case("one position", {"x": draw.tensor(1, 1, d_model)}, init, weights)
    x, unknown = draw.tensor(B, T, d_model), init | {"activation": "swish"}
    yield Case("an activation that nobody knows", {"x": x}, unknown, weights, says=("swish", "relu", "gelu"))


def norm_cases(draw: Draw) -> Iterator[Case]:
    tiny = {
        "gain": torch.tensor([1.0, 1.0, 2.0, 1.0], dtype=torch.float64),
        "bias": torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=torch.float64),
    }
    yield Case("tiny", {"x": torch.tensor([[1.0, 3.0, 1.0, 3.0]], dtype=torch.float64)}, {"d_model": 4}, tiny)
    B, T, d_model = draw.sizes(3, low=3)
    weights = draw.weights(blocks.LayerNorm(d_model))
    yield Case("a batch", {"x": 3 * draw.tensor(B, T, d_model) + 1}, {"d_model": d_model}, weights)
    yield Case("small numbers", {"x": 1e-3 * draw.tensor(T, d_model)}, {"d_model": d_model}, weights)
    yield Case("another eps", {"x": draw.tensor(B, T, d_model)}, {"d_model": d_model, "eps": 0.1}, weights)
    yield Case(
        "equal numbers", {"x": torch.full((T, d_model), 2.5, dtype=torch.float64)}, {"d_model": d_model}, weights
    )
    yield Case("one position", {"x": draw.tensor(1, 1, d_model)}, {"d_model": d_model}, weights)
    single = {name: weight.float() for name, weight in weights.items()}
    yield Case("float32", {"x": draw.tensor(B, T, d_model, dtype=torch.float32)}, {"d_model": d_model}, single)


def residual_cases(draw: Draw) -> Iterator[Case]:
    def square(x: Tensor) -> Tensor:
        return x * x

    def halve(x: Tensor) -> Tensor:
        return x / 2

    T, d_model, B = draw.sizes(3)
    tiny = {"x": torch.tensor([4.0], dtype=torch.float64), "sublayer": square, "norm": halve}
    yield Case("tiny", tiny)
    yield Case("tiny, post-norm", tiny | {"norm_first": False})
    for norm_first in (True, False):
        name = "pre-norm" if norm_first else "post-norm"
        inputs = {"x": draw.tensor(B, T, d_model), "sublayer": Asked(torch.sin), "norm": Asked(torch.tanh)}
        yield Case(name, inputs | {"norm_first": norm_first})
    yield Case("one position", {"x": draw.tensor(1, d_model), "sublayer": torch.sin, "norm": torch.tanh})


def config(draw: Draw, **options: Any) -> BlockConfig:
    """A small configuration in which d_model, d_head, n_heads and d_ff all differ, and d_head is even."""
    n_heads = draw.integer(2, 3)
    return BlockConfig(d_model=12, n_heads=n_heads, d_ff=draw.integer(16, 20), **options)


def tiny_layer_case(layer: type) -> Case:
    """Every matrix zero, every gain one: whatever it hears, the attention says 10, 20, feed-forward 100, 200."""
    init = {"config": BlockConfig(d_model=2, n_heads=1, d_ff=2)}
    shapes = {name: parameter.shape for name, parameter in layer(**init).named_parameters()}
    weights = {
        name: torch.full(shape, float(name.endswith("gain")), dtype=torch.float64) for name, shape in shapes.items()
    }
    for name, said in (("attention.w_o.bias", [10.0, 20.0]), ("feed_forward.w_2.bias", [100.0, 200.0])):
        weights |= {place: torch.tensor(said, dtype=torch.float64) for place in weights if place.endswith(name)}
    return Case("tiny", {"x": torch.tensor([[[1.0, 3.0]]], dtype=torch.float64)}, init, weights)


def layer_cases(layer: type, draw: Draw, **options: Any) -> Iterator[Case]:
    yield tiny_layer_case(layer)
    B, T = draw.sizes(2, low=3, high=7)
    for norm_first in (True, False):
        setting = config(draw, norm_first=norm_first, **options)
        weights = draw.weights(layer(setting))
        x = draw.tensor(B, T, setting.d_model)
        name = "pre-norm" if norm_first else "post-norm"
        yield Case(name, {"x": x}, {"config": setting}, weights)
        yield Case(f"{name}, masked", {"x": x, "mask": draw.mask(B, 1, T, T)}, {"config": setting}, weights)
        silenced = replace(setting, dropout=1.0)  # in training, dropout acts on everything that it acts on at all
        yield Case(f"{name}, training, dropout 1", {"x": x}, {"config": silenced}, weights, training=True)
    for name, further in (
        ("gelu, and dropout while not training", {"dropout": 0.5, "activation": "gelu"}),
        ("positions: rotary", {"positions": "rotary"}),
        ("positions: alibi", {"positions": "alibi"}),
    ):
        setting = config(draw, **options, **further)
        x, weights = draw.tensor(B, T, setting.d_model), draw.weights(layer(setting))
        yield Case(name, {"x": x}, {"config": setting}, weights)
