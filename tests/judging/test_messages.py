"""Messages: long answers are not printed whole, two values are told apart by their digits, exceptions by their kind."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from course.judging.exercise import Case, Exercise, Law
from tests.judging.samples import SCORES, SHARES, scores, shares, verdict_on

LONGEST_SHOWN = 12  # numbers or words of an answer
LONGEST_ERROR = 400  # characters of an exception's text


def copied(values):
    return values


def copies(values: object, **further: object) -> Exercise:
    """The exercise of giving back those values, on one case."""
    return Exercise(copied, 0, "Copies", lambda draw: [Case("tiny", {"values": values})], **further)


def one_more(values):
    """The values, and one of them again: wrong in its shape or length."""
    return values + values[:1] if isinstance(values, list) else torch.cat([values, values[:1]])


def first_changed(values):
    """The values, the first of them another: wrong in its value."""
    return [values[0] + 1, *values[1:]] if isinstance(values, list) else values + torch.eye(len(values))[0]


def flat(values):
    return [value for inner in values for value in inner]


@pytest.mark.parametrize("many", [list, lambda numbers: torch.tensor([*numbers]).float()], ids=["list", "tensor"])
@pytest.mark.parametrize(("wrong", "n_more"), [(one_more, 1), (first_changed, 0)])
def test_an_answer_of_twelve_numbers_is_shown_whole_and_a_longer_one_is_not(many, wrong, n_more):
    for n_numbers, shown in ((LONGEST_SHOWN - n_more, True), (LONGEST_SHOWN - n_more + 1, False)):
        text = verdict_on(copies(many(range(10, 10 + n_numbers))), wrong).text
        whole = f"expected [{', '.join(str(number) for number in range(10, 10 + n_numbers))}]"
        assert (whole in text) is shown, text
        assert len(text) < 500


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda values: {name: one for name, one in values.items() if name != "b"}, "has no 'b'."),
        (lambda values: values | {"h": torch.ones(2)}, "has 'h' besides, not asked for."),
        (lambda values: {"h": values["b"]} | values | {"b": 1}, "has 'h' besides, not asked for."),
        (lambda values: {"a": values["a"], "c": values["b"]}, "has no 'b', and has 'c' besides, not asked for."),
    ],
)
def test_of_a_large_dict_with_other_keys_those_are_told(wrong, said):
    large = {"a": torch.arange(13.0), "b": torch.arange(2.0)}
    assert f"the dict that comes out on the case 'tiny' {said}" in verdict_on(copies(large), wrong).text


@pytest.mark.parametrize(
    ("n_numbers", "wrong", "said"),
    [
        (12, one_more, "the output has 13 items on the case 'tiny', but 12 are asked for."),
        (13, first_changed, "differs on the case 'tiny' in 1 of 13 values, first at [0]: yours 11, expected 10"),
    ],
)
def test_of_a_long_list_its_length_or_the_first_difference_is_told(n_numbers, wrong, said):
    assert said in verdict_on(copies(list(range(10, 10 + n_numbers))), wrong).text


@pytest.mark.parametrize(
    ("n_numbers", "said"),
    [
        (12, "gives [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21], expected [[10], [11], [12], ["),
        (
            13,
            "is a list of 13 that begins with 10 on the case 'tiny', "
            "but a list of 13 that begins with [10] is asked for.",
        ),
    ],
)
def test_of_lists_in_lists_the_beginnings_are_told_where_they_are_long(n_numbers, said):
    assert said in verdict_on(copies([[number] for number in range(10, 10 + n_numbers)]), flat).text


def test_a_list_that_is_much_too_long_is_not_shown_either():
    text = verdict_on(copies([[1], [2]]), lambda values: flat(values) * 7).text
    said = "list of 14 that begins with 1 on the case 'tiny', but a list of 2 that begins with [1] is asked for."
    assert said in text


def test_of_a_large_tensor_the_two_shapes_are_told():
    text = verdict_on(copies(torch.arange(13.0)), one_more).text
    assert "the output has shape (14,) on the case 'tiny', but (13,) is asked for (with values (13,))." in text


@pytest.mark.parametrize(("n_numbers", "shown"), [(12, True), (13, False)])
def test_a_broken_law_shows_a_short_answer(n_numbers, shown):
    law = Law("nothing is negative", holds=lambda case, out, _: (out >= 0).all())
    exercise = copies(np.ones(n_numbers), laws=(law,), unique=False)
    text = verdict_on(exercise, lambda values: -values).text
    assert "a law is broken on the case 'tiny': nothing is negative" in text
    assert ("gives [-1, -1" in text) is shown


@pytest.mark.parametrize(
    ("value", "more", "given", "expected"),
    [
        (1 / 3, 1 / 3, "0.6667", "0.3333"),  # four digits tell them apart
        (1 / 3, 1e-4, "0.3334", "0.3333"),
        (1 / 3, 1e-5, "0.3333433", "0.3333333"),  # seven
        (1.0, 2e-7, "1.0000002", "1"),  # eleven
    ],
)
def test_two_values_are_shown_with_the_digits_in_which_they_differ(value, more, given, expected):
    text = verdict_on(copies(np.array([value])), lambda values: values + more).text
    assert f"gives [{given}], expected [{expected}]." in text
    long = verdict_on(copies(np.full(13, value)), lambda values: values + more).text
    assert f"first at [0]: yours {given}, expected {expected} (" in long


@pytest.mark.parametrize(("n_characters", "whole"), [(LONGEST_ERROR, True), (LONGEST_ERROR + 1, False)])
def test_the_text_of_an_exception_is_cut_where_it_is_too_long(n_characters, whole):
    def fails(query, key):
        raise RuntimeError("x" * n_characters)

    text = verdict_on(SCORES, fails).text
    assert ("x" * n_characters in text) is whole
    assert ("x" * LONGEST_ERROR + " ..." in text) is not whole


def refuses(error: Exception):
    """One share too many, and a refusal of its own where the total cannot be split."""

    def one_share_more(total, parts):
        if total % parts:
            raise error
        return [*shares(total, parts), total // parts]

    return one_share_more


@pytest.mark.parametrize(
    ("error", "named"),
    [(ValueError("whatever it says"), True), (ValueError(), True), (TypeError("total=7"), False), (KeyError(), False)],
)
def test_a_mistake_is_recognised_by_the_kind_of_its_exception_not_by_its_words(error, named):
    """The known mistake 'one more' refuses what it must refuse with a ValueError, in the reference's words."""
    said = verdict_on(SHARES, refuses(error)).text
    assert "There is one part too many." in said
    assert ("must raise a ValueError that says what is wrong." not in said) is named


