# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

STATIC := src/speccom/site/static_built/staticfiles.json

.PHONY: setup setup-test static programs run serve test check bench docs screenshots lock clean

setup: $(VENV)/.run-installed

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { \
	  echo "Speccom needs Python 3.11, 3.12 or 3.13. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "setup: making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-installed: requirements/run.txt pyproject.toml | $(BIN)/pip
	@echo "setup: installing what Speccom runs on, from the hashed lock (a minute or two)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/run.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

setup-test: $(VENV)/.test-installed static programs

$(VENV)/.test-installed: requirements/dev.txt $(VENV)/.run-installed
	@echo "setup: installing what the tests and documentation need"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	@touch $@

# What the tests need and only the operating system has: a Java runtime for Spark, a browser for the
# journeys, Pango for the pack as PDF.
programs:
	@scripts/needed-program java
	@scripts/needed-program chromium
	@scripts/needed-program pango

# What the site's pages carry to the browser; made again when its styles or their packages change.
static: $(STATIC)

$(STATIC): package-lock.json src/speccom/site/config/static.py $(wildcard src/speccom/site/static/*) $(VENV)/.run-installed
	@command -v npm >/dev/null || { echo "The site's styles come from npm packages: install Node 20 or later." >&2; exit 2; }
	@echo "setup: building the site's styles"
	@npm ci --silent
	@$(BIN)/python -m speccom.site.config.static
	@touch $@

# Ends by serving the site to somebody at a terminal; a script that runs it is given its prompt back.
run: setup static
	@$(BIN)/speccom run --demo
	@if [ -t 1 ]; then SPECCOM_HOME="$${SPECCOM_HOME:-demonstration}" $(BIN)/speccom serve; \
	else echo "The site: SPECCOM_HOME=$${SPECCOM_HOME:-demonstration} $(BIN)/speccom serve"; fi

serve: setup static
	@$(BIN)/speccom serve

check: $(VENV)/.test-installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m speccom.engine.lint
	@$(BIN)/python -m speccom.site.scope

test: setup-test check
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile
	@echo "test: the site again, on PostgreSQL"
	@$(BIN)/python scripts/with-postgres $(BIN)/python -m pytest --numprocesses auto --dist loadfile tests/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir build/docs

bench: setup-test
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.test-installed
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --site-dir build/docs

# Remakes the documentation's pictures of the site, from the register alone.
screenshots: setup-test
	@$(BIN)/python scripts/screenshots

# Rewrites the hashed lock; needs uv. Names no registry host.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra site --group build --output-file requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra site --extra postgres --group build --constraint requirements/run.txt --output-file requirements/postgres.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra spark --extra site --extra postgres --extra pdf --extra needs --group build --group test --group docs --constraint requirements/run.txt --output-file requirements/dev.txt

clean:
	rm -rf $(VENV) build
