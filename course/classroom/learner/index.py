"""Index: one page that says what is done and what is open, and leads to where to go on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from course.classroom.learner import desk
from course.classroom.learner.states import OPEN, RIGHT, TRIED, Exercise, Progress, survey

PAGE = "index.md"


def write() -> None:
    """Write the page onto the desk, where it has changed."""
    path, text = desk.desk() / PAGE, page(survey())
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


def after_saving(os_path: str, model: Mapping[str, Any], **_: object) -> None:
    """What JupyterLab's server does when something was saved; that must go well whatever becomes of the page."""
    if model.get("type") == "notebook":
        with contextlib.suppress(OSError, desk.DeskError):
            write()


def page(lessons: Sequence[Progress]) -> str:
    """The page, in Markdown, with links that JupyterLab follows."""
    here = current(lessons)
    parts = ["# The Transformer, built by hand", go_on(here), table(lessons)]
    if here and here.begun:
        parts.append(f"## Lesson {here.title}\n\n{exercises(here)}")
    notes = [f"- {note}" for one in lessons for note in remarks(one)]
    parts += ["\n".join(notes)] if notes else []
    parts.append(
        "All terms are in the [glossary](glossary.md), all works in the [bibliography](bibliography.md). This page is "
        "written anew whenever a notebook is saved. It reads what stands in your notebooks and sends nothing anywhere. "
        "`python -m course progress` says the same."
    )
    return "\n\n".join(parts) + "\n"


def current(lessons: Sequence[Progress]) -> Progress | None:
    """Where to go on: the last lesson that was begun and is not done, else the first that was not begun."""
    unfinished = [one for one in lessons if one.next]
    begun = [one for one in unfinished if one.begun]
    return (begun or unfinished[:1] or [None])[-1]


def go_on(here: Progress | None) -> str:
    if here is None:
        return "**Every exercise of every lesson is right.** What you have built is a Transformer."
    if not here.begun:
        return f"**Begin here:** {link(here.title, here)} ({here.time})."
    return f"**Go on here:** {link(here.title, here)}, {link(here.next.name, here, here.next.asked)}."


def table(lessons: Sequence[Progress]) -> str:
    rows = ["| Lesson | Exercises | Points | To do |", "|---|---|---|---|"]
    for one in lessons:
        rows.append(f"| {link(one.title, one)} | {done(one)} | {one.points} of {one.most} | {left(one)} |")
    n_right, n = sum(one.count(RIGHT) for one in lessons), sum(len(one.exercises) for one in lessons)
    points, most = sum(one.points for one in lessons), sum(one.most for one in lessons)
    return "\n".join([*rows, f"| **All** | **{n_right} of {n} right** | **{points} of {most}** | |"])


def done(one: Progress) -> str:
    """'3 of 7 right, 1 tried'"""
    tried = f", {one.count(TRIED)} tried" if one.count(TRIED) else ""
    return f"{one.count(RIGHT)} of {len(one.exercises)} right{tried}"


def left(one: Progress) -> str:
    """What is left of it, in time."""
    if one.next is None:
        return "done"
    return f"exercises of {one.minutes_left} minutes" if one.begun else one.time


def exercises(here: Progress) -> str:
    """The exercises of a lesson, and where each is explained."""
    rows = ["| Exercise | State | Points | Look |", "|---|---|---|---|"]
    for one in here.exercises:
        look = link(one.section, here, one.look)
        rows.append(f"| {link(one.name, here, one.asked)} | {state(one)} | {one.points} | {look} |")
    return "\n".join(rows)


def state(one: Exercise) -> str:
    return {RIGHT: "right", TRIED: "tried, not right yet", OPEN: f"open, about {one.minutes} minutes"}[one.state]


def remarks(one: Progress) -> Iterator[str]:
    if one.problem:
        yield f"{one.problem}. `python -m course fresh {one.lesson[:2]}` puts it aside and gives you a new copy."
    elif one.older:
        yield (
            f"{one.title}: the course has a newer release. `python -m course fresh {one.lesson[:2]} --keep` puts yours "
            "aside, and takes your answers over into a new copy."
        )


def link(text: str, one: Progress, cell: str = "") -> str:
    """To the learner's notebook, or to a cell of it: headings JupyterLab does not find in what it has just opened."""
    if one.path is None:
        return text
    path = quote(os.path.relpath(one.path, desk.desk()).replace(os.sep, "/"))
    return f"[{text.replace('|', '')}]({path}{f'#cell-id={cell}' if cell else ''})"


def in_words(lessons: Sequence[Progress]) -> str:
    """The same for a terminal."""
    here = current(lessons)
    lines = [f"{one.title:32} {done(one):24} {one.points:3} of {one.most:3} points   {left(one)}" for one in lessons]
    if here:
        lines.append(f"go on here: {here.title}, {here.next.name}")
    return "\n".join([*lines, *(note.replace("`", "") for one in lessons for note in remarks(one))])
