# The commands of the project. They need make and, on the machine, uv or Python 3.11; everything else they fetch
# themselves, by the hashes in the lock files, into .venv/. `make` alone prints what there is.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# How many test processes; the suite is meant for two cores.
N ?= 2

# Without a home of one's own, uv and pip would not know where to keep their caches.
ifneq ($(shell test -n "$$HOME" && test -d "$$HOME" && test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/.venv/home
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_LINK_MODE := copy
export UV_NO_PROGRESS := 1
# A network that looks into its traffic has made itself known to the machine, not to uv.
export UV_SYSTEM_CERTS := 1
# Settings of an outer environment or of another Python must not leak in.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.PHONY: help run demo test test-quick check lint types secrets secrets-baseline sbom audit format bench bench-peers lock setup clean

help:  ## print this list
	@echo "usage: make COMMAND"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

run: .venv/.ok  ## serve the API and the demo cases on 127.0.0.1:8000
	$(BIN)/lodestar run

demo: .venv/.ok  ## play two operations from start to end in simulated time, and check what they leave
	$(BIN)/lodestar demo

test: .venv/.ok  ## the whole suite, on SQLite and on a PostgreSQL that the suite starts itself
	$(PYTEST) -n $(N) -q

test-whole: .venv/.ok  ## the same with everything that is left to chance as often as was promised; takes an hour
	LODESTAR_TEST_WHOLE=1 $(PYTEST) -n $(N) -q

test-quick: .venv/.ok  ## SQLite only, without the slow tests
	$(PYTEST) -n $(N) -q -m "not slow and not postgres"

check: lint types secrets sbom test-quick  ## format, lint, types, secrets, bill of materials, house rules, quick tests

# The house rules, the freshness of the diagrams and the image's own rules are tests (test_house.py, test_docker.py):
# the quick tests of `check` hold them.
lint: .venv/.ok  ## ruff, and the image and compose files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PATH="$(CURDIR)/$(BIN):$$PATH" sh docker/lint.sh

types: .venv/.ok  ## mypy, strict
	$(BIN)/mypy

# All that is or could be in the repository is searched, but for the locks, which are nothing but hashes.
SEARCHED = $$(git ls-files -co --exclude-standard | grep -v '\.lock$$\|^\.secrets\.baseline$$')

# The scan works on a copy of what is known: it would move line numbers in it, and then end with 3.
secrets: .venv/.ok  ## refuse keys, tokens and passwords that .secrets.baseline does not know
	@mkdir -p var && cp .secrets.baseline var/secrets.json
	@$(BIN)/detect-secrets-hook --no-verify --baseline var/secrets.json $(SEARCHED) || test $$? -eq 3

secrets-baseline: .venv/.ok  ## let what `make secrets` finds now stand; look at every line of the difference first
	$(BIN)/detect-secrets scan --no-verify --slim $(SEARCHED) > .secrets.new && mv .secrets.new .secrets.baseline

sbom: .venv/.ok  ## write the bill of materials of what runs to var/sbom.json (CycloneDX)
	@mkdir -p var
	@$(BIN)/cyclonedx-py requirements --output-reproducible --of JSON -o var/sbom.json requirements.lock

audit: .venv/.ok  ## ask a public service for known faults of what is locked; needs the network, so it is no gate
	$(BIN)/uv tool run pip-audit --disable-pip --require-hashes -r requirements.lock

format: .venv/.ok  ## put the code into the house's form, and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.ok $(if $(PEERS),bench-peers)  ## measure, each figure against its floor in the same run; writes var/bench.json
	$(BIN)/python -m tests.bench

# `make bench PEERS=1` measures the peers too; `SIZES=full` goes to a million cases, `ONLY="P1 P3"` to some goals alone.
bench-peers: .venv/.ok
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-bench
	$(BIN)/uv pip sync --quiet --python .venv-bench --require-hashes tests/bench/requirements-bench.lock

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
lock: .venv/.ok  ## take newer versions into the four lock files
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --upgrade --no-deps --group postgres -o requirements-postgres.lock
	$(COMPILE) --upgrade tests/bench/peers.in -o tests/bench/requirements-bench.lock

setup: .venv/.ok  ## make .venv/ from the lock; every other command does it first by itself

clean:  ## take away .venv/, var/ and every cache
	rm -rf .venv .venv-bench var .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The locks name every package with its hashes, so nothing is looked up while installing: --no-deps.
.venv/.ok: pyproject.toml requirements-dev.lock
	@mkdir -p .venv "$$HOME"
	@if test -n "$(UV)" && $(with_uv); then :; else $(with_pip); fi
	@touch $@

define with_uv
echo "Making .venv with uv" && \
$(UV) venv --quiet --allow-existing --python '>=3.11' .venv && \
$(UV) pip sync --quiet --python .venv --require-hashes requirements-dev.lock && \
$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation -e .
endef

define with_pip
$(choose_python); \
echo "Making .venv with $$python ($$("$$python" --version)) and pip, in about a minute"; \
"$$python" -m venv .venv && \
$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-dev.lock && \
$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
endef

# Leaves in $python a Python that is new enough and can make a venv; Debian splits `venv` off, so root fetches it.
define choose_python
usable() { "$$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }; \
whole() { "$$1" -c 'import ensurepip, venv' 2>/dev/null; }; \
first() { for name in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
    if usable "$$name" && $${1:-true} "$$name"; then echo "$$name"; return; fi; done; }; \
python=$$(first whole); \
if [ -z "$$python" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
    echo "No Python 3.11 with venv here: installing Debian's python3 and python3-venv"; \
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3 python3-venv || true; \
    python=$$(first whole); \
fi; \
if [ -z "$$python" ]; then \
    if [ -n "$$(first)" ]; then \
        echo "$$(first) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
    else \
        echo "Lodestar needs Python 3.11 or newer, and found none. Install one, or uv, which brings its own." >&2; \
        echo "A Python outside PATH can be named: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3" >&2; \
    fi; \
    exit 1; \
fi
endef
