"""The pages for those who change the course: are their lists those of the code?"""

import re
from pathlib import Path

import pytest

from course.__main__ import COMMANDS
from course.checks.registry import THEMES
from course.classroom import ROOT
from tests.house_rules import REFERENCES
from tests.test_house import MAKEFILE, make_targets

PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("ARCHITECTURE.md", "CONTRIBUTING.md")}
ARCHITECTURE, CONTRIBUTING = PAGES.values()
DRAWING = re.search(r"^```\n(.*?)^```", ARCHITECTURE, re.DOTALL | re.MULTILINE)[1]
CONFIG = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")


def drawn(folder: Path) -> set[str]:
    """The modules of a folder of course, by the names that the drawing must have; faces (__init__) aside."""
    return {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}


def test_drawing_shows_the_references_in_their_order():
    shown = DRAWING.partition("in the order of the lessons:")[2]
    names = [name for name in re.findall(r"\w+", shown) if name in REFERENCES]
    assert names == REFERENCES


@pytest.mark.parametrize("folder", ["judging", "classroom/learner", "classroom/author", "classroom/teacher"])
def test_drawing_shows_every_room(folder):
    assert drawn(ROOT / "course" / folder) - set(re.findall(r"\w+", DRAWING)) == set()


def test_drawing_shows_every_folder_and_every_file_of_course():
    folders = {path.name for path in (ROOT / "course").iterdir() if path.is_dir() and path.name != "__pycache__"}
    apart = {"moved"}  # what old notebooks need: said below the drawing
    assert (folders | drawn(ROOT / "course")) - set(re.findall(r"\w+", DRAWING)) == apart
    assert "course/moved.py" in ARCHITECTURE


def test_themes_are_listed_in_their_order():
    listed = ARCHITECTURE.partition("The themes are")[2].partition(".\n")[0]
    assert [name for name in re.findall(r"\w+", listed) if name in THEMES] == list(THEMES)


def test_steps_of_a_grade_are_nbgraders_and_in_its_order():
    listed = ARCHITECTURE.partition("## Who decides a grade")[2].partition("\n## ")[0]
    ours = re.findall(r"course\.classroom\.teacher\.\w+\.(\w+)", CONFIG)
    theirs = [name for name in re.findall(r"nbgrader\.preprocessors\.(\w+)", CONFIG) if f"`{name}`" in listed]
    steps = [name for name in re.findall(r"`(\w+)`", listed) if name in {*ours, *theirs}]
    apart = {"LimitSize", "Collect", "ReleaseFeedback"}  # which shorten outputs, fetch and bring back
    assert set(ours) - set(steps) == apart, "each step of ours is told"
    places = [CONFIG.index(f".{name}") for name in steps]
    assert places == sorted(places)


@pytest.mark.parametrize("name", PAGES)
def test_page_names_only_what_exists(name):
    page = PAGES[name]
    commands = {command.run.__name__ for command in COMMANDS}
    assert set(re.findall(r"-m course (\w+)", page)) <= commands
    assert set(re.findall(r"\bmake ([a-z]+)\b", page)) - {"every", "of", "sure", "room"} <= make_targets() | {"setup"}
    paths = set(re.findall(r"(?:course|tests|solutions|notebooks)/[\w/.]+\.(?:py|diff|txt|ipynb)", page))
    paths |= set(re.findall(r"\]\(([\w./]+)\)", page))
    assert paths
    examples = {f"course/lessons/{number}_name.py" for number in ("11", "NN")}
    examples |= {f"tests/lessons/test_{number}.py" for number in ("11", "NN")}
    assert [path for path in sorted(paths - examples) if not (ROOT / path).is_file()] == []


def test_architecture_is_one_page():
    assert len(ARCHITECTURE.splitlines()) <= 130


def test_costs_are_told_of_every_step_of_make_test():
    steps = [re.sub(r" -.*", "", step) for step in re.findall(r"^\tstep (.*?)(?:;| \\)", MAKEFILE, re.MULTILINE)]
    told = re.findall(r"^\| `(.*?)`", CONTRIBUTING.partition("## What `make test` does")[2], re.MULTILINE)
    assert [step.split()[:1] for step in steps] == [["ruff"], ["python"], ["python"]]
    assert [re.sub(r" -.*", "", one) for one in told[:3]] == ["ruff check .", "python", "python"]
