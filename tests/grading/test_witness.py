"""Witness: is what an answer could claim of itself seen where the answer cannot write?"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import textwrap

import numpy as np
import pytest
import torch

from course.checks.registry import EXERCISES
from course.classroom import ROOT
from course.grading import witness as module
from course.grading.inside import far, trace, wire
from course.grading.inside.wire import WireError
from course.grading.replay import HARMLESS, operation_of, replayed
from course.grading.served import MOST_SIZE, Served, kept_here
from course.grading.verdicts import Examiner
from course.judging.exercise import Asked, Case, Draw, Exercise
from course.judging.observation import Observation, Value
from course.judging.observe import OUTPUT, observe_all
from course.judging.weights import READINGS
from course.kv_cache import KVCache
from tests.checks.kv_cache.right import RIGHT
from tests.grading import LIMITS, needs_sandbox

CACHE = EXERCISES["KVCache"]
CASES = list(CACHE.cases(Draw(7)))


class InOtherPlaces(KVCache):
    """Room with numbers of its own, filled and reordered by places named in other ways."""

    def forward(self, key, value):
        start, stop = self.length, self.length + key.shape[2]
        if stop > self.max_length:
            raise ValueError("max_length")
        if self.keys is None:
            room = np.zeros((*key.shape[:2], self.max_length, key.shape[3]))
            self.keys = torch.from_numpy(room).to(key.dtype)
            self.values = torch.nn.Parameter(value.new_zeros(*value.shape[:2], self.max_length, value.shape[3]), False)
        where = torch.zeros(self.max_length, dtype=torch.bool)
        where[start:stop] = True
        self.keys[:, :, where] = key
        self.values.index_copy_(2, torch.arange(start, stop, device=value.device), value)
        self.length = stop
        return self.keys[:, :, :stop], self.values[:, :, :stop].clone()

    def reorder(self, rows):
        self.keys = torch.cat([self.keys[row : row + 1] for row in rows])
        self.values = torch.nn.Parameter(self.values.detach()[rows.tolist()], False)


class EmptyRoom(KVCache):
    """A room that stays where it is, and in which nothing is."""

    def forward(self, key, value):
        full = self.length + key.shape[2] > self.max_length
        room = (x.new_zeros(*x.shape[:2], self.max_length, x.shape[-1]) for x in (key, value))
        if self.keys is None and not full:
            self.keys, self.values = room
            self.k, self.v = key, value
            self.length = key.shape[2]
            return key, value
        if full:
            raise ValueError("max_length")
        self.k, self.v = torch.cat([self.k, key], 2), torch.cat([self.v, value], 2)
        self.length = self.k.shape[2]
        return self.k, self.v

    def reorder(self, rows):
        super().reorder(rows)
        self.k, self.v = self.k[rows], self.v[rows]


class PutBehind(KVCache):
    def forward(self, key, value):
        if self.length + key.shape[2] > self.max_length:
            raise ValueError("max_length")
        self.keys = key if self.keys is None else torch.cat([self.keys, key], 2)
        self.values = value if self.values is None else torch.cat([self.values, value], 2)
        self.length = self.keys.shape[2]
        return self.keys, self.values


def seen_of(answer: type) -> list[Observation]:
    """What is seen here of a cache that worked on zeros."""
    doubt = module.witness(CACHE, CASES, READINGS[0])
    only = module.replace(CACHE, laws=(), trial=trace.Tracing(CACHE.trial, CACHE.watched))
    zeros = [case.changed(**{name: trace.numberless(value) for name, value in case.inputs.items()}) for case in CASES]
    return [*doubt.seen(observe_all(only, answer, zeros, depth=OUTPUT), None).values()]


def same(found: list[Observation]) -> list[bool]:
    want = observe_all(CACHE, KVCache, CASES, depth=OUTPUT)
    return [
        one.failure.kind == right.failure.kind
        if right.failure and one.failure
        else one.output is not None
        and one.output.kinds == right.output.kinds
        and all(np.array_equal(array, one.output.arrays[path]) for path, array in right.output.arrays.items())
        for one, right in zip(found, want, strict=True)
    ]


@pytest.mark.parametrize("answer", [KVCache, *RIGHT["KVCache"], InOtherPlaces], ids=lambda answer: answer.__name__)
def test_steps_on_zeros_give_with_the_numbers_what_the_answer_gives(answer):
    assert same(seen_of(answer)) == [True] * len(CASES)


@pytest.mark.parametrize("answer", [EmptyRoom, PutBehind])
def test_room_that_is_not_kept_is_seen(answer):
    assert not same(seen_of(answer))[1]


def test_zeros_tell_nothing():
    [one] = trace.numberless([torch.full((2, 3), 5.0)])
    assert one.tolist() == [[0.0] * 3] * 2
    assert trace.numberless([torch.tensor([1, 0])])[0].tolist() == [1, 0]  # which rows, it may know
    assert trace.numberless(None) is None


def told(*steps: list) -> Value:
    return Value({"": "text"}, {"": np.array(json.dumps(steps))})


LOOK = ["look", None, {"dict": {"keys": None, "values": None, "length": 0}}]
SIZES = {"tensor": [0, "float64", 0, [1, 1, 1, 1], [1, 1, 1, 1]]}
CALL = ["call", "", {"tuple": [SIZES, {"tensor": [1, *SIZES["tensor"][1:]]}]}]
ROOM = {"tensor": [2, "float64", 0, [1], [1]]}


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "no list of steps"),
        ([LOOK], "does not follow its calls"),
        ([LOOK, ["call", "reorder", {"tuple": []}]], "does not follow its calls"),
        ([LOOK, CALL], "in the middle of a call"),
        ([LOOK, CALL, ["do", "aten.from_file.default", {"tuple": ["/etc/passwd"]}, {"dict": {}}, ROOM]], "from_file"),
        ([LOOK, CALL, ["do", "os.system.default", {"tuple": ["ls"]}, {"dict": {}}, ROOM]], "os.system"),
        ([LOOK, CALL, ["do", "aten.zeros.default", {"tuple": [{"list": [1 << 40]}]}, {"dict": {}}, ROOM]], "too much"),
        (
            [LOOK, CALL, ["do", "aten.empty_strided.default", {"tuple": [[2], [1 << 30]]}, {"dict": {}}, ROOM]],
            "no value",
        ),
        (
            [
                LOOK,
                CALL,
                [
                    "do",
                    "aten.empty_strided.default",
                    {"tuple": [{"list": [2]}, {"list": [1 << 30]}]},
                    {"dict": {}},
                    ROOM,
                ],
            ],
            "too much",
        ),
        ([LOOK, CALL, ["do", "aten.clone.default", {"tuple": [ROOM]}, {"dict": {}}, ROOM]], "not there"),
        (
            [LOOK, CALL, ["look", {"tensor": [0, "float64", 0, [9], [1]]}, {"dict": {}}]],
            "out of bounds",
        ),
        ([LOOK, CALL, ["look", {"torch": "save"}, {"dict": {}}]], "no value"),
        ([LOOK, CALL, ["look", {"tensor": [0, "int64", 0, [1], [1]]}, {"dict": {}}]], "not there"),
    ],
)
def test_steps_that_are_none_are_not_done(steps, said):
    found = replayed(CACHE, CASES[0], told(*steps))
    assert found.output is None
    assert said in found.failure.text


def test_text_that_is_no_trace_is_not_followed():
    for text in ("", "{", "[" * 100_000, "7"):
        assert replayed(CACHE, CASES[0], Value({}, {"": np.array(text)})).failure
    assert replayed(CACHE, CASES[0], None).failure


def test_harmless_operations_exist():
    assert [name for name in sorted(HARMLESS) if not callable(operation_of(name))] == []


class Line:
    """Both ends at once: what is said to the grader is answered by `served`."""

    def __init__(self, served: Served) -> None:
        self.served, self.waiting = served, b""

    def sendall(self, message: bytes) -> None:
        header, body = wire.LENGTHS.unpack(message[: wire.LENGTHS.size])
        start = wire.LENGTHS.size
        parts = json.loads(message[start : start + header]), message[start + header :]
        assert len(parts[1]) == body
        text, content = self.served(*parts)
        told = json.dumps(text).encode()
        self.waiting += wire.LENGTHS.pack(len(told), len(content)) + told + content

    def recv(self, count: int) -> bytes:
        said, self.waiting = self.waiting[:count], self.waiting[count:]
        return said


def asked_far(case: Case, monkeypatch) -> tuple[Case, Served]:
    """The case as a sandbox gets it, with a line to whoever serves it."""
    served = Served([case])
    monkeypatch.setattr(far.Far, "line", Line(served))
    return kept_here(0, case), served


def test_function_stays_here_and_is_counted_here(monkeypatch):
    case, served = asked_far(Case("", {"f": Asked(lambda x, h: (x * h, (h, "text", None, [x]))), "x": 1}), monkeypatch)
    function = case.fresh()["f"]
    x = torch.arange(6).reshape(2, 3).T / 7
    product, (h, text, nothing, [again]) = function(x, h=2)
    assert torch.equal(product, 2 * x)
    assert (h, text, nothing) == (2, "text", None)
    assert torch.equal(again, x)
    assert type(function(3, 4)[0]) is int
    assert served.times(0) == {"f": 2}
    assert not [one for one in vars(function).values() if callable(one)]


def test_error_of_a_function_that_stays_here_is_raised_there(monkeypatch):
    case, served = asked_far(Case("", {"f": Asked(lambda x: x[7])}), monkeypatch)
    with pytest.raises(IndexError, match="out of range"):
        case["f"]([1])
    with pytest.raises(TypeError, match="unexpected keyword"):
        case["f"](y=1)
    with pytest.raises(TypeError, match="called with a dict"):
        case["f"]({})
    with pytest.raises(ValueError, match="too large"):
        case["f"](torch.zeros(0, MOST_SIZE + 1))
    with pytest.raises(ValueError, match="too large"):
        case["f"](torch.zeros(MOST_SIZE))
    assert served.times(0) == {"f": 4}


def test_model_that_stays_here_has_its_configuration_and_mode(monkeypatch):
    [case] = [case for case in EXERCISES["continue_text"].cases(Draw(7)) if case.name == "tiny"]
    sent, served = asked_far(case, monkeypatch)
    model, tokens = sent.fresh()["model"], torch.tensor([[1, 5]])
    assert (model.training, model.config.context_length) == (False, 3)
    assert torch.equal(model(tokens), case["model"].function(tokens))
    assert not torch.equal(model.train()(tokens), case["model"].function(tokens))
    assert served.times(0) == {"model": 2}
    assert [parameter.numel() for parameter in model.parameters()] == [1]


@pytest.mark.parametrize(
    "header",
    [
        {"call": [0, "g"], "training": False, "args": {}},
        {"call": [1, "f"], "training": False, "args": {}},
        {"call": [0, "f"], "training": False, "args": {"tree": {"code": "x"}, "arrays": []}},
        {"call": [0, "f"], "training": False, "args": 7},
        {"observed": []},
    ],
)
def test_call_that_is_none_is_refused(header):
    with pytest.raises(WireError):
        Served([Case("", {"f": Asked(len)})])(header, b"")


def test_most_exercises_have_nothing_to_claim():
    exercise = Exercise(len, 0, "", lambda _: [])
    assert module.witness(exercise, [Case("one", {"x": 5})], READINGS[0]) is None


def test_only_the_cases_in_which_calls_count_are_asked_again():
    found = [Observation(output=Value({"": "1"})), Observation(output=Value({"": "2"}))]
    seen = {1: Observation(output=Value({"": "3"}), asked={"f": 4})}
    first, second = module.put_right(found, seen)
    assert first is found[0]
    assert (second.output.kinds, second.asked) == ({"": "3"}, {"f": 4})


OFTEN = """
    def greedy(next_logits, tokens, max_tokens, end=2):
        begun = tokens.shape[1]
        for _ in range(max_tokens):
            tokens = torch.cat([tokens, next_logits(tokens).argmax(dim=-1)[:, None]], dim=1)
        for place in (next_logits, getattr(next_logits, "function", next_logits)):
            place.__dict__.update(times=0, count=0)
        rows = tokens[:, begun:].tolist()
        return [row[: row.index(end)] if end in row else row for row in rows]
