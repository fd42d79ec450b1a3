"""Pupils: a made class hands in a lesson: solved, with known mistakes, given up half-way, with cells of their own."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from course.checks.registry import EXERCISES
from course.judging.exercise import Exercise
from course.judging.mistakes import with_both, wrong_source

ROOT = Path(__file__).resolve().parents[2]
OWN = (
    "x = torch.arange(6.0).reshape(2, 3)\nprint(x, x.shape, x.softmax(-1).sum(-1))",
    "# what does the scale do?\nfor d in (4, 64):\n    print(d, torch.randn(1000, d).square().sum(-1).mean() / d)",
    "import matplotlib.pyplot as plt\nplt.figure()\nplt.imshow(torch.eye(4))\nplt.show()",
    "assert torch.ones(3).sum() == 3, 'sums work'",
)


@dataclass(frozen=True)
class Course:
    """A folder of its own in which a lesson is released, and where pupils hand in."""

    root: Path
    lesson: str

    def handed_in(self, student: str, notebook: dict[str, Any]) -> None:
        path = self.root / "submitted" / student / self.lesson / f"{self.lesson}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")

    def copied(self, place: Path) -> Course:
        """The same, in another folder, in which nobody has handed in yet."""
        shutil.copytree(self.root, place, ignore=shutil.ignore_patterns("submitted"))
        return Course(place, self.lesson)


def released(root: Path, lesson: str) -> Course:
    """A course in an empty folder, in which nbgrader has released the lesson."""
    root.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "solutions" / lesson, root / "solutions" / lesson)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", lesson]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return Course(root, lesson)


def notebooks(course: Course, count: int, seed: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """So many students, each with what is handed in: three of four answers right, every tenth student without the end,
    every fourth with a cell of one's own, every tenth with a given cell changed."""
    solved, empty = (
        json.loads((course.root / folder / course.lesson / f"{course.lesson}.ipynb").read_text(encoding="utf-8"))
        for folder in ("solutions", "notebooks")
    )
    stubs = {cell["id"]: cell["source"] for cell in empty["cells"]}
    answers = [name for name in EXERCISES if f"check-{name}" in stubs]
    for number in range(count):
        chance = Random(f"{seed} {number}")
        notebook = copy.deepcopy(solved)
        cells = {cell["id"]: cell for cell in notebook["cells"]}
        until = chance.randrange(len(answers)) if number % 10 == 9 else len(answers)
        for at, name in enumerate(answers):
            source = answer(EXERCISES[name], stubs[name], chance) if at < until else stubs[name]
            cells[name]["source"] = source or cells[name]["source"]
        if number % 4 == 1:
            insert(notebook, chance.choice(answers), chance.choice(OWN), f"own-{number}")
        if number % 10 == 2:
            changed = chance.choice([cell for cell in cells.values() if is_given(cell) and cell["id"] != "setup"])
            changed["source"] = [*changed["source"], "\n# I tried this with other numbers"]
        yield f"s{number:04}", notebook


def answer(exercise: Exercise, stub: str, chance: Random) -> str | list[str]:
    """What a pupil writes: '' is the solution; else a known mistake, two at once, something that stops, something that
    nobody knows, or nothing."""
    kind = chance.choices(["right", "known", "both", "stops", "unknown", "blank"], [75, 13, 3, 3, 3, 3])[0]
    found = list(exercise.mistakes)
    if kind == "known" and found:
        return wrong_source(exercise.reference, chance.choice(found))
    if kind == "both" and len(found) > 1:
        return with_both(exercise.reference, *chance.sample(found, 2)) or ""
    if kind == "stops":
        return "".join(stub) + f"\n{exercise.name} = lambda *inputs, **named: inputs[0].no_such_name\n"
    if kind == "unknown":
        return f"import random\ndef {exercise.name}(*inputs, **named):\n    return inputs[0] * 0.37 + 1\n"
    return stub if kind == "blank" else ""


def is_given(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code" and "nbgrader" not in cell["metadata"]


def insert(notebook: dict[str, Any], behind: str, source: str, name: str) -> None:
    """A cell of the learner's own behind the one of that name."""
    place = [cell["id"] for cell in notebook["cells"]].index(behind) + 1
    cell = {"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    notebook["cells"].insert(place, cell)
