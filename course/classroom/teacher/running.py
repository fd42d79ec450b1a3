"""Running: a submission is executed on one thread, within its time, and what it prints is kept short."""

from __future__ import annotations

import os
import time
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Integer

from course.classroom.teacher.mending import CHECK_OF
from course.mine.record import VARIABLE

TOO_LONG = "CellTimeoutError"  # as nbgrader's Execute writes it into the outputs
KERNEL = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", VARIABLE: ""}  # one thread, nobody's own parts


class Run(Execute):
    """nbgrader's Execute, with a time for the whole notebook; a cell that kills the kernel costs only what follows it.

    A cell without points has less time, and after one that took too long very little: what loops for ever does so in
    each cell that calls it. What stands after the last graded cell is not run: no grade hangs on it, and in lesson 09
    it takes two minutes."""

    total_timeout = Integer(1200, help="seconds that a whole notebook may take").tag(config=True)
    ungraded_timeout = Integer(60, help="seconds that a cell without points may take").tag(config=True)
    late_timeout = Integer(5, help="the same, once one has taken too long").tag(config=True)

    def preprocess(self, nb: NotebookNode, *args: Any, **kwargs: Any) -> tuple[NotebookNode, dict]:
        self.deadline = time.monotonic() + self.total_timeout
        self.timeout_func, self.late, self.over = self.seconds_for, False, ""
        graded = [index for index, cell in enumerate(nb.cells) if is_graded(cell)]
        self.last = graded[-1] if graded else len(nb.cells)
        return super().preprocess(nb, *args, **kwargs)

    def seconds_for(self, cell: NotebookNode) -> int:
        ungraded = self.late_timeout if self.late else self.ungraded_timeout
        most = self.timeout if is_graded(cell) else min(self.timeout, ungraded)
        return max(1, min(most, round(self.deadline - time.monotonic())))

    def start_new_kernel(self, **kwargs: Any) -> None:
        super().start_new_kernel(env=os.environ | KERNEL, **kwargs)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if index > self.last:
            return cell, resources
        if not self.over:
            try:
                done = super().preprocess_cell(cell, resources, index)
                self.late = self.late or took_too_long(cell)
                return done
            except DeadKernelError:
                self.over = "the kernel died here, or in a cell above"
            except CellTimeoutError:
                self.over = "a cell took too long and could not be stopped"
        if cell.cell_type == "code":  # without an output it would have full points
            text = f"NotRun: {self.over}"
            cell.outputs = [v4.new_output("error", ename="NotRun", evalue=self.over, traceback=[text])]
        return cell, resources


def is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade") or CHECK_OF in cell.metadata)


def took_too_long(cell: NotebookNode) -> bool:
    return any(output.get("ename") == TOO_LONG for output in cell.get("outputs", []))


class LimitSize(NbGraderPreprocessor):
    """Cut what a cell shows; nbgrader's LimitOutput counts lines, and one line can be as long as the disk."""

    max_characters = Integer(100_000, help="of printed text or of an error, in one cell").tag(config=True)
    max_picture = Integer(5_000_000, help="characters of one displayed object, such as a picture").tag(config=True)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        left = self.max_characters
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = cut(output.text, left)
                left = max(0, left - len(output.text))
            elif output.output_type == "error":
                output.evalue = cut(output.evalue, self.max_characters)
                output.traceback = [cut("\n".join(output.traceback), self.max_characters)]
            elif len(str(output.data)) > self.max_picture:
                output.data = {"text/plain": "(too large to be kept)"}
        return cell, resources


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "\n... cut here: too long to be kept ..."
