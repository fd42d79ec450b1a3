"""Lessons: does each keep the rules, hide its answers, and print or prove every number that it claims?"""

from __future__ import annotations

import functools
import logging
from pathlib import Path

import nbformat
import pytest

from course.classroom.author.build import ROOT, release
from course.classroom.author.lesson import Lesson, lesson_paths, read_lesson
from course.classroom.author.notebook import make_notebook
from tests.lessons import lesson_in, run_lesson
from tests.lessons.arithmetic import false_calculations
from tests.lessons.numbers import NUMBERS
from tests.lessons.prose import claims, unproved
from tests.lessons.rules import RULES, leaks

every_lesson = pytest.mark.parametrize("path", lesson_paths(), ids=lambda path: path.stem)


@functools.cache
def notebooks(path: Path) -> tuple[nbformat.NotebookNode, nbformat.NotebookNode]:
    """The lesson as it would be built now, not executed: solved and released."""
    logging.disable(logging.INFO)
    solved = make_notebook(lesson_in(path))
    return solved, release(solved, path.stem)


@functools.cache
def stored(path: Path) -> nbformat.NotebookNode:
    notebook = ROOT / "solutions" / path.stem / f"{path.stem}.ipynb"
    assert notebook.exists(), f"not built yet: python -m course build {path.stem[:2]}"
    return nbformat.read(notebook, as_version=4)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@every_lesson
def test_lesson_keeps(path, rule):
    assert [f"{path.name}:{breach}" for breach in rule(lesson_in(path))] == []


@every_lesson
def test_learner_sees_no_answer_no_hidden_test_and_no_output(path):
    assert list(leaks(lesson_in(path), *notebooks(path))) == []


@every_lesson
def test_calculations_in_the_prose_are_right(path):
    assert false_calculations(lesson_in(path)) == []


@every_lesson
def test_every_number_in_the_prose_is_printed_nearby_or_registered(path):
    """A number that fails here is wrong, or no cell of its section prints it: print it, or add it to
    tests/lessons/numbers.py."""
    assert unproved(lesson_in(path), stored(path), NUMBERS.get(path.stem[:2], {})) == []


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(number, text, marks=[] if isinstance(proof, str) else pytest.mark.lesson(number))
        for number, table in NUMBERS.items()
        for text, proof in table.items()
    ],
)
def test_registered_number_is_what_the_prose_says(number, text):
    lesson = lesson_in(next(path for path in lesson_paths() if path.stem.startswith(number)))
    said = [claim for claim in claims(lesson) if claim.text == text]
    assert said, f"the prose of lesson {number} has no number {text} any more"
    proof = NUMBERS[number][text]
    if isinstance(proof, str):
        assert proof[-4:].isdigit(), f"a source ends with its year, not {proof!r}"
    else:
        assert said[0].fits(float(proof(run_lesson(number)))), proof(run_lesson(number))


