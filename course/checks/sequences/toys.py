"""Toys: the small models and steps that the cases of lesson 01 hand to an answer.

They are made of plain functions and numbers, so that they can be sent to another process, and use no reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

SENTENCE = ("the", "weather", "is", "very", "good", "today", "let", "us", "go", "for", "a", "walk")


def as_list(context: Any) -> list:
    """A model handed a single token, and no context, answers all the same: the answer then shows the mistake."""
    return list(context) if isinstance(context, list | tuple) else [context]


def length_of_context(context: list) -> int:
    """A model that always says how many tokens it has been given."""
    return len(as_list(context))


def weighs_all_tokens(context: list) -> int:
    """A model whose answer hangs on every token and its place; 0, its END, after the twelfth."""
    context = as_list(context)
    return 0 if len(context) >= 12 else 1 + sum(place * token for place, token in enumerate(context, 1)) % 9


def one_more(context: list) -> int:
    """A model that counts on from the newest token, and so does not mind whether it is shown the others."""
    return as_list(context)[-1] + 1


def recites(context: list) -> str:
    """A model that has one sentence by heart; anything else leaves it speechless. It spells each word anew, so that
    its END equals the caller's, but is another object."""
    context = as_list(context)
    said = "END" if "END" in context else "um"
    if tuple(context) == SENTENCE[: len(context)]:
        said = (*SENTENCE, "END")[len(context)]
    return "".join(list(said))


def add_and_multiply(x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """h' = h + x, y = x * h'."""
    return x * (h + x), h + x


def double_and_add(x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """h' = 2 h + x, y = h - x: the order of the x counts."""
    return h - x, 2 * h + x


def up_and_down(x: Tensor, h: str) -> tuple[Tensor, str]:
    """A state that is a text: u for every x above 0, d for every other; y = x times the length of the text."""
    h = h + ("u" if x > 0 else "d")
    return x * len(h), h


def count_and_largest(x: Tensor, h: tuple[int, Tensor]) -> tuple[Tensor, tuple[int, Tensor]]:
    """A state of two parts: how many were read, and the largest of them."""
    count, largest = h
    return largest, (count + 1, torch.maximum(largest, x))


def halve(x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """h' = h / 2 + x, y = 3 h'."""
    return 3 * (h / 2 + x), h / 2 + x


@dataclass(frozen=True)
class TanhStep:
    """h' = tanh(x w_x + h w_h), y = h' w_y."""

    w_x: Tensor
    w_h: Tensor
    w_y: Tensor

    def __call__(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        new_h = torch.tanh(x @ self.w_x + h @ self.w_h)
        return new_h @ self.w_y, new_h


@dataclass(frozen=True)
class LinearStep:
    """h' = x + h w_h, y = -h'."""

    w_h: Tensor

    def __call__(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        new_h = x + h @ self.w_h
        return -new_h, new_h
