# Everything a newcomer needs: `make demo` opens the application, `make test` runs every check.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Tests wait for servers, processes and disks half of their time: two workers a core, at most eight.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(8, 2 * (os.cpu_count() or 1)))")
# A worker that dies ends the run with its name: a new one in its place would leave the others waiting for ever.
PYTEST := QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(WORKERS) --max-worker-restart=0 --durations=25
WINDOW_TESTS := tests/gui $(wildcard tests/end_to_end/test_window*.py)
# Those that DELTADESK_SOAK makes longer; the properties among them are found by their decorator.
LONG_TESTS = tests/faults/test_kill.py tests/faults/test_many_workers.py tests/faults/test_states.py \
	tests/faults/test_undo.py tests/faults/test_secrets.py tests/end_to_end/test_shared_queue.py \
	$(shell grep -rl "^@given" tests/core)

.PHONY: setup demo test soak check screenshots lock clean
.DEFAULT_GOAL := help

help:
	@echo "make setup        create .venv and install everything"
	@echo "make demo         open the desktop on the demo profile (without a display: the same demo, headless)"
	@echo "make test         run every check and every test"
	@echo "make soak         the long forms: 200 kills and 60 among four workers, on SQLite and on MariaDB; 150 random"
	@echo "                  histories; 40 killed undos; 1,000 examples of each property: half an hour"
	@echo "make screenshots  draw the pictures of the operator guide again"

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock tools/debian_packages.sh
	bash tools/debian_packages.sh run
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint requirements.lock hatchling editables
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --no-build-isolation --editable ".[dev]"
	touch $(STAMP)

demo: setup
	@bash tools/demo.sh $(BIN)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup
	bash tools/debian_packages.sh test
	$(MAKE) --no-print-directory check
	$(PYTEST) --dist worksteal $(addprefix --ignore=,$(WINDOW_TESTS))
	$(PYTEST) --dist loadfile $(WINDOW_TESTS)

# DELTADESK_SOAK_SEED chooses other points to kill at.
soak: setup
	bash tools/debian_packages.sh test
	DELTADESK_SOAK=1 $(BIN)/python -m pytest -n 2 --dist worksteal --timeout 900 -rP $(LONG_TESTS)

screenshots: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python tools/screenshots.py

# Names and versions only: the file carries no download address.
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet ".[dev]"
	.venv-lock/bin/python -m pip freeze --exclude deltadesk | grep -v -e "@ file" -e "^-e" > requirements.lock
	rm -rf .venv-lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
