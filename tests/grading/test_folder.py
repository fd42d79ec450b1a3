"""Folder: is it cleared up by whoever comes next where its process was killed, and no other one ever?"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from course.grading import folder
from course.grading.folder import OWNER, PREFIX, Folder, clear_up, is_left


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(folder.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def of_one_killed(place: Path) -> Path:
    """A folder with something in it, whose process was killed."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        held = Folder()
        Path(held.name, "tree").mkdir()
        os.write(theirs, held.name.encode())
        signal.pause()
    name = os.read(ours, 1000).decode()
    assert not is_left(Path(name)), "its process lives"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ours), os.close(theirs)
    return Path(name)


def test_it_goes_with_its_process_or_before_the_next(place):
    with Folder() as name:
        left = of_one_killed(place)
        assert (Path(name).is_dir(), left.is_dir()) == (True, True)
        with Folder():
            assert (Path(name).is_dir(), left.exists()) == (True, False), "the one that lives is kept"
    assert list(place.iterdir()) == []


def test_what_is_not_of_this_kind_is_kept(place):
    of_one_killed(place).rename(place / "elsewhere")
    linked = place / f"{PREFIX}link"
    linked.symlink_to(place / "elsewhere")
    (place / f"{PREFIX}empty").mkdir()
    (place / f"{PREFIX}file").write_text("x")
    planted = place / f"{PREFIX}planted"
    planted.mkdir()
    (planted / OWNER).symlink_to(place / "elsewhere" / OWNER)
    before = sorted(place.rglob("*"))
    clear_up(place)
    assert sorted(place.rglob("*")) == before


def test_what_is_of_another_user_is_kept(place, monkeypatch):
    left = of_one_killed(place)
    monkeypatch.setattr(folder.os, "getuid", lambda: left.stat().st_uid + 1)
    assert not is_left(left)
    monkeypatch.undo()
    assert is_left(left)
