"""Dependence: is it told from the code alone which cells an answer reaches, and which these need?"""

import pytest

from tests.lessons.dependence import Dependence, names_of


@pytest.mark.parametrize(
    ("source", "reads", "binds"),
    [
        ("x = y + len(z)", {"y", "z"}, {"x"}),
        ("x = x + 1", {"x"}, {"x"}),
        ("x = 1\nprint(x)", set(), {"x"}),
        ("for x in y:\n    z = x", {"y"}, {"x", "z"}),
        ("with f() as x:\n    x", {"f"}, {"x"}),
        ("if a:\n    b = 1\nelse:\n    c", {"a", "c"}, {"b"}),
        ("try:\n    x = f()\nexcept E as error:\n    error\nfinally:\n    y", {"f", "y"}, {"x", "error"}),
        ("[x + a for x in y if (b := x)]", {"a", "y"}, {"b"}),
        ("f = lambda x: x + a", {"a"}, {"f"}),
        ("import a.b as c\nfrom d import e", set(), {"c", "e"}),
        ("def f(x):\n    y = x + a\n    return y", set(), {"f"}),
        ("def f(x=b):\n    return a", set(), {"f"}),
        ("def f():\n    return a\nb = f()", {"a"}, {"f", "b"}),
        ("x[0] = y", {"x", "y"}, set()),
        ("x, (y, *z) = w", {"w"}, {"x", "y", "z"}),
    ],
)
def test_what_a_cell_reads_and_binds(source, reads, binds):
    assert (names_of(source).reads, names_of(source).binds) == (reads, binds)


@pytest.mark.parametrize(
    ("source", "touches"),
    [
        ("x += 1", {"x"}),
        ("x.a[0] = 1", {"x"}),
        ("x.append(1)", {"x"}),
        ("x.a(), y.b()", {"x", "y"}),
        ("z = x.a()", set()),
        ("x = []\nx.append(1)", set()),
    ],
)
def test_what_a_cell_changes_in_place(source, touches):
    assert names_of(source).touches == touches


CELLS = {
    "setup": "import math",
    "answer": "def answer(x): return x",
    "before": "other = 1\nwords = []",
    "model": "def model(): return answer(other)",
    "use": "shown = model()\nwords.append(shown)",
    "apart": "lonely = other + 1",
    "later": "print(words)",
    "again": "words = math.pi",
    "last": "print(words)",
}


def test_answer_reaches_what_calls_it_and_what_was_made_of_it():
    assert Dependence(CELLS).reached_from(["answer"]) == ["use", "later"]


def test_needed_is_what_gives_and_what_changes_the_names_that_are_read():
    needed = Dependence(CELLS).needed_by(["later"])
    assert list(needed) == ["answer", "before", "model", "use", "later"]
    assert needed["before"] == {"words", "other"}
    assert list(Dependence(CELLS).needed_by(["last"])) == ["setup", "again", "last"]


def test_for_a_lent_cell_nothing_is_needed():
    needed = Dependence(CELLS).needed_by(["later"], lent=["use"])
    assert (list(needed), needed["use"]) == (["before", "use", "later"], {"words"})


def test_last_value_is_that_of_the_last_cell_that_binds_it():
    dependence = Dependence(CELLS)
    assert dependence.is_last("again", "words")
    assert not dependence.is_last("before", "words")
