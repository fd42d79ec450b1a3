"""Every exercise: is each right answer accepted, and each mistake rejected and called by its name?"""

from __future__ import annotations

import inspect
import math
import re
import runpy
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from course import checks
from course.checks import HIDDEN_SEED, SEEN_SEED, registry
from course.checks.registry import EXERCISES
from course.classroom.author.lesson import lesson_paths
from course.classroom.author.notebook import mark_solutions
from course.judging.comparison import similar_value
from course.judging.exercise import Draw, Exercise
from course.judging.isolation import kept_random_state, quiet
from course.judging.mistakes import wrong_answers
from course.judging.observation import Value, flatten
from course.judging.observe import OUTPUT, observe_all
from tests.checks.judged import cases, examine, examine_mistake, trials
from tests.lessons import lesson_in
from tests.lessons.rules import answer_lines

SEEDS = (SEEN_SEED, HIDDEN_SEED)
FEWEST_MISTAKES, FEWEST_RIGHT, FEWEST_WRONG = 6, 3, 2
CPU_SECONDS = 2.0  # beside other work; a check alone takes half of it
KNOWN_KINDS = {"Tensor", "array", "number", "text", "list", "tuple", "list of tensors", "dict", "None", "bfloat16"}

# Exercises with fewer than six mistakes: name -> why there is no room for more.
FEWER_MISTAKES: dict[str, str] = {}

# exercise -> right answers; exercise -> known mistake -> an answer that makes it; both written independently
RIGHT: dict[str, list[Callable]] = {}
WRONG: dict[str, dict[str, Callable]] = {}
for theme in registry.THEMES:
    folder = Path(__file__).with_name(theme)
    RIGHT |= runpy.run_path(str(folder / "right.py"))["RIGHT"]
    WRONG |= runpy.run_path(str(folder / "wrong.py"))["WRONG"]

every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
every_right_answer = pytest.mark.parametrize(
    ("name", "answer"),
    [pytest.param(name, answer, id=f"{name} {at}") for name, some in RIGHT.items() for at, answer in enumerate(some)],
)


def cpu_seconds(exercise: Exercise, answer: Callable) -> float:
    """The CPU time of one check; of two, since the first also compiles, the least, where the first alone is slow."""
    spent = math.inf
    for _ in range(2):
        began = time.process_time()
        checks.examine(exercise, answer, SEEN_SEED)
        spent = min(spent, time.process_time() - began)
        if spent < CPU_SECONDS:
            break
    return spent


def blank(exercise: Exercise) -> Callable:
    """The exercise's stub, as a learner finds it."""
    source = re.sub(
        r"### BEGIN SOLUTION.*?### END SOLUTION", "raise NotImplementedError()", mark_solutions(exercise.reference),
        flags=re.DOTALL,
    )  # fmt: skip
    namespace = dict(vars(inspect.getmodule(exercise.reference)))
    exec(source, namespace)
    return namespace[exercise.name]


@every_exercise
def test_reference_passes(exercise):
    for seed in SEEDS:
        verdict = checks.examine(exercise, exercise.reference, seed)
        assert verdict.right, verdict.text


@every_exercise
def test_blank_answer_is_told_that_nothing_is_written(exercise):
    for seed in SEEDS:
        verdict = examine(exercise, blank(exercise), seed)
        assert not verdict.right
        assert "not written yet" in verdict.text


@every_exercise
def test_mistakes_are_rejected_and_named(exercise):
    """Named on the cases that the learner sees, rejected on the hidden ones too."""
    faults = {}
    for mistake, answer in wrong_answers(exercise).items():
        verdict = examine_mistake(exercise, answer, SEEN_SEED)
        if verdict.right:
            faults[mistake.name] = "passes; it needs a case that shows it"
        elif not verdict.mistake:
            faults[mistake.name] = f"not recognised: {verdict.text}"
        elif verdict.mistake.name != mistake.name:
            faults[mistake.name] = f"taken for {verdict.mistake.name!r}; a case must tell them apart"
        elif mistake.says not in verdict.text:
            faults[mistake.name] = f"not told what it is: {verdict.text}"
        elif "  Also:" in verdict.text:
            faults[mistake.name] = f"what it does is told as two: {verdict.text}"
        elif not rejected(exercise, answer, HIDDEN_SEED):
            faults[mistake.name] = "passes the hidden cases"
    assert faults == {}


def rejected(exercise: Exercise, answer: Callable, seed: int) -> bool:
    """Whether it does not pass on these cases; mostly an output that differs decides, and saves the rest."""
    tried = trials(exercise, seed)
    with quiet(), kept_random_state(), torch.enable_grad():
        for at, want in enumerate(tried.of(exercise.reference)):
            seen = tried.on(answer, at, OUTPUT)
            if exercise.unique and want.output and seen.output and not similar_value(seen.output, want.output):
                return True
    return not examine_mistake(exercise, answer, seed).right


@every_right_answer
def test_right_answer_passes(name, answer):
    for seed in SEEDS:
        verdict = examine(EXERCISES[name], answer, seed)
        assert verdict.right, f"seed {seed}: {verdict.text}"


@every_exercise
def test_independent_wrong_answers_are_named(exercise):
    for mistake, answer in WRONG.get(exercise.name, {}).items():
        verdict = examine(exercise, answer, SEEN_SEED)
        assert not verdict.right, f"{mistake}: it passes"
        assert verdict.mistake, f"{mistake}: not recognised: {verdict.text}"
        assert verdict.mistake.name == mistake
        assert rejected(exercise, answer, HIDDEN_SEED), f"{mistake}: it passes the hidden cases"


