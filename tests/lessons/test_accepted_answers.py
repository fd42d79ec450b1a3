"""A learner whose answers are right, but not the course's: do the lesson's given cells show him what they should?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import nbformat
import numpy as np
import pytest

from tests.checks.answers import right_answers
from tests.lessons import run_of, solutions
from tests.lessons.comparison import differences
from tests.lessons.replay import Answers, Script

NUMBERS = [path.stem[:2] for path in solutions()]
TWO = 2  # variants of a lesson: its exercises all answered by their first, all by their second right answer
CHEAP = ("00", "05")  # here all right answers have their turn

# What takes seconds: cell -> a piece of it (a regular expression), and what stands there instead. How such a training
# ends is not looked at here; that it runs, and that all runs which goes on from it, is.
SHORTER = {
    "01": {
        "bit-train-code": (r"n_steps: int = \d+", "n_steps: int = 3"),
        "far-code": (r"n_steps: int = \d+", "n_steps: int = 2"),
        "far-luck": (r"n_steps=\d+", "n_steps=3"),
    },
    "02": {
        "recite-train": (r"\b600\b", "4"),
        "attending-train": (r"\b600\b", "4"),
        "real-train": (r"n_steps\)", "4)"),
    },
    "03": {"word2vec-train": (r"range\(1, \d+\)", "range(1, 3)")},
    "04": {"it-train": (r"steps: int = \d+", "steps: int = 3")},
    "05": {
        "binding-train": (r"range\(\d+\)", "range(3)"),
        "scramble-loss": (r"steps: int = \d+", "steps: int = 3"),
    },
    "06": {"schemes-train": (r"steps: int = \d+", "steps: int = 3")},
    "07": {"sorter": (r"n_steps: int = \d+", "n_steps: int = 3")},
    "08": {"learn-train": (r"n_steps: int = \d+", "n_steps: int = 3")},
    "09": {
        "tests-run": (r"translate\(model, \[source for source, _ in asked\]\)", "[one for _, one in asked]"),
        "race-run": (r"n_steps=\d+", "n_steps=3"),
        "positions-run": (r"n_steps=[\d_]+", "n_steps=3"),
        "positions-lengths": (r"exactly\(translator, pairs\[:50\]\)", "exactly(translator, pairs[:2])"),
        "hamster-run": (r"n_steps=\d+", "n_steps=3"),
        "clinic-ward": (r"n_steps=\d+", "n_steps=3"),
    },
    "10": {
        "translator-data": (r"n_test=\d+", "n_train=300, n_test=2"),
        "translator-train": (r"n_steps=\d+", "n_steps=3"),
    },
    "11": {
        "sums-train": (r"128\), loss_of\(task\), \d+", "8), loss_of(task), 100"),
        "sums-reveal": (r"share > 0\.9", "share >= 0"),
        "order-run": (r"batches\(128\)", "batches(8)"),
        "heads-train": (r"250, 1e-2", "3, 1e-2"),
        "facts-train": (r"\b250\)", "3)"),
    },
    "12": {
        "answer-teach": (r"range\(1, n_steps \+ 1\)", "range(1, 4)"),
        "few-reveal": (r"mean >= scratch", "mean >= 0"),
    },
    "13": {
        "task-data": (r"n_test=\d+, n_plain=\d+", "n_test=30, n_plain=1500"),
        "trained": (r"n_steps: int = \d+", "n_steps: int = 3"),
        "filters-run": (r"range\(\d+\)", "range(3)"),
        "more-run": (r"\(300, \d+\), \(1100, \d+\)", "(300, 3), (400, 3)"),
        "plain-train": (r"batches, \d+", "batches, 3"),
        "plain-pretrain": (r"n_steps=\d+", "n_steps=3"),
        "parts-data": (r"range\(\d+\)", "range(3)"),
    },
}
# Cells that no answer reaches, and that take seconds: their variables are those of the lesson's own run.
LENT = {"03": ("corpus",), "09": ("text-splits", "train-run")}
# Right answers that take seconds for what the course's does at once, and what takes them so long.
SLOW = {
    "jacobians_of_the_rest": "a pass over all that follows, at each step",
    "jacobians_forward": "d h_T / d h_t in full, at each step",
    "counts_by_slices": "a list for each word of a long text",
    "counts_by_products": "a product of matrices for each sentence of a long text",
    "scores_by_loops": "every two vectors apart, at each step of a training",
    "FeedForwardByPosition": "word by word, at each step of a training",
    "sample_row_by_row": "a hundred thousand rows, one by one",
    "top_p_row_by_row": "sorts in Python, in eight times 400 sentences",
    "top_p_by_comparing_all": "compares all pairs of 401 words, in eight times 400 sentences",
    "beams_by_lists": "a hundred beams in Python",
    "viterbi_in_loops": "a number at a time, in hundreds of sentences",
    "viterbi_that_carries_the_sequences": "a number at a time, in hundreds of sentences",
    "likelihood_by_all_sequences": "all sequences of tags, of which there are billions",
    "likelihood_sentence_by_sentence": "every sentence apart, at each step of a training",
    "in_loops": "every window apart, at each step of a training",
}


def quick(answers: list[Callable]) -> list[Callable]:
    """Those that are tried here."""
    return [answer for answer in answers if answer.__name__ not in SLOW]


class Trial:
    """One lesson, and the right answers that are tried in it."""

    def __init__(self, session: pytest.Session, number: str) -> None:
        (self.path,) = [path for path in solutions() if path.stem.startswith(number)]
        self.session, right, lent = session, right_answers(), LENT.get(number, ())
        stored = nbformat.read(self.path, as_version=4)
        values = run_of(number).variables if lent else {}
        self.script = Script(stored, SHORTER.get(number, {}), lent, values)
        self.right = {name: quick(right[name]) for name in self.script.exercises}
        self.n_variants = max(map(len, self.right.values())) if number in CHEAP else TWO

    def variants(self) -> Iterator[dict[str, Callable]]:
        """All exercises answered by their first right answer, all by their second, ..."""
        for turn in range(self.n_variants):
            yield {name: some[turn % len(some)] for name, some in self.right.items()}

    def faults(self, answers: Answers) -> list[str]:
        """Which cell fails, and which show something else than what is stored."""
        run = self.script.run(answers)
        for cell in run.notebook.cells:  # what an answer's own code is warned of is no number
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        ran = {cell.id for cell in run.notebook.cells if cell.execution_count}
        told = ran.intersection(self.script.reached_by(answers or self.script.exercises)) - self.script.cut_short
        return [*filter(None, [run.failure]), *differences(self.session, self.path, run, told)]

    def blamed(self, answers: Answers) -> Iterator[str]:
        """What each of the answers does alone, beside the course's own, where all together do something wrong."""
        if faults := self.faults({}):
            yield from [f"tests/lessons/replay.py runs the course's own answers otherwise than the lesson: {faults[0]}"]
            return
        for name, answer in answers.items():
            yield from (f"{name} as {answer.__name__}: {fault}" for fault in self.faults({name: answer}))


