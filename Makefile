# Two commands are all it takes: `make run` and `make test`. Python 3.11 or newer and make must be there.
PYTHON ?= python3
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
# `make test COVERAGE=1` also measures what the tests reach on the embedded stores: there that takes half as long again.
PYTEST = $(if $(COVERAGE),$(BIN)/coverage run -m pytest,$(BIN)/pytest)
STAMP := $(VENV)/.installed
GENERATORS := $(VENV)/clients/.installed

# The front end, where there is a Node that can build it.
NODE := $(shell node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm)
CHROMIUM ?= $(firstword $(wildcard /usr/bin/chromium /usr/bin/google-chrome) $(shell command -v chromium chromium-browser))
APP := frontend/app/dist/index.html
MODULES := frontend/node_modules/.package-lock.json
SOURCES := $(shell find frontend -type d \( -name node_modules -o -name dist -o -name e2e \) -prune -o -type f -print 2>/dev/null)

# Hundreds of interpreters are started here: what the first of them has compiled, the others needn't.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run app show-app frontend frontend-lint frontend-types frontend-built frontend-tests packed clients e2e pictures examples test test-embedded test-real test-versions test-matrix coverage mutants check format bench chaos soak lock openapi readme docs packages floors commands catalogue clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(STAMP)  ## Make .venv with everything in it

# uv installs in seconds what pip takes a while for; both check every hash.
$(STAMP): requirements-dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

run: install $(if $(NODE),show-app)  ## Serve on http://localhost:8000, with embedded stores and no configuration
	@exec $(BIN)/latchkey serve

app: $(APP)  ## Build the React application into frontend/app/dist (needs Node 20 or newer)

# The service runs without its front end too: a build that fails is no reason not to.
show-app:
	@$(MAKE) --no-print-directory app || echo "The front end could not be built; serving what is there." >&2

$(APP): $(SOURCES) $(MODULES)
	cd frontend && npm run build
	@touch $@

$(MODULES): frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

# Each keeps one core busy, and none needs another: `make -j2 frontend` takes half as long.
frontend: frontend-lint frontend-types frontend-built frontend-tests  ## Build the front end; its types, lint, sizes and unit tests

frontend-lint: $(MODULES)
	cd frontend && npm run --silent lint

frontend-types: $(MODULES)
	cd frontend && npm run --silent schema:check && npm run --silent typecheck

# The application's types are looked at beside this.
frontend-built: $(MODULES)
	cd frontend && npm run --silent build --workspace packages/client --workspace packages/react
	cd frontend && npm run --silent bundle --workspace app && npm run --silent size

# One of the client's tests talks to the real service: hence install.
frontend-tests: install $(MODULES)
	cd frontend && npm run --silent test

# In an environment of their own: what they need would otherwise be in everybody's way.
$(GENERATORS): tools/clients/requirements.txt
	@test -x $(VENV)/clients/bin/python || $(PYTHON) -m venv $(VENV)/clients
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(VENV)/clients/bin/python --require-hashes -r $<; \
	else \
		$(VENV)/clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<; \
	fi
	@touch $@

# What others wait for, and what takes longest, first: else the tests of the front end end alone, on one of the cores.
packages: frontend-built frontend-tests frontend packed  ## Pack the packages of the front end, and install what was packed into fresh projects

packed: frontend-built
	cd frontend && npm run --silent packages

clients: install $(MODULES) $(GENERATORS)  ## Generators' clients and OAuth 2's libraries talk to the service: a table of what they see
	$(BIN)/python -m tools.clients

e2e: install $(APP)  ## Stories in a browser: the real service, its application, Chromium
	@test -n "$(CHROMIUM)" || { echo "Chromium is needed (apt-get install chromium), or CHROMIUM=/path/to/one." >&2; exit 1; }
	cd frontend && CHROMIUM="$(CHROMIUM)" npm run --silent e2e --workspace e2e

# By hand, after a change of pages: a minute or two, and then they have to be looked at.
pictures: install $(APP)  ## Take pictures of every page, to be looked at: frontend/e2e/artifacts/pictures
	@test -n "$(CHROMIUM)" || { echo "Chromium is needed (apt-get install chromium), or CHROMIUM=/path/to/one." >&2; exit 1; }
	cd frontend && PICTURES=1 CHROMIUM="$(CHROMIUM)" npm run --silent e2e --workspace e2e

# By hand, and before a release: what it installs and builds takes CI too long. Each has a lock file of its own.
examples: install $(APP)  ## Build and use the example for Next.js: the real service, Chromium (not a part of CI)
	@test -n "$(CHROMIUM)" || { echo "Chromium is needed (apt-get install chromium), or CHROMIUM=/path/to/one." >&2; exit 1; }
	cd frontend && npm run --silent build --workspace packages/client --workspace packages/react
	cd examples/next && npm ci
	cd frontend && EXAMPLES=1 CHROMIUM="$(CHROMIUM)" npm run --silent e2e --workspace e2e

# Both at once: while one waits for a second to pass, a process to start or a server to come back, the other goes on. The
# real run is shown when both are over. One after the other: `make test-embedded test-real`.
REAL_LOG := $(VENV)/test-real.log

