"""Alt texts: out of the code that a learner reads, and found again when the figure is shown."""

import json
import re

from course.classroom.author import alt_texts
from course.classroom.author.lesson import read_lesson
from course.plots import charts
from tests.classroom.school import REPOSITORY
from tests.classroom.test_learners_view import LESSON, NAME, notebook, sources

FIGURE = """
# %% drawn
figure = 1
plots.show(figure, alt=\"\"\"Two gates: the first
    is open.\"\"\")
plots.show(figure, "The "
    "second.")
plots.show(figure, alt=f"{figure} gates")
"""


def test_alt_texts_stay_out_of_what_a_learner_reads(tmp_path):
    made = notebook(tmp_path, LESSON + FIGURE)
    assert sources(made)["drawn"].splitlines()[1:] == [
        'plots.show(figure, alt="91/drawn")',
        'plots.show(figure, "91/drawn-2")',
        'plots.show(figure, alt=f"{figure} gates")',
    ]
    lesson = read_lesson(tmp_path / f"{NAME}.py")
    found = [(name, text) for cell in lesson.cells for name, text, _ in alt_texts.named(lesson, cell)]
    assert found == [("91/drawn", "Two gates: the first is open."), ("91/drawn-2", "The second.")]


def test_figures_of_the_course_find_their_texts():
    known = json.loads((REPOSITORY / alt_texts.PLACE).read_text(encoding="utf-8"))
    assert charts.alt_texts() == known
    for path in sorted((REPOSITORY / "notebooks").glob("*/*.ipynb")):
        named = re.findall(r'\\"(\d\d/[\w-]+)\\"', path.read_text(encoding="utf-8"))
        assert set(named) <= known.keys()
        assert named, path
