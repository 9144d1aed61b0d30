# The one door. Needs Python 3.11 or newer, make and git; everything else is installed into .venv.
# `make PYTHON=/path/to/python3` chooses the Python.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := "$(PYTHON)" scripts/install.py
WORKERS = $(shell "$(PYTHON)" -c "import os; print((os.cpu_count() or 1) + 1)")

# The quick suites on every core and one more, since some tests wait for a clock; then those that start gateways, two files at a time:
# each waits for processes of its own about half of the while, and with more of them at once patience that a test is about would run out.
define tests
rm -f .tmp/tally.json
$(BIN)/python -m pytest tests/unit tests/conformance tests/architecture tests/rendering tests/simulation -n $(WORKERS) --dist worksteal --tally .tmp/tally.json $(1)
$(BIN)/python -m pytest tests/acceptance -n 2 --dist loadfile --tally .tmp/tally.json $(1)
endef

# A shell may forbid compiled files to be kept: then every process of thousands would compile all that it imports, tests most of all.
unexport PYTHONDONTWRITEBYTECODE

# Temporary files stay inside the clone.
export TMPDIR := $(CURDIR)/.tmp
$(shell mkdir -p .tmp)

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup fix check format lint types floors rules test test-all mutants demo up verify-live bench shots docs lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

setup:  ## the environment from the lock files, clients' packages and the hook before a commit
	@$(INSTALL) clients
	@$(INSTALL) hooks

demo:  ## render two videos through the HTTP API of a gateway of its own, and show how to go on
	@$(INSTALL) runtime
	@$(BIN)/reelgate demo

up:  ## a gateway on this machine, for as long as you let it run
	@$(INSTALL) runtime
	@$(BIN)/reelgate up

test:  ## all tests at small counts; the last line counts what did not run, and why
	@$(INSTALL) clients
	@$(call tests)

test-all:  ## all tests at large counts, then faults planted in money, states and keys
	@$(INSTALL) clients
	@$(call tests,--large)
	@$(BIN)/python scripts/mutants.py

mutants:  ## faults planted in money, states and keys: whether the tests notice them
	@$(INSTALL) dev
	@$(BIN)/python scripts/mutants.py

check: format lint types floors rules test  ## everything that CI runs: the gates, then the tests

fix:  ## what can be mended by itself
	@$(INSTALL) dev
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python scripts/docs.py

verify-live:  ## tries upstreams with your keys; names the most it can cost, and asks
	@$(INSTALL) dev
	@$(BIN)/python scripts/verify_live.py

bench:  ## CPU for each request and ratios, measured in one run
	@$(INSTALL) dev
	@$(BIN)/python -m bench

shots:  ## a contact sheet of rendered frames
	@$(INSTALL) dev
	@$(BIN)/python -m bench.shots

docs:  ## what is generated in the documents
	@$(INSTALL) dev
	@$(BIN)/python scripts/docs.py

lock:  ## the newest versions that are a week old, into the lock files
	@$(INSTALL) dev
	@$(BIN)/python scripts/locks.py --write

clean:  ## away with everything that make has made, videos of the demo included
	rm -rf .venv .tmp build dist site demo shots tests/clients/node_modules .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find src tests scripts bench -name __pycache__ -prune -exec rm -rf {} +

# The gates one by one; `make check` is the way in.

format:
	@$(INSTALL) dev
	@$(BIN)/ruff format --check .

lint:
	@$(INSTALL) dev
	@$(BIN)/ruff check .

types:
	@$(INSTALL) dev
	@$(BIN)/basedpyright

floors:
	@$(INSTALL) dev
	@PYTHONPATH=src:. $(BIN)/lint-imports --cache-dir .import_linter_cache --no-logo

rules:
	@$(INSTALL) dev
	@$(BIN)/python scripts/rules.py
	@$(BIN)/python scripts/locks.py
	@$(BIN)/python scripts/docs.py --check
	@$(BIN)/python scripts/measure.py
