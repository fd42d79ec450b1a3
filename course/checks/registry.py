"""All exercises, in the order in which the course meets them."""

from __future__ import annotations

from course.checks import (
    arrays,
    attention,
    bleu,
    blocks,
    decoding,
    embedding,
    multi_head,
    positions,
    seq2seq,
    sequences,
    tokenizer,
    training,
    transformer,
)
from course.checks.exercise import Exercise

MODULES = (
    arrays, sequences, seq2seq, embedding, attention, multi_head, positions, blocks, transformer, tokenizer, training, bleu,
    decoding,
)  # fmt: skip


def exercises_in(module: object) -> list[Exercise]:
    """The exercises that a module declares, in its order."""
    return [value for value in vars(module).values() if isinstance(value, Exercise)]


EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise
    for module in MODULES
    for exercise in exercises_in(module)
}


def earlier_references(name: str) -> dict[str, object]:
    """The references of the exercises before this one in its module, by name.

    Of its module alone: a lesson 04 that says `from torch.nn.functional import softmax` keeps torch's, not lesson 00's."""
    names, module = list(EXERCISES), EXERCISES[name].reference.__module__
    earlier = [EXERCISES[other].reference for other in names[: names.index(name)]]
    return {reference.__name__: reference for reference in earlier if reference.__module__ == module}
