"""Own translator: a trained model and its two tokenizers in one file, to be opened again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from course.checkpoint import read_saved, shapes, write_checkpoint
from course.tokenizer import SPECIAL, Tokenizer
from course.transformer import Transformer, TransformerConfig

KIND, EDITION = "translator of the course", 1
AGAIN = "train the translator in lesson 09 and save it again"


class Translator(NamedTuple):
    """A model, in eval mode, and the tokenizers of what it reads and of what it writes."""

    model: nn.Module
    german: Tokenizer
    english: Tokenizer


def save_translator(
    path: Path | str, model: nn.Module, german: Tokenizer, english: Tokenizer
) -> None:
    """Write a Transformer, also one of your own classes, with its configuration and tokenizers.

    Only numbers and texts are written, no code. An older file is replaced when the new one is
    whole; missing folders are made.
    ValueError where the model has no TransformerConfig, or was made for other tokenizers."""
    if not is_dataclass(config := getattr(model, "config", None)):
        raise ValueError(
            f"a {type(model).__name__} has no config: only a Transformer can be saved and made anew"
        )
    told_config = asdict(config)
    check_sizes(known_config(told_config), german, english)
    write_checkpoint(
        Path(path),
        {
            "kind": KIND,
            "edition": EDITION,
            "config": told_config,
            "weights": dict(model.state_dict()),
            "german": told(german),
            "english": told(english),
        },
    )


def load_translator(
    path: Path | str, model: Callable[[TransformerConfig], nn.Module] | None = None
) -> Translator:
    """What save_translator wrote, ready to translate.

    model: what makes a model of its configuration, such as a class of your own; without, the
    course's Transformer (of parts.load_translator of course.mine, yours).
    FileNotFoundError where there is no file; ValueError where it is torn, of another kind or
    edition, or where its weights do not fit into the model."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}: {AGAIN}, or name where it lies")
    saved = read_saved(path, f"it is torn, or no saved translator at all; {AGAIN}")
    if not isinstance(saved, dict) or saved.get("kind") != KIND:
        raise ValueError(f"{path} holds something of torch's, but no translator: name another file")
    if (edition := saved.get("edition")) != EDITION:
        raise ValueError(f"{path} is of edition {edition!r}, but {EDITION} can be read: {AGAIN}")
    try:
        config = known_config(saved.get("config"))
        german, english = (heard(saved.get(side)) for side in ("german", "english"))
        check_sizes(config, german, english)
        made = with_weights(model or Transformer, config, saved.get("weights"))
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"{path} cannot be used: {error}") from error
    return Translator(made, german, english)


def known_config(saved: Any) -> TransformerConfig:
    """The configuration of these values; ValueError where one is missing, unknown or no size."""
    kinds = {field.name: field.type for field in fields(TransformerConfig)}
    if not isinstance(saved, Mapping) or saved.keys() != kinds.keys():
        raise ValueError(f"its configuration must say {', '.join(kinds)}, and nothing else")
    for name, value in saved.items():
        if type(value).__name__ != kinds[name]:
            raise ValueError(f"{name}={value!r} must be of type {kinds[name]}")
        if kinds[name] == "int" and value < 1:
            raise ValueError(f"{name}={value} must be at least 1")
    return TransformerConfig(**saved)


def told(tokenizer: Tokenizer) -> dict[str, list]:
    """A tokenizer as lists of texts."""
    merges = [list(pair) for pair in tokenizer.merges]
    return {
        "merges": merges,
        "pieces": list(tokenizer.pieces),
        "words": sorted(tokenizer.words),
    }


def heard(saved: Any) -> Tokenizer:
    """The tokenizer of such lists; ValueError where they are something else."""
    names = ("merges", "pieces", "words")
    if not isinstance(saved, Mapping) or not all(is_list(saved.get(name)) for name in names):
        raise ValueError(f"a tokenizer must be saved as lists: {', '.join(names)}")
    merges, pieces, words = (saved[name] for name in names)
    if not all(is_list(pair) and len(pair) == 2 and all(map(is_text, pair)) for pair in merges):
        raise ValueError("the merges of a tokenizer must be pairs of texts, none of them empty")
    if not all(map(is_text, [*pieces, *words])):
        raise ValueError("the pieces and words of a tokenizer must be texts, none of them empty")
    if tuple(pieces[: len(SPECIAL)]) != SPECIAL or len(set(pieces)) < len(pieces):
        raise ValueError(
            f"the pieces of a tokenizer must begin with {', '.join(SPECIAL)}, each once"
        )
    return Tokenizer(tuple(map(tuple, merges)), tuple(pieces), frozenset(words))


def is_list(value: Any) -> bool:
    """Whether it is a list, and nothing like one."""
    return isinstance(value, list)


def is_text(value: Any) -> bool:
    """Whether it is a text with at least one character."""
    return isinstance(value, str) and bool(value)


def check_sizes(config: TransformerConfig, german: Tokenizer, english: Tokenizer) -> None:
    """ValueError where the model has another number of tokens than its tokenizers."""
    wanted = config.source_vocab_size, config.target_vocab_size
    if (found := (len(german), len(english))) != wanted:
        raise ValueError(
            f"the model reads {wanted[0]} tokens and writes {wanted[1]}, but its tokenizers have "
            f"{found[0]} and {found[1]}: it was trained with others"
        )


def with_weights(
    make: Callable[[TransformerConfig], nn.Module], config: TransformerConfig, weights: Any
) -> nn.Module:
    """The model with these weights, in eval mode; ValueError where they do not fit into it."""
    if not isinstance(weights, Mapping) or not all(map(torch.is_tensor, weights.values())):
        raise ValueError("its weights must be tensors under their names")
    n_numbers = sum(weight.numel() for weight in weights.values())
    if least_numbers(config) > n_numbers:  # before anything of that size is made
        raise ValueError(f"its configuration asks for more than its {n_numbers:,} numbers")
    with torch.random.fork_rng(devices=[]):  # the weights that a new model draws are thrown away
        model = make(config)
    asked, found = shapes(model.state_dict()), shapes(weights)
    if unlike := [name for name in {**asked, **found} if asked.get(name) != found.get(name)]:
        raise ValueError(
            f"{len(unlike)} of its weights, such as {unlike[0]}, do not fit into a "
            f"{type(model).__name__}: was it saved from other classes? Then name what makes it, "
            "load_translator(path, model=...)"
        )
    precisions = [weight.dtype for weight in weights.values() if weight.is_floating_point()]
    model.to(precisions[0] if precisions else None).load_state_dict(weights)
    return model.eval()


def least_numbers(config: TransformerConfig) -> int:
    """How many weights a Transformer of this configuration has at least."""
    per_layer = config.d_model * (config.d_model + config.d_ff)
    rows = config.target_vocab_size + (0 if config.shared else config.source_vocab_size)
    rows += config.max_length if config.positions == "learned" else 0
    return config.n_layers * per_layer + rows * config.d_model
