"""Strangers' answers, written without the known mistakes at hand, each with what is truly wrong with it.

bugs: found in public code, issues, posts (`from` says where), told again in the exercise's words. pairs: two mistakes
at once. slips: what a beginner types. rights: right answers in other styles. An entry is

    === attention_scores
    from: github.com/owner/repository issue 3
    true: the products are divided by d_k instead of its square root
    accept: scaled too strongly; square root missing
    ---
    def attention_scores(query, key): ...

`python -m tests.strangers bugs` prints what each of them is told."""

from __future__ import annotations

import inspect
import itertools
import linecache
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.checks import HIDDEN_SEED, SEEN_SEED, examine
from course.checks.registry import EXERCISES, THEMES
from course.judging.judge import Verdict

KINDS = ("bugs", "pairs", "slips", "rights")
LIBRARIES = (
    Any, Callable, Counter, F, Iterable, Iterator, Mapping, Sequence, Tensor, dataclass, defaultdict, itertools, math,
    nn, np, random, torch,
)  # fmt: skip
ABBREVIATED = {"F": F, "np": np, "PAD": 0, "BOS": 1, "EOS": 2}


@dataclass(frozen=True)
class Stranger:
    """One answer: its exercise, what is said of it (from, true, accept), its code, and where it stands."""

    exercise: str
    told: Mapping[str, str]
    code: str
    place: str

    def verdict(self, seed: int) -> Verdict:
        """What the check says, in a notebook in which the answer's own earlier functions have passed."""
        names = namespace_of(self.exercise)
        before = dict(names)
        linecache.cache[self.place] = (len(self.code), None, self.code.splitlines(keepends=True), self.place)
        exec(compile(self.code, self.place, "exec"), names)
        own = {name: names[name] for name in EXERCISES if name in names and names[name] is not before.get(name)}
        return examine(EXERCISES[self.exercise], names[self.exercise], seed, own)


def strangers(kind: str, theme: str) -> Iterator[Stranger]:
    """The entries of that kind and theme, in their order."""
    path = Path(__file__).parent / kind / f"{theme}.txt"
    blocks = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:] if path.exists() else []
    for number, block in enumerate(blocks):
        head, _, code = block.partition("\n---\n")
        name, *lines = head.splitlines()
        told = dict(line.split(": ", 1) for line in lines if ": " in line)
        yield Stranger(name, told, code, f"<{kind}/{theme} {number}>")


def namespace_of(name: str) -> dict[str, Any]:
    """The names of a notebook in which that exercise is open: libraries, the module's own, and what came earlier."""
    module = inspect.getmodule(EXERCISES[name].reference)
    own = {key: value for key, value in vars(module).items() if not key.startswith("__") and key not in EXERCISES}
    libraries = {one.__name__.rpartition(".")[2]: one for one in LIBRARIES if hasattr(one, "__name__")}
    earlier = itertools.takewhile(lambda other: other != name, EXERCISES)
    known = {other: EXERCISES[other].reference for other in earlier}
    return {"__name__": "__main__", "Any": Any, **libraries, **ABBREVIATED, **known, **own}


def is_right(one: Stranger) -> bool:
    """Whether the check accepts it, visible and hidden."""
    return all(one.verdict(seed).right for seed in (SEEN_SEED, HIDDEN_SEED))


def all_of(kind: str) -> Iterator[Stranger]:
    return (one for theme in THEMES for one in strangers(kind, theme))
