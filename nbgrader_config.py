"""nbgrader: where this course keeps its notebooks, and how a submission is mended, run and answered.

Every stock command works from this folder: nbgrader generate_assignment | autograde | generate_feedback | export."""

import os
import sys
import warnings
from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.course_id = "transformer"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)  # gradebook.db lies there too
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"

c.Autograde.pre_convert_hook = "course.classroom.teacher.mending.adopt_renamed"
c.Autograde.sanitize_preprocessors = [
    "course.classroom.teacher.mending.MendSubmission",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "course.classroom.teacher.running.Run",
    "course.classroom.teacher.running.LimitSize",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.IgnorePattern",
    "course.classroom.teacher.mending.TakeBest",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateFeedback.exporter_class = "course.classroom.teacher.feedback_page.FeedbackPage"
c.GenerateFeedback.preprocessors = ["course.classroom.teacher.feedback.HideTests"]
c.ExchangeFactory.collect = "course.classroom.teacher.exchange.Collect"
c.ExchangeFactory.release_feedback = "course.classroom.teacher.exchange.ReleaseFeedback"
c.ExportApp.plugin_class = "course.classroom.teacher.export.ByExercise"

c.Execute.timeout = 300  # seconds a graded cell
c.Run.ungraded_timeout = 60  # seconds any other; once one has taken longer:
c.Run.late_timeout = 5
c.Validator.Execute.timeout = 60  # `nbgrader validate` has no Run; `python -m course validate` has
c.Execute.iopub_timeout = 60
c.Execute.startup_timeout = 180
c.Execute.extra_arguments = ["--log-level=ERROR"]
c.Run.total_timeout = 1200  # seconds a notebook
c.IgnorePattern.enabled = True  # a warning is no mistake
c.IgnorePattern.pattern = ".*"

c.Application.log_level = "WARN"
warnings.filterwarnings("ignore", message="Object of type <Submitted", module="nbgrader")

# nbgrader runs alembic as a program, which also a shell must find in which .venv is not activated.
programs, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
if programs not in path.split(os.pathsep):
    os.environ["PATH"] = programs + os.pathsep + path