def test_answers_that_only_fail_prove_no_mistake():
    def fails(total, parts):
        raise ValueError("always")

    assert verdict_on(SHARES, fails).mistake is None


def test_a_right_refusal_may_use_its_own_words():
    def refusing(total, parts):
        if total % parts:
            raise ValueError("cannot be split")
        return [total // parts] * parts

    assert verdict_on(SHARES, refusing).right
    assert verdict_on(SCORES, scores).right


def test_a_list_of_single_tensors_is_told_what_is_asked_for():
    said = verdict_on(copies(torch.tensor([1.0, 2.0])), lambda values: list(values)).text
    assert "holds tensors of one number each" in said
    assert "a torch.Tensor is asked for" in said
    said = verdict_on(copies([1.0, 2.0]), lambda values: [torch.tensor(value) for value in values]).text
    assert "plain numbers are asked for, which .item() gives" in said


def test_a_mistake_is_told_together_with_what_is_accepted_and_must_not_be():
    of_one_kind = replace(SHARES, mistakes=tuple(one for one in SHARES.mistakes if one.name == "one more"))
    said = verdict_on(of_one_kind, lambda total, parts: [total // parts] * (parts + 1)).text
    assert "too many.\n  Also:  it accepts the case 'uneven', which it must refuse" in said


def test_an_exception_in_a_further_call_is_not_said_of_the_first():
    def fails_when_larger(values):
        return values.clone() if values.max() < 5 else values[[9]]

    law = Law(
        "more in, more out",
        holds=lambda case, out, more: bool((out < more).all()),
        change=lambda case: case.changed(values=case["values"] + 9),
    )
    said = verdict_on(copies(torch.tensor([1.0, 2.0]), laws=(law,)), fails_when_larger).text
    assert "on the case 'tiny', called with changed inputs, IndexError" in said
