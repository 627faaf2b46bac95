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
    lines = [f"{op.__name__}: {headline.rstrip('.')}.", *_operands(op, inputs)]
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
    if op.signature.elementwise and len(shapes) > 1:
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            return _broadcast_clash(op.signature.inputs, shapes)
    return None


def _broadcast_clash(names: Any, shapes: list[tuple[int, ...]]) -> tuple[str, str]:
    ndim = max(map(len, shapes))
    rows = [("1",) * (ndim - len(s)) + tuple(map(str, s)) for s in shapes]
    clash = max(i for i in range(ndim) if len({row[i] for row in rows if row[i] != "1"}) > 1)
    sizes = [row[clash] for row in rows if row[clash] != "1"]
    headline = (
        f"shapes {' and '.join(map(str, shapes))} do not broadcast: axis {clash - ndim} "
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
