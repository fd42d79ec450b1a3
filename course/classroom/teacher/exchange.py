"""Exchange: what students left in nbgrader's exchange is collected by owner, plain files alone, each for itself."""

from __future__ import annotations

import datetime
import glob
import os
import pwd
import shutil
import tempfile
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.exchange.default.exchange import ExchangeError

from course.classroom.teacher import inbox

LATEST = datetime.timedelta(minutes=10)  # between the time that a submission claims and its last change


class Collect(ExchangeCollect):
    """nbgrader's own takes a forged name with a warning, follows links, and ends at the first that it cannot copy."""

    def init_src(self) -> None:
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Whose it is, and when it came; what is not what it claims to be is nobody's."""
        nobodys = {"username": "", "filename": Path(path).name, "timestamp": datetime.datetime.min}
        try:
            record = super()._path_to_record(path)
            found = os.lstat(path)
        except (ExchangeError, ValueError, OverflowError, OSError) as error:
            self.log.warning("%r was not collected: %s", nobodys["filename"], error)
            return nobodys
        if self.check_owner and (owner := name_of(found.st_uid)) != record["username"]:
            self.log.warning("%r was not collected: it belongs to %s", record["filename"], owner)
            return nobodys
        changed = datetime.datetime.fromtimestamp(found.st_ctime, datetime.UTC).replace(tzinfo=None)
        if changed - record["timestamp"] > LATEST:
            self.log.warning("%r was last changed at %s UTC", record["filename"], changed)
        return record

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        """The plain files that the inbox would read, put in place at once; what is left out is said."""
        place, handed = Path(dest), inbox.Handed(Path(dest).parent.name)
        try:
            inside = inbox.opened(str(Path(src).parent), Path(src).name, None)
        except inbox.Unreadable as error:
            self.log.warning("%s", error)
            return
        try:
            inbox.collect(handed, inside, "", inbox.Left(), f"{place.name}.ipynb")
        finally:
            os.close(inside)
        for oddity in handed.oddities:
            self.log.warning("%s: left out %s", handed.student, oddity)
        put(place, handed.files)


def name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def put(place: Path, files: dict[str, bytes]) -> None:
    """A folder with these files; whoever is interrupted leaves none."""
    for left in place.parent.glob(f".{place.name}-*"):
        shutil.rmtree(left)
    new = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    for name, content in files.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).write_bytes(content)
    new.chmod(0o755)
    new.rename(place)


class ReleaseFeedback(ExchangeReleaseFeedback):
    """nbgrader's own ends at the first who handed in another way, and to whom it therefore cannot release."""

    def copy_files(self) -> None:
        for folder in sorted(Path("/").glob(self.src_path[1:])):
            if (folder / inbox.SECRET).exists():
                self.src_path = glob.escape(str(folder))
                super().copy_files()
            else:
                student = folder.parent.name
                self.log.warning("%s did not submit through the exchange, and gets the page from you", student)
