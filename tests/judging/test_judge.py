"""Judge: does each kind of failure get a message that helps, and no wrong answer through?"""

import numpy as np
import pytest
import torch
from torch import nn

from course.judging.comparison import same
from course.judging.exercise import Case, Exercise, Law
from tests.judging.samples import (
    AFFINE,
    ALL,
    CENTRED,
    SCORES,
    SHARES,
    SHUFFLED,
    Affine,
    centred,
    scores,
    shares,
    verdict_on,
)


def fails_inside(query, key):
    wide = torch.zeros(99, 99)
    return query @ wide


def changes_input(query, key):
    query /= query.shape[-1] ** 0.5
    return query @ key.T


def only_random(query, key):
    return scores(query, key) + torch.rand(())


def not_written(query, key):
    raise NotImplementedError()


def unsupported(query, key):
    raise NotImplementedError("softmax is not implemented for 'Int'")


def with_nan(query, key):
    return torch.where(scores(query, key) > 0, torch.nan, scores(query, key))


SCORE_FAILURES = [
    (not_written, ["it is not written yet", "raise NotImplementedError()"]),
    (unsupported, ["NotImplementedError: softmax is not implemented"]),
    (lambda query, key: None, ["returns None", "'tiny'", "is a `return` missing?"]),
    (lambda query: query, ["TypeError", "takes 1 positional argument", "The exercise asks for scores(query, key)."]),
    (lambda query, key: scores(query, key).tolist(), ["is a list of a list of 1", "a torch.Tensor of shape (1, 1)"]),
    (lambda query, key: scores(query, key).numpy(), ["the output is a NumPy array", "a torch.Tensor is asked for"]),
    (lambda query, key: scores(query, key).sum(), ["the output is a number", "a torch.Tensor is asked for"]),
    (lambda query, key: (scores(query, key), query), ["is a tuple of a torch.Tensor of shape (1, 1) and"]),
    (lambda query, key: scores(query, key).double(), ["float64", "float32 is asked for", "number type"]),
    (
        lambda query, key: scores(query, key)[..., None],
        ["shape (1, 1, 1)", "(1, 1) is asked for", "query (1, 4), key (1, 4)"],
    ),
    (fails_inside, ["on the case 'tiny', RuntimeError", "99", "in your line `return query @ wide`"]),
    (changes_input, ["it changes its input `query` in place", "'tiny'", "the caller still needs the old one"]),
    (only_random, ["two equal calls give two different answers", "nothing here is random"]),
    (with_nan, ["contains NaN", "at [0, 0]"]),
    (
        lambda query, key: scores(query, key) + 1,
        ["gives [[4]], expected [[3]]", "It also breaks a law: twice the query"],
    ),
    (
        lambda query, key: torch.tensor(scores(query, key).tolist(), dtype=query.dtype),
        ["no gradient reaches query", ".detach()"],
    ),
    (
        lambda query, key: torch.from_numpy(scores(query, key).numpy()),
        ["no gradient reaches query (RuntimeError: Can't call"],
    ),
    (lambda query, key: scores(query.detach() * 0.5 + query * 0.5, key), ["the gradient that reaches query is wrong"]),
]


@pytest.mark.parametrize(("candidate", "said"), SCORE_FAILURES)
def test_message_on_a_function_of_tensors(candidate, said):
    verdict = verdict_on(SCORES, candidate)
    assert not verdict.right
    assert verdict.text.startswith("scores is not right yet.\n  What:  ")
    assert verdict.text.endswith("\n  Look:  lesson 04, 'All queries at once'")
    for part in said:
        assert part in verdict.text


def test_endless_loop_is_told_as_such(monkeypatch):
    monkeypatch.setattr("course.judging.observe.CPU_SECONDS", 0.1)

    def endless(query, key):
        while True:
            pass

    assert "does a loop never end?" in verdict_on(SCORES, endless).text


