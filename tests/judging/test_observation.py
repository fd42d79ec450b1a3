"""Observation: is every value written down as plain arrays, and read again as it was by another process?"""

import io
import json

import numpy as np
import pytest
import torch

from course.judging.exercise import Draw
from course.judging.observation import Failure, Observation, Value, flatten, record, unflatten
from course.judging.observe import observe_all
from tests.judging.samples import ALL, SCORES


class Liar(torch.Tensor):
    """A tensor that claims to equal everything."""

    def __eq__(self, other):
        return True

    __hash__ = torch.Tensor.__hash__


class LyingArray(np.ndarray):
    def __eq__(self, other):
        return np.True_

    __hash__ = None


@pytest.mark.parametrize(
    ("value", "kind", "paths"),
    [
        (torch.ones(2), "Tensor", [""]),
        (torch.ones(2).as_subclass(Liar), "Tensor", [""]),
        (np.ones(2).view(LyingArray), "array", [""]),
        (torch.tensor(1.0), "number", [""]),
        (np.float32(1), "number", [""]),
        (True, "number", [""]),
        (10**30, "number", [""]),
        ("word", "text", [""]),
        ([1, 2.5], "list", [""]),
        ((), "tuple", [""]),
        (["a", "b"], "list", [""]),
        ([torch.tensor(1.0), 2.0], "list of tensors", [""]),
        ([torch.ones(2)], "list", [" length", "[0]"]),
        (torch.ones(2, dtype=torch.bfloat16), "Tensor", [""]),
        (np.array([None, "a"]), "array of objects", [""]),
        ((torch.ones(2), None), "tuple", [" length", "[0]"]),
        ({"b": 1, "a": [1, "x"]}, "dict", ["['a'] length", "['a'][0]", "['a'][1]", "['b']", " keys"]),
        (None, "None", []),
        (object(), "object", []),
    ],
)
def test_every_value_becomes_plain_arrays_that_can_be_stored(value, kind, paths):
    found = record(value)
    assert found.kinds[""] == kind
    assert list(found.arrays) == paths
    assert {type(array) for array in found.arrays.values()} <= {np.ndarray}
    assert_same(stored(Observation(output=found)), Observation(output=found))


def stored(observation: Observation) -> Observation:
    """The observation after it has been a file."""
    file = io.BytesIO()
    np.savez(file, **flatten(observation))
    file.seek(0)
    return unflatten(np.load(file, allow_pickle=False))


def assert_same(one: Observation, other: Observation) -> None:
    assert repr(one) == repr(other)


@pytest.mark.parametrize("name", ALL)
def test_observation_is_read_again_as_it_was(name):
    exercise = ALL[name]
    for candidate in (exercise.reference, lambda *inputs: {"a": [1, "b", None]}, lambda *inputs: inputs[9]):
        for observation in observe_all(exercise, candidate, list(exercise.cases(Draw(1)))):
            assert_same(stored(observation), observation)


def test_every_part_is_read_again():
    whole = Observation(
        output=record({"a": [1, "b"]}),
        again=record(None),
        inputs={"x": record(1)},
        laws={'a law: of [x], "y"': record("z")},
        gradients={"b": None, "w": np.ones(2)},
        failure=Failure("KeyError", "9", "x[9]"),
        gradient_failure=Failure("E", "", ""),
        guessed=True,
    )
    assert_same(stored(whole), whole)
    assert_same(stored(Observation()), Observation())


def test_what_is_written_in_another_form_is_left_out():
    key = json.dumps(["output", "", "array", ""])
    flat = {"nonsense": np.ones(1), "[1, 2": np.ones(1), "[1, 2]": np.ones(1), "3": np.ones(1), key: np.zeros(2)}
    flat |= {json.dumps(["gradients", "w", "array", ""]): np.array("text"), "failure": np.array([1.5])}
    flat |= {json.dumps(["laws", "law", "other", ""]): np.ones(1), "guessed": np.array(["a", "b"])}
    found = unflatten(flat)
    assert found.output == Value({}, {"": flat[key]})
    assert found.gradients == {"w": None}
    assert found.failure == Failure("1.5", "", "")
    assert (found.laws, found.guessed) == ({}, False)


def test_law_gets_an_array_or_the_parts_or_nothing():
    assert record(np.ones(2)).content.tolist() == [1, 1]
    assert list(record([[1], [2, 3]]).content) == [" length", "[0]", "[1]"]
    assert record(None).content is None
    assert SCORES.laws[0].change(list(SCORES.cases(Draw(1)))[2]) is None