GOOD = '''\
# %% title [markdown]
r"""
# 04 · A lesson

**How many words are short?** A short
question.

| | |
|---|---|
| **At its end you have built** | one bar |
| **Time** | about 10 minutes |
| **It needs** | nothing |

Of 200 words, 13 % are short, and $6 \\cdot 7 = 42$.
See [below](#Scores), lesson 03, and GPT-2 (Radford et al. 2019: 1542 M).
"""

# %% setup
from course import plots
from course.checks import check

# %% map-why [markdown]
r"""
We come from afar.

**Figure.** Where we are.
"""

# %% map
plots.show_map("04")

# %% scores [markdown]
r"""
## Scores
"""

# %% scores-exercise [markdown]
r"""
### Exercise: `attention_scores`

Every query against every key: the tiny example has a 3.0.

Hint: one

Hint: two

Hint: three

Help: I see `nothing`
Look again.
"""

# %% exercise points=2 difficulty=2 minutes=5
from course.attention import attention_scores

# %% check
check(attention_scores)

# %% picture
sentence = "it slept"  # write your own here
figure = plots.bars(["a"], [0.125])
plots.show(figure, alt="A bar whose height is 0.125, no more")
print("of", 200, "words", 13.2, "percent are short")

# %% caption [markdown]
r"""
**Figure.** One bar.
"""
'''
BREACHES = {
    "one_title": [("# 04 ·", "#"), ("## Scores", "# Scores"), ("\n# 04 ·", "\nText\n\n# 04 ·")],
    "headings_in_order": [("## Scores", "Scores"), ("## Scores", "## A\n\n## A")],
    "short_cells": [("figure = ", "x = 1\n" * 14 + "figure = ")],
    "narrow": [
        ("figure = ", f"x = 1{' + 1' * 24}\nfigure = "),
        ("One bar.", f"Once{' tall' * 16} bar."),
        ("One bar.", "\u82f9" * 45),
    ],
    "setup_first": [("# %% setup", "# %% imports"), ("from course.checks import check\n", "")],
    "exercises_complete": [
        ("### Exercise: `attention_scores`", "### Exercise `attention_scores`"),
        ("Every query against every key: the tiny example has a 3.0.", ""),
        ("Hint: two\n", ""),
        ("Help: I see", "I see"),
        ("# %% check\n", "# %% between\n1\n\n# %% check\n"),
    ],
    "figures_told": [
        ("A bar whose height is 0.125, no more", "A bar"),
        (', alt="A bar whose height is 0.125, no more"', ""),
        ("**Figure.** One bar.", "Figure."),
    ],
    "heads_alike": [
        ("**How many words are short?**", "**The words.** How many are short?"),
        ("| **It needs** | nothing |\n", ""),
        ("| **Time** | about 10 minutes |", "| **Time** | |"),
        ("| **Time**", "| **Duration**"),
        ("| **It needs** | nothing |", "| **It needs** | nothing |\n| **Points** | 2 |"),
        ("Of 200 words", "| a | b |\n|---|---|\n\nOf 200 words"),
    ],
    "map_second": [
        ('plots.show_map("04")', 'plots.show_map("05")'),
        ('plots.show_map("04")', 'plots.show_map("04")\nprint(1)'),
        ("# %% map\n", "# %% a-map\n"),
        ("# %% map-why [markdown]", "# %% more\n1\n\n# %% map-why [markdown]"),
        ("**Figure.** Where we are.", "Where we are."),
    ],
    "chinese_is_glossed_in_figures": [
        ('["a"]', '["\u82f9"]'),
        ('figure = plots.bars(["a"], [0.125])', "figure = axis.set_title('\u679c')"),
    ],
    "own_sentences_may_be_chinese": [("figure = plots", "words = sentence.lower().split()\nfigure = plots")],
    "dollars_balanced": [(" = 42$", " = 42"), ("6 \\cdot", "{6 \\cdot"), ("One bar.", "One bar, $$x$.")],
    "formulas_are_no_blocks": [(" = 42$", "\n= 7 \\cdot 6\n- 0 = 42$")],
    "links_lead_somewhere": [("#Scores", "#Score"), ("lesson 03", "lesson 3"), ("lesson 03", "lesson 15")],
    "folds_closed": [
        ("Every query", "<details>\n\nEvery query"),
        ("Hint: two", " Hint: two"),
        ("Every", "</details><details>"),
    ],
}


def lesson_from(folder: Path, text: str) -> Lesson:
    path = folder / "04_a_lesson.py"
    path.write_text(text, encoding="utf-8")
    return read_lesson(path)


def breaches(lesson: Lesson) -> dict[str, list[str]]:
    return {rule.__name__: found for rule in RULES if (found := list(rule(lesson)))}


def test_glossed_chinese_may_stand_in_a_figure(tmp_path):
    assert breaches(lesson_from(tmp_path, GOOD.replace('["a"]', '["\u82f9\u679c (apple)"]'))) == {}


def test_good_lesson_passes(tmp_path):
    lesson = lesson_from(tmp_path, GOOD)
    solved = make_notebook(lesson)
    assert breaches(lesson) == {}
    assert list(leaks(lesson, solved, release(solved, lesson.name))) == []
    assert false_calculations(lesson) == []


@pytest.mark.parametrize(
    ("rule", "old", "new"), [(rule, *change) for rule, changes in BREACHES.items() for change in changes]
)
def test_rule_finds_a_lesson_that_breaks_it(tmp_path, monkeypatch, rule, old, new):
    assert GOOD.count(old) == 1
    monkeypatch.setattr("course.classroom.author.notebook.boxed", lambda lesson, cell, exercise, source: source)
    assert rule in breaches(lesson_from(tmp_path, GOOD.replace(old, new)))


