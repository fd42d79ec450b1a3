"""Browser: JupyterLab in Chromium, with settings of its own, for pictures of notebooks and for tests."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course.classroom import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserType, Page

TOKEN = secrets.token_hex()  # without it the server answers nobody
PATIENCE = 1200  # seconds after which a page, or a server, counts as hanging
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
EVERY_CELL_DRAWN = {
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {
        "windowingMode": "none",
        "scrollPastEnd": False,
    }
}
IS_READY = """() => {
    const panel = window.jupyterapp?.shell?.currentWidget;
    return panel?.content?.notebookConfig?.windowingMode === 'none'
        && panel.context.isReady && panel.sessionContext?.session?.kernel?.status === 'idle';
}"""


class NoBrowser(RuntimeError):
    """Playwright or Chromium is not there; the text says what to do."""


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass(frozen=True)
class Lab:
    """A JupyterLab in a process of its own."""

    address: str
    process: subprocess.Popen
    log: Path

    def stop(self) -> int:
        """Ask it to stop, as closing the terminal would; its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def start_lab(scratch: Path, *options: str, home: Path = ROOT) -> Lab:
    """`python -m course lab`, knowing nothing of the user's own settings, once it answers.

    home: another copy of the course, whose desk is its own."""
    port, log = free_port(), scratch / "log"
    at_home = {} if home == ROOT else {"COURSE_WORK": "", "PYTHONPATH": str(home)}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "course", "lab", *server_options(port), *options],
            cwd=home,
            env=os.environ | own_settings(scratch) | at_home,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    lab = Lab(f"http://127.0.0.1:{port}", process, log)
    wait_until_ready(lab)
    return lab


@contextlib.contextmanager
def running_lab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab that shows `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        lab = start_lab(Path(scratch), f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True")
        try:
            yield lab.address
        finally:
            lab.stop()


def server_options(port: int) -> list[str]:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [
        "--no-browser",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
        *(["--allow-root"] if root else []),
    ]


def own_settings(scratch: Path) -> dict[str, str]:
    """Environment variables that lead Jupyter to `scratch`, whose settings draw every cell of a notebook."""
    for name, setting in EVERY_CELL_DRAWN.items():
        file = scratch / "settings" / name
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(setting))
    folders = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    folders |= {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    folders |= {"IPYTHONDIR": "ipython", "COURSE_WORK": "work"}
    return {variable: str(scratch / name) for variable, name in folders.items()}


def wait_until_ready(lab: Lab) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and lab.process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{lab.address}/api/status?token={TOKEN}", timeout=60).close()
            return
        time.sleep(0.1)
    lab.stop()
    raise RuntimeError(f"JupyterLab must answer at {lab.address} within {PATIENCE} s, but said:\n{lab.log.read_text()}")


@contextlib.contextmanager
def new_page(width: int = 1280, height: int = 1000) -> Iterator[Page]:
    """An empty page of a Chromium without a window. NoBrowser where there is none."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        raise NoBrowser("playwright is not installed: `make test` installs it with all that an author needs") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(playwright.chromium), args=list(CHROMIUM_OPTIONS))
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE * 1000)
        page.set_default_navigation_timeout(PATIENCE * 1000)
        yield page
        browser.close()


def program(browser: BrowserType) -> str:
    """Where Chromium is: the system's, or else Playwright's own."""
    found = chromium() or browser.executable_path
    if not Path(found).exists():
        raise NoBrowser("Chromium is not installed: install it, or let `python -m playwright install chromium` do so")
    return found


def open_notebook(page: Page, url: str) -> None:
    """Open a notebook, `<address>/lab/tree/<path>`, and wait until its cells are drawn and its kernel is idle."""
    page.goto(f"{url}?token={TOKEN}")
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell")
    page.wait_for_function(IS_READY)
