"""Cases of lesson 08, the Transformer: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course import transformer
from course.attention import causal_mask
from course.blocks import BlockConfig
from course.checks.lens import Lens
from course.judging.exercise import Case, Draw
from course.multi_head import MultiHeadAttention
from course.transformer import TransformerConfig

PADDING_ALONE = "a source of padding alone"


def cross_cases(draw: Draw) -> Iterator[Case]:
    eye, memory = torch.eye(2, dtype=torch.float64), torch.tensor([[[2.0, 4.0], [6.0, 8.0]]], dtype=torch.float64)
    tiny = attention_of({f"w_{name}.weight": eye for name in "qkvo"}, d_model=2, n_heads=1, bias=False)
    yield Case("tiny", {"attention": tiny, "x": torch.zeros(1, 1, 2, dtype=torch.float64), "memory": memory})
    B, T_q, T_k = draw.sizes(3, low=3)
    n_heads = draw.integer(2, 3)
    size = {"d_model": 4 * n_heads, "n_heads": n_heads}
    attention = attention_of(draw.weights(MultiHeadAttention(**size)), **size)

    def inputs(n_queries: int, n_keys: int) -> dict[str, Any]:
        x, memory = (draw.tensor(B, n_positions, 4 * n_heads) for n_positions in (n_queries, n_keys))
        return {"attention": attention, "x": x, "memory": memory}

    yield Case("another length", inputs(T_q, T_k))
    yield Case("padding in the source", inputs(T_q, T_k) | {"memory_mask": draw.mask(B, 1, 1, T_k)})
    yield Case("both of one length", inputs(T_q, T_q) | {"memory_mask": draw.mask(B, 1, 1, T_q)})
    yield Case("the first word", inputs(1, T_k))
    nothing = torch.zeros(B, 1, 1, T_k, dtype=torch.bool)
    yield Case(PADDING_ALONE, inputs(T_q, T_k) | {"memory_mask": nothing}, corner=PADDING_ALONE)


def attention_of(weights: dict[str, Tensor], **size: Any) -> nn.Module:
    """A MultiHeadAttention in float64 with these weights, which ask for no gradient."""
    layer = MultiHeadAttention(**size).double().eval()
    layer.load_state_dict(weights)
    return layer.requires_grad_(False)


def embedding_cases(draw: Draw) -> Iterator[Case]:
    rows = torch.tensor([[0, 0, 0, 0], [1, 2, 3, 4], [-1, 0, 0, 5]], dtype=torch.float64)
    yield Case("tiny", {"tokens": torch.tensor([[2, 1]])}, {"vocab_size": 3, "d_model": 4}, {"table": rows})
    B, T, vocab_size, d_model = draw.sizes(4, low=3, high=12)
    init = {"vocab_size": vocab_size, "d_model": d_model}
    table = {"table": draw.tensor(vocab_size, d_model)}
    yield Case("a batch", {"tokens": draw.integers(0, vocab_size, B, T)}, init, table)
    yield Case("padding", {"tokens": torch.tensor([[1, 2, 0], [2, 0, 0]])}, init, table)
    yield Case("one token", {"tokens": torch.tensor([[vocab_size - 1]])}, init, table)
    yield Case("float32", {"tokens": draw.integers(0, vocab_size, B, T)}, init, {"table": table["table"].float()})
    yield Case("the table itself", {"target": "table"}, init, table, method="get_parameter")


def fresh_table(case: Case) -> Case | None:
    """A table as the constructor draws it; 64 features, whose root is 8."""
    if case.name != "a batch":
        return None
    tokens = torch.arange(1000)[None].as_subclass(StandardNormal)
    return Case(case.name, {"tokens": tokens}, {"vocab_size": 1000, "d_model": 64})


class StandardNormal(Lens):
    """Sees 1 where numbers are normal with mean 0 and standard deviation 1, 0 where they are too small, 2 too large.

    It sees 4 where they are too large twice over, by the table and by the factor."""

    @staticmethod
    def look(numbers: np.ndarray) -> float:
        if abs(numbers.std() - 1) > 0.03:
            return 0.0 if numbers.std() < 1 else 2.0 if numbers.std() < 20 else 4.0
        beyond = (abs(numbers) > 2).mean()  # one in 22; numbers drawn evenly do not come so far
        return 1.0 if abs(numbers.mean()) < 0.03 and 0.03 < beyond < 0.06 else 3.0


def position_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"x": torch.tensor([[[1.0, 2.0]], [[5.0, 5.0]]])})
    B, T, half = draw.sizes(3, low=3)

    def words(*shape: int) -> Tensor:
        return draw.tensor(*shape, dtype=torch.float32)

    yield Case("a batch", {"x": words(B, T, 2 * half)})
    yield Case("as many sentences as words", {"x": words(T, T, 2 * half)})
    yield Case("a long sentence", {"x": words(1, 600, 2)})
    yield Case("float64", {"x": 100 + draw.tensor(B, T, 2 * half)})  # so large that a table rounded to float32 passes
    yield Case("bfloat16", {"x": words(B, T, 2 * half).bfloat16()})


def sizes_of_model(draw: Draw, **options: Any) -> dict[str, Any]:
    """Sizes in which d_model, d_head, n_heads and d_ff all differ, and d_head is even."""
    n_heads = draw.integer(2, 3)
    return {"d_model": 12, "n_heads": n_heads, "d_ff": draw.integer(16, 20)} | options


def silent_weights(module: nn.Module) -> dict[str, Tensor]:
    """Every matrix and bias zero, every gain one: no sub-layer has anything to say."""
    return {
        name: torch.full(parameter.shape, float(name.endswith("gain")), dtype=torch.float64)
        for name, parameter in module.named_parameters()
    }


def layer_cases(layer: type, draw: Draw, **options: Any) -> Iterator[Case]:
    """For DecoderLayer and Decoder."""
    yield tiny_layer_case(layer)
    B, T_q, T_k = draw.sizes(3, low=3, high=7)

    def inputs(n_words: int, n_source: int, d_model: int) -> dict[str, Tensor]:
        return {"x": draw.tensor(B, n_words, d_model), "memory": draw.tensor(B, n_source, d_model)}

    for norm_first, further, n_source in ((True, "", T_k), (False, ", as many words as in the source", T_q)):
        setting = BlockConfig(**sizes_of_model(draw, norm_first=norm_first, **options))
        masks = {"mask": causal_mask(T_q), "memory_mask": draw.mask(B, 1, 1, n_source)}
        weights, name = draw.weights(layer(setting)), "pre-norm" if norm_first else "post-norm"
        given = inputs(T_q, T_k, setting.d_model)
        yield Case(name, given, {"config": setting}, weights)
        silenced = replace(setting, dropout=1.0)  # in training, dropout acts on everything that it acts on at all
        yield Case(f"{name}, training, dropout 1", given, {"config": silenced}, weights, training=True)
        given = inputs(T_q, n_source, setting.d_model)
        yield Case(f"{name}, masked{further}", given | masks, {"config": setting}, weights)
    for name, n_words, further in (
        ("gelu, one word, and dropout while not training", 1, {"dropout": 0.5, "activation": "gelu"}),
        ("positions: rotary", T_q, {"positions": "rotary"}),
        ("positions: alibi", T_q, {"positions": "alibi"}),
    ):
        setting = BlockConfig(**sizes_of_model(draw, **options, **further))
        given, weights = inputs(n_words, T_k, setting.d_model), draw.weights(layer(setting))
        yield Case(name, given, {"config": setting}, weights)


def tiny_layer_case(layer: type) -> Case:
    """Whatever they hear, self-attention says 10, 20, cross-attention 100, 200, feed-forward 1000, 2000."""
    setting = BlockConfig(d_model=2, n_heads=1, d_ff=2)
    weights = silent_weights(layer(setting))
    says = {"self_attention.w_o.bias": 10.0, "cross_attention.w_o.bias": 100.0, "feed_forward.w_2.bias": 1000.0}
    for name, said in says.items():
        numbers = torch.tensor([said, 2 * said], dtype=torch.float64)
        weights |= {place: numbers for place in weights if place.endswith(name)}
    x, memory = (torch.tensor([[numbers]], dtype=torch.float64) for numbers in ([1.0, 3.0], [9.0, 5.0]))
    return Case("tiny", {"x": x, "memory": memory}, {"config": setting}, weights)


def change_last_word(case: Case) -> Case | None:
    """Another last position of x, where a causal mask hides it from all others."""
    if "mask" not in case.inputs:
        return None
    return case.changed(x=torch.cat([case["x"][:, :-1], case["x"][:, -1:] + 1], dim=1))


def change_blocked_memory(case: Case) -> Case | None:
    """Another memory wherever memory_mask forbids to look."""
    if "memory_mask" not in case.inputs:
        return None
    return case.changed(memory=case["memory"] + 1.0 * ~case["memory_mask"][:, 0, 0, :, None])


def turn_memory(case: Case) -> Case | None:
    """The memory with its sign turned round, where somebody reads it."""
    return case.changed(memory=-case["memory"]) if case.name in ("pre-norm", "post-norm") else None


def all_but_last_equal(case: Case, out: np.ndarray, changed: np.ndarray) -> bool:
    return np.array_equal(out[:, :-1], changed[:, :-1])


def has_laws(case: Case, also: str = "") -> bool:
    """Every mistake is tried on the first cases, so they must be quick; and the laws speak of whole models."""
    whole = case.method == "forward" and not case.training
    return case.name == also or (whole and case.name not in ("tiny", "padding in front"))


def model_cases(draw: Draw) -> Iterator[Case]:
    """Whole Transformers, with padding at the end, in front, everywhere; source and target of other lengths."""
    yield tiny_model_case()
    B, T_q, T_k = draw.sizes(3, low=3, high=6)
    setting = TransformerConfig(
        **sizes_of_model(draw, n_layers=2, source_vocab_size=draw.integer(17, 19), target_vocab_size=9)
    )
    source, target = sentences(draw, B, T_k, 17), sentences(draw, B, T_q, 9)
    one = replace(setting, n_layers=1)
    yield model_case("padding in front", one, source.flip(1), target.flip(1), draw)
    yield from method_cases(one, source, target, draw)
    yield model_case("two layers, padding", setting, source, target, draw)
    learned = replace(one, norm_first=False, tied=False, positions="learned", max_length=10)
    yield model_case("post-norm, not tied, learned positions", learned, source, target, draw)
    shared = replace(one, source_vocab_size=9, shared=True, positions="rotary", dropout=0.5)
    yield model_case("one table for all, and dropout while not training", shared, source % 9, target, draw)
    nothing = torch.cat([source[:1] * 0, source[1:]])
    yield replace(model_case(PADDING_ALONE, one, nothing, target, draw), corner=PADDING_ALONE)


def method_cases(setting: TransformerConfig, source: Tensor, target: Tensor, draw: Draw) -> Iterator[Case]:
    """In training, where dropout takes everything that it acts on at all; and `decode` by itself, with any memory."""
    weights = draw.weights(transformer.Transformer(setting))
    silenced = {"config": replace(setting, dropout=1.0)}
    yield Case("`encode`, training, dropout 1", {"source": source}, silenced, weights, "encode", training=True)
    yield Case("training, dropout 1", {"source": source, "target": target}, silenced, weights, training=True)
    inputs = {"target": target, "memory": draw.tensor(*source.shape, setting.d_model), "source": source}
    yield Case("`decode`, another memory", inputs, {"config": setting}, weights, "decode")


def tiny_model_case() -> Case:
    """No sub-layer says anything: what is left is the target's row, its position, the last norm, the table.

    Twice the row and its position are (1, 7, -7, -1), normalised (0.2, 1.4, -1.4, -0.2)."""
    setting = TransformerConfig(d_model=4, n_heads=1, d_ff=2, source_vocab_size=3, target_vocab_size=3)
    table = torch.tensor([[0.0, 0.0, 0.0, 0.0], [0.5, 3.0, -3.5, -1.0], [1.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
    weights = silent_weights(transformer.Transformer(setting)) | {"target_embedding.table": table}
    return Case("tiny", {"source": torch.tensor([[1, 2]]), "target": torch.tensor([[1]])}, {"config": setting}, weights)


def model_case(name: str, setting: TransformerConfig, source: Tensor, target: Tensor, draw: Draw) -> Case:
    weights = draw.weights(transformer.Transformer(setting))
    return Case(name, {"source": source, "target": target}, {"config": setting}, weights)


def sentences(draw: Draw, B: int, T: int, vocab_size: int) -> Tensor:
    """Tokens (B, T) from 1 on; the first sentence is whole, the others end in padding."""
    tokens = draw.integers(1, vocab_size, B, T)
    lengths = draw.integers(2, T, B, 1)
    lengths[0], lengths[1] = T, T - 1
    return tokens.masked_fill(torch.arange(T) >= lengths, 0)


def change_last_token(case: Case) -> Case | None:
    """Another last target token; what was padding becomes a word."""
    if not has_laws(case, also="padding in front"):
        return None
    target, vocab_size = case["target"].clone(), case.init["config"].target_vocab_size
    target[:, -1] = target[:, -1] % (vocab_size - 1) + 1
    return case.changed(target=target)


def pad_more(case: Case) -> Case | None:
    """Both sentences with two tokens of padding behind them."""
    if not has_laws(case):
        return None
    return case.changed(**{name: nn.functional.pad(case[name], (0, 2)) for name in ("source", "target")})


def change_source(case: Case) -> Case | None:
    """Every word of the source replaced by another."""
    if not has_laws(case):
        return None
    source, vocab_size = case["source"], case.init["config"].source_vocab_size
    other = torch.where(source > 0, source % (vocab_size - 1) + 1, source)
    return case.changed(source=other)


def count_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"vocab_size": 3, "d_model": 1, "d_ff": 1, "n_layers": 1})
    yield Case("the paper's base model", {})
    yield Case("another vocabulary", {"vocab_size": draw.integer(20_000, 50_000)})
    sizes = {"d_model": draw.integer(5, 99), "d_ff": draw.integer(100, 200), "n_layers": draw.integer(3, 9)}
    yield Case("other sizes", {"vocab_size": draw.integer(300, 999)} | sizes)


def work_cases(draw: Draw) -> Iterator[Case]:
    tiny = TransformerConfig(d_model=1, n_heads=1, d_ff=1, source_vocab_size=5, target_vocab_size=3)
    yield Case("tiny", {"config": tiny, "n_source": 1, "n_target": 2})
    base = TransformerConfig(
        d_model=512, n_heads=8, d_ff=2048, n_layers=6, source_vocab_size=37_000, target_vocab_size=37_000
    )
    yield Case(
        "the paper's base model", {"config": base, "n_source": draw.integer(20, 25), "n_target": draw.integer(26, 30)}
    )
    n_heads, d_ff, n_layers, source, target = draw.sizes(5, low=3, high=9)
    sizes = {"d_model": 10 * n_heads, "n_heads": n_heads, "d_ff": 10 * d_ff, "n_layers": n_layers}
    config = TransformerConfig(**sizes, source_vocab_size=10 * source, target_vocab_size=10 * target)
    yield Case("some sizes", {"config": config, "n_source": source, "n_target": target})
    yield Case("one word so far", {"config": config, "n_source": source, "n_target": 1})
