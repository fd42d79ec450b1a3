"""Pictures: is the whole notebook drawn, and is it said in a sentence what is missing where none can be?"""

import base64
import io
import sys

import nbformat
import pytest
from nbformat import v4
from PIL import Image

from course.__main__ import main
from course.classroom.author import browser
from course.classroom.author.browser import chromium
from course.classroom.author.notebook import METADATA

RED = (255, 0, 0)


@pytest.fixture
def notebook(tmp_path):
    """Higher than any screen, with stored outputs at its beginning and its end: a red square each."""
    square = io.BytesIO()
    Image.new("RGB", (80, 80), RED).save(square, "png")
    stored = v4.new_output("display_data", {"image/png": base64.b64encode(square.getvalue()).decode()})
    cells = [v4.new_code_cell("1 / 0", outputs=[stored]) for _ in range(2)]
    prose = "\n\n".join(f"Line {number}." for number in range(80))
    path = tmp_path / "high.ipynb"
    cells.insert(1, v4.new_markdown_cell(prose))
    nbformat.write(v4.new_notebook(cells=cells, metadata=METADATA), path)
    return path


def height_of_red(picture):
    """How many lines of the picture have red in them."""
    lines = [picture.crop((0, top, picture.width, top + 1)) for top in range(picture.height)]
    return sum(RED in {colour for _, colour in line.getcolors(picture.width)} for line in lines)


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")
def test_picture_shows_a_notebook_from_top_to_bottom_with_its_stored_outputs(notebook):
    path = notebook.with_name("picture.png")
    assert main(["picture", str(notebook), str(path)]) == 0
    picture = Image.open(path)
    assert picture.height > 1500
    third = picture.height // 3
    parts = [picture.crop((0, top, picture.width, top + third)) for top in (0, third, picture.height - third)]
    assert [height_of_red(part) for part in parts] == [80, 0, 80]


def said_where_it_fails(capsys, notebook):
    """The one line on stderr when the command ends with 1; no picture is there then."""
    path = notebook.with_name("picture.png")
    assert main(["picture", str(notebook), str(path)]) == 1
    assert not path.exists()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_missing_playwright_is_said(notebook, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    assert said_where_it_fails(capsys, notebook).startswith("playwright is not installed: `make test` installs it")


def test_missing_chromium_is_said(notebook, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(browser, "chromium", lambda: None)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert said_where_it_fails(capsys, notebook).startswith("Chromium is not installed: ")
