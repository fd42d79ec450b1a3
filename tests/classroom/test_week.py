"""A learner's week, from a fresh copy of the course to a lesson that stands on what was written: does all of it hold?

Each test is a day of it and goes on where the one before has ended; together 83 CPU seconds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode, v4
from playwright.sync_api import Page, expect

from course.classroom import ROOT
from course.classroom.author.browser import EVERY_CELL_DRAWN, TOKEN, Lab, chromium, new_page, start_lab
from course.mine.record import VARIABLE
from tests import PATIENCE
from tests.classroom.desk import solved

FIRST, FOUR, EIGHT = "00_start_here", "04_self_attention", "08_transformer"
MONDAY = {"row_means": "def row_means(table):\n    return np.add.reduce(table, 1) / len(table[0])\n"}
TUESDAY = {
    "matmul": "def matmul(a, b):\n    return np.einsum('ik,kj->ij', a, b)\n",
    "weighted_average": """
def weighted_average(values, weights):
    shares = weights / np.expand_dims(weights.sum(-1), -1)
    return np.einsum("...qk,...kd->...qd", shares, values)
""",
    "softmax": """
def softmax(x, axis=-1):
    raised = np.exp(x - x.max(axis, keepdims=True))
    return raised / raised.sum(axis, keepdims=True)
""",
}
WEDNESDAY = {
    "attention_for_one_query": """
def attention_for_one_query(query, keys, values):
    fits = torch.stack([query @ key for key in keys]) / len(query) ** 0.5
    return fits.softmax(0) @ values
""",
    "attention_scores": "def attention_scores(query, key):\n    return query @ key.mT\n",
    "scaled_dot_product_attention": """
def scaled_dot_product_attention(query, key, value, mask=None):
    return masked_softmax(attention_scores(query, key), mask) @ value
""",
    "causal_mask": "def causal_mask(n_positions):\n    return torch.ones(n_positions, n_positions).tril() > 0\n",
    "padding_mask": "from course.attention import padding_mask",
}
SCALED = {"attention_scores": "def attention_scores(query, key):\n    return query @ key.mT / query.shape[-1] ** 0.5\n"}
WITHOUT = "from course.attention import masked_softmax"  # as the last fold under that exercise has it
ONE_LINE = re.compile(r"(\d\d) · .*?(\d+) of (\d+) right(?:, (\d+) tried)?\D+(\d+) of +(\d+)")
GO_TO = """async id => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = [...notebook.model.cells].findIndex(cell => cell.id === id);
    await notebook.scrollToItem(notebook.activeCellIndex, 'center');
}"""
RUN = "() => window.jupyterapp.commands.execute('notebook:run-cell')"
IDLE = "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
IS_SEEN = """id => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const cell = notebook.widgets?.find(one => one.model.id === id)?.node, [top, seen] = [notebook.node, cell]
        .map(node => node?.isConnected ? node.getBoundingClientRect() : { top: 0, bottom: 0 });
    return seen.height > 0 && seen.top >= top.top - 1 && seen.top < top.bottom;
}"""


@dataclass
class Week:
    """Somebody's folder with the course, which git got from `upstream`, and the lab that is open there."""

    home: Path
    upstream: Path
    lab: Lab | None = None
    begun: int = 0

    @property
    def work(self) -> Path:
        return self.home / "work"

    def open_lab(self) -> str:
        """A day begins -> what the terminal has said."""
        self.close_lab()
        self.begun += 1
        scratch = self.home.parent / f"day-{self.begun}"
        scratch.mkdir()
        self.lab = start_lab(scratch, "--LabApp.expose_app_in_browser=True", home=self.home)
        return self.lab.log.read_text(encoding="utf-8")

    def close_lab(self) -> None:
        if self.lab:
            self.lab.stop()
            self.lab = None

    def course(self, *words: str) -> str:
        """What `python -m course` says in a terminal of that folder."""
        return said([sys.executable, "-m", "course", *words], self.home)

    def git(self, *words: str) -> str:
        return said(["git", *words], self.home)

    def ask(self, method: str, path: str, content: Any = None) -> Any:
        """What the lab's server answers."""
        body = None if content is None else json.dumps(content).encode()
        address = f"{self.lab.address}/{path}{'&' if '?' in path else '?'}token={TOKEN}"
        with urllib.request.urlopen(urllib.request.Request(address, body, method=method), timeout=PATIENCE) as answer:
            return json.load(answer)

    def notebook(self, lesson: str) -> NotebookNode:
        return nbformat.read(self.work / lesson / f"{lesson}.ipynb", as_version=4)

    def sit_at(
        self, lesson: str, answers: Mapping[str, str], until: str = "", own: Mapping[str, str] = {}
    ) -> NotebookNode:
        """Write these answers, put cells of one's own behind those that are named, run all to its end, save it."""
        book = self.notebook(lesson)
        for cell in book.cells:
            cell.source = answers.get(cell.id, cell.source)
        for name, source in own.items():
            book.cells.insert(place(book, name) + 1, v4.new_code_cell(source))
        last = place(book, until) + 1 if until else len(book.cells)
        run = book.copy()
        run.cells = book.cells[:last]
        where = {"metadata": {"path": str(self.work / lesson)}}
        options = {"kernel_name": "python3", "extra_arguments": ["--log-level=ERROR"], "resources": where}
        NotebookClient(run, timeout=PATIENCE, allow_errors=True, **options).execute()
        saved = {"type": "notebook", "format": "json", "content": book}
        self.ask("PUT", f"api/contents/{lesson}/{lesson}.ipynb", saved)
        return book

    def page(self) -> str:
        return (self.work / "index.md").read_text(encoding="utf-8")

    def standing(self) -> dict[str, list[str]]:
        """Lesson -> right, of how many, tried, points, of how many: what the page and the terminal say alike."""
        page, terminal = (
            {number: rest for number, *rest in ONE_LINE.findall(text)}
            for text in (self.page(), self.course("progress"))
        )
        assert page == terminal
        return page


