"""Wire: does all that an observation holds come through, and is what is none refused?"""

import json
import math
import socket
import threading
import time

import numpy as np
import pytest

from course.grading.inside import wire
from course.grading.inside.wire import LENGTHS, MOST_BODY, MOST_HEADER, WireError

ARRAYS = {
    "booleans": np.array([[True, False], [False, True]]),
    **{kind: np.arange(-3, 9).astype(kind).reshape(3, 4) for kind in ("int8", "int16", "int32", "int64")},
    **{kind: np.arange(12).astype(kind).reshape(2, 3, 2) for kind in ("uint8", "uint16", "uint32", "uint64")},
    **{kind: np.array([0.1, -0.0, np.nan, np.inf, -np.inf], kind) for kind in ("float16", "float32", "float64")},
    **{kind: np.array([1 + 2j, complex(np.nan, -np.inf)], kind) for kind in ("complex64", "complex128")},
    "big first": np.arange(4, dtype=">i4"),
    "texts": np.array(["", "Zeichen", "\N{CJK UNIFIED IDEOGRAPH-4E2D}", "a\0b"]),
    "bytes": np.array([b"", b"\x00\xff"]),
    "one number": np.float64(3.5).reshape(()),
    "one text": np.array("text"),
    "no entry": np.zeros((3, 0, 2)),
    "empty texts": np.array(["", ""]),
    "turned": np.arange(12.0).reshape(3, 4).T,
    "every second": np.arange(12.0)[::2],
    "no name": np.arange(2),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_array_comes_through(name):
    array = ARRAYS[name]
    described, body = wire.packed({name: array})
    [(back, found)] = wire.unpacked(json.loads(json.dumps(described)), body).items()
    assert (back, found.shape) == (name, array.shape)
    assert found.dtype == array.dtype or (array.dtype.kind == "U" and not found.any())
    assert found.tobytes() == np.ascontiguousarray(array).tobytes() or not body


def test_several_arrays_come_through_one_after_the_other():
    described, body = wire.packed(ARRAYS)
    found = wire.unpacked(described, body + b"more")
    assert list(found) == list(ARRAYS)
    assert all(found[name].tobytes() == ARRAYS[name].tobytes() for name in ("int64", "float32", "turned"))


NO_ARRAYS = {
    "no list": {"x": 1},
    "nothing": None,
    "no entry": [None],
    "two parts": [["x", "<f8"]],
    "four parts": [["x", "<f8", [1], 0]],
    "a number for a name": [[1, "<f8", [1]]],
    "a dtype that is none": [["x", "<f9", [1]]],
    "objects": [["x", "|O", [1]]],
    "objects inside": [["x", "O,i4", [1]]],
    "fields": [["x", "i4,i4", [1]]],
    "bytes without a kind": [["x", "|V8", [1]]],
    "dates": [["x", "<M8[D]", [1]]],
    "code for a dtype": [["x", "(2,)<f8", [1]]],
    "a long dtype": [["x", "<f8" + " " * 100, [1]]],
    "a huge item": [["x", "<U999999999", [1]]],
    "more than came": [["x", "<f8", [2]]],
    "very much more": [["x", "<f8", [1 << 28, 1 << 28]]],
    "less than nothing": [["x", "<f8", [-1]]],
    "twice less than nothing": [["x", "<f8", [-1, -1]]],
    "half an entry": [["x", "<f8", [0.5]]],
    "true": [["x", "<f8", [True]]],
    "no number": [["x", "<f8", [math.nan]]],
    "infinite": [["x", "<f8", [math.inf]]],
    "a text for a shape": [["x", "<f8", "1"]],
    "a size beyond all": [["x", "<f8", [10**30]]],
    "too many axes": [["x", "<f8", [1] * 33]],
    "many axes without an entry": [["x", "<f8", [0] * 65]],
    "no entry, but too large": [["x", "<f8", [0, *[1 << 28] * 8]]],
    "no bytes, but large": [["x", "<U0", [1 << 28, 1 << 28, 1 << 28]]],
    "nested": [[[["x"]], "<f8", [1]]],
}


@pytest.mark.parametrize("described", NO_ARRAYS.values(), ids=NO_ARRAYS)
def test_what_describes_no_array_is_refused(described):
    with pytest.raises(WireError):
        wire.unpacked(described, b"12345678")


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def whole(header: bytes, body: bytes = b"") -> bytes:
    return LENGTHS.pack(len(header), len(body)) + header + body


def test_message_comes_through_in_however_many_pieces(ends):
    ours, theirs = ends
    sent = {"do": "ask", "lend": [["course.arrays", "f", "def f(): pass"]], "x": math.nan, "\N{SNOWMAN}": None}
    body = bytes(range(256)) * 20_000
    sending = threading.Thread(target=wire.send, args=(theirs, sent, body))
    sending.start()
    header, found = wire.receive(ours)
    sending.join()
    assert found == body
    assert repr(header) == repr(sent)
    for byte in whole(b'{"a": 1}', b"xy"):
        theirs.sendall(bytes([byte]))
    assert wire.receive(ours) == ({"a": 1}, b"xy")


NO_MESSAGES = {
    "a header too long": LENGTHS.pack(MOST_HEADER + 1, 0),
    "a body too long": LENGTHS.pack(2, MOST_BODY + 1),
    "no JSON": whole(b"{"),
    "no text": whole(b"\xff\xfe"),
    "a list": whole(b"[]"),
    "a number": whole(b"1"),
    "nothing": whole(b""),
    "nested": whole(b"[" * 200_000),
    "nested in a header": whole(b'{"a":' * 200_000),
    "a long number": whole(b'{"a": ' + b"9" * 10_000 + b"}"),
}


@pytest.mark.parametrize("content", NO_MESSAGES.values(), ids=NO_MESSAGES)
def test_what_is_no_message_is_refused(ends, content):
    ours, theirs = ends
    sending = threading.Thread(target=theirs.sendall, args=(content,))
    sending.start()
    with pytest.raises(WireError):
        wire.receive(ours)
    sending.join()


@pytest.mark.parametrize("count", [0, 5, LENGTHS.size, LENGTHS.size + 3, LENGTHS.size + 9])
def test_message_that_ends_too_early_is_the_end(ends, count):
    ours, theirs = ends
    theirs.sendall(whole(b'{"a": 1}', b"xy")[:count])
    theirs.close()
    with pytest.raises(EOFError):
        wire.receive(ours)


@pytest.mark.parametrize("content", [b"", LENGTHS.pack(8, 2), whole(b'{"a": 1}', b"xy")[:-1]])
def test_nobody_is_waited_for_beyond_the_time(ends, content):
    ours, theirs = ends
    theirs.sendall(content)
    with pytest.raises(TimeoutError):
        wire.receive(ours, time.monotonic() + 0.05)