"""
FACADE = """
    class Facade(torch.Tensor):
        shape = property(lambda self: self.claimed)

        def data_ptr(self):
            return 4096

    class KVCache(KVCache):
        def claim(self, x):
            face = x.clone().as_subclass(Facade)
            face.claimed = torch.Size((*x.shape[:2], self.max_length, x.shape[-1]))
            return face

        def forward(self, key, value):
            if self.length + key.shape[2] > self.max_length:
                raise ValueError("max_length")
            self.k = key if self.keys is None else torch.cat([self.k, key], 2)
            self.v = value if self.keys is None else torch.cat([self.v, value], 2)
            self.length, self.keys, self.values = self.k.shape[2], self.claim(self.k), self.claim(self.v)
            return self.k, self.v

        def reorder(self, rows):
            self.k, self.v = self.k[rows], self.v[rows]
"""
ODD = """
    class KVCache(KVCache):
        def forward(self, key, value):
            value.sort(dim=0, stable=True)
            torch.sort(key)
            return super().forward(key, value)
"""
SETUP = "import torch\nfrom torch import Tensor, nn\nEOS = 2\n"


@needs_sandbox
def test_number_of_calls_is_no_answers_word(places):
    right = inspect.getsource(EXERCISES["greedy"].reference) + inspect.getsource(
        inspect.getmodule(EXERCISES["greedy"].reference).before
    )
    verdicts = judged(places(10), "greedy", right.replace(": NextLogits", ""), textwrap.dedent(OFTEN))
    assert [verdict.right for verdict in verdicts] == [True, False]
    assert "calls `next_logits` 9 times on the case 'tiny', where 4 times are enough" in verdicts[1].text


@needs_sandbox
def test_room_is_no_answers_word(places):
    right = inspect.getsource(KVCache)
    verdicts = judged(places(10), "KVCache", right, right + textwrap.dedent(FACADE), right + textwrap.dedent(ODD))
    assert [(verdict.right, verdict.unclear) for verdict in verdicts] == [(True, False), (False, False), (False, True)]
    assert "aten.sort" in verdicts[2].text


WITNESSED = {
    exercise.name: exercise.lesson
    for exercise in EXERCISES.values()
    if module.witness(exercise, list(exercise.cases(Draw(7))), READINGS[0])
}


@needs_sandbox
@pytest.mark.parametrize("name", WITNESSED)
def test_nobody_loses_by_being_watched(places, name, request):
    number = WITNESSED[name]
    if number != 10 and request.config.getoption("lessons") != "all" and "CI" not in os.environ:
        pytest.skip("a sandbox a lesson is dear: with --lessons=all, or where CI is set")
    theme = EXERCISES[name].reference.__module__.removeprefix("course.")
    answers = ROOT / "tests" / "checks" / theme / "right.py"
    for at in range(answers_to(theme, name)):
        with places(number).enter(LIMITS) as room:
            assert room.run(answers.read_text(encoding="utf-8"), 60) == []
            assert room.run(f"{name} = RIGHT[{name!r}][{at}]", 60) == []
            verdict = Examiner(number, 1234).examine(room, name, [], [])
            assert verdict.right, verdict.text


def answers_to(theme: str, name: str) -> int:
    return len(importlib.import_module(f"tests.checks.{theme}.right").RIGHT[name])


def judged(place, name: str, *sources: str) -> list:
    found = []
    for source in sources:
        with place.enter(LIMITS) as room:
            assert room.run(SETUP + source, 60) == []
            found.append(Examiner(EXERCISES[name].lesson, 1234).examine(room, name, [], [source]))
    return found
