"""How a call is written in a few characters: operation, numbers among its operands, settings."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd import ops
from autograd.function import Function
from autograd.symbols.expression import Apply, Expression, Name, Several

INFIX: dict[type[Function], str] = {
    ops.Add: "+",
    ops.Subtract: "−",
    ops.Multiply: "×",
    ops.Divide: "/",
    ops.Power: "**",
    ops.MatMul: "@",
    ops.Greater: ">",
    ops.GreaterEqual: "≥",
    ops.Less: "<",
    ops.LessEqual: "≤",
    ops.Equal: "=",
    ops.NotEqual: "≠",
}

Shapes = Mapping[str, tuple[int, ...]]  # of the operands that are arrays, by name
Numbers = Mapping[str, Any]  # the operands that are Python numbers


def is_number(value: Any) -> bool:
    """Whether operations take `value` as a plain number rather than as an array."""
    return isinstance(value, int | float | np.generic)


def label_of(
    op: type[Function], shapes: Shapes, numbers: Numbers, settings: Mapping[str, Any]
) -> str:
    """The operation as a formula has it: "+", "× 2", "[:, 0]"; else its name.

    An operand of which nothing is known shows as "…".
    """
    if op is ops.GetItem and "key" in settings:
        return _index(settings["key"])
    if op is ops.Square:
        return "** 2"
    if op not in INFIX:
        return op.__name__
    left, right = (
        _number(numbers[n]).replace("-", "−") if n in numbers else "" if n in shapes else "…"
        for n in op.signature.inputs
    )
    return f"{left} {INFIX[op]} {right}".strip()


def settings_of(
    op: type[Function],
    shapes: Shapes,
    numbers: Numbers,
    settings: Mapping[str, Any],
    ndim: int,
) -> tuple[str, ...]:
    """The settings that differ from their defaults, and the numbers that the label leaves out.

    Axes are counted from the front, in the array that has more of them: `ndim`.
    """
    if op is ops.GetItem:
        return ()
    shown = [] if op in INFIX else [f"{name}={_number(x)}" for name, x in numbers.items()]
    for name, value in settings.items():
        if not _is_default(op, name, value, shapes, numbers):
            shown.append(f"{name}={_value(name, value, ndim)}")
    return tuple(shown)


def _is_default(
    op: type[Function], name: str, value: Any, shapes: Shapes, numbers: Numbers
) -> bool:
    """Whether a setting, which comes in its normalised form, is what it would be if left out."""
    read = op.signature
    if name not in read.defaults:
        return False
    default = read.defaults[name]
    if name in read.normalize:
        normalize, needs = read.normalize[name]
        # Normalisation looks at shapes only; these arrays have them, and take no memory.
        arrays: dict[str, Any] = {n: np.broadcast_to(0.0, shape) for n, shape in shapes.items()}
        arrays |= {n: np.asarray(x) for n, x in numbers.items()}
        if read.variadic:
            arrays = {read.inputs[0]: list(arrays.values())}
        if any(need not in arrays and need not in read.defaults for need in needs):
            return False
        default = normalize(*(arrays.get(n, read.defaults.get(n)) for n in needs))
    return type(value) is type(default) and bool(value == default)


def _value(name: str, value: Any, ndim: int) -> str:
    if name in ("axis", "axes"):
        axes = value if isinstance(value, tuple) else (value,)
        if ndim and all(isinstance(axis, int) for axis in axes):
            axes = tuple(axis % ndim for axis in axes)
            return str(axes[0] if len(axes) == 1 else axes)
    if name == "key":
        return _index(value)
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.dtype}"
    if is_number(value):
        return _number(value)
    return str(value) if isinstance(value, np.dtype) else reprlib.repr(value)


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _index(key: Any) -> str:
    return f"[{', '.join(_index_parts(key if isinstance(key, tuple) else (key,)))}]"


def _index_parts(key: tuple[Any, ...]) -> Iterator[str]:
    for one in key:
        if isinstance(one, slice):
            start, stop, step = (
                "" if n is None else str(n) for n in (one.start, one.stop, one.step)
            )
            yield f"{start}:{stop}" + (f":{step}" if step else "")
        elif one is Ellipsis:
            yield "..."
        elif isinstance(one, np.ndarray):
            yield f"{one.shape} {one.dtype}"
        else:
            yield str(one)


def renamed(tree: Expression, names: Mapping[str, str]) -> Expression:
    """An expression with other names in it."""
    match tree:
        case Name(text):
            return Name(names.get(text, text))
        case Several(items):
            return Several(tuple(renamed(one, names) for one in items))
        case Apply(function, args, settings):
            return Apply(
                function,
                tuple(renamed(one, names) for one in args),
                {key: renamed(one, names) for key, one in settings.items()},
            )
    return tree
