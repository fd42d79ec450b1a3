"""Own page: the translator that a learner has trained, on a page that says where each part was built, and by whom."""

from __future__ import annotations

import os
from pathlib import Path

from course.mine.record import folder, read
from course.mine.whose import exercises, lessons
from course.own_translator import Translator, load_translator
from course.page import write_page


def own_page(translator: Path, page: Path, site: Path | None = None) -> Translator:
    """Write the page of a saved translator, and give back what is on it.

    site: a folder with the reading edition, to whose cells the page is to lead. ValueError where the file holds no
    translator that can be read, or the page cannot be written."""
    found = opened(translator)
    try:
        write_page(found, page, whose(), cells(site, page.parent) if site else {})
    except OSError as error:
        raise ValueError(f"{page} cannot be written: {error.strerror}; name another with --output") from error
    return found


def opened(path: Path) -> Translator:
    """The saved translator, in the course's classes; in the learner's where its weights fit into these alone."""
    try:
        return load_translator(path)
    except ValueError:
        if not read(folder()).parts:
            raise
        from course.mine import parts  # which runs what the learner wrote

        return parts.load_translator(path)


def whose() -> dict[str, str]:
    """Whose each exercise is, in the words of course.mine.parts; nothing where all is the course's."""
    mine = read(folder()).parts
    return {name: "yours" if name in mine else "the course's" for name in exercises()} if mine else {}


def cells(site: Path, start: Path) -> dict[str, str]:
    """Where each exercise stands in the reading edition, seen from a folder; those alone whose page is there."""
    pages = {name: site / f"{lesson}.html" for lesson, asked in lessons().items() for name in asked}
    seen = {name: Path(os.path.relpath(page, start)).as_posix() for name, page in pages.items() if page.is_file()}
    return {name: f"{address}#{name}" for name, address in seen.items()}
