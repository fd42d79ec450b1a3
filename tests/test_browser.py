"""In a browser: does a learner get messages, praise and a verdict, do a picture and a text box follow its reader?"""

import inspect
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from course.attention import attention_scores
from course.classroom import ROOT
from course.classroom.author import bibliography
from course.classroom.author.browser import TOKEN, chromium, new_page, open_notebook, running_lab
from course.classroom.author.build import execute, without_outputs
from tests import PATIENCE
from tests.front_ends import FRONT_ENDS, by_keyboard, opened_in

LESSON, SLIDERS = "04_self_attention", "10_decoding"
SETUP, EXERCISE, CHECK, GUESS, GIVEN = range(5)  # the code cells of a notebook in which it was skipped
RIGHT = inspect.getsource(attention_scores)
WRONG = RIGHT.replace(" / math.sqrt(d_k)", "")

TEXT_BOX = """
import numpy as np
from course import corpus
from course.plots.text_box import Translated, text_box
english = dict(zip("der die Hund Katze schläft isst".split(), "the the dog cat sleeps eats".split()))
def word_by_word(words):
    written = [english.get(word, word) for word in words]
    return Translated(written, [word == "sleeps" for word in written], np.eye(len(words)))
text_box(word_by_word, lambda text: corpus.mend(text, frozenset([*english, ".", "?", "!"])), corpus.detokenize,
         corpus.glossary(), lambda: "Der Hund isst.", "Die Katze schläft.")
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]

expect.set_options(timeout=PATIENCE * 1000)

INDEX_OF_CELL = "id => [...window.jupyterapp.shell.currentWidget.content.model.cells].findIndex(c => c.id === id)"
ACTIVE_CELL = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.id"
RUN_CELL = """async index => {
    window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A page, and the address of a JupyterLab with copies of the notebooks, so that no test alters the tree."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks" / LESSON, folder / LESSON)
    write_with_wrong_answer(folder / "wrong.ipynb")
    (folder / bibliography.PAGE).write_text(bibliography.page(), encoding="utf-8")
    write_up_to_sliders(folder / "sliders.ipynb")
    write_text_box(folder / "box.ipynb")
    write_a_skipped_exercise(folder / "skipped.ipynb")
    with running_lab(folder) as address, new_page() as page:
        yield page, address


def write_up_to_sliders(path: Path) -> None:
    """The solved lesson up to its sliders, without outputs."""
    solved = nbformat.read(ROOT / "solutions" / SLIDERS / f"{SLIDERS}.ipynb", as_version=4)
    last = [cell.id for cell in solved.cells].index("shapes-sliders")
    solved.cells = solved.cells[: last + 1]
    nbformat.write(without_outputs(solved), path)


