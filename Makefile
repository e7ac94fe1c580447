# run · test · lint · eval · bench: each does its own set-up. `make help` lists them.
PYTHON ?= python3.11
PIP_ARGS ?=
VENV := .venv
RASA := .venv-rasa
BIN := $(VENV)/bin
SIMULATOR ?=
# Rasa is left out where understanding by keywords is chosen, in the environment or in .env.
NLU := $(or $(STADTBOTE_NLU_URL),$(shell sed -n 's/^STADTBOTE_NLU_URL=//p' .env 2>/dev/null))
PYTHON310 := $(or $(STADTBOTE_PYTHON310),$(shell sed -n 's/^STADTBOTE_PYTHON310=//p' .env 2>/dev/null))
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help setup rasa prepare run demo test quick lint eval fit bench faults docs screenshots gallery clean chromium

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: $(VENV)/.stamp ## the application's environment

$(VENV)/.stamp: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: install it, or run make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "[1/4] Application environment ($(VENV))"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -e '.[dev]'
	@touch $@

rasa: ## Rasa's environment (Python 3.10), unless STADTBOTE_NLU_URL says otherwise
ifeq ($(strip $(NLU)),)
	@echo "[2/4] Rasa environment ($(RASA))"
	@STADTBOTE_PYTHON310="$(PYTHON310)" $(PYTHON) nlu/rasa/environment.py --venv $(RASA)
else
	@echo "[2/4] Rasa is not needed here (STADTBOTE_NLU_URL=$(NLU))"
endif

prepare: setup rasa ## encoder, trained model, database, sample town
	@echo "[3/4] Encoder, model, database, corpus"
	@$(BIN)/stadtbote prepare

run: prepare ## run everything; SIMULATOR=1 adds two simulated telephones
	@echo "[4/4] Stadtbote"
	@exec $(BIN)/stadtbote up $(if $(SIMULATOR),--simulator)

demo: prepare ## play a short day at the town hall
	@$(BIN)/stadtbote demo

chromium: setup
	@$(BIN)/python tests/browser/chromium.py

lint: setup ## ruff, mypy strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config pyproject.toml

quick: lint ## the quick tests, without Rasa, encoder and browser
	@$(BIN)/pytest -q -n 2 --dist loadfile -m "not slow and not encoder and not rasa and not browser"

# Two at a time: both environments, then training the model beside reading the code. Then three: tests often wait; with
# one thread each, for models that share two cores only get into each other's way.
test: ## everything: unit, contract, conversation, integration and browser tests, on two cores
	@$(MAKE) --no-print-directory -j2 setup rasa
	@$(MAKE) --no-print-directory -j2 prepare chromium lint
	@OMP_NUM_THREADS=1 $(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder

eval: prepare ## answer quality, on the question sets beside the checkout and the sample town's trials; EVAL=full: all pipelines of the understanding, too
	@EVAL=$(EVAL) $(BIN)/python -m tests.evaluation

fit: prepare ## fit when to answer, in general and for the sample town; writes the shipped files
	@$(BIN)/python -m tests.evaluation fit

faults: prepare ## kills, stops, lost power, repeats and races in large counts (an hour); FAULTS=quick for small ones
	@$(BIN)/python -m tests.faults $(or $(FAULTS),large)

bench: prepare ## load on the real product, what it costs, and the same beside a stock Rasa (forty minutes)
	@$(BIN)/python -m tests.bench $(BENCH)

docs: setup ## docs/settings.md and the status diagram, made from the code
	@$(BIN)/python docs/generate.py

screenshots: prepare chromium ## the README's pictures
	@$(BIN)/python -m docs.screenshots

gallery: setup chromium ## pictures of every page and state, to look at; TO=folder, ONLY="words of their names"
	@$(BIN)/python -m docs.gallery $(or $(TO),build/gallery) $(ONLY)

clean: ## remove what can be built again (not var/)
	rm -rf $(VENV) $(RASA) .cache .mypy_cache .ruff_cache .pytest_cache *.egg-info
