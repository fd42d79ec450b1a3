"""In a notebook: an exercise that was skipped, or whose cell was not run, says so where a cell needs it."""

import json

import pytest
from nbclient import NotebookClient
from nbformat import v4

from course.checks.notebook import GREEN, last_source, praised, shell

SKIPPED = """
from course.checks import check
def causal_mask(n_positions):
    raise NotImplementedError()
"""
RUNS = [
    (
        SKIPPED,
        "causal_mask(3)",
        "causal_mask is not written yet, and this cell needs it (section 'Not into the future')",
    ),
    (SKIPPED, "causal_mask(3)", "`from course.attention import causal_mask` in a cell of your own"),
    (
        SKIPPED,
        "check(padding_mask)",
        "not there yet: run its cell first (section 'Not into the padding'",
    ),
    ("rows, last = causal_mask(3), 0", "rows + 1", "rows is not there: the cell that makes it stopped with an error"),
    ("def f():\n    inner = 0\n1 / 0", "inner", "name 'inner' is not defined"),
    ("for found in ():\n    kept = found", "kept", "name 'kept' is not defined"),
    (SKIPPED, "unknown", "name 'unknown' is not defined"),
    (SKIPPED, "1 / 0", "division by zero"),
]


@pytest.fixture(scope="module")
def kernel_said():
    """What a kernel says to each of RUNS."""
    cells = [v4.new_code_cell(source) for setup, asked, _ in RUNS for source in (setup, asked)]
    notebook = v4.new_notebook(cells=cells)
    NotebookClient(notebook, allow_errors=True, extra_arguments=["--log-level=ERROR"]).execute()
    return [json.dumps([output.get("traceback") for output in cell.outputs]) for cell in notebook.cells[1::2]]


@pytest.mark.parametrize("number", range(len(RUNS)))
def test_an_exercise_that_was_skipped_says_so_where_it_is_needed(kernel_said, number):
    """Never with a raw NotImplementedError; other errors are as always."""
    assert RUNS[number][2] in kernel_said[number]
    assert ("Traceback" in kernel_said[number]) == (number > 3)


def test_outside_of_a_notebook_all_is_plain():
    assert shell() is None
    assert praised("right") == "right"
    assert GREEN not in praised("right")
    assert last_source("causal_mask") == ""
