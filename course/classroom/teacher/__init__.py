"""For the teacher: what nbgrader does with a submission beyond its own: mend it, run it, answer it."""
