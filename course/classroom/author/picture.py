"""Picture: a whole notebook with its stored outputs, from top to bottom, as JupyterLab shows it."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from course.classroom.author.browser import new_page, open_notebook, running_lab

if TYPE_CHECKING:
    from playwright.sync_api import Page

PANEL = ".jp-NotebookPanel .jp-WindowedPanel-outer"
HEIGHT_IS_SETTLED = f"""() => {{
    const before = window.heightBefore;
    window.heightBefore = document.querySelector('{PANEL}').scrollHeight;
    return before === window.heightBefore;
}}"""
WITHOUT_TOOLS = ".jp-cell-menu, .jp-cell-toolbar, .jp-Collapser { visibility: hidden !important; }"


def paths(notebook: str, picture: str) -> tuple[Path, Path]:
    """Both as paths; ValueError where there is no such notebook, or where no picture can be written."""
    source, target = Path(notebook), Path(picture)
    if source.suffix != ".ipynb" or not source.is_file():
        raise ValueError(f"NOTEBOOK must be an .ipynb file that exists, not {notebook}")
    if target.suffix != ".png" or not target.parent.is_dir():
        raise ValueError(f"PICTURE must be a .png file in a folder that exists, not {picture}")
    return source, target


def draw(notebook: Path, picture: Path) -> None:
    """Draw the notebook, which is not run, into the file. NoBrowser where Playwright or Chromium is missing."""
    with new_page() as page, tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(notebook, folder))
        with running_lab(copy.parent) as address:
            open_notebook(page, f"{address}/doc/tree/{copy.name}")
            page.add_style_tag(content=WITHOUT_TOOLS)
            page.wait_for_function(HEIGHT_IS_SETTLED, polling=1000)
            stitched(page).save(picture)


def stitched(page: Page) -> Image.Image:
    """The notebook's panel, scrolled through one screenful at a time."""
    panel = page.locator(PANEL)
    height, step = panel.evaluate("e => [e.scrollHeight, e.clientHeight]")
    box = panel.bounding_box()
    picture = Image.new("RGB", (round(box["width"]), height), "white")
    for top in range(0, height, step):
        reached = panel.evaluate("(e, top) => { e.scrollTop = top; return e.scrollTop; }", top)
        picture.paste(Image.open(io.BytesIO(page.screenshot(clip=box))), (0, round(reached)))
    return picture
