"""The view in use: does the page answer whoever types, move by keyboard alone, and stand on every screen?"""

import re

import pytest

from course.classroom.author.browser import chromium
from course.page import script
from tests.page.look import CONTRASTS, PARTS

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")]
CAN_BE_USED = "button, input, select, a, [tabindex='0']"
RULES = """() => {
    const of = rules => [...rules].flatMap(rule =>
        rule.selectorText ? [rule.selectorText] : rule.cssRules && !rule.name ? of(rule.cssRules) : []);
    return [...document.styleSheets].flatMap(sheet => of(sheet.cssRules)); }"""


def test_only_what_is_asked_is_put_into_a_host(look):
    """In a notebook the view is a component: it keeps to its class, and leaves with all that it brought."""
    host = look.page
    host.evaluate("() => { document.body.innerHTML += '<div id=host><button id=own>own</button></div>'; }")
    before = host.evaluate("getComputedStyle(document.getElementById('own')).cssText")
    host.add_script_tag(
        content=script("view.js")
        + script("engine.js").replace("const modules", "const engines").replace("modules[", "engines[")
        + "window.modules = modules; window.engines = engines;"
    )
    host.evaluate(
        """parts => { const data = JSON.parse(document.getElementById('model').textContent);
        const model = modules['engine.js'].readModel(data);
        window.shown = modules['view.js'].mount(document.getElementById('host'), model,
            { sentence: 'der Hund singt', parts }); }""",
        ["decoder.0.cross", "residual"],
    )
    assert host.locator("#host article").count() == 2
    assert host.locator("#host :is(h1, form, .map, main)").count() == 0
    assert host.locator("#host .written button").count() > 0
    assert host.evaluate("getComputedStyle(document.getElementById('own')).cssText") == before
    rules = host.evaluate(RULES)
    assert len(rules) > 100
    assert [rule for rule in rules if not rule.startswith((".look-inside", "body"))] == []
    host.evaluate("window.shown.remove()")
    assert host.inner_text("#host") == "own"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "Type a German sentence"),
        ("\N{GRINNING FACE}", "There is no word in it"),
        ("der Hund " * 100, "A sentence of 200 words is too long"),
        ("The dog sleeps and the cat eats", "looks like English"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(look, typed, answer):
    look.type(typed)
    assert answer in look.page.inner_text(".told")
    look.type("ein Hund singt.")
    assert look.page.inner_text(".translation") != ""
    assert look.page.locator(".refused").count() == 0


def test_an_unknown_word_is_named_and_a_button_corrects_it(look):
    look.type("der Hnud schläft.")
    assert "Hnud was never read in training" in look.said()
    look.page.click("[data-key='mean:Hund']")
    assert look.page.input_value("[data-key=sentence]") == "der Hund schläft."
    assert "never read" not in look.said()


def test_several_sentences_are_looked_into_one_by_one(look):
    look.type("der Hund schläft. ein Hund singt.")
    assert look.page.locator(".sentences button").count() == 2
    look.page.click("[data-key='sentence:1']")
    look.part("encoder.0.self", "weights")
    assert look.page.locator("table.heat tbody th").all_inner_texts() == ["ein", "Hund", "singt", "."]


def test_everything_is_reached_and_moved_by_the_keyboard_alone(look):
    press = look.page.keyboard.press
    focused = "document.activeElement.dataset.key ?? ''"
    look.part("decoder.0.self", "masked", 0)
    for part in ("decoder.0.self", "next", "beam", "positions"):
        look.part(part)
        wanted = look.page.eval_on_selector_all(
            CAN_BE_USED,
            "all => all.filter(one => one.offsetParent || one.getClientRects().length).map(one => one.dataset.key)",
        )
        assert None not in wanted
        tables = look.page.locator("table.heat")
        assert look.page.locator("table.heat [tabindex='0']").count() == tables.count(), "one cell of each, then arrows"
        look.page.focus("[data-key=theme]")
        reached = [look.page.evaluate(focused)]
        for _ in wanted[1:]:
            press("Tab")
            reached.append(look.page.evaluate(focused))
        assert sorted(reached) == sorted(wanted)
        assert look.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_arrow_keys_walk_through_the_heat(look):
    press = look.page.keyboard.press
    look.part("encoder.0.self", "weights")
    look.page.focus("table.heat [tabindex='0']")
    for key in ("Home", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "End"):
        press(key)
    n = len(look.ids)
    assert look.page.evaluate("document.activeElement.dataset.key") == f"pairs-weights:2:{n - 1}"
    assert "Hund reads ." in look.page.inner_text(".crumbs")
    press("ArrowRight")
    assert look.page.evaluate("document.activeElement.dataset.key") == f"pairs-weights:2:{n - 1}", "there is no more"
    said = look.page.get_attribute("table.heat .chosen", "aria-label")
    assert re.fullmatch(r"Hund, reading \.: \d\.\d{3}", said)


def test_what_is_chosen_is_scrolled_into_sight(look):
    look.page.set_viewport_size({"width": 360, "height": 900})
    look.part("decoder.0.feedForward")
    seen = """all => all.map(cell => {
        const [own, box] = [cell, cell.closest('.wide-box')].map(one => one.getBoundingClientRect());
        return own.left >= box.left && own.right <= box.right; })"""
    for key, is_scrolled in (("End", True), ("Home", False)):
        look.page.focus("table.heat >> nth=1 >> [tabindex='0']")
        look.page.keyboard.press(key)
        assert look.page.eval_on_selector_all(".heat .chosen", seen) == [True] * 4
        assert (look.page.evaluate("document.querySelector('.wide-box').scrollLeft") > 100) == is_scrolled
    look.page.set_viewport_size({"width": 1000, "height": 900})


def test_breadcrumbs_lead_back(look):
    look.part("decoder.1.cross", "raw", 1)
    look.page.click("[data-key='crumb:whole']")
    assert look.page.evaluate("document.activeElement.dataset.part") == "decoder.1.cross"
    look.page.click("[data-key='crumb:head']")
    assert look.page.evaluate("document.activeElement.dataset.key") == "head:1"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_fits_each_width_and_can_be_read_in_each_theme(look, theme):
    page = look.page
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    looks_dark = (
        page.evaluate("getComputedStyle(document.querySelector('.look-inside')).backgroundColor")
        != "rgb(251, 250, 247)"
    )
    assert looks_dark == (theme == "dark")
    for part in PARTS:
        look.part(part)
        assert page.evaluate(CONTRASTS) == [], part
        for width in (360, 1000):
            page.set_viewport_size({"width": width, "height": 900})
            assert look.width_too_much() <= 0, (part, width)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def test_every_part_opens_whatever_the_model_is_made_of(looks):
    for positions in ("alibi", "learned", "sinusoidal", "none"):
        look = looks(positions).open()
        look.page.evaluate("() => { window.wrong = []; onerror = message => { window.wrong.push(message); }; }")
        for part in PARTS:
            look.part(part)
            assert look.page.inner_text("article h2") != ""
            assert look.page.evaluate("window.wrong") == []


def test_the_theme_can_be_chosen(look):
    colour = "getComputedStyle(document.querySelector('.look-inside')).backgroundColor"
    look.page.click("[data-key=theme]")
    light = look.page.evaluate(colour)
    look.page.click("[data-key=theme]")
    assert look.page.inner_text("[data-key=theme]") == "Theme: dark"
    assert look.page.evaluate(colour) != light


def test_it_asks_the_network_for_nothing(look):
    asked = []
    context = look.page.context
    context.set_offline(True)
    context.route(
        "**/*", lambda route: route.abort() if not route.request.url.startswith("file:") else route.continue_()
    )
    look.page.on("request", lambda request: asked.append(request.url))
    look.open()
    for part in PARTS:
        look.part(part)
    assert asked == [look.file.as_uri()]
    context.unroute_all()
    context.set_offline(False)
