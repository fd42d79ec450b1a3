"""Mistakes: the reference with a patch of its source, run as if a learner had written it."""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable

from course.checks.exercise import Exercise, Mistake


def patched_source(reference: Callable, mistake: Mistake) -> str:
    """The reference's source with the mistake in it. ValueError where a patch does not match exactly once."""
    source = textwrap.dedent(inspect.getsource(reference))
    for old, new in mistake.patches:
        if source.count(old) != 1:
            raise ValueError(
                f"{reference.__name__}, mistake {mistake.name!r}: {old!r} stands {source.count(old)} times in the source, "
                "but a patch must match exactly once"
            )
        source = source.replace(old, new)
    return source


@functools.cache
def patched(reference: Callable, mistake: Mistake) -> Callable:
    """The reference with the mistake in it, as a learner would have it."""
    source = patched_source(reference, mistake)
    namespace = dict(vars(inspect.getmodule(reference)))
    exec(compile(source, f"<{reference.__name__} with {mistake.name}>", "exec"), namespace)
    return namespace[reference.__name__]


def wrong_answers(exercise: Exercise) -> dict[Mistake, Callable]:
    """Every known mistake of the exercise, as a function or class that makes it."""
    return {mistake: patched(exercise.reference, mistake) for mistake in exercise.mistakes}
