"""Tensor file: the safetensors format is a length, a table in JSON, and the numbers one after the other."""

from __future__ import annotations

import json
import math
import mmap
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course.pretrained.refused import Refused

DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip
LENGTH_BYTES = 8


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a safetensors file by its name, its numbers fetched from the disk when they are looked at.

    Refused where the file is a stand-in of git, torn, or not in the format."""
    header, start = read_header(path)
    header.pop("__metadata__", None)
    check_entries(path, header, path.stat().st_size - start)
    with path.open("rb") as file:
        # a private copy of each page that is written to: torch warns of memory that is read-only
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return {name: tensor_at(content, entry, start) for name, entry in header.items()}


def read_header(path: Path) -> tuple[dict[str, Any], int]:
    """The table, and at which byte the numbers begin."""
    with path.open("rb") as file:
        first = file.read(LENGTH_BYTES)
        size, length = path.stat().st_size, int.from_bytes(first, "little")
        if (first + file.read(40)).startswith(b"version ") and size < 1_000:
            raise Refused(f"{path} is git's pointer to the file, not the file: fetch it with 'git lfs pull'")
        if size < LENGTH_BYTES or length > size - LENGTH_BYTES:
            raise Refused(
                f"{path} has {size} bytes, fewer than its first ones announce: it is torn, or no safetensors file"
            )
        file.seek(LENGTH_BYTES)
        try:
            header = json.loads(file.read(length))
        except ValueError as error:
            raise Refused(f"{path} does not begin with a table of tensors: it is no safetensors file") from error
    if not isinstance(header, dict):
        raise Refused(f"{path} begins with a {type(header).__name__} and no table: it is no safetensors file")
    return header, LENGTH_BYTES + length


def check_entries(path: Path, header: dict[str, Any], n_bytes: int) -> None:
    """Each tensor's place fits its shape; the places fill the rest of the file without gap or overlap."""
    for name, entry in header.items():
        if not well_formed(entry):
            raise Refused(f"{path}: {name} is described by {entry!r}, not by dtype, shape and data_offsets")
        if entry["dtype"] not in DTYPES:
            raise Refused(f"{path}: {name} has dtype {entry['dtype']}; the course reads {', '.join(DTYPES)}")
        start, stop = entry["data_offsets"]
        needed = math.prod(entry["shape"]) * DTYPES[entry["dtype"]].itemsize
        if stop - start != needed:
            raise Refused(f"{path}: {name} of shape {entry['shape']} needs {needed} bytes, but has {stop - start}")
    places = sorted(tuple(entry["data_offsets"]) for entry in header.values())
    if any(stop != start for (_, stop), (start, _) in pairwise([(0, 0), *places])):
        raise Refused(f"{path}: its tensors overlap or leave gaps: it was changed after it was written")
    if n_bytes != (end := max((stop for _, stop in places), default=0)):
        raise Refused(f"{path} should hold {end} bytes of numbers, but holds {n_bytes}: it is torn")


def well_formed(entry: Any) -> bool:
    """Whether it has a dtype, a shape of whole numbers, and a beginning and an end."""
    if not isinstance(entry, dict) or not {"dtype", "shape", "data_offsets"} <= entry.keys():
        return False
    lists = entry["shape"], entry["data_offsets"]
    whole = all(isinstance(one, list) and all(type(n) is int and n >= 0 for n in one) for one in lists)
    return whole and len(entry["data_offsets"]) == 2 and isinstance(entry["dtype"], str)


def tensor_at(content: mmap.mmap, entry: dict[str, Any], start: int) -> Tensor:
    """One tensor of the file."""
    dtype, shape = DTYPES[entry["dtype"]], entry["shape"]
    if not (count := math.prod(shape)):
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(content, dtype=dtype, count=count, offset=start + entry["data_offsets"][0]).reshape(shape)
