"""The layers of the code: who may import whom, how long files may be, that all is explained."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("autograd", "nn", "optim")
MAY_IMPORT = {  # a part has what its package has, unless it says otherwise
    "autograd": set(),
    "nn": {"autograd"},
    "nn.checkup": {"autograd", "optim"},
    "nn.estimators": {"autograd", "optim"},
    "nn.training": {"autograd", "optim"},
    "optim": {"autograd"},
}
MOST_LINES = 320
# Their functions are named by what they say.
WORDINGS = {
    *("autograd.errors", "autograd.diagnosis", "autograd.transform_errors"),
    *("autograd.tracing.errors", "autograd.compiling.errors"),
}


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for p in PACKAGES for path in sorted((ROOT / p).rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


class Imports(ast.NodeVisitor):
    """The modules that a file imports; those for type checkers apart."""

    def __init__(self, tree):
        self.at_run_time, self.for_types = set(), set()
        self.found = self.at_run_time
        self.visit(tree)

    def visit_If(self, node):
        if ast.unparse(node.test) != "TYPE_CHECKING":
            return self.generic_visit(node)
        self.found = self.for_types
        for one in node.body:
            self.visit(one)
        self.found = self.at_run_time
        for one in node.orelse:
            self.visit(one)
        return None

    def visit_Import(self, node):
        self.found |= {alias.name for alias in node.names}

    def visit_ImportFrom(self, node):
        assert node.level == 0, f"relative import in line {node.lineno}"
        # A name may be a module of the package, or something in the package itself.
        for alias in node.names:
            submodule = f"{node.module}.{alias.name}"
            self.found.add(submodule if submodule in FILES else node.module)


IMPORTS = {name: Imports(tree) for name, tree in TREES.items()}


def package(module):
    return module.partition(".")[0]


def test_the_files_are_found():
    assert {"autograd", "autograd.engine", "autograd.ops.arithmetic", "nn", "optim"} <= set(FILES)
    assert "autograd.engine" in IMPORTS["autograd.tensor"].at_run_time
    assert "autograd.errors" in IMPORTS["autograd.operands"].at_run_time
    assert "autograd.tensor" in IMPORTS["autograd.function"].for_types
    assert "autograd.tensor" not in IMPORTS["autograd.function"].at_run_time


@pytest.mark.parametrize("module", FILES)
def test_a_package_imports_only_those_below_it(module):
    imported = IMPORTS[module].at_run_time | IMPORTS[module].for_types
    ours = {package(one) for one in imported} & {*PACKAGES, "tests", "examples", "benchmarks"}
    part = ".".join(module.split(".")[:2])
    may = MAY_IMPORT.get(part, MAY_IMPORT[package(module)])
    assert ours <= may | {package(module)}


@pytest.mark.parametrize("name", PACKAGES)
def test_no_module_imports_itself_by_a_detour(name):
    graph = {
        module: IMPORTS[module].at_run_time & set(FILES) - {module}
        for module in FILES
        if package(module) == name
    }
    list(graphlib.TopologicalSorter(graph).static_order())  # CycleError names the circle


@pytest.mark.parametrize("name", PACKAGES)
def test_importing_a_package_loads_numpy_and_nothing_else_from_outside(name):
    program = f"""
import sys
before = set(sys.modules)
import {name}
new = [m for m in set(sys.modules) - before if getattr(sys.modules[m], "__file__", None)]
print(*sorted({{m.partition(".")[0] for m in new}} - sys.stdlib_module_names))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) - set(PACKAGES) == {"numpy"}


@pytest.mark.parametrize("module", FILES)
def test_a_file_can_be_held_in_the_head(module):
    assert len(FILES[module].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("module", FILES)
def test_everything_public_is_explained(module):
    tree = TREES[module]
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and "overload" not in map(ast.unparse, node.decorator_list)
        and (isinstance(node, ast.ClassDef) or module not in WORDINGS)
    ]
    assert ast.get_docstring(tree) or FILES[module].stat().st_size == 0
    assert [node.name for node in public if not ast.get_docstring(node)] == []
