"""What the variables of a graph are called in the code that made them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from autograd.places import parts_of
from autograd.tape import origin_of

# What identifies a value: a leaf or an array by itself, a result by its node and which output.
Place = tuple[int, int | None]


def place_of(value: Any) -> Place:
    """The place of a Tensor, a node or an array. It holds for as long as the value lives."""
    origin, index = origin_of(value)
    return id(origin), index


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


def names_in(scope: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What is in a scope, and the Tensors in its lists, dicts and models, each with its name.

    A parameter of a model is called as the model does (with the model's own name before it, if
    there are several models), another Tensor by its `name`, anything else as in the scope. What
    stands twice has the later name.
    """
    names = []
    for name, value in scope.items():
        names.append((name, value))  # a list of numbers may be an operand as it stands
        for part_name, part in parts_of(name, value).items():
            names.append((getattr(part, "name", None) or part_name, part))
    models = {}
    for name, value in scope.items():
        if hasattr(value, "named_parameters") and not isinstance(value, type):
            parameters = dict(value.named_parameters())
            if parameters:
                models[id(value)] = name, parameters
    for name, parameters in models.values():
        prefix = f"{name}." if len(models) > 1 else ""
        names += [(prefix + dotted, one) for dotted, one in parameters.items()]
    return names
