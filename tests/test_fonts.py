"""Fonts: are Chinese letters drawn where there is a font for them, and without a warning where there is none?"""

import io
import warnings

import matplotlib
import pytest
from matplotlib import font_manager

from course import plots
from course.plots import fonts

APPLE = ["苹", "果"]


@pytest.fixture
def installed(monkeypatch):
    """Says which fonts there are; matplotlib's settings are afterwards what they were."""
    with matplotlib.rc_context({"font.family": ["sans-serif"]}):
        yield lambda *names: monkeypatch.setattr(font_manager.fontManager, "get_font_names", lambda: list(names))


def shown(capsys) -> str:
    """What is written while a figure with Chinese names is shown; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.show(plots.heatmap([[0.0, 1.0], [1.0, 0.0]], APPLE, APPLE), alt="A table of two by two characters")
    return capsys.readouterr().err


def test_the_best_installed_font_is_added_once(installed):
    installed("DejaVu Sans", "SimHei", "Microsoft YaHei")
    fonts.use_chinese_font()
    fonts.use_chinese_font()
    assert matplotlib.rcParams["font.family"] == ["sans-serif", "Microsoft YaHei"]


def test_a_font_that_is_not_installed_is_not_asked_for(installed, capsys):
    """matplotlib would complain of it on stderr in every figure."""
    installed("DejaVu Sans")
    fonts.use_chinese_font()
    assert matplotlib.rcParams["font.family"] == ["sans-serif"]
    assert shown(capsys) == ""


def test_figures_use_the_font_of_this_computer(capsys):
    assert matplotlib.rcParams["font.family"][1:] == fonts.chinese_font()
    assert shown(capsys) == ""


@pytest.mark.skipif(not fonts.chinese_font(), reason="this computer has no font with Chinese letters")
def test_chinese_letters_are_no_boxes():
    """Drawn with the font, two characters differ; as boxes they are the same picture."""

    def picture(word: str) -> bytes:
        drawn = plots.Sheet(1, 1)
        drawn.text(0.5, 0.5, word, size=30)
        drawn.figure.savefig(page := io.BytesIO(), format="raw")
        return page.getvalue()

    assert picture(APPLE[0]) != picture(APPLE[1])
    with matplotlib.rc_context({"font.family": ["sans-serif"]}), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert picture(APPLE[0]) == picture(APPLE[1])
