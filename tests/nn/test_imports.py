"""What nn imports: NumPy and autograd, never optim, and nothing large before it is asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import nn

FOLDER = Path(nn.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))


def imported_packages(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are written out from the package's name"
            yield node.module.partition(".")[0]


def test_nn_imports_only_numpy_and_autograd():
    found = {name for file in FILES for name in imported_packages(file)}
    assert found - sys.stdlib_module_names == {"numpy", "autograd", "nn"}


def test_importing_nn_loads_nothing_else_and_reads_no_data():
    program = """
import sys, numpy
before = set(sys.modules)
opened = []
sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
import nn
new = [name for name in set(sys.modules) - before if hasattr(sys.modules[name], "__file__")]
print(sorted({name.partition(".")[0] for name in new}))
print([name for name in opened if name.endswith(".npz")])
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER.parent,
    )
    loaded, data = map(ast.literal_eval, result.stdout.splitlines())
    assert set(loaded) - sys.stdlib_module_names <= {"nn", "autograd", "numpy"}
    assert data == []


def test_nn_offers_what_it_lists():
    assert all(hasattr(nn, name) for name in nn.__all__)
