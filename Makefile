# spinn2sim. `make demo` sets everything up and runs the main job; `make test` runs the tests.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: help demo test test-all check bench bench-sanafe paper paper-all docs mutation clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The environment is made anew when the dependencies change.
$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

demo: $(READY)  ## set up, then run the paper's network on 12 PEs from real audio
	$(BIN)/spinn2sim run --preset paper-12pe --out runs/demo --force
	@echo "look at runs/demo/figures/profile.png and runs/demo/tables/"

# A file stays on one worker: what its tests share is made, and compiled, once. In the order of names
# (not by number of tests) files of few, long tests do not all come last.
BY_FILE := --dist loadfile --no-loadscope-reorder

test: $(READY)  ## the fast tests, under 4 minutes
	$(BIN)/python -m pytest -q -n auto $(BY_FILE) -m "not slow"

test-all: $(READY)  ## all tests
	$(BIN)/python -m pytest -q -n auto

check: $(READY)  ## formatting, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY)  ## speed, with targets; writes benchmarks/results.json
	$(BIN)/python benchmarks/bench.py

bench-sanafe: $(READY)  ## deliveries per second beside SANA-FE; writes benchmarks/sanafe.json
	$(BIN)/python benchmarks/sanafe_peer.py

paper: $(READY)  ## the paper's claims beside ours; writes docs/paper.md
	$(BIN)/spinn2sim paper

paper-all: $(READY)  ## the same, and train the networks of its slow rows (hours)
	$(BIN)/spinn2sim paper --slow

$(VENV)/docs-ready: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

docs: $(VENV)/docs-ready  ## the documentation as a site: site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "open site/index.html in a browser; it needs no network"

$(VENV)/mutation-ready: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutation]'
	@touch $@

mutation: $(VENV)/mutation-ready  ## break the code on purpose, in samples; goes on where it was stopped (hours)
	$(BIN)/python -m experiments.mutation run

clean:  ## remove the environment, caches and runs
	rm -rf $(VENV) runs dist build site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
