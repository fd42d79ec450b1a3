"""Cases of lesson 10, decoding: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from course.judging.exercise import Asked, Case, Draw


def floats(numbers: object, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.tensor(numbers, dtype=dtype)


def probabilities(draw: Draw, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return draw.tensor(*shape, dtype=dtype).softmax(dim=-1)


@dataclass(frozen=True)
class Bigrams:
    """A model that looks at the newest token alone: row t of the table holds the logits of what follows token t."""

    table: Tensor
    __name__ = "model"  # as messages call it

    def __call__(self, tokens: Tensor) -> Tensor:
        return self.table[tokens[:, -1]]


@dataclass(frozen=True)
class Rows:
    """A model that has a table of its own for each row, as a translator has a source sentence for each."""

    tables: Tensor
    __name__ = "model"

    def __call__(self, tokens: Tensor) -> Tensor:
        return self.tables[torch.arange(len(tokens)), tokens[:, -1]]


@dataclass(frozen=True)
class Reader:
    """A model whose logits hang on every token and its place."""

    table: Tensor
    past: Tensor
    __name__ = "model"

    def __call__(self, tokens: Tensor) -> Tensor:
        places = torch.arange(1, tokens.shape[1] + 1)
        return self.table[tokens[:, -1]] + self.past[(tokens * places).sum(dim=1) % len(self.past)]


def reader(draw: Draw, vocab_size: int, scale: float = 2.0, ends: float = 0.0) -> Reader:
    """Drawn tables; `ends` is added to the logits of the end sign, token 2."""
    table, past = scale * draw.tensor(vocab_size, vocab_size), scale * draw.tensor(7, vocab_size)
    table[:, 2] += ends
    return Reader(table, past)


def temperature_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3)
    yield Case("tiny", {"logits": floats([1.0, 2.0, 4.0]), "tau": 2.0})
    yield Case("a row for each text", {"logits": draw.tensor(B, V), "tau": 0.7})
    yield Case("hot", {"logits": draw.tensor(B, T, V), "tau": 5.0})
    yield Case("nearly cold, large logits", {"logits": 1000 * draw.tensor(V), "tau": 0.01})
    yield Case("one", {"logits": draw.tensor(V), "tau": 1})
    yield Case("float32", {"logits": draw.tensor(B, V, dtype=torch.float32), "tau": 0.3})
    left = {"logits": floats([0.5, -torch.inf, draw.integer(1, 9)]), "tau": 4.0}
    yield Case("what top-k left", left, corner="a logit of -inf")
    yield Case("zero", {"logits": draw.tensor(V), "tau": 0.0}, corner="a tau that is refused")
    yield Case("below zero", {"logits": draw.tensor(V), "tau": -1.0}, corner="a tau that is refused")


def top_k_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3, low=4)
    yield Case("tiny", {"logits": floats([2.0, 7.0, 1.0, 5.0]), "k": 2})
    yield Case("a row for each text", {"logits": draw.tensor(B, V), "k": 3})
    yield Case("one is left", {"logits": draw.tensor(B, T, V), "k": 1})
    yield Case("rows of different heights", {"logits": draw.tensor(B, V) + 10 * torch.arange(B)[:, None], "k": 2})
    yield Case("k as large as the vocabulary", {"logits": draw.tensor(B, V), "k": V})
    yield Case("float32", {"logits": draw.tensor(B, V, dtype=torch.float32), "k": 2})
    ties = {"logits": floats([[3, 1, 3, 3, 0], [2, 2, 5, 1, 2]]), "k": 2}
    yield Case("ties with the k-th", ties, corner="exact ties")
    yield Case("all tie", {"logits": torch.zeros(2, V, dtype=torch.float64), "k": 1}, corner="exact ties")
    yield Case("k beyond the vocabulary", {"logits": draw.tensor(B, V), "k": V + 3}, corner="a k beyond the vocabulary")
    yield Case("k zero", {"logits": draw.tensor(B, V), "k": 0}, corner="a k that is refused")
    yield Case("k below zero", {"logits": draw.tensor(B, V), "k": -2}, corner="a k that is refused")


def top_p_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3, low=4)
    yield Case("tiny", {"probabilities": floats([0.1, 0.6, 0.05, 0.25]), "p": 0.8})
    yield Case("a row for each text", {"probabilities": probabilities(draw, B, V), "p": 0.7})
    yield Case("three axes", {"probabilities": probabilities(draw, B, T, V), "p": 0.35})
    yield Case("the likeliest has more than p", {"probabilities": floats([0.1, 0.7, 0.2]), "p": 0.3})
    yield Case("one for certain", {"probabilities": floats([[0.0, 1.0, 0.0], [0.2, 0.3, 0.5]]), "p": 0.9})
    yield Case(
        "a large vocabulary, float32",
        {"probabilities": (3 * draw.tensor(2, 200, dtype=torch.float32)).softmax(-1), "p": 0.9},
    )
    sixteenths = {"probabilities": floats([1.0, 8.0, 3.0, 4.0]) / 16, "p": 0.75}
    yield Case("the likeliest have exactly p", sixteenths, corner="words that have exactly p")
    yield Case("everything", {"probabilities": probabilities(draw, B, V), "p": 1.0}, corner="p = 1")
    tiny_p = {"probabilities": probabilities(draw, B, V, dtype=torch.float32), "p": 1e-9}
    yield Case("a tiny p, float32", tiny_p, corner="a tiny p")
    for name, p in {"p zero": 0.0, "p below zero": -0.3, "p above one": 1.2}.items():
        yield Case(name, {"probabilities": probabilities(draw, V), "p": p}, corner="a p that is refused")


def chain_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3, low=5, high=12)
    yield Case("tiny", {"logits": floats([4.0, 4.0, 2.0, 0.0]), "tau": 2.0, "k": 2, "p": 0.9})
    yield Case("nothing changed", {"logits": draw.tensor(B, V)})
    yield Case("temperature alone", {"logits": draw.tensor(B, V), "tau": 0.5})
    yield Case("top-k alone", {"logits": draw.tensor(B, T, V), "k": 3})
    yield Case("top-p alone", {"logits": draw.tensor(B, V), "p": 0.6})
    yield Case("all three", {"logits": 2 * draw.tensor(B, V), "tau": 1.7, "k": 4, "p": 0.8})
    yield Case("hot, then top-p", {"logits": 3 * draw.tensor(T, 30), "tau": 3.0, "k": None, "p": 0.5})
    yield Case("top-k, then a wide top-p", {"logits": 0.3 * draw.tensor(T, 30), "tau": 1.0, "k": 5, "p": 0.7})
    yield Case("float32", {"logits": draw.tensor(B, V, dtype=torch.float32), "tau": 0.8, "k": V, "p": 1.0})
    yield Case("k zero", {"logits": draw.tensor(B, V), "tau": 0.8, "k": 0, "p": 0.9}, corner="a k of 0")


def sample_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3)
    yield Case("tiny", {"probabilities": floats([[0.5, 0.3, 0.2]] * 4), "u": floats([0.1, 0.45, 0.6, 0.95])})
    yield Case(
        "a row for each text", {"probabilities": probabilities(draw, B, V), "u": torch.from_numpy(draw.rng.random(B))}
    )
    yield Case(
        "many draws",
        {"probabilities": probabilities(draw, V).expand(200, -1), "u": torch.from_numpy(draw.rng.random(200))},
    )
    yield Case(
        "three axes", {"probabilities": probabilities(draw, B, T, V), "u": torch.from_numpy(draw.rng.random((B, T)))}
    )
    yield Case("one text", {"probabilities": probabilities(draw, V), "u": torch.tensor(draw.rng.random())})
    yield Case(
        "zeros at both ends",
        {"probabilities": floats([[0.0, 0.4, 0.0, 0.6, 0.0]] * 4), "u": floats([0.0, 0.41, 0.39, 0.99])},
        corner="words of probability 0",
    )
    certain = {"probabilities": floats([[0.0, 1.0, 0.0]] * 2), "u": floats([0.0, draw.rng.random()])}
    yield Case("one for certain", certain, corner="words of probability 0")
    tenths = floats([[0.1] * 10 + [0.0] * 2] * 3)  # added up one after the other, they are 0.9999999999999999
    below_1 = floats([0.9999999999999999, 0.05, draw.rng.random()])
    rounded = {"probabilities": tenths, "u": below_1}
    yield Case("probabilities whose sum is rounded to less than 1", rounded, corner="a sum that is rounded")
    sevenths = floats([[1 / 7] * 7 + [0.0] * 2] * 2)  # 0.9999999999999998, so that u lies beyond it
    rounded = {"probabilities": sevenths, "u": floats([0.9999999999999999, draw.rng.random()])}
    yield Case("a sum that is rounded to less than u", rounded, corner="a sum that is rounded")


def greedy_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3, low=3)
    follows = floats(
        [[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 9], [0] * 6, [0, 0, 9, 0, 0, 0], [0, 0, 0, 9, 0, 0], [0, 0, 0, 0, 9, 0]]
    )
    chain = Bigrams(follows)  # 1 -> 5 -> 4 -> 3 -> 2
    yield Case("tiny", {"next_logits": Asked(chain), "tokens": torch.tensor([[1]]), "max_tokens": 9})
    yield Case("cut at max_tokens", {"next_logits": Asked(chain), "tokens": torch.tensor([[1], [4]]), "max_tokens": 2})
    yield Case(
        "rows that end at different places",
        {"next_logits": Asked(chain), "tokens": torch.tensor([[5], [1], [4], [3]]), "max_tokens": 9},
    )
    yield Case(
        "another end sign", {"next_logits": chain, "tokens": torch.tensor([[1], [5]]), "max_tokens": 9, "end": 3}
    )
    whole = reader(draw, 9, ends=1.0)
    drawn = {"next_logits": Asked(whole), "tokens": draw.integers(3, 9, B, T), "max_tokens": 12}
    yield Case("the whole text counts", drawn)
    yield Case(
        "an end sign inside the prompt",
        {"next_logits": whole, "tokens": torch.tensor([[5, 2, 4], [2, 3, 7]]), "max_tokens": 6},
    )
    yield Case(
        "never ends",
        {"next_logits": reader(draw, V + 3, ends=-99.0), "tokens": draw.integers(3, V + 3, B, 1), "max_tokens": 8},
    )
    tables = 2 * draw.tensor(3, 7, 7)
    tables[:, :, 2] = floats([99.0, -99.0, -99.0])[:, None]  # the first row ends at once, the others never
    own = {"next_logits": Asked(Rows(tables)), "tokens": draw.integers(3, 7, 3, 2), "max_tokens": 9}
    yield Case("a model with a table for each row", own)
    none = {"next_logits": Asked(chain), "tokens": torch.tensor([[1], [5]]), "max_tokens": 0}
    yield Case("no token at all", none, corner="`max_tokens` of 0")


def penalty_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3, low=3)
    tiny = {"logits": floats([[3.0, 2.0, -2.0, -4.0]]), "tokens": torch.tensor([[0, 2]]), "penalty": 2.0}
    yield Case("tiny", tiny)
    yield Case(
        "said more than once",
        {"logits": draw.tensor(2, V + 2), "tokens": torch.tensor([[1, 1, 4, 1], [0, 3, 3, 3]]), "penalty": 1.5},
    )
    yield Case(
        "a row for each text",
        {"logits": 3 * draw.tensor(B, V + 3), "tokens": draw.integers(0, V + 3, B, T), "penalty": 1.3},
    )
    yield Case("penalty 1", {"logits": draw.tensor(B, V), "tokens": draw.integers(0, V, B, T), "penalty": 1.0})
    yield Case("below 1 it rewards", {"logits": draw.tensor(B, V), "tokens": draw.integers(0, V, B, T), "penalty": 0.5})
    yield Case(
        "float32",
        {"logits": draw.tensor(B, V, dtype=torch.float32), "tokens": draw.integers(0, V, B, T), "penalty": 1.2},
    )
    zeros = {"logits": torch.zeros(1, V, dtype=torch.float64), "tokens": torch.tensor([[0, 1]]), "penalty": 3.0}
    yield Case("a logit of zero", zeros, corner="a logit of 0")
    left = {"logits": floats([[2.0, -torch.inf, -1.0, -torch.inf]]), "tokens": torch.tensor([[1, 2]]), "penalty": 2.0}
    yield Case("what top-k left", left, corner="a logit of -inf")


def bigrams(followers: dict[int, dict[int, float]]) -> Bigrams:
    """The model with these probabilities of what follows each token; the end, 2, follows all others.

    Its logits are ln p plus a number of each row's own, which a softmax does not notice."""
    table = 1e-9 * torch.arange(1, 65, dtype=torch.float64).reshape(8, 8)  # no two alike: nothing ties
    for token in range(8):
        for follower, p in followers.get(token, {2: 1.0}).items():
            table[token, follower] = p
    return Bigrams(table.log() + torch.arange(8)[:, None])


