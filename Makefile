# `make help` lists what can be done. Each target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test check bench soak sbom clean
.DEFAULT_GOAL := help

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/demo: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/checks: $(VENV)/demo
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[checks]'
	@touch $@

demo: $(VENV)/demo ## one shop, two cabinets, people at work: everything in one terminal
	$(BIN)/partsbay demo

# Hundreds of programs are started: each module is compiled once, whatever the environment says.
test: $(VENV)/checks ## all checks and tests, in about ten minutes
	tests/system_packages.sh
	$(MAKE) --no-print-directory check
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/checks ## style, types, imports, and the firmware against its board
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/check_firmware.py

bench: $(VENV)/checks ## measure, each figure as a ratio to a limit of the same run
	$(BIN)/python -m tests.benchmarks

soak: $(VENV)/checks ## the long runs: full sets of visits, hours of demo
	$(BIN)/python -m tests.soak

sbom: $(VENV)/checks ## what all of it is made of: build/sbom.cdx.json, CycloneDX
	$(BIN)/python -m tests.bill_of_materials build/sbom.cdx.json

clean: ## remove everything that was made here
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
