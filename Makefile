# Two environments, kept apart on purpose: .venv runs the sources as they are (interpreted); .venv-compiled runs the
# built wheel (the packet path compiled by mypyc). No compiled file ever lies next to a source.
#
# Both, and build/tools, which builds the wheel, hold exactly what requirements/ says, checked by hash: all.txt for work and
# tests, run.txt what Spanwatch needs, build.txt what builds the wheel, uv.txt the tool that writes these files (make lock).
PYTHON ?= python3
VENV := .venv
COMPILED := .venv-compiled
BIN := $(VENV)/bin
TOOLS := build/tools
INSTALL := -m pip --disable-pip-version-check install -q
LOCKED := $(INSTALL) --require-hashes -r
OURS := $(INSTALL) --no-index --no-deps --no-build-isolation --force-reinstall
# With a C compiler a failed compilation is an error; without one the wheel is interpreted and says so.
COMPILE = $(or $(SPANWATCH_COMPILE),$(shell command -v cc >/dev/null 2>&1 && echo 1))
SOURCES := $(shell find dissectors models rules sensor -type f -not -path '*/__pycache__/*') hatch_build.py pyproject.toml
# Written anew only when a source came or went: one that is gone leaves the wheel as well.
$(shell mkdir -p build && echo $(SOURCES) | cmp -s - build/sources || echo $(SOURCES) >build/sources)

.PHONY: help setup lock newest demo test coverage check format lint types imports quick bench build clean system plant image docs dashboards golden fuzz

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s:

$(VENV)/ready: pyproject.toml requirements/all.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python $(LOCKED) requirements/all.txt
	$(BIN)/python $(OURS) -e .
	@touch $@

$(TOOLS)/ready: requirements/build.txt
	$(PYTHON) -m venv --clear $(TOOLS)
	$(TOOLS)/bin/python $(LOCKED) $<
	@touch $@

build/wheel/ready: $(SOURCES) build/sources $(TOOLS)/ready
	rm -rf build/wheel
	SPANWATCH_COMPILE=$(COMPILE) $(TOOLS)/bin/python -m pip wheel -q --no-index --no-deps --no-build-isolation -w build/wheel .
	@touch $@

$(COMPILED)/packages: requirements/run.txt
	$(PYTHON) -m venv --clear $(COMPILED)
	$(COMPILED)/bin/python $(LOCKED) $<
	@touch $@

$(COMPILED)/ready: build/wheel/ready $(COMPILED)/packages
	$(COMPILED)/bin/python $(OURS) build/wheel/spanwatch-*.whl
	@touch $@

$(COMPILED)/tested: requirements/all.txt $(COMPILED)/ready
	$(COMPILED)/bin/python $(LOCKED) $<
	@touch $@

setup: $(VENV)/ready ## Make the development environment (interpreted)

lock: ## Fit requirements/ to pyproject.toml; versions that still fit are kept
	$(PYTHON) -m venv build/uv
	build/uv/bin/python $(LOCKED) requirements/uv.txt
	$(LOCK) pyproject.toml --group build --group dev --group plant -o requirements/all.txt
	$(LOCK) pyproject.toml -c requirements/all.txt -o requirements/run.txt
	$(LOCK) --group build -c requirements/all.txt -o requirements/build.txt
	echo uv | $(LOCK) - -o requirements/uv.txt

LOCK = build/uv/bin/uv pip compile -q $(UPGRADE) --python build/uv/bin/python --python-version 3.11 --universal --system-certs \
    --generate-hashes --no-header --no-annotate --no-emit-index-url

newest: UPGRADE := --upgrade
newest: lock ## Lock the newest versions that pyproject.toml allows

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

coverage: system $(VENV)/ready ## Count the branches that the interpreted tests take, and refuse less than 90 %
	rm -rf build/coverage && mkdir -p build/coverage
	SPANWATCH_EXPECT=interpreted $(BIN)/coverage run -m pytest -q -p no:cacheprovider -m "not packaging and not servers and not browser"
	$(BIN)/coverage combine -q
	$(BIN)/coverage json -q -o build/coverage/report.json
	$(BIN)/coverage html -q -d build/coverage/report --skip-covered
	$(BIN)/python -m tests.coverage_gate build/coverage/report.json

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

SECONDS ?= 60
MESSAGES ?= 1000000
fuzz: setup $(COMPILED)/tested ## Fuzz every target of tests/fuzz by coverage, SECONDS=60 each; then MESSAGES=1000000 mutated messages through all
	@for target in $$($(BIN)/python -m tests.fuzz); do \
	    echo "$$target: $(SECONDS) s" && \
	    $(BIN)/python -m tests.fuzz $$target -max_total_time=$(SECONDS) -verbosity=0 -print_final_stats=1 || exit 1; \
	done
	$(COMPILED)/bin/python -P tools/installed.py tests.fuzz.many $(MESSAGES)

bench: $(COMPILED)/tested ## Measure packets per second of every stage
	$(COMPILED)/bin/python -P tools/installed.py tools.bench

image: ## Build the container image with Docker (podman build works the same)
	docker build -t spanwatch -t spanwatch:$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) .

build: build/wheel/ready ## Build the wheel (compiled) into dist/
	mkdir -p dist && cp build/wheel/spanwatch-*.whl dist

plant: setup ## Make the sample captures again from real protocol stacks (needs root)
	$(BIN)/python -m pcaps.plant --output pcaps

docs: setup ## Make the generated pages of docs/ again
	$(BIN)/python -m tools.docs

golden: setup ## Write what the sample captures give anew: the expected files and the facts; review the difference
	@for capture in pcaps/captures/*/*.pcap; do \
	    touch $${capture%.pcap}.facts.jsonl && \
	    $(BIN)/spanwatch expect $$capture --policy pcaps/policy.yaml --against $${capture%.pcap}.expected.yaml --update || exit 1; \
	done

dashboards: setup ## Make the previews of the dashboards again (Java, Maven, Chromium)
	$(BIN)/python -m tools.dashboards
	$(BIN)/python -m tests.tools.dashboards.dashboards

clean: ## Remove everything that was built
	rm -rf $(VENV) $(COMPILED) build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
