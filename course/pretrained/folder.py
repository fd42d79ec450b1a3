"""Folder: which files of a downloaded model hold its settings and its weights?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course.checkpoint import UNREADABLE
from course.pretrained.refused import Refused, listed
from course.pretrained.tensor_file import read_tensors

Source = str | Path | Mapping[str, Tensor]


def read_json(path: Path) -> dict[str, Any]:
    """A file of JSON that holds names and values."""
    if not path.is_file():
        raise Refused(f"there is no {path.name} in {path.parent}: no folder of a model, or not all of it is there")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Refused(f"{path} is not JSON ({error}): it is torn, or another kind of file") from error
    if not isinstance(values, dict):
        raise Refused(f"{path} holds a {type(values).__name__}, not names with values: it is another kind of file")
    return values


def read_bin(path: Path) -> dict[str, Tensor]:
    """The tensors of an older file of torch's, of which nothing is run."""
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except UNREADABLE as error:
        raise Refused(f"{path} cannot be read: it is torn, or holds something else than tensors") from error
    if not isinstance(tensors, dict) or not all(isinstance(one, Tensor) for one in tensors.values()):
        raise Refused(f"{path} holds something of torch's, but no weights by their names")
    return tensors


READERS: dict[str, Callable[[Path], dict[str, Tensor]]] = {
    "model.safetensors": read_tensors,
    "pytorch_model.bin": read_bin,
}


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of the folder: of model.safetensors, or of the parts that its index names, or of an older .bin."""
    for name, reader in READERS.items():
        if (folder / name).is_file():
            return reader(folder / name)
        if (index := folder / f"{name}.index.json").is_file():
            return read_parts(index, reader)
    there = listed([path.name for path in folder.iterdir()]) or "nothing"
    raise Refused(
        f"there is no {' and no '.join(READERS)}, nor an index of parts, in {folder}, but {there}: "
        "the weights were not downloaded, or are in a format that the course does not read"
    )


def read_parts(index: Path, reader: Callable[[Path], dict[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors of all files that the index names, each from the file in which it is said to be."""
    homes = read_json(index).get("weight_map")
    if not isinstance(homes, dict) or not all(isinstance(home, str) for home in homes.values()):
        raise Refused(f"{index} has no weight_map, which says in which file each tensor is: it is another kind of file")
    tensors: dict[str, Tensor] = {}
    for home in sorted(set(homes.values())):
        path = index.parent / home
        if Path(home).name != home or not path.is_file():
            raise Refused(f"{index.name} names {home}, which is not in {index.parent}: a part was not downloaded")
        found, promised = reader(path), {name for name, at in homes.items() if at == home}
        if found.keys() != promised:
            raise Refused(
                f"{path} and {index.name} differ in {listed(found.keys() ^ promised)}: the parts are of two models"
            )
        tensors |= found
    return tensors
