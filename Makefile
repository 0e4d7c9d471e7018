# Every target sets itself up: `make demo` on a fresh clone is enough. PYTHON may name any Python from 3.11 to 3.13.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.PHONY: demo test venv lint bench clean

demo: $(VENV)/.installed
	$(BIN)/python render.py scenes/hello.yaml
	@echo "The film is outputs/hello/hello.mp4"

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed # the last is the one that ends with an error while a bar is missed
	$(BIN)/python -m bench.zoom
	$(BIN)/python -m bench.retrieval
	$(BIN)/python -m bench.steering
	$(BIN)/python -m bench

venv: $(VENV)/.installed

$(VENV)/.installed: requirements.txt requirements-nodeps.txt constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "Python 3.11 to 3.13 is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements.txt
	$(INSTALL) --no-deps -r requirements-nodeps.txt
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed requirements-test.txt
	$(INSTALL) -r requirements-test.txt
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
