"""Reading: a solved lesson as parts of a page: prose, code, what it printed, exercises with their solutions."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat

from course.classroom import ROOT
from course.classroom.author.site.prose import html, words
from course.classroom.pages import code, plain

FIGURE = re.compile(
    r'<img alt="(?P<alt>[^"]*)" width="(?P<width>\d+)" src="data:image/png;base64,(?P<data>[^"]+)"\s*/?>', re.DOTALL
)
MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)
HEADING = re.compile(r'<h(?P<level>[1-3]) id="(?P<id>[^"]*)">(?P<text>.*?)</h\1>', re.DOTALL)
UNGUESSED = " (No guess was made.)"  # what reveal adds for a learner
SLIDERS = '<p class="quiet">Here the lab shows sliders, which a page cannot follow: open the lesson in JupyterLab.</p>'


@dataclass(frozen=True)
class Part:
    """One cell of a lesson: its id, what it is (prose, code, guess, exercise, check), as HTML.

    of an exercise: code is what the learner gets, solution what the course answers."""

    id: str
    kind: str
    prose: str = ""
    code: str = ""
    solution: str = ""
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Something that one may want to go to: its id on the page, its name as HTML."""

    id: str
    text: str


@dataclass(frozen=True)
class Reading:
    """A lesson: '04_self_attention', its parts, and its figures by the names of their files."""

    name: str
    parts: tuple[Part, ...]
    figures: dict[str, bytes] = field(repr=False, default_factory=dict)

    @cached_property
    def title(self) -> str:
        return next(words(found["text"]) for found in HEADING.finditer(self.parts[0].prose))

    @property
    def page(self) -> str:
        return f"{self.name}.html"

    @cached_property
    def sections(self) -> list[Place]:
        """Its headings of the second level, by the ids of their cells."""
        found = ((part.id, HEADING.match(part.prose)) for part in self.parts)
        return [Place(name, heading["text"]) for name, heading in found if heading and heading["level"] == "2"]

    @cached_property
    def exercises(self) -> list[Place]:
        names = [part.id for part in self.parts if part.kind == "exercise"]
        return [Place(name, f"<code>{name.replace('_', '_<wbr>')}</code>") for name in names]

    @cached_property
    def outline(self) -> list[tuple[Place, list[Place]]]:
        """Its sections, each with the exercises that stand in it."""
        sections, exercises = {one.id: one for one in self.sections}, {one.id: one for one in self.exercises}
        found: list[tuple[Place, list[Place]]] = []
        for part in self.parts:
            if part.id in sections:
                found.append((sections[part.id], []))
            elif part.id in exercises and found:
                found[-1][1].append(exercises[part.id])
        return found

    @cached_property
    def groups(self) -> list[tuple[str, list[Part]]]:
        """The parts in their order; those of an exercise (what is asked, answer, check) together, by its id."""
        found: list[tuple[str, list[Part]]] = []
        for part in self.parts:
            if part.kind == "exercise":
                found[-1] = (part.id, [*found[-1][1], part])
            elif part.kind == "check" and found[-1][0] == part.id.removeprefix("check-"):
                found[-1][1].append(part)
            else:
                found.append(("", [part]))
        return found


def read(name: str, root: Path = ROOT) -> Reading:
    """The lesson '04_self_attention', out of its solution and of what learners get."""
    solved, released = (nbformat.read(root / kind / name / f"{name}.ipynb", 4) for kind in ("solutions", "notebooks"))
    given = {cell.id: cell.source for cell in released.cells}
    figures: dict[str, bytes] = {}
    parts = tuple(part(cell, given.get(cell.id, cell.source), Outputs(name[:2], figures)) for cell in solved.cells)
    return Reading(name, parts, figures)


def part(cell: Any, given: str, outputs: Outputs) -> Part:
    """One cell as it is read; `given` is what the learner's notebook has in its place."""
    if cell.cell_type == "markdown":
        return Part(cell.id, "prose", prose=html(cell.source))
    shown = tuple(outputs.of(cell))
    graded = cell.metadata.get("nbgrader", {})
    if graded.get("solution"):
        return Part(cell.id, "exercise", code=code(given), solution=code(MARKS.sub("", cell.source)), outputs=shown)
    if graded.get("grade"):
        return Part(cell.id, "check", code=code(given), outputs=tuple(dict.fromkeys(map(once, shown))))
    if re.search(r"^\s*reveal\(", given, re.MULTILINE):
        return Part(cell.id, "guess", code=code(given), outputs=tuple(one.replace(UNGUESSED, "") for one in shown))
    return Part(cell.id, "code", code=code(given), outputs=shown)


def once(shown: str) -> str:
    """What the hidden test printed was printed by the check: one of two equal lines is enough."""
    return re.sub(r"(^|>)([^<\n]+)\n\2(?=<|$)", r"\1\2", shown)


@dataclass(frozen=True)
class Outputs:
    """What cells of the lesson '04' printed and drew, as HTML; the figures are put into `figures`, each a file."""

    lesson: str
    figures: dict[str, bytes]

    def of(self, cell: Any) -> Iterator[str]:
        for output in cell.outputs:
            if output.output_type in ("stream", "error"):
                yield printed(output.get("text") or output.evalue)
            else:
                yield self.shown(cell.id, output.data)

    def shown(self, cell: str, data: Any) -> str:
        """The richest form that a page can show."""
        if "application/vnd.jupyter.widget-view+json" in data and "text/html" not in data:
            return SLIDERS
        if "text/html" in data:
            return FIGURE.sub(lambda found: self.figure(cell, found), data["text/html"])
        if "text/markdown" in data:
            return html(data["text/markdown"])
        return printed(data["text/plain"])

    def figure(self, cell: str, found: re.Match[str]) -> str:
        """The picture in a file of its own, to which it is also a link: on a phone it wants to be seen alone."""
        picture = base64.b64decode(unescape(found["data"]))
        earlier = sum(name.startswith(f"{self.lesson}-{cell}.") for name in self.figures)
        name = f"{self.lesson}-{cell}.{earlier + 1}.png" if earlier else f"{self.lesson}-{cell}.png"
        self.figures[name] = picture
        width, height = size(picture)
        shown = round(int(found["width"]) * height / width)
        return (
            f'<a class="figure" href="figures/{name}"><img src="figures/{name}" alt="{found["alt"]}" '
            f'width="{found["width"]}" height="{shown}" loading="lazy"></a>'
        )


def printed(text: str) -> str:
    return f'<pre class="printed">{escape(plain(text).rstrip(), quote=False)}</pre>'


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels, which stand in its head."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
