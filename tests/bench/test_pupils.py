"""Pupils: who hands in what; the same each time, and as the table of kinds says."""

import json
from collections import Counter

from course.bench.grading import LESSON
from course.bench.pupils import Course, answer, insert, notebooks
from course.checks.registry import EXERCISES
from course.classroom import ROOT

HERE = Course(ROOT, LESSON)


def sources(notebook: dict) -> dict[str, str]:
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


def as_is(folder: str) -> dict[str, str]:
    return sources(json.loads((ROOT / folder / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")))


def test_a_class_is_the_same_each_time_and_another_with_another_seed():
    one, same, other = (list(notebooks(HERE, 3, seed)) for seed in (0, 0, 1))
    assert one == same != other


def test_pupils_differ_as_is_said():
    solved, empty = as_is("solutions"), as_is("notebooks")
    answers = [name for name in EXERCISES if f"check-{name}" in solved]
    pupils = {student: sources(notebook) for student, notebook in notebooks(HERE, 40)}
    assert list(pupils)[:2] == ["s0000", "s0001"]
    kinds = Counter(
        "right" if text[name] == solved[name] else "blank" if text[name] == empty[name] else "wrong"
        for text in pupils.values() for name in answers
    )  # fmt: skip
    assert 0.6 < kinds["right"] / kinds.total() < 0.8
    assert kinds["wrong"] > 30
    assert kinds["blank"] > 5
    own = [student for student, text in pupils.items() if text.keys() - solved.keys()]
    assert own == [f"s{number:04}" for number in range(40) if number % 4 == 1]
    changed = {
        student for student, text in pupils.items()
        if any(text[name] != solved[name] for name in solved.keys() - answers)
    }  # fmt: skip
    assert changed == {f"s{number:04}" for number in range(40) if number % 10 == 2}


class Chosen:
    """Chance that chooses this kind, and of everything else the first."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def choices(self, kinds: list[str], weights: list[int]) -> list[str]:
        assert sum(weights) == 100
        return [kinds[kinds.index(self.kind)]]

    def choice(self, found: list) -> object:
        return found[0]

    def sample(self, found: list, count: int) -> list:
        return found[-count:]


def test_each_kind_of_answer_is_what_it_says():
    exercise = EXERCISES["causal_mask"]
    written = {kind: answer(exercise, "stub", Chosen(kind)) for kind in ("right", "known", "stops", "unknown", "blank")}
    assert (written.pop("right"), written.pop("blank")) == ("", "stub")
    for source in written.values():
        assert "causal_mask" in source
        compile(source.replace("stub", "pass"), "answer", "exec")


def test_a_cell_of_ones_own_stands_behind_the_answer():
    [(_, notebook)] = notebooks(HERE, 1)
    insert(notebook, "causal_mask", "x = 1", "own-1")
    names = [cell["id"] for cell in notebook["cells"]]
    assert names[names.index("causal_mask") + 1] == "own-1"