SILLY = {
    "None": lambda *inputs: None,
    "zero": lambda *inputs: 0,
    "an empty list": lambda *inputs: [],
    "a word": lambda *inputs: "right",
    "an object": lambda *inputs: object(),
    "NaN": lambda *inputs: torch.full((2, 3), torch.nan),
    "its first input": lambda *inputs: inputs[0],
    "an exception": lambda *inputs: [][1],
}


@pytest.mark.parametrize("silly", SILLY)
@every_exercise
def test_silly_answer_is_wrong_and_gets_a_message(exercise, silly):
    answer = SILLY[silly]
    if exercise.is_class:
        answer = type(exercise.name, (exercise.reference,), {"forward": lambda self, *inputs: SILLY[silly](*inputs)})
    verdict = examine(exercise, answer, SEEN_SEED)
    assert not verdict.right
    assert len(verdict.text.splitlines()) >= 3


@every_exercise
def test_check_is_quick(exercise):
    answers = [
        exercise.reference,
        *list(wrong_answers(exercise).values())[-1:],
    ]  # the last is compared with all of them
    assert max(cpu_seconds(exercise, answer) for answer in answers) < CPU_SECONDS


@every_exercise
def test_there_are_enough_mistakes_and_answers(exercise):
    mistakes = [mistake.name for mistake in exercise.mistakes]
    few = exercise.name in FEWER_MISTAKES
    assert few == (len(mistakes) < FEWEST_MISTAKES), f"{len(mistakes)} mistakes; FEWER_MISTAKES holds the exceptions"
    assert len(mistakes) == len(set(mistakes))
    assert len(set(RIGHT.get(exercise.name, []))) >= FEWEST_RIGHT, "too few right answers"
    assert len(WRONG.get(exercise.name, {})) >= min(FEWEST_WRONG, len(mistakes)), "too few independent wrong answers"


def test_no_answer_is_for_an_exercise_or_a_mistake_that_does_not_exist():
    assert set(RIGHT) | set(WRONG) | set(FEWER_MISTAKES) <= set(EXERCISES)
    for name, answers in WRONG.items():
        assert set(answers) <= {mistake.name for mistake in EXERCISES[name].mistakes}, name


@every_exercise
def test_cases_differ_with_the_seed_and_begin_with_a_tiny_one(exercise):
    seen, hidden = (list(exercise.cases(Draw(seed))) for seed in SEEDS)
    assert len({case.name for case in seen}) == len(seen), "two cases have one name"
    assert seen[0].name == "tiny"
    first, second = (map(flatten, observe_all(exercise, exercise.reference, cases)) for cases in (seen, hidden))
    assert any(
        one.keys() != two.keys() or any(not np.array_equal(one[name], two[name]) for name in one)
        for one, two in zip(first, second, strict=True)
    ), "an answer learned by heart from the seen cases would pass the hidden ones"


@every_exercise
def test_reference_gives_what_can_be_compared(exercise):
    for seed in SEEDS:
        all_observed = observe_all(exercise, exercise.reference, cases(exercise, seed))
        gradients = [gradient for one in all_observed for gradient in one.gradients.values()]
        assert any(gradient is not None for gradient in gradients) == exercise.gradients, (
            "gradients are asked for, but the reference has none"
        )
        for observed in all_observed:
            assert set((observed.output or Value()).kinds.values()) <= KNOWN_KINDS, (
                "such an object would not be compared"
            )
            assert observed.failure is None or observed.failure.kind == "ValueError", observed.failure
            assert observed.gradient_failure is None, observed.gradient_failure
            arrays = flatten(observed)
            broken = [name for name, value in arrays.items() if value.dtype.kind == "f" and np.isnan(value).any()]
            assert broken == [], "the reference gives NaN"


@every_exercise
def test_laws_and_sentences_are_written_as_the_messages_need_them(exercise):
    for law in exercise.laws:
        assert law.name
        assert law.name[-1] not in ".!?", "the message adds the full stop"
    for mistake in exercise.mistakes:
        assert mistake.says.endswith((".", "?")), mistake.says
        assert len(mistake.says) >= 20, mistake.says
        assert not re.search(r"[.!?] +[A-Z]|\n", mistake.says), f"one sentence: {mistake.says}"


@every_exercise
def test_no_message_contains_the_answer(exercise):
    texts = [exercise.section, *(law.name for law in exercise.laws), *(mistake.says for mistake in exercise.mistakes)]
    said = re.sub(r"[\s`]", "", " ".join(texts))  # however code is set in them
    assert [line for line in answer_lines(mark_solutions(exercise.reference)) if line in said] == []


@every_exercise
def test_section_is_a_heading_that_exists(exercise):
    lessons = [lesson_in(path) for path in lesson_paths() if path.stem.startswith(f"{exercise.lesson:02}")]
    prose = "\n".join(cell.source for lesson in lessons for cell in lesson.cells if cell.kind == "markdown")
    assert exercise.section.replace("`", "") in re.findall(r"^#+ +(.+?) *$", prose.replace("`", ""), re.MULTILINE)


def test_exercises_of_lessons_and_declarations_agree_in_name_and_order():
    asked = [
        (cell.names, cell.module)
        for path in lesson_paths()
        for cell in lesson_in(path).cells
        if cell.kind == "exercise"
    ]
    assert asked == [(one.name, one.reference.__module__) for one in EXERCISES.values()]


def test_no_two_exercises_have_one_name():
    names = [exercise.name for theme in registry.THEMES for exercise in registry.exercises_of(theme)]
    assert sorted(names) == sorted(EXERCISES)
