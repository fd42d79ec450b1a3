"""A translator on a page: one HTML file in which it runs, to be looked into, without a server or a network."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from course.own_translator import Translator
from course.page.bundle import bundle
from course.page.model_data import model_data

__all__ = ["script", "write_page"]

HERE = Path(__file__).parent


def write_page(translator: Translator, path: Path | str, yours: Collection[str] | None = None) -> None:
    """Write the page of a translator, as load_translator gives it; an older file is replaced.

    yours: the exercises whose parts are the reader's own, all others being the course's; None: it is not said.
    page.html is the template: {{css}}, {{model}} and {{script}} in it become page.css, the data, and page.js with all
    that it imports. ValueError as of model_data; OSError where the file cannot be written."""
    data = model_data(translator) | {"owners": owners(yours)}
    parts = {
        "{{css}}": (HERE / "page.css").read_text(encoding="utf-8"),
        "{{model}}": in_script(data),
        "{{script}}": script("page.js"),
    }
    text = (HERE / "page.html").read_text(encoding="utf-8")
    for slot, part in parts.items():
        before, _, behind = text.partition(slot)
        text = before + part + behind
    Path(path).write_text(text, encoding="utf-8")


def script(entry: str) -> str:
    """A module of this folder, such as view.js, with all that it imports: modules[entry] holds what it exports."""
    return bundle(HERE, entry)


def in_script(data: Any) -> str:
    """JSON that no browser takes for the end of its script element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def owners(yours: Collection[str] | None) -> dict[str, str]:
    """Whose each named exercise is; none is named where that is not known."""
    return {} if yours is None else dict.fromkeys(yours, "yours")
