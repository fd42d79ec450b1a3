"""In a notebook: does what looks inside a model answer in both front ends, with a still where no kernel is?"""

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator

import nbformat
import pytest
import torch
from playwright.sync_api import Page, expect

from course.attention import scaled_dot_product_attention
from course.classroom.author.browser import chromium, new_page, running_lab
from course.classroom.author.build import execute
from course.corpus import detokenize, mend
from course.doubt import translate_with_doubt
from course.own_translator import save_translator
from course.page import look_inside, look_inside_attention, look_inside_letters, notebook, script
from course.page.notebook import of_the_course
from course.transformer import Transformer, TransformerConfig
from tests import PATIENCE
from tests.front_ends import FRONT_ENDS, by_keyboard, opened_in
from tests.page.models import ENGLISH, GERMAN, Engine, translator

browser = pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")

MODEL = """
from course.own_translator import load_translator
from course.page import look_inside
look_inside(load_translator("translator.pt"), sentence="Ein Hund singt.", parts=["sentence", "decoder.1.cross"])
"""
ATTENTION = """
import torch
from course.page import look_inside_attention
rows = torch.arange(12.0).view(3, 4) / 10
look_inside_attention(rows, 1 - rows, rows[:, :2], torch.arange(3) < 2, ["one", "two", "three"])
"""
TYPED = "der alte hund schläft"
LETTERS = TransformerConfig(
    source_vocab_size=7, target_vocab_size=7, d_model=8, n_heads=2, d_ff=8, n_layers=1, shared=True
)
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def made():
    return translator(seed=9, positions="rotary", tied=False)


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    """With a notebook as a lesson stores it, and the translator that it opens."""
    folder = tmp_path_factory.mktemp("lab")
    save_translator(folder / "translator.pt", *made)
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (ATTENTION, MODEL)]
    stored = nbformat.v4.new_notebook(cells=cells)
    execute(stored, folder, lambda line: None)
    nbformat.write(stored, folder / "stored.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(folder):
    with running_lab(folder) as address, new_page() as page:
        yield page, address


@pytest.fixture(**FRONT_ENDS)
def opened(lab, request) -> Iterator[Page]:
    with opened_in(request.param, lab, "stored.ipynb", n_cells=2, color_scheme="light") as page:
        yield page


def run(page: Page, place: int) -> None:
    """Run the code cell at this place until what it shows is alive."""
    by_keyboard(page, place, lambda cell: cell.locator(".look-inside").count() > 0)


@pytest.mark.browser
@browser
def test_a_still_stands_without_a_kernel_and_a_run_cell_translates_what_is_typed(opened, made):
    expect(opened.locator(".jp-OutputArea-output", has_text="A still")).to_have_count(2)
    expect(opened.locator(".jp-OutputArea-output table")).to_have_count(2)
    run(opened, 1)
    inside = opened.locator(".look-inside").last
    field = inside.get_by_label("A German sentence")
    expect(field).to_have_value("Ein Hund singt.")
    field.fill(TYPED)
    field.press("Enter")
    (words,) = mend(TYPED, GERMAN.words).sentences
    (written,) = translate_with_doubt(made.model, [GERMAN.encode(words)])
    expect(inside.locator(".translation")).to_have_text(detokenize(ENGLISH.decode(written.tokens)))
    expect(inside).to_contain_text("hund is written Hund")
    assert opened.locator(".jp-CodeCell").count() == 2, "no letter was a command of the notebook"
    expect(inside).to_have_attribute("data-theme", "light")
    opened.evaluate("document.body.dataset.jpThemeLight = 'false'")
    expect(inside).to_have_attribute("data-theme", "dark")


@pytest.mark.browser
@browser
def test_one_attention_stops_at_each_stage_and_arrow_keys_stay_in_its_table(opened):
    run(opened, 0)
    inside = opened.locator(".look-inside").first
    rows = torch.arange(12.0).view(3, 4) / 10
    query, key, value, mask = rows, 1 - rows, rows[:, :2], torch.arange(3) < 2
    scores = query @ key.T
    weights = (scores / 2).masked_fill(~mask, -torch.inf).softmax(dim=-1)
    for stage, wanted in (("raw", scores), ("scaled", scores / 2), ("weights", weights)):
        inside.locator(f"[data-key='stage:{stage}']").click()
        assert numbers(inside, f"pairs-{stage}") == pytest.approx(wanted.flatten().tolist(), abs=1e-6), stage
    inside.locator("[data-key='pairs-weights:0:0']").focus()
    opened.keyboard.press("ArrowDown")
    expect(inside.locator("[data-key='pairs-weights:1:0']")).to_be_focused()
    inside.locator("[data-key='stage:mixed']").click()
    answers = scaled_dot_product_attention(query, key, value, mask)
    assert numbers(inside, "Mixed") == pytest.approx(answers.flatten().tolist(), abs=1e-6)
    assert inside.locator("[data-key='stage:merged']").count() == 0, "there is one head, and no w_o"


def numbers(inside, name: str) -> list[float]:
    cells = inside.locator(f"[data-key^='{name}:']").evaluate_all(
        "all => all.map(one => one.closest('td').dataset.number)"
    )
    return [float(one) for one in cells]


def test_no_notebook_stores_the_model(folder, made):
    assert (folder / "stored.ipynb").stat().st_size < 10_000
    shown = look_inside(made)
    bundle, _ = shown._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert len(str(bundle)) < 5_000
    assert len(str(shown.get_state())) < 4_000, "what a front end may save of it"


def test_what_is_asked_for_is_sent_and_nothing_else(made, monkeypatch):
    shown, sent = look_inside(made, parts=["next"]), []
    monkeypatch.setattr(shown, "send", sent.append)
    shown.answer({"ask": "something"})
    assert sent == []
    shown.answer({"ask": "parts"})
    assert sent[0]["options"] == {"sentence": "Der Hund schläft.", "parts": ["next"]}
    assert sent[0]["data"]["config"]["d_model"] == made.model.config.d_model
    assert 'modules["shown.js"]' in sent[0]["script"]
    assert ".look-inside" in sent[0]["css"]


def test_a_still_tells_the_translation_and_what_was_read_for_it(made):
    still = look_inside(*made, sentence="Ein Hund singt.").still
    (written,) = translate_with_doubt(made.model, [GERMAN.encode(["ein", "Hund", "singt", "."])])
    assert f"{detokenize(ENGLISH.decode(written.tokens))}</b>" in still
    assert still.count("<tr>") == 1 + len(written.tokens)
    tiles = re.findall(r">(\d\.\d\d)</td>", still)
    assert sum(map(float, tiles)) == pytest.approx(len(written.tokens), abs=0.01 * len(tiles))


def test_letters_are_shown_by_the_weights_of_any_class_that_has_them():
    torch.manual_seed(0)
    model = Transformer(LETTERS)
    other = torch.nn.Module()  # which has weights, but knows nothing of a config
    for name, child in model._modules.items():  # a table that is shared, under both its names
        other.add_module(name, child)
    shown = look_inside_letters(other, LETTERS, "abc", "cab")
    assert shown.data["letters"]
    assert shown.data["german"]["pieces"][4:] == ["▁a", "▁b", "▁c"]
    assert shown.still.count("<th>") == 3 + shown.still.count("<tr>") - 1
    source = torch.tensor([[4, 5]])
    assert torch.equal(of_the_course(other, LETTERS)(source, source), model.eval()(source, source))


@pytest.mark.browser
@browser
def test_letters_that_are_typed_are_read_one_by_one_and_others_refused_in_a_sentence(lab):
    data = look_inside_letters(Transformer(LETTERS), LETTERS, "abc", "cab").data
    with lab[0].context.browser.new_page() as other:
        engine = Engine(other)
        engine.page.evaluate("data => { window.model = engine.readModel(data); }", data)
        asked = engine("engine.encodeText(model, 'Cab axa bb')")
        assert [one["ids"] for one in asked["sentences"]] == [[6, 4, 5], [5, 5]]
        assert [one["text"] for one in asked["sentences"]] == ["cab", "bb"]
        assert asked["note"] == "Type a word of these letters: abc. Not read: axa."
        assert engine("engine.encodeText(model, ' ').note") == "Type a word of these letters: abc."
        assert engine("engine.decode(model, [4, 6, 5, 2])") == "acb"
        engine.page.add_script_tag(
            content=f"(() => {{ {script('shown.js')} window.show = modules['shown.js'].show }})()"
        )
        options = {"sentence": "cab", "parts": ["sentence", "decoder.0.cross"]}
        engine.page.evaluate("([data, options]) => show(document.body, data, options)", [data, options])
        assert engine.page.get_by_label("A word").input_value() == "cab"
        assert "Every letter being written asks" in engine.page.inner_text(".lead")


def test_without_anywidget_there_is_the_still_which_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    spec = importlib.util.spec_from_file_location("without_anywidget", notebook.__file__)
    without = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(without)
    rows = torch.ones(2, 4)
    shown, _ = without.look_inside_attention(rows, rows, rows, words=["one", "two"])._repr_mimebundle_()
    assert set(shown) == {"text/html"}
    assert "A still" in shown["text/html"]
    assert "anywidget is not installed here" in shown["text/html"]


def refusals() -> dict[str, tuple[Callable, str]]:
    rows = torch.ones(3, 4)
    return {
        "tokenizers": (lambda: look_inside(translator().model), "needs both tokenizers"),
        "vocabulary": (lambda: look_inside_letters(None, LETTERS, "ab", "a"), r"4 \+ 2 tokens must be"),
        "weights": (lambda: look_inside_letters(torch.nn.Linear(1, 1), LETTERS, "abc", "a"), "has no weight"),
        "words": (lambda: look_inside_attention(rows, rows, rows, words=["one"]), "a row for each of the 1 words"),
        "batch": (
            lambda: look_inside_attention(rows[None], rows[None], rows[None], words=["a", "b", "c"]),
            "is a batch axis left",
        ),
    }


@pytest.mark.parametrize("name", refusals())
def test_bad_input_is_refused_in_a_sentence(name):
    ask, said = refusals()[name]
    with pytest.raises(ValueError, match=said):
        ask()
