"""Replay: what do a lesson's given cells show to a learner who has answered otherwise than the course?"""

from __future__ import annotations

import contextlib
import copy
import inspect
import random
import re
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from unittest import mock

import numpy as np
import torch
from matplotlib.figure import Figure
from nbformat import NotebookNode, v4
from torch import nn

from course.checks.registry import EXERCISES, earlier_references
from course.classroom.author.solution import GIVEN
from course.judging.isolation import kept_random_state, swapped
from tests.lessons import one_torch_thread
from tests.lessons.dependence import Dependence
from tests.lessons.shell import Run, run_notebook

LENT, SEED = "lent_by_the_test", "seeded_by_the_test"
Answers = Mapping[str, Callable]  # exercise -> an answer that stands there instead of the course's


@dataclass(frozen=True)
class Script:
    """The cells of a solved notebook, to be run again with other answers.

    shorter: cell -> a regular expression that finds a piece of its code, and what stands there instead
    lent: cells that are not run; their variables have the values that they have at the lesson's end"""

    notebook: NotebookNode
    shorter: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    lent: Collection[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def cells(self) -> dict[str, NotebookNode]:
        """All that run, but no checks."""
        code = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        return {cell.id: cell for cell in code if not cell.metadata.get("nbgrader", {}).get("grade")}

    @cached_property
    def exercises(self) -> list[str]:
        return [name for name, cell in self.cells.items() if cell.metadata.get("nbgrader", {}).get("solution")]

    @cached_property
    def dependence(self) -> Dependence:
        return Dependence({name: cell.source for name, cell in self.cells.items()})

    def reached_by(self, answers: Collection[str]) -> list[str]:
        """The given cells that use one of these, or what others have made of it."""
        return [name for name in self.dependence.reached_from(answers) if name not in self.exercises]

    @cached_property
    def cut_short(self) -> set[str]:
        """The cells that show other numbers because a training is shorter."""
        return {*self.shorter, *self.dependence.reached_from(self.shorter)}

    def run(self, answers: Answers) -> Run:
        """The cells that these reach, and those that they need; without answers, all with the course's own.

        Each cell finds other random states than in the lesson: what others have drawn is not its concern."""
        needed = self.dependence.needed_by(self.reached_by(answers or self.exercises), self.lent)
        lent = {name: under_its_name(name, answer) for name, answer in answers.items()}
        cells = []
        for number, (name, wanted) in enumerate(needed.items()):
            if name in answers:
                wanted = {name}
            elif name in self.lent:
                wanted = {one for one in wanted if self.dependence.is_last(name, one)}
                lent |= {one: copied(self.values[one]) for one in wanted}
            cells.append(v4.new_code_cell(f"{SEED}({number})", id=f"seed-{number}"))
            cells.append(copy.copy(self.cells[name]))
            cells[-1].source = lines_of(wanted) if name in answers or name in self.lent else self.source(name)
        with unseen(), beside_each_other(answers):
            return run_notebook(v4.new_notebook(cells=cells), {LENT: lent, SEED: seed})

    def source(self, name: str) -> str:
        """The cell's code, made shorter where that is asked. AssertionError where it has no such piece."""
        source = self.cells[name].source
        if name not in self.shorter:
            return source
        source, n_found = re.subn(*self.shorter[name], source)
        assert n_found == 1, f"cell {name!r} has {n_found} times what {self.shorter[name][0]!r} is to find"
        return source


def lines_of(names: Collection[str]) -> str:
    """Code that binds what is lent."""
    return "\n".join(f"{name} = {LENT}[{name!r}]" for name in sorted(names))


def seed(number: int) -> None:
    """All random states that a cell could find."""
    random.seed(number), np.random.seed(number), torch.manual_seed(number)


def copied(value: Any) -> Any:
    """A model of its own, which may be trained; what else is lent, all look at."""
    return copy.deepcopy(value) if isinstance(value, nn.Module) else value


def under_its_name(name: str, answer: Callable) -> Callable:
    """The answer as the learner's notebook has it: called so and, of a class, with the methods that are given."""
    if inspect.isclass(answer):
        inherited = {method for base in answer.__mro__ if base not in nn.Module.__mro__ for method in vars(base)}
        methods = inspect.getmembers(EXERCISES[name].reference, inspect.isfunction)
        given = {key: method for key, method in methods if key not in inherited and is_given(method)}
        return type(name, (answer,), given)
    if not inspect.isfunction(answer):
        return answer
    renamed = types.FunctionType(answer.__code__, answer.__globals__, name, answer.__defaults__, answer.__closure__)
    renamed.__kwdefaults__ = answer.__kwdefaults__
    return renamed


def is_given(method: Callable) -> bool:
    return bool(GIVEN.search(inspect.getsource(method)))


@contextlib.contextmanager
def beside_each_other(answers: Answers) -> Iterator[None]:
    """An answer that uses an earlier exercise of its theme finds the answer to that, else the course's."""
    with contextlib.ExitStack() as stack:
        for name, answer in answers.items():
            earlier = earlier_references(name)
            stack.enter_context(swapped(answer, {one: answers.get(one, earlier[one]) for one in earlier}))
        yield


@contextlib.contextmanager
def unseen() -> Iterator[None]:
    """A run that leaves all settings as they were, and draws no pixels: they take long, and nobody compares them."""
    blank = mock.patch.object(Figure, "savefig", lambda figure, file, **_: file.write(b"no pixels"))
    with blank, one_torch_thread(), kept_random_state(), np.errstate(), np.printoptions(), torch.enable_grad():
        yield
