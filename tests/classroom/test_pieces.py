"""Pieces: does an answer get all that it needs of its notebook, and nothing else?"""

from __future__ import annotations

import pytest

from course.classroom.learner.pieces import at_home, kept, pieces_of, statements, trimmed
from course.mine.record import Cell, answer_in

ROOMS = {"first": "attention", "second": "attention", "third": "multi_head"}


def taken(wanted: set[str], **cells: str) -> list[str]:
    """What is taken of a notebook of these cells; a cell called check_... is a check."""
    book = [Cell(name, name, name.startswith("check"), source) for name, source in cells.items()]
    return [at_home(piece) for piece in trimmed(kept(pieces_of(book, ROOMS, wanted)))]


def test_statements_keep_their_comments_and_their_layout():
    source = "# above\nx = (1,\n     2)  # beside\n\ndef f():\n    return 1\n    # inside\n\n# behind\ny = 1; z = 2"
    expected = ["# above\nx = (1,\n     2)  # beside", "def f():\n    return 1\n    # inside", "# behind\ny = 1; z = 2"]
    assert statements(source) == expected
    assert statements("%matplotlib inline\n!ls\nx = 1") == ["x = 1"]
    assert statements("def f(:") == []


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"setup": "import math, os"}, ["import math"]),
        ({"setup": "from math import pi, e\nfrom os import path"}, []),
        ({"given": "math = 3\nother = 4", "show": "print(math)\nfirst(math)"}, ["math = 3"]),
        ({"given": "import numpy as np\nmath = np.zeros(3)", "own": "math[0] = 1\nnp.random.seed(0)"},
         ["import numpy as np", "math = np.zeros(3)", "math[0] = 1"]),
        ({"check_first": "math = 3"}, []),
    ],
)  # fmt: skip
def test_an_answer_takes_along_what_it_reads(cells, expected):
    found = taken({"first"}, **cells, first="def first(x):\n    return math.sqrt(x)")
    assert sorted(found) == sorted([*expected, "def first(x):\n    return math.sqrt(x)"])


def test_other_answers_come_from_where_they_stand():
    second, third = "def second():\n    return first()", "def third():\n    return second(), first()"
    cells = {"first": "def first(: wrong", "second": second, "third": third}
    assert taken({"second"}, **cells) == ["from course.mine.attention import first", second]
    assert taken({"third"}, **cells) == [
        "from course.mine.attention import first",
        "from course.mine.attention import second",
        third,
    ]
    again = {"go_on": "from course.attention import first", "second": second}
    assert taken({"second"}, **again) == ["from course.mine.attention import first", second]


def test_what_comes_from_the_course_comes_from_where_your_parts_are():
    answer = "def first():\n    return rotate, plots"
    found = taken({"first"}, setup="from course import plots\nfrom course.positions import rotate", first=answer)
    assert found == ["from course import plots", "from course.mine.positions import rotate", answer]


def test_an_answer_is_the_cell_that_was_handed_out_for_it_and_no_check():
    cells = [Cell("check-first", "check-first", True, "check(first)"), Cell("a1", "first", False, "first = 1")]
    assert answer_in(cells, "first") == cells[1]
    assert answer_in(cells, "second") is None
