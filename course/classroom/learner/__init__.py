"""For the learner: installing the course, and JupyterLab as the lessons need it."""
