"""Wire: messages between the grader and a sandbox; whatever comes out of one is taken for bytes, numbers and texts.

A message is a header of JSON and a body of bytes, each after its length. Nothing that arrives is unpickled by the
grader; too long a message, or one that is none, is a WireError."""

from __future__ import annotations

import json
import math
import select
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

LENGTHS = struct.Struct("<IQ")  # of the header, of the body
MOST_HEADER, MOST_BODY = 1 << 24, 1 << 28
MOST_DIMENSIONS, MOST_ITEM = 32, 1 << 16


class WireError(Exception):
    """What came is no message; the text says why."""


def send(line: socket.socket, header: Mapping[str, Any], body: bytes = b"") -> None:
    """One message. OSError where nobody listens any more."""
    text = json.dumps(header).encode("ascii")
    line.sendall(LENGTHS.pack(len(text), len(body)) + text + body)


def receive(line: socket.socket, until: float = math.inf) -> tuple[dict[str, Any], bytes]:
    """The next message: header, body. EOFError at the end.

    until: a time.monotonic(), after which it is a TimeoutError."""
    of_header, of_body = LENGTHS.unpack(exactly(line, LENGTHS.size, until))
    if of_header > MOST_HEADER or of_body > MOST_BODY:
        raise WireError(f"a message of {of_header} and {of_body} bytes is too long")
    text, body = exactly(line, of_header, until), exactly(line, of_body, until)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError(f"a header that is no JSON: {error}") from None
    if not isinstance(header, dict):
        raise WireError(f"a header that is a {type(header).__name__}")
    return header, body


def exactly(line: socket.socket, count: int, until: float) -> bytes:
    """So many bytes."""
    found = bytearray()
    while len(found) < count:
        if until < math.inf:
            left = until - time.monotonic()
            if left <= 0 or not select.select([line], [], [], left)[0]:
                raise TimeoutError("no answer in time")
        piece = line.recv(min(count - len(found), 1 << 20))
        if not piece:
            raise EOFError("nobody is there any more")
        found += piece
    return bytes(found)


def packed(arrays: Mapping[str, np.ndarray]) -> tuple[list[list[Any]], bytes]:
    """Arrays of numbers and texts as a list of (name, dtype, shape), and their bytes one after the other."""
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    names = [[name, array.dtype.str, list(np.shape(arrays[name]))] for name, array in plain.items()]
    return names, b"".join(array.tobytes() for array in plain.values())


def unpacked(names: object, body: bytes) -> dict[str, np.ndarray]:
    """The arrays that were packed. WireError where the list and the bytes do not go together."""
    found: dict[str, np.ndarray] = {}
    start = 0
    for entry in names if isinstance(names, list) else [None]:
        name, dtype, shape = described(entry)
        end = start + math.prod(shape) * dtype.itemsize
        if end > len(body):
            raise WireError(f"the array {name!r} is longer than what came")
        found[name] = np.frombuffer(body[start:end], dtype).reshape(shape) if end > start else nothing(shape, dtype)
        start = end
    return found


def nothing(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array without an entry, or with entries without a byte. WireError where NumPy cannot have it."""
    try:
        return np.empty(shape, dtype) if 0 in shape else np.zeros(shape, "<U1")
    except (ValueError, MemoryError):
        raise WireError(f"no array can have the shape {shape}") from None


def described(entry: object) -> tuple[str, np.dtype, tuple[int, ...]]:
    """Name, dtype and shape as they should have been written."""
    match entry:
        case [str(name), str(text), list(shape)] if len(shape) <= MOST_DIMENSIONS:
            if all(type(size) is int and 0 <= size <= MOST_BODY for size in shape):
                return name, number_type(text), tuple(shape)
    raise WireError("an array without name, dtype and shape")


def number_type(text: str) -> np.dtype:
    """A dtype of numbers or texts, of a size that may be."""
    try:
        dtype = np.dtype(text) if len(text) < 12 else None
    except (TypeError, ValueError, SyntaxError):
        dtype = None
    if dtype is None or dtype.kind not in "biufcSU" or dtype.itemsize > 4 * MOST_ITEM:
        raise WireError(f"{text[:40]!r} is no dtype of numbers or texts")
    return dtype
