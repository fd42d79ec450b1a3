"""The reading edition: is it whole, does every link lead somewhere, and does it need nothing from outside?"""

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from course.__main__ import main
from course.classroom import ROOT
from course.classroom.author.bibliography import known_works
from course.classroom.author.browser import chromium, new_page
from course.classroom.author.lesson import lesson_paths
from course.classroom.author.site.edition import ideas, write
from course.classroom.author.site.formulas import FormulaError, mathml
from course.classroom.author.site.prose import address, html, words
from course.classroom.author.site.reading import read
from tests import PATIENCE

NAMES = [path.stem for path in lesson_paths()]
TWO = ["00_start_here", "04_self_attention"]
IN_BROWSER = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")]


class Page(HTMLParser):
    """What a page has and where it leads: ids, addresses, pictures, and the text outside of folds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self.open: list[str] = []
        self.folds = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.addresses += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        self.pictures += [attributes] if tag == "img" else []
        self.folds += tag == "details"

    def handle_endtag(self, tag):
        self.folds -= tag == "details"

    def handle_data(self, data):
        if not self.folds:
            self.open.append(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The whole edition; 6 CPU seconds."""
    made = tmp_path_factory.mktemp("site")
    write(made)
    return made


@pytest.fixture(scope="module")
def pages(folder):
    return {path.name: Page(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}


def solved(name):
    return nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", 4).cells


def test_every_lesson_has_a_page_and_the_index_leads_to_it(pages):
    assert pages.keys() == {"index.html", "glossary.html", "bibliography.html", *(f"{name}.html" for name in NAMES)}
    assert {f"{name}.html" for name in NAMES} <= set(pages["index.html"].addresses)
    assert ideas().keys() == set(NAMES)


def test_every_link_leads_somewhere(pages, folder):
    broken = []
    for name, page in pages.items():
        for address_ in page.addresses:
            file, _, place = address_.partition("#")
            inside = not address_.startswith(("https:", "data:"))
            there = not inside or (folder / (file or name)).is_file()
            if not there or (inside and place and place not in pages[file or name].ids):
                broken.append((name, address_))
    assert broken == []


def test_no_place_is_twice_on_a_page(pages):
    assert {name: {one for one in page.ids if page.ids.count(one) > 1} for name, page in pages.items()} == {
        name: set() for name in pages
    }


def test_nothing_outside_is_named_but_the_works_of_the_bibliography(folder):
    works = {work.link for work in known_works() if work.link}
    found = {}
    for path in folder.glob("*.*"):
        text = path.read_text(encoding="utf-8")
        linked = set(re.findall(r'<a href="(https?://[^"]*)"', text)) if path.suffix == ".html" else set()
        named = set(
            re.findall(r"""(?:https?:)?//[a-z][\w-]*\.[\w.-]+[^\s"'<>)]*""", re.sub(r'href="https?://[^"]*"', "", text))
        )
        loaded = (
            set(re.findall(r"@import|url\(|\bfetch\(|import\(|XMLHttp", text))
            if path.suffix in (".css", ".js")
            else set()
        )
        found[path.name] = (linked - works) | (named if path.name != "search_index.js" else set()) | loaded
    assert {name: bad for name, bad in found.items() if bad} == {}


@pytest.mark.parametrize("name", TWO)
def test_every_cell_is_a_place_and_every_exercise_is_led_to(pages, name):
    page = pages[f"{name}.html"]
    assert {cell.id for cell in solved(name)} - set(page.ids) == set()
    exercises = [cell.id for cell in solved(name) if cell.metadata.get("nbgrader", {}).get("solution")]
    assert exercises
    assert {f"#{one}" for one in exercises} <= set(page.addresses)
    assert {f"{name}.html#{one}" for one in exercises} <= set(pages["index.html"].addresses)


@pytest.mark.parametrize("name", TWO)
def test_solutions_and_hints_are_there_but_folded_and_hidden_tests_nowhere(pages, folder, name):
    whole, in_sight = (
        words((folder / f"{name}.html").read_text(encoding="utf-8")),
        " ".join("".join(pages[f"{name}.html"].open).split()),
    )
    for cell in solved(name):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            body = re.search(r"### BEGIN SOLUTION\n(.*?)\n\s*### END SOLUTION", cell.source, re.DOTALL)[1]
            assert " ".join(body.split()) in whole
            assert " ".join(body.split()) not in in_sight
    assert "YOUR CODE HERE" in in_sight
    assert "Hint 1" in whole
    assert not re.search("BEGIN|END SOLUTION|HIDDEN|hidden=True", whole)


def test_what_was_to_be_guessed_is_folded(pages, folder):
    reveals = [cell for cell in solved(TWO[1]) if re.search(r"^reveal\(", cell.source, re.MULTILINE) and cell.outputs]
    printed = {" ".join(cell.outputs[0].text.split()) for cell in reveals if "text" in cell.outputs[0]}
    assert len(printed) > 5
    in_sight = " ".join("".join(pages[f"{TWO[1]}.html"].open).split())
    assert [text for text in printed if text in in_sight] == []
    assert "guess was made" not in (folder / f"{TWO[1]}.html").read_text(encoding="utf-8")


def test_every_figure_is_a_file_with_its_alt_text_and_its_size(pages, folder):
    named = set()
    for page in pages.values():
        for picture in page.pictures:
            assert len(picture["alt"]) > 20
            assert int(picture["width"]) > 50 < int(picture["height"])
            named.add(picture["src"].removeprefix("figures/"))
    stored = sum(
        "<img " in str(output.get("data"))
        for name in NAMES
        for cell in solved(name)
        for output in cell.get("outputs", [])
    )
    assert len(named) == stored
    assert named == {path.name for path in (folder / "figures").iterdir()}


def test_pages_are_named_and_have_landmarks(pages, folder):
    titles = set()
    for name in pages:
        text = (folder / name).read_text(encoding="utf-8")
        assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert 'name="viewport"' in text
        assert text.count("<main") == text.count('<header class="top"') == text.count("<h1") == 1
        titles.add(re.search("<title>(.*?)</title>", text)[1])
    assert len(titles) == len(pages)


def test_the_same_comes_out_again(folder, tmp_path):
    """Two lessons alone are as among all, but for what leads to others; and an earlier edition gives way."""
    for _ in range(2):
        size = write(tmp_path / "again", TWO)
        (tmp_path / "again" / "left.html").touch()
    write(tmp_path / "again", TWO)
    assert size.pages == 5
    files = {path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*") if path.is_file()}
    assert Path("left.html") not in files
    differing = {
        str(name) for name in files if (tmp_path / "again" / name).read_bytes() != (folder / name).read_bytes()
    }
    assert differing == {"index.html", "glossary.html", "search_index.js", *(f"{name}.html" for name in TWO)}


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(SystemExit) as stopped:
        main(["site", str(tmp_path)])
    assert stopped.value.code == 2
    assert "something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("tex", "has"),
    [
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"(\dots, d_k)", ">…<"),
        (r"(..., d_k)", ">…<"),
        (r"f\big(x\big)", ">(</mo><mi>x</mi><mo"),
        (r"\ln p", '<mspace width="0.1667em"></mspace><mi>p</mi>'),
        (r"\text{<pad>}", "&lt;pad&gt;"),
    ],
)
def test_formulas(tex, has):
    made = mathml(tex)
    assert has in made
    assert re.fullmatch(r"<math\b.*</math>", made)


