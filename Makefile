# The commands that a desk and a server share. `make help` lists them.
PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
READY := .venv/ready
REFERENCES := .bench
unexport PYTHONDONTWRITEBYTECODE # containers set it: every job would compile cxv again
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

.PHONY: help setup demo unit test cluster check mutants settings rows bench ui lock

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## make the environment in .venv

# What is imported here is compiled once and for all; to compile all that is installed takes minutes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cxv needs Python 3.11 or newer")'
	@echo "Making .venv from requirements.lock, once: 6.5 GB, some minutes"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --no-compile --requirement requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --editable .
	@$(BIN)/python -W ignore -c 'import dvc.repo, mlflow, scipy.stats, snakemake.cli, torch._dynamo, torchvision'
	@touch $@

demo: $(READY)  ## train the demo study (digits, minutes) and write its report
	$(BIN)/snakemake --cores $(CORES) --logger cxv -- demo
	@echo "The report: $(CURDIR)/results/studies/demo/report.html"

unit: $(READY)  ## run the quick tests: no whole program, nothing that takes seconds
	$(PYTEST) -m "not slow"

test: $(READY)  ## run every test but those of a cluster, as many at a time as there are cores
	$(PYTEST) -m "not cluster"

cluster: $(READY)  ## run the Slurm profile on a cluster of this machine, and end its jobs in every way (an hour)
	$(PYTEST) -m cluster tests/cluster

check: $(READY)  ## lint, types, formats; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	! git grep -nwiE -f docs/banned_words.txt -- ':!CHANGELOG.md' ':!requirements.lock' ':!docs' ':!benchmarks/mutants/equivalent.yaml' ':!tests/report/pictures'

mutants: $(READY)  ## put small faults into the code and list those that no test catches: GROUP=resume, or hours
	$(BIN)/python -m benchmarks.mutants $(GROUP)

settings: $(READY)  ## try every setting on every model, 20 minutes; writes docs/settings.md
	$(BIN)/python -W ignore tests/helpers/settings_table.py

rows: $(READY)  ## after an edit of what params.yaml may say; writes own_settings.json and params.schema.json
	$(BIN)/python -W ignore tests/helpers/own_settings_file.py
	$(BIN)/python -c 'from pathlib import Path; from cxv.config.editor_schema import *; Path(FILE).write_text(text())'

bench: $(REFERENCES)/ready  ## time training steps against other packages, fetched once into .bench
	for name in steps mixers forms tokens breakdown tracking augment; do \
		echo "== $$name"; \
		PYTHONPATH=$(REFERENCES) $(BIN)/python -W ignore -m benchmarks.$$name || exit 1; \
	done

$(REFERENCES)/ready: benchmarks/requirements.txt $(READY)
	@rm -rf $(REFERENCES)
	@$(BIN)/python -m pip install -qq --no-deps --target $(REFERENCES) --requirement $<
	@touch $@

ui: $(READY)  ## browse the runs on http://127.0.0.1:5000
	@echo "The runs: http://127.0.0.1:5000/#/experiments?workflowType=machine_learning"
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false MLFLOW_DISABLE_TELEMETRY=true \
		$(BIN)/mlflow ui --host 127.0.0.1 --workers 1

lock:  ## pin the newest permitted versions (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --no-header --extra workflow --extra dev --extra slurm \
		--output-file requirements.lock pyproject.toml
