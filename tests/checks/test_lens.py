"""A lens: do random starts look alike through it, and bad ones bad?"""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.checks.lens import Lens
from course.checks.positions.toys import SmallAtRandom
from course.checks.transformer.cases import StandardNormal
from course.judging.observation import record


def seen(output: torch.Tensor) -> np.ndarray:
    """What the judge gets."""
    return record(output).arrays[""]


WAYS_TO_ADD = (
    lambda x, table: x + table,
    lambda x, table: table[None] + x,
    lambda x, table: torch.add(x, table),
    lambda x, table: torch.stack([word + table[t] for t, word in enumerate(x.unbind(1))], dim=1),
    lambda x, table: x + F.embedding(torch.arange(len(table)), table),
)


@pytest.mark.parametrize("add", WAYS_TO_ADD)
@pytest.mark.parametrize(("spread", "good"), [(1.0, True), (0.02, True), (0.0, False), (10.0, False)])
def test_a_table_is_small_and_random_in_whatever_way_it_is_added(add, spread, good):
    table = nn.Parameter(spread * torch.randn(50, 8, generator=torch.Generator().manual_seed(1)))
    output = add(copy.deepcopy(torch.zeros(1, 50, 8).as_subclass(SmallAtRandom)), table)
    assert SmallAtRandom.sees_good(seen(output)) == good
    assert len(np.unique(seen(output))) == 1, "two random tables are to look alike"
    assert SmallAtRandom.sees_good(seen(table[None])) == good, "where the lens was lost"


WAYS_TO_LOOK_UP = (
    lambda tokens, table: table[tokens],
    lambda tokens, table: F.embedding(tokens, table),
    lambda tokens, table: table.index_select(0, tokens.flatten()),
    lambda tokens, table: F.one_hot(tokens, len(table)).to(table.dtype) @ table,
)


@pytest.mark.parametrize("look_up", WAYS_TO_LOOK_UP)
@pytest.mark.parametrize(
    ("draw", "good"),
    [
        (torch.randn, True),
        (lambda *shape: 2 * torch.randn(*shape), False),
        (lambda *shape: torch.randn(*shape) / 8, False),
        (lambda *shape: 1 + torch.randn(*shape), False),
        (lambda *shape: 3**0.5 * (2 * torch.rand(*shape) - 1), False),
    ],
)
def test_rows_are_standard_normal_in_whatever_way_they_are_looked_up(look_up, draw, good):
    torch.manual_seed(1)
    table = nn.Parameter(draw(1000, 64))
    output = look_up(torch.arange(1000)[None].as_subclass(StandardNormal), table)
    assert StandardNormal.sees_good(seen(output)) == good
    assert len(np.unique(seen(output))) == 1


def test_a_lens_has_to_say_what_it_sees():
    with pytest.raises(NotImplementedError):
        seen(torch.zeros(3).as_subclass(Lens))
