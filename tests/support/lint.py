"""A reader of rules: what in their text would break one of the five readings.

It reads the functions in `gradients`, `local_gradients` and `backward`, and the functions of the
same package that these name.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd import Function

# Questions about a value that only an ndarray or a number answers.
CONVERSIONS = {bool, complex, float, int, isinstance, iter, list, type}
WAYS_OUT = {"_data", "base", "data", "flags", "item", "numpy", "tolist"}
# What writes into an array that it is given.
WRITING_METHODS = {"at", "fill", "partition", "put", "resize", "setflags", "setfield", "sort"}
WRITING_FUNCTIONS = {np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask}

DISPATCHERS = (np.ufunc, type(np.concatenate))


def complaints(op: type[Function]) -> list[str]:
    """What is wrong with the rules of an operation."""
    s = op.signature
    functions = [rule.function for rule in s.rules]
    if s.backward:
        functions.append(s.backward[0])
    return [text for one in with_helpers(functions) for text in complaints_of(one)]


def with_helpers(functions: Iterable[Any]) -> Iterator[FunctionType]:
    """The functions, and those of their package whose names stand in them."""
    todo = [one for one in functions if isinstance(one, FunctionType)]
    seen = set(todo)
    for function in todo:  # the list grows while it is read
        yield function
        names = (node for text in texts(function) for node in ast.walk(text))
        for helper in (known(node, function) for node in names if isinstance(node, ast.Name)):
            ours = isinstance(helper, FunctionType) and package(helper) == package(function)
            if ours and helper not in seen:
                seen.add(helper)
                todo.append(helper)


def complaints_of(function: FunctionType) -> Iterator[str]:
    """What is wrong in the text of one function."""
    for text in texts(function):
        for node in ast.walk(text):
            if wrong := wrong_with(node, function):
                yield f"{function.__module__}, line {node.lineno}: {wrong}"  # type: ignore[attr-defined]


def wrong_with(node: ast.AST, function: FunctionType) -> str | None:
    """Why a piece of a rule does not belong there; None if it does."""
    if isinstance(node, ast.AugAssign):
        return "writes in place"
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return "writes in place"
    if isinstance(node, ast.Attribute) and node.attr in WAYS_OUT:
        return f".{node.attr} leaves the reading"
    if not isinstance(node, ast.Call):
        return None
    settings = {keyword.arg for keyword in node.keywords}
    called = known(node.func, function)
    if "out" in settings or called in WRITING_FUNCTIONS:
        return "writes in place"
    if isinstance(node.func, ast.Attribute) and node.func.attr in WRITING_METHODS:
        return "writes in place"
    if called in CONVERSIONS:
        return f"{called.__name__}() asks for a value or its kind"
    of_numpy = str(getattr(called, "__module__", None)).startswith("numpy")
    if of_numpy and not isinstance(called, DISPATCHERS) and "like" not in settings:
        return f"np.{called.__name__} does not dispatch"
    return None


def known(node: ast.AST, function: FunctionType) -> Any:
    """What a name or a dotted name in a function's text stands for; None if it is its own."""
    if isinstance(node, ast.Attribute):
        owner = known(node.value, function)
        return getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
    if not isinstance(node, ast.Name) or node.id in function.__code__.co_varnames:
        return None
    around = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    enclosing = {name: cell.cell_contents for name, cell in around}
    return {**vars(builtins), **function.__globals__, **enclosing}.get(node.id)


def texts(function: FunctionType) -> list[ast.AST]:
    """The function's text; those of all that start in its line and take the same parameters."""
    code = function.__code__
    names = [*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]]
    found = functions_in(code.co_filename).get((code.co_firstlineno, *names), [])
    assert found, f"the text of {function.__qualname__} is not where its code says"
    return found


@cache
def functions_in(file: str) -> dict[tuple[Any, ...], list[ast.AST]]:
    """The texts of the functions in a file, by first line and names of parameters."""
    found: dict[tuple[Any, ...], list[ast.AST]] = {}
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Lambda | ast.FunctionDef):
            first = min(one.lineno for one in (node, *getattr(node, "decorator_list", [])))
            names = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
            found.setdefault((first, *names), []).append(node)
    return found


def package(function: FunctionType) -> str:
    """The package that a function is from."""
    return function.__module__.partition(".")[0]
