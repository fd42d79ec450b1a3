"""Mistakes: is a patch applied exactly once, and is the same mistake known again in other people's code?"""

import functools
import inspect

import numpy as np
import pytest
import torch

from course.checks.exercise import Exercise, Mistake
from course.checks.mistakes import patched, wrong_answers
from tests.checks import samples
from tests.checks.samples import AFFINE, CENTRED, SCORES, SHARES, scores, verdict_on


def test_every_mistake_is_the_reference_with_its_patch():
    answers = {mistake.name: answer for mistake, answer in wrong_answers(SCORES).items()}
    query, key = torch.randn(3, 4), torch.randn(2, 4)
    torch.testing.assert_close(answers["not scaled"](query, key), query @ key.T)
    torch.testing.assert_close(answers["transposed"](query, key), scores(query, key).T)


def test_reference_and_its_module_are_as_before():
    before = dict(vars(samples))
    assert patched(scores, SCORES.mistakes[0]) is not scores
    assert vars(samples) == before
    assert verdict_on(SCORES, scores).right


@pytest.mark.parametrize(("old", "times"), [("nowhere", 0), ("query", 4), ("key.t()", 0)])
def test_patch_that_does_not_match_exactly_once_is_refused(old, times):
    with pytest.raises(ValueError, match=f"scores, mistake 'bad': '.*' stands {times} times .* exactly once"):
        patched(scores, Mistake("bad", ((old, "x"),), "It is bad."))


def test_patches_are_applied_one_after_another():
    both = Mistake("both", (("math.sqrt(d)", "divisor"), ("/ divisor", "/ d")), "The divisor is d.")
    query = torch.ones(1, 4)
    assert patched(scores, both)(query, query).item() == 1


def test_of_a_class_the_methods_are_patched():
    wrong = patched(samples.Affine, AFFINE.mistakes[0])
    assert wrong.__name__ == "Affine"
    assert not verdict_on(AFFINE, wrong).right


def other_scores(query, key):
    result = torch.zeros(len(query), len(key), dtype=query.dtype)
    for i in range(len(query)):
        for j in range(len(key)):
            result[i, j] = sum(query[i, c] * key[j, c] for c in range(query.shape[1]))
    return result


@pytest.mark.parametrize(
    ("exercise", "candidate", "name"),
    [
        (SCORES, other_scores, "not scaled"),
        (SCORES, functools.partial(torch.einsum, "id,jd->ij"), "not scaled"),
        (SCORES, lambda q, k: torch.einsum("id,jd->ij", q.detach(), k) * q.shape[1] ** -0.5, "detached"),
        (SCORES, lambda q, k: torch.einsum("id,jd->ji", q, k) * q.shape[1] ** -0.5, "transposed"),
        (SCORES, lambda q, k: (q.detach() + 0 * q) @ k.T, "not scaled"),  # the outputs decide, whatever the gradients
        (CENTRED, lambda values, axis=-1: values - np.average(values, -1, keepdims=True), "always the last axis"),
        (SHARES, lambda total, parts: [total // parts for _ in range(parts)], "no refusal"),
    ],
)  # fmt: skip
def test_same_mistake_in_other_code_is_recognised(exercise, candidate, name):
    for seed in (1, 2):
        verdict = verdict_on(exercise, candidate, seed)
        assert not verdict.right
        assert verdict.mistake.name == name
        assert f"\n  Why:   {verdict.mistake.says}\n" in verdict.text


@pytest.mark.parametrize(
    "candidate", [lambda q, k: scores(q, k) * 2, lambda q, k: other_scores(q, k) + 1e-3, lambda q, k: q.nothing, lambda q: q]
)
def test_other_mistakes_and_mere_exceptions_get_no_name(candidate):
    verdict = verdict_on(SCORES, candidate)
    assert not verdict.right
    assert verdict.mistake is None
    assert "Why:" not in verdict.text


def test_of_mistakes_that_only_fail_with_the_same_exception_none_is_named():
    crash = Mistake("crash", (("query.shape[-1]", "query.nothing"),), "It has no such thing.")
    exercise = Exercise(scores, SCORES.see, SCORES.cases, (crash,))
    assert verdict_on(exercise, lambda query, key: query.nothing).mistake is None


def test_recognition_does_not_depend_on_how_the_source_is_indented():
    assert inspect.getsource(scores).count("    return") == 1
    assert patched(scores, Mistake("two lines", (("    return", "    d = 1\n    return"),), "It is 1."))(
        torch.ones(1, 4), torch.ones(1, 4)
    ).item() == 4  # fmt: skip
