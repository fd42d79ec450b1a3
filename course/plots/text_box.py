"""Text box: German typed in, English under it, what is doubtful, where the translator looked."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import ipywidgets as widgets

from course.plots.charts import heatmap, image

DOUBTFUL = "background:#ffd479;color:#000;padding:0 3px;border-bottom:2px dashed #8a4b00"
QUIET = "opacity:.75;font-size:90%"
WIDE = widgets.Layout(width="min(100%, 560px)")
MOST_PICTURES = 3  # of as many sentences the attention is shown
BEGIN, END = "\ue000", "\ue001"  # around a doubtful word until the sentence is HTML
EXPLAINED = "Behind a word of which the translator was not sure stands (?)."
NOTHING = "(The translator wrote no word.)"
STILL = "A still of the box: run this cell, and type your own."


class Translated(NamedTuple):
    """words: the translation; doubtful: for each of them, whether to mark it.

    weights (rows, columns): what the last decoder layer read, or None where there is no picture;
    rows, columns: what is written at them, where these are not the words of both sentences."""

    words: Sequence[str]
    doubtful: Sequence[bool]
    weights: Any = None
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()


class Mended(Protocol):
    """What course.corpus.mend answers."""

    sentences: Sequence[Sequence[str]]
    changes: Sequence[str]
    unknown: Mapping[str, Sequence[str]]
    note: str


Words = Sequence[str]
Glosses = Mapping[str, Sequence[tuple[str, str]]]  # kind -> (German, English)


def text_box(
    translate: Callable[[Words], Translated],
    mend: Callable[[str], Mended],
    join: Callable[[Words], str] = " ".join,
    glosses: Glosses | None = None,
    draw: Callable[[], str] | None = None,
    sentence: str = "Der Hund schläft.",
) -> TextBox:
    """A box to type German into, to be shown by a notebook; without a kernel, its still is shown.

    translate: a German sentence in words -> its translation; mend: any text -> its sentences;
    join: words -> a sentence; glosses: the words that one can type, by kind, with their English;
    draw: -> a sentence, for the button of chance; sentence: what stands in the box at first"""
    box = TextBox(translate, mend, join)
    box.fold.value = fold(glosses or {})
    box.draw = draw
    box.random.layout.display = None if draw else "none"
    box.text.value = sentence
    return box


class TextBox(widgets.VBox):
    """The box and what is under it. Enter, or leaving the field, or the button translates."""

    def __init__(
        self,
        translate: Callable[[Words], Translated],
        mend: Callable[[str], Mended],
        join: Callable[[Words], str],
    ) -> None:
        self.translate, self.mend, self.join = translate, mend, join
        self.draw: Callable[[], str] | None = None
        self.text = widgets.Text(
            description="German:", placeholder="Type German, then press Enter",
            continuous_update=False, layout=WIDE,
        )  # fmt: skip
        self.go = button("Translate", lambda: self.show())
        self.random = button("Random sentence", self.show_random)
        self.asked = widgets.VBox()
        self.answer, self.pictures, self.fold = widgets.HTML(), widgets.HTML(), widgets.HTML()
        buttons = widgets.HBox([self.go, self.random])
        below = self.answer, self.asked, self.pictures, self.fold
        super().__init__([self.text, buttons, *below])
        self.text.observe(lambda _: self.show(), "value")

    def show(self, anyway: bool = False) -> None:
        """Translate what stands in the field; anyway: also sentences with unknown words."""
        mended = self.mend(self.text.value)
        self.asked.children = () if anyway else tuple(self.questions(mended))
        try:
            pairs = [(words, self.translate(words)) for words in mended.sentences
                     if anyway or not set(mended.unknown) & set(words)]  # fmt: skip
            said = self.said(mended, pairs)
            drawn = [picture(*pair) for pair in pairs if has_picture(pair[1])]
        except Exception as error:  # else it would only stand in the log of the lab
            raised = f"translate raised {type(error).__name__}: {html.escape(str(error))}"
            said, drawn = paragraph(raised), []
        self.answer.value, self.pictures.value = said, "".join(drawn[:MOST_PICTURES])

    def show_random(self) -> None:
        """Put a sentence of chance into the field, which translates it."""
        before, self.text.value = self.text.value, self.draw()
        if self.text.value == before:
            self.show()

    def said(self, mended: Mended, pairs: Sequence[tuple[Words, Translated]]) -> str:
        """The translations, each under its German, and what was mended, as HTML."""
        lines = [paragraph(html.escape(mended.note))] if mended.note else []
        for words, made in pairs:
            german = html.escape(self.join(words))
            lines.append(f'<p lang="de" style="margin:6px 0 0;{QUIET}">{german}</p>')
            english = marked(made, self.join) or NOTHING
            lines.append(f'<p lang="en" style="margin:0;font-size:120%">{english}</p>')
        if any(any(made.doubtful) for _, made in pairs):
            lines.append(paragraph(EXPLAINED))
        if mended.changes:
            lines.append(paragraph("Mended: " + html.escape("; ".join(mended.changes)) + "."))
        return f'<div role="status" style="line-height:1.6">{"".join(lines)}</div>'

    def questions(self, mended: Mended) -> list[widgets.Widget]:
        """A line for each unknown word, with a button for each word that may have been meant."""
        lines = []
        for word, meant in mended.unknown.items():
            asks = "did you mean" if meant else "the translator has never read this word."
            said = widgets.HTML(f"<b>{html.escape(word)}</b>: {asks}")
            lines.append(widgets.HBox([said, *(self.suggestion(word, other) for other in meant)]))
        if mended.unknown and mended.sentences:
            anyway = button("Translate all the same", lambda: self.show(anyway=True))
            lines.append(widgets.HBox([anyway]))
        return lines

    def suggestion(self, word: str, other: str) -> widgets.Button:
        """A button that puts one word in the place of another."""

        def replace() -> None:
            self.text.value = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", other, self.text.value)
            self.text.focus()  # the button is gone, and with it the place of the keyboard

        return button(f"{other}?", replace, f"write {other} for {word}")

    def still(self) -> str:
        """The box as it is now, as HTML that needs no kernel."""
        frame = "border:1px solid #888;padding:4px 8px;max-width:560px"
        typed = f'<p style="{frame}"><b>German:</b> {html.escape(self.text.value)}</p>'
        shown = typed + self.answer.value + self.pictures.value + self.fold.value
        edge = "border-left:3px solid #888;padding-left:10px"
        return f'<div style="{edge}">{paragraph(STILL)}{shown}</div>'

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The living box, and beside it the still for what cannot show one."""
        return {**super()._repr_mimebundle_(**kwargs), "text/html": self.still()}