def test_every_rule_is_shown_to_fail():
    assert set(BREACHES) == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(
    ("cell_id", "change", "found"),
    [
        ("attention_scores", lambda cell: cell.update(source="def attention_scores(): ..."), "no stub"),
        ("setup", lambda cell: cell.update(source="x = query @ key.transpose(-2, -1)"), ""),
        (
            "setup",
            lambda cell: cell.update(source="    return query @ key.transpose(-2,-1)/math.sqrt(d_k)"),
            "shows a line",
        ),
        ("scores", lambda cell: cell.update(source="`query @ key.transpose(-2, -1) / math.sqrt(d_k)`"), "tells a line"),
        ("setup", lambda cell: cell.update(source="check(softmax, hidden=True)"), "only the grader"),
        ("picture", lambda cell: cell.update(outputs=[1]), "has outputs"),
        ("picture", lambda cell: cell.update(id="other"), "other cells"),
    ],
)
def test_leak_is_found(tmp_path, cell_id, change, found):
    lesson = lesson_from(tmp_path, GOOD)
    solved = make_notebook(lesson)
    released = release(solved, lesson.name)
    change(next(cell for cell in released.cells if cell.id == cell_id))
    assert [found in leak for leak in leaks(lesson, solved, released)] == ([True] if found else [])


def test_exercise_without_markers_is_found(tmp_path):
    """Of such a cell nbgrader leaves a stub alone: neither the name that check asks for, nor the docstring."""
    lesson = lesson_from(tmp_path, GOOD)
    solved = make_notebook(lesson)
    for cell in solved.cells:
        cell.source = cell.source.replace("    ### BEGIN SOLUTION\n", "").replace("\n    ### END SOLUTION", "")
    released = release(solved, lesson.name)
    assert "attention_scores(" not in next(cell.source for cell in released.cells if cell.id == "attention_scores")
    assert ["no solution between markers" in leak for leak in leaks(lesson, solved, released)] == [True]


def executed(lesson: Lesson) -> nbformat.NotebookNode:
    """The solved notebook, as if it had run."""
    solved = make_notebook(lesson)
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.execution_count = 1
    picture = next(cell for cell in solved.cells if cell.id == "picture")
    html = nbformat.v4.new_output(
        "display_data", {"text/html": '<img alt="A bar whose height is 0.125, no more" src="">'}
    )
    picture.outputs = [
        html,
        nbformat.v4.new_output("stream", name="stdout", text="of 200 words 13.2 percent are short"),
    ]
    return solved


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("3.0", "3.00", []),
        ("3.0", "3.7", ["3.7"]),
        ("Of 200 words", "Of 201 words", ["201"]),
        ("13 %", "14 %", ["14%"]),
        ("13 %", "13.0 %", ["13.0%"]),
        ("is 0.125,", "is 0.126,", ["0.126"]),
        ("One bar.", "One bar, 0.13 high.", []),
        ("One bar.", "One bar of 0.11 and 2019 and `0.77` and $x_{77} \\cdot 10^{33}$ and 45 minutes, 1/16.", ["0.11"]),
        ("One bar.", "One bar of 0.77 (Radford et al. 2019).", []),
        ("One bar.", "One bar of 10 000, about 40.", ["10000"]),
        ("One bar.", "One bar of 10,000, exactly 40.", ["10000", "40"]),
    ],
)
def test_false_number_is_found(tmp_path, old, new, found):
    lesson = lesson_from(tmp_path, GOOD.replace(old, new))
    solved = executed(lesson)
    assert [text.split()[2] for text in unproved(lesson, solved, {})] == found
    assert unproved(lesson, solved, dict.fromkeys(found, "Somebody 2019")) == []


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        (r"$112 / \sqrt{64} = 14$", True),
        (r"$112 / \sqrt{64} = 13$", False),
        (r"$e^{14} / (e^{14} + e^{12}) \approx 0.88$", True),
        (r"$e^{14} / (e^{14} + e^{12}) \approx 0.87$", False),
        (r"$x = \tfrac{1}{2} \cdot 4 = 3$", False),
        (r"$0.5^{24} \approx 6 \cdot 10^{-8}$", True),
        (r"$0.5^{24} \approx 7 \cdot 10^{-8}$", False),
        ("The sum is 0.88 · 5 + 0.12 · 1 = 4.52.", True),
        ("The sum is 0.88 · 5 + 0.12 · 1 = 4.25.", False),
        (r"$d_k - 2 = 5$ and $n - 2 = 5$, $a_2 = 7$, $2 d = 6$", True),
        ("There are 5! = 120 orders, 1 − 0.87 = 13 % of them short.", True),
        ("There are 5! = 121 orders.", False),
    ],
)
def test_false_calculation_is_found(tmp_path, sentence, right):
    assert (false_calculations(lesson_from(tmp_path, GOOD.replace("One bar.", sentence))) == []) == right
