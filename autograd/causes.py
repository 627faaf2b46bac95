"""Why a call made a NaN or an infinity: the common causes, and what to write instead.

Each function takes a call's values by name (arrays, and numbers as they stand) and answers the
cause and the fix, or None if it was something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import ops
from autograd.function import Function

Values = Mapping[str, Any]
Cause = tuple[str, str]


def forward_cause(op: type[Function], values: Values, result: np.ndarray[Any, Any]) -> Cause:
    """The likely cause, given the inputs of a call and its result."""
    find = _FORWARD.get(op)
    return (find(values) if find else None) or _general(values, result)


def backward_cause(op: type[Function], kept: Values, gradient: np.ndarray[Any, Any]) -> Cause:
    """The likely cause, given what a node kept, the upstream gradient `g`, and what it sent."""
    find = _BACKWARD.get(op)
    return (find(kept) if find else None) or _general(kept, gradient)


def _general(values: Values, made: np.ndarray[Any, Any]) -> Cause:
    numbers = [x for x in values.values() if getattr(x, "dtype", made.dtype).kind == "f"]
    if any(np.isinf(x).any() for x in numbers) and np.isnan(made).any():
        return (
            "an infinity came in, and ∞ − ∞, 0 · ∞ and ∞ / ∞ are not numbers",
            "in place of −inf, mask with a number that is only very small, such as -1e9; a row "
            "must not be masked as a whole",
        )
    largest = np.finfo(made.dtype).max
    return (
        f"the result is beyond the largest {made.dtype}, {largest:.3g}",
        "training that diverges needs a smaller learning rate; else scale the data and the initial "
        "weights, or compute in a wider dtype",
    )


def _entries(count: Any, what: str) -> str:
    return f"1 entry {what} is" if count == 1 else f"{count} entries {what} are"


def _log(values: Values) -> Cause | None:
    zeros, negative = np.sum(values["x"] == 0), np.sum(values["x"] < 0)
    if not zeros and not negative:
        return None
    if negative:
        why = f"there is no logarithm of negative numbers, and {_entries(negative, 'of x')} such"
    else:
        why = f"the logarithm of 0 is −∞, and {_entries(zeros, 'of x')} 0"
    return why, (
        "for log(softmax(x)) write autograd.log_softmax(x), which cannot underflow; else keep away "
        "from 0: x.clip(1e-12).log()"
    )


def _divide(values: Values) -> Cause | None:
    zeros = values["y"] == 0
    if not np.any(zeros):
        return None
    both = np.sum(zeros & (values["x"] == 0))
    why = f"{_entries(np.sum(zeros), 'of y')} 0" + (f", {both} of them below a 0" if both else "")
    return f"division by 0: {why}", (
        "add a small number to the divisor, x / (y + 1e-12), or choose it first: "
        "x / autograd.where(y == 0, 1, y)"
    )


def _exp(values: Values) -> Cause | None:
    x = values["x"]
    dtype = getattr(x, "dtype", np.dtype(float))
    largest = np.log(np.finfo(dtype).max) if dtype.kind == "f" else np.inf
    if not np.max(x) > largest:
        return None
    return (
        f"the exponential of anything above {largest:.4g} is beyond the largest {dtype}",
        "subtract the largest entry first, (x - x.max()).exp(), as autograd.softmax and "
        "autograd.log_softmax do",
    )


def _sqrt(values: Values) -> Cause | None:
    negative = np.sum(values["x"] < 0)
    if not negative:
        return None
    why = f"there is no square root of negative numbers, and {_entries(negative, 'of x')} such"
    return why, "x.clip(0).sqrt(), if rounding made them negative; else look at how x is computed"


def _power(values: Values) -> Cause | None:
    x, y = values["x"], values["y"]
    if np.any((x == 0) & (y < 0)):
        return "0 to a negative power is a division by 0", "keep x away from 0: x.clip(1e-12) ** y"
    if np.any((x < 0) & (y != np.round(y))):
        return (
            "there is no broken power of negative numbers",
            "take powers of autograd.abs(x), or use a whole exponent",
        )
    return None


def _masked_row(values: Values) -> Cause | None:
    if not np.any(np.isneginf(values["x"])):
        return None
    return (
        "a row of −inf only has no softmax: all its entries are masked",
        "leave one entry of each row unmasked, or mask with a number such as -1e9",
    )


def _slope_of_sqrt(kept: Values) -> Cause | None:
    zeros = np.sum(kept["out"] == 0)
    if not zeros:
        return None
    return (
        f"the slope of the square root is infinite at 0, and {_entries(zeros, 'of its input')} 0",
        "add a small number under the root: (x + 1e-12).sqrt(). For a standard deviation of equal "
        "numbers: (x.var() + 1e-12).sqrt()",
    )


def _slope_of_power(kept: Values) -> Cause | None:
    if not np.any((kept.get("x", 1) == 0) & (np.less(kept.get("y", 1), 1))):
        return None
    return (
        "a power below 1 has an infinite slope at 0, and there are entries that are 0",
        "add a small number first: (x + 1e-12) ** y",
    )


_FORWARD: dict[type[Function], Callable[[Values], Cause | None]] = {
    ops.Log: _log,
    ops.Divide: _divide,
    ops.Exp: _exp,
    ops.Sqrt: _sqrt,
    ops.Power: _power,
    ops.Softmax: _masked_row,
    ops.LogSoftmax: _masked_row,
}
_BACKWARD: dict[type[Function], Callable[[Values], Cause | None]] = {
    ops.Sqrt: _slope_of_sqrt,
    ops.Power: _slope_of_power,
}
