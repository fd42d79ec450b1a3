"""Edition: the lessons' pages, their index, glossary and bibliography, and what a search looks through."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.classroom import ROOT
from course.classroom.author.lesson import lesson_paths
from course.classroom.author.site.prose import html, words
from course.classroom.author.site.reading import HEADING, Reading, read
from course.classroom.pages import Pages

HERE, SHARED = Path(__file__).parent / "templates", ROOT / "course" / "classroom" / "templates"
SEARCHED = "search_index.js"  # an address that a page may read from a disk: a script, and no JSON file
BESIDES = {"glossary": "Glossary", "bibliography": "Bibliography"}
IDEA = re.compile(r"^\| \[[^\]]*\]\(notebooks/(?P<name>\w+)/[^)]*\) \| (?P<idea>.*?) \| (?P<time>.*?) \|", re.MULTILINE)
TERM = re.compile(r"<li><strong>(?P<term>.*?)</strong>")


class SitePages(Pages):
    """The pages' templates, which stand beside this file."""


@dataclass(frozen=True)
class Size:
    """What has been written: pages, figures, bytes."""

    pages: int
    figures: int
    total: int


def write(folder: Path, names: Sequence[str] = ()) -> Size:
    """These lessons, all without, in that folder, in which nothing else is left. ValueError: see ours."""
    readings = [read(name) for name in names or [path.stem for path in lesson_paths()]]
    pages = dict(all_pages(readings))
    figures = {name: picture for one in readings for name, picture in one.figures.items()}
    shutil.rmtree(ours(folder), ignore_errors=True)
    (folder / "figures").mkdir(parents=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    for name, picture in figures.items():
        (folder / "figures" / name).write_bytes(picture)
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Size(sum(name.endswith(".html") for name in pages), len(figures), total)


def ours(folder: Path) -> Path:
    """The folder, in which nothing stands but an earlier edition. ValueError where something else does."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / SEARCHED).is_file())):
        raise ValueError(f"FOLDER must be new, empty or an earlier edition, but there is something else in {folder}")
    return folder


def all_pages(readings: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """The name of each file, and its text; figures aside."""
    frame: dict[str, Any] = {"readings": readings, "besides": BESIDES}
    for before, one, after in zip([None, *readings], readings, [*readings[1:], None], strict=False):
        yield one.page, SitePages().page("lesson.html.j2", lesson=one, before=before, after=after, **frame)
    lists = {name: listed(name, readings) for name in BESIDES}
    for name, text in lists.items():
        yield f"{name}.html", SitePages().page("list.html.j2", title=BESIDES[name], text=text, **frame)
    yield "index.html", SitePages().page("index.html.j2", ideas=ideas(), map=course_map(readings), **frame)
    yield "site.css", "\n".join(path.read_text(encoding="utf-8") for path in (SHARED / "style.css", HERE / "site.css"))
    yield "site.js", (HERE / "site.js").read_text(encoding="utf-8")
    found = [entry for one in readings for entry in searched(one)]
    found += [entry for name, text in lists.items() for entry in searched_list(name, text)]
    yield SEARCHED, "const SEARCHED = " + json.dumps(found, ensure_ascii=False, indent=0) + ";\n"


def listed(name: str, readings: Sequence[Reading]) -> str:
    """Glossary or bibliography; each term has a place of its own, and a lesson that is not here no link."""
    made = html((ROOT / "solutions" / f"{name}.md").read_text(encoding="utf-8"))
    made = TERM.sub(lambda found: f'<li id="{place(found["term"])}"><strong>{found["term"]}</strong>', made)
    pages = {one.page for one in readings} | {f"{other}.html" for other in BESIDES}
    return re.sub(r'<a href="(\w+\.html)[^"]*">(.*?)</a>', lambda link: link[0] if link[1] in pages else link[2], made)


def place(term: str) -> str:
    """'key-value cache' -> 'term-key-value-cache'"""
    return "term-" + re.sub(r"\W+", "-", words(term)).strip("-")


def ideas() -> dict[str, tuple[str, str]]:
    """Of each lesson its idea and its time, as README's table has them."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return {row["name"]: (html(row["idea"]), row["time"]) for row in IDEA.finditer(readme)}


def course_map(readings: Sequence[Reading]) -> str:
    """The drawing of the whole course, with which the first lesson begins."""
    parts = [part for one in readings for part in one.parts if part.id == "map"]
    return parts[0].outputs[0] if parts else ""


def searched(one: Reading) -> Iterator[tuple[str, str, str, str]]:
    """Of each cell of prose: the page, the place on it, what the section is called, and what stands there."""
    section = one.title
    for part in one.parts:
        if part.prose:
            heading = HEADING.search(part.prose)
            called = words(heading["text"]) if heading else section
            section = section if heading and heading["level"] == "3" else called
            yield one.page, part.id, f"{one.title[:2]} · {called.removeprefix(one.title[:5])}", words(part.prose)


def searched_list(name: str, made: str) -> Iterator[tuple[str, str, str, str]]:
    """Of each term its entry; of each work of the bibliography too, whose place is the page."""
    for found in re.finditer(r'<li(?: id="(?P<id>[^"]*)")?>(?P<text>.*?)</li>', made, re.DOTALL):
        yield f"{name}.html", found["id"] or "", BESIDES[name], words(found["text"])
