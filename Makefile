# The few verbs a person needs. `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo smoke test check fix docs bench clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(READY) ## carry one change through all six stages, in a throw-away repository
	@$(BIN)/python examples/demo.py

smoke: $(READY) ## say /status, /clarify and /approve, and check what they put on record
	@$(BIN)/python examples/smoke.py

test: $(READY) ## run the tests on every core, but for the slow ones
	$(BIN)/pytest -n auto --dist worksteal -m 'not slow'

check: $(READY) ## everything that has to hold before a push, as CI runs it
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	CODEXA_THOROUGH=1 CODEXA_KILLS=200 $(BIN)/pytest -n auto --dist worksteal --cov --cov-report=term-missing:skip-covered

fix: $(READY) ## format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY) ## write the generated pages and the demo's session, and check every link
	$(BIN)/python examples/demo.py --refresh
	$(BIN)/python docs/generate.py

bench: $(READY) ## measure the commands beside their peers
	$(BIN)/python -m benchmarks

clean: ## remove what these targets made
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* build dist

# The environment is made once, and brought up to date when the dependencies change. The stamp is
# written last, so an interrupted installation is taken up again.
$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
	  echo "error: $(PYTHON) is not installed; name a Python 3.11 or later: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: codexa-git needs Python 3.11 or later and $(PYTHON) is older; name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "error: $(PYTHON) cannot make environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "setting up $(VENV), which takes a minute the first time"
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
