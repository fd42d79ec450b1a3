"""Front ends: a notebook opened in JupyterLab and in Notebook 7, its cells run by the keyboard."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Locator, Page, expect

from course.classroom.author.browser import TOKEN
from tests import PATIENCE

FRONT_ENDS: dict[str, Any] = {"params": ["doc/tree", "notebooks"], "ids": ["JupyterLab", "Notebook 7"]}  # of a fixture


@contextlib.contextmanager
def opened_in(front_end: str, lab: tuple[Page, str], name: str, n_cells: int, **options: Any) -> Iterator[Page]:
    """A page of its own with the notebook of that name, when its code cells are drawn. lab: a page, and the address."""
    page, address = lab
    with page.context.browser.new_page(**options) as other:
        other.set_default_timeout(PATIENCE * 1000)
        other.goto(f"{address}/{front_end}/{name}?token={TOKEN}")
        expect(other.locator(".jp-Notebook .jp-CodeCell")).to_have_count(n_cells)
        yield other


def by_keyboard(page: Page, place: int, has_run: Callable[[Locator], bool]) -> Locator:
    """Run the code cell at this place as a learner does; the cell. A kernel that still starts is taken where asked."""
    cell = page.locator(".jp-CodeCell").nth(place)
    while not has_run(cell):
        if page.locator(".jp-Dialog").count():
            page.keyboard.press("Enter")
        else:
            cell.locator(".cm-content").click()
            page.keyboard.press("ControlOrMeta+Enter")
        page.wait_for_timeout(2000)
    return cell
