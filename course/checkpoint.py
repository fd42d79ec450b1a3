"""Checkpoints: a training writes down all it is, so that it can go on after an unplanned end."""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

# What torch.load raises where a file is torn, or holds something that torch did not write.
UNREADABLE = (RuntimeError, OSError, EOFError, KeyError, ValueError, pickle.UnpicklingError)


def write_checkpoint(path: Path, everything: Mapping[str, Any]) -> None:
    """Write beside the old checkpoint, which the new one replaces only when it is whole.

    Missing folders are made."""
    written = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with written.open("wb") as file:
        torch.save(dict(everything), file)
        file.flush()
        # on the disk before it gets the name, whatever happens to the machine
        os.fsync(file.fileno())
    written.replace(path)


def read_saved(path: Path, why: str) -> Any:
    """What torch wrote into the file, numbers and texts alone: nothing in it is run.

    ValueError where it cannot be read; why: what may be the reason, and what to do."""
    # what fails here is the system's fault, what fails inside is the file's
    with path.open("rb") as file:
        try:
            return torch.load(file, weights_only=True)
        except UNREADABLE as error:
            raise ValueError(f"{path} cannot be read: {why}") from error


def read_checkpoint(path: Path, asked: set[str]) -> dict[str, Any]:
    """What was written, under the names asked for.

    ValueError where the file holds something else or only a part of it."""
    saved = read_saved(path, "it is torn, or no checkpoint at all; delete it or name another")
    if not isinstance(saved, dict) or saved.keys() != asked:
        raise ValueError(
            f"{path} holds something of torch's, but no checkpoint of a training: name another file"
        )
    return saved


def difference(saved: Mapping[str, Any], mine: Mapping[str, Any]) -> list[str]:
    """In which numbers, pairs and sizes the saved training is another than mine, in words."""
    before, now = saved["config"], mine["config"]
    numbers = [name for name in now if before.get(name) != now[name]]
    said = [f"{name}={before.get(name)} instead of {now[name]}" for name in numbers]
    said += ["other pairs of sentences"] if saved["data"] != mine["data"] else []
    said += ["a model of other sizes"] if shapes(saved["model"]) != shapes(mine["model"]) else []
    return said


def shapes(weights: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shape of every weight."""
    return {name: tuple(weight.shape) for name, weight in weights.items()}


def fingerprint(*pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> int:
    """A number that tells these pairs of sentences from others."""
    plain = [[(list(source), list(target)) for source, target in some] for some in pairs]
    return zlib.crc32(repr(plain).encode())