def layer(init: str, forward: str) -> type:
    """A class named Affine with these two bodies."""
    namespace = {"nn": nn, "torch": torch}
    source = (
        "class Affine(nn.Module):\n"
        f"    def __init__(self, d_in, d_out):\n        super().__init__()\n        {init}\n"
        f"    def forward(self, x, times=1):\n        {forward}\n"
    )
    exec(source, namespace)
    return namespace["Affine"]


def positive(values):
    return values > 0


POSITIVE = Exercise(positive, 4, "Masks", lambda draw: [Case("tiny", {"values": torch.tensor([1.0, -1.0])})])


def grouped(n):
    return [[1], [n - 1]]


GROUPED = Exercise(
    reference=grouped,
    lesson=1,
    section="Groups",
    cases=lambda draw: [Case("tiny", {"n": 2}), Case("random", {"n": draw.integer(3, 9)})],
    laws=(Law("the groups add up to n", lambda case, out, _: sum(map(sum, parts_of(out))) == case["n"]),),
    unique=False,
)


def parts_of(out):
    return [group for name, group in out.items() if name.startswith("[")]


W, GAIN = "self.w = nn.Linear(d_in, d_out, bias=False)", "self.gain = nn.Parameter(torch.ones(d_out))"
LAYER_FAILURES = [
    (lambda d_in, d_out: 3, ["must be a class that is a torch.nn.Module", "gives a int"]),
    (layer(W, "return self.w(x)"), ["it has no parameter gain.", "docstring"]),
    (
        layer(f"{W}; {GAIN}; self.b = nn.Parameter(torch.ones(1))", "return x"),
        ["it has b, which the exercise does not ask for."],
    ),
    (
        layer(f"{W}; self.gain = nn.Parameter(torch.ones(1, d_out))", "return x"),
        ["gain has shape (1, ", "is asked for"],
    ),
    (layer(f"self.w = nn.Parameter(torch.ones(9, 9)); {GAIN}", "return x"), ["its parameter w has shape (9, 9), but"]),
    (layer(f"{W}; {GAIN}", "return None"), ["returns None"]),
    (layer(f"{W}; {GAIN}", "return self.w(x)"), ["expected"]),
    (layer(f"{W}; {GAIN}", "return self.w(x) * self.gain.data"), ["no gradient reaches gain", "Is gain used at all?"]),
    (layer(f"{W}; {GAIN}", "return missing(x)"), ["NameError", "missing"]),
    (
        type("Affine", (Affine,), {"__init__": lambda self, a: None}),
        ["TypeError", "asks for Affine(d_in, d_out), then"],
    ),
    (type("Affine", (Affine,), {"forward": lambda self: None}), ["TypeError", "then called with (x, times=1)."]),
]


@pytest.mark.parametrize(("candidate", "said"), LAYER_FAILURES)
def test_message_on_a_layer(candidate, said):
    verdict = verdict_on(AFFINE, candidate)
    assert not verdict.right
    for part in said:
        assert part in verdict.text


