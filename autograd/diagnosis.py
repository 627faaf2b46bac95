"""Why a call of an operation failed: the operands by name and shape, what is wrong, what to write.

Every function returns an exception to raise; none is called before something has failed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# What a forward call may raise for operands that do not fit.
CALL_ERRORS = (ValueError, TypeError, IndexError, AttributeError, ZeroDivisionError)


def explain_call(
    op: Any, inputs: tuple[Any, ...], settings: dict[str, Any], error: Exception
) -> Exception:
    """The error of a forward call, with the operands by name and the likely fix."""
    arrays = [getattr(x, "_data", np.asarray(x) if isinstance(x, list) else x) for x in inputs]
    headline, fix = _diagnose(op, arrays) or (str(error), None)
    operands = _operands(op, inputs)
    shapes = [np.shape(a) for a in arrays]
    if op.signature.elementwise and _clashing_axis(shapes) is not None:
        operands = _side_by_side(operands, shapes)
    lines = [f"{op.__name__}: {headline.rstrip('.')}.", *operands]
    lines += [f"  {name}={value!r}" for name, value in settings.items() if value is not None]
    if fix:
        lines.append(f"  fix  {fix}")
    kind = type(error)
    try:
        return kind("\n".join(lines))
    except TypeError:  # an exception class that wants other arguments
        return ValueError("\n".join(lines))


def _diagnose(op: Any, arrays: list[Any]) -> tuple[str, str | None] | None:
    if op.diagnose is not None:
        try:
            found: tuple[str, str | None] | None = op.diagnose(*arrays)
        except Exception:  # the operands are stranger than the diagnosis expects
            found = None
        if found:
            return found
    shapes = [np.shape(a) for a in arrays]
    axis = _clashing_axis(shapes) if op.signature.elementwise else None
    return None if axis is None else _broadcast_clash(op.signature.inputs, shapes, axis)


def _clashing_axis(shapes: list[tuple[int, ...]]) -> int | None:
    """The last axis, counted from the end, whose lengths do not broadcast; None if all do."""
    for axis in range(-1, -1 - max(map(len, shapes), default=0), -1):
        if len({shape[axis] for shape in shapes if len(shape) >= -axis} - {1}) > 1:
            return axis
    return None


def _side_by_side(operands: list[str], shapes: list[tuple[int, ...]]) -> list[str]:
    """The operands, with their lengths aligned as broadcasting does, and a mark at the clash."""
    ndim = max(map(len, shapes))
    rows = [("",) * (ndim - len(shape)) + tuple(map(str, shape)) for shape in shapes]
    widths = [max(len(row[i]) for row in rows) for i in range(ndim)]
    lengths = ["  ".join(n.rjust(w) for n, w in zip(row, widths, strict=True)) for row in rows]
    longest = max(map(len, operands))
    axis = _clashing_axis(shapes)
    assert axis is not None
    end = longest + 4 + sum(widths[: ndim + axis + 1]) + 2 * (ndim + axis)
    both = zip(operands, lengths, strict=True)
    return [*(f"{one:<{longest}}    {row}" for one, row in both), " " * (end - 1) + "^"]


def _broadcast_clash(names: Any, shapes: list[tuple[int, ...]], axis: int) -> tuple[str, str]:
    sizes = [str(s[axis]) for s in shapes if len(s) >= -axis and s[axis] != 1]
    headline = (
        f"shapes {' and '.join(map(str, shapes))} do not broadcast: axis {axis} "
        f"has lengths {' and '.join(sizes)}"
    )
    if len(shapes) == 2 and len(shapes[0]) == 2 and shapes[0] == shapes[1][::-1]:
        return headline, f"transpose one of them: {names[1]}.T"
    longest = max(shapes, key=len)
    for name, shape in zip(names, shapes, strict=True):
        if len(shape) == 1 < len(longest) and shape[0] == longest[0]:
            return headline, (
                f"to go along the first axis, give {name} an axis: {name}[:, None], now {shape}"
            )
    return headline, "lengths must be equal, or one of them 1; reshape or transpose an operand"


def _operands(op: Any, inputs: tuple[Any, ...]) -> list[str]:
    names = op.signature.inputs
    if op.signature.variadic:
        names = tuple(f"{names[0]}[{i}]" for i in range(len(inputs)))
    width = max(map(len, names), default=0)
    return [f"  {n:<{width}}  {describe(x)}" for n, x in zip(names, inputs, strict=False)]


def describe(x: Any) -> str:
    """An operand in a few words: its name, shape and dtype."""
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        name = getattr(x, "name", None)
        return f"{f'{name!r} ' if name else ''}{x.shape} {x.dtype}"
    return f"{x!r} ({type(x).__name__})"


def unknown_settings(op: Any, inputs: tuple[Any, ...], given: dict[str, Any]) -> TypeError:
    s = op.signature
    unknown = {n: v for n, v in given.items() if n not in (*s.inputs, *s.settings)}
    known = f"its settings are {', '.join(s.settings)}" if s.settings else "it has no settings"
    names = ", ".join(f"{n}={v!r}" for n, v in unknown.items())
    hint = " NumPy's name for PyTorch's dim is axis." if "dim" in unknown else ""
    lines = [f"{op.__name__}: unknown setting {names}; {known}.{hint}", *_operands(op, inputs)]
    return TypeError("\n".join(lines))


def not_an_operand(value: Any) -> TypeError:
    kind = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
    return TypeError(
        f"Operations take Tensors, arrays of real numbers, and numbers, not {kind}. "
        f"What was given: {value!r:.80}"
    )


def uneven_split(length: int, sections: int, axis: int) -> ValueError:
    return ValueError(
        f"split: axis {axis} has length {length}, which is not {sections} equal sections. "
        f"Give the places to cut before instead, as a list, such as [{length // 2}]."
    )
