"""Cases of lesson 11, GPT: the calls on which an answer is tried."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course.attention import causal_mask
from course.checks.decoding.cases import floats
from course.checks.gpt.toys import Toy, gpt2_tensors, small, toy, whole_gpt, with_masks
from course.checks.transformer.cases import silent_weights
from course.gpt import GPT, GPTBlock, GPTConfig
from course.judging.exercise import Asked, Case, Draw


def loss_cases(draw: Draw) -> Iterator[Case]:
    half, quarter = math.log(0.5), math.log(0.25)
    said = floats([[[quarter, half, quarter], [quarter, quarter, half], [half, quarter, quarter]]])
    yield Case("tiny", {"logits": said, "tokens": torch.tensor([[1, 2, 1]])})  # twice 1/4: 2 ln 2
    B, T, V = draw.sizes(3, low=3)
    full = draw.integers(1, V, B, T)
    yield Case("a batch", {"logits": draw.tensor(B, T, V), "tokens": full})
    lengths = [2, 5, 3]
    padded = draw.integers(1, 7, 3, 5) * (torch.arange(5) < torch.tensor(lengths)[:, None])
    yield Case("texts of different lengths", {"logits": 2 * draw.tensor(3, 5, 7), "tokens": padded})
    yield Case("two tokens each", {"logits": draw.tensor(4, 2, 6), "tokens": draw.integers(1, 6, 4, 2)})
    yield Case("one text, large logits", {"logits": 500 * draw.tensor(1, T, V), "tokens": full[:1]})
    yield Case("as many places as tokens", {"logits": draw.tensor(2, 4, 4), "tokens": draw.integers(1, 4, 2, 4)})
    yield Case("float32", {"logits": draw.tensor(B, T, V, dtype=torch.float32), "tokens": full})


def block_cases(draw: Draw) -> Iterator[Case]:
    yield tiny_block_case()
    B, T = draw.sizes(2, low=3, high=6)
    setting = small(draw, eps=0.3)
    weights = draw.weights(GPTBlock(setting))

    def given(n_words: int, mask: Tensor | None = None) -> dict[str, Tensor]:
        x = {"x": draw.tensor(B, n_words, setting.d_model)}
        return x if mask is None else x | {"mask": mask}

    yield Case("no mask", given(T), {"config": setting}, weights)
    yield Case("causal", given(T, causal_mask(T)), {"config": setting}, weights)
    yield Case("a mask for each text", given(T, draw.mask(B, 1, T, T)), {"config": setting}, weights)
    silenced = {"config": replace(setting, dropout=1.0)}
    yield Case("training, dropout 1", given(T, causal_mask(T)), silenced, weights, training=True)
    yield Case("dropout while not training", given(T), {"config": replace(setting, dropout=0.5)}, weights)
    for activation in ("relu", "gelu", "swish"):
        other = {"config": replace(setting, activation=activation)}
        yield Case(f"activation {activation!r}", given(1, causal_mask(1)), other, weights)


def tiny_block_case() -> Case:
    """Whatever they hear, attention says 10, 20 and feed-forward 1000, 2000."""
    setting = GPTConfig(d_model=2, n_heads=1, d_ff=3, n_layers=1, vocab_size=4, context_length=5)
    weights = silent_weights(GPTBlock(setting))
    weights |= {"attention.w_o.bias": floats([10, 20]), "feed_forward.w_2.bias": floats([1000, 2000])}
    return Case("tiny", {"x": floats([[[1, 3]]])}, {"config": setting}, weights)


def model_cases(draw: Draw) -> Iterator[Case]:
    yield tiny_model_case()
    B, T = draw.sizes(2, low=3, high=6)
    untied = small(draw, eps=0.3)
    V = untied.vocab_size

    def model_case(name: str, setting: GPTConfig, tokens: Tensor, **further: Any) -> Case:
        return Case(name, {"tokens": tokens}, {"config": setting}, draw.weights(GPT(setting)), **further)

    yield model_case("not tied", untied, draw.integers(1, V, B, T))
    tied = replace(untied, tied=True, activation="relu", n_layers=3)
    yield model_case("tied", tied, draw.integers(0, V, B, T))
    text = torch.cat([draw.integers(1, V, 2, T), torch.zeros(2, 1, dtype=torch.int64)], dim=1)
    yield model_case("token 0 among them", untied, torch.cat([text, text.flip(1)]))
    yield model_case("training, dropout 1", replace(tied, dropout=1.0), draw.integers(1, V, B, T), training=True)
    still = replace(untied, dropout=0.5, n_layers=1)
    yield model_case("dropout while not training", still, draw.integers(1, V, B, T))
    yield model_case("as long as context_length", untied, draw.integers(1, V, 2, untied.context_length))
    yield model_case("one token", tied, draw.integers(1, V, B, 1))
    yield model_case("another context", replace(tied, n_layers=1, context_length=T + 5), draw.integers(1, V, 2, T))
    long = draw.integers(1, V, 2, untied.context_length + 1)
    yield replace(model_case("one token too many", untied, long), corner="more tokens than `context_length`")


def tiny_model_case() -> Case:
    """No block says anything: what is left is a row of the table, its position, the last norm, the output.

    Twice the row and its position are (1, 7, -7, -1), normalised (0.2, 1.4, -1.4, -0.2)."""
    setting = GPTConfig(d_model=4, n_heads=1, d_ff=2, n_layers=1, vocab_size=3, context_length=2, tied=False)
    weights = silent_weights(GPT(setting)) | {
        "embedding.table": floats([[0, 0, 0, 0], [1, 2, -2, 1], [0, 0, 0, 0]]),
        "positions.table": floats([[0, 5, -5, -2], [0, 0, 0, 0]]),
        "output.weight": floats([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]),
    }
    return Case("tiny", {"tokens": torch.tensor([[1]])}, {"config": setting}, weights)


def change_last_token(case: Case) -> Case | None:
    """Another token at the last place."""
    if case.training or case.name in ("tiny", "one token") or case.corner:
        return None
    tokens = case["tokens"].clone()
    tokens[:, -1] = (tokens[:, -1] + 1) % case.init["config"].vocab_size
    return case.changed(tokens=tokens)


def change_first_token(case: Case) -> Case | None:
    """Another token at the first place."""
    if case.name not in ("not tied", "tied"):
        return None
    tokens = case["tokens"].clone()
    tokens[:, 0] = (tokens[:, 0] + 1) % case.init["config"].vocab_size
    return case.changed(tokens=tokens)


def all_but_last_equal(case: Case, out: np.ndarray, changed: np.ndarray) -> bool:
    return np.array_equal(out[:, :-1], changed[:, :-1])


def text_cases(draw: Draw) -> Iterator[Case]:
    follows = 9 * torch.eye(6, dtype=torch.float64)[[0, 5, 0, 2, 3, 4]]  # 1 -> 5 -> 4 -> 3 -> 2, the end
    yield text_case("tiny", Asked(Toy(follows, 3).eval()), torch.tensor([[1]]), 9)
    rows, chain = torch.tensor([[5, 4], [4, 1], [5, 1], [3, 3]]), Toy(follows, 9).eval()
    yield text_case("rows that end at different places", chain, rows, 9)
    yield text_case("another end sign", chain, rows, 7, end=3)
    yield text_case("no token at all", chain, rows, 0, corner="`max_tokens` of 0")
    yield from long_text_cases(draw, draw.integer(9, 12))
    gpt = whole_gpt(draw, dropout=0.5).train()
    yield text_case("a GPT", gpt, draw.integers(3, 8, 3, 5), 6, end=-1)


def long_text_cases(draw: Draw, V: int) -> Iterator[Case]:
    """Texts that outgrow what the model can look at, and some that do not."""

    def prompts(n_rows: int, length: int) -> Tensor:
        return draw.integers(3, V, n_rows, length)

    yield text_case("it all fits", toy(draw, V, 20, ends=1), prompts(3, 4), 12)
    never = toy(draw, V, 5, ends=-99)
    yield text_case("outgrows the context", never, prompts(2, 3), 11)
    yield text_case("a prompt that fills the context", never, prompts(3, 5), 4)
    yield text_case("a prompt longer than the context", never, prompts(2, 8), 4)
    yield text_case("some rows end beyond the context", toy(draw, V, 4, ends=1.5), prompts(5, 3), 15)
    inside = torch.tensor([[5, 2, 4], [2, 3, 7]])
    yield text_case("an end sign inside the prompt", toy(draw, V, 4, ends=0.5), inside, 6)
    yield text_case("a context of one token", toy(draw, V, 1, ends=-99), prompts(2, 3), 5)
    yield text_case("a model in training mode", toy(draw, V, 6, ends=-99).train(), prompts(2, 4), 6)


def text_case(
    name: str, model: Callable, tokens: Tensor, max_tokens: int, end: int | None = None, corner: str = ""
) -> Case:
    ends = {} if end is None else {"end": end}
    return Case(name, {"model": model, "tokens": tokens, "max_tokens": max_tokens} | ends, corner=corner)


def write(answer: Callable, model: nn.Module, **inputs: Any) -> object:
    """What it writes, where it leaves the model in the mode in which that came."""
    before = model.training
    texts = answer(model, **inputs)
    if model.training != before:
        modes = {True: "training mode", False: "eval mode"}
        raise RuntimeError(f"the model came in {modes[before]}, and afterwards it is in {modes[not before]}")
    return texts


def score_cases(draw: Draw) -> Iterator[Case]:
    read = floats([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.1, 0.6, 0.3, 0], [0.2, 0, 0.4, 0.4]])
    yield Case("tiny", {"weights": read[None, None], "tokens": torch.tensor([[5, 6, 5, 6]])})
    B, H, T = draw.sizes(3, low=3, high=6)
    segments = torch.stack([torch.from_numpy(draw.rng.permutation(np.arange(1, 20))[:T]) for _ in range(B)])
    yield score_case(draw, "each text said twice", H, segments.repeat(1, 2))
    often = torch.tensor([[4, 7, 4, 8, 4, 9, 4], [1, 2, 3, 1, 5, 6, 8]])
    yield score_case(draw, "once before, and several times", 3, often)
    yield score_case(draw, "few tokens, many texts", 2, draw.integers(1, 4, 4, 9))
    new = torch.stack([torch.arange(1, 7), torch.tensor([3, 4, 3, 5, 6, 4])])
    yield score_case(draw, "a text without repetition", 3, new)
    yield score_case(draw, "one token again and again", 4, torch.full((1, 5), 6))
    both = draw.tensor(2, 3, 8, 8).softmax(dim=-1)
    yield Case("heads that also read ahead", {"weights": both, "tokens": draw.integers(1, 5, 2, 8)})
    yield score_case(draw, "one head, float32", 1, draw.integers(1, 4, 3, 6), torch.float32)
    nothing = score_case(draw, "nothing comes twice", 3, torch.stack([torch.arange(1, 6), torch.arange(3, 8)]))
    yield replace(nothing, corner="no token that has come before")


def score_case(draw: Draw, name: str, n_heads: int, tokens: Tensor, dtype: torch.dtype = torch.float64) -> Case:
    """Weights of heads that read nothing ahead."""
    B, T = tokens.shape
    scores = draw.tensor(B, n_heads, T, T, dtype=dtype)
    weights = scores.masked_fill(~causal_mask(T), -torch.inf).softmax(dim=-1)
    return Case(name, {"weights": weights, "tokens": tokens})


def state_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"tensors": tiny_state()})
    d, layers, vocab_size, context_length = draw.sizes(4, low=2, high=5)
    sizes = {"d_model": 3 * d, "d_ff": 4 * d + 1, "vocab_size": vocab_size + 12}
    sizes |= {"context_length": context_length, "n_layers": layers}
    untied = gpt2_tensors(draw.tensor, sizes, tied=False)
    yield Case("not tied", {"tensors": untied})
    bare = gpt2_tensors(draw.tensor, sizes, prefix="")
    yield Case("without prefix and head", {"tensors": bare})
    yield Case("without prefix and head, with masks", {"tensors": with_masks(bare, sizes, "")})
    headless = {f"transformer.{name}": tensor for name, tensor in bare.items()}
    yield Case("with prefix, without head", {"tensors": headless})
    yield Case("tied, with the table twice", {"tensors": gpt2_tensors(draw.tensor, sizes)})
    older = shuffled(draw, with_masks(untied, sizes, "transformer."))
    yield Case("not tied, with masks, in another order", {"tensors": older})
    many = sizes | {"d_model": 3, "d_ff": 8, "n_layers": 12}
    twelve = with_masks(gpt2_tensors(draw.tensor, many), many, "transformer.")
    yield Case("twelve blocks, with masks", {"tensors": shuffled(draw, twelve)})
    yield Case("float32", {"tensors": {name: tensor.float() for name, tensor in untied.items()}})


def tiny_state() -> dict[str, Tensor]:
    """Whole numbers, counted on."""
    count = itertools.count(1)

    def counted(*shape: int) -> Tensor:
        return floats([next(count) for _ in range(math.prod(shape))]).reshape(shape)

    sizes = {"d_model": 3, "d_ff": 2, "vocab_size": 2, "context_length": 1, "n_layers": 1}
    return gpt2_tensors(counted, sizes)


def shuffled(draw: Draw, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors in another order."""
    names = draw.rng.permutation(list(tensors)).tolist()
    return {name: tensors[name] for name in names}
