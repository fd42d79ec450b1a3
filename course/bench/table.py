"""Table: what was measured, what is to be reached, and is it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("what", "measured", "to reach", "reached")


@dataclass(frozen=True)
class Value:
    """One number beside what it is to reach; form says how both are written; at_most: it is to be low."""

    measured: float
    goal: float
    form: str = "{:.2f}"
    at_most: bool = False

    @property
    def reached(self) -> bool:
        """By the number as measured, not as it is written; what is no number has not been reached."""
        return self.measured <= self.goal if self.at_most else self.measured >= self.goal

    def __str__(self) -> str:
        return self.form.format(self.measured)

    @property
    def wanted(self) -> str:
        return ("<= " if self.at_most else ">= ") + self.form.format(self.goal)


@dataclass(frozen=True)
class Figure:
    """A line of the table: one or more values, and how they came about."""

    what: str
    values: tuple[Value, ...]
    note: str = ""

    @property
    def reached(self) -> bool:
        return all(value.reached for value in self.values)

    @property
    def cells(self) -> tuple[str, str, str, str]:
        measured, wanted = (
            " / ".join(map(str, some)) for some in (self.values, [value.wanted for value in self.values])
        )
        return self.what, measured, wanted, "yes" if self.reached else "NO"

    def __str__(self) -> str:
        what, measured, wanted, reached = self.cells
        return f"{what}: {measured} (to reach: {wanted}; reached: {reached})" + f"\n    {self.note}" * bool(self.note)


def table(figures: Sequence[Figure]) -> str:
    """All figures in columns of equal width."""
    rows = [HEAD, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-+-".join("-" * width for width in widths), *lines[1:]])
