# Two commands: `make demo` and `make test`. Needs Python 3.11 or later and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVE ?= 1
DEMO ?= demo
PORT ?= 8765

# Many images set it, and then every process compiles every module again: a sixth of the time of the tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench texts docs lock clean

$(VENV)/.installed: requirements-web.lock pyproject.toml
	@echo "Making the environment in $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: run 'make PYTHON=/path/to/python3.11 demo'"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements-web.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Builds the demo county, runs the whole line and serves the web app on it; SERVE=0 builds and exits.
demo: $(VENV)/.installed
	@$(BIN)/tallymark demo $(DEMO) --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve,)

# Lint, types, import directions, then every test.
test: $(VENV)/.installed-dev
	@$(MAKE) --no-print-directory check >$(VENV)/check.log 2>&1 & checks=$$!; \
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS); tests=$$?; \
	wait $$checks; checks=$$?; cat $(VENV)/check.log; exit $$((tests || checks))

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench

# Compiles the translation catalogues (*.po → *.mo).
texts: $(VENV)/.installed-dev
	$(BIN)/python tests/shape/compile_texts.py

# Writes the reference pages from the code.
docs: $(VENV)/.installed-dev
	$(BIN)/python -m docs.generate

lock:
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip compile requirements-dev.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements-dev.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip compile requirements-web.in -c requirements-dev.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements-web.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip compile requirements.in -c requirements-dev.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements.lock

clean:
	rm -rf $(VENV) $(DEMO)
