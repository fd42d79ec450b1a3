"""Served: functions that stay here while an answer in its sandbox calls them; each call is counted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from course.grading.inside import far, wire
from course.judging.exercise import Asked, Case, copied
from course.judging.isolation import kept_random_state, quiet

MOST_SIZE, MOST_CALLS = 1 << 14, 50_000  # bytes of a call, of which broadcasting could make many; calls of a question


class Served:
    """The functions among the inputs of these cases that count how often they are asked."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.functions = {
            (at, name): copied(value.function) for at, case in enumerate(cases) for name, value in counted(case).items()
        }
        self.calls: Counter[tuple[int, str]] = Counter()

    def times(self, at: int) -> dict[str, int]:
        """How often each of them was called on the case with that number."""
        return {name: self.calls[case, name] for case, name in self.functions if case == at}

    def __call__(self, header: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """The reply to a call. WireError of what is none."""
        match header:
            case {"call": [int(at), str(name)], "training": bool(training), "args": args} if (
                at,
                name,
            ) in self.functions:
                self.calls[at, name] += 1
            case _:
                raise wire.WireError("a call of nothing")
        if self.calls.total() > MOST_CALLS:
            raise wire.WireError("it calls without end")
        if len(body) > MOST_SIZE:
            return raised(ValueError("what it is called with is too large")), b""
        try:
            given = far.read(args, body)
        except RecursionError:
            raise wire.WireError("a call that is too deep") from None
        return replied(self.functions[at, name], given, training)


def counted(case: Case) -> dict[str, Asked]:
    return {name: value for name, value in case.inputs.items() if isinstance(value, Asked)}


def kept_here(at: int, case: Case) -> Case:
    """The same case, in which nothing of these functions is but where to call them."""
    places: dict[str, Any] = {}
    for name, value in counted(case).items():
        model = value.function
        places[name] = far.Far(at, name)
        if isinstance(model, nn.Module):
            places[name] = far.FarModule(at, name, model.config, model.training)
    return replace(case, inputs={**case.inputs, **places})


def replied(function: Any, given: Any, training: bool) -> tuple[dict[str, Any], bytes]:
    """What the function says, or the error that it raises."""
    try:
        args, names, values = given
        if not all(map(is_small, (*args, *values))):
            raise ValueError("what it is called with is too large")
        with quiet(), kept_random_state(), torch.no_grad():
            if isinstance(function, nn.Module):
                function.train(training)
            tree, body = far.written(function(*args, **dict(zip(names, values, strict=True))))
    except Exception as error:
        return raised(error), b""
    return {"value": tree}, body


def is_small(value: Any) -> bool:
    """Also a tensor of no bytes may have an axis of which others are made."""
    return not isinstance(value, torch.Tensor | np.ndarray) or max(value.shape, default=0) <= MOST_SIZE


def raised(error: Exception) -> dict[str, Any]:
    return {"raised": [type(error).__name__, str(error)[: far.MOST_TEXT]]}
