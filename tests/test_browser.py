"""The learner's way in a browser: does a wrong answer get a message, a right one praise, Validate a verdict?"""

import inspect
import shutil

import pytest
from playwright.sync_api import Locator, Page, expect

from course.attention import attention_scores
from course.classroom import ROOT
from course.classroom.author.browser import chromium, new_page, open_notebook, running_lab
from tests import PATIENCE

LESSON = "04_self_attention"
RIGHT = inspect.getsource(attention_scores)
WRONG = RIGHT.replace(" / math.sqrt(d_k)", "")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]

expect.set_options(timeout=PATIENCE * 1000)

INDEX_OF_CELL = "id => [...window.jupyterapp.shell.currentWidget.content.model.cells].findIndex(c => c.id === id)"
RUN_CELL = """async index => {
    window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """The lesson as released, open in JupyterLab; a copy, so that no test alters the tree."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks" / LESSON, folder / LESSON)
    with running_lab(folder) as address, new_page() as page:
        open_notebook(page, f"{address}/lab/tree/{LESSON}/{LESSON}.ipynb")
        yield page


def cell(page: Page, cell_id: str) -> Locator:
    return page.locator(".jp-Notebook .jp-Cell").nth(page.evaluate(INDEX_OF_CELL, cell_id))


def type_into(page: Page, cell_id: str, source: str) -> None:
    cell(page, cell_id).locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(source)


def run(page: Page, cell_id: str) -> Locator:
    """Run a cell; what stands below it then."""
    page.evaluate(RUN_CELL, page.evaluate(INDEX_OF_CELL, cell_id))
    return cell(page, cell_id).locator(".jp-OutputArea")


def answer(page: Page, source: str) -> Locator:
    """Give this answer and check it; what the check says."""
    type_into(page, "attention_scores", source)
    run(page, "attention_scores")
    return run(page, "check-attention_scores")


def test_nothing_asks_about_news_and_nothing_is_for_teachers(lesson):
    menus = lesson.locator(".lm-MenuBar-itemLabel").all_inner_texts()
    assert "Kernel" in menus
    assert "Nbgrader" not in menus
    assert "Jupyter news" not in lesson.locator("body").inner_text()


def test_a_learner_answers_wrongly_then_rightly_then_validates(lesson):
    run(lesson, "setup")
    said = answer(lesson, WRONG)
    expect(said).to_contain_text("not divided by the square root of d_k")
    expect(said).not_to_contain_text("Traceback")
    said = answer(lesson, RIGHT)
    expect(said).to_contain_text("- right")
    expect(said).not_to_contain_text("not divided")
    lesson.get_by_role("button", name="Validate").click()
    dialog = lesson.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Validation Results", timeout=PATIENCE * 1000)
    expect(dialog).to_contain_text("masked_softmax is not right yet")
    expect(dialog).not_to_contain_text("attention_scores is not right")
