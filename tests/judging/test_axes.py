"""Axes: are shapes read in docstrings, and places told in words?"""

from __future__ import annotations

import numpy as np
import pytest

from course.checks.registry import EXERCISES
from course.judging.axes import aligned, in_words, input_axes, output_axes, shapes_in, sizes
from course.judging.exercise import Case, Draw


def test_shapes_are_read_with_their_names():
    found = shapes_in("query (..., T_q, d_k), keys and values (..., T_k, d_k)")
    assert found == {"query": ("...", "T_q", "d_k"), "keys": ("...", "T_k", "d_k"), "values": ("...", "T_k", "d_k")}


@pytest.mark.parametrize(
    ("name", "axes"),
    [
        ("attention_scores", ("...", "T_q", "T_k")), ("softmax", ()), ("rotate", ("...", "T", "d")),
        ("MultiHeadAttention", ("B", "T_q", "d_model")), ("Transformer", ("B", "T_q", "target_vocab_size")),
    ],
)  # fmt: skip
def test_output_axes_are_those_of_the_docstring(name, axes):
    assert output_axes(EXERCISES[name], Case("", {})) == axes


def test_every_output_axis_of_the_course_fits_its_outputs():
    """Where a docstring gives the shape of the one output, the reference's output has it."""
    for exercise in EXERCISES.values():
        case = next(iter(exercise.cases(Draw(1))))
        for name, axes in input_axes(exercise, case).items():
            value = case.inputs.get(name)
            if hasattr(value, "ndim") and "..." not in axes and "" not in axes:
                assert value.ndim == len(axes), (exercise.name, name)


def test_places_are_told_in_words_where_every_axis_has_one():
    assert in_words((1, 0, 2), ("...", "T_q", "T_k")) == ""
    assert in_words((0, 2), ("...", "T_q", "T_k")) == "query 0, key 2"
    assert in_words((0, 2), ("n", "n")) == ""
    assert aligned(("B", "T"), 3) == ["", "", ""]


def test_sizes_have_the_names_of_their_axes():
    case = Case("", {"query": np.zeros((5, 8)), "key": np.zeros((7, 8)), "k": 3}, {"n_heads": 2, "d_model": 8})
    found = sizes(EXERCISES["attention_scores"], case)
    assert (found["T_q"], found["T_k"], found["d_k"], found["`k`"], found["d_head"]) == (5, 7, 8, 3, 4)