# 4 5 and the end have 0.36, the greedy 3 5 and the end 0.216
FORK = bigrams({1: {3: 0.6, 4: 0.4}, 3: {5: 0.4, 6: 0.35, 7: 0.25}, 4: {5: 1.0}, 5: {2: 0.9, 6: 0.1}})
EARLY_END = bigrams({1: {2: 0.5, 3: 0.3, 4: 0.2}, 3: {5: 0.4, 6: 0.35, 7: 0.25}, 4: {5: 1.0}, 5: {6: 1.0}})
# after 0, 6 and 7, which are impossible, nothing is possible
ONLY_THREE = Bigrams(
    floats(
        [
            [0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 0, 0.6, 0.3, 0.1, 0, 0],
            [0, 0, 1, 0, 0, 0, 0, 0],
            [0, 0, 0.1, 0, 0.9, 0, 0, 0],
            [0, 0, 0.25, 0, 0, 0.75, 0, 0],
            [0, 0, 1, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0],
        ]
    ).log()
)
THIRD_ENDS = bigrams({1: {3: 0.4, 4: 0.35, 2: 0.25}, 3: {5: 0.4, 6: 0.3, 7: 0.3}, 4: {5: 0.3, 6: 0.4, 7: 0.3}})


def renamed(draw: Draw, model: Bigrams) -> Bigrams:
    """The same model, in which the words, tokens 3 to 7, have exchanged their numbers: nobody can know them."""
    names = torch.cat([torch.arange(3), 3 + torch.from_numpy(draw.rng.permutation(5))])
    return Bigrams(model.table[names][:, names])


