# make lab    read and do the lessons in JupyterLab            make lab ARGS="--no-browser --port=8899"
# make test   ruff, generated notebooks, every test           make test ARGS=--lessons=all (also those unchanged)
# make build  generate notebooks/ and solutions/ from course/lessons/
# make bench  measure the figures that the course claims       make bench ARGS="speed --seconds 30"
# make site   the reading edition, into site/                  make site ARGS=FOLDER
# make lock   write both locks from the .in files              make lock ARGS="--upgrade-package numpy"
#
# The first five make .venv when it is missing or out of date. Another Python: make lab PYTHON=python3.12

INSTALL = course/classroom/learner/install.py
CANDIDATES = python3.14 python3.13 python3.12 python3.11 python3 python
PYTHON ?= $(shell for name in $(CANDIDATES); do \
	"$$name" $(INSTALL) suits >/dev/null 2>&1 && echo "$$name" && exit; done; echo python3)

# One thread: results then do not depend on the number of cores, and a busy machine is not slowed down.
export OMP_NUM_THREADS = 1
export MKL_NUM_THREADS = 1

# Said in the recipes, so that the search for PYTHON above never finds .venv itself.
IN_VENV = PATH="$(CURDIR)/.venv/bin:$$PATH"

.PHONY: lab test build bench site lock setup setup-maintainer

lab: setup
	@$(IN_VENV) python -m course lab $(ARGS)

build: setup-maintainer
	@$(IN_VENV) python -m course build $(ARGS)

bench: setup-maintainer
	@$(IN_VENV) python -m course bench $(ARGS)

site: setup-maintainer
	@$(IN_VENV) python -m course site $(ARGS)

# Every step runs; the first that fails decides the exit code. pytest ends with 5 when no test ran: a failure too.
test: setup-maintainer
	@$(IN_VENV); export PATH; first=0; \
	step() { echo "== $$*"; "$$@"; code=$$?; [ $$first -ne 0 ] || first=$$code; }; \
	step ruff check .; \
	step python -m course build --check; \
	step python -m pytest -n auto --dist loadgroup --lessons=changed $(ARGS) tests; \
	exit $$first

lock:
	@$(PYTHON) course/classroom/author/lock.py $(ARGS)

setup:
	@$(PYTHON) $(INSTALL) learner

setup-maintainer:
	@$(PYTHON) $(INSTALL) maintainer
