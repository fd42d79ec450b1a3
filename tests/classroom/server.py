"""Server: a PostgreSQL of its own in a temporary folder, which nobody reaches but by a file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import psycopg2

from tests import PATIENCE

DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder in which the server's programs are, the newest; Debian has them on no PATH."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def own_user() -> dict[str, object]:
    """Who the server is: it refuses to be root."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}


@dataclass
class Server:
    """A server that can be stopped and started again; its databases stay until it is removed."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="pg-")))
    process: subprocess.Popen | None = None

    def __enter__(self) -> Server:
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        make = [programs() / "initdb", "--pgdata=data", "--username=teacher", "--auth=trust", "--encoding=UTF8"]
        made = subprocess.run([*make, "--locale=C", "--no-sync"], cwd=self.folder, capture_output=True, **own_user())
        assert made.returncode == 0, made.stderr
        self.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        begin = [programs() / "postgres", "-D", "data", "-k", self.folder, "-h", "", "-F"]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(begin, cwd=self.folder, stdout=log, stderr=log, **own_user())
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            try:
                psycopg2.connect(self.dsn("postgres")).close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.05)
        raise TimeoutError("the server does not answer")

    def stop(self) -> None:
        """At once: whoever is in the middle of something is cut off."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)

    def dsn(self, database: str) -> str:
        return f"host={self.folder} user=teacher dbname={database}"

    def url(self, database: str) -> str:
        """As nbgrader's configuration has it."""
        return f"postgresql+psycopg2://teacher@/{database}?host={self.folder}"

    def create(self, database: str, like: str = "template1") -> str:
        """A new database, a copy of that one -> its address."""
        line = psycopg2.connect(self.dsn("postgres"))
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {database} TEMPLATE {like}")
        line.close()
        return self.url(database)
