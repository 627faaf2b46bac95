"""NumPy's numbers beside Tensors, in recordings: there they count as Python's do.

A recording holds them as arrays without axes, which NumPy would let widen a dtype.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def without_widening(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments of a call, where weak numbers have the dtype that Python's would have there."""
    if not any(map(_is_weak, args)) or only_weak(args):
        return args
    others = [one.dtype for one in args if hasattr(one, "dtype") and not _is_weak(one)]
    like = {"f": 0.0, "b": False}
    return tuple(
        one.astype(np.result_type(*others, like.get(one.dtype.kind, 0)), copy=False)
        if _is_weak(one)
        else one
        for one in args
    )


def only_weak(args: tuple[Any, ...]) -> bool:
    """Whether weak numbers are among them, and no other arrays or NumPy numbers."""
    return any(map(_is_weak, args)) and all(_is_weak(one) for one in args if hasattr(one, "dtype"))


def _is_weak(one: Any) -> bool:
    return getattr(one, "is_weak", False)
