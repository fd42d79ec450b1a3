"""Cases of lesson 12's mask_tokens: many words are drawn, and what became of them is counted."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import Case, Draw

TO_BE_REFUSED = "a share that is refused"
AS_OFTEN, EVENLY = "as often as others", "each as often as the others"
BESIDE = {
    "below": (slice(None, -1), slice(1, None)),
    "behind": ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
}


@dataclass(frozen=True)
class Asked:
    """A way to make holes, and how it is called; `special` where it is not the usual one, `share` where it is given."""

    mask_tokens: Callable
    vocab_size: int
    mask_token: int
    settings: dict[str, Any]

    def holes(self, text: Tensor, seed: int, other: int = 1) -> tuple[Tensor, Tensor]:
        """Inputs and answers, drawn with that seed; all other random numbers begin at another."""
        generator = torch.Generator().manual_seed(seed)
        torch.default_generator.manual_seed(other), random.seed(other), np.random.seed(other)
        returned = self.mask_tokens(text, self.vocab_size, self.mask_token, generator, **self.settings)
        return two_tensors(returned, text.shape)


def counted(
    mask_tokens: Callable, tokens: Tensor, vocab_size: int, mask_token: int, seed: str, **settings: Any
) -> dict[str, Any]:
    """What came of a text, in numbers that every right way to draw gives: exact where nothing is left to chance, else
    percents of so many words that hardly a right answer in ten thousand misses them."""
    ordinary = torch.tensor([word not in (*settings["special"], mask_token) for word in range(vocab_size)])
    given = {name: value for name, value in settings.items() if name != "special" or value != (0, 1, 2, 3)}
    ask, lent = Asked(mask_tokens, vocab_size, mask_token, given), tokens.clone()
    inputs, answers = ask.holes(lent, int(seed))
    found = {
        "types of the numbers": f"{inputs.dtype} and {answers.dtype}".replace("torch.", ""),
        "tokens afterwards": "unchanged" if torch.equal(lent, tokens) else "changed",
    }
    drawn = inputs.long(), answers.long()
    if tokens.numel() < 300:
        return found | small(tokens, *drawn, ordinary, mask_token)
    found |= never(tokens, *drawn, ordinary)
    if tokens.numel() < 2000:
        return found | drawn_again(ask, tokens, int(seed), drawn)
    return found | shares(tokens, *drawn, ordinary, mask_token, settings.get("share", 0.15))


def drawn_again(ask: Asked, tokens: Tensor, seed: int, drawn: tuple[Tensor, Tensor]) -> dict[str, str]:
    """What hangs on the generator, and what all holes of a short text have in common."""
    few = tokens[:2]
    many = [ask.holes(few.clone(), number, other=1000 + number) for number in range(1, 31)]
    return {
        "holes with an equal generator": alike(drawn, ask.holes(tokens.clone(), seed, other=2)),
        "holes with another generator": alike(drawn, ask.holes(tokens.clone(), seed + 1)),
        "fates of the holes in a short text": in_common(few, many, ask.mask_token),
    }


def two_tensors(returned: Any, shape: torch.Size) -> tuple[Tensor, Tensor]:
    """Inputs and answers; TypeError where they are something else."""
    pair = isinstance(returned, tuple | list) and len(returned) == 2
    if pair and all(isinstance(one, Tensor) and one.shape == shape for one in returned):
        return tuple(returned)
    parts = returned if pair else [returned]
    found = [f"a tensor {tuple(one.shape)}" if isinstance(one, Tensor) else type(one).__name__ for one in parts]
    raise TypeError(
        f"it must return inputs and answers, two tensors with the shape of tokens, {tuple(shape)}; "
        f"it returns {' and '.join(found)}"
    )


def alike(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> str:
    return "the same" if all(map(torch.equal, one, other)) else "others"


def small(before: Tensor, inputs: Tensor, answers: Tensor, ordinary: Tensor, mask_token: int) -> dict[str, Any]:
    """A text in which every word is asked for, so that chance decides only what stands in the holes."""
    words = ordinary[before]
    touched = before[~words & ((inputs != before) | (answers != 0))]
    closed = inputs.masked_fill(words | torch.isin(before, touched), mask_token)
    asked = torch.where(words & (answers == 0), before, answers)
    if (answers == inputs)[words].all() and (inputs != before)[words].any():
        asked = asked.masked_fill(words, mask_token)  # what stands in the holes now: most of it MASK, whatever is drawn
    return {"answers of the text": asked, "inputs with MASK in every hole": closed}


def in_common(before: Tensor, drawn: list[tuple[Tensor, Tensor]], mask_token: int) -> str:
    """Whether all holes of a text, drawn many times, or all of a row, become the same; where each has a fate of its own
    that is rare."""
    if not any(answers.any() for _, answers in drawn):
        return "there is none"
    whole = [fate(before, *one, mask_token) for one in drawn]
    if all(whole):
        return f"{whole[0]} in all of them" if len(set(whole)) == 1 else "the same in a whole text"
    rows = [fate(*row, mask_token) for one in drawn for row in zip(before, *one, strict=True)]
    return "the same in a whole row" if all(rows) else "drawn for each"


def fate(before: Tensor, inputs: Tensor, answers: Tensor, mask_token: int) -> str:
    """What all holes have become; nothing where they have become different things."""
    holes, stood = inputs[answers != 0], before[answers != 0]
    if (holes == mask_token).all():
        return "MASK"
    if (holes == stood).all():
        return "what stood there"
    return "" if (holes == mask_token).any() or (holes == stood).double().mean() > 0.3 else "another word"


def allowed(inputs: Tensor, ordinary: Tensor, mask_token: int) -> Tensor:
    """Where there stands what may stand in a hole."""
    known = (inputs >= 0) & (inputs < len(ordinary))
    return (inputs == mask_token) | (known & ordinary[inputs.clamp(0, len(ordinary) - 1)])


def never(before: Tensor, inputs: Tensor, answers: Tensor, ordinary: Tensor) -> dict[str, str]:
    """What must be so at every place, whatever is drawn."""
    asked = answers != 0
    return {
        "answers in the holes": "what stood there" if torch.equal(answers[asked], before[asked]) else "something else",
        "inputs outside of the holes": "unchanged" if torch.equal(inputs[~asked], before[~asked]) else "changed",
        "special tokens that are asked for": "some" if (asked & ~ordinary[before]).any() else "none",
    }


def shares(
    before: Tensor, inputs: Tensor, answers: Tensor, ordinary: Tensor, mask_token: int, share: float
) -> dict[str, Any]:
    """How many of the words are asked for, and what becomes of them, in percent: what a right answer gives, but for
    the faults."""
    words, asked = ordinary[before], answers != 0
    enough = share * int(words.sum()) > 10_000
    right = {
        "fates of the holes in a row": "drawn for each",
        "percent of the holes that are MASK now": 80,
        "percent of the holes that are another word now": 10,
        "percent of the holes that are what they were": 10,
        "percent of the words that are asked for": round(100 * share),
        "places of the holes": "drawn for each",
        "special tokens in the holes": "none",
        **{f"places {where} a {what} that have one too": AS_OFTEN for where in BESIDE for what in ("hole", "MASK")},
        **({"words put in": EVENLY} if enough else {}),
    }
    of_a_row = (asked & words).sum(dim=1) % words.sum(dim=1).clamp(min=1)
    if share < 1 and asked.any() and (of_a_row == 0).all():
        return right | {"places of the holes": "all of a row, or none"}
    found = neighbours(asked, words, "hole")
    if len(found) > 1:
        n_asked, n_words = int((asked & words).sum()), int(words.sum())
        found["percent of the words that are asked for"] = near(n_asked, n_words, share, step=5 * share)
        some = not allowed(inputs, ordinary, mask_token)[asked].all()
        found["special tokens in the holes"] = "some" if some else "none"
        if asked.any():
            found |= fates(before, inputs, answers, ordinary, mask_token, enough)
    return right | found


def fates(
    before: Tensor, inputs: Tensor, answers: Tensor, ordinary: Tensor, mask_token: int, enough: bool
) -> dict[str, Any]:
    """What becomes of the words that are asked for."""
    if before.shape[1] > 5 and all(fate(*row, mask_token) for row in zip(before, inputs, answers, strict=True)):
        return {"fates of the holes in a row": "all the same"}
    asked, n = answers != 0, int(ordinary.sum())
    masked, n_holes = asked & (inputs == mask_token), int(asked.sum())
    found = neighbours(masked, asked, "MASK")
    if len(found) == 1:
        return found
    other = asked & ~masked & (inputs != before)
    changed = int(other.sum()) * n / (n - 1)  # one in n was drawn where it stood before
    stayed, never_itself = n_holes - int(masked.sum()) - changed, 10 / (n - 1)
    found |= {
        "percent of the holes that are MASK now": near(int(masked.sum()), n_holes, 0.8),
        "percent of the holes that are another word now": near(changed, n_holes, 0.1, above=never_itself),
        "percent of the holes that are what they were": near(stayed, n_holes, 0.1, below=never_itself),
    }
    return found | ({"words put in": put_in(before, inputs, asked, other, ordinary)} if enough else {})


def near(some: float, of: int, goal: float, below: float = 0.0, above: float = 0.0, step: float = 0.0) -> float:
    """The percent: the goal where it comes as near to it as chance allows, else what it is, rounded.

    below, above: so much further it may be on that side, as for who never draws the word that stood there."""
    percent = 100 * some / max(of, 1)
    within = 500 * math.sqrt(goal * (1 - goal) / max(of, 1))  # five standard deviations: one right answer in a million
    if -within - below - 1e-9 <= percent - 100 * goal <= within + above + 1e-9:
        return round(100 * goal)
    step = step or (1 if within < 1 else 6.5)  # halfway between multiples of 6.5 lies no known mistake: draws agree
    return round(step * round(percent / step), 1)


def neighbours(some: Tensor, of: Tensor, name: str) -> dict[str, str]:
    """Whether one of them stands below another, and follows another, as often as anywhere: each is drawn alone.

    Where all rows are alike they are so few draws that nothing else can be said."""
    found, share = {}, float((some & of).sum() / of.sum())
    for where, (one, two) in BESIDE.items():
        first = some[one] & of[two]
        n, there = max(int(first.sum()), 1), int((first & some[two]).sum())
        more = there / n - share
        as_often = abs(more) <= 5 * math.sqrt(share * (1 - share) / n) + 1e-9
        place = f"places {where} a {name} that have one too"
        found[place] = AS_OFTEN if as_often else "oftener than others" if more > 0 else "more seldom than others"
        if not as_often and there == n:
            return {place: "all of them"}
    return found


def put_in(before: Tensor, inputs: Tensor, asked: Tensor, other: Tensor, ordinary: Tensor) -> str:
    """Which words come in another one's place: all, and each as often as the others?"""
    known = other & (inputs >= 0) & (inputs < len(ordinary))
    came = torch.bincount(inputs[known], minlength=len(ordinary))[ordinary].double()
    was = torch.bincount(before[asked], minlength=len(ordinary))[ordinary]  # where a word stood itself it is not seen
    chances = (asked.sum() - was).double()
    expected = came.sum() * chances / chances.sum()
    pairs = (before[known] * len(ordinary) + inputs[known]).unique()
    if (came > 0).sum() <= max(1, asked.shape[0]):
        return "always one and the same" if (came > 0).sum() <= 1 else "one in each row"
    if len(pairs) == len(before[known].unique()):
        return "of each word always the same"
    if (never := torch.arange(len(ordinary))[ordinary][(came == 0) & (expected > 20)]).numel():
        return f"never {', '.join(map(str, never.tolist()))}"
    even = ((came - expected).abs() < 5.5 * expected.sqrt()).all()
    return EVENLY if even else "some oftener than others"


