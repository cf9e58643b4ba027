# Bare `make` prints this help. Everything installs itself: Python 3.11+ is all that has to be there,
# plus Go or network access for the tools (stacks/tools).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)/uv/bin/uv
UV_VERSION := 0.13.9
STAMP_DEMO := $(VENV)/.installed-demo
STAMP_DEV := $(VENV)/.installed-dev
STAMP_POLICY := policy/.venv/.installed

.PHONY: help
help: ## print this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

.PHONY: demo
demo: $(STAMP_DEMO) ## run the whole story on this machine (ONCE=1 exits by itself, DELIVERY=argocd, KUBECONFIG_CONTEXT=name)
	@ONCE="$(ONCE)" DELIVERY="$(DELIVERY)" KUBECONFIG_CONTEXT="$(KUBECONFIG_CONTEXT)" $(BIN)/splitplane demo

.PHONY: test
test: install-dev ## install what is needed, check and test everything
	@$(BIN)/python tests/run.py

.PHONY: bench
bench: install-dev ## measure; writes build/bench/<name>.json
	@$(BIN)/pytest tests/bench -m bench -p no:xdist -s

.PHONY: format
format: install-dev ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: lint
lint: install-dev ## ruff, import table, duplicate and layout rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache

.PHONY: types
types: install-dev ## mypy strict and pyright strict
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file policy/mypy.ini
	@$(BIN)/pyright
	@$(BIN)/pyright -p policy/pyrightconfig.json

.PHONY: tools
tools: $(STAMP_DEMO) ## find, download or build the engine and the Kubernetes binaries
	@$(BIN)/python -m splitplane.stacks.tools

.PHONY: package
package: $(UV) ## build the wheel and the sdist into dist/
	@$(UV) build --out-dir dist

.PHONY: lock
lock: $(UV) ## resolve requirements.lock anew from pyproject.toml, and the policy pack's
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --all-extras \
		--custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--custom-compile-command "make lock" policy/requirements.in -o policy/requirements.txt

.PHONY: install-dev
install-dev: $(STAMP_DEV) $(STAMP_POLICY) ## install everything, cloud SDKs included (1 GB)

.PHONY: install-policy
install-policy: $(STAMP_POLICY) ## install the policy pack's own environment (policy/.venv)

.PHONY: clean
clean: ## remove what was built here (not the tool cache)
	@rm -rf $(VENV) policy/.venv build dist .mypy_cache .pytest_cache .ruff_cache

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@$(PYTHON) -m venv $(VENV)/uv
	@$(VENV)/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# requirements.lock constrains every install: exact versions, and uv checks the hashes it lists.
$(STAMP_DEMO): $(UV) pyproject.toml requirements.lock
	@echo "installing what the demo needs" >&2
	@$(UV) pip install --quiet --python $(BIN)/python --constraint requirements.lock --editable '.[demo]'
	@touch $@

$(STAMP_DEV): $(UV) pyproject.toml requirements.lock
	@echo "installing every part, cloud SDKs included" >&2
	@$(UV) pip install --quiet --python $(BIN)/python --constraint requirements.lock --editable '.[dev]'
	@touch $@ $(STAMP_DEMO)

# Apart from the rest, since pulumi-policy needs another protobuf.
$(STAMP_POLICY): $(UV) policy/requirements.txt
	@echo "installing the policy pack's environment" >&2
	@$(UV) --quiet venv --clear --python $(BIN)/python policy/.venv
	@$(UV) pip install --quiet --python policy/.venv/bin/python --require-hashes -r policy/requirements.txt
	@touch $@
