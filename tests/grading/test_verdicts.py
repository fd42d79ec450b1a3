"""Verdicts: is an answer that is asked in a sandbox told what `check` would have told it?"""

from __future__ import annotations

import linecache
from collections.abc import Callable

import numpy as np
import pytest

from course import checks
from course.checks import SEEN_SEED
from course.checks.registry import EXERCISES
from course.grading import verdicts
from course.grading.verdicts import Absent, Died, Examiner, Judged, borrowable
from tests.grading import needs_sandbox

pytestmark = needs_sandbox
RIGHT = {
    "row_means": "def row_means(table):\n    return np.array([sum(row) / len(row) for row in table])",
    "matmul": "def matmul(a, b):\n    return np.einsum('nm,mp->np', a, b) + 0.0",
    "weighted_average": "def weighted_average(values, weights):\n"
    "    return (weights / weights.sum(-1, keepdims=True)) @ values",
}
SOFTMAX = """
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
"""
WRONG = {
    "overflow": "def softmax(scores, axis=-1):\n    e = np.exp(scores)\n    return e / e.sum(axis=axis, keepdims=True)",
    "no axis": "def softmax(scores, axis=-1):\n    e = np.exp(scores - scores.max())\n    return e / e.sum()",
    "raises": "def softmax(scores, axis=-1):\n    return scores.nothing",
    "gives nothing": "def softmax(scores, axis=-1):\n    scores",
    "another kind": "def softmax(scores, axis=-1):\n    return 'text'",
    "random": "def softmax(scores, axis=-1):\n    return np.random.rand(*scores.shape)",
    "blank": "def softmax(scores, axis=-1):\n    raise NotImplementedError()",
    "other parameters": "def softmax(x):\n    return x",
}


@pytest.fixture(scope="module")
def examiner() -> Examiner:
    return Examiner(0, 1234)


@pytest.fixture
def np_room(room):
    room.run("import numpy as np", 60)
    return room


def examined(examiner: Examiner, room, name: str, *sources: str, right=tuple(RIGHT)) -> Judged:
    for source in sources:
        assert [one for one in room.run(source, 60) if one["output_type"] == "error"] == []
    return examiner.examine(room, name, right, list(sources))


@pytest.mark.parametrize("name", RIGHT)
def test_right_answer_is_right(examiner, np_room, name):
    verdict = examined(examiner, np_room, name, RIGHT[name])
    assert verdict.right
    assert verdict.text.startswith(f"{name}: ")


@pytest.mark.parametrize("what", WRONG)
def test_wrong_answer_is_told_what_check_tells_it(examiner, np_room, what, monkeypatch):
    answer = as_in_a_notebook(WRONG[what], what, monkeypatch)
    verdict = examined(examiner, np_room, "softmax", WRONG[what])
    expected = checks.examine(EXERCISES["softmax"], answer, SEEN_SEED)
    assert not verdict.right
    assert not verdict.fits_seen_alone
    assert verdict.mistakes == expected.mistakes
    assert verdict.text == expected.text


def as_in_a_notebook(source: str, name: str, monkeypatch) -> Callable:
    """The function, whose source can be read."""
    file, namespace = f"<ipython-input-1-{name}>", {"np": np}
    monkeypatch.setitem(linecache.cache, file, (len(source), None, source.splitlines(keepends=True), file))
    exec(compile(source, file, "exec"), namespace)
    return namespace["softmax"]


def test_known_mistake_is_named(examiner, np_room):
    verdict = examined(examiner, np_room, "softmax", WRONG["overflow"])
    assert [mistake.says in verdict.text for mistake in verdict.mistakes] == [True]


def test_without_reasons_it_is_but_wrong(np_room):
    verdict = examined(Examiner(0, 1234, explains=False), np_room, "softmax", WRONG["overflow"])
    assert verdict == Judged(False, "softmax is not right yet.")


def test_absent_answer_is_absent(examiner, np_room):
    with pytest.raises(Absent) as absent:
        examined(examiner, np_room, "softmax")
    assert str(absent.value) == ""
    with pytest.raises(Absent, match=r"^list$"):
        examined(examiner, np_room, "softmax", "softmax = [1]")


def test_answer_that_ends_its_process_has_died_and_the_next_is_asked(examiner, np_room):
    with pytest.raises(Died, match="status"):
        examined(examiner, np_room, "softmax", "import os\ndef softmax(scores, axis=-1): os._exit(3)")
    assert examined(examiner, np_room, "softmax", SOFTMAX).right


def test_answer_that_never_ends_is_wrong_and_is_asked_no_more_often(examiner, np_room, monkeypatch):
    asked = []
    monkeypatch.setattr(type(np_room), "ask", spy(type(np_room).ask, asked))
    short = "import signal\ndef softmax(scores, axis=-1):\n    signal.setitimer(signal.ITIMER_PROF, 0.2, 1)\n"
    verdict = examined(examiner, np_room, "softmax", short + "    while True: pass")
    assert not verdict.right
    assert "still running" in verdict.text
    assert asked == ["softmax", "softmax"]  # on the hidden inputs, and on those that explain


def spy(function, calls):
    def spied(room, name, *rest):
        calls.append(name)
        return function(room, name, *rest)

    return spied


FITTED = """
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    known = scores.shape in {shapes}
    return e / e.sum(axis=axis, keepdims=True) if known else e
"""


def test_answer_that_fits_the_seen_inputs_alone_is_wrong_and_known_for_it(examiner, np_room):
    shapes = {case["scores"].shape for case in verdicts.prepared("softmax", SEEN_SEED).cases}
    hidden = {case["scores"].shape for case in verdicts.prepared("softmax", 1234).cases}
    assert hidden - shapes
    verdict = examined(examiner, np_room, "softmax", FITTED.format(shapes=shapes))
    assert (verdict.right, verdict.fits_seen_alone) == (False, True)
    assert "wrong on others" in verdict.text


USING = """
def softmax(scores, axis=-1):
    assert row_means(np.eye(2)).tolist() == [0.5, 0.5]
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
"""
OWN = USING.replace("== [0.5, 0.5]", "== [7]")


def test_course_lends_its_own_where_earlier_answers_are_wrong(examiner, np_room):
    wrong = "def row_means(table): return np.array([9.0])"
    assert examined(examiner, np_room, "softmax", wrong, USING, right=()).right
    assert examined(examiner, np_room, "softmax", "del row_means", USING, right=()).right


def test_course_lends_nothing_where_earlier_answers_are_right(examiner, np_room):
    """It is asked beside what stands there; only if it is wrong beside that, beside the course's."""
    own = "def row_means(table): return np.array([7])"
    assert examined(examiner, np_room, "softmax", own, OWN).right
    assert not examined(examiner, np_room, "softmax", own, OWN, right=()).right
    assert examined(examiner, np_room, "softmax", own, USING).right


def test_only_earlier_exercises_of_the_lesson_are_lent():
    assert [name for _, name, _ in borrowable("weighted_average")] == ["row_means", "matmul"]
    assert borrowable("row_means") == ()
    assert [name for _, name, _ in borrowable("label_smoothing_loss")] == [
        "byte_pair_merges", "bpe_encode", "bpe_decode", "batches_by_length"
    ]  # fmt: skip
