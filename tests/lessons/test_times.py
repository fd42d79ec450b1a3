"""Times: are those in the lessons' heads and in README what the formula gives, and is it no less than was measured?"""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest

from course.__main__ import main
from course.classroom import ROOT
from course.classroom.author import times
from course.classroom.author.lesson import LessonError, lesson_paths, read_lesson
from course.classroom.author.times import Effort, effort, in_words, stated, stated_in, write
from tests.lessons import lesson_in

MEND = "python -m course times --write puts it there"

# What stood in the lessons when strangers walked them, and the least and the most minutes that they found honest.
# words, lines of code, formulas, figures, guesses, trainings, minutes of the exercises
WALKED = {
    "00": (Effort(3920, 191, 3, 7, 9, 0, 31), 70, 90),
    "01": (Effort(5143, 246, 9, 5, 6, 0, 108), 180, 210),
    "02": (Effort(3221, 211, 3, 3, 5, 3, 67), 120, 135),
    "03": (Effort(4543, 287, 7, 8, 12, 2, 62), 115, 130),
    "04": (Effort(4265, 303, 3, 7, 7, 3, 80), 160, 160),
    "05": (Effort(1669, 140, 3, 3, 4, 1, 49), 90, 100),
    "06": (Effort(4850, 300, 9, 8, 4, 1, 79), 180, 180),
    "07": (Effort(1962, 174, 4, 5, 3, 2, 57), 105, 107),
    "08": (Effort(3168, 264, 0, 4, 6, 2, 86), 135, 165),
    "09": (Effort(4548, 372, 3, 10, 11, 4, 114), 210, 240),
    "10": (Effort(4372, 390, 3, 7, 4, 2, 127), 180, 210),
}


@pytest.mark.parametrize("path", lesson_paths(), ids=lambda path: path.stem)
def test_stated_time_is_the_formulas(path):
    lesson = lesson_in(path)
    time = in_words(effort(lesson).minutes)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (stated(lesson), stated_in(readme, path.stem[:2])) == (time, time), MEND


@pytest.mark.parametrize("number", WALKED)
def test_no_time_is_shorter_than_was_measured(number):
    """Nor by a quarter longer than the longest."""
    done, least, most = WALKED[number]
    hours, minutes = re.fullmatch(r"about (?:(\d) hours?)? ?(?:(\d+) minutes)?", in_words(done.minutes)).groups("0")
    assert least <= 60 * int(hours) + int(minutes) <= 1.25 * most


def test_contributing_states_the_formula():
    page = " ".join((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    for part in (
        f"{times.WORDS} words a minute",
        f"{times.CODE_LINES} lines of given code a minute",
        f"{times.FORMULA:g} minutes for each formula",
        f"{times.FIGURE:g} for each figure",
        f"{times.GUESS:g} for each guess",
        f"{times.TRAINING:g} for each training",
    ):
        assert part in page, part


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "about 10 minutes"), (84, "about 80 minutes"), (86, "about 90 minutes"), (104, "about 100 minutes"),
        (105, "about 1 hour 45 minutes"), (115, "about 2 hours"), (161, "about 2 hours 45 minutes"),
        (210, "about 3 hours 30 minutes"),
    ],
)  # fmt: skip
def test_minutes_in_words(minutes, words):
    assert in_words(minutes) == words


TINY = '''\
# %% question [markdown]
r"""
# 04 · A lesson

| | |
|---|---|
| **At its end you have built** | `attention_scores` |
| **Time** | two hours for one exercise; after *Scores* is a good place to pause |
| **It needs** | nothing |

Two words.

$$a = b$$

Some $x_1$ more.

Hint: not counted, since it is opened by few

Help: nor this
no
"""

# %% setup
import torch  # counted

# not counted


def train_it():
    train()  # waits


guess = None  # your guess

# %% run
train_it()
plots.show(train_it, alt="")

# %% exercise-text [markdown]
r"""
### Exercise: `attention_scores`

```
nothing
```
"""

# %% exercise points=2 difficulty=2 minutes=7
from course.attention import attention_scores

# %% check
check(attention_scores)
'''


@pytest.fixture
def house(tmp_path):
    """A course of one lesson, with its README."""
    (tmp_path / "course" / "lessons").mkdir(parents=True)
    (tmp_path / "course" / "lessons" / "04_a_lesson.py").write_text(TINY, encoding="utf-8")
    rows = "| Lesson | Idea | Time | File |\n|---|---|---|---|\n"
    rows += "| [04 A](notebooks/04_a/04_a.ipynb) | idea | long | [a](a), [b](b) |\n| 05 B | idea | | planned |\n"
    (tmp_path / "README.md").write_text(rows, encoding="utf-8")
    (tmp_path / "TEACHING.md").write_text("| 5 to 6 | 04 A | scores | long | 7 | masks | none |\n", encoding="utf-8")
    return tmp_path


def test_effort_counts_what_is_read_guessed_waited_for_and_written(house):
    found = effort(read_lesson(house / "course" / "lessons" / "04_a_lesson.py"))
    prose = "04 A lesson At its end you have built attention_scores Time two hours for one exercise after Scores is a"
    n_words = len(
        f"{prose} good place to pause It needs nothing Two words Some x more Exercise attention_scores".split()
    )
    assert asdict(found) == {
        "words": n_words, "code_lines": 6, "formulas": 1, "figures": 1, "guesses": 1, "trainings": 1, "exercises": 7,
    }  # fmt: skip
    assert found.minutes == pytest.approx(n_words / 150 + 0.6 + 2.5 + 0.5 + 0.75 + 2 + 7)


def test_write_changes_the_figures_alone(house):
    assert list(write(house)) == ["04_a_lesson.py: two hours -> about 10 minutes", "README.md", "TEACHING.md"]
    text = (house / "course" / "lessons" / "04_a_lesson.py").read_text(encoding="utf-8")
    assert text == TINY.replace("two hours for", "about 10 minutes for")
    readme = (house / "README.md").read_text(encoding="utf-8")
    assert stated_in(readme, "04") == "about 10 minutes"
    assert "| idea | about 10 minutes | [a](a), [b](b) |\n| 05 B | idea | | planned |\n" in readme
    term = (house / "TEACHING.md").read_text(encoding="utf-8")
    assert term == "| 5 to 6 | 04 A | scores | about 10 minutes | 7 | masks | none |\n"
    assert list(write(house)) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("45 to 60 minutes", "45 to 60 minutes"),
        ("2 to 3 hours, with a pause in the middle", "2 to 3 hours"),
        ("about two and a half hours for nine exercises; after *Stuck*", "about two and a half hours"),
        ("about 2 hours (with a pause)", "about 2 hours"),
        ("about 3 hours. Pause after *Words*", "about 3 hours"),
    ],
)
def test_what_is_stated_ends_where_the_rest_begins(row, said):
    found = times.TIME_ROW.search(f"| **Time** | {row} |")
    assert found["figure"] == said
    assert found[0] == f"{found['row']}{found['figure']}{found['rest'] or ''}{found['end']}"


def test_a_head_without_a_time_is_named(house):
    path = house / "course" / "lessons" / "04_a_lesson.py"
    path.write_text(TINY.replace("| **Time**", "| **How long**"), encoding="utf-8")
    with pytest.raises(LessonError, match=r"04_a_lesson.py:1: its head has no row '\| \*\*Time\*\*"):
        list(write(house))


def test_command_prints_a_line_for_each_lesson(capsys):
    main(["times"])
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == ["lesson", *(path.stem for path in lesson_paths())]
    assert printed[0].split()[1:4] == ["words", "code", "lines"]
