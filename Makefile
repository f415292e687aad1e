# The watcher's commands. `make` lists them; each makes its own .venv from the pinned, hashed lock first.
.DEFAULT_GOAL := help
# The first Python here that is new enough, where none is named as in: make test PYTHON=python3.12
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

LOCK := uv pip compile pyproject.toml requirements/build.in --python-version 3.11 --universal --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --quiet

.PHONY: help run test check integration bench conformance docs accept lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Stamps: a call after the first has nothing to install, and asks nobody.
$(VENV)/.run: requirements/run.lock pyproject.toml requirements/make_venv.sh
	@sh requirements/make_venv.sh "$(PYTHON)" $(VENV)
	@echo "installing what is pinned into $(VENV): a minute, once"
	@$(PIP) install --quiet --require-hashes --requirement requirements/run.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	@echo "installing what the tests need into $(VENV)"
	@$(PIP) install --quiet --require-hashes --requirement requirements/dev.lock
	@touch $@

run: $(VENV)/.run ## play the story on an embedded broker, and stay up (ONCE=1: exit after it)
	$(BIN)/watcher demo $(if $(ONCE),--once)

test: $(VENV)/.dev ## the tests that need no service: unit, property, embedded broker, SQLite
	$(BIN)/python -m pytest -m "not kafka and not postgres and not mariadb and not slow"

check: $(VENV)/.dev ## style, types, import floors, generated files, our own schemas against our own rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house.generated --check
	$(BIN)/python -m tests.house.published

integration: $(VENV)/.dev ## what needs a real Kafka, PostgreSQL or MariaDB: story, ledger, kill test, snapshots
	$(BIN)/python -m pytest -m "kafka or postgres or mariadb or slow"

conformance: $(VENV)/.dev ## agreement with the suites of others, one table at the end
	$(BIN)/python -m pytest tests/conformance -q -s

bench: $(VENV)/.dev ## figures side by side in one run: a pair, bulk, growth, subscriptions, catch-up, live path
	$(BIN)/python -m bench

docs: $(VENV)/.dev ## write the generated pages and schemas anew
	$(BIN)/python -m tests.house.generated

accept: $(VENV)/.dev ## rewrite golden files; read the difference as code
	ACCEPT=1 $(BIN)/python -m pytest -q tests/golden

lock: ## resolve the pins anew (needs uv): versions and hashes, no index address
	$(LOCK) -o requirements/run.lock
	$(LOCK) --extra dev -o requirements/dev.lock

clean: ## remove what the other commands made
	rm -rf $(VENV) .cache build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
