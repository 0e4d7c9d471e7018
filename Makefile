# Every target sets itself up: `make demo` on a fresh clone is enough. PYTHON may name any Python from 3.11 to 3.13.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --no-compile -c constraints.txt
# pip compiles what it installed on one core; this takes them all.
COMPILE := $(BIN)/python -m compileall -q -j 0 $(VENV)/lib > /dev/null 2>&1 || true
# Tests run in as many processes as there are cores, one at a time, the slow ones first (tests/conftest.py).
PYTEST := $(BIN)/python -m pytest -n auto --dist load --maxschedchunk 1

.PHONY: demo song test quick soak venv lint docs bench clean

demo: $(VENV)/.installed
	$(BIN)/python render.py scenes/hello.yaml
	@echo "The film is outputs/hello/hello.mp4"

song: $(VENV)/.installed # a film that hears its song, in some minutes
	$(BIN)/python render.py scenes/song.yaml
	@echo "The film is outputs/song/song.mp4"

test: $(VENV)/.installed-test # all but what only `make soak` does
	$(PYTEST) -m "not soak"

quick: $(VENV)/.installed-test # all but the slow ones
	$(PYTEST) -m "not slow and not soak"

soak: $(VENV)/.installed-test # what takes hours: models of full size, forty times as many odd files, every kind of damage, edits
	$(PYTEST) -m soak --timeout 3600
	MUTATIONS=20000 $(PYTEST) --timeout 3600 -m slow tests/scene/test_hostile.py tests/film/test_hostile_folder.py tests/models/test_hostile_models.py tests/media/test_beats.py tests/film/test_soundtrack.py
	$(INSTALL) -r requirements-cluster.txt
	$(BIN)/python -m bench.night
	$(BIN)/python -m bench.edits

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed # the tables of docs/scene.md and docs/variants.md
	$(BIN)/python -m animator.report.reference

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
	$(COMPILE)
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed requirements-test.txt
	$(INSTALL) -r requirements-test.txt
	$(COMPILE)
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info
