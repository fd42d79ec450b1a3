"""The sliders of lesson 10 in a browser: does the picture below them follow?"""

import nbformat
import pytest
from playwright.sync_api import expect

from course.classroom import ROOT
from course.classroom.author.browser import chromium, new_page, open_notebook, running_lab
from tests import PATIENCE

SOLVED = ROOT / "solutions" / "10_decoding" / "10_decoding.ipynb"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]


@pytest.fixture
def page(tmp_path):
    """The solved lesson up to its sliders, open in JupyterLab, without outputs."""
    notebook = nbformat.read(SOLVED, as_version=4)
    last = [cell.id for cell in notebook.cells].index("shapes-sliders")
    notebook.cells = notebook.cells[: last + 1]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, tmp_path / "sliders.ipynb")
    with running_lab(tmp_path) as address, new_page() as page:
        open_notebook(page, f"{address}/doc/tree/sliders.ipynb")
        yield page


def test_picture_follows_the_sliders(page):
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    picture, handles = page.locator(".jupyter-widgets img"), page.locator(".jupyter-widgets .noUi-handle")
    said = "Bar chart of the words left after because at temperature {}, k {} and p {}"
    expect(picture).to_have_attribute("alt", said.format("1.0", 20, "0.90"), timeout=PATIENCE * 1000)
    for handle, key, times, place in (
        (0, "ArrowRight", 8, ("1.8", 20, "0.90")),
        (1, "ArrowLeft", 3, ("1.8", 17, "0.90")),
        (2, "ArrowLeft", 4, ("1.8", 17, "0.70")),
    ):
        handles.nth(handle).focus()
        for _ in range(times):
            page.keyboard.press(key)
        expect(picture).to_have_attribute("alt", said.format(*place), timeout=PATIENCE * 1000)
