"""From anything a person types to an array of a dtype that the engine computes with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

_default: np.dtype[Any] = np.dtype(np.float32)


def set_default_dtype(dtype: DTypeLike) -> None:
    """Set the dtype that Python numbers and lists become: float32 (as it starts), float64, float16.

    Raises TypeError for a dtype that is not floating.
    """
    global _default
    wanted = np.dtype(dtype)
    if wanted.kind != "f":
        raise TypeError(f"The default dtype must be floating (float32, float64), not {wanted}.")
    _default = wanted


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python numbers and lists become."""
    return _default


def as_array(data: Any, dtype: DTypeLike | None = None) -> Any:
    """`data` as an array: arrays as they are (shared, not copied), numbers and lists converted.

    NumPy's scalars keep their dtype, as arrays do; Python's numbers become the default dtype.

    Raises TypeError for what has no real numbers in it (text, objects, complex numbers) and
    ValueError for nested lists of unequal lengths.
    """
    if isinstance(data, np.generic):
        data = np.asarray(data)  # a NumPy number has a dtype of its own
    elif isinstance(data, np.ndarray) and type(data) is not np.ndarray:
        data = plain(data)
    if not hasattr(data, "__array_function__"):  # not an array already, of NumPy or another library
        if _holds_tensors(data):
            raise TypeError(
                "A list of Tensors would lose their history as one Tensor. Join them with "
                "autograd.stack(list) along a new axis, or autograd.concatenate(list) along one "
                "they have."
            )
        try:
            data = np.asarray(data)
        except ValueError as error:
            raise ValueError(
                f"The nested lists have unequal lengths, so they are no array ({error}). "
                "Pad them to one length, or make one Tensor for each."
            ) from None
        if dtype is None and data.dtype.kind in "iuf":
            dtype = _default
    if dtype is not None and data.dtype.kind != "c":  # no imaginary part is dropped
        data = data.astype(dtype, copy=False)
    real(data.dtype)
    return data


def real(dtype: DTypeLike) -> np.dtype[Any]:
    """The dtype, if Tensors may have it. Raises TypeError for complex numbers, text, objects."""
    wanted = np.dtype(dtype)
    if wanted.kind not in "fiub":
        reason = {
            "c": "Derivatives here are of real functions; keep real and imaginary part apart.",
            "O": "Python objects cannot be computed with; convert to numbers first.",
            "U": "Text cannot be computed with; encode it as numbers first.",
        }.get(wanted.kind, "Convert it to a floating, integer or boolean array first.")
        raise TypeError(f"A Tensor holds real numbers, not {wanted}. {reason}")
    return wanted


def plain(array: Any) -> Any:
    """An array of a subclass (np.matrix, np.memmap) as a plain one, in the same memory."""
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError(
            "A masked array hides entries that a Tensor would compute with. Fill them first: "
            "array.filled(0)."
        )
    return np.asarray(array)


def _holds_tensors(data: Any) -> bool:
    if isinstance(data, list | tuple):
        return any(_holds_tensors(one) for one in data)
    return hasattr(type(data), "__autograd_call__")
