"""Typed sentences: German as people type it, with every translation that is right."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_suffix(".tsv")


class Typed(NamedTuple):
    """A sentence, its right translations, the construction it is in, and whether the grammar teaches that."""

    german: str
    english: tuple[str, ...]
    construction: str
    taught: bool


def typed() -> list[Typed]:
    """The sentences of typed.tsv: construction, taught (yes or no), German, English alternatives apart by " | "."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line]
    return [Typed(german, tuple(english.split(" | ")), kind, taught == "yes") for kind, taught, german, english in rows]
