"""Prose: a cell's Markdown as HTML for the reading edition: formulas drawn, links led to its own pages."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from course.classroom.author.site.formulas import mathml
from course.classroom.pages import code

NOTEBOOK = re.compile(r"(?:\.\./)*(?:\w+/)?(?P<lesson>\d\d_\w+)\.ipynb(?:#cell-id=(?P<cell>.+))?")
PAGE = re.compile(r"(?:\.\./)*(?P<page>\w+)\.md(?P<place>#.*)?")
BLOCK = re.compile(r"</?(?:p|li|ul|ol|t[rdh]|table|h\d|pre|blockquote|details|summary|div|br)\b[^>]*>")
EMPTY_HEAD = re.compile(r"<thead>\s*<tr>(?:\s*<th[^>]*></th>)*\s*</tr>\s*</thead>\n?")


class Prose(IPythonRenderer):
    """nbconvert's renderer of Jupyter's Markdown, for pages that need neither a script nor a network."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_math(self, body: str) -> str:
        return f'<span class="formula">{mathml(body, block=True)}</span>'

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """With the id that JupyterLab gives it: its text, - for spaces."""
        place = escape(words(text).replace(" ", "-"))
        return f'<h{level} id="{place}">{text}</h{level}>\n'

    def block_code(self, text: str, info: str | None = None) -> str:
        """Python in its colours; anything else as it is."""
        if info and info.split()[0] in ("python", "py"):
            return code(text.rstrip("\n"))
        return f"<pre><code>{escape(text, quote=False)}</code></pre>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return super().link(text, address(url), title)


def address(url: str) -> str:
    """Where a link of a notebook leads to in the reading edition."""
    if found := NOTEBOOK.fullmatch(url):
        return f"{found['lesson']}.html" + (f"#{found['cell']}" if found["cell"] else "")
    if found := PAGE.fullmatch(url):
        return f"{found['page']}.html{found['place'] or ''}"
    return url


def html(markdown: str) -> str:
    """The Markdown of one cell as HTML; a table in a box that scrolls by itself, without a head that is empty."""
    made = EMPTY_HEAD.sub("", MarkdownWithMath(renderer=Prose()).render(markdown))
    return made.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")


def words(made: str) -> str:
    """What there is to read in HTML, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", BLOCK.sub(" ", made))).split())
