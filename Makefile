# The commands of the project. Each sets up what it needs; `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help up preview env status down render tools check format test test-alert test-fast test-all mutants bench docs lock

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.installed

STACK ?= dev
OUT ?= rendered/$(STACK)
ONE_OFF := $(if $(TIER),--set tier=$(TIER)) $(foreach setting,$(SET),--set '$(setting)')
ON_TARGET := --stack $(STACK) $(ONE_OFF) --secrets-command '$(RUN) -m render.secrets' $(if $(PORT),--first-port $(PORT))
# Of two cores: engines and servers wait for each other more than half of the time.
WORKERS ?= 3
TOOLS_BIN = $$($(RUN) -m local tools | tail -n 1)

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  STACK=dev|staging|prod  TIER=current|6month|1year|2year  SET="key=value …"  OUT=DIR  PORT=26443'

$(READY): requirements.lock
	@echo 'setting up the virtual environment' >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'error: Python 3.11 or later is needed; set PYTHON=/path/to/python3.11' >&2; exit 2; }
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
	@touch $(READY)

up: $(READY) ## Set up what is missing and run `pulumi up` on the embedded target
	@$(RUN) -m local up $(ON_TARGET)

preview: $(READY) ## Run `pulumi preview --diff` on the embedded target
	@$(RUN) -m local preview $(ON_TARGET)

env: $(READY) ## Print the environment for plain `pulumi` and `kubectl`: eval "$(make -s env)"
	@$(RUN) -m local env $(ON_TARGET)

status: $(READY) ## Say what runs
	@$(RUN) -m local status

down: $(READY) ## Stop everything and discard the target's state
	@$(RUN) -m local down

render: $(READY) ## Write every generated file to OUT, without engine or target
	@$(RUN) -m render --stack $(STACK) $(ONE_OFF) --out $(OUT)

tools: $(READY) ## Find or build every pinned tool; the last line is their folder
	@$(RUN) -m local tools

check: $(READY) ## Format, lint and types
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

format: $(READY) ## Put the code into shape
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

test-fast: $(READY) ## The tests that need no tools: about four minutes
	@$(VENV)/bin/pytest -n auto -m 'not tools and not engine and not long'

test-alert: $(READY) ## The row, the mutants and the runbook of one alert: ALERT=OutboxBacklog
	@export TOOLS_BIN=$(TOOLS_BIN) && $(VENV)/bin/pytest tests/rules/test_cases.py tests/docs -k '$(ALERT) or each_alert'

test: $(READY) check ## Everything that a submission must pass
	@export TOOLS_BIN=$(TOOLS_BIN) && $(VENV)/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m 'not long'

test-all: $(READY) check ## The same and the longest tests
	@export TOOLS_BIN=$(TOOLS_BIN) && $(VENV)/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

mutants: $(READY) ## The table of changed rules: which is noticed, which says the same and why
	@export TOOLS_BIN=$(TOOLS_BIN) && $(VENV)/bin/pytest tests/rules/test_cases.py -k changed -s | grep '^|' \
	  || { echo 'error: a changed rule is not noticed; see `make test`' >&2; exit 1; }

bench: $(READY) ## The performance table: medians of five runs
	@$(RUN) -m tools.bench

docs: $(READY) ## Write the generated pages
	@$(RUN) -m render.pages

lock: $(READY) ## Renew requirements.lock from pyproject.toml
	@$(VENV)/bin/pip install --quiet pip-tools
	@$(VENV)/bin/pip-compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url \
	  --no-emit-find-links --strip-extras --allow-unsafe --extra local --extra dev -o requirements.lock pyproject.toml
