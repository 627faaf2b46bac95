"""Expressions as trees: names, numbers, and functions applied to expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Name:
    """A value by its name."""

    text: str


@dataclass(frozen=True)
class Constant:
    """A number, or anything else that stands for itself: a shape, a key, an array."""

    value: Any


@dataclass(frozen=True)
class Apply:
    """A function applied to expressions: a NumPy function or an operation's class."""

    function: Any
    args: tuple[Expression, ...]
    settings: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True)
class Several:
    """A list or tuple of expressions, as an argument."""

    items: tuple[Expression, ...]


Expression = Name | Constant | Apply | Several


def evaluate(tree: Expression, values: Mapping[str, Any]) -> Any:
    """What the expression is for given values of its names."""
    match tree:
        case Name(text):
            return values[text]
        case Constant(value):
            return value
        case Several(items):
            return tuple(evaluate(one, values) for one in items)
        case Apply(function, args, settings):
            given = [evaluate(one, values) for one in args]
            named = {name: evaluate(one, values) for name, one in settings.items()}
            return getattr(function, "forward", function)(*given, **named)
