"""Validate: the server's answer to the button, from a process of its own, so that everything else goes on meanwhile."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from nbgrader.server_extensions.validate_assignment.handlers import NbGraderVersionHandler
from tornado import web

from course.classroom.learner.validation_process import ValidationProcess

ROUTE = "/assignments/validate"  # nbgrader's own, whose handler this one takes the place of
RUNNING: dict[Path, ValidationProcess] = {}


class ValidateHandler(APIHandler):
    """POST validates and answers when it is done; meanwhile GET tells how far it is, and DELETE stops it."""

    process: ValidationProcess | None = None
    gone = False  # whoever asked

    @web.authenticated
    async def post(self) -> None:
        path = self.path()
        if path in RUNNING:
            return self.finish(answer({"problem": f"{path.name} is being validated already: wait until that ends."}))
        self.process = RUNNING[path] = ValidationProcess(path)
        try:
            found = await self.process.result()
        finally:
            del RUNNING[path]
        return None if self.gone else self.finish(answer(found))

    @web.authenticated
    def get(self) -> None:
        running = RUNNING.get(self.path())
        self.finish({"said": running.said if running else ""})

    @web.authenticated
    def delete(self) -> None:
        if running := RUNNING.get(self.path()):
            running.stop()
        self.finish({"stopped": running is not None})

    def path(self) -> Path:
        """The notebook that is meant, which lies in the folder that the server shows."""
        root = Path(self.settings["server_root_dir"]).expanduser().resolve()
        path = (root / self.get_argument("path")).resolve()
        if not path.is_relative_to(root):
            raise web.HTTPError(403, "no file of this server")
        return path

    def on_connection_close(self) -> None:
        """The page was closed, or loaded again."""
        self.gone = True
        if self.process:
            self.process.stop()


def answer(found: dict[str, Any]) -> dict[str, Any]:
    """The report, or why there is none; success and value are what nbgrader's own dialog reads."""
    if "problem" in found:
        return found | {"success": False, "value": found["problem"]}
    wrong = [mark for mark in found["marks"] if mark["state"] != "right"]
    failed = [{"source": mark["name"], "error": html.escape(mark["text"]), "raw_error": mark["text"]} for mark in wrong]
    return found | {"success": True, "value": {"failed": failed} if failed else {}}


def _load_jupyter_server_extension(server: Any) -> None:
    """Called by Jupyter's server, as everyone/jupyter_server_config.json tells it to."""
    handlers = {ROUTE: ValidateHandler, "/nbgrader_version": NbGraderVersionHandler}
    base = server.web_app.settings["base_url"]
    server.web_app.add_handlers(".*$", [(url_path_join(base, path), handler) for path, handler in handlers.items()])
