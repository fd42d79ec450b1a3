"""Look: the page of a small model, in Chromium, and what Python computes of the same sentence."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import torch
from playwright.sync_api import Page

from course.classroom.author.browser import new_page
from course.corpus import mend
from course.doubt import translate_with_doubt
from course.page import write_page
from course.seq2seq import BOS
from tests.page.models import GERMAN, translator
from tests.page.traced import source_trace, target_trace

TYPED = "der alte hund schläft"
SEEDS = {"rotary": 9, "alibi": 9, "learned": 4, "sinusoidal": 22, "none": 9}  # each writes a few tokens, then the end
NUMBERS = "body => [...body.rows].map(row => [...row.querySelectorAll('td')].map(td => td.dataset.number))"
PARTS = (
    *("embedding.source", "positions", "encoder.0.self", "encoder.1.feedForward", "embedding.target", "decoder.0.self"),
    *("decoder.1.cross", "decoder.0.feedForward", "residual", "next", "beam"),
)
TOLERANCE = 1e-4
# every text whose colour is too near to the one behind it (WCAG 2.2, 1.4.3)
CONTRASTS = """() => {
    const parse = text => {
        const numbers = text.match(/[\\d.]+/g).map(Number), scale = text.startsWith('color(') ? 255 : 1;
        return [...numbers.slice(0, 3).map(x => scale * x), numbers[3] ?? 1];
    };
    const linear = x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
    const behind = one => {
        const colour = parse(getComputedStyle(one).backgroundColor);
        return colour[3] > 0 ? colour : behind(one.parentElement);
    };
    const found = [];
    for (const one of document.querySelectorAll('.look-inside *')) {
        const own = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
        if (!own || !one.getClientRects().length || one.disabled) continue;
        const style = getComputedStyle(one), colour = parse(one instanceof SVGElement ? style.fill : style.color);
        const [front, other] = [light(colour), light(behind(one))];
        const ratio = (Math.max(front, other) + 0.05) / (Math.min(front, other) + 0.05);
        if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${one.textContent}`);
    }
    return found; }"""


class Look:
    """The page of a small model with all that Python computes of the same sentence."""

    def __init__(self, page: Page, folder: Path, positions: str) -> None:
        self.page = page
        self.made = made = translator(
            seed=SEEDS[positions], positions=positions, norm_first=positions != "learned", tied=False
        )
        self.file = folder / f"{positions}.html"
        write_page(made, self.file)
        self.ids = GERMAN.encode(mend(TYPED, GERMAN.words).sentences[0])
        (self.written,) = translate_with_doubt(made.model, [self.ids], 29)
        source, target = torch.tensor([self.ids]), torch.tensor([[BOS, *self.written.tokens]])
        self.source = source_trace(made.model, source)
        self.trace = target_trace(made.model, target, self.source["memory"], source)

    def open(self, typed: str = TYPED) -> Look:
        self.page.goto(self.file.as_uri())
        return self.type(typed)

    def type(self, text: str) -> Look:
        self.page.fill("[data-key=sentence]", text)
        self.page.keyboard.press("Enter")
        return self

    def part(self, name: str, stage: str | None = None, head: int = 0) -> Look:
        self.page.click(f"[data-part='{name}']")
        if stage:
            self.page.click(f"[data-key='head:{head}']")
            self.page.click(f"[data-key='stage:{stage}']")
        return self

    def table(self, name: str) -> torch.Tensor:
        """The numbers of a heat table, as exact as the page has them."""
        rows = self.page.eval_on_selector(f"table[data-name='{name}'] tbody", NUMBERS)
        return torch.tensor([[float(number) for number in row] for row in rows])

    def numbers(self, selector: str) -> list[float]:
        return self.page.eval_on_selector_all(selector, "all => all.map(one => Number(one.dataset.number))")

    def attention(self, part: str) -> dict:
        stack, layer, kind = part.split(".")
        return (self.source if stack == "encoder" else self.trace)["layers"][int(layer)][kind]["attention"]

    def said(self) -> str:
        return self.page.inner_text(".look-inside")

    def width_too_much(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def near(ours: torch.Tensor, theirs: torch.Tensor) -> bool:
    """Whether they have one shape and the same numbers, up to TOLERANCE."""
    same = (ours == theirs) | ((ours - theirs).abs() <= TOLERANCE)
    return ours.shape == theirs.shape and bool(same.all())


@contextlib.contextmanager
def opened_looks(folder: Path) -> Iterator[Callable[[str], Look]]:
    """The look of each scheme of positions, made when it is asked for; all in one page."""
    with new_page(width=1000) as page:
        page.emulate_media(reduced_motion="reduce")
        yield cache(lambda positions: Look(page, folder, positions))
