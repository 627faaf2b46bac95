"""What recordings know of NumPy's functions."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

# They write into their first argument, and answer nothing.
WRITES = frozenset((operator.setitem, np.add.at, np.copyto, np.put_along_axis))

# Answered from the shape and dtype, or for a person to read: nothing to record.
ASKS = frozenset(
    (
        *(np.shape, np.ndim, np.size, np.result_type, np.can_cast),
        *(np.array2string, np.array_repr, np.array_str),
    )
)

# What Python's operators call: of Python's numbers they make such, other functions NumPy's.
OPERATORS = frozenset(
    (
        *(np.add, np.subtract, np.multiply, np.divide, np.floor_divide, np.remainder, np.power),
        *(np.negative, np.positive, np.absolute),
    )
)

# Functions whose answer has another shape for other values.
SHAPED_BY_VALUES = frozenset(
    (np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.compress, np.extract)
)

METHODS: dict[str, Any] = {
    name: getattr(np, name)
    for name in (
        *("sum", "prod", "mean", "var", "std", "max", "min", "all", "any", "argmax", "argmin"),
        *("cumsum", "cumprod", "clip", "squeeze", "swapaxes", "repeat", "take", "diagonal"),
        *("trace", "ravel", "dot", "round", "argsort", "copy"),
    )
}
