"""Cases of lesson 01, sequences: n-grams and recurrent networks: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from course.checks.sequences import toys
from course.judging.exercise import Asked, Case, Draw


def table_cases(draw: Draw) -> Iterator[Case]:
    words = [f"w{number}" for number in draw.integers(10, 99, 8).tolist()]
    yield Case("tiny", {"tokens": ["let", "us", "go"], "end": "END", "prompt_length": 1})
    yield Case("no prompt", {"tokens": ["let", "us", "go"], "end": "END", "prompt_length": 0})
    yield Case("one token", {"tokens": ["go"], "end": "END", "prompt_length": 0})
    yield Case("eight words", {"tokens": words, "end": "STOP", "prompt_length": draw.integer(2, 5)})
    alone = {"tokens": ["let", "us"], "end": "END", "prompt_length": 2}
    yield Case("nothing after the prompt", alone, corner="the sentence of which all is given")
    yield Case("no tokens", {"tokens": [], "end": "END", "prompt_length": 0}, corner="the empty sentence")


def generate_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, model: Callable, prompt: list, end: object, max_tokens: int, corner: str = "") -> Case:
        inputs = {"model": Asked(model), "prompt": prompt, "end": end, "max_tokens": max_tokens}
        return Case(name, inputs, corner=corner)

    yield case("tiny", toys.length_of_context, [7, 7], 4, 10)
    yield case("end at once", toys.length_of_context, [7, 7], 2, 10)
    yield case("the limit comes first", toys.length_of_context, [5, 5, 5], 30, draw.integer(5, 8))
    yield case("the limit and the end together", toys.length_of_context, [5], 4, 3)
    yield case("end stands in the prompt", toys.length_of_context, [8, 4], 4, 10)
    yield case("every token counts", toys.weighs_all_tokens, draw.integers(1, 9, 4).tolist(), 0, 20)
    yield case("the newest token is enough", toys.one_more, [5, 2], 6, 10)
    yield case("words", toys.recites, list(toys.SENTENCE[: draw.integer(2, 5)]), "END", 20)
    yield case("a limit of 0", toys.length_of_context, [5, 5], 9, 0, "the limit of 0")
    yield case("empty prompt", toys.length_of_context, [], 3, 10, "the empty prompt")


def ngram_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, sentences: list[list], n: int, vocabulary: list, smoothing: float) -> Case:
        return Case(name, {"sentences": sentences, "n": n, "vocabulary": vocabulary, "smoothing": smoothing})

    drawn = [draw.integers(0, 4, length).tolist() for length in (9, 12, 10, 11)]
    yield case("tiny", [["a", "b", "a", "c"]], 2, ["a", "b", "c"], 0)
    yield case("tiny, smoothed", [["a", "b", "a", "c"]], 2, ["a", "b", "c"], 1)
    yield case("two sentences", [["a", "b"], ["c", "a", "c"]], 2, ["a", "b", "c"], 0.5)
    yield case("the context is the last word too", [["a", "b", "a"], ["b", "a", "a"]], 2, ["a", "b"], 0.25)
    yield case("single words", [["a", "b", "a"], ["c", "a"]], 1, ["a", "b", "c", "d"], 0.5)
    yield case("threes", [["a", "b", "a", "b", "c"], ["b", "c"], ["c"], ["a", "b", "a"]], 3, ["a", "b", "c"], 0.1)
    yield case("drawn", drawn, 2, [0, 1, 2, 3, 4], 0)
    yield case("drawn, threes", drawn, 3, [0, 1, 2, 3, 4], 0.3)
    lone = {"sentences": [["a"], ["b"]], "n": 2, "vocabulary": ["a", "b"], "smoothing": 1}
    yield Case("nothing that follows", lone, corner="the sentences of one token")


def perplexity_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, probabilities: object) -> Case:
        return Case(name, {"probabilities": probabilities})

    sides = draw.integer(5, 9)
    yield case("tiny", [1 / 2, 1 / 8])
    yield case("one token", [1 / 4])
    yield case("a fair die", [1 / sides] * 3)
    yield case("never in doubt", [1.0, 1.0, 1.0])
    drawn = draw.rng.uniform(0.01, 0.99, 7).tolist()
    yield case("drawn", [*drawn, drawn[0]])  # one of them twice: each token counts
    long = {"probabilities": draw.rng.uniform(0.01, 0.5, 2000).tolist()}
    yield Case("a text of 2000 tokens", long, corner="the long text")
    yield Case("the impossible came", {"probabilities": [0.5, 0.0, 0.25]}, corner="the probability of 0")


def unroll_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, step: Callable, xs: list, h0: float, corner: str = "") -> Case:
        return Case(name, {"step": Asked(step)} | numbers(xs=xs, h0=h0), corner=corner)

    T, d_x, d_h, d_y = draw.sizes(4, low=3)
    step = Asked(toys.TanhStep(draw.tensor(d_x, d_h), draw.tensor(d_h, d_h), draw.tensor(d_h, d_y)))
    text, two = Asked(toys.up_and_down), Asked(toys.count_and_largest)
    yield case("tiny", toys.add_and_multiply, [1, 2, 3], 0)
    yield case("the order counts", toys.double_and_add, draw.integers(1, 9, T).tolist(), 5)
    yield Case("a text for a state", {"step": text, "xs": draw.tensor(T), "h0": ">"})
    yield Case("a state of two parts", {"step": two, "xs": draw.tensor(T), "h0": (0, torch.tensor(-9.0).double())})
    yield Case("vectors", {"step": step, "xs": draw.tensor(T, d_x), "h0": draw.tensor(d_h)})
    yield case("one x", toys.add_and_multiply, [4], 3)
    yield case("no x", toys.add_and_multiply, [], 3, "the empty sequence")


def sum_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"xs": [0, 3, 4, 2, 1]})
    yield Case("below zero", {"xs": [5, -2, -7, 4]})
    yield Case("one number", {"xs": [6]})
    yield Case("fractions", {"xs": draw.array(9).tolist()})
    yield Case("no numbers", {"xs": []}, corner="the empty list")


def collision_cases(draw: Draw) -> Iterator[Case]:
    tried = {
        "tiny": [0, 3, 4, 2, 1],
        "the same backwards": [1, 2, 4, 2, 1],
        "all alike": [2, 2, 2],
        "two alike": [5, 5],
        "zeros": [0, 0, 0, 0],
        "all in the first": [6, 0, 0],
        "all in the last": [0, 0, 6],
        "already sorted": [-3, 1, 4, 9],
        "sorted downwards": [7, 6, 2, -1],
        "equal neighbours first": [4, 4, 1],
        "equal ends": [3, 1, 2, 3],
        "drawn": draw.integers(-9, 10, 8).tolist(),
    }
    for name, xs in tried.items():
        yield Case(name, {"xs": xs})


def cell_inputs(draw: Draw, gates: int, lead: tuple[int, ...], d_x: int, d_h: int, states: tuple[str, ...]) -> dict:
    """Inputs of a recurrent step of so many gates, drawn so that neither tanh nor sigmoid saturates."""
    inputs = {"x": draw.tensor(*lead, d_x)} | {state: draw.tensor(*lead, d_h) for state in states}
    weights = {"w_x": (gates * d_h, d_x), "w_h": (gates * d_h, d_h), "b_x": (gates * d_h,), "b_h": (gates * d_h,)}
    return inputs | {name: draw.tensor(*shape) / d_h**0.5 for name, shape in weights.items()}


def cell_cases(draw: Draw, gates: int, states: tuple[str, ...] = ("h",)) -> Iterator[Case]:
    """The cases that all recurrent steps share."""
    B, T, d_x, d_h = draw.sizes(4)
    usual = cell_inputs(draw, gates, (B,), d_x, d_h, states)
    yield Case("one batch", usual)
    yield Case("as wide as its input", cell_inputs(draw, gates, (B,), d_h, d_h, states))
    yield Case("no batch", cell_inputs(draw, gates, (), d_x, d_h, states))
    yield Case("two batch axes", cell_inputs(draw, gates, (B, T), d_x, d_h, states))
    yield Case("one unit", cell_inputs(draw, gates, (B,), d_x, 1, states))
    yield Case("saturated", usual | {"x": 30 * usual["x"]}, corner="the very large inputs")
    yield Case("float32", {name: value.float() for name, value in usual.items()}, corner="the float32 numbers")


def numbers(**inputs: list | float) -> dict[str, torch.Tensor]:
    """Numbers and lists of them as float64 tensors."""
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in inputs.items()}


def rnn_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", numbers(x=[1], h=[1], w_x=[[2]], w_h=[[-4]], b_x=[1.5], b_h=[0.5]))
    yield from cell_cases(draw, 1)


def gru_cases(draw: Draw) -> Iterator[Case]:
    still = [[0.0]] * 3
    yield Case("tiny", numbers(x=[1], h=[3], w_x=still, w_h=still, b_x=[0, 0, 50], b_h=[0, 0, 0]))
    yield from cell_cases(draw, 3)


def lstm_cases(draw: Draw) -> Iterator[Case]:
    still = [[0.0]] * 4
    yield Case("tiny", numbers(x=[1], h=[5], c=[-1], w_x=still, w_h=still, b_x=[0, 0, 50, 0], b_h=[0, 0, 0, 0]))
    yield from cell_cases(draw, 4, ("h", "c"))


def with_gate(b: torch.Tensor, gate: int, gates: int, bias: float) -> torch.Tensor:
    """The biases b of so many gates, with this gate's own set to bias: 1000 opens it fully, -1000 shuts it."""
    changed = b.clone()
    changed.chunk(gates, dim=-1)[gate].fill_(bias)
    return changed


def jacobian_cases(draw: Draw) -> Iterator[Case]:
    T, d_x, d_h, d_y = draw.sizes(4, low=3)
    learned = toys.TanhStep(draw.tensor(d_x, d_h), draw.tensor(d_h, d_h), draw.tensor(d_h, d_y))
    linear = toys.LinearStep(draw.tensor(d_h, d_h) / d_h**0.5)
    yield Case("tiny", {"step": toys.halve, "xs": torch.ones(3, 1, dtype=torch.float64), "h0": numbers(h0=[1])["h0"]})
    yield Case("linear", {"step": linear, "xs": draw.tensor(T, d_h), "h0": draw.tensor(d_h)})
    yield Case("tanh", {"step": learned, "xs": draw.tensor(T, d_x), "h0": draw.tensor(d_h)})
    yield Case("one step", {"step": learned, "xs": draw.tensor(1, d_x), "h0": draw.tensor(d_h)})
    yield Case("twenty steps", {"step": toys.halve, "xs": draw.tensor(20, 2), "h0": draw.tensor(2)})
