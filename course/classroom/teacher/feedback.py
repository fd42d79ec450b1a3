"""Feedback: what a learner gets back shows answers, points and messages, but not how the hidden tests are written."""

from __future__ import annotations

import re

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Bool

HIDDEN = re.compile(r"(?:\A|\n)[^\n]*BEGIN HIDDEN TESTS.*?(END HIDDEN TESTS[^\n]*|\Z)", re.DOTALL)


class HideTests(Preprocessor):
    """Take the hidden tests out of the check cells; of an error there, leave its name and its text."""

    enabled = Bool(True).tag(config=True)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        cell.source, hidden = HIDDEN.subn("", cell.source)
        for output in cell.get("outputs", []) if hidden else []:
            if output.output_type == "error":
                name = "" if output.ename == "CheckFailed" else f"{output.ename}: "
                output.traceback = [name + output.evalue]
        return cell, resources
