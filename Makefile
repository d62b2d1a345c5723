# make ladder     install, compile, measure every rung, show the ladder
# make install    install into .venv, and compile
# make test       install, compile, run the tests
# make test-slow  the tests that take minutes each, above all the long commands of the docs: more than an hour
# make bench      the rungs as a pytest-benchmark suite; SELECT=domino for the quick selection
# make regress    fail if a rung has fallen below its floor
# make lint       format, lint, types
# make clean      remove what these made, except results

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
INSTALLED := $(VENV)/installed
COMPILED := $(VENV)/compiled
SOURCES := setup.py pyproject.toml autoresearch/program.py $(wildcard ladder/*.pyx variants/*.pyx variants/*.pxd variants/*.pxi variants/*.h)

SELECT :=

.PHONY: ladder test test-slow bench regress lint clean install

ladder: $(COMPILED)
	$(RUN) ladder.cli run

test: $(COMPILED)
	$(RUN) pytest

test-slow: $(COMPILED)
	$(RUN) pytest -n 0 -m slow --verbose

bench: $(COMPILED)
	$(RUN) pytest tests/benchmarks/test_rungs.py -n 0 --benchmark-enable --benchmark-only --benchmark-autosave \
		--benchmark-max-time=0.3 --benchmark-columns=median,iqr,rounds -k "$(SELECT)"

regress: $(COMPILED)
	$(RUN) pytest tests/benchmarks/test_floors.py -n 0 --junitxml=bench_results/regress.xml

lint: export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
lint: $(COMPILED)
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(VENV)/bin/cython-lint variants ladder

install: $(COMPILED)

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: expected Python 3.11 or newer (make PYTHON=...)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --upgrade pip "setuptools>=77" "cython>=3.1"
	$(RUN) pip install --quiet --no-build-isolation --editable ".[dev]"
	touch $(INSTALLED)

# Without a C compiler this succeeds too; the compiled rungs are then unavailable.
$(COMPILED): $(INSTALLED) $(SOURCES)
	$(VENV)/bin/python setup.py --quiet build_ext --inplace
	touch $(COMPILED)

clean:
	rm -rf $(VENV) build *.egg-info variants/*.so ladder/*.so .pytest_cache .hypothesis .mypy_cache .ruff_cache .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
