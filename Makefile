# Two commands: `make run` serves the demonstration on 127.0.0.1:8501, `make test` says if all is well.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CAP_STORE ?= data/store/cap.duckdb
export CAP_STORE
LEFT = $(basename $(CAP_STORE))
.DEFAULT_GOAL := run

$(VENV)/run.stamp: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@sh tests/browser/install-chromium.sh $(BIN)
	@touch $@

$(CAP_STORE): | $(VENV)/run.stamp
	@test ! -e $(LEFT).files || { echo "$(LEFT).files is of a store that is missing: put $@ back, restore a backup" \
	  "into another folder (CAP_STORE), or forget what is left: make clean-demo"; exit 1; }
	@echo "Building the demonstration (invented data) in $@ ..."
	@rm -rf $@.part
	@$(BIN)/python -m pipelines demo --store $@.part/$(@F) --lang en
	@mv $@.part/* $(@D)/ && rmdir $@.part

.PHONY: run test test-long bench check pins clean-demo

run: $(VENV)/run.stamp $(CAP_STORE)   ## serve on 127.0.0.1:8501
	@echo "Cap commun: http://127.0.0.1:8501"
	@exec $(BIN)/python -m streamlit run app.py

check: $(VENV)/dev.stamp   ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check   ## everything: style, types, unit, pages, browser, contract
	$(BIN)/python -m pytest

test-long: $(VENV)/dev.stamp   ## the long ones at full size
	CAP_FULL_SIZE=1 $(BIN)/python -m pytest

bench: $(VENV)/dev.stamp   ## ratios, each in one run
	$(BIN)/python -m tests.bench.page_load
	$(BIN)/python -m tests.bench.validation
	$(BIN)/python -m tests.bench.messy_workbook
	$(BIN)/python -m tests.bench.deposit_page
	$(BIN)/python -m tests.bench.deposit_load
	$(BIN)/python -m tests.bench.commit_size
	$(BIN)/python -m tests.bench.measuring

pins: requirements.in requirements-dev.in   ## make the pinned requirements anew
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile -q --upgrade --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --strip-extras --annotation-style line -o requirements.txt requirements.in
	$(BIN)/pip-compile -q --upgrade --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --strip-extras --annotation-style line -o requirements-dev.txt requirements-dev.in

clean-demo:   ## forget the demonstration store
	rm -f $(CAP_STORE) $(CAP_STORE).wal $(LEFT).last-commit
	rm -rf $(LEFT).files