def test_rows_are_aligned_and_stand_alone():
    made = mathml(r"\begin{aligned} r &= 1 \\ z &= 2 \end{aligned}", block=True)
    assert 'display="block"' in made
    assert made.count("<mtr") == 2
    assert made.count("<mtd") == 4


def test_what_is_no_formula_is_refused_by_its_text():
    with pytest.raises(FormulaError, match=r"\\nonsense"):
        mathml(r"\nonsense{x}")


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        ("../glossary.md", "glossary.html"),
        ("04_self_attention/04_self_attention.ipynb#cell-id=scale", "04_self_attention.html#scale"),
        ("../03_embeddings/03_embeddings.ipynb", "03_embeddings.html"),
        ("#What-you-built", "#What-you-built"),
        ("https://arxiv.org/abs/1706.03762", "https://arxiv.org/abs/1706.03762"),
    ],
)
def test_links_of_notebooks_lead_to_pages(url, leads_to):
    assert address(url) == leads_to
    assert f'<a href="{leads_to}">here</a>' in html(f"[here]({url})")


def test_prose_is_jupyters():
    """A formula with < and _ in it, a table without a head, Python in its colours, a heading with JupyterLab's id."""
    made = html(
        "## Look: *at* it\n\n$a_1 < b_1$ and $x*y*z$\n\n| | |\n|---|---|\n| a | b |\n\n```python\nx = None\n```"
    )
    assert '<h2 id="Look:-at-it">' in made
    assert "<em>y" not in made
    assert "<thead>" not in made
    assert '<span class="kc">None</span>' in made
    assert words(made) == "Look: at it a1<b1 and x*y*z a b x = None"