def said(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def place(book: NotebookNode, name: str) -> int:
    return [cell.id for cell in book.cells].index(name)


def shown(book: NotebookNode, name: str) -> str:
    """What stands below a cell."""
    outputs = book.cells[place(book, name)].outputs
    return "\n".join(str(one.get("text") or one.get("evalue") or one.get("data")) for one in outputs)


def release(upstream: Path, lesson: str, old: str, new: str) -> None:
    """The course has a newer release of a lesson."""
    path = upstream / "notebooks" / lesson / f"{lesson}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as it lies on a server, in git."""
    made = tmp_path_factory.mktemp("server") / "transformer-course"
    for name in ("course", "notebooks"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".gitignore", "nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, made / name)
    said(["git", "init", "--quiet", "--initial-branch=main"], made)
    commit(made)
    return made


def commit(folder: Path) -> None:
    said(["git", "add", "--all"], folder)
    said(["git", "-c", "user.name=author", "-c", "user.email=author@localhost", "commit", "-qm", "a release"], folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the learner's copy of the course is to be; nothing here knows of whoever runs the tests."""
    home = tmp_path_factory.mktemp("learner") / "transformer-course"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(home))
        patch.setenv("IPYTHONDIR", str(home.parent / "ipython"))
        for name in (VARIABLE, "COURSE_WORK"):
            patch.delenv(name, raising=False)
        yield home


@pytest.fixture(scope="module")
def week(upstream: Path, home: Path) -> Iterator[Week]:
    said(["git", "clone", "--quiet", str(upstream), str(home)], upstream)
    made = Week(home, upstream)
    yield made
    made.close_lab()


def test_before_anything_is_done_the_page_says_where_to_begin(week):
    week.open_lab()
    assert "**Begin here:** [00 · Start here](00_start_here/00_start_here.ipynb)" in week.page()
    assert {standing[0] for standing in week.standing().values()} == {"0"}


@pytest.fixture
def browser(week: Week) -> Iterator[Page]:
    """The lab in a browser as it is installed, in which only those cells are drawn that are seen."""
    for name in EVERY_CELL_DRAWN:
        (week.lab.log.parent / "settings" / name).unlink(missing_ok=True)
    with new_page() as page:
        page.goto(f"{week.lab.address}/?token={TOKEN}")
        yield page


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")
def test_monday_the_page_leads_to_the_first_answer_and_has_seen_it_when_one_comes_back(week, browser):
    browser.locator(".jp-MarkdownViewer").get_by_role("link", name="00 · Start here").first.click()
    browser.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell")
    browser.wait_for_function(IDLE)
    for name in ("setup", "row_means", "check-row_means"):
        browser.evaluate(GO_TO, name)
        if name in MONDAY:
            browser.locator(".jp-Notebook .jp-Cell.jp-mod-active .cm-content").click()
            browser.keyboard.press("ControlOrMeta+A")
            browser.keyboard.insert_text(MONDAY[name])
        browser.evaluate(RUN)
    expect(browser.locator(".jp-Notebook .jp-Cell.jp-mod-active .jp-OutputArea")).to_contain_text("- right")
    browser.keyboard.press("ControlOrMeta+S")
    expect(browser.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    browser.evaluate("() => window.jupyterapp.commands.execute('application:close')")
    page = browser.locator(".jp-MarkdownViewer")
    expect(page).to_contain_text("Go on here: 00 · Start here, matmul.")
    expect(page.locator("tr", has_text="00 · Start here")).to_contain_text("1 of 4 right")
    page.get_by_role("link", name="matmul").first.click()
    browser.wait_for_function(IS_SEEN, arg="matmul-exercise")
    assert week.standing()["00"][:2] == ["1", "4"]


def test_tuesday_a_lesson_is_done_and_the_page_goes_on_to_the_next(week):
    book = week.sit_at(FIRST, MONDAY | TUESDAY, until="check-softmax")
    assert "- right" in shown(book, "check-softmax")
    assert week.standing()["00"] == ["4", "4", "", "8", "8"]
    assert "**Begin here:** [01 · Hidden states]" in week.page()
    assert "| 4 of 4 right | 8 of 8 | done |" in week.page()


def test_wednesday_one_answer_is_right_one_wrong_one_skipped_and_one_the_courses(week):
    book = week.sit_at(FOUR, WEDNESDAY, until="own-picture", own={"check-masked_softmax": WITHOUT})
    assert "square root of d_k" in shown(book, "check-attention_scores")
    assert "the course's own" in shown(book, "check-padding_mask")
    assert "- right" in shown(book, "check-scaled_dot_product_attention")
    raw = [
        cell.id for cell in book.cells for one in cell.get("outputs", []) if "Traceback" in str(one.get("traceback"))
    ]
    assert raw == [], "each cell that needs what is not written says so"
    assert "SelfAttention is not written yet" in str(book.cells[place(book, "own-weights")].outputs)
    assert week.standing()["04"] == ["3", "7", "2", "5", "13"]
    assert "**Go on here:** [04 · Self-attention]" in week.page()
    for name in ("masked_softmax", "SelfAttention"):
        assert re.search(rf"^\| \[{name}\]\(.*\| open, about \d+ minutes \|", week.page(), re.MULTILINE)
    for name in ("attention_scores", "padding_mask"):
        assert re.search(rf"^\| \[{name}\]\(.*\| tried, not right yet \|", week.page(), re.MULTILINE)


def test_wednesday_validate_finds_what_the_page_says(week):
    found = week.ask("POST", f"assignments/validate?path={FOUR}/{FOUR}.ipynb")
    assert found["title"] == "3 of 7 exercises, 5 of 13 points"
    states = {mark["name"]: mark["state"] for mark in found["marks"]}
    assert [name for name, state in states.items() if state == "wrong"] == ["attention_scores", "padding_mask"]
    assert [name for name, state in states.items() if state == "blank"] == ["masked_softmax", "SelfAttention"]


def test_thursday_a_newer_release_comes_and_the_answers_go_along(week):
    before = week.notebook(FOUR)
    release(week.upstream, FOUR, "Who was tired?", "Who was so tired?")
    commit(week.upstream)
    week.git("pull", "--quiet", "--ff-only")
    assert week.git("status", "--porcelain") == ""
    assert f"{FOUR}: there is a newer one; `python -m course fresh 04 --keep` keeps your answers." in week.open_lab()
    assert week.notebook(FOUR) == before
    told = week.course("fresh", "04", "--keep")
    assert "is new, with your answers" in told
    [aside] = (week.work / "put_aside").glob(f"{FOUR}-*.ipynb")
    assert str(aside) in told
    assert nbformat.read(aside, as_version=4) == before
    now = week.notebook(FOUR)
    assert "Who was so tired?" in now.cells[0].source
    assert {name: now.cells[place(now, name)].source for name in WEDNESDAY} == WEDNESDAY
    assert week.standing()["04"] == ["0", "7", "5", "0", "13"], "until they are checked again"


def test_thursday_the_wrong_answer_is_mended_under_another_name(week):
    week.sit_at(FOUR, SCALED, until="check-padding_mask", own={"check-masked_softmax": WITHOUT})
    (week.work / FOUR / f"{FOUR}.ipynb").rename(week.work / FOUR / "attention, my own.ipynb")
    assert week.course("progress").count("4 of 7 right, 1 tried") == 1
    week.open_lab()
    assert week.standing()["04"] == ["4", "7", "1", "6", "13"]
    assert "(04_self_attention/attention%2C%20my%20own.ipynb)" in week.page()
    assert not (week.work / FOUR / f"{FOUR}.ipynb").exists()


def test_friday_what_was_written_is_a_package(week):
    told = week.course("mine")
    assert re.search(rf"^{FIRST} +4 of 4 yours$", told, re.MULTILINE)
    assert re.search(
        rf"^{FOUR} +4 of 7 yours; the course's: padding_mask; open: masked_softmax, SelfAttention$", told, re.MULTILINE
    )
    assert re.search(r"^mine/: 8 of \d+ parts are yours", told, re.MULTILINE)
    assert week.git("status", "--porcelain") == ""
    asked = "import numpy as np, torch; from mine.arrays import softmax; from mine.attention import causal_mask; "
    printed = said([sys.executable, "-c", f"{asked} print(softmax(np.zeros(2)), causal_mask(2).tolist())"], week.home)
    assert printed == "[0.5 0.5] [[True, False], [True, True]]\n"


def test_friday_a_lesson_is_built_on_it(week):
    own = {"setup": "print(causal_mask.__module__, padding_mask.__module__)"}
    book = week.sit_at(EIGHT, solved(EIGHT), until="whose", own=own)
    assert shown(book, book.cells[place(book, "setup") + 1].id).startswith("mine.attention course.mine.attention")
    assert "scaled_dot_product_attention (yours)" in shown(book, "whose")
    assert "- right" in shown(book, "check-Transformer")


def test_who_has_no_git_gets_and_keeps_the_same(upstream, tmp_path, monkeypatch):
    """The course as an archive, unpacked; a newer one unpacked over it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    home = tmp_path / "transformer-course"
    monkeypatch.setenv("PYTHONPATH", str(home))
    for name in ("course", "notebooks"):
        shutil.copytree(upstream / name, home / name)
    assert "there was no old one" in said([sys.executable, "-m", "course", "fresh", "00"], home)
    path = home / "work" / FIRST / f"{FIRST}.ipynb"
    book = nbformat.read(path, as_version=4)
    book.cells[place(book, "matmul")].source = TUESDAY["matmul"]
    nbformat.write(book, path)
    release(home, FIRST, "# 00 · Start here", "# 00 · Begin here")
    assert "--keep" in said([sys.executable, "-m", "course", "progress"], home)
    assert "is new, with your answers" in said([sys.executable, "-m", "course", "fresh", "00", "--keep"], home)
    now = nbformat.read(path, as_version=4)
    assert now.cells[0].source.startswith("# 00 · Begin here")
    assert now.cells[place(now, "matmul")].source == TUESDAY["matmul"]
    assert "00 · Begin here" in said([sys.executable, "-m", "course", "progress"], home)
