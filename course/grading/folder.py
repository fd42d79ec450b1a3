"""Folder: a temporary folder; where its process was killed, the next one clears it up."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX, OWNER = "course-sandbox-", "owner"  # of the name; of the file that the process has locked while it lives


class Folder(tempfile.TemporaryDirectory):
    """A new one, held by this process."""

    def __init__(self) -> None:
        clear_up(Path(tempfile.gettempdir()))
        super().__init__(prefix=PREFIX, ignore_cleanup_errors=True)
        new = Path(self.name, "new")
        self.held = os.open(new, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self.held, fcntl.LOCK_EX)
        new.rename(new.with_name(OWNER))  # nobody sees it unlocked

    def cleanup(self) -> None:
        super().cleanup()
        if self.held >= 0:
            os.close(self.held)
        self.held = -1


def clear_up(place: Path) -> None:
    """Remove this user's folders there that nobody holds any more."""
    for folder in place.glob(f"{PREFIX}*"):
        if is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)


def is_left(folder: Path) -> bool:
    """Whether it is one of this user's, of a process that has gone."""
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return False
        owner = os.open(folder / OWNER, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(owner)
    return True
