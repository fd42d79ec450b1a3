"""Cases of lesson 05, multi-head attention: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from course import attention, multi_head
from course.judging.exercise import Case, Draw


def split_cases(draw: Draw) -> Iterator[Case]:
    tiny = torch.tensor([[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]], dtype=torch.float64)
    yield Case("tiny", {"x": tiny, "n_heads": 2})
    B, T, H, d_head = draw.sizes(4)
    yield Case("a batch", {"x": draw.tensor(B, T, H * d_head), "n_heads": H})
    yield Case("one head", {"x": draw.tensor(B, T, d_head), "n_heads": 1})
    yield Case("one feature a head", {"x": draw.tensor(B, T, H), "n_heads": H})
    yield Case("one position", {"x": draw.tensor(1, 1, H * d_head), "n_heads": H})
    yield Case("float32", {"x": draw.tensor(B, T, H * d_head, dtype=torch.float32), "n_heads": H})
    d_model = 2 * draw.integer(5, 9) + 1
    yield Case(
        "heads that do not divide the width",
        {"x": draw.tensor(B, T, d_model), "n_heads": 2},
        says=(str(d_model), "2"),
        corner="the width that the heads do not divide",
    )


def merge_cases(draw: Draw) -> Iterator[Case]:
    tiny = torch.tensor([[[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]], dtype=torch.float64)
    yield Case("tiny", {"x": tiny})
    B, T, H, d_head = draw.sizes(4)
    yield Case("a batch", {"x": draw.tensor(B, H, T, d_head)})
    yield Case("one head", {"x": draw.tensor(B, 1, T, d_head)})
    yield Case("one position", {"x": draw.tensor(B, H, 1, d_head)})
    yield Case("float32", {"x": draw.tensor(B, H, T, d_head, dtype=torch.float32)})


def tiny_layer_case() -> Case:
    """Every projection the identity and a query of zeros: two heads, each the plain mean of the values."""
    eye, zero = torch.eye(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    weights = {f"w_{name}.{part}": value for name in "qkvo" for part, value in (("weight", eye), ("bias", zero))}
    rows = torch.tensor([[[2.0, 4.0], [6.0, 8.0]]], dtype=torch.float64)
    return Case(
        "tiny", {"query": zero.view(1, 1, 2), "key": rows, "value": rows}, {"d_model": 2, "n_heads": 2}, weights
    )


def layer_cases(draw: Draw) -> Iterator[Case]:
    yield tiny_layer_case()
    B, T_q, T_k = draw.sizes(3, low=3)
    n_heads, d_head = draw.integer(2, 3), draw.integer(4, 5)
    init = {"d_model": (d_model := n_heads * d_head), "n_heads": n_heads}
    weights = draw.weights(multi_head.MultiHeadAttention(**init))

    def inputs(n_queries: int, n_keys: int) -> dict[str, torch.Tensor]:
        return {
            name: draw.tensor(B, n_queries if name == "query" else n_keys, d_model)
            for name in ("query", "key", "value")
        }

    # here no score matters: two mistakes at once are told apart sooner
    yield Case("one key", inputs(T_q, 1), init, weights)
    yield Case("as many queries as keys", inputs(T_k, T_k), init, weights)
    yield Case("more keys than queries, or fewer", inputs(T_q, T_k), init, weights)
    yield Case("causal", inputs(T_q, T_q) | {"mask": attention.causal_mask(T_q)}, init, weights)
    padding = inputs(T_q, T_k) | {"mask": draw.mask(B, 1, 1, T_k)}
    yield Case("padding", padding, init, weights)
    mask = {"mask": draw.mask(B, n_heads, T_q, T_k)}
    yield Case("a mask of its own for each head", inputs(T_q, T_k) | mask, init, weights)
    bare = {name: weight for name, weight in weights.items() if name.endswith("weight")}
    yield Case("no bias", inputs(T_q, T_q), init | {"bias": False}, bare)
    yield Case("the method project", inputs(T_q, T_k), init, weights, "project", corner="the method project")
    yield from keyless_cases(padding, init, weights)


def keyless_cases(
    padding: dict[str, torch.Tensor], init: dict[str, int], weights: dict[str, torch.Tensor]
) -> Iterator[Case]:
    """The first sentence, and then all of them, without a single key that may be looked at."""
    others = torch.arange(len(padding["mask"]))[:, None, None, None].bool()
    first = padding | {"mask": padding["mask"] & others}
    yield Case("padding, and nothing else", first, init, weights, corner="the empty rows")
    # zeros, whatever the constructor has drawn: here a layer of other parts can run
    blocked = padding | {"mask": torch.zeros_like(padding["mask"])}
    yield Case("everything blocked, its own weights", blocked, init | {"bias": False}, corner="the empty rows")


def count_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"d_model": 2, "bias": False})
    yield Case("tiny, with bias", {"d_model": 2})
    yield Case("the paper's width", {"d_model": 512})
    for name, bias in (("some width", True), ("some width, no bias", False)):
        yield Case(name, {"d_model": draw.integer(5, 99), "bias": bias})


def sum_cases(draw: Draw) -> Iterator[Case]:
    heads = torch.tensor([[[[1.0]], [[2.0]]]], dtype=torch.float64)
    yield Case("tiny", {"heads": heads, "w_o": torch.tensor([[10.0, 100.0], [1.0, 0.0]], dtype=torch.float64)})
    B, T, H, d_head = draw.sizes(4)
    d_model = H * d_head
    yield Case("a batch", {"heads": draw.tensor(B, H, T, d_head), "w_o": draw.tensor(d_model, d_model)})
    yield Case("another width out", {"heads": draw.tensor(B, H, T, d_head), "w_o": draw.tensor(d_model + 1, d_model)})
    as_wide = {"heads": draw.tensor(B, d_head, T, d_head), "w_o": draw.tensor(d_model, d_head * d_head)}
    yield Case("as many heads as features a head", as_wide)
    yield Case("one head", {"heads": draw.tensor(B, 1, T, d_head), "w_o": draw.tensor(d_head, d_head)})
    single = {
        "heads": draw.tensor(B, H, T, d_head, dtype=torch.float32),
        "w_o": draw.tensor(d_model, d_model, dtype=torch.float32),
    }
    yield Case("float32", single)
