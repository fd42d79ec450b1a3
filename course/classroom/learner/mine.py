"""Mine: what of the course a learner has written so far, lesson by lesson, and the package that is made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from course.classroom.learner import desk
from course.classroom.learner.answers import Sheet, sheets
from course.classroom.learner.checking import RIGHT, THE_COURSES, WRONG, Found, examined, tasks
from course.classroom.learner.package import NotOurs, write_package
from course.mine.record import folder, read
from course.mine.whose import Parts

__all__ = ["NotOurs", "mine"]

# Of these a translator is made, from its text to what it writes: the parts of all that they use count.
TRANSLATOR = ("Tokenizer", "Transformer", "train", "translate", "beam_search", "CachedTransformer")


def mine(
    work: Path | None = None, say: Callable[[str], None] = lambda text: None, fresh: bool = False,
    place: Path | None = None,
) -> Iterator[str]:  # fmt: skip
    """Check what is in the notebooks of `work`, which is the desk, write the package -> the lines of what is done, open
    and wrong."""
    work = work or desk.desk()
    place = place or folder() or work.parent / "mine"
    found: dict[str, dict[str, Found]] = {}
    looked_at = sheets(work)
    for sheet in looked_at:
        say(f"{sheet.lesson} ...")
        found[sheet.lesson] = examined(tasks(sheet), fresh)
    accepted = {lesson: [name for name, one in some.items() if one.state == RIGHT] for lesson, some in found.items()}
    said = write_package(place, accepted, looked_at)
    for sheet in looked_at:
        yield from lines(sheet, found[sheet.lesson], work)
    yield from said
    own = Parts(read(place))
    count, of_translator = (f"{own.of(*names)!r}".partition("\n")[0] for names in ((), TRANSLATOR))
    yield f"{place.name}/: {count}; of what a translator is made of, {of_translator}"


def lines(sheet: Sheet, found: Mapping[str, Found], work: Path) -> Iterator[str]:
    """A line for the lesson, one for each wrong answer, one for each notebook that was not looked at."""
    states = Counter(one.state for one in found.values())
    names = {state: [name for name, one in found.items() if one.state == state] for state in states}
    names["open"] = [name for name in sheet.rooms if name not in found]
    said = [f"{len(names.get(RIGHT, []))} of {len(sheet.rooms)} yours"]
    said += [f"{state}: {', '.join(names[state])}" for state in (THE_COURSES, WRONG, "open") if names.get(state)]
    if not found:
        said = ["open"] if sheet.cells else ["not begun" if sheet.notebook is None else "its notebook cannot be read"]
    yield f"{sheet.lesson:22}{'; '.join(said)}"
    for name in names.get(WRONG, []):
        yield f"    {name}: {first_line(found[name].text)}"
    for path in sheet.others:
        yield f"    {path.relative_to(work)} was not looked at, but {sheet.notebook.relative_to(work)}"


def first_line(text: str) -> str:
    """What is wrong, in a line: a check's text begins with a line that says only that something is."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[min(1, len(lines) - 1)]
