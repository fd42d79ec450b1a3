"""Mistakes: is a diff read, applied exactly once, and is the same mistake known again in other people's code?"""

import functools
import inspect

import numpy as np
import pytest
import torch

from course.judging.exercise import Exercise, Hunk, Mistake
from course.judging.mistakes import read_mistakes, wrong_answer, wrong_answers, wrong_source
from tests.judging import samples
from tests.judging.samples import AFFINE, CENTRED, SCORES, SHARES, scores, verdict_on

DIFF = """\
# first

a line
- old
+ new
> It was old.

# second

two hunks, and a sentence of two lines
- one
- two
+ 1
+
- three
> It counts
> in words.

a line that goes
- four
> Gone.
"""


def mistake(*hunks: tuple[str, str], says: str = "It is bad.") -> Mistake:
    """A mistake of hunks written as texts."""
    return Mistake(
        "bad", tuple(Hunk(tuple(old.split("\n")), tuple(new.split("\n"))) for old, new in hunks), says, "here:7"
    )


def test_diff_is_read():
    assert read_mistakes(DIFF, "file") == {
        "first": (Mistake("a line", (Hunk(("old",), ("new",)),), "It was old.", "file:3"),),
        "second": (
            Mistake(
                "two hunks, and a sentence of two lines",
                (Hunk(("one", "two"), ("1", "")), Hunk(("three",), ())),
                "It counts in words.",
                "file:10",
            ),
            Mistake("a line that goes", (Hunk(("four",), ()),), "Gone.", "file:19"),
        ),
    }


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("# first\n\n", "", 1),
        ("a line\n- old", "- old", 3),
        ("- old\n+ new\n", "", 3),
        ("- old\n", "", 3),
        ("> It was old.\n", "", 3),
        ("> It was old.\n", "> It was old.\nand more\n", 3),
        ("+ new\n", "+ new\n\n", 3),
        ("> It was old.\n", "> It was old.\n+ new\n", 3),
    ],
)
def test_diff_that_lacks_something_is_refused_with_its_line(old, new, line):
    with pytest.raises(ValueError, match=f"^file:{line}: a mistake"):
        read_mistakes(DIFF.replace(old, new, 1), "file")


def test_every_mistake_is_the_reference_with_its_patch():
    answers = {mistake.name: answer for mistake, answer in wrong_answers(SCORES).items()}
    query, key = torch.randn(3, 4), torch.randn(2, 4)
    torch.testing.assert_close(answers["not scaled"](query, key), query @ key.T)
    torch.testing.assert_close(answers["transposed"](query, key), scores(query, key).T)


def test_reference_and_its_module_are_as_before():
    before = dict(vars(samples))
    assert wrong_answer(scores, SCORES.mistakes[0]) is not scores
    assert vars(samples) == before
    assert verdict_on(SCORES, scores).right


def twice(x):
    x = x + 1
    x = x + 1
    return x


@pytest.mark.parametrize(
    ("reference", "old", "times"),
    [
        (scores, "nowhere", 0),
        (scores, "d = query.shape[-1]", 0),
        (twice, "    x = x + 1", 2),
        (twice, "    return x\n    x", 0),
    ],
)
def test_lines_that_do_not_stand_there_exactly_once_are_refused(reference, old, times):
    with pytest.raises(
        ValueError, match=f"^here:7: 'bad': .* stand {times} times in {reference.__name__}, but .* once"
    ):
        wrong_answer(reference, mistake((old, "x")))


def test_hunks_are_found_in_the_reference_whatever_the_others_put_there():
    def swap(x):
        x = x + 1
        x = x * 2
        return x

    both = mistake(("    x = x + 1", "    x = x * 2"), ("    x = x * 2", "    x = x + 1"))
    assert wrong_answer(swap, both)(3) == 7


def test_of_a_class_the_methods_are_changed():
    wrong = wrong_answer(samples.Affine, AFFINE.mistakes[0])
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
    "candidate",
    [lambda q, k: scores(q, k) * 2, lambda q, k: other_scores(q, k) + 1e-3, lambda q, k: q.nothing, lambda q: q],
)
def test_other_mistakes_and_mere_exceptions_get_no_name(candidate):
    verdict = verdict_on(SCORES, candidate)
    assert not verdict.right
    assert verdict.mistake is None


def test_of_mistakes_that_only_fail_with_the_same_exception_none_is_named():
    crash = mistake(("    d = query.shape[-1]", "    d = query.nothing"))
    exercise = Exercise(scores, 4, "Scores", SCORES.cases, (crash,))
    assert verdict_on(exercise, lambda query, key: query.nothing).mistake is None


def test_source_is_read_without_its_indentation():
    def inner(x):
        return x

    assert inspect.getsource(inner).startswith("    def")
    assert wrong_source(inner, mistake(("    return x", "    return -x"))) == "def inner(x):\n    return -x\n"
