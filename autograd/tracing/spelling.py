"""How what a NumPy call is made of is written in Python: functions, values, keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

MODULES = {"np": np, "np.linalg": np.linalg, "np.lib.stride_tricks": np.lib.stride_tricks}

Named = Callable[[Any], str | None]  # what an array is called; None for what is no array


def function_text(function: Any) -> str:
    """A NumPy function as a program has it, such as "np.linalg.norm" or "np.add.reduce"."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"np.{owner.__name__}.{function.__name__}"
    name = function.__name__
    where = (path for path, module in MODULES.items() if getattr(module, name, None) is function)
    return f"{next(where)}.{name}"


def value_text(value: Any, named: Named) -> str:
    """A value as a program has it; arrays, also in lists and tuples, by their names."""
    name = named(value)
    if name is not None:
        return name
    if isinstance(value, tuple | list):
        items = ", ".join(value_text(one, named) for one in value)
        if isinstance(value, list):
            return f"[{items}]"
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, float) and not np.isfinite(value):
        return f"-np.{abs(value)}" if value == -np.inf else f"np.{value}"
    if isinstance(value, np.generic):
        return f"np.{value.dtype.name}({value_text(value.item(), named)})"
    if isinstance(value, np.dtype | type):
        return f"np.{np.dtype(value).name}"
    return repr(value)


def key_text(key: Any, named: Named) -> str:
    """An index as it stands between brackets."""
    if isinstance(key, tuple) and key:
        return ", ".join(key_text(one, named) for one in key) + ("," if len(key) == 1 else "")
    if isinstance(key, slice):
        parts = ["" if x is None else value_text(x, named) for x in (key.start, key.stop, key.step)]
        return ":".join(parts if parts[2] else parts[:2])
    return "..." if key is Ellipsis else value_text(key, named)
