"""Progress: one line that says how far the work is, how fast, and how long it will still take."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any


class ProgressBar:
    """For train(report=...): a bar, the mean loss of late, tokens a second and the remaining time.

    In a notebook one output is written over again and again; elsewhere one line of the terminal.
    Between two pictures at least `pause` seconds pass. Nothing goes to stderr."""

    def __init__(self, title: str = "", pause: float = 0.5, width: int = 24) -> None:
        self.title, self.pause, self.width = title, pause, width
        self.began = self.shown = perf_counter()
        self.n_tokens = self.first_step = 0
        self.output: Any = None

    def __call__(self, training: Any, n_tokens: int) -> None:
        """training.losses: a loss for each step so far; training.config.n_steps: where it ends."""
        step, n_steps = len(training.losses), training.config.n_steps
        self.first_step = self.first_step or step
        self.n_tokens += n_tokens
        now = perf_counter()
        if now - self.shown >= self.pause or step == n_steps:
            self.shown = now
            text = self.line(step, n_steps, training.losses[-50:], now - self.began)
            self.show(text, last=step == n_steps)

    def line(self, step: int, n_steps: int, losses: list[float], seconds: float) -> str:
        """The text of the bar; a resumed training counts its speed from where it went on."""
        done = self.width * step // n_steps
        per_step = seconds / (step - self.first_step + 1)
        loss, remaining = sum(losses) / len(losses), per_step * (n_steps - step)
        return (
            f"{self.title} [{'#' * done}{'.' * (self.width - done)}] {step} of {n_steps} steps, "
            f"loss {loss:.2f}, {self.n_tokens / seconds:,.0f} tokens a second, "
            f"{remaining:.0f} s to go"
        ).strip()

    def show(self, text: str, last: bool) -> None:
        """Write the line over the one before."""
        self.output = show(text, last, self.output)


def steps(items: Sequence, title: str = "", width: int = 24) -> Iterator:
    """The items, one after the other, under a line that says how many are done and what remains."""
    began, output = perf_counter(), None
    for done, item in enumerate(items):
        bar = "#" * (width * done // len(items))
        left = (perf_counter() - began) / max(done, 1) * (len(items) - done)
        time_left = f", {left:.0f} s to go" if done else ""
        text = f"{title} [{bar:.<{width}}] {done} of {len(items)}{time_left}"
        output = show(text.strip(), False, output)
        yield item
    text = f"{title} [{'#' * width}] {len(items)} of {len(items)}, {perf_counter() - began:.0f} s"
    show(text.strip(), True, output)


def show(text: str, last: bool, output: Any = None) -> Any:
    """Write the line over the one before: output is what this function returned for that one."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        from IPython.display import display

        content = {"text/plain": text}
        if output is None:
            return display(content, raw=True, display_id=True)
        output.update(content, raw=True)
        return output
    sys.stdout.write(f"\r{text}" + "\n" * last)
    sys.stdout.flush()
    return None
