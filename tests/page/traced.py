"""Traced: the tensors that a model of the course makes on its way, under the names of the engine's trace."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from course.attention import attention_scores
from course.blocks import EncoderLayer, FeedForward
from course.multi_head import MultiHeadAttention, merge_heads
from course.positions import AlibiAttention, RotaryAttention, alibi_bias, rotate
from course.transformer import DecoderLayer, Transformer

Seen = dict[nn.Module, tuple[tuple, Tensor]]  # module -> what it was given, and its answer
Trace = dict[str, Any]


def watched(model: nn.Module, run: Callable[[], Tensor]) -> tuple[Seen, Tensor]:
    """What every module was given and answered last, and what came out of all."""
    seen: Seen = {}
    hooks = [
        one.register_forward_hook(lambda module, given, answer: seen.update({module: (given, answer)}))
        for one in model.modules()
    ]
    with torch.no_grad():
        answer = run()
    for hook in hooks:
        hook.remove()
    return seen, answer


def source_trace(model: Transformer, source: Tensor) -> Trace:
    """source (1, T_k) -> what readSource gives."""
    seen, memory = watched(model, lambda: model.encode(source))
    layers = [encoder_layer(seen, layer) for layer in model.encoder.layers]
    return embedded(seen, model, model.source_embedding) | {"layers": layers, "normed": memory, "memory": memory}


def target_trace(model: Transformer, target: Tensor, memory: Tensor, source: Tensor) -> Trace:
    """target (1, T_q), memory (1, T_k, d_model), source (1, T_k) -> what readTarget gives."""
    seen, logits = watched(model, lambda: model.decode(target, memory, source))
    layers = [decoder_layer(seen, layer) for layer in model.decoder.layers]
    begun = embedded(seen, model, model.target_embedding)
    return begun | {"layers": layers, "normed": seen[model.decoder][1], "logits": logits}


def embedded(seen: Seen, model: Transformer, embedding: nn.Module) -> Trace:
    rows, x = seen[embedding][1], seen[model.positions][1]
    adds = model.config.positions in ("sinusoidal", "learned")
    return {"rows": rows, "added": x - rows if adds else None, "embedded": x}


def encoder_layer(seen: Seen, layer: EncoderLayer) -> Trace:
    (x, *_), answer = seen[layer]
    first = residual(seen, layer, x, layer.norm_1, layer.attention)
    second = residual(seen, layer, first["output"], layer.norm_2, layer.feed_forward)
    return {"self": first, "feedForward": second, "output": answer}


def decoder_layer(seen: Seen, layer: DecoderLayer) -> Trace:
    (x, *_), answer = seen[layer]
    first = residual(seen, layer, x, layer.norm_1, layer.self_attention)
    second = residual(seen, layer, first["output"], layer.norm_2, layer.cross_attention)
    third = residual(seen, layer, second["output"], layer.norm_3, layer.feed_forward)
    return {"self": first, "cross": second, "feedForward": third, "output": answer}


def residual(seen: Seen, layer: nn.Module, x: Tensor, norm: nn.Module, sub_layer: nn.Module) -> Trace:
    added, normed = seen[sub_layer][1], seen[norm][1]
    output = x + added if layer.norm_first else normed
    own = feed_forward(seen, sub_layer) if isinstance(sub_layer, FeedForward) else attention(seen, sub_layer)
    return own | {"input": x, "normed": normed, "added": added, "output": output}


def feed_forward(seen: Seen, module: FeedForward) -> Trace:
    return {"hidden": seen[module.w_1][1], "active": seen[module.w_2][0][0]}


def attention(seen: Seen, module: MultiHeadAttention) -> Trace:
    (asking, answering, _, mask), output = seen[module]
    with torch.no_grad():
        query, key, value = MultiHeadAttention.project(module, asking, answering, answering)
        turns = isinstance(module, RotaryAttention)
        turned = [rotate(each) if turns else each for each in (query, key)]
        scaled = attention_scores(*turned)
        alibi = isinstance(module, AlibiAttention)
        bias = alibi_bias(module.n_heads, *scaled.shape[-2:])[None] if alibi else None
        weights = module.weights(asking, answering, mask)
        trace = {"query": query, "key": key, "value": value, "rotatedQuery": turned[0], "rotatedKey": turned[1]}
        trace |= {"raw": turned[0] @ turned[1].mT, "scaled": scaled, "bias": bias}
        trace |= {"masked": (scaled + (bias if alibi else 0)).masked_fill(~mask, -math.inf), "weights": weights}
        trace |= {"mixed": weights @ value, "merged": merge_heads(weights @ value), "output": output}
    return {"attention": trace}


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[tuple[float, str]]:
    """How far each tensor of the engine's is from torch's, and its name; both must hold the same."""
    if isinstance(theirs, Tensor):
        numbers = torch.tensor([float(one) for one in ours["data"]], dtype=torch.float64)
        assert ours["shape"] == list(theirs.shape[1:]), path  # the engine has no batch
        near = torch.where(numbers == theirs.double().flatten(), 0.0, (numbers - theirs.double().flatten()).abs())
        yield near.max().item(), path
    elif isinstance(theirs, dict):
        assert ours.keys() == theirs.keys(), path
        for name in theirs:
            yield from differences(ours[name], theirs[name], f"{path}.{name}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), path
        for i, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(*pair, f"{path}[{i}]")
    else:
        assert ours is theirs, path
