"""Pages: our own templates, in which whatever is not ours is text and never markup."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML, strip_ansi
from traitlets import default

MOST_SHOWN = 20_000  # characters of one answer, or of what one check said
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Pages(TemplateExporter):
    """nbconvert's exporter with templates of the course; it escapes each value that is put into one.

    They stand in a folder `templates` beside the class that uses them; those of all pages beside this one."""

    @default("template_name")
    def _template_name_default(self) -> str:
        return "templates"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(Path(inspect.getfile(one)).resolve().parent) for one in (type(self), Pages)]

    @default("template_extension")
    def _template_extension_default(self) -> str:
        return ".html.j2"

    def _create_environment(self) -> Any:
        environment = super()._create_environment()
        environment.autoescape = True
        environment.trim_blocks = environment.lstrip_blocks = True
        environment.filters |= {"plain": plain, "code": code, "number": number}
        return environment

    def page(self, template: str, **values: Any) -> str:
        """The template, with these values in it."""
        return self.environment.get_template(template).render(**values)


def plain(text: object) -> str:
    """A text of a learner's without what a browser or a terminal would obey instead of showing it."""
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", strip_ansi(str(text).replace("\r\n", "\n")))


def code(source: str) -> str:
    """Python as HTML, its kinds of words marked by classes; a template must be told that it is safe."""
    return Highlight2HTML(pygments_lexer="python3")(shortened(plain(source)))


def shortened(text: str, most: int = MOST_SHOWN) -> str:
    return text if len(text) <= most else f"{text[:most]}\n... (cut here: {len(text)} characters)"


def number(points: float) -> str:
    """3.0 -> '3', 2.5 -> '2.5'"""
    return f"{points:.2f}".rstrip("0").rstrip(".")
