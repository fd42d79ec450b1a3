"""The exercises of lesson 07: cases, laws, and the mistakes that people make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course import blocks
from course.blocks import BlockConfig
from course.checks.exercise import Case, Draw, Exercise, Law, Mistake


def gelu_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"x": torch.tensor([-1.0, 0.0, 1.0, 2.0])})
    yield Case("far out", {"x": torch.tensor([-40.0, -5.0, 5.0, 40.0], dtype=torch.float64)})
    yield Case("a batch", {"x": 2 * draw.tensor(*draw.sizes(3))})
    yield Case("float32", {"x": draw.tensor(*draw.sizes(2), dtype=torch.float32)})


gelu = Exercise(
    reference=blocks.gelu,
    see="lesson 07, 'A bend that is not a corner: GELU'",
    cases=gelu_cases,
    gradients=True,
    laws=(
        Law(
            "gelu(x) - gelu(-x) = x",
            holds=lambda case, out, mirrored: np.allclose(out - mirrored, case["x"], atol=1e-5),
            change=lambda case: case.changed(x=-case["x"]),
        ),
    ),
    mistakes=(
        Mistake("tanh approximation", (("torch.erf(x / math.sqrt(2.0))", "torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3))"),),
                "this is the tanh approximation of GELU, which GPT-2 uses; it differs in the fourth digit, and here the exact form with erf is asked for."),
        Mistake("no root of two", (("x / math.sqrt(2.0)", "x"),),
                "erf takes x divided by the square root of 2: without it, it is not the normal distribution's share below x."),
        Mistake("x forgotten", (("x * 0.5", "0.5"),), "this is the share of normal numbers below x, but it is not yet multiplied by x."),
        Mistake("half forgotten", (("x * 0.5 *", "x *"),), "1 + erf(...) runs from 0 to 2, so without the half every large x comes out doubled."),
        Mistake("one forgotten", (("(1.0 + torch.erf(x / math.sqrt(2.0)))", "torch.erf(x / math.sqrt(2.0))"),),
                "erf runs from -1 to 1; shifted up by 1 it starts at 0, and negative x are then switched off."),
        Mistake("sigmoid", (("0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))", "torch.sigmoid(x)"),),
                "x times its sigmoid is SiLU (swish), a cousin of GELU with a longer negative dip."),
        Mistake("ReLU", (("x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))", "torch.relu(x)"),),
                "this is ReLU: it has a corner at 0 and no gradient at all below it."),
    ),
)  # fmt: skip


def others_unchanged(case: Case, out: Any, changed: Any) -> bool:
    """All positions but the second are the same to the last bit."""
    keep = [t for t in range(out.shape[-2]) if t != 1]
    return np.array_equal(out[..., keep, :], changed[..., keep, :])


def change_second_position(case: Case) -> Case | None:
    x: Tensor = case["x"]
    if x.ndim < 3 or x.shape[-2] < 3:
        return None
    step = torch.zeros_like(x)
    step[..., 1, :] = 1
    return case.changed(x=x + step)


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


feed_forward = Exercise(
    reference=blocks.FeedForward,
    see="lesson 07, 'Each position thinks for itself'",
    cases=feed_forward_cases,
    gradients=True,
    laws=(Law("each position is computed alone", holds=others_unchanged, change=change_second_position),),
    mistakes=(
        Mistake("no activation", (("self.activation(self.w_1(x))", "self.w_1(x)"),),
                "there is nothing between the two linear layers, and two linear layers in a row are one linear layer."),
        Mistake("activation last", (("self.w_2(self.activation(self.w_1(x)))", "self.activation(self.w_2(self.w_1(x)))"),),
                "the activation stands after the second layer: the block could then never subtract anything from x."),
        Mistake("activation first", (("self.w_1(x)", "self.w_1(torch.relu(x))"), ("self.activation(", "("),),
                "the activation stands before the first layer, where it throws half of the input away."),
        Mistake("activation twice", (("return self.w_2(self.activation(self.w_1(x)))", "return self.activation(self.w_2(self.activation(self.w_1(x))))"),),
                "there is a second activation after w_2; the output must be free to be negative."),
        Mistake("always ReLU", (("= activations[activation]", "= torch.relu"),), "the argument activation is not used: it is ReLU whatever was asked for."),
        Mistake("residual inside", (("return self.w_2(", "return x + self.w_2("),),
                "x is added inside; that is the work of the residual connection around the block, and it would be added twice."),
        Mistake("over all positions", (("self.w_2(self.activation(self.w_1(x)))", "self.w_2(self.activation(self.w_1(x).mean(dim=-2, keepdim=True).expand(*x.shape[:-1], -1)))"),),
                "the positions are mixed; feed-forward sees one position at a time, mixing is attention's work."),
    ),
)  # fmt: skip


def norm_cases(draw: Draw) -> Iterator[Case]:
    tiny = {"gain": torch.tensor([1.0, 1.0, 2.0, 1.0], dtype=torch.float64), "bias": torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=torch.float64)}
    yield Case("tiny", {"x": torch.tensor([[1.0, 3.0, 1.0, 3.0]], dtype=torch.float64)}, {"d_model": 4}, tiny)
    B, T, d_model = draw.sizes(3, low=3)
    weights = draw.weights(blocks.LayerNorm(d_model))
    yield Case("a batch", {"x": 3 * draw.tensor(B, T, d_model) + 1}, {"d_model": d_model}, weights)
    yield Case("small numbers", {"x": 1e-3 * draw.tensor(T, d_model)}, {"d_model": d_model}, weights)
    yield Case("another eps", {"x": draw.tensor(B, T, d_model)}, {"d_model": d_model, "eps": 0.1}, weights)
    yield Case("equal numbers", {"x": torch.full((T, d_model), 2.5, dtype=torch.float64)}, {"d_model": d_model}, weights)
    yield Case("one position", {"x": draw.tensor(1, 1, d_model)}, {"d_model": d_model}, weights)
    single = {name: weight.float() for name, weight in weights.items()}
    yield Case("float32", {"x": draw.tensor(B, T, d_model, dtype=torch.float32)}, {"d_model": d_model}, single)


layer_norm = Exercise(
    reference=blocks.LayerNorm,
    see="lesson 07, 'Layer norm, by hand'",
    cases=norm_cases,
    gradients=True,
    laws=(
        Law(
            "adding the same number to a whole vector changes nothing",
            holds=lambda case, out, shifted: np.allclose(out, shifted, rtol=1e-3, atol=1e-3),
            change=lambda case: case.changed(x=case["x"] + 1),
        ),
    ),
    mistakes=(
        Mistake("unbiased variance", (("(centred * centred).sum(dim=-1, keepdim=True) / d_model", "x.var(dim=-1, keepdim=True)"),),
                "the variance divides by d_model - 1; layer norm divides by d_model (torch's var has the other one as its default), which at d_model = 4 is 13 % off."),
        Mistake("eps outside the root", (("* torch.rsqrt(variance + self.eps)", "/ (torch.sqrt(variance) + self.eps)"),),
                "eps is added after the root; it belongs inside, to the variance, where it also keeps the root's gradient finite."),
        Mistake("no eps", (("variance + self.eps", "variance"),),
                "eps is missing: a vector of equal numbers has variance 0, and 0 / 0 is NaN."),
        Mistake("fixed eps", (("variance + self.eps", "variance + 1e-5"),), "the eps that the constructor was given is not used."),
        Mistake("not centred", (("return centred", "return x"),), "the mean is not subtracted: dividing by the spread alone is another norm."),
        Mistake("variance for its root", (("* torch.rsqrt(variance + self.eps)", "/ (variance + self.eps)"),),
                "the vector is divided by its variance, not by the root of it, so its spread is not 1 afterwards."),
        Mistake("sum of squares", (("(centred * centred).sum(dim=-1, keepdim=True) / d_model", "(centred * centred).sum(dim=-1, keepdim=True)"),),
                "the squares are added up and not divided by d_model: the vector then has length 1, where each of its numbers should be about 1 large."),
        Mistake("divided by the number of positions", (("x.shape[-1]", "x.shape[-2]"),),
                "the sums over the features are divided by the number of positions: where there are two axes or more, the size of the last one is wanted."),
        Mistake("over positions", (("x.shape[-1]", "x.shape[-2]"), ("x.sum(dim=-1", "x.sum(dim=-2"), ("(centred * centred).sum(dim=-1", "(centred * centred).sum(dim=-2")),
                "mean and variance run over the positions: every word would then depend on its neighbours, the later ones too."),
        Mistake("no bias", ((" + self.bias", ""),), "the bias is never added."),
        Mistake("no gain", ((" * self.gain", ""),), "the gain is never used: the layer could not choose how loud each feature is."),
        Mistake("gain on top of bias", (("centred * torch.rsqrt(variance + self.eps) * self.gain + self.bias", "(centred * torch.rsqrt(variance + self.eps) + self.bias) * self.gain"),),
                "the gain multiplies the bias too; it belongs to the normalised vector alone."),
        Mistake("detached statistics", (("x.sum(dim=-1, keepdim=True)", "x.sum(dim=-1, keepdim=True).detach()"),),
                "the mean is detached: the values are right, but the gradient does not know that x also moves the mean."),
    ),
)  # fmt: skip


def residual_cases(draw: Draw) -> Iterator[Case]:
    def double(x: Tensor) -> Tensor:
        return 2 * x

    def minus_one(x: Tensor) -> Tensor:
        return x - 1

    T, d_model, B = draw.sizes(3)
    yield Case("tiny", {"x": torch.tensor([3.0], dtype=torch.float64), "sublayer": double, "norm": minus_one})
    yield Case("tiny, post-norm", {"x": torch.tensor([3.0], dtype=torch.float64), "sublayer": double, "norm": minus_one, "norm_first": False})
    for norm_first in (True, False):
        name = "pre-norm" if norm_first else "post-norm"
        yield Case(name, {"x": draw.tensor(B, T, d_model), "sublayer": torch.sin, "norm": torch.tanh, "norm_first": norm_first})
    yield Case("one position", {"x": draw.tensor(1, d_model), "sublayer": torch.sin, "norm": torch.tanh})


residual = Exercise(
    reference=blocks.residual,
    see="lesson 07, 'Before or after: where the norm stands'",
    cases=residual_cases,
    gradients=True,
    laws=(
        Law(
            "with a sub-layer that gives zero, pre-norm is the identity",
            holds=lambda case, out, zeroed: np.array_equal(zeroed, case["x"]),
            change=lambda case: case.changed(sublayer=torch.zeros_like) if case.inputs.get("norm_first", True) else None,
        ),
    ),
    mistakes=(
        Mistake("adds the normalised x", (("return x + sublayer(norm(x))", "return norm(x) + sublayer(norm(x))"),),
                "in pre-norm the normalised x is added instead of x itself: the straight road from the first layer to the last is cut at every layer."),
        Mistake("always pre-norm", (("    return norm(x + sublayer(x))", "    return x + sublayer(norm(x))"),), "norm_first=False is ignored: it is pre-norm both times."),
        Mistake("always post-norm", (("return x + sublayer(norm(x))", "return norm(x + sublayer(x))"),), "norm_first=True is ignored: it is post-norm both times."),
        Mistake("swapped", (("if norm_first", "if not norm_first"),), "the two orders are swapped: norm_first=True normalises what goes into the sub-layer."),
        Mistake("nothing added", (("return x + sublayer(norm(x))", "return sublayer(norm(x))"), ("norm(x + sublayer(x))", "norm(sublayer(x))")),
                "x is not added: without it the sub-layer has to carry everything through, and gradients die with depth."),
        Mistake("post-norm inside", (("return norm(x + sublayer(x))", "return x + norm(sublayer(x))"),),
                "in post-norm the norm takes the sum; here it takes only what the sub-layer said."),
        Mistake("both norms", (("return x + sublayer(norm(x))", "return norm(x + sublayer(norm(x)))"),), "in pre-norm there is a second norm after the sum."),
        Mistake("norm after the sub-layer", (("return x + sublayer(norm(x))", "return x + norm(sublayer(x))"),), "in pre-norm the norm stands before the sub-layer, not after it."),
        Mistake("detached x", (("return x + sublayer(norm(x))", "return x.detach() + sublayer(norm(x))"),),
                "x is detached before it is added: the values are right, but the short cut for the gradient is gone."),
    ),
)  # fmt: skip


def config(draw: Draw, **options: Any) -> BlockConfig:
    """A small configuration in which d_model, d_head, n_heads and d_ff all differ."""
    n_heads = draw.integer(2, 3)
    d_head = 5 if n_heads == 2 else 4
    return BlockConfig(d_model=n_heads * d_head, n_heads=n_heads, d_ff=draw.integer(16, 20), **options)


def tiny_layer_case(layer: type) -> Case:
    """Every matrix and bias zero, every gain one: no sub-layer has anything to say."""
    init = {"config": BlockConfig(d_model=2, n_heads=1, d_ff=2)}
    shapes = {name: parameter.shape for name, parameter in layer(**init).named_parameters()}
    weights = {name: torch.full(shape, float(name.endswith("gain")), dtype=torch.float64) for name, shape in shapes.items()}
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
    yield Case("gelu, and dropout while not training", {"x": draw.tensor(B, T, setting.d_model)}, {"config": setting}, draw.weights(layer(setting)))


def zero_sublayers(case: Case) -> Case | None:
    """The case with the last matrix of both sub-layers at zero; pre-norm, one layer."""
    if not case.init["config"].norm_first:
        return None
    last = ("attention.w_o.", "feed_forward.w_2.")
    zeroed = {name: weight * 0 if name.startswith(last) else weight for name, weight in case.weights.items()}
    return Case(case.name, case.inputs, case.init, zeroed)


encoder_layer = Exercise(
    reference=blocks.EncoderLayer,
    see="lesson 07, 'The encoder layer'",
    cases=lambda draw: layer_cases(blocks.EncoderLayer, draw),
    gradients=True,
    laws=(
        Law("with its sub-layers zeroed, a pre-norm layer is the identity",
            holds=lambda case, out, zeroed: np.array_equal(zeroed, case["x"]), change=zero_sublayers),
    ),
    mistakes=(
        Mistake("mask not passed on", (("self.attention(y, y, y, mask)", "self.attention(y, y, y)"),), "the mask never reaches the attention: padding is read like words."),
        Mistake("one norm for both", (("self.dropout(self.feed_forward(y)), self.norm_2", "self.dropout(self.feed_forward(y)), self.norm_1"),),
                "both sub-layers use the first norm; each has its own."),
        Mistake("norms swapped", (("self.attention(y, y, y, mask)), self.norm_1", "self.attention(y, y, y, mask)), self.norm_2"), ("self.feed_forward(y)), self.norm_2", "self.feed_forward(y)), self.norm_1")),
                "the two norms are swapped: norm_1 belongs to the attention, norm_2 to the feed-forward network."),
        Mistake("feed-forward first", (
                ("self.dropout(self.attention(y, y, y, mask)), self.norm_1", "self.dropout(self.feed_forward(y)), self.norm_2"),
                ("return residual(x, lambda y: self.dropout(self.feed_forward(y)), self.norm_2", "return residual(x, lambda y: self.dropout(self.attention(y, y, y, mask)), self.norm_1")),
                "the feed-forward network comes before the attention; the words talk first, then each thinks about what it heard."),
        Mistake("dropout in eval", (("self.dropout(self.attention(y, y, y, mask))", "nn.functional.dropout(self.attention(y, y, y, mask), self.dropout.p)"),),
                "dropout also acts when the model is not training: nn.functional.dropout does not know about eval(), an nn.Dropout layer does."),
        Mistake("norm_first ignored", (("self.norm_first = config.norm_first", "self.norm_first = True"),), "config.norm_first is not used: it is pre-norm both times."),
        Mistake("no second residual", (("return residual(x, lambda y: self.dropout(self.feed_forward(y)), self.norm_2, self.norm_first)", "return self.feed_forward(self.norm_2(x)) if self.norm_first else self.norm_2(self.feed_forward(x))"),),
                "the feed-forward network stands in no residual: what the attention found is not kept."),
        Mistake("activation ignored", ((", config.activation", ""),), "config.activation is not handed on to the feed-forward network."),
    ),
)  # fmt: skip


encoder = Exercise(
    reference=blocks.Encoder,
    see="lesson 07, 'A stack of layers'",
    cases=lambda draw: layer_cases(blocks.Encoder, draw, n_layers=3),
    gradients=True,
    mistakes=(
        Mistake("no last norm", (("return self.norm(x)", "return x"),),
                "the last norm is missing: the residual stream of a pre-norm stack has been added to by every layer and never normalised."),
        Mistake("norm after every layer", (("x = layer(x, mask)", "x = self.norm(layer(x, mask))"), ("return self.norm(x)", "return x")),
                "the last norm is applied after every layer: it stands once, behind the whole stack."),
        Mistake("norm first of all", (("for layer in self.layers:", "x = self.norm(x)\n        for layer in self.layers:"), ("return self.norm(x)", "return x")),
                "the norm stands before the first layer; each pre-norm layer has its own, this one closes the stack."),
        Mistake("mask not passed on", (("layer(x, mask)", "layer(x)"),), "the mask does not reach the layers."),
        Mistake("mask for the first layer only", (("x = layer(x, mask)", "x = layer(x, mask)\n            mask = None"),),
                "only the first layer gets the mask; padding is read again from the second on."),
        Mistake("layers side by side", (("for layer in self.layers:", "start = x\n        for layer in self.layers:"), ("layer(x, mask)", "layer(start, mask)")),
                "every layer gets the stack's input; each should get what the layer before it gave."),
        Mistake("one layer", (("for layer in self.layers:", "for layer in self.layers[:1]:"),), "only the first layer is used."),
        Mistake("backwards", (("in self.layers:", "in reversed(self.layers):"),), "the layers run in the wrong order, the last one first."),
    ),
)  # fmt: skip
