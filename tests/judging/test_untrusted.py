"""Judge on observations that it cannot trust: objects that equal everything, parts left out, another process."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from course.classroom import ROOT
from course.judging.exercise import Draw
from course.judging.judge import judge
from course.judging.observation import flatten, key, parsed, unflatten
from course.judging.observe import observe_all
from course.judging.recognise import Trials
from tests.judging.samples import ALL, SCORES, scores, verdict_on


class EqualsEverything:
    """An object that a comparison would accept."""

    shape, dtype, ndim = (1, 1), np.dtype("float32"), 2

    def __eq__(self, other):
        return True

    __hash__ = None

    def __array__(self, *_, **__):
        return np.ones((1, 1), dtype="float32")


class Pretender(EqualsEverything):
    """It even says that it is a tensor."""

    __class__ = torch.Tensor

    def detach(self):
        return self

    cpu = numpy = detach


class EqualTensor(torch.Tensor):
    def __eq__(self, other):
        return True

    __hash__ = torch.Tensor.__hash__


@pytest.mark.parametrize(
    "output", [EqualsEverything(), Pretender(), torch.ones(1, 1).as_subclass(EqualTensor), [EqualsEverything()]]
)
def test_object_that_equals_everything_is_not_right(output):
    assert not verdict_on(SCORES, lambda query, key: output).right


def everything(exercise):
    cases = list(exercise.cases(Draw(1)))
    return cases, observe_all(exercise, exercise.reference, cases)


@pytest.mark.parametrize("name", ALL)
def test_observation_that_lacks_anything_is_not_right(name):
    exercise = ALL[name]
    cases, observed = everything(exercise)
    assert judge(Trials(exercise, cases), observed).right
    assert not judge(Trials(exercise, cases), []).right
    assert not judge(Trials(exercise, cases), observed[:-1]).right
    for index, one in enumerate(map(flatten, observed)):
        for part in {part_of(name) for name in one} - {("guessed",), ("called",)}:
            rest = {name: value for name, value in one.items() if part_of(name) != part}
            lost = [value for name, value in one.items() if part_of(name) == part]
            needless = part[0] == "gradients" and not any(value.any() for value in lost)
            left = [*observed[:index], unflatten(rest), *observed[index + 1 :]]
            assert judge(Trials(exercise, cases), left).right == needless, part


def part_of(name: str) -> tuple[str, ...]:
    """Of which part of an observation, and of which of its values, a flat name is."""
    return tuple((parsed(name) or [name])[:2])


@pytest.mark.parametrize(
    "strange", [np.array([]), np.array("text"), np.array(["a", "b"]), np.array(3), np.zeros((2, 0, 3))]
)
@pytest.mark.parametrize(
    "name",
    [
        "failure",
        key("output", "", "array", ""),
        key("output", "", "kind", ""),
        key("laws", "twice the query gives twice the scores", "array", ""),
        key("gradients", "query", "array", ""),
    ],
)
def test_strange_observation_is_wrong_and_stops_nothing(name, strange):
    cases, observed = everything(SCORES)
    first = unflatten(flatten(observed[0]) | {name: strange})
    assert not judge(Trials(SCORES, cases), [first, *observed[1:]]).right


OBSERVE = """
import sys
import numpy as np
from course.judging.exercise import Draw
from course.judging.observation import flatten
from course.judging.observe import observe_all
from tests.judging.samples import SCORES, scores
answers = {"right": scores, "wrong": lambda query, key: query @ key.T}
for answer, candidate in answers.items():
    for index, one in enumerate(observe_all(SCORES, candidate, list(SCORES.cases(Draw(5))))):
        np.savez(f"{sys.argv[1]}/{answer}{index}.npz", **flatten(one))
"""


def test_observations_of_another_process_are_judged_the_same(tmp_path):
    subprocess.run([sys.executable, "-c", OBSERVE, str(tmp_path)], cwd=ROOT, check=True, timeout=120)
    cases = list(SCORES.cases(Draw(5)))
    for answer, candidate in {"right": scores, "wrong": lambda query, key: query @ key.T}.items():
        files = [np.load(tmp_path / f"{answer}{index}.npz", allow_pickle=False) for index in range(len(cases))]
        observed = list(map(unflatten, files))
        assert judge(Trials(SCORES, cases), observed) == verdict_on(SCORES, candidate, seed=5)