def write_text_box(path: Path) -> None:
    """A box whose translator puts word for word, and doubts one; as a lesson stores it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TEXT_BOX)])
    execute(notebook, path.parent, lambda line: None)
    nbformat.write(notebook, path)


def write_with_wrong_answer(path: Path) -> None:
    """The lesson under another name, with a wrong answer, and a cell that takes its time."""
    notebook = nbformat.read(ROOT / "notebooks" / LESSON / f"{LESSON}.ipynb", as_version=4)
    next(cell for cell in notebook.cells if cell.id == "attention_scores").source = WRONG
    notebook.cells.insert(2, nbformat.v4.new_code_cell("import time\ntime.sleep(10)"))
    nbformat.write(notebook, path)


def write_a_skipped_exercise(path: Path) -> None:
    """An exercise as released, and the given cell behind it that needs it."""
    notebook = nbformat.read(ROOT / "notebooks" / LESSON / f"{LESSON}.ipynb", as_version=4)
    shown = "setup", "scores-exercise", "attention_scores", "check-attention_scores", "scale-guess", "scale-variance"
    notebook.cells = [cell for cell in notebook.cells if cell.id in shown]
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def lesson(lab):
    """The lesson as released, open in JupyterLab."""
    page, address = lab
    open_notebook(page, f"{address}/lab/tree/{LESSON}/{LESSON}.ipynb")
    return page


@pytest.fixture
def sliders(lab):
    """The notebook with the sliders, open in a page of its own."""
    page, address = lab
    with page.context.browser.new_page() as other:
        other.set_default_timeout(PATIENCE * 1000)
        open_notebook(other, f"{address}/doc/tree/sliders.ipynb")
        yield other


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
    stop = lesson.get_by_role("button", name="Stop validating")
    expect(stop).to_be_visible()
    run(lesson, "attention_scores")
    assert stop.is_visible(), "a cell has run while the notebook is being validated"
    dialog = lesson.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Validate: 1 of 7 exercises, 1 of 13 points")
    expect(dialog.locator("tr", has_text="attention_scores")).to_contain_text("1 of 1right")
    expect(dialog.locator("tr", has_text="masked_softmax")).to_contain_text("0 of 3not written yet")
    dialog.get_by_role("link", name="masked_softmax").click()
    expect(dialog).to_have_count(0)
    assert lesson.evaluate(ACTIVE_CELL) == "masked_softmax"


def test_validate_tells_what_is_wrong_and_is_stopped_by_a_second_click_in_notebook_7_too(lab):
    page, address = lab
    with page.context.browser.new_page() as other:
        other.set_default_timeout(PATIENCE * 1000)
        other.goto(f"{address}/notebooks/wrong.ipynb?token={TOKEN}")
        button, stop = (other.get_by_role("button", name=name) for name in ("Validate", "Stop validating"))
        dialog = other.locator(".jp-Dialog")
        button.click()
        stop.click()
        expect(dialog).to_contain_text("Validate was stopped.")
        other.keyboard.press("Enter")
        button.click()
        expect(other.get_by_role("button", name=re.compile(r"Stop validating: \w+ \(\d+ of \d+\)"))).to_be_visible()
        expect(dialog).to_contain_text("not divided by the square root of d_k")
        assert other.locator(".validate-button").count() == 0, "nbgrader's own"


def test_a_page_is_not_blank_in_notebook_7(lab):
    page, address = lab
    with page.context.browser.new_page() as other:
        other.set_default_timeout(PATIENCE * 1000)
        other.goto(f"{address}/edit/{bibliography.PAGE}?token={TOKEN}&factory=Editor")  # logs in
        other.goto(f"{address}/edit/{bibliography.PAGE}")
        expect(other.locator(".cm-content")).to_contain_text("Every work that a lesson")


def run_anew(page: Page, place: int) -> Locator:
    """Run the code cell at this place until it bears another number; the cell."""
    prompt = page.locator(".jp-CodeCell").nth(place).locator(".jp-InputPrompt")
    before = prompt.inner_text()
    cell = by_keyboard(page, place, lambda cell: prompt.inner_text() != before)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))
    return cell


@pytest.fixture(**FRONT_ENDS)
def skipped(lab, request) -> Iterator[Page]:
    """A notebook whose exercise nobody has answered."""
    with opened_in(request.param, lab, "skipped.ipynb", n_cells=5) as page:
        yield page


def test_who_skips_an_exercise_is_told_which_and_goes_on_by_the_line_in_the_fold(skipped):
    for place in (SETUP, EXERCISE, GUESS):
        run_anew(skipped, place)
    said = run_anew(skipped, GIVEN)
    expect(said).to_contain_text("attention_scores is not written yet")
    expect(said).not_to_contain_text("Traceback")
    skipped.locator("summary", has_text="I want to go on without it").click()
    line = skipped.locator("details[open] pre", has_text="import").inner_text()
    skipped.locator(".jp-CodeCell").nth(EXERCISE).locator(".cm-content").click()
    skipped.keyboard.press("ControlOrMeta+A")
    skipped.keyboard.insert_text(line)
    run_anew(skipped, EXERCISE)
    expect(run_anew(skipped, GIVEN)).to_contain_text("measured variance / d_k = 1.0")
    expect(run_anew(skipped, CHECK)).to_contain_text("the course's own")


def test_picture_follows_the_sliders(sliders):
    sliders.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    picture, handles = sliders.locator(".jupyter-widgets img"), sliders.locator(".jupyter-widgets .noUi-handle")
    said = "Bar chart of the words left after because at temperature {}, k {} and p {}"
    expect(picture).to_have_attribute("alt", said.format("1.0", 20, "0.90"), timeout=PATIENCE * 1000)
    for handle, key, times, place in (
        (0, "ArrowRight", 8, ("1.8", 20, "0.90")),
        (1, "ArrowLeft", 3, ("1.8", 17, "0.90")),
        (2, "ArrowLeft", 4, ("1.8", 17, "0.70")),
    ):
        handles.nth(handle).focus()
        for _ in range(times):
            sliders.keyboard.press(key)
        expect(picture).to_have_attribute("alt", said.format(*place), timeout=PATIENCE * 1000)


def test_text_box_has_a_still_and_then_answers_what_is_typed(lab):
    page, address = lab
    with page.context.browser.new_page() as other:
        other.set_default_timeout(PATIENCE * 1000)
        open_notebook(other, f"{address}/doc/tree/box.ipynb")
        shown = other.locator(".jp-OutputArea-output")
        expect(shown).to_contain_text("A still of the box")
        expect(shown.locator("mark")).to_contain_text("sleeps (?)")
        expect(shown.locator("img")).to_have_attribute("alt", re.compile("rows: the cat sleeps"))
        other.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        field = other.get_by_label("German:")
        field.fill("hund schlaeft")
        field.press("Enter")
        expect(shown).to_contain_text("hund is written Hund")
        expect(shown.locator("mark")).to_contain_text("sleeps (?)")
        expect(shown.locator("img")).to_have_attribute("alt", re.compile("rows: dog sleeps"))
        field.fill("Die Kazte isst.")
        other.keyboard.press("Tab")
        meant = other.get_by_role("button", name="Katze?")
        meant.focus()
        other.keyboard.press("Enter")
        expect(field).to_have_value("Die Katze isst.")
        expect(shown).to_contain_text("The cat eats.")
        other.get_by_role("button", name="Random sentence").click()
        expect(field).to_have_value("Der Hund isst.")
        expect(shown).to_contain_text("The dog eats.")
        other.locator("summary", has_text="Words that you can type").click()
        other.locator("summary", has_text="nouns").click()
        expect(other.locator("li", has_text="der Apfel apple")).to_be_visible()


def test_end_of_a_lesson_leads_to_the_bibliography(lab):
    """Which opens as a page to be read, not as text to be edited."""
    page, address = lab
    with page.context.browser.new_page() as other:
        other.set_default_timeout(PATIENCE * 1000)
        open_notebook(other, f"{address}/lab/tree/{LESSON}/{LESSON}.ipynb")
        other.locator("summary", has_text="Works named in this lesson").click()
        expect(other.locator("details li", has_text="Attention is all you need.")).to_be_visible()
        other.get_by_role("link", name="bibliography").click()
        expect(other.locator(".jp-MarkdownViewer h1")).to_contain_text("Bibliography")