def beam_cases(draw: Draw) -> Iterator[Case]:
    start = torch.tensor([[1]])
    yield Case("tiny", {"next_logits": Asked(FORK), "tokens": start, "n_beams": 2, "max_tokens": 4, "alpha": 0.0})
    yield Case("one beam", {"next_logits": FORK, "tokens": start, "n_beams": 1, "max_tokens": 4, "alpha": 0.0})
    yield Case(
        "the end among the best",
        {"next_logits": EARLY_END, "tokens": start, "n_beams": 2, "max_tokens": 5, "alpha": 1.0},
    )
    yield Case(
        "the end just behind the best",
        {"next_logits": THIRD_ENDS, "tokens": start, "n_beams": 2, "max_tokens": 5, "alpha": 0.0},
    )
    for alpha in (0.0, 0.6, 1.0, 2.0):
        for n_beams in (2, 3):
            asked = {"tokens": draw.integers(3, 7, 1, 3), "n_beams": n_beams, "max_tokens": 7, "alpha": alpha}
            model = reader(draw, 7, scale=0.7, ends=draw.integer(-1, 1))
            yield Case(f"{n_beams} beams, alpha {alpha}", {"next_logits": model} | asked)
    yield from beam_edges(draw, start)


def beam_edges(draw: Draw, start: Tensor) -> Iterator[Case]:
    """Where the search begins, where it is cut off, and when it is to stop."""
    asked = {"tokens": torch.tensor([[5, 2, 4]]), "n_beams": 2, "max_tokens": 5}
    yield Case("an end sign inside the prompt, alpha not given", {"next_logits": reader(draw, 6)} | asked)
    model = reader(draw, 6, ends=-99.0)
    yield Case(
        "cut at max_tokens", {"next_logits": model, "tokens": start, "n_beams": 2, "max_tokens": 4, "alpha": 1.0}
    )
    model = reader(draw, 6)
    asked = {"tokens": torch.tensor([[2, 4]]), "n_beams": 3, "max_tokens": 6, "alpha": 1.0, "end": 5}
    yield Case("another end sign", {"next_logits": model} | asked)
    asked = {"tokens": start, "n_beams": 2, "max_tokens": 12, "alpha": 0.0}
    model = Asked(renamed(draw, EARLY_END))
    yield Case("no beam can win any more", {"next_logits": model} | asked, corner="when to stop")
    asked = {"tokens": start, "n_beams": 3, "max_tokens": 9, "alpha": 1.0}
    yield Case("only a few are possible", {"next_logits": Asked(ONLY_THREE)} | asked, corner="impossible tokens")
    asked = {"tokens": start, "n_beams": 70, "max_tokens": 3, "alpha": 1.0}
    wide = {"next_logits": reader(draw, 4, scale=0.7)} | asked
    yield Case("wider than all there is", wide, corner="more beams than beginnings")
