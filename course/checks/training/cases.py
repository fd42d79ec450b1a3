"""Cases of lesson 09, training: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course.judging.exercise import Case, Draw

Lengths = list[tuple[int, int]]


def batch_case(
    name: str, lengths: Lengths, n_tokens: int, order: Sequence[int] | None = None, corner: str = ""
) -> Case:
    order = list(range(len(lengths))) if order is None else order
    return Case(name, {"order": order, "lengths": lengths, "n_tokens": n_tokens}, corner=corner)


def drawn_lengths(draw: Draw, count: int, longest: int) -> Lengths:
    return [(source, target) for source, target in draw.integers(1, longest + 1, count, 2).tolist()]


def batch_cases(draw: Draw) -> Iterator[Case]:
    yield batch_case("tiny", [(2, 3), (1, 1), (2, 3), (2, 3)], 10)
    yield batch_case("exactly full", [(2, 3)] * 5, 10)
    yield batch_case("one token too few for two pairs", [(3, 2)] * 4, 9)
    yield batch_case("equal sources, unequal targets", [(3, 2), (3, 5), (3, 2), (3, 5), (3, 4)], 30)
    yield batch_case("equal sums, unequal lengths", [(3, 4), (4, 3), (3, 4), (4, 3), (5, 2)], 40)
    yield batch_case("the longer pairs come first", [(4, 4), (2, 5), (2, 3), (4, 4), (2, 3)], 10)
    yield batch_case("what is left over, in another order", [(3, 1), (1, 2), (2, 2), (1, 1), (2, 1)], 8)
    yield batch_case("another order", [(1, 1), (2, 1), (1, 1), (2, 1), (1, 1), (1, 1)], 6, [5, 1, 0, 3, 4, 2])
    yield batch_case("only some of the pairs", [(1, 1), (2, 1), (1, 1), (2, 1), (1, 1), (1, 1)], 4, [4, 1, 5, 2])
    yield batch_case("more pairs than a batch has tokens", [(1, 1)] * 7, 4)
    yield batch_case("short sources, long targets", [(1, 7), (1, 7), (1, 7), (1, 7)], 16)
    for longest, n_tokens in ((3, 25), (6, 20)):
        order = draw.rng.permutation(60).tolist()
        yield batch_case(f"sixty pairs of lengths up to {longest}", drawn_lengths(draw, 60, longest), n_tokens, order)
    yield batch_case("everything fits, the order a range", drawn_lengths(draw, 12, 2), 1_000, range(12))
    too_long = [(2, 2), (9, 8), (2, 2), (9, 8)]
    yield batch_case("a pair longer than a batch", too_long, 12, corner="a pair longer than a batch")
    yield batch_case("no pairs", [], 10, corner="no pairs at all")


def written(out: object) -> list[list[int]]:
    """The lists of numbers again, of the arrays that were written down."""
    if not isinstance(out, dict):
        return [list(one) for one in out]  # no batches at all: an empty array
    return [out[f"[{at}]"].astype(int).tolist() for at in range(int(out[" length"]))]


def each_once(case: Case, out: object, _: object) -> bool:
    batches = written(out)
    return all(batches) and sorted(i for batch in batches for i in batch) == sorted(case["order"])


def no_padding(case: Case, out: object, _: object) -> bool:
    return all(len({case["lengths"][i] for i in batch}) == 1 for batch in written(out))


def within_budget(case: Case, out: object, _: object) -> bool:
    return all(
        len(batch) == 1 or sum(map(sum, (case["lengths"][i] for i in batch))) <= case["n_tokens"]
        for batch in written(out)
    )


def well_filled(case: Case, out: object, _: object) -> bool:
    sums = [(case["lengths"][batch[0]], len(batch)) for batch in written(out)]
    unfilled = [length for length, count in sums if (count + 1) * sum(length) <= case["n_tokens"]]
    return len(unfilled) == len(set(unfilled))


def order_kept(case: Case, out: object, _: object) -> bool:
    place = {i: at for at, i in enumerate(case["order"])}
    dealt: dict[tuple[int, int], list[int]] = {}
    for i in (i for batch in written(out) for i in batch):
        dealt.setdefault(case["lengths"][i], []).append(place[i])
    return all(places == sorted(places) for places in dealt.values())


def sentences(draw: Draw, lengths: list[int], V: int, low: int = 2) -> Tensor:
    """Drawn tokens below V, a row for each length, padded behind with 0."""
    return pad_sequence([draw.integers(low, V, length) for length in lengths], batch_first=True)


def smoothing_cases(draw: Draw) -> Iterator[Case]:
    B, T, extra = draw.sizes(3, low=3)
    V = T + extra  # other than B and T, and above 5

    def case(name: str, lengths: list[int], smoothing: float = 0.1, scale: float = 1.0, corner: str = "") -> Case:
        answers = sentences(draw, lengths, V)
        logits = scale * draw.tensor(*answers.shape, V)
        return Case(name, {"logits": logits, "answers": answers, "smoothing": smoothing}, corner=corner)

    half = torch.tensor([[[0.5, 0.125, 0.125, 0.25], [0.25, 0.25, 0.25, 0.25]]], dtype=torch.float64)
    yield Case("tiny", {"logits": half.log(), "answers": torch.tensor([[3, 0]]), "smoothing": 0.2})
    yield case("no padding", [T] * B)
    yield case("drawn lengths", [T, 1, *draw.integers(1, T, B).tolist()])
    for name, smoothing in {"half of the weight": 0.5, "no smoothing": 0.0, "nothing but smoothing": 1.0}.items():
        yield case(name, [T, 2, 1], smoothing)
    yield case("one token", [1], 0.3)
    yield case("as long as the batch is large", [B, *draw.integers(1, B, B - 1).tolist()])
    yield Case("smoothing not given", dict(list(case("", [T, 3]).inputs.items())[:2]))
    single = case("float32", [T, 2, 1])
    yield single.changed(logits=single["logits"].float())
    yield case("very large logits", [T, T, T], 0.1, 1e4, "very large logits")


def paper_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, step: int, d_model: int, n_warmup: int) -> Case:
        return Case(name, {"step": step, "d_model": d_model, "n_warmup": n_warmup})

    d_model, n_warmup = draw.integer(5, 900), draw.integer(20, 900)
    yield case("tiny", 2, 16, 4)
    yield case("the first step", 1, d_model, n_warmup)
    yield case("on the way up", n_warmup // 2, d_model, n_warmup)
    yield case("the highest", n_warmup, d_model, n_warmup)
    yield case("one step after the highest", n_warmup + 1, d_model, n_warmup)
    yield case("on the way down", draw.integer(3, 9) * n_warmup, d_model, n_warmup)
    yield case("a warm-up of one step", draw.integer(2, 90), d_model, 1)
    yield case("the paper's first step", 1, 512, 4000)
    yield case("the paper's last step", 100_000, 512, 4000)


def line_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, step: int, n_steps: int, n_warmup: int, corner: str = "") -> Case:
        return Case(name, {"step": step, "n_steps": n_steps, "n_warmup": n_warmup}, corner=corner)

    n_warmup = draw.integer(5, 90)
    n_steps = n_warmup * draw.integer(4, 9) + draw.integer(1, 4)
    yield case("tiny", 3, 10, 4)
    yield case("the first step", 1, n_steps, n_warmup)
    yield case("on the way up", n_warmup // 2 + 1, n_steps, n_warmup)
    yield case("the highest", n_warmup, n_steps, n_warmup)
    yield case("one step after the highest", n_warmup + 1, n_steps, n_warmup)
    yield case("on the way down", draw.integer(n_warmup + 2, n_steps - 2), n_steps, n_warmup)
    yield case("the last step but one", n_steps - 1, n_steps, n_warmup)
    yield case("the last step", n_steps, n_steps, n_warmup)
    yield case("a warm-up of one step", 2, n_steps, 1)
    yield case("n_warmup=0, the first step", 1, n_steps, 0, "`n_warmup=0`")
    yield case("n_warmup=0, on the way down", draw.integer(2, n_steps - 1), n_steps, 0, "`n_warmup=0`")
