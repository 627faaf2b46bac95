"""Reading the arguments of NumPy's functions: shapes, axes, whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.broadcasting import Shape, negative_axes, negative_axis
from autograd.dtypes import as_array
from autograd.ops.elementwise import Detach

if TYPE_CHECKING:
    from autograd.tensor import Tensor


def values_of(x: Any) -> Any:
    """What a Tensor holds; anything else as it is."""
    return getattr(x, "_data", x)


def shape_of(x: Any) -> Shape:
    """The shape of a Tensor, an array, a number or nested lists."""
    shape: Shape = np.shape(values_of(x))
    return shape


def dtype_of(x: Any) -> np.dtype[Any]:
    """The dtype of a Tensor, an array, or what numbers and nested lists become."""
    dtype: np.dtype[Any] = as_array(values_of(x)).dtype
    return dtype


def as_tensor(x: Any) -> Tensor:
    """A Tensor as it is; anything else as one without history."""
    return x if hasattr(x, "_data") else Detach.apply(x)


def alike(*operands: Any, dtype: Any = None) -> list[Any]:
    """Operands that meet in one function: numbers and lists take the dtype of the arrays.

    That is `dtype`, or the common one of those that have one; it is widened from whole numbers to
    floating ones where numbers need it. So float64 loses no digits, and float32 is not widened.
    """
    dtypes = [dtype_of(x) for x in operands if hasattr(x, "dtype")]
    if dtype is None and not dtypes:
        return list(operands)
    common = np.result_type(*dtypes) if dtype is None else dtype
    return [x if hasattr(x, "dtype") else _numbers(x, common) for x in operands]


def _numbers(x: Any, dtype: Any) -> Any:
    as_array(x)  # refuses what holds no numbers, or Tensors, whose history would be lost
    array = np.asarray(x)
    kind = {"f": 0.0, "b": False}.get(array.dtype.kind, 0) if array.size else False
    return array.astype(np.result_type(dtype, kind))


def axis_of(x: Any, axis: Any, function: str) -> int:
    """An axis of x, counted from the end. Raises AxisError or TypeError, naming the function."""
    place: int = axes_of(x, axis, function, negative_axis)
    return place


def axes_of(x: Any, axis: Any, function: str, read: Any = negative_axes) -> Any:
    """Axes of x (None: all), counted from the end. Raises as `axis_of`, or ValueError."""
    shape = shape_of(x)
    try:
        return read(tuple(axis) if np.iterable(axis) else axis, len(shape))
    except (TypeError, ValueError) as error:
        raise type(error)(f"{function}: {error}; the array has shape {shape}.") from None


def at_axis(part: Any, axis: int) -> tuple[Any, ...]:
    """The key that applies `part` along an axis (negative)."""
    return (..., part, *[slice(None)] * (-axis - 1))


def whole_numbers(indices: Any, function: str) -> Any:
    """Indices as an array of whole numbers. Raises TypeError for others."""
    found = values_of(indices)
    if not hasattr(found, "dtype"):
        found = np.asarray(found, dtype=None if np.size(found) else np.intp)
    if found.dtype.kind == "b":
        return found.astype(np.intp)
    if found.dtype.kind not in "iu":
        raise TypeError(
            f"{function}: indices are whole numbers, and these are {found.dtype}. "
            "Convert them if they are meant: indices.astype(int)."
        )
    return found