@pytest.mark.parametrize("number", [pytest.param(number, marks=pytest.mark.lesson(number)) for number in NUMBERS])
def test_given_cells_live_with_every_accepted_answer(request, number):
    """A cell that fails here asks for more than the exercise does: it should live with the answer, or its check should
    refuse that, and say why."""
    trial = Trial(request.session, number)
    for answers in trial.variants():
        if faults := trial.faults(answers):
            raise AssertionError("\n\n".join([*trial.blamed(answers)] or ["all together:", *faults]))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (lambda scores, axis=-1: np.exp(scores) / np.exp(scores).sum(axis, keepdims=True) + 0.01, "'same-average'"),
        (lambda scores, axis=-1: scores.tolist(), "cell 'sharpness' fails: AttributeError"),
    ],
)
def test_answer_that_breaks_a_cell_is_found_and_named(request, answer, found):
    trial = Trial(request.session, "00")
    right = next(trial.variants())
    assert trial.faults(right) == []
    blamed = list(trial.blamed(right | {"softmax": answer}))
    assert any(found in one for one in blamed)
    assert {one.split(":")[0] for one in blamed} == {f"softmax as {answer.__name__}"}


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_cut_short_or_lent_is_in_the_lesson(number):
    (path,) = [path for path in solutions() if path.stem.startswith(number)]
    lesson = Script(nbformat.read(path, as_version=4), SHORTER.get(number, {}))
    assert {*lesson.shorter, *LENT.get(number, ())} <= set(lesson.cells)
    assert all(lesson.source(name) != lesson.cells[name].source for name in lesson.shorter)


def test_answers_that_are_left_out_exist_and_leave_enough():
    right = right_answers().values()
    assert SLOW.keys() <= {answer.__name__ for some in right for answer in some}
    assert min(len(quick(some)) for some in right) >= TWO
