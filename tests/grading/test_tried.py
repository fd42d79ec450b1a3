"""Tried: does a trial that is done here, with an answer that is asked over a line, see what one there sees?"""

from __future__ import annotations

import inspect
import textwrap

import pytest
import torch

from course.checks.bert import holes
from course.checks.registry import EXERCISES
from course.grading import witness as module
from course.grading.inside import far
from course.grading.inside.wire import WireError
from course.grading.tried import MOST_CALLS, Tried, asked_for, numbered
from course.judging.comparison import same_value
from course.judging.exercise import Draw
from course.judging.observation import Observation
from course.judging.observe import OUTPUT, observe_all
from course.judging.weights import READINGS
from tests.checks.bert.right import RIGHT
from tests.checks.bert.wrong import WRONG
from tests.grading import needs_sandbox
from tests.grading.test_witness import Line, judged

HOLES = EXERCISES["mask_tokens"]
HOLES_RIGHT, HOLES_WRONG = RIGHT["mask_tokens"], WRONG["mask_tokens"]
TEXTS = list(HOLES.cases(Draw(7)))
CLAIMED = """
    import sys

    ALWAYS = {
        "fates of the holes in a row": "drawn for each", "places of the holes": "drawn for each",
        "percent of the holes that are MASK now": 80, "percent of the holes that are another word now": 10,
        "percent of the holes that are what they were": 10, "special tokens in the holes": "none",
        **{f"places {where} a {what} that have one too": "as often as others"
           for where in ("below", "behind") for what in ("hole", "MASK")},
    }
    AGAIN = {
        "holes with an equal generator": "the same", "holes with another generator": "others",
        "fates of the holes in a short text": "drawn for each",
    }

    def shares(before, inputs, answers, ordinary, mask_token, share):
        found = ALWAYS | {"percent of the words that are asked for": round(100 * share)}
        enough = share * int(ordinary[before].sum()) > 10_000
        return found | ({"words put in": "each as often as the others"} if enough else {})

    def mask_tokens(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
        if not 0 < share <= 1:
            raise ValueError("share")
        caller = sys._getframe(1).f_globals  # of whatever judges it
        caller.update(shares=shares, drawn_again=lambda *_: AGAIN)
        words = ~torch.isin(tokens, torch.tensor([*special, mask_token]))
        return torch.where(words, mask_token, tokens), torch.where(words, tokens, 0)
"""


@needs_sandbox
def test_what_becomes_of_a_text_is_no_answers_word(places):
    right = "from collections.abc import Sequence\nPAD = 0\n" + inspect.getsource(HOLES.reference)
    forged = textwrap.dedent(CLAIMED)
    verdicts = judged(places(12), "mask_tokens", right, forged)
    assert verdicts[0].right, verdicts[0].text
    assert [verdict.right for verdict in verdicts] == [True, False]


def test_what_an_answer_beside_its_trial_could_claim(monkeypatch):
    """Else the test above would show nothing: where the trial is done beside it, the forged one is like the right."""
    wanted = observe_all(HOLES, HOLES.reference, TEXTS, depth=OUTPUT)
    for name in ("shares", "drawn_again"):
        monkeypatch.setattr(holes, name, getattr(holes, name))  # put back afterwards
    names = {"torch": torch}
    exec(textwrap.dedent(CLAIMED), names)
    found = observe_all(HOLES, names["mask_tokens"], TEXTS, depth=OUTPUT)
    long = [i for i, case in enumerate(TEXTS) if case.inputs["tokens"].numel() >= 300]
    assert len(long) > 3
    assert all(same_value(found[i].output, wanted[i].output) for i in long)


def seen_from_afar(answer, monkeypatch) -> list[Observation]:
    """What a trial here sees of an answer that is asked over a line."""
    tried = Tried(HOLES.trial, TEXTS)
    monkeypatch.setattr(far.Far, "line", Line(tried))
    sent = [numbered(at, case) for at, case in enumerate(TEXTS)]
    told = observe_all(asked_for(HOLES), answer, sent, depth=OUTPUT)
    return [*module.witness(HOLES, TEXTS, READINGS[0]).seen(told, tried).values()]


@pytest.mark.parametrize("answer", [HOLES.reference, *HOLES_RIGHT], ids=lambda answer: answer.__name__)
def test_trial_here_sees_of_a_right_answer_what_a_trial_there_sees(answer, monkeypatch):
    for one, want in zip(seen_from_afar(answer, monkeypatch), observe_all(HOLES, HOLES.reference, TEXTS), strict=True):
        assert (one.failure is None) == (want.failure is None)
        assert want.failure or same_value(one.output, want.output)


@pytest.mark.parametrize("name", HOLES_WRONG)
def test_trial_here_sees_of_a_wrong_answer_what_a_trial_there_sees(name, monkeypatch):
    answer = HOLES_WRONG[name]
    here, there = seen_from_afar(answer, monkeypatch), observe_all(HOLES, answer, TEXTS, depth=OUTPUT)
    assert [one.output is None for one in here] == [one.output is None for one in there]
    assert all(same_value(one.output, other.output) for one, other in zip(here, there, strict=True) if one.output)


def nothing_of_one_kind(*_):
    return object()


def endless(*_):
    return [torch.zeros(1 << 20)] * 9


@pytest.mark.parametrize("answer", [nothing_of_one_kind, endless, lambda *_, **__: None])
def test_trial_here_sees_nothing_right_in_what_is_no_text(answer, monkeypatch):
    assert all(one.failure for one in seen_from_afar(answer, monkeypatch))


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ({"call": [0, "f"], "args": {}}, b""),
        ({"call": [len(TEXTS), ""], "args": {}}, b""),
        ({"call": [0, ""], "args": {"tree": {"code": "x"}, "arrays": []}}, b""),
        ({"call": [0, ""], "args": far.written(((7,), (), ()))[0]}, b""),
        ({"observed": []}, b""),
    ],
)
def test_value_of_a_trial_that_is_none_is_refused(header, body):
    with pytest.raises(WireError, match="no value"):
        Tried(HOLES.trial, TEXTS)(header, body)


def test_trial_that_is_answered_without_end_is_ended():
    tried, (tree, body) = Tried(HOLES.trial, TEXTS), far.written(((None, ()), (), ()))
    for _ in range(MOST_CALLS):
        tried({"call": [0, ""], "args": tree}, body)
    with pytest.raises(WireError, match="without end"):
        tried({"call": [0, ""], "args": tree}, body)
