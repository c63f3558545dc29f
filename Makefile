# People, CI and hooks run the same targets. `make help` lists them.

PYTHON ?= python3
VENV := .venv
CLIENTS := .venv-litellm
PEERS := .venv-peers
PLOTLY := app/assets/plotly
NODE := tests/snippets/node_modules tests/browser/node_modules
BIN := $(VENV)/bin
PIP := --quiet --disable-pip-version-check
WORKERS ?= 3
TORTURE_MINUTES ?= 10

# Tests start processes by the hundred: compiled once, and not in each.
test torture: export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help run demo setup test torture check docs screenshots plotly bench bench-peers lock format

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: $(VENV)/.installed ## install what is needed and start API, dashboard and jobs
	@$(BIN)/farthing up

demo: $(VENV)/.installed ## the same on ninety days of made-up data, in ./demo-data
	@$(BIN)/farthing demo

setup: $(VENV)/.installed ## install only

test: $(VENV)/.installed-dev $(CLIENTS)/.installed $(NODE:%=%/.installed) ## install what the tests need and run them all
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

torture: $(VENV)/.installed-dev ## kill processes for TORTURE_MINUTES, then try many more examples of each property
	TORTURE_MINUTES=$(TORTURE_MINUTES) $(BIN)/python -m pytest -m torture tests/crash
	$(BIN)/python -m pytest tests/properties --hypothesis-profile=torture

check: $(VENV)/.installed-dev ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## format, and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-dev ## make the tables in docs/ from the code
	$(BIN)/python -m tests.docs.generate

screenshots: $(VENV)/.installed-dev ## take the pictures of every page in docs/screenshots, from the demo's data
	$(BIN)/python -m tests.browser.screenshots

plotly: ## build app/assets/plotly.min.js, the part of Plotly.js that our charts are made of
	npm ci --prefix $(PLOTLY) --ignore-scripts --no-audit --no-fund --loglevel=error
	$(PLOTLY)/node_modules/.bin/esbuild $(PLOTLY)/index.js --bundle --minify --format=esm --target=es2022 \
		--define:global=globalThis --loader:.css=empty --legal-comments=eof \
		--banner:js="/* Part of Plotly.js: https://github.com/plotly/plotly.js, MIT License. Made by make plotly. */" \
		--outfile=$(PLOTLY).min.js

bench: $(VENV)/.installed-dev ## measure against yardsticks in the same run
	$(BIN)/python -m tests.benchmarks

bench-peers: $(VENV)/.installed-dev $(PEERS)/.installed ## measure against installed peers in the same run
	$(BIN)/python -m tests.benchmarks.peers

lock: ## resolve the dependencies anew, with hashes
	uv pip compile pyproject.toml --universal --generate-hashes --no-header -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -o requirements-dev.lock
	uv pip compile tests/clients/requirements.in --universal --generate-hashes --no-header --python-version 3.11 -o tests/clients/requirements.lock
	npm install --prefix tests/snippets --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts
	npm install --prefix $(PLOTLY) --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts
	npm install --prefix tests/browser --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts
	uv pip compile tests/benchmarks/peers/requirements.in --universal --generate-hashes --no-header --no-strip-extras --python-version 3.11 -o tests/benchmarks/peers/requirements.lock

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing Farthing's dependencies (once) …"
	@$(BIN)/pip install $(PIP) --require-hashes -r requirements.lock
	@$(BIN)/pip install $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python requirements-dev.lock pyproject.toml
	@echo "Installing what the tests need (once) …"
	@$(BIN)/pip install $(PIP) --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(CLIENTS)/.installed: tests/clients/requirements.lock
	@echo "Installing the real LiteLLM in a venv of its own (once) …"
	@$(PYTHON) -m venv $(CLIENTS)
	@$(CLIENTS)/bin/pip install $(PIP) --require-hashes -r tests/clients/requirements.lock
	@touch $@

%/node_modules/.installed: %/package-lock.json
	@if command -v npm >/dev/null; then \
		echo "Installing what $* needs of npm (once) …"; \
		npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@; \
	else echo "There is no npm here: what needs it in $* is not run"; fi

$(PEERS)/.installed: tests/benchmarks/peers/requirements.lock
	@echo "Installing Phoenix in a venv of its own (once) …"
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/pip install $(PIP) --require-hashes -r tests/benchmarks/peers/requirements.lock
	@touch $@
