"""Your parts where they were accepted, the course's where one is missing: from course.mine import parts."""

from __future__ import annotations

import sys
from typing import Any

from course.mine.record import kept
from course.mine.rooms import Rooms

__all__ = ["kept", "parts"]

_rooms = Rooms()
sys.meta_path.insert(0, _rooms)  # from here on `import course.mine.attention` and `import mine` find something


def __getattr__(name: str) -> Any:
    """parts, when somebody asks for them: to import what you wrote is to run it."""
    if name != "parts":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from course.mine.whose import Parts

    _rooms.open()
    return Parts(_rooms.own)
