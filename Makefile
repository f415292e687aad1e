# The watcher's commands. `make` lists them; each makes its own .venv from the pinned, hashed lock first.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test check integration bench docs schemas accept lock conformance clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.run: requirements/run.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The watcher needs Python 3.11 or later; this is %s. Name one with PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --requirement requirements/run.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	$(BIN)/pip install --quiet --require-hashes --requirement requirements/dev.lock
	@touch $@

run: $(VENV)/.run ## play the story on an embedded broker, and stay up (ONCE=1: exit after it)
	$(BIN)/watcher demo $(if $(ONCE),--once)

test: $(VENV)/.dev ## the tests that need no service: unit, property, embedded broker, SQLite
	$(BIN)/pytest -m "not kafka and not postgres and not slow"

check: $(VENV)/.dev ## style, types, import floors, generated files, our own schemas against our own rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house.generated --check
	$(BIN)/watcher check --help >/dev/null
	sh tests/house/published_schemas.sh

integration: $(VENV)/.dev ## the story, the ledger's suite and the kill test on a real Kafka and a real PostgreSQL
	$(BIN)/pytest -m "kafka or postgres or slow"

conformance: $(VENV)/.dev ## agreement with the suites of others, one line a suite
	$(BIN)/pytest tests/conformance -q -s

bench: $(VENV)/.dev ## figures side by side in one run: check of a pair, catch-up, live path
	$(BIN)/python -m bench

docs: $(VENV)/.dev ## write the generated pages and schemas anew
	$(BIN)/python -m tests.house.generated

accept: $(VENV)/.dev ## rewrite golden files; read the difference as code
	ACCEPT=1 $(BIN)/pytest -q tests/golden

lock: ## resolve the pins anew (needs uv): versions and hashes, no index address
	uv pip compile pyproject.toml requirements/build.in --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements/run.lock
	uv pip compile pyproject.toml requirements/build.in --extra dev --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements/dev.lock

clean: ## remove what the other commands made
	rm -rf $(VENV) .cache build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
