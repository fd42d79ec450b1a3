"""Typed: sentences that people typed, each with several right translations; none was drawn from the grammar."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("typed.tsv")
ALTERNATIVES = " | "
TAUGHT = {"yes": True, "no": False}
RULE = "a line must be construction, yes or no, German, English with a tab between each two"


class Typed(NamedTuple):
    """One sentence: its German, its right translations (the best first), its construction, and whether the grammar
    makes that construction, so that training can teach it."""

    german: str
    english: tuple[str, ...]
    construction: str
    taught: bool


@cache
def typed() -> list[Typed]:
    """The fourth test set, in the order of its file."""
    return read_typed(FILE)


def read_typed(path: Path) -> list[Typed]:
    """The sentences of a UTF-8 file: construction, tab, yes or no (taught), tab, German, tab, English translations with
    " | " between them. ValueError, with file and line, for any line that is not so, or a German that comes twice."""
    if not path.is_file():
        raise ValueError(f"{path}: no such file; is the course installed whole?")
    found: dict[str, Typed] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        one = _sentence(f"{path}:{number}", line)
        if one.german in found:
            raise ValueError(f"{path}:{number}: each German sentence must come once, but {one.german!r} comes again")
        found[one.german] = one
    if not found:
        raise ValueError(f"{path}: the file must hold at least one sentence, but it is empty")
    return list(found.values())


def _sentence(where: str, line: str) -> Typed:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) != 4:
        raise ValueError(f"{where}: {RULE}, but it has {len(cells)} columns: {line[:60]!r}; are there blanks for tabs?")
    construction, taught, german, english = cells
    if taught not in TAUGHT:
        raise ValueError(f"{where}: {RULE}, but the second is {taught!r}; are the columns in another order?")
    if not construction or not german:
        raise ValueError(f"{where}: {RULE}, but one of them is empty; fill it, or delete the line")
    alternatives = tuple(text.strip() for text in english.split(ALTERNATIVES.strip()))
    if not all(alternatives):
        raise ValueError(
            f"{where}: every translation must say something, but one of {english!r} is empty; a | too many?"
        )
    return Typed(german, alternatives, construction, TAUGHT[taught])