test: install  ## Run the whole suite, on embedded stores and on a real PostgreSQL and Redis, of each version that is here
	@rm -f .coverage .coverage.*
	@$(MAKE) --no-print-directory -k test-real test-versions >$(REAL_LOG) 2>&1 & real=$$!; trap 'kill $$real' INT TERM; \
	$(MAKE) --no-print-directory test-embedded; embedded=$$?; \
	wait $$real; real=$$?; cat $(REAL_LOG); exit $$((embedded | real))
	@$(if $(COVERAGE),$(MAKE) --no-print-directory coverage)

test-embedded: install
	$(PYTEST) --stores=embedded -q -n $(JOBS) --dist loadfile --no-loadscope-reorder
	$(PYTEST) --stores=embedded -q examples/notes/tests

test-real: install
	$(BIN)/pytest --stores=real -q -n $(JOBS) --dist loadfile --no-loadscope-reorder
	$(BIN)/pytest --stores=real -q examples/notes/tests

# What may differ from version to version, on those of PostgreSQL and Redis that test-real has not met.
test-versions: install
	$(BIN)/python -m tools.versions --jobs $(JOBS)

test-matrix: install  ## Run the whole suite for real stores on each version of PostgreSQL and Redis that is installed
	$(BIN)/python -m tools.versions --all --jobs $(JOBS)

coverage:
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=95

# By hand: it takes about half a minute for each. RECORD=1 when code has moved, or many tests have come.
mutants: install  ## Make small mistakes, one at a time: does a test notice? (SEED=1 NUMBER=40 MODULES="..." RECORD=1)
	$(BIN)/python -m tools.mutants $(if $(SEED),--seed $(SEED)) $(if $(NUMBER),--number $(NUMBER)) \
		$(if $(PATIENCE),--patience $(PATIENCE)) $(if $(RECORD),--record --jobs $(JOBS)) $(MODULES)

# Of the suite's tests, those that a change of the code breaks first; TESTED=1 leaves them to the `make test` that comes too.
CHECKED := tests/test_architecture.py tests/test_openapi.py tests/core/test_migrations.py

check: install  ## Lint, types, import rules, OpenAPI document, migrations, README
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy examples/notes/tests
	$(BIN)/python -m tools.openapi --check
	$(BIN)/python -m tools.contract --check
	$(BIN)/python -m tools.readme --check
	$(BIN)/python -m tools.floors --check
	$(BIN)/python -m tools.commands --check
	$(BIN)/python -m tools.catalogue --check
	$(BIN)/python -m tools.outages --check
	$(BIN)/python -m tools.docs
	$(if $(TESTED),,$(BIN)/pytest -q $(CHECKED))

format: install  ## Format the code, and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install  ## Measure the hot paths against their limits on this machine
	$(BIN)/python -m bench

# A quarter of an hour, and what it saw in docs/faults.md; SHORT=1 takes a part of it, in less than three minutes, and
# writes nothing. What goes wrong on a busy machine may be the machine's: see how late the process says it was itself.
# With BESIDE=1 whatever else this make starts from then on takes only what is left of the machine: the observer, and the
# networks it plays, are one process, and where that waits for builds every fault lasts for minutes.
chaos: install  ## Break everything under load and hold the service to its word; writes docs/faults.md (SHORT=1, SEED=)
	$(if $(BESIDE),renice -n 19 -p $$PPID >/dev/null; )$(BIN)/python -m chaos $(if $(SHORT),--short,--document docs/faults.md) $(if $(SEED),--seed $(SEED))

soak: install  ## A random fault every 20 seconds, for half an hour (SECONDS=1800 SEED=)
	$(BIN)/python -m chaos --soak $(or $(SECONDS),1800) $(if $(SEED),--seed $(SEED))

lock:  ## Renew the hash-pinned requirements (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --quiet pyproject.toml -o requirements.txt
	for extra in embedded tracing; do uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --quiet --extra $$extra -c requirements.txt pyproject.toml -o requirements-$$extra.txt; done
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --quiet --extra embedded --extra tracing --extra dev pyproject.toml -o requirements-dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --quiet tools/clients/requirements.in -o tools/clients/requirements.txt

openapi: install  ## Write docs/openapi.json anew
	$(BIN)/python -m tools.openapi

readme: install  ## Write the README's table of settings anew
	$(BIN)/python -m tools.readme

docs: install  ## Build the documentation as pages, into site/ (search and all work from the disk, too)
	$(BIN)/python -m tools.docs $(if $(REPOSITORY),--repository $(REPOSITORY))

floors: install  ## Write CONTRIBUTING's table of rooms anew
	$(BIN)/python -m tools.floors

commands: install  ## Take the picture of the commands that help and completion are answered from
	$(BIN)/python -m tools.commands

catalogue: install  ## Write what is made of the catalogue of events anew: tables, the client's sentences
	$(BIN)/python -m tools.catalogue

clean:  ## Remove what make made
	rm -rf site frontend/app/dist frontend/node_modules frontend/.clients examples/next/node_modules examples/next/.next $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .mutants *.egg-info
