"""Demands: what an exercise's text asks for, sentence by sentence, and the mistakes that break just that.

A file of demands names an exercise, then quotes its text, a line each:

    # masked_softmax
    An empty row gives zeros, and finite gradients. > the empty row is NaN; the empty row is even
    You may use torch's own `softmax` > -

To the right of '>' stand the mistakes; '-' is for a sentence that asks for nothing: it explains, or allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Demand:
    """A piece of one sentence of the exercise's text, and the names of the mistakes that break it alone.

    place: where it is written down, 'arrays/demands.txt:12'."""

    quote: str
    mistakes: tuple[str, ...]
    place: str


def demands_beside(file: str) -> dict[str, tuple[Demand, ...]]:
    """What demands.txt says, in the folder of that file: exercise -> its demands, in order; nothing without it."""
    path = Path(file).with_name("demands.txt")
    if not path.exists():
        return {}
    return read_demands(path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}")


def read_demands(text: str, file: str) -> dict[str, tuple[Demand, ...]]:
    """Exercise -> its demands, in their order. ValueError with file and line where something is missing."""
    found: dict[str, tuple[Demand, ...]] = {}
    exercise = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("# "):
            exercise = line.removeprefix("# ").strip()
            found.setdefault(exercise, ())
        elif line.strip():
            quote, sign, names = line.rpartition(" > ")
            if not exercise or not sign or not quote.strip() or not names.strip():
                raise ValueError(f"{file}:{number}: a demand is 'words > mistake; mistake', below '# exercise'")
            broken_by = () if names.strip() == "-" else tuple(name.strip() for name in names.split(";"))
            found[exercise] += (Demand(plain(quote), broken_by, f"{file}:{number}"),)
    return found


def sentences(text: str) -> list[str]:
    """The sentences of a text, with single spaces: each ends with . : ? or !, or with its paragraph."""
    paragraphs = (plain(paragraph) for paragraph in re.split(r"\n\s*\n", text))
    pieces = (piece for paragraph in paragraphs for piece in re.split(r"(?<=[.:?!])\s+", paragraph))
    return [piece for piece in pieces if re.search(r"\w", piece)]


def plain(text: str) -> str:
    """The text in one line, with single spaces."""
    return " ".join(text.split())
