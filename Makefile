# Everything a newcomer needs: `make demo` and `make test`. Only Python 3.11+ and make are expected.

PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
HIPS := .venv-bench-hips
OUT := out/bench
BIN := $(VENV)/bin

.PHONY: help demo test test-expressions test-pytorch test-onnx test-sklearn check format lessons docs bench clean

help:
	@echo "make demo              train a network on handwritten digits; pictures go to out/digits"
	@echo "make test              run all tests, notebooks included"
	@echo "make test-expressions  differentiate 10,000 random expressions (minutes)"
	@echo "make test-pytorch      compare values and gradients with PyTorch (installs it in $(BENCH))"
	@echo "make test-onnx         run exported networks with onnxruntime (installs it in $(VENV))"
	@echo "make test-sklearn      compare metrics and estimators with scikit-learn"
	@echo "make check             lint, format and type checks"
	@echo "make format            mend lint and format where it can be done by itself"
	@echo "make lessons           execute all lessons again, in place"
	@echo "make docs              write the page of all operations, out/operations.html"
	@echo "make bench             compare speed with PyTorch, JAX and others (installs them in $(BENCH));"
	@echo "                       a part of it: make bench ARGS='--workloads W1,W3 --rounds 1'"
	@echo "make clean             remove the environments and everything generated"

demo: $(VENV)/.installed
	$(BIN)/python examples/digits.py

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q

test-expressions: $(VENV)/.installed-test
	EXPRESSIONS=10000 $(BIN)/python -m pytest -q tests/autograd/test_expressions.py

test-pytorch: $(BENCH)/.installed-test
	$(BENCH)/bin/python -m pytest -q benchmarks/test_against_pytorch.py \
		benchmarks/test_pytorch_fixtures.py benchmarks/test_weights_with_pytorch.py

test-onnx: $(VENV)/.installed-test $(VENV)/.installed-onnxruntime
	$(BIN)/python -m pytest -q benchmarks/test_onnx.py

test-sklearn: $(VENV)/.installed-test $(VENV)/.installed-sklearn
	$(BIN)/python -m pytest -q benchmarks/test_against_sklearn.py

check: $(VENV)/.installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lessons: $(VENV)/.installed-test
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python notebooks/execute.py

docs: $(VENV)/.installed-test
	PYTHONPATH=tests $(BIN)/python -m support.operations_page out/operations.html

bench: $(BENCH)/.installed-others $(HIPS)/.installed
	$(BENCH)/bin/python benchmarks/compare.py --out $(OUT) \
		--python-for hips_autograd=$(HIPS)/bin/python $(ARGS)

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed; this is ' + sys.version.split()[0] + '. Name another: make PYTHON=python3.12 demo')"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-%: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[$*]"
	@touch $@

$(BENCH)/bin/python $(HIPS)/bin/python:
	$(PYTHON) -m venv $(@D:/bin=)

$(BENCH)/.installed: $(BENCH)/bin/python pyproject.toml benchmarks/requirements.txt
	$(BENCH)/bin/python -m pip install --quiet --editable . -r benchmarks/requirements.txt
	@touch $@

# What cannot be installed on this machine is left out of the comparison, with a note.
$(BENCH)/.installed-others: $(BENCH)/bin/python pyproject.toml $(wildcard benchmarks/requirements*.txt)
	$(BENCH)/bin/python -m pip install --quiet --editable .
	for one in $$(grep -hv '^#' benchmarks/requirements.txt benchmarks/requirements-others.txt); do \
		$(BENCH)/bin/python -m pip install --quiet $$one || echo "bench: without $$one"; done
	@touch $@

$(HIPS)/.installed: $(HIPS)/bin/python benchmarks/requirements-hips.txt
	$(HIPS)/bin/python -m pip install --quiet -r benchmarks/requirements-hips.txt \
		|| echo "bench: without HIPS autograd"
	@touch $@

$(BENCH)/.installed-test: $(BENCH)/.installed
	$(BENCH)/bin/python -m pip install --quiet --editable ".[test]"
	@touch $@

clean:
	rm -rf $(VENV) $(BENCH) $(HIPS) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
