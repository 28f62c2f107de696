# `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
ARGS ?=
MINUTES ?= 10
SECONDS ?= 60
SEED ?=
export UV_NO_CONFIG := 1
# Empty is unset: who forbids Python to keep what it compiled would compile it anew in each of hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all live-test kill-test cluster-test load-test fuzz bench lighthouse docs reference audit \
	check format lock clean lowest newest package stranger hooks

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Create .venv and install everything into it; the web app is built when it changed
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . >&2

$(INSTALLED): requirements.lock requirements-uv.lock pyproject.toml
	@scripts/bootstrap $(PYTHON)
	@touch $@

demo: install ## Watch Reelhook work, with simulated HeyGen and Cloudinary (ARGS="--once --json" for one run)
	@$(BIN)/reelhook demo $(ARGS)

test: install ## Run the test suite, and hold each room to its coverage (ARGS="tests/inbox -k …" runs a part)
	@scripts/ensure_debian chromium chromium-headless-shell haproxy nginx pgbouncer prometheus >&2
	@$(BIN)/python scripts/ensure_node.py >&2
ifeq ($(strip $(ARGS)),)
	@rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --cov --cov-report=
	$(BIN)/python scripts/coverage_gate.py
else
	$(BIN)/python -m pytest $(ARGS)
endif

test-all: test ## Run the long versions of everything too
	$(BIN)/python -m pytest --hypothesis-profile=long tests/fuzz/test_targets.py tests/heygen tests/inbox tests/jobs tests/reconcile tests/videos
	$(MAKE) fuzz SECONDS=600
	$(MAKE) kill-test
	$(MAKE) cluster-test
	$(MAKE) load-test

kill-test: install ## Kill the server for MINUTES (10) and count what was lost; SEED=… repeats a plan
	$(BIN)/python -m tests.e2e.kill --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(ARGS)

cluster-test: install ## The same with nginx, 2 web and 2 worker processes, Postgres, Redis and 1,000 live streams
	@scripts/ensure_debian nginx >&2
	$(BIN)/python -m tests.e2e.cluster --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(ARGS)

load-test: install ## A day with 1,000 open boards in MINUTES (5), and a look at every video afterwards (ARGS="--cluster")
	$(BIN)/python -m tests.e2e.load --minutes $(if $(filter file,$(origin MINUTES)),5,$(MINUTES)) $(if $(SEED),--seed $(SEED)) $(ARGS)

live-test: install ## One paid render at the real HeyGen, after a typed yes: docs/live-test.md (ARGS="--port 8080")
	@$(BIN)/python -m tests.live $(ARGS)

fuzz: install ## Send nonsense to everything that strangers can reach for SECONDS (60); SEED=… repeats the API's part
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: install ## Measure against limits and peers, into bench/results (ARGS="--rounds 1 --seconds 1"): about 45 minutes
	@scripts/ensure_debian nginx libnginx-mod-nchan webhook wrk >&2
	$(BIN)/python -m bench $(ARGS)

lighthouse: install ## Measure the board with Lighthouse, the median of five loads, into docs/measured/lighthouse.json
	@scripts/ensure_debian chromium >&2
	@$(BIN)/python scripts/ensure_node.py >&2
	$(BIN)/python scripts/lighthouse.py

docs: install ## Make the book of docs/, a site that needs no network, in build/book/site; every warning is an error
	$(BIN)/python -m scripts.book $(ARGS)

reference: install ## Write the pages of docs/ anew that are made from the code
	$(BIN)/python -m scripts.reference
	$(BIN)/python scripts/line_table.py
	$(BIN)/python scripts/metrics_page.py
	$(BIN)/python scripts/permission_table.py

audit: install ## Ask the registries what is known of holes in our dependencies; needs the network
	$(BIN)/python scripts/audit.py

check: install ## Format, lint, types, contracts, and the own checks of web app and SDK
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --no-progress --quiet --strict-collection --collect=all .
	$(BIN)/python scripts/web.py lint check test

format: install ## Put everything into the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

hooks: install ## Have git check what you commit (.pre-commit-config.yaml); needs no network
	$(BIN)/prek install

lowest: ## Test with the lowest versions of what the package needs that pyproject.toml allows (PYTHON=python3.11)
newest: ## The same with the newest (PYTHON=python3.13; ARGS="tests/inbox" runs a part)
lowest newest: install
	scripts/versions $@ $(PYTHON) $(or $(ARGS),-m "not browser" -n 2 --dist loadfile --no-loadscope-reorder)

package: install ## Build the wheel and the sdist into dist/
	@rm -rf dist
	$(BIN)/python -m hatchling build -d dist

stranger: package ## Install the wheel with pipx, far from here, and run its demo; needs the network
	scripts/stranger $(PYTHON)

lock: $(INSTALLED) ## Write the lock files anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--extra dev pyproject.toml -o requirements.lock
	echo uv | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-annotate - -o requirements-uv.lock

clean: ## Remove what was built and installed
	rm -rf .venv .venv-* dist build src/reelhook/dashboard/static sdk/dist frontend/node_modules sdk/node_modules \
		examples/*/node_modules examples/*/dist .*_cache
