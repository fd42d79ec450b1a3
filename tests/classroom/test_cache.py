"""The cache: is a result kept as long as nothing that it depends on changes, and no longer?"""

import pytest

from course.classroom.author import cache
from course.classroom.author.cache import fingerprint, remembered, sources

TREE = {
    "house/__init__.py": "",
    "house/hall.py": "from house import stairs\nimport numpy\n",
    "house/stairs.py": "def up():\n    from .attic.box import KEY\n",
    "house/attic/__init__.py": "",
    "house/attic/box.py": "KEY = 1\n",
    "house/cellar.py": "import house.hall\n",
}


@pytest.fixture
def tree(monkeypatch, tmp_path):
    """A repository of a few modules."""
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(cache, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def find(folder):
    """Something that returns another number each time."""
    numbers = iter(range(10))
    return lambda: {"number": next(numbers)}


def test_what_was_found_is_found_again_under_its_name_and_key(find):
    assert remembered("a", "key", find) == remembered("a", "key", find) == {"number": 0}
    assert remembered("b", "key", find) == {"number": 1}
    assert remembered("a", "other key", find) == {"number": 2}
    assert remembered("a", "key", find) == {"number": 3}, "one result is kept for each name"


def test_fresh_finds_anew_and_keeps_that(find):
    remembered("a", "key", find)
    assert remembered("a", "key", find, fresh=True) == {"number": 1} == remembered("a", "key", find)


@pytest.mark.parametrize("stored", ["", '{"key": "key", "fo', "[]", '{"found": 1}', "\x00"])
def test_half_a_file_counts_for_nothing(find, folder, stored):
    folder.mkdir()
    (folder / "a.json").write_text(stored)
    assert remembered("a", "key", find) == {"number": 0} == remembered("a", "key", find)


def test_a_module_depends_on_what_it_imports_however_deep_and_on_nothing_else(tree):
    below = {"house", "house.hall", "house.stairs", "house.attic", "house.attic.box"}
    assert set(sources(["house.hall"])) == below
    assert set(sources(["house.cellar"])) == below | {"house.cellar"}


@pytest.mark.parametrize("name", TREE)
def test_fingerprint_changes_with_what_a_module_depends_on_alone(tree, name):
    before = fingerprint(["house.hall"])
    (tree / name).write_text(TREE[name] + "# another line\n")
    assert (fingerprint(["house.hall"]) != before) == (name != "house/cellar.py")


def test_fingerprint_changes_with_versions_and_further_texts(tree, monkeypatch):
    before = fingerprint(["house.hall"], "ab", "c")
    assert fingerprint(["house.hall"], "ab", "c") == before != fingerprint(["house.hall"], "a", "bc")
    monkeypatch.setattr(cache.metadata, "version", lambda name: "1.0" if name == "torch" else "2.0")
    assert fingerprint(["house.hall"], "ab", "c") != before


def test_parts_of_the_course_are_followed():
    found = set(sources(["course.checks.positions.exercises"]))
    assert {"course.attention", "course.multi_head", "course.checks.positions.toys"} <= found
    assert "course.corpus.morphology" in sources(["course.corpus.clauses"]), "a relative import"
