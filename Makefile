# make quickstart   generate videos, run the shipped models on them, print the scores
# make test         run the tests
# make lint         check style and types
# make coverage     run the tests and print which share of gvseg's lines and branches they reach (Python 3.11 or later)
# make docs         build the documentation as a site in site/ (Python 3.11 or later)
# make test-classic install the classic OpenMMLab line (Python 3.10, torch 2.1) in .venv-classic and try it: several GB
# Each of the others sets up what it needs in .venv first; that happens once.
#
# Variables: PYTHON=python3.11 (for the venv), TORCH_INDEX=... (see tools/misc/make_venv.sh),
# ARGS="-k name" (more arguments for pytest or the quick start).

VENV ?= .venv
PYTHON ?=
ARGS ?=
STAMP := $(VENV)/.gvseg-installed
DOCS_STAMP := $(VENV)/.docs-installed
REQUIREMENTS := requirements/build.txt requirements/mminstall.txt requirements/runtime.txt \
    requirements/tests.txt requirements/constraints.txt setup.py pyproject.toml

.PHONY: help venv quickstart test test-classic coverage lint docs clean
.DEFAULT_GOAL := help

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

venv: $(STAMP)

$(STAMP): $(REQUIREMENTS)
	@PYTHON="$(PYTHON)" tools/misc/make_venv.sh $(VENV)
	@touch $@

quickstart: venv
	$(VENV)/bin/python tools/quickstart.py $(ARGS)

# Two processes of one thread: the tests' tensors are tiny, and threads cost more than they bring.
test: venv
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -q -n 2 --dist loadfile tests $(ARGS)

coverage: venv
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -q -n 2 --dist loadfile --cov --cov-report=term:skip-covered tests $(ARGS)

test-classic:
	@PYTHON="$(PYTHON)" ARGS="$(ARGS)" tools/misc/test_classic.sh .venv-classic

lint: venv
	$(VENV)/bin/python -m ruff check .
	$(VENV)/bin/python -m ruff format --check .
	$(VENV)/bin/python -m mypy gvseg/core gvseg/formats gvseg/evaluation/functional gvseg/models

docs: $(DOCS_STAMP)
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/python -m mkdocs build --strict --quiet

$(DOCS_STAMP): $(STAMP) requirements/docs.txt
	@$(VENV)/bin/python -m pip --disable-pip-version-check install -qq --prefer-binary \
	    --constraint requirements/constraints.txt --requirement requirements/docs.txt
	@touch $@

clean:
	rm -rf $(VENV) .venv-classic build dist site *.egg-info .pytest_cache .coverage*
	find gvseg tools tests configs projects -name __pycache__ -type d -prune -exec rm -rf {} +
