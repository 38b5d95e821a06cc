# Two commands for a new machine with Python 3.11 or newer, pip and make:
#
#   make demo     the main job on sample_data/, against the embedded sandbox
#   make test     all tests
#
# and for who works on it: make check, make lock, make sample-data, make clean.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
BENCH := $(VENV)/.installed-bench

.PHONY: help demo test check chaos fuzz bench bench-journal bench-faults format lock sample-data translations clean

help:
	@echo "make demo         run the main job on sample_data/ against the embedded sandbox"
	@echo "make test         run all tests"
	@echo "make check        format, lint, types, import rules"
	@echo "make chaos        kill a run at 200 random points, and see that it tells the truth"
	@echo "make fuzz         check 10,000 sheets with faults in their bytes"
	@echo "make bench        ours and the others in turn: what the README's figures come from"
	@echo "make bench-faults  100,000 rows while a fifth of the requests fail in every way"
	@echo "make bench-journal  what the journal costs, and how fast it opens and goes on"
	@echo "make format       put the format right, and what lint can mend by itself"
	@echo "make lock         pin the requirements anew"
	@echo "make sample-data  write the files of sample_data/ anew"
	@echo "make translations  bring the catalogues of messages up to date, and compile them"
	@echo "make clean        remove what these commands made"

# ---------------------------------------------------------------- environments

# The newest Python that is known to work; PYTHON=… on the command line names another.
FIND_PYTHON = for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	    >/dev/null 2>&1; then echo "$$python"; exit 0; fi; \
	done; exit 1

$(BIN)/python:
	@python=$$($(FIND_PYTHON)) || { \
	  echo "bulk-update needs Python 3.11 or newer, with its venv module" \
	       "(Debian, Ubuntu: apt install python3-venv). Found: $$(python3 --version 2>&1)."; \
	  echo "Another one: make demo PYTHON=/path/to/python3"; exit 1; }; \
	echo "Making $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)

$(RUNTIME): requirements.txt requirements-build.txt pyproject.toml | $(BIN)/python
	@echo "Installing the pinned requirements into $(VENV)"
	@$(PIP) install --quiet --require-hashes -r requirements.txt -r requirements-build.txt
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing the pinned requirements for development into $(VENV)"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@ $(RUNTIME)

# ------------------------------------------------------------------- the demo

demo: $(RUNTIME)
	@bash sample_data/demo.sh $(BIN)

# -------------------------------------------------------------- tests and checks

# Twice as many processes as there are cores, for a run that was killed waits half a minute for what
# may linger. PYTEST_ARGS="-n 0 tests/reading" for a part of them in one process.
PYTEST_ARGS ?= -n $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN)) --dist worksteal

test: $(DEV)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# CHAOS_SEED=… begins with another chance; a failure names the seed that shows it again.
CHAOS_KILLS ?= 200
CHAOS_SEED ?= 1

chaos: $(DEV)
	CHAOS_KILLS=$(CHAOS_KILLS) CHAOS_SEED=$(CHAOS_SEED) $(BIN)/python -m pytest tests/chaos \
	  -k killed_anywhere

# FUZZ_SEED=… begins with other seeds; a failure names the seed that shows it again.
FUZZ_CASES ?= 10000
FUZZ_SEED ?= 1000

fuzz: $(DEV)
	FUZZ_CASES=$(FUZZ_CASES) FUZZ_SEED=$(FUZZ_SEED) $(BIN)/python -m pytest tests/fuzz

$(BENCH): requirements-bench.txt pyproject.toml | $(BIN)/python
	@echo "Installing the pinned requirements for the benchmarks into $(VENV)"
	@$(PIP) install --quiet --require-hashes -r requirements-bench.txt
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@ $(RUNTIME) $(DEV)

# BENCH_ARGS="checking --rows 100000" for one part, or less of it.
bench: $(BENCH)
	$(BIN)/python benchmarks/bench.py $(BENCH_ARGS)

bench-faults: $(DEV)
	$(BIN)/python benchmarks/faulty.py $(BENCH_ARGS)

bench-journal: $(DEV)
	$(BIN)/python benchmarks/journal.py

translations: $(DEV)
	$(BIN)/python docs/translations.py

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# ------------------------------------------------------------------ made files

# UPGRADE=--upgrade takes the newest of everything; without it, only what pyproject.toml asks.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UPGRADE)

lock: $(DEV)
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --group dev --constraints requirements.txt \
	  --output-file requirements-dev.txt
	$(COMPILE) --group build --constraints requirements-dev.txt \
	  --output-file requirements-build.txt
	$(COMPILE) pyproject.toml --group bench --constraints requirements-dev.txt \
	  --output-file requirements-bench.txt

sample-data: $(DEV)
	$(BIN)/python sample_data/make.py

clean:
	rm -rf $(VENV) build dist demo-out .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	  .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
