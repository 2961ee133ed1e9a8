# Cradle's way in. Needs Python 3.11 or newer; everything else is installed into .venv from requirements.lock.

SHELL := /bin/sh
# A caller's variables must not change what our programs do; standard folders are searched even if PATH lacks them.
CALLERS := PYTHON% PYTEST% PG% MYPY% RUFF_% DJANGO_SETTINGS_MODULE VIRTUAL_ENV
$(foreach name,$(filter $(CALLERS),$(.VARIABLES)),$(eval unexport $(name)))
export PATH := $(PATH):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin

BIN := .venv/bin
INSTALLED := .venv/installed-$(shell sha256sum requirements.lock | cut -c -16)
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS := 2
SOURCES := manage.py trial patients safety mrd reports tests
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
LEFT_OUT := $(if $(filter 0,$(BROWSER)),-m "not browser")

.PHONY: help setup demo test lint migrations browser bench trace pictures

help:
	@echo "make setup   install into .venv"
	@echo "make demo    run the demo trial on 127.0.0.1:\$$PORT (8000); Ctrl-C stops it"
	@echo "make test    every check; BROWSER=0 leaves out the tests that need a browser"
	@echo "make lint    the checks that run no code: ruff, mypy, import contracts, templates"
	@echo "make bench   statements per page, times, and the comparison with R"
	@echo "make trace   requirement -> tests -> result"
	@echo "make pictures  the pictures of the README, of the demo trial"

setup: $(INSTALLED)

$(INSTALLED):
	@echo "== Installing into .venv"
	@$(BIN)/python -c "" 2>/dev/null || { \
	  for python in $(PYTHON_PROGRAM) python3.11 python3; do \
	    if $$python -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  [ "$$found" ] || { echo "Python 3.11 or newer is needed: name it with PYTHON_PROGRAM=/path/to/python3" >&2; exit 1; }; \
	  $$found -m venv --clear .venv; }
	@$(PIP) install --quiet --quiet --require-hashes -r requirements.lock
	@rm -f .venv/installed-*
	@touch $@

demo: setup
	@exec $(BIN)/python manage.py demo

test: setup lint migrations browser
	@echo "== Tests$(if $(LEFT_OUT), without those that need a browser (BROWSER=0))"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(LEFT_OUT)

lint: setup
	@echo "== ruff: rules"
	@$(BIN)/ruff check
	@echo "== ruff: format"
	@$(BIN)/ruff format --check
	@echo "== mypy"
	@$(BIN)/mypy $(SOURCES)
	@echo "== Import contracts"
	@$(BIN)/lint-imports
	@echo "== Templates"
	@$(BIN)/djlint --quiet --lint --check templates

migrations: setup
	@echo "== Migrations match the models"
	@$(BIN)/python manage.py makemigrations --check --dry-run

browser:
	@if [ "$(BROWSER)" = 0 ]; then echo "== No browser (BROWSER=0)"; exit 0; fi; \
	for browser in $(BROWSERS); do \
	  if command -v $$browser >/dev/null; then echo "== Browser: $$browser"; exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "== Installing Debian's chromium"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; \
	else \
	  echo "No browser for the browser tests. Install one (sudo apt-get install chromium) or leave them out (BROWSER=0 make test)." >&2; \
	  exit 1; \
	fi

bench: setup
	@CRADLE_HOME=.local/bench $(BIN)/python -u manage.py bench

trace: setup
	@$(BIN)/python manage.py trace

pictures: setup browser
	@$(BIN)/python -m tests.pictures