def text(draw: Draw, vocab_size: int, *shape: int) -> Tensor:
    """Words of which, as in any language, some come often and most seldom; a tenth of it is tokens below 5."""
    chances = 1 / np.arange(3, vocab_size - 2)
    chances = np.concatenate([np.full(5, 0.02), 0.9 * chances / chances.sum()])
    return torch.from_numpy(draw.rng.choice(vocab_size, size=shape, p=chances))


def hole_cases(draw: Draw) -> Iterator[Case]:
    usual = {"vocab_size": 50, "mask_token": 4, "seed": str(draw.integer(1, 10**6)), "special": (0, 1, 2, 3)}
    tiny = torch.tensor([[1, 7, 8, 2]])
    yield Case("tiny", {"tokens": tiny, **usual, "vocab_size": 10, "share": 1.0})
    few = draw.integers(0, 12, 7, 30)
    yield Case("a few words, all asked for", {"tokens": few, **usual, "share": 1.0})
    asked = {"vocab_size": 12, "mask_token": 11, "seed": usual["seed"], "special": (0, 5)}
    yield Case("a few words, other special tokens", {"tokens": few, **asked, "share": 1.0})
    yield Case("a page, `share` and `special` not given", {"tokens": text(draw, 50, 40, 40), **usual})
    yield Case("all asked for", {"tokens": text(draw, 50, 6, 20_000), **usual, "share": 1.0})
    yield Case("`share` not given", {"tokens": text(draw, 50, 8, 6_000), **usual})
    short = {"tokens": text(draw, 50, 6_000, 5), **usual, "share": 0.3}
    yield Case("short texts", short)
    asked = {"vocab_size": 31, "mask_token": 30, "special": (0, 9, 11), "share": 0.5}
    yield Case("other special tokens", {"tokens": text(draw, 31, 5, 8_000), **(usual | asked)})
    for name, share in {"share zero": 0.0, "share below zero": -0.2, "share above one": 1.5}.items():
        yield Case(name, {"tokens": few, **usual, "share": share}, corner=TO_BE_REFUSED)
