"""A translator on a page: one HTML file in which it runs, to be looked into, without a server or a network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course.own_translator import Translator
from course.page.bundle import bundle
from course.page.model_data import model_data
from course.page.notebook import look_inside, look_inside_attention, look_inside_letters

__all__ = ["look_inside", "look_inside_attention", "look_inside_letters", "script", "write_page"]

HERE = Path(__file__).parent
SLOT = re.compile(r"\{\{(css|model|script)\}\}")


def write_page(
    translator: Translator, path: Path | str, whose: Mapping[str, str] = {}, cells: Mapping[str, str] = {}
) -> None:
    """Write the page of a translator, as load_translator gives it; an older file is replaced.

    whose: of an exercise, "yours" or "the course's"; cells: the address at which it stands in a lesson. page.html is
    the template: {{css}}, {{model}} and {{script}} in it become page.css, the data, and page.js with all that it
    imports. ValueError as of model_data; OSError where the file cannot be written."""
    lessons = {name: {"cell": address} for name, address in cells.items()}
    data = model_data(translator) | {"owners": dict(whose), "lessons": lessons}
    parts = {"css": text_of("page.css"), "model": in_script(data), "script": script("page.js")}
    Path(path).write_text(SLOT.sub(lambda slot: parts[slot[1]], text_of("page.html")), encoding="utf-8")


def text_of(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def script(entry: str) -> str:
    """A module of this folder, such as view.js, with all that it imports: modules[entry] holds what it exports."""
    return bundle(HERE, entry)


def in_script(data: Any) -> str:
    """JSON that no browser takes for the end of its script element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
