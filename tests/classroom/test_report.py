"""Report: the class page says what a teacher has to do, counts what went wrong, and shows every name as text."""

import re

import pytest

from course.classroom.pages import code, number, plain
from course.classroom.teacher.report import Class, distribution, in_words, report, tallies
from course.classroom.teacher.results import BLANK, HUMAN, RIGHT, WRONG, Mark, Result

HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J\u202e\nnext"


def mark(name: str, state: str, *mistakes: str) -> Mark:
    return Mark(name, f"check-{name}", 2.0 if state == RIGHT else 0.0, 2.0, state, "", mistakes)


def handed_in(student: str, *states: str, **more: object) -> Result:
    names = ("attention_scores", "causal_mask")
    return Result(student, "04_x", marks=[mark(*pair) for pair in zip(names, states, strict=True)], **more)


CLASS = [
    handed_in("ada", RIGHT, RIGHT, seconds=3.0),
    handed_in("bob", RIGHT, BLANK, seconds=90.0, suspicions=["a cell imports inspect", "the process ended"]),
    handed_in("cem", BLANK, BLANK),
    Result("dora", "04_x", marks=[mark("attention_scores", WRONG, "not scaled"), mark("causal_mask", RIGHT)]),
    Result("emil", "04_x", marks=[mark("attention_scores", WRONG, "not scaled"), mark("causal_mask", WRONG)]),
    Result("fay", "04_x", HUMAN, "the file is empty"),
    Result("gus", "04_x", HUMAN, "the grader itself failed: Traceback\n  KeyError"),
]


def section(page: str, name: str) -> str:
    """What is read in a section, in one line."""
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", " ", found[1]).split())


def test_class_is_sorted_by_what_a_teacher_has_to_do():
    found = Class.of(CLASS)
    groups = (found.graded, found.human, found.failed, found.suspicious, found.slowest[:2])
    assert [[one.student for one in group] for group in groups] == [
        ["ada", "bob", "cem", "dora", "emil"], ["fay"], ["gus"], ["bob"], ["bob", "ada"],
    ]  # fmt: skip
    assert (found.blank, found.most) == (1, 4.0)


def test_page_gives_each_its_reasons():
    page = report(CLASS, "04_x")
    assert section(page, "human") == "Needs a human: 1 Student Why fay the file is empty"
    assert section(page, "failed").startswith("Failed: 1 Student Why gus the grader itself failed: Traceback")
    assert section(page, "suspicious") == "Suspicious: 1 Student Why bob a cell imports inspect the process ended"
    assert section(page, "slowest").startswith("Slowest Student Seconds bob 90.0 ada 3.0")


def test_exercises_are_counted_with_the_mistakes_that_were_made():
    scores, mask = tallies(CLASS)
    assert (scores.right, scores.wrong, scores.blank, scores.of, scores.most) == (2, 2, 1, 5, 2.0)
    [(name, says, count)] = scores.mistakes
    assert (name, count) == ("not scaled", 2)
    assert "square root of d_k" in says
    assert mask.mistakes == ()
    assert "not scaled : 2 of 5 - " + says[:20] in section(report(CLASS, "04_x"), "exercises")


def test_bars_are_as_long_as_their_shares_and_stand_side_by_side():
    assert tallies(CLASS)[0].shares() == [(RIGHT, 0, 40.0), (WRONG, 40.0, 40.0), (BLANK, 80.0, 20.0)]


@pytest.mark.parametrize(
    ("points", "most", "bars"),
    [
        ([0, 2.5, 2, 3], 3, [("0", 1), ("1", 0), ("2", 2), ("3", 1)]),
        ([0, 40], 40, [("0-2", 1), *((f"{n}-{n + 2}", 0) for n in range(3, 39, 3)), ("39-41", 1)]),
        ([], 0, [("0", 0)]),
    ],
)
def test_distribution(points, most, bars):
    assert [(bar.label, bar.count) for bar in distribution(points, most)] == bars


def test_every_picture_says_in_words_what_it_shows():
    page = report(CLASS, "04_x")
    pictures = re.findall(r"<svg[^>]*>", page)
    assert len(pictures) == 3
    assert [re.search('aria-label="([^"]*)"', one)[1] for one in pictures] == [
        "How many students have how many points. 0 points: 2, 2 points: 2, 4 points: 1.",
        "attention_scores: right 2, wrong 2, blank 1, of 5",
        "causal_mask: right 2, wrong 1, blank 2, of 5",
    ]
    assert all('role="img"' in one for one in pictures)


def test_words_for_the_terminal():
    assert in_words(CLASS).splitlines() == [
        "04_x: 7 handed in, 5 graded, 1 for a human, 1 failed, 1 suspicious",
        "points: median 2 of 4; all points 1; none 2 (blank 1)",
        "  attention_scores: right 2, wrong 2, blank 1, of 5; not scaled 2",
        "  causal_mask: right 2, wrong 1, blank 2, of 5",
        "needs a human: fay: the file is empty",
        "failed: gus: the grader itself failed: Traceback",
        "suspicious: bob: a cell imports inspect; the process ended",
        "slowest: bob 90 s, ada 3 s, cem 0 s, dora 0 s, emil 0 s",
    ]


def test_words_about_a_large_class_stay_short():
    lines = in_words([Result(f"s{n}", "04_x", HUMAN, "the file is empty") for n in range(300)]).splitlines()
    assert len(lines) < 30
    assert "needs a human: 280 more" in lines


@pytest.mark.parametrize("results", [[], [Result("a", "04_x", HUMAN, "the file is empty")], [Result("a", "04_x")]])
def test_class_without_grades_has_its_page_and_words(results):
    assert "<h1>04_x: the class</h1>" in report(results, "04_x")
    assert in_words(results)


def test_hostile_names_are_text_on_the_page_and_one_line_in_the_terminal():
    marks = [Mark(HOSTILE, HOSTILE, 0.0, 2.0, WRONG, HOSTILE, (HOSTILE,))]
    results = [Result(HOSTILE, HOSTILE, marks=marks, suspicions=[HOSTILE]), Result(HOSTILE, "x", HUMAN, HOSTILE)]
    page = report(results, HOSTILE)
    assert not re.search("<script|<img|\x1b|\u202e", page)
    assert len(in_words(results).splitlines()) == 6
    assert not re.search("\x1b|\u202e", in_words(results))


def test_page_asks_no_network_and_runs_no_script():
    page = report(CLASS, "04_x")
    assert not re.search("<script|<link|<img|https?:|@import|url\\(", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\tb\nc", "a\tb\nc"), ("a\r\nb", "a\nb"), ("\x1b[31mred\x1b[0m", "red"), ("\x07\x9b\ud800", "\ufffd" * 3)],
)
def test_plain(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize(("points", "shown"), [(3.0, "3"), (2.5, "2.5"), (0.0, "0"), (1e6, "1000000"), (10, "10")])
def test_number(points, shown):
    assert number(points) == shown


@pytest.mark.parametrize("source", ["<script>", *(text * 30_000 for text in ("(", "'", "\\", "f'{", " \n"))])
def test_code_is_marked_whatever_it_is(source):
    marked = code(source)
    assert "<script" not in marked
    assert marked.startswith('<div class=" highlight')