def test_an_exercise_its_answer_and_its_check_are_together():
    groups = dict(read(TWO[1]).groups)
    assert [part.kind for part in groups["causal_mask"]] == ["prose", "exercise", "check"]


def test_the_script_is_short(folder):
    assert len((folder / "site.js").read_text(encoding="utf-8").splitlines()) < 100


@pytest.fixture(scope="module")
def page(folder):
    """A page of Chromium, and in page.asked every address that it asked for."""
    with new_page(1280, 900) as page:
        page.asked, page.errors = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
        page.home = folder.as_uri()
        yield page


class TestInABrowser:
    pytestmark = IN_BROWSER

    def test_pages_ask_for_nothing_outside(self, page, pages):
        for name in ("index.html", "glossary.html", f"{TWO[1]}.html", "10_decoding.html"):
            page.goto(f"{page.home}/{name}")
            page.evaluate("document.querySelectorAll('img').forEach(one => one.loading = 'eager')")
            page.wait_for_function("[...document.images].every(one => one.complete && one.naturalWidth)")
        assert [address for address in page.asked if not address.startswith((page.home, "data:"))] == []
        assert page.errors == []

    def test_search_finds_and_leads_to_the_cell_by_keys_alone(self, page):
        page.goto(f"{page.home}/index.html")
        page.keyboard.press("/")
        page.keyboard.type("masked_soft")
        expect(page.locator(".found li").first).to_contain_text("masked_softmax", timeout=PATIENCE * 1000)
        page.keyboard.press("Enter")
        page.wait_for_url("**/04_self_attention.html#*")
        page.locator(".search input").fill("zzzz")
        expect(page.locator(".found [role=status]")).to_have_text("Nothing found")
        page.keyboard.press("Escape")
        expect(page.locator(".found")).to_be_hidden()

    def test_on_a_phone_what_was_found_stands_below_what_was_typed(self, page):
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(f"{page.home}/index.html")
        page.locator(".search input").fill("rotary")
        expect(page.locator(".found li").first).to_be_visible(timeout=PATIENCE * 1000)
        typed, found = (page.locator(one).bounding_box() for one in (".search input", ".found"))
        assert typed["y"] + typed["height"] <= found["y"]
        page.set_viewport_size({"width": 1280, "height": 900})

    def test_theme_follows_the_system_until_it_is_chosen_and_is_kept(self, page):
        colour = "getComputedStyle(document.body).backgroundColor"
        page.emulate_media(color_scheme="dark")
        page.goto(f"{page.home}/glossary.html")
        dark = page.evaluate(colour)
        page.locator("button.theme").click()
        light = page.evaluate(colour)
        page.goto(f"{page.home}/bibliography.html")
        assert (dark, light, page.evaluate(colour)) == ("rgb(13, 17, 23)", "rgb(255, 255, 255)", "rgb(255, 255, 255)")
        assert page.locator("button.theme").get_attribute("aria-pressed") == "false"

    def test_folds_open(self, page):
        page.goto(f"{page.home}/{TWO[1]}.html#causal_mask")
        solution = page.locator("#causal_mask details.solution")
        expect(solution.locator("pre")).to_be_hidden()
        solution.locator("summary").press("Enter")
        expect(solution.locator("pre")).to_be_visible()

    @pytest.mark.parametrize(("width", "names"), [(360, NAMES), (1280, TWO)])
    def test_no_page_is_wider_than_the_screen(self, page, width, names):
        page.set_viewport_size({"width": width, "height": 740})
        wider = []
        for name in ("index.html", "glossary.html", "bibliography.html", *(f"{name}.html" for name in names)):
            page.goto(f"{page.home}/{name}")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            wider += [name] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
        assert wider == []

    def test_code_of_a_hundred_columns_needs_no_scrolling_on_a_desk(self, page):
        page.set_viewport_size({"width": 1280, "height": 740})
        page.goto(f"{page.home}/{TWO[1]}.html")
        too_wide = page.evaluate(
            "[...document.querySelectorAll('main pre')].filter(one => one.scrollWidth > one.clientWidth).length"
        )
        assert too_wide == 0
