"""Compare what a run shows with what is stored: nbval's own comparison, cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams, get_sanitize_patterns, nocolors

from course.classroom import ROOT
from tests.lessons.shell import Run

SANITIZE = ROOT / "tests" / "nbval_sanitize.cfg"
LONGEST_TEXT = 2000


def differences(session: pytest.Session, stored: Path, run: Run, cells: Collection[str] | None = None) -> Iterator[str]:
    """One text for each cell that shows something else than the notebook at that path, except where tags allow it.

    cells: the ids of those that are compared; all without"""
    notebook = IPyNbFile.from_parent(session, path=stored)
    notebook.sanitize_patterns.update(get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8")))
    ran = {cell.id: cell for cell in run.notebook.cells}
    for item in notebook.collect():
        item.colors = nocolors
        asked = cells is None or item.cell.id in cells
        if asked and item.options["check"] and not item.options["skip"]:
            yield from difference(item, ran[item.cell.id])


def difference(item: IPyNbCell, ran: NotebookNode) -> Iterator[str]:
    """What nbval finds in one cell, and the two texts."""
    now, before = (coalesce_streams(cell.outputs) for cell in (ran, item.cell))
    if not item.compare_outputs(now, before):
        reason = "\n".join(item.comparison_traceback).strip()
        texts = (f"{name}:\n{text(item, outputs)}" for name, outputs in (("stored", before), ("now", now)))
        title = f"cell {item.cell.id!r} shows something else than what is stored."
        yield "\n".join([title, *texts, f"nbval: {reason}"])


def text(item: IPyNbCell, outputs: list[NotebookNode]) -> str:
    """The outputs as nbval reads them."""
    shown = [output.get("text") or output.get("evalue") or output.get("data", "") for output in outputs]
    whole = item.sanitize("\n".join(map(str, shown)) or "(nothing)")
    return whole if len(whole) <= LONGEST_TEXT else f"{whole[:LONGEST_TEXT]} ..."
