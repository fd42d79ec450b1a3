"""Cases of lesson 07, the blocks: residuals, norms, layers: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from course import blocks
from course.blocks import BlockConfig
from course.judging.exercise import Case, Draw


def gelu_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"x": torch.tensor([-1.0, 0.0, 1.0, 2.0])})
    yield Case("far out", {"x": torch.tensor([-40.0, -5.0, 5.0, 40.0], dtype=torch.float64)})
    yield Case("a batch", {"x": 2 * draw.tensor(*draw.sizes(3))})
    yield Case("float32", {"x": draw.tensor(*draw.sizes(2), dtype=torch.float32)})


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
    def double(x: Tensor) -> Tensor:
        return 2 * x

    def minus_one(x: Tensor) -> Tensor:
        return x - 1

    T, d_model, B = draw.sizes(3)
    yield Case("tiny", {"x": torch.tensor([3.0], dtype=torch.float64), "sublayer": double, "norm": minus_one})
    yield Case(
        "tiny, post-norm",
        {"x": torch.tensor([3.0], dtype=torch.float64), "sublayer": double, "norm": minus_one, "norm_first": False},
    )
    for norm_first in (True, False):
        name = "pre-norm" if norm_first else "post-norm"
        yield Case(
            name, {"x": draw.tensor(B, T, d_model), "sublayer": torch.sin, "norm": torch.tanh, "norm_first": norm_first}
        )
    yield Case("one position", {"x": draw.tensor(1, d_model), "sublayer": torch.sin, "norm": torch.tanh})


def config(draw: Draw, **options: Any) -> BlockConfig:
    """A small configuration in which d_model, d_head, n_heads and d_ff all differ."""
    n_heads = draw.integer(2, 3)
    d_head = 5 if n_heads == 2 else 4
    return BlockConfig(d_model=n_heads * d_head, n_heads=n_heads, d_ff=draw.integer(16, 20), **options)


def tiny_layer_case(layer: type) -> Case:
    """Every matrix and bias zero, every gain one: no sub-layer has anything to say."""
    init = {"config": BlockConfig(d_model=2, n_heads=1, d_ff=2)}
    shapes = {name: parameter.shape for name, parameter in layer(**init).named_parameters()}
    weights = {
        name: torch.full(shape, float(name.endswith("gain")), dtype=torch.float64) for name, shape in shapes.items()
    }
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
    setting = config(draw, dropout=0.5, activation="gelu", **options)
    yield Case(
        "gelu, and dropout while not training",
        {"x": draw.tensor(B, T, setting.d_model)},
        {"config": setting},
        draw.weights(layer(setting)),
    )
