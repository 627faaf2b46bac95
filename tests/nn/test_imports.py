"""What nn imports: NumPy and autograd, and nothing large before it is asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nn

FOLDER = Path(nn.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))


# What is imported by what needs it, when it is called
WHEN_NEEDED = {"matplotlib", "tqdm", "safetensors", "onnx", "optim", "IPython", "tensorboardX"}
WHEN_NEEDED |= {"joblib", "sklearn"}
AT_ONCE = {  # by folders that are themselves loaded only when needed
    "checkup": {"optim"},
    "estimators": {"optim", "sklearn"},
    "io/onnx": {"onnx"},
    "training": {"optim"},
}


def imported_packages(nodes):
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out from the package's name"
            yield node.module.partition(".")[0]


def packages(file):
    """Those imported when the file is, and all that the file names."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return set(imported_packages(tree.body)), set(imported_packages(ast.walk(tree)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_a_file_imports_numpy_and_autograd_and_others_only_when_needed(file):
    at_once, all_of_them = packages(file)
    own = {"numpy", "autograd", "nn"}
    folder = file.parent.relative_to(FOLDER).as_posix()
    assert at_once - sys.stdlib_module_names <= own | AT_ONCE.get(folder, set())
    assert all_of_them - sys.stdlib_module_names <= own | WHEN_NEEDED


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