def button(label: str, press: Callable[[], None], tooltip: str = "") -> widgets.Button:
    """A button that does one thing."""
    made = widgets.Button(description=label, tooltip=tooltip, layout=widgets.Layout(width="auto"))
    made.on_click(lambda _: press())
    return made


def paragraph(said: str) -> str:
    return f'<p style="margin:4px 0;{QUIET}">{said}</p>'


def marked(made: Translated, join: Callable[[Words], str]) -> str:
    """The translation as HTML: behind a doubtful word stands (?), both on a colour."""
    words = [
        f"{BEGIN}{word}{END}" if doubt and any(map(str.isalnum, word)) else word
        for word, doubt in zip(made.words, made.doubtful, strict=True)
    ]
    text = re.sub(rf"^{BEGIN}\w", lambda found: found[0].upper(), join(words))
    sign = ' <b title="the translator was not sure">(?)</b>'
    begin = f'<mark style="{DOUBTFUL}">'
    return html.escape(text).replace(BEGIN, begin).replace(END, f"{sign}</mark>")


def has_picture(made: Translated) -> bool:
    """There are weights, and words to name their rows."""
    return made.weights is not None and len(made.words) > 0


def picture(words: Words, made: Translated) -> str:
    """The attention as tiles: a row for each English word, a column for each German one."""
    rows, columns = list(made.rows or made.words), list(made.columns or words)
    figure = heatmap(made.weights, rows, columns, decimals=1)
    named = f"rows: {' '.join(rows)}, columns: {' '.join(columns)}"
    alt = f"Weights of the last decoder layer, {named}"
    return f'<div style="overflow-x:auto">{image(figure, alt)}</div>'


def fold(glosses: Glosses) -> str:
    """The words that one can type, by kind, each with its English, in folds."""
    folds = [f"<details><summary>{kind}: {len(pairs)}</summary>{table(pairs)}</details>"
             for kind, pairs in glosses.items()]  # fmt: skip
    if not folds:
        return ""
    inside = f'<div style="padding-left:14px">{"".join(folds)}</div>'
    summary = "<summary>Words that you can type, with their English</summary>"
    return f"<details>{summary}{inside}</details>"


def table(pairs: Sequence[tuple[str, str]]) -> str:
    """Words side by side, in columns as many as fit."""
    lines = [
        f'<li><span lang="de"><b>{html.escape(german)}</b></span> {html.escape(english)}</li>'
        for german, english in pairs
    ]
    style = "columns:15em;margin:4px 0;padding-left:18px;line-height:1.6"
    return f'<ul style="{style}">{"".join(lines)}</ul>'
