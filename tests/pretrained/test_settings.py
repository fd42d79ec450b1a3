"""Settings: is each value asked for by its kind, and each that is none refused by its name?"""

import pytest
import torch

from course.pretrained.refused import Refused, listed
from course.pretrained.settings import Settings, opened
from course.pretrained.weights import Place, fill, widest

VALUES = {"model_type": "x", "whole": 3, "real": 0.5, "yes": True, "name": "a", "none": None, "zero": 0, "text": "3"}


def settings(**values: object) -> Settings:
    return Settings(VALUES | values, "x")


def test_values_are_what_they_are_and_null_is_nothing():
    some = settings()
    assert (some.whole("whole"), some.number("real"), some.number("whole"), some.flag("yes", False)) == (
        3,
        0.5,
        3,
        True,
    )
    assert (some.whole("zero", least=0), some.whole("none", 7), some.flag("none", True), some.get("none", "d")) == (
        0,
        7,
        True,
        "d",
    )
    assert some.choice("name", {"a": "A"}) == "A"
    some.only("none", [], "never")
    some.only("whole", [2, 3], "two or three")
    some.off("none", "not there")
    some.architectures("A")
    settings(architectures=["B", "A"]).architectures("A")
    some.divisible("whole", "whole")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda some: some.whole("none"), "config.json does not say none"),
        (lambda some: some.whole("text"), "text='3' must be a whole number, 1 or above"),
        (lambda some: some.whole("zero"), "zero=0 must be a whole number, 1 or above"),
        (lambda some: some.whole("yes"), "yes=True must be a whole number"),
        (lambda some: some.whole("real"), "real=0.5 must be a whole number"),
        (lambda some: some.number("text"), "text='3' must be a number, 0 or above"),
        (lambda some: some.number("yes"), "yes=True must be a number"),
        (lambda some: some.flag("whole", True), "whole=3 must be true or false"),
        (lambda some: some.choice("name", {"b": 1}), "name='a' is not implemented; the course has 'b'"),
        (lambda some: some.choice("whole", {"b": 1}), "whole=3 is not implemented"),
        (lambda some: some.only("whole", [4], "why"), "whole=3 is not implemented by the course: why"),
        (lambda some: some.off("yes"), "yes=True is not implemented by the course: its x works as if this were false"),
        (lambda some: settings(architectures=["B"]).architectures("A"), "architectures=['B'] is not implemented"),
        (lambda some: settings(two=2).divisible("whole", "two"), "whole=3 must be divisible by two=2"),
        (lambda some: Settings({}, "x"), "config.json does not say model_type"),
        (lambda some: Settings({"model_type": "y"}, "x"), "model_type='y' must be 'x'"),
    ],
)
def test_what_is_wrong_with_a_value_is_said(ask, said):
    with pytest.raises(Refused) as error:
        ask(settings())
    assert said in str(error.value)


def test_a_state_dict_and_its_config_are_taken_as_they_are():
    weights = {"a": torch.ones(2)}
    found, tensors = opened(weights, {"model_type": "x"}, "x")
    assert tensors == weights
    assert tensors is not weights
    assert found.kind == "x"


def test_names_are_listed_as_far_as_one_reads():
    assert listed({"b", "a"}) == "a, b"
    assert listed("edcba") == "a, b, c and 2 more"


def test_places_are_filled_in_parts_transposed_and_in_another_order():
    one, two = torch.zeros(2, 3), torch.zeros(1, 3)
    theirs = torch.arange(9.0).view(3, 3)
    fill({"w": theirs.T}, {"w": Place(ours=(one, two), transposed=True)})
    assert torch.equal(torch.cat([one, two]), theirs)
    three = torch.zeros(4, 3)
    fill({"w": theirs}, {"w": Place(ours=(three,), rows=torch.tensor([2, 2, 0, 1]), n_rows=3)})
    assert torch.equal(three, theirs[[2, 2, 0, 1]])
    assert widest({"a": theirs}) == torch.float32
    assert widest({"a": theirs, "b": theirs.double()}) == torch.float64
    assert widest({"a": theirs.half()}) == torch.float32
