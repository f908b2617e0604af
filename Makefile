# The front door. `make demo` shows a working clinic, `make test` runs every test; docs/developers.md says the rest.

PY ?= python3
PORT ?= 8000
WORKERS ?= 3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q install
LOCKED := $(PIP) --require-hashes --only-binary=:all: -r
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))
EXPORT := uv export --no-emit-project --no-header --no-annotate --format requirements-txt --extra build -q

.PHONY: demo install test check test-nightly mutants screenshots bench bench-phone messages lock python chromium
.DELETE_ON_ERROR:

demo: install
	@exec $(BIN)/proms demo --port $(PORT) $(if $(filter-out 0,$(FRESH)),--fresh)

install: .venv/.run messages

test: .venv/.dev messages chromium
	@$(BIN)/pytest -q -m "not nightly" -n $(WORKERS) --dist worksteal

test-nightly: .venv/.dev messages chromium renderers
	@$(BIN)/pytest -q -m nightly -n $(WORKERS) --dist worksteal --durations=20

# Hours: changes the path of an alert in small ways and looks which changes no test notices.
mutants: .venv/.dev messages
	@$(PIP) mutmut==3.8.1
	@$(BIN)/python -m mutmut run --max-children $(WORKERS)
	@$(BIN)/python -m mutmut results

# Every page of a patient on each screen, for people to look at: open screenshots/nl/index.html.
screenshots: .venv/.dev messages chromium
	@$(BIN)/pytest -q tests/browser/pictures.py

# Figures, never a failure: docs/benchmarks.md.
bench: install
	@$(BIN)/python -m bench

# What a patient waits for on a slow phone.
bench-phone: .venv/.dev messages chromium peers
	@$(BIN)/python -m bench.phone

check: .venv/.dev messages
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > .venv/lint-imports.txt || { cat .venv/lint-imports.txt; exit 1; }
	@$(BIN)/proms content check
	@$(BIN)/pytest -q -x tests/domain tests/contract/test_house.py

messages: $(CATALOGUES)

%.mo: %.po | .venv/.run
	@$(BIN)/pybabel -q compile -i $< -o $@

.venv/.run: requirements.lock pyproject.toml | python
	@echo "Installing what the product runs on into .venv (the first time takes a few minutes)"
	@test -x $(BIN)/pip || $(PY) -m venv .venv
	@$(LOCKED) requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	@echo "Installing what the tests need into .venv (the first time takes a few minutes)"
	@$(LOCKED) requirements-dev.lock
	@touch $@

# One clear line instead of a traceback when the machine lacks something.
python:
	@test -x $(BIN)/pip || command -v $(PY) > /dev/null || { echo "There is no $(PY) here: install Python 3.11 or newer, or name one with PY=..." >&2; exit 1; }
	@test -x $(BIN)/pip || $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, $(PY) is older: name a newer one with PY=..." >&2; exit 1; }
	@test -x $(BIN)/pip || $(PY) -c 'import ensurepip, venv' 2> /dev/null || { echo "$(PY) cannot make environments: apt-get install python3-venv" >&2; exit 1; }

# The browser tests drive the machine's own Chromium or Chrome, or the one that CHROMIUM names.
chromium: .venv/.dev
	@$(BIN)/python -m tests.browser.chromium

# What others made, for comparison only: the nightly tests show our questionnaires in a renderer of another house, and figures
# stand beside those of another form. Version and integrity are in the lock file. The renderer ships ready-made, so its lock
# file leaves out what it was built from.
.PHONY: renderers peers
renderers: tests/renderers/node_modules/.package-lock.json
peers: bench/peers/node_modules/.package-lock.json

%/node_modules/.package-lock.json: %/package-lock.json
	@command -v npm > /dev/null || { echo "This needs npm: install Debian's package npm" >&2; exit 1; }
	@cd $* && npm ci --ignore-scripts --no-audit --no-fund --silent

# For maintainers: needs uv. The lock files hold pins and hashes only, no address of a package index.
lock:
	@uv lock -q
	@$(EXPORT) --extra pg -o requirements.lock > /dev/null
	@$(EXPORT) --extra pg --extra dev -o requirements-dev.lock > /dev/null
