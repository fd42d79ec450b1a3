"""Checkpoints: a training writes down all that it is, so that it can go on after an end that nobody planned."""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


def write_checkpoint(path: Path, everything: Mapping[str, Any]) -> None:
    """Write beside the old checkpoint and put the new one in its place only when it is whole; folders are made."""
    written = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with written.open("wb") as file:
        torch.save(dict(everything), file)
        file.flush()
        os.fsync(file.fileno())  # on the disk before it gets the name, whatever happens to the machine
    written.replace(path)


def read_checkpoint(path: Path, asked: set[str]) -> dict[str, Any]:
    """What was written, under the names asked for; ValueError where the file holds something else or only a part of it."""
    with path.open("rb") as file:  # what fails here is the system's fault, what fails inside is the file's
        try:
            saved = torch.load(file, weights_only=True)
        except (RuntimeError, OSError, EOFError, KeyError, ValueError, pickle.UnpicklingError) as error:
            raise ValueError(f"{path} cannot be read: it is torn, or no checkpoint at all; delete it or name another") from error
    if not isinstance(saved, dict) or saved.keys() != asked:
        raise ValueError(f"{path} holds something of torch's, but no checkpoint of a training: name another file")
    return saved


def difference(saved: Mapping[str, Any], mine: Mapping[str, Any]) -> list[str]:
    """In which numbers, pairs and sizes the training that was saved is another than mine, in words."""
    numbers = [name for name in mine["config"] if saved["config"].get(name) != mine["config"][name]]
    said = [f"{name}={saved['config'].get(name)} instead of {mine['config'][name]}" for name in numbers]
    said += ["other pairs of sentences"] if saved["data"] != mine["data"] else []
    return said + (["a model of other sizes"] if shapes(saved["model"]) != shapes(mine["model"]) else [])


def shapes(weights: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shape of every weight."""
    return {name: tuple(weight.shape) for name, weight in weights.items()}


def fingerprint(*pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> int:
    """A number that tells these pairs of sentences from others."""
    return zlib.crc32(repr([[(list(source), list(target)) for source, target in some] for some in pairs]).encode())
