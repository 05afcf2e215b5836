# Everything here works on a fresh Debian 12 with Python 3.11, venv, make and git alone.
# Nothing needs an activated environment: each line calls the interpreter in .venv by its path.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
SOURCES := $(wildcard firmware hal boards simulator fleetd tools tests)
# Types of MicroPython on an ESP32. Among the packages of .venv they would hide CPython's library.
STUBS := $(VENV)/esp32-stubs
BOARD_SOURCES := $(filter-out %/manifest.py,$(wildcard firmware hal/*.py hal/fake boards/*.py boards/sim hal/esp32/*.py boards/esp32/*.py))

# make run PORT=8090 VM=cpython SPEED=10 PROFILE=jparc-2023 SCENARIO=tests/scenarios/day.yaml
PORT ?=
DESK_PORT ?=
VM ?=
SPEED ?=
PROFILE ?=
SCENARIO ?=
# make sim SEED=7 TRACE=1, make sim SEEDS=1..100 FAULTS=lost,late, make sim SEED=7 LONG=1
SEED ?=
SEEDS ?=
FAULTS ?=
TRACE ?=
LONG ?=
# make test TESTS=tests/house
TESTS ?=
# make flash BOARD=esp32s3 PORT=/dev/ttyUSB0 CONFIG=box.json
BOARD ?=
CONFIG ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: $(VENV)/run.stamp ## daemon, car, page and view on one desk, live (PORT= DESK_PORT= VM=micropython|cpython SPEED= PROFILE= SCENARIO=)
	@$(PY) -m simulator run $(if $(PORT),--port $(PORT)) $(if $(DESK_PORT),--desk-port $(DESK_PORT)) $(if $(VM),--vm $(VM)) $(if $(SPEED),--speed $(SPEED)) $(if $(PROFILE),--profile $(PROFILE)) $(SCENARIO)

.PHONY: test
test: debian-packages $(VENV)/test.stamp $(VENV)/stubs.stamp node_modules/.stamp ## all tests, on CPython and on MicroPython (TESTS=path)
	$(PY) -m pytest -n 4 --dist worksteal $(TESTS)

.PHONY: check
check: $(VENV)/test.stamp $(VENV)/stubs.stamp ## format, lint, types, source, tables, rules, compiling for MicroPython
	$(PY) -m ruff format --check $(SOURCES)
	$(PY) -m ruff check $(SOURCES)
	$(PY) -m mypy -n 2 $(SOURCES)
	MYPYPATH=$(STUBS) $(PY) -m mypy --config-file tools/mypy_esp32.ini --custom-typeshed-dir $(STUBS) $(BOARD_SOURCES)
	$(PY) -m tools.source_checks
	$(PY) -m tools.imports
	$(PY) -m tools.table_checks
	$(PY) -m tools.traceability --check
	$(PY) -m tools.diagram --check
	$(PY) -m tools.refusals --check
	$(PY) -m tools.compile_portable
	$(PY) -m tools.esp32_image

.PHONY: diagram
diagram: $(VENV)/test.stamp ## docs/statechart.md anew, from the table of the rental
	$(PY) -m tools.diagram

.PHONY: refusals
refusals: $(VENV)/test.stamp ## docs/refusals.md anew, from the sentences of all refusals
	$(PY) -m tools.refusals

.PHONY: pictures
pictures: debian-packages $(VENV)/test.stamp node_modules/.stamp ## the pictures of the pages in docs/pictures anew, taken by their tests
	PICTURES=docs/pictures $(PY) -m pytest -q tests/browser -k picture

.PHONY: bench
bench: $(VENV)/test.stamp ## speed beside others' programs in one run, to build/bench.json
	$(PY) -m tools.bench

.PHONY: prove
prove: $(VENV)/test.stamp ## exploration, planted faults, mutants, power cuts: the short form, to build/proof.json
	$(PY) -m tools.prove

.PHONY: prove-long
prove-long: $(VENV)/test.stamp ## the same in full: an hour or more
	$(PY) -m tools.prove --long

.PHONY: failures
failures: $(VENV)/test.stamp ## a mistake for each failure listed in docs/proof.md, which the test of its row must notice
	$(PY) -m tests.mutation failures --json build/failures.json

.PHONY: sim
sim: $(VENV)/run.stamp ## car, network, daemon and disk with faults, from one seed of the short form (SEED=n SEEDS=a..b LONG=1 FAULTS= TRACE=1)
	@$(PY) -m simulator sim $(if $(SEEDS),--seeds $(SEEDS),--seed $(or $(SEED),1)) $(if $(LONG),,--short) $(if $(FAULTS),--faults $(FAULTS)) $(if $(TRACE),--trace)

.PHONY: flash
flash: $(VENV)/run.stamp ## the program on an ESP32-S3 with PSRAM and stock MicroPython (BOARD= PORT= CONFIG=box.json)
	@$(PY) -m tools.flash $(if $(BOARD),--board $(BOARD)) $(if $(PORT),--port $(PORT)) $(if $(CONFIG),--config $(CONFIG))

.PHONY: install-pi
install-pi: ## the box as a service of this Raspberry Pi (sudo; DESTDIR= tries it in a folder, TERMS=top24-2023 for a new configuration)
	@boards/pi/install.sh $(if $(DESTDIR),--root $(DESTDIR)) $(if $(TERMS),--profile $(TERMS))

.PHONY: traceability
traceability: $(VENV)/test.stamp ## docs/traceability.md anew: which test shows which rule
	$(PY) -m tools.traceability

.PHONY: format
format: $(VENV)/test.stamp ## put the sources into the form that make check wants
	$(PY) -m ruff check --fix $(SOURCES)
	$(PY) -m ruff format $(SOURCES)

.PHONY: clean
clean: ## take away everything that these commands installed or built
	rm -rf $(VENV) node_modules build

# --- what the targets above need ------------------------------------------------------------

$(PY):
	@tools/make_venv.sh $(PYTHON) $(VENV)

$(VENV)/run.stamp: requirements-run.lock | $(PY)
	@echo 'Installing what the simulator needs (once) ...' >&2
	@$(PIP_INSTALL) -r requirements-run.lock
	@touch $@

# pydes comes as a source package: it is built with the hashed setuptools of the first lock.
$(VENV)/test.stamp: requirements-build.lock requirements.lock | $(PY)
	@echo 'Installing what tests and checks need (once, a minute or two) ...' >&2
	@$(PIP_INSTALL) -r requirements-build.lock
	@$(PIP_INSTALL) --no-build-isolation -r requirements.lock
	@touch $@

$(VENV)/stubs.stamp: requirements-stubs.lock | $(PY)
	@rm -rf $(STUBS)
	@$(PIP_INSTALL) --no-deps --target $(STUBS) -r requirements-stubs.lock
	@touch $@

node_modules/.stamp: package-lock.json package.json | debian-packages
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: debian-packages
debian-packages:
	@PATH="$$PATH:/usr/sbin" tools/need_debian.sh node npm mosquitto mosquitto_sub openssl chromium
