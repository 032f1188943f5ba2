# Two environments, kept apart on purpose: .venv runs the sources as they are (interpreted); .venv-compiled runs the
# built wheel (the packet path compiled by mypyc). No compiled file ever lies next to a source.
PYTHON ?= python3
VENV := .venv
COMPILED := .venv-compiled
BIN := $(VENV)/bin
# With a C compiler a failed compilation is an error; without one the wheel is interpreted and says so.
COMPILE = $(shell command -v cc >/dev/null 2>&1 && echo 1)
SOURCES := $(shell find dissectors sensor rules models -name '*.py' 2>/dev/null) hatch_build.py pyproject.toml

.PHONY: help setup demo test check format lint types imports quick bench build clean system plant image docs dashboards

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s:

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	SPANWATCH_COMPILE=0 $(BIN)/python -m pip install -q -e . --group dev --group plant
	@touch $@

$(COMPILED)/ready: $(SOURCES)
	$(PYTHON) -m venv $(COMPILED)
	$(COMPILED)/bin/python -m pip install -q --upgrade pip
	rm -rf build/wheel && SPANWATCH_COMPILE=$(COMPILE) $(COMPILED)/bin/python -m pip wheel -q --no-deps -w build/wheel .
	$(COMPILED)/bin/python -m pip install -q --force-reinstall --no-deps build/wheel/spanwatch-*.whl
	$(COMPILED)/bin/python -m pip install -q build/wheel/spanwatch-*.whl
	@touch $@

$(COMPILED)/tested: $(COMPILED)/ready
	$(COMPILED)/bin/python -m pip install -q --group dev --group plant
	@touch $@

setup: $(VENV)/ready ## Make the development environment (interpreted)

system: ## Install the system packages that tests use (as root on Debian), or say which are missing
	@sh tests/system.sh

demo: $(COMPILED)/ready ## Replay the sample plant and show what Spanwatch sees
	@sh pcaps/demo.sh $(COMPILED)/bin/spanwatch

test: system $(VENV)/ready $(COMPILED)/tested ## Set up what is missing and run every test, interpreted and compiled
	$(BIN)/python -m pytest -q -p no:cacheprovider -m packaging
	SPANWATCH_EXPECT=interpreted $(BIN)/python -m pytest -q -p no:cacheprovider -m "not packaging"
	@if command -v cc >/dev/null 2>&1; then \
	    SPANWATCH_EXPECT=compiled $(COMPILED)/bin/pytest -q -p no:cacheprovider -m "not packaging and not servers and not browser"; \
	else \
	    echo "no C compiler: the compiled half of the tests is skipped (install gcc or clang)"; \
	fi

check: setup format lint types imports quick ## Everything a change must pass before it is committed

format: setup
	$(BIN)/ruff format --check .

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

quick: setup
	SPANWATCH_EXPECT=interpreted $(BIN)/python -m pytest -q -m "not packaging and not live and not servers"

bench: $(COMPILED)/ready ## Measure packets per second of every stage
	$(COMPILED)/bin/spanwatch bench

image: ## Build the container image with Docker (podman build works the same)
	docker build -t spanwatch:$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) .

build: $(VENV)/ready ## Build the wheel (compiled) into dist/
	$(BIN)/python -m pip wheel -q --no-deps -w dist .

plant: setup ## Make the sample captures again from real protocol stacks (needs root)
	$(BIN)/python -m pcaps.plant --output pcaps

docs: setup ## Make the generated pages of docs/ again
	$(BIN)/python -m tools.docs

dashboards: setup ## Make the previews of the dashboards again (Java, Maven, Chromium)
	$(BIN)/python -m tests.sensor.kibana.dashboards

clean: ## Remove everything that was built
	rm -rf $(VENV) $(COMPILED) build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
