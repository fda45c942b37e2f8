# Everything that a person runs here. `make` alone lists it.
# Written for GNU make 3.81, the one that macOS brings.

SHELL := /bin/sh
BIN := .venv/bin

# Pyright comes whole with its Python package and runs on the Node.js that the page needs anyway;
# without this it asks the network for a newer version of itself.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help run test setup check format openapi lock chatterbox chatterbox-weights clean runtime dev modules page

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile

run: runtime page ## Set up what is missing and serve http://127.0.0.1:9876
	@exec $(BIN)/rhapsode serve

test: setup ## Set up and run every check and every test, in a real browser too
	@chromium=$$(sh scripts/find-chromium.sh) && postgres=$$(sh scripts/find-postgres.sh) && \
		RHAPSODE_CHROMIUM="$$chromium" RHAPSODE_POSTGRES_BIN="$$postgres" sh scripts/test.sh

setup: dev page ## Create .venv, install every package, build the page

check: dev modules ## Lint, format, types, import floors, and whether generated files are fresh
	@sh scripts/check.sh

format: dev modules ## Rewrite the sources in the common format
	@cd backend && ../$(BIN)/ruff check --quiet --fix-only .. && ../$(BIN)/ruff format --quiet ..
	@cd frontend && npx --no-install biome check --write .

openapi: dev modules ## Write docs/openapi.json and the page's types from the routes
	@$(BIN)/python scripts/openapi.py
	@cd frontend && npm run --silent types

lock: runtime ## Pin the Python packages again; UPGRADE=1 takes the newest versions
	@sh scripts/lock.sh $(if $(UPGRADE),--upgrade)

chatterbox: runtime ## Install the Chatterbox engine, into an environment of its own (some GB)
	@$(BIN)/python scripts/chatterbox_env.py

MODEL ?= english
chatterbox-weights: chatterbox ## Download a model of Chatterbox: MODEL=english, multilingual or turbo
	@PYTHONPATH=backend .venv-chatterbox/bin/python -m rhapsode.tts.chatterbox.download $(MODEL)

clean: ## Remove everything that was installed or built here; stories stay
	rm -rf .venv .venv-chatterbox frontend/node_modules frontend/dist
	rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache backend/.ruff_cache
	find backend tests scripts benchmarks migrations -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f frontend/*.tsbuildinfo

# The scripts know by themselves whether anything has to be done.
runtime:
	@sh scripts/setup-python.sh runtime
dev:
	@sh scripts/setup-python.sh dev
modules:
	@sh scripts/setup-frontend.sh modules
page:
	@sh scripts/setup-frontend.sh build
