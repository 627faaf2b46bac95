"""What the variables of a graph are called in the code that made them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.function import Output
from autograd.tensor import Tensor

# What identifies a value: a leaf or an array by itself, a result by its node and which output.
Place = tuple[int, int | None]


def place_of(value: Any) -> Place:
    """The place of a Tensor, a node or an array. It holds for as long as the value lives."""
    origin = value.edge() if isinstance(value, Tensor) else value
    if isinstance(origin, Output):
        return id(origin.edges[0]), origin.index
    return id(origin), None


def scope_of(function: Callable[..., Any], args: tuple[Any, ...]) -> dict[str, Any]:
    """What a function sees, by name: variables from outside that it refers to, its arguments.

    A model (which has a `forward`) and the owner of a method are part of it.
    """
    code = getattr(function, "forward", function)
    owner = getattr(code, "__self__", function)
    scope: dict[str, Any] = {type(owner).__name__: owner}
    try:
        seen = inspect.getclosurevars(code)
        scope |= {**seen.globals, **seen.nonlocals}
    except (TypeError, ValueError):
        pass  # not written in Python, or refers to a variable that has no value yet
    try:
        bound = inspect.signature(code).bind(*args)
        bound.apply_defaults()
        scope |= bound.arguments
    except (TypeError, ValueError):
        pass  # does not say what its parameters are
    return scope


def names_in(scope: Mapping[str, Any]) -> dict[Place, str]:
    """The names of what is in a scope, and of the Tensors in its lists, dicts and models.

    A parameter of a model is called as the model does (with the model's own name before it, if
    there are several models), another Tensor by its `name`, anything else as in the scope.
    """
    names = {}
    for name, value in scope.items():
        names[place_of(value)] = name  # a list of numbers may be an operand as it stands
        for part_name, part in parts_of(name, value).items():
            names[place_of(part)] = getattr(part, "name", None) or part_name
    models = {}
    for name, value in scope.items():
        if hasattr(value, "named_parameters") and not isinstance(value, type):
            parameters = dict(value.named_parameters())
            if parameters:
                models[id(value)] = name, parameters
    for name, parameters in models.values():
        prefix = f"{name}." if len(models) > 1 else ""
        names |= {place_of(one): prefix + dotted for dotted, one in parameters.items()}
    return names


def parts_of(name: str, value: Any) -> dict[str, Any]:
    """The Tensors and arrays that `value` is or directly holds, by the expression for each."""
    if isinstance(value, Tensor | np.ndarray):
        return {name: value}
    if isinstance(value, list | tuple):
        items = {f"{name}[{i}]": one for i, one in enumerate(value)}
    elif isinstance(value, dict):
        items = {f"{name}[{key!r}]": one for key, one in value.items()}
    else:
        return {}
    return {n: one for n, one in items.items() if isinstance(one, Tensor | np.ndarray)}
