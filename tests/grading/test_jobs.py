"""Jobs: can each exercise be asked elsewhere, and does the question tell nothing of the answer?"""

from __future__ import annotations

import inspect
import io
import pickle
import types
from collections.abc import Iterator
from functools import cache
from typing import Any

import cloudpickle
import numpy as np
import pytest
import torch
from torch import nn

from course.checks.registry import EXERCISES
from course.grading import jobs
from course.grading.inside import wire
from course.grading.inside.wire import WireError
from course.judging.exercise import Case, Draw, Exercise, Law
from course.judging.isolation import kept_random_state
from course.judging.observation import Observation, flatten, key, record
from course.judging.weights import READINGS

every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


@cache
def cases(exercise: Exercise) -> list[Case]:
    with kept_random_state():
        return list(exercise.cases(Draw(7)))


@cache
def job(exercise: Exercise) -> bytes:
    return jobs.job(exercise, cases(exercise), READINGS[0])


class Opened(pickle.Unpickler):
    """Reads a job, and notes down what it takes from modules by name."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))
        self.taken: list[tuple[str, str]] = []

    def find_class(self, module: str, name: str) -> Any:
        self.taken.append((module, name))
        return super().find_class(module, name)


def code_of(thing: Any) -> Iterator[types.CodeType]:
    """The code of a function, of the methods of a class, and of what they define inside."""
    waiting = [*vars(thing).values()] if isinstance(thing, type) else [thing]
    waiting = [inspect.unwrap(one).__code__ for one in waiting if inspect.isfunction(one)]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [one for one in code.co_consts if isinstance(one, types.CodeType)]


TENSORS = {
    "plain": torch.arange(6.0).reshape(2, 3), "of one number": torch.tensor(3, dtype=torch.int16),
    "empty": torch.zeros(2, 0), "boolean": torch.tensor([True, False]), "half": torch.ones(2, dtype=torch.bfloat16),
    "turned": torch.arange(6.0).reshape(2, 3).T, "every second": torch.arange(6)[::2], "one row": torch.ones(4, 3)[1],
    "with gradient": torch.ones(2, requires_grad=True), "conjugate": torch.ones(2, dtype=torch.complex64).conj(),
    "weights": nn.Parameter(torch.ones(2)),
}  # fmt: skip


@pytest.mark.parametrize("kind", TENSORS)
def test_a_tensor_arrives_as_it_was_sent(kind):
    sent = TENSORS[kind]
    again, named = pickle.loads(written([sent, {"x": sent}]))
    assert again is named["x"]
    assert type(again) is type(sent)
    assert again.dtype == sent.dtype
    assert (again.requires_grad, again.is_conj()) == (sent.requires_grad, sent.is_conj())
    assert again.stride() == sent.stride()
    assert torch.equal(again, sent)
    with torch.no_grad():
        again.zero_()  # nobody else's
    assert not sent.numel() or not torch.equal(again, sent)


def test_a_plain_tensor_is_read_without_torchs_own_format():
    opened = Opened(written(TENSORS["plain"]))
    opened.load()
    assert ("numpy._core.numeric", "_frombuffer") in opened.taken
    assert not [name for _, name in opened.taken if "rebuild" in name]


def written(value: Any) -> bytes:
    file = io.BytesIO()
    jobs.Writer(file).dump(value)
    return file.getvalue()


@every_exercise
def test_job_tells_nothing_of_the_answer(exercise):
    content = job(exercise)
    assert [code for code in code_of(exercise.reference) if len(code.co_code) > 30 and code.co_code in content] == []
    source = inspect.getsource(exercise.reference)
    lines = [line.strip().encode() for line in source.splitlines() if len(line.strip()) > 40]
    assert [line for line in lines if line in content] == []
    assert [mistake.says for mistake in exercise.mistakes if mistake.says.encode() in content] == []
    opened = Opened(content)
    asked, tried, reading = opened.load()
    assert (len(tried), reading) == (len(cases(exercise)), READINGS[0])
    assert asked.mistakes == ()
    assert [law.holds(None, None, None) for law in asked.laws] == [True] * len(asked.laws)
    absent = list(EXERCISES)[list(EXERCISES).index(exercise.name) :]  # those before it are lent
    assert [(module, name) for module, name in opened.taken if module.startswith("course") and name in absent] == []
    assert not [module for module, _ in opened.taken if module.startswith(("course.checks", "tests"))]


def test_reference_that_was_in_a_job_would_be_found():
    exercise = EXERCISES["causal_mask"]
    opened = Opened(cloudpickle.dumps((exercise.reference, cases(exercise), "")))
    opened.load()
    assert ("course.attention", "causal_mask") in opened.taken
    copy = types.FunctionType(exercise.reference.__code__, {"__name__": "__main__"}, "copy")
    assert exercise.reference.__code__.co_code in cloudpickle.dumps(copy)


@every_exercise
def test_stand_in_is_called_as_the_reference_is(exercise):
    stand_in = jobs.stand_in(exercise, cases(exercise))
    assert (stand_in.name, stand_in.is_class, stand_in.gradients) == (
        exercise.name, exercise.is_class, exercise.gradients
    )  # fmt: skip
    changed = [law.change(case) for law in exercise.laws if law.change for case in cases(exercise)]
    for case in [*cases(exercise), *filter(None, changed)]:
        if exercise.trial is None:
            ours = exercise.signature(case.method).bind(**case.inputs)
            theirs = stand_in.signature(case.method).bind(**case.inputs)
            assert [*map(id, ours.args)] == [*map(id, theirs.args)]
            assert ours.kwargs.keys() == theirs.kwargs.keys()


def test_stand_in_does_nothing():
    stand_in = jobs.stand_in(EXERCISES["softmax"], cases(EXERCISES["softmax"]))
    with pytest.raises(NotImplementedError):
        stand_in.reference([1.0])
    assert stand_in.cases(None) == []


def test_laws_change_the_same_calls_there():
    """Also where a change draws at random: it is made once, here."""
    drawn = iter(range(100))
    law = Law("law", lambda *_: False, lambda case: case.changed(x=next(drawn)) if case["x"] else None)
    exercise = Exercise(len, 0, "", lambda _: [], laws=(law, Law("other", lambda *_: False)))
    calls = [Case("one", {"x": 5}), Case("two", {"x": 0}), Case("three", {"x": 6})]
    asked, tried, _ = pickle.loads(jobs.job(exercise, calls, ""))
    [left] = asked.laws
    found = [left.change(case) for case in tried]
    assert [case and case["x"] for case in found] == [0, None, 1]
    assert [left.change(case) for case in tried][2]["x"] == 1


def sent(observations: list[Observation], **changes: Any) -> tuple[dict, bytes]:
    parts = [wire.packed(flatten(one)) for one in observations]
    return {"observed": [described for described, _ in parts]} | changes, b"".join(body for _, body in parts)


def seen(array: Any) -> Observation:
    return Observation(output=record(array), again=record(array), laws={"law": record(array)}, inputs={})


def test_observations_come_back():
    told = [seen(np.arange(3.0)), seen(["a", "b"]), Observation()]
    back = jobs.answered(*sent(told), [seen(np.arange(3.0))] * 3)
    assert [flatten(one).keys() for one in back] == [flatten(one).keys() for one in told]
    assert back[0].output.arrays[""].tolist() == [0, 1, 2]
    assert back[1].laws["law"].arrays[""].tolist() == ["a", "b"]


FORGED = {
    "nothing": {"observed": None},
    "no list": {"observed": {"0": []}},
    "texts": {"observed": ["output"]},
    "more than were asked for": {"observed": [[], [], [], []]},
    "objects": {"observed": [[["output", "|O", [1]]]]},
    "more than came": {"observed": [[["output", "<f8", [10**6]]]]},
}


@pytest.mark.parametrize("header", FORGED.values(), ids=FORGED)
def test_what_is_no_observation_is_refused(header):
    with pytest.raises(WireError):
        jobs.answered(header, b"12345678", [Observation()] * 3)


ODD_NAMES = ["", "[" * 100_000, "[" * 900, "1", "null", key("output"), key("no", "such", "part", ""), '["output", 3]']


@pytest.mark.parametrize("name", ODD_NAMES, ids=range(len(ODD_NAMES)))
def test_odd_names_of_arrays_are_left_out(name):
    [found] = jobs.answered({"observed": [[[name, "<f8", [1]]]]}, b"12345678", [Observation()])
    assert flatten(found).keys() == flatten(Observation()).keys()


def test_arrays_much_larger_than_right_ones_are_cut_before_a_law_sees_them():
    want, large = seen(np.zeros(2000)), 4 * 2000 + jobs.MOST_ENTRIES
    [kept] = jobs.answered(*sent([seen(np.zeros(large))]), [want])
    assert kept.output.arrays[""].size == kept.laws["law"].arrays[""].size == large
    told = seen(np.zeros((large + 1, 1)))
    told.inputs = {"x": record(np.zeros(large + 1))}
    told.gradients = {"x": np.zeros(large + 1), "y": np.zeros(3)}
    told.laws["parts"] = record({"a": np.zeros(large + 1), "b": np.zeros(3)})
    [cut] = jobs.answered(*sent([told]), [want])
    for value in (cut.output, cut.again, cut.laws["law"], cut.inputs["x"]):
        assert value.arrays == {}
        assert value.content is None
        assert value.kinds[""] == "array, very large"
    assert cut.gradients["x"] is None
    assert cut.gradients["y"].size == 3
    assert cut.laws["parts"].arrays.keys() == {"['b']", " keys"}
