"""The exercises of lesson 05: cases, laws, and the mistakes that people make."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from course import attention, multi_head
from course.checks.exercise import Case, Draw, Exercise, Law, Mistake


def split_cases(draw: Draw) -> Iterator[Case]:
    tiny = torch.tensor([[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]], dtype=torch.float64)
    yield Case("tiny", {"x": tiny, "n_heads": 2})
    B, T, H, d_head = draw.sizes(4)
    yield Case("a batch", {"x": draw.tensor(B, T, H * d_head), "n_heads": H})
    yield Case("one head", {"x": draw.tensor(B, T, d_head), "n_heads": 1})
    yield Case("one feature a head", {"x": draw.tensor(B, T, H), "n_heads": H})
    yield Case("one position", {"x": draw.tensor(1, 1, H * d_head), "n_heads": H})
    yield Case("float32", {"x": draw.tensor(B, T, H * d_head, dtype=torch.float32), "n_heads": H})
    yield Case("heads that do not divide the width", {"x": draw.tensor(B, T, 2 * H + 1), "n_heads": 2})


UNFLATTEN = "x.unflatten(-1, (n_heads, d_model // n_heads)).transpose(-3, -2)"

split_heads = Exercise(
    reference=multi_head.split_heads,
    see="lesson 05, 'Cut the vector into heads'",
    cases=split_cases,
    gradients=True,
    laws=(
        Law("every number of x is still there, once",
            holds=lambda case, out, _: np.allclose(np.sort(out.ravel()), np.sort(case["x"].numpy().ravel()))),
    ),
    mistakes=(
        Mistake("scrambled", ((UNFLATTEN, "x.reshape(*x.shape[:-2], n_heads, x.shape[-2], d_model // n_heads)"),),
                "the shape is right but the numbers are scrambled: reshape alone cuts the batch's memory into rows of d_head, so a head mixes several positions, and the future leaks into the past."),
        Mistake("heads not moved to the front", ((UNFLATTEN, "x.unflatten(-1, (n_heads, d_model // n_heads))"),),
                "positions still come before heads: attention would then let heads attend to each other instead of positions."),
        Mistake("features dealt out like cards", ((UNFLATTEN, "x.unflatten(-1, (d_model // n_heads, n_heads)).movedim(-1, -3)"),),
                "each head gets every n_heads-th feature; it should get a block of neighbouring ones, or published weights would not fit."),
        Mistake("d_head heads", ((UNFLATTEN, "x.unflatten(-1, (d_model // n_heads, n_heads)).transpose(-3, -2)"),),
                "n_heads and d_head have changed places: there are now d_head heads of n_heads features."),
        Mistake("features before positions", ((UNFLATTEN, "x.unflatten(-1, (n_heads, d_model // n_heads)).movedim(-3, -1)"),),
                "within each head the features come before the positions; the last axis must be d_head."),
        Mistake("last head first", ((UNFLATTEN, UNFLATTEN + ".flip(-3)"),), "the heads are in reverse order: head 0 takes the first features."),
        Mistake("first head only", ((UNFLATTEN, UNFLATTEN + "[..., :1, :, :].expand(*x.shape[:-2], n_heads, -1, -1)"),),
                "every head gets the first head's features; the rest of the vector is lost."),
    ),
)  # fmt: skip


def merge_cases(draw: Draw) -> Iterator[Case]:
    tiny = torch.tensor([[[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]], dtype=torch.float64)
    yield Case("tiny", {"x": tiny})
    B, T, H, d_head = draw.sizes(4)
    yield Case("a batch", {"x": draw.tensor(B, H, T, d_head)})
    yield Case("one head", {"x": draw.tensor(B, 1, T, d_head)})
    yield Case("one position", {"x": draw.tensor(B, H, 1, d_head)})
    yield Case("float32", {"x": draw.tensor(B, H, T, d_head, dtype=torch.float32)})


MERGE = "x.transpose(-3, -2).flatten(-2)"

merge_heads = Exercise(
    reference=multi_head.merge_heads,
    see="lesson 05, 'Cut the vector into heads'",
    cases=merge_cases,
    gradients=True,
    laws=(
        Law("every number of x is still there, once",
            holds=lambda case, out, _: np.allclose(np.sort(out.ravel()), np.sort(case["x"].numpy().ravel()))),
    ),
    mistakes=(
        Mistake("scrambled", ((MERGE, "x.reshape(*x.shape[:-3], x.shape[-2], -1)"),),
                "the shape is right but the numbers are scrambled: without moving the heads back behind the positions first, a row holds one head at several positions."),
        Mistake("features dealt out like cards", ((MERGE, "x.movedim(-3, -1).flatten(-2)"),),
                "the heads' features are mixed like cards; each head's block must stay together, as split_heads cut it."),
        Mistake("heads added", ((MERGE, "x.sum(dim=-3)"),), "the heads are added up, so one can no longer be told from another; they are laid side by side."),
        Mistake("heads averaged", ((MERGE, "x.mean(dim=-3)"),), "the heads are averaged, so what one alone found is watered down; they are laid side by side."),
        Mistake("heads below each other", ((MERGE, "x.flatten(-3, -2)"),), "the heads are put below each other, as more positions; they belong side by side, as more features."),
        Mistake("last head first", ((MERGE, "x.flip(-3).transpose(-3, -2).flatten(-2)"),), "the heads are in reverse order: head 0 comes first in each row."),
        Mistake("heads not moved back", ((MERGE, "x.flatten(-2)"),), "positions and features of each head were melted together; features of one position belong together."),
    ),
)  # fmt: skip


def tiny_layer_case() -> Case:
    """Every projection the identity and a query of zeros: two heads, each the plain mean of the values."""
    eye, zero = torch.eye(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    weights = {f"w_{name}.{part}": value for name in "qkvo" for part, value in (("weight", eye), ("bias", zero))}
    rows = torch.tensor([[[2.0, 4.0], [6.0, 8.0]]], dtype=torch.float64)
    return Case("tiny", {"query": zero.view(1, 1, 2), "key": rows, "value": rows}, {"d_model": 2, "n_heads": 2}, weights)


def layer_cases(draw: Draw) -> Iterator[Case]:
    yield tiny_layer_case()
    B, T_q, T_k = draw.sizes(3, low=3)
    n_heads, d_head = draw.integer(2, 3), draw.integer(4, 5)
    d_model = n_heads * d_head
    init = {"d_model": d_model, "n_heads": n_heads}
    weights = draw.weights(multi_head.MultiHeadAttention(**init))

    def inputs(n_queries: int, n_keys: int) -> dict[str, torch.Tensor]:
        return {name: draw.tensor(B, n_queries if name == "query" else n_keys, d_model) for name in ("query", "key", "value")}

    yield Case("as many queries as keys", inputs(T_k, T_k), init, weights)
    yield Case("more keys than queries, or fewer", inputs(T_q, T_k), init, weights)
    yield Case("causal", inputs(T_q, T_q) | {"mask": attention.causal_mask(T_q)}, init, weights)
    padding = draw.mask(B, 1, 1, T_k)
    padding[0] = False  # nothing at all to attend to
    yield Case("padding, and a row of nothing else", inputs(T_k, T_k) | {"mask": padding}, init, weights)
    kept = {name: weight for name, weight in weights.items() if name.endswith("weight")}
    yield Case("no bias", inputs(T_q, T_q), init | {"bias": False}, kept)


def change_future(case: Case) -> Case | None:
    """Another last position, in the causal case alone."""
    if case.name != "causal":
        return None
    changed = {name: torch.cat([case[name][:, :-1], case[name][:, -1:] + 1], dim=1) for name in ("query", "key", "value")}
    return case.changed(**changed)


def past_unchanged(case: Case, out: np.ndarray, changed: np.ndarray) -> bool:
    return np.array_equal(out[:, :-1], changed[:, :-1])


def reverse_keys(case: Case) -> Case | None:
    if "mask" in case.inputs:
        return None
    return case.changed(key=case["key"].flip(1), value=case["value"].flip(1))


HEADS = "heads = scaled_dot_product_attention(*self.project(query, key, value), mask)  # (B, H, T_q, d_head)"
PROJECTED = "q, k, v = self.project(query, key, value)\n        heads = "

multi_head_attention = Exercise(
    reference=multi_head.MultiHeadAttention,
    see="lesson 05, 'The layer'",
    cases=layer_cases,
    gradients=True,
    laws=(
        Law("no output sees a later position under a causal mask", holds=past_unchanged, change=change_future),
        Law("the order of the keys and values does not matter", change=reverse_keys,
            holds=lambda case, out, reversed_: np.allclose(out, reversed_, atol=1e-9)),
    ),
    mistakes=(
        Mistake("heads scrambled at the split", (("split_heads(x, self.n_heads)", "x.reshape(x.shape[0], self.n_heads, x.shape[1], -1)"),),
                "the heads are cut with reshape alone, so each head mixes several positions; such a model even trains to a lower loss, because the future leaks in."),
        Mistake("heads scrambled at the merge", (("merge_heads(heads)", "heads.reshape(heads.shape[0], heads.shape[2], -1)"),),
                "the heads are merged with reshape alone: a row then holds one head's answers at several positions, later ones among them."),
        Mistake("scaled by d_model", ((HEADS, PROJECTED + "scaled_dot_product_attention(q / self.n_heads**0.5, k, v, mask)"),),
                "the scores are divided by the square root of d_model; each head's dot product has only d_head terms."),
        Mistake("not scaled", ((HEADS, PROJECTED + "scaled_dot_product_attention(q * q.shape[-1] ** 0.5, k, v, mask)"),),
                "the scores are not divided by the square root of d_head."),
        Mistake("W_o forgotten", (("self.w_o(merge_heads(heads))", "merge_heads(heads)"),),
                "the last projection is missing: the heads' answers lie side by side and never meet."),
        Mistake("mask ignored", (("value), mask)  # (B, H, T_q, d_head)", "value))"),), "the mask never reaches the attention."),
        Mistake("mask inverted", (("value), mask)  # (B, H, T_q, d_head)", "value), None if mask is None else ~mask)"),),
                "the mask is turned round: True means may attend, everywhere in this course."),
        Mistake("keys for values", (("self.w_v(value)", "self.w_v(key)"),), "the values are projected from `key`; here the three inputs differ."),
        Mistake("W_k for values", (("self.w_v(value)", "self.w_k(value)"),), "the values go through w_k, and w_v learns nothing."),
        Mistake("W_q for keys", (("self.w_k(key)", "self.w_q(key)"),), "the keys go through w_q, and w_k learns nothing."),
        Mistake("keys from the queries", (("self.w_k(key)", "self.w_k(query)"),), "the keys are projected from `query`: that is right for self-attention only."),
        Mistake("softmax over the heads", ((HEADS, PROJECTED + "attention_scores(q, k).softmax(dim=1) @ v"),),
                "the softmax runs over the heads; it runs over the keys, so that each query's weights sum to one."),
        Mistake("softmax over the queries", ((HEADS, PROJECTED + "attention_scores(q, k).softmax(dim=-2) @ v"),),
                "the softmax runs over the queries; it runs over the keys, so that each query's weights sum to one."),
        Mistake("T_q taken for T_k", (("merge_heads(heads)", "heads.transpose(1, 2).reshape(*key.shape)"),),
                "the output is shaped with the number of keys: it works as long as there are as many queries as keys, and fails in cross-attention."),
    ),
)  # fmt: skip


def count_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"d_model": 2, "bias": False})
    yield Case("tiny, with bias", {"d_model": 2})
    yield Case("the paper's width", {"d_model": 512})
    for name, bias in (("some width", True), ("some width, no bias", False)):
        yield Case(name, {"d_model": draw.integer(5, 99), "bias": bias})


parameters = Exercise(
    reference=multi_head.n_parameters,
    see="lesson 05, 'What a head costs'",
    cases=count_cases,
    mistakes=(
        Mistake("three matrices", (("return 4 *", "return 3 *"),), "there are four projections, not three: w_o is one of them."),
        Mistake("bias always", (("(d_model if bias else 0)", "d_model"),), "the biases are counted although there are none."),
        Mistake("bias never", (("(d_model if bias else 0)", "0"),), "the biases are not counted."),
        Mistake("one bias", (("    per_projection = d_model * d_model + (d_model if bias else 0)\n    return 4 * per_projection", "    return 4 * d_model * d_model + (d_model if bias else 0)"),),
                "each of the four projections has a bias of its own."),
        Mistake("a bias of one number", (("(d_model if bias else 0)", "(1 if bias else 0)"),), "a bias is one number for each output feature, not one number in all."),
        Mistake("one matrix", (("return 4 *", "return"),), "this counts one projection; there are four."),
        Mistake("width not squared", (("d_model * d_model", "2 * d_model"),), "a matrix from d_model to d_model features has d_model times d_model numbers."),
    ),
)  # fmt: skip


def sum_cases(draw: Draw) -> Iterator[Case]:
    heads = torch.tensor([[[[1.0]], [[2.0]]]], dtype=torch.float64)
    yield Case("tiny", {"heads": heads, "w_o": torch.tensor([[10.0, 100.0], [1.0, 0.0]], dtype=torch.float64)})
    B, T, H, d_head = draw.sizes(4)
    d_model = H * d_head
    yield Case("a batch", {"heads": draw.tensor(B, H, T, d_head), "w_o": draw.tensor(d_model, d_model)})
    yield Case("another width out", {"heads": draw.tensor(B, H, T, d_head), "w_o": draw.tensor(d_model + 1, d_model)})
    yield Case("one head", {"heads": draw.tensor(B, 1, T, d_head), "w_o": draw.tensor(d_head, d_head)})
    single = {"heads": draw.tensor(B, H, T, d_head, dtype=torch.float32), "w_o": draw.tensor(d_model, d_model, dtype=torch.float32)}
    yield Case("float32", single)


def same_as_merged(case: Case, out: np.ndarray, _: object) -> bool:
    merged = multi_head.merge_heads(case["heads"]) @ case["w_o"].T
    return np.allclose(out, merged.numpy(), rtol=1e-3, atol=1e-4)


heads_as_sum = Exercise(
    reference=multi_head.heads_as_sum,
    see="lesson 05, 'Side by side, then projected, is a sum'",
    cases=sum_cases,
    gradients=True,
    laws=(Law("it equals merging the heads and projecting by w_o", holds=same_as_merged),),
    mistakes=(
        Mistake("rows of w_o", (("w_o.chunk(heads.shape[1], dim=-1)", "w_o[: w_o.shape[1]].T.chunk(heads.shape[1], dim=-1)"),),
                "w_o is used transposed: nn.Linear holds it as (out, in), so head h owns columns of it, not rows."),
        Mistake("first piece for all", (("for h, piece in enumerate(pieces)", "for h, piece in enumerate(pieces[:1] * len(pieces))"),),
                "every head goes through the first head's columns."),
        Mistake("averaged", (("for h, piece in enumerate(pieces))", "for h, piece in enumerate(pieces)) / heads.shape[1]"),),
                "the heads' shares are averaged; concatenation followed by a projection adds them."),
        Mistake("columns dealt out like cards", (("w_o.chunk(heads.shape[1], dim=-1)", "[w_o[:, h :: heads.shape[1]] for h in range(heads.shape[1])]"),),
                "each head takes every n_heads-th column; its columns are neighbours."),
        Mistake("last piece first", (("w_o.chunk(heads.shape[1], dim=-1)", "w_o.chunk(heads.shape[1], dim=-1)[::-1]"),),
                "head 0 goes through the last columns of w_o; it owns the first."),
        Mistake("last head forgotten", (("enumerate(pieces))", "enumerate(pieces[:-1] or pieces))"),), "the last head is left out of the sum."),
        Mistake("heads added first", (("heads[:, h] @", "heads.sum(dim=1) @"),), "the heads are added before they are projected; each goes through its own columns first."),
    ),
)  # fmt: skip
