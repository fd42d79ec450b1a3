"""Cases of lesson 06, positions: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch

from course import multi_head, positions
from course.checks.positions import toys
from course.judging.exercise import Case, Draw


def even(draw: Draw, low: int = 2, high: int = 5) -> int:
    """An even number of columns."""
    return 2 * draw.integer(low, high)


def order_case(draw: Draw, name: str, layer: object, x: torch.Tensor, order: torch.Tensor | None = None) -> Case:
    """A layer to be examined; without an order, the last few words come first: undone,
    that is another order than done."""
    some = torch.arange(x.shape[1]).roll(draw.integer(1, 4)) if order is None else order
    return Case(name, {"layer": layer, "x": x, "order": some})


def order_cases(draw: Draw) -> Iterator[Case]:
    B, d = draw.sizes(2, low=6, high=9)
    x = draw.tensor(B, 5, d)
    yield order_case(draw, "tiny", toys.doubled, torch.tensor([[[1.0], [2.0]]]), torch.tensor([1, 0]))
    yield order_case(draw, "each row alone", toys.doubled, x)
    yield order_case(draw, "longer rows", toys.widened, x)
    yield order_case(draw, "attention", toys.read_by_all, x)
    yield order_case(draw, "one row everywhere", toys.mean_for_all, x)
    yield order_case(draw, "right up to rounding", toys.minus_sum, draw.tensor(2, 7, 3))
    yield order_case(draw, "causal attention", toys.read_backwards_in_time, x)
    yield order_case(draw, "a running sum", toys.running_sum, x)
    yield order_case(draw, "the mirror image", toys.mirrored, x)
    yield order_case(draw, "positions added faintly", toys.faintly_numbered, x)
    yield two_swapped_case(draw, x)
    for name, layer in {"and nothing else": toys.numbers_alone, "and large numbers": toys.loudly_numbered}.items():
        yield order_case(draw, f"positions {name}", layer, x)
    yield order_case(draw, "too faint to count", toys.hardly_numbered, x)
    yield order_case(draw, "the second text alone breaks the law", toys.second_text_summed, x)
    yield from one_sided_cases(draw, x.sort(dim=1).values)
    yield order_case(draw, "a single position", toys.running_sum, draw.tensor(3, 1, 2), torch.tensor([0]))


def two_swapped_case(draw: Draw, x: torch.Tensor) -> Case:
    swapped = torch.tensor([1, 0, 2, 3, 4])
    return order_case(draw, "two words swapped, positions added", toys.faintly_numbered, x, swapped)


def one_sided_cases(draw: Draw, rising: torch.Tensor) -> Iterator[Case]:
    """Layers whose differences are all below zero, or all above, or cancel each other."""
    yield order_case(draw, "less where the first word is the larger", toys.lowered_out_of_order, rising)
    yield order_case(draw, "more where the first word is the larger", toys.raised_out_of_order, rising)
    tilted = "more and as much less where the first word is the larger"
    yield order_case(draw, tilted, toys.tilted_out_of_order, rising)


def angle_cases(draw: Draw) -> Iterator[Case]:
    T = draw.integer(6, 8)
    yield Case("tiny", {"positions": torch.tensor([0, 1, 2]), "d_model": 4, "base": 100.0})
    yield Case("the first positions", {"positions": torch.arange(T), "d_model": even(draw)})
    yield Case("any positions", {"positions": draw.integers(-20, 100, T), "d_model": even(draw), "base": 1000.0})
    yield Case("far away", {"positions": draw.integers(5_000, 50_000, T), "d_model": even(draw)})
    yield Case("one hand", {"positions": draw.integers(0, 30, T), "d_model": 2})
    yield Case("one position", {"positions": draw.integers(2, 30, 1), "d_model": even(draw)})


def table_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"n_positions": 2, "d_model": 2})
    yield Case("two pairs", {"n_positions": draw.integer(5, 7), "d_model": 4})
    yield Case("many columns", {"n_positions": draw.integer(20, 30), "d_model": even(draw, 4, 9)})
    yield Case("another base", {"n_positions": draw.integer(12, 15), "d_model": even(draw), "base": 100.0})
    yield Case("the first position alone", {"n_positions": 1, "d_model": even(draw)})
    yield Case("an odd number of columns", {"n_positions": draw.integer(3, 9), "d_model": even(draw) + 1})


def shift_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"k": 1, "d_model": 2})
    yield Case("two pairs", {"k": draw.integer(2, 5), "d_model": 4})
    yield Case("no step", {"k": 0, "d_model": even(draw)})
    yield Case("forward", {"k": draw.integer(2, 9), "d_model": even(draw, 3, 7)})
    yield Case("back", {"k": -draw.integer(2, 9), "d_model": even(draw)})
    yield Case("another base", {"k": draw.integer(2, 9), "d_model": even(draw), "base": 50.0})


def learned_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, B: int, T: int, d_model: int, max_length: int) -> Case:
        init = {"max_length": max_length, "d_model": d_model}
        weights = draw.weights(positions.LearnedPositions(**init))
        return Case(
            name,
            {"x": draw.tensor(B, T, d_model)},
            init,
            {"table": weights["table"]},  # or an nn.Embedding
            says=(str(T), str(max_length)) if max_length < T else (),
        )

    (B, T), d_model = draw.sizes(2, low=4), draw.integer(10, 12)  # a square table could be held transposed
    table = {"table": torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=torch.float64)}
    x = torch.tensor([[[10.0, 20.0], [30.0, 40.0]]], dtype=torch.float64)
    yield Case("tiny", {"x": x}, {"max_length": 3, "d_model": 2}, table)
    yield case("shorter than the table", B, T, d_model, 9)
    yield case("as long as the table", B, T, d_model, T)
    yield case("one position", B, 1, d_model, 9)
    yield case("one text", 1, T, d_model, 9)
    yield case("as many texts as positions", T, T, d_model, 9)
    yield case("longer than the table", B, T, d_model, T - draw.integer(1, 2))
    yield case("a table of one row", B, T, d_model, 1)


def fresh_table(case: Case) -> Case | None:
    """A table as the constructor makes it, seen through a lens."""
    if case.name != "shorter than the table":
        return None
    nothing = torch.zeros(1, 200, 16, dtype=torch.float64).as_subclass(toys.SmallAtRandom)
    return Case(case.name, {"x": nothing}, {"max_length": 200, "d_model": 16})


def rotate_cases(draw: Draw) -> Iterator[Case]:
    def numbers(*shape: int) -> torch.Tensor:
        return draw.tensor(*shape, dtype=torch.float32)

    (B, H, T), d = draw.sizes(3, low=3, high=6), even(draw, 3)
    yield Case("tiny", {"x": torch.tensor([[1.0, 0.0], [1.0, 0.0]])})
    yield Case("one sequence", {"x": numbers(T, d)})
    yield Case("two pairs", {"x": numbers(T, 4)})
    yield Case("batch and heads", {"x": numbers(B, H, T, even(draw, 3))})
    # of sizes that were there before: angles that are kept must not be kept for another start
    yield Case("later positions", {"x": numbers(B, T, d), "start": draw.integer(2, 20)})
    yield Case("another base", {"x": numbers(T, d), "base": 100.0})
    yield Case("another base, later positions", {"x": numbers(T, d), "start": 1, "base": 100.0})
    yield Case("one position", {"x": numbers(H, 1, d)})
    yield Case("one later position", {"x": numbers(H, 1, d), "start": draw.integer(2, 20)})
    yield Case("float64, at position 0", {"x": draw.tensor(B, 1, even(draw))})


def layer_cases(draw: Draw, written: str) -> Iterator[Case]:
    """For RotaryAttention and AlibiAttention; `written` is the method that the learner writes."""
    B, T_q, T_k, half = draw.sizes(4, low=5, high=8)
    H = 2 * draw.integer(1, 2)
    init = {"d_model": 2 * half * H, "n_heads": H}

    def case(of: str, B: int, T_q: int, T_k: int, init: dict = init, **mask: torch.Tensor) -> Case:
        query, key, value = (draw.tensor(B, T, init["d_model"], dtype=torch.float32) for T in (T_q, T_k, T_k))
        weights = {name: weight.float() for name, weight in draw.weights(multi_head.MultiHeadAttention(**init)).items()}
        return Case(of, {"query": query, "key": key, "value": value, **mask}, init, weights)

    words, values = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]), torch.tensor([[[10.0, 0.0], [0.0, 10.0]]])
    plain = {f"w_{name}.weight": torch.eye(2) for name in "qkvo"} | {
        f"w_{name}.bias": torch.zeros(2) for name in "qkvo"
    }
    yield Case("tiny", {"query": words, "key": words, "value": values}, {"d_model": 2, "n_heads": 1}, plain)
    yield case("as many queries as keys", B, T_k, T_k)
    yield case("T_q and T_k differ", B, T_q, T_k)
    yield case("as many positions as heads", B, H, H)
    yield case("a mask", B, T_q, T_k, mask=draw.mask(B, H, T_q, T_k))
    yield case("a causal mask", B, T_k, T_k, mask=torch.ones(T_k, T_k, dtype=torch.bool).tril())
    yield case("one position", B, 1, 1)
    whole = case(f"`{written}` by itself", B, T_q, T_k)
    yield from method_cases(draw, whole, written)


def method_cases(draw: Draw, whole: Case, written: str) -> Iterator[Case]:
    """The same layer, of which the method alone is called; of weights also with a row that may read nothing."""
    if written == "project":
        yield replace(whole, method=written)
        return
    query, key, n_heads = whole["query"], whole["key"], whole.init["n_heads"]
    some = draw.mask(len(query), n_heads, query.shape[1], key.shape[1])
    nothing = draw.mask(len(query), 1, query.shape[1], key.shape[1])
    nothing[:, :, 0] = False
    for name, mask, corner in ((whole.name, some, ""), ("a query that may read nothing", nothing, "the empty rows")):
        inputs = {"query": query, "key": key, "mask": mask}
        yield replace(whole, name=name, inputs=inputs, method=written, corner=corner)


def bias_cases(draw: Draw) -> Iterator[Case]:
    T_q, T_k = draw.sizes(2, low=4, high=9)
    yield Case("tiny", {"n_heads": 4, "n_queries": 1, "n_keys": 2})
    yield Case("two heads", {"n_heads": 2, "n_queries": T_q, "n_keys": T_k})
    yield Case("four heads", {"n_heads": 4, "n_queries": T_k, "n_keys": T_q})
    yield Case("eight heads", {"n_heads": 8, "n_queries": draw.integer(5, 9), "n_keys": 4})
    yield Case("sixteen heads", {"n_heads": 16, "n_queries": T_k, "n_keys": T_k})
    yield Case("six heads", {"n_heads": 6, "n_queries": T_q, "n_keys": T_k})
    yield Case("one head", {"n_heads": 1, "n_queries": 3, "n_keys": T_q})
    yield Case("one query, one key", {"n_heads": 2, "n_queries": 1, "n_keys": 1})


def in_another_order(case: Case, order: str) -> Case | None:
    """The same case with the words of query, key and value moved; None where a mask or T_q != T_k makes it another."""
    if case.method != "forward" or "mask" in case.inputs:
        return None
    if case["query"].shape != case["key"].shape or case["query"].shape[1] < 3:
        return None
    move = {"mirrored": lambda x: x.flip(1), "first word last": lambda x: x.roll(-1, 1)}[order]
    return case.changed(**{name: move(case[name]) for name in ("query", "key", "value")})
