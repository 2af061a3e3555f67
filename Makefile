# Banking Buddy recovery. `make` shows what there is; every target installs what it needs.
ENV      ?= dev
SEED     ?= 1
SCENARIO ?= all-routes
PART     ?= tests
BIN      := .venv/bin
CDK      := node_modules/.bin/cdk
# Compiled modules make every later start faster; some shells switch them off.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: help setup rehearse serve test test-all affected part check lint types synth diff deploy bench docs bundle browser package pins clean
.DELETE_ON_ERROR:

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

rehearse: setup bundle ## damage each store, lose a region, get it all back; no AWS account (SCENARIO=region-loss: that alone)
	@python -m rehearsal run --scenario $(SCENARIO) --seed $(SEED)

serve: setup bundle ## keep the embedded AWS running, to deploy to and restore in by hand
	@python -m rehearsal serve

test: setup bundle browser ## lint, types, every test, a whole region loss and a restore of each kind
	@python -m tools.suite

test-all: setup bundle browser ## the same and every other world and seed; after `make test` on the same tree, what is left
	@python -m tools.suite --all

affected: setup bundle ## the tests that the last change can reach (BASE=commit: since then)
	@python -m tools.affected $(if $(BASE),--base $(BASE))

part: setup bundle browser ## some of the tests: PART="tests/unit -k cron"
	@python -m tools.suite --only $(PART)

check: test ## another name for test

lint: setup ## ruff: form and rules
	@ruff format --check --quiet . || { echo "ruff format: run '.venv/bin/ruff format .'"; exit 1; }
	@ruff check --quiet .

types: setup ## mypy, strict
	@mypy

synth: setup bundle ## synthesise the stacks of ENV (dev, staging, prod) into cdk.out/
	@$(CDK) synth --quiet -c environment=$(ENV)

diff: setup bundle ## what a deployment of ENV would change
	@$(CDK) diff -c environment=$(ENV)

deploy: setup bundle ## deploy ENV to its two regions, the recovery region first
	@python -m deployment.deploy $(ENV)

bench: setup bundle ## measure; results in build/bench.json (ONLY=name measures one part)
	@python tools/bench.py $(if $(ONLY),--only $(ONLY))

setup: .venv/.ready node_modules/.ready ## install Python, Node and MariaDB pieces (the other targets do it)
	@sh tools/ensure-mariadb.sh

browser: setup
	@sh tools/ensure-chromium.sh

package: setup ## install packages/aws_rehearsal as somebody else would, in an empty environment, and run its README's example
	@sh tools/try-package.sh

docs: setup ## write docs/promises.md, permissions.md, cost.md, rto.md and runbooks/ anew, from the strategy and its proofs
	@python -m tools.promises
	@python -m tools.runbooks
	@python -m tools.permissions
	@python -m tools.cost
	@python -m tools.rto

bundle: setup ## the Lambda functions' code and its dependencies, in build/functions/ and build/functions-signatures/
	@python deployment/bundle.py

pins: setup ## compile requirements*.in into exact, hashed pins
	@uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.txt
	@uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt

clean: ## remove what was built; keep what was installed
	@rm -rf build cdk.out

.venv/.ready: requirements.txt requirements-dev.txt tools/ensure-venv.sh packages/aws_rehearsal/pyproject.toml
	@sh tools/ensure-venv.sh
	@touch $@

node_modules/.ready: package.json package-lock.json .venv/.ready
	@npm ci --silent --no-fund --no-audit
	@touch $@