@pytest.mark.parametrize(
    ("exercise", "candidate", "said"),
    [
        (CENTRED, lambda values, axis=-1: centred(values, axis).tolist(), "a NumPy array of shape (2,) is asked for"),
        (CENTRED, lambda values, axis=-1: torch.from_numpy(centred(values, axis)), "the output is a torch.Tensor"),
        (CENTRED, lambda values, axis=-1: centred(values, axis).astype(object), "the output is an array of objects"),
        (CENTRED, lambda values, axis=-1: values - values.sum(axis, keepdims=True), "[-3, -1], expected [-1, 1]"),
        (
            CENTRED,
            lambda values, axis=-1: values - values.mean(),
            "on the case 'rows' in 20 of 20 values, first at [0, 0]",
        ),
        (
            CENTRED,
            lambda values, axis=-1: centred(values, axis) + 1e-6,
            "gives [-0.999999, 1.000001], expected [-1, 1]",
        ),
        (
            POSITIVE,
            lambda values: positive(values).float(),
            "the output holds float32 on the case 'tiny'; it must be boolean",
        ),
        (SHARES, lambda total, parts: [str(total // parts)] * parts, "expected [3, 3]"),
        (SHARES, lambda total, parts: [total // parts] * parts, "must refuse: raise a ValueError"),
        (
            SHARES,
            lambda total, parts: [[total][total % parts] // parts] * parts,
            "raises IndexError (list index out of range)",
        ),
        (SHARES, lambda total, parts: [shares(total, parts)], "gives [[3, 3]], expected [3, 3]"),
        (SHARES, lambda total, parts: [[one] for one in shares(total, parts)], "gives [[3], [3]], expected [3, 3]"),
        (SHARES, lambda total, parts: {"shares": shares(total, parts)}, "the output is a dict"),
        (
            SHUFFLED,
            lambda items: items,
            "on the case 'tiny': the order is another; shuffled(items=[1, 2]) gives [1, 2].",
        ),
        (SHUFFLED, lambda items: [0] * len(items), "the same items come back; shuffled(items=[1, 2]) gives [0, 0]."),
        (SHUFFLED, lambda items: [items], "a law is broken"),
        (SHUFFLED, lambda items: {}, "the output is a dict"),
        (SHUFFLED, lambda items: sum(items), "the output is a number"),
    ],
)
def test_message_on_arrays_lists_and_numbers(exercise, candidate, said):
    verdict = verdict_on(exercise, candidate)
    assert not verdict.right
    assert said in verdict.text


@pytest.mark.parametrize(
    ("exercise", "candidate"),
    [
        (SCORES, lambda q, k: torch.einsum("id,jd->ij", q, k) * q.shape[1] ** -0.5),
        (SCORES, lambda *both: scores(*both)),
        (CENTRED, lambda values, axis=-1: values - np.expand_dims(np.mean(values, axis), axis)),
        (SHARES, lambda total, parts: np.array(shares(total, parts))),
        (SHARES, lambda total, parts: tuple(float(share) for share in shares(total, parts))),
        (SHUFFLED, lambda items: [items[-1], *items[:-1]] if items[0] != items[-1] else items[::-1]),
        (
            AFFINE,
            layer(f"self.w = nn.Parameter(torch.ones(d_in, d_out)); {GAIN}", "return x @ self.w * self.gain * times"),
        ),
        (AFFINE, layer(f"{W}; {GAIN}; self.off = nn.Dropout()", "return self.off(self.w(x)) * self.gain * times")),
        (GROUPED, lambda n: [[1] * n]),
        *((exercise, exercise.reference) for exercise in ALL.values()),
    ],
)
def test_right_answer_in_another_form_passes(exercise, candidate):
    for seed in (1, 2, 3):
        verdict = verdict_on(exercise, candidate, seed)
        assert verdict.right, verdict.text


def test_long_text_of_an_exception_is_cut():
    text = verdict_on(SCORES, lambda query, key: {}["long " * 1000]).text
    assert "KeyError: 'long long" in text
    assert " ..." in text
    assert len(text) < 700


def test_text_says_what_was_tried():
    assert verdict_on(SCORES, scores).text == "scores: 3 cases, 1 law, gradients - right"


def test_law_computed_on_infinities_warns_of_nothing(recwarn):
    assert not verdict_on(SCORES, lambda query, key: scores(query, key) / 0).right
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (np.float64(1), np.float64(1 + 1e-8), True),
        (np.float64(1), np.float64(1 + 1e-6), False),
        (np.float32(1), np.float64(1 + 1e-5), True),
        (np.float32(1), np.float32(1 + 1e-3), False),
        (np.array(np.nan), np.array(np.nan), True),
        (np.array(np.inf), np.array(-np.inf), False),
        (np.array([1, 2]), np.array([1.0, 2.0]), True),
        (np.array([1, 2]), np.array([[1, 2]]), False),
        (np.array("1"), np.array(1), False),
        (np.array("a"), np.array("a"), True),
        (np.array(1 + 2j), np.array(1 + 3j), False),
    ],
)
def test_same_up_to_rounding(one, other, equal):
    assert same(np.asarray(one), np.asarray(other)) is equal
