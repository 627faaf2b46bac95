"""A stand-in for arrays of another library (CuPy, say): it speaks NumPy's protocols, strictly.

Whatever would take such an array out of its own memory raises: conversion to an ndarray or to a
Python number, iteration, meeting an ndarray that has axes. So does writing into what is frozen.
What runs here runs wherever arrays live.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

# Functions that answer about shapes and dtypes, or in text, rather than with arrays.
ASKS = frozenset((np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.array2string))


class Foreign(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that is no ndarray. Made of one, by copy, it is frozen: nobody may write into it."""

    __slots__ = ("_native",)

    def __init__(self, array: Any) -> None:
        self._native = np.array(array)
        freeze(self)

    shape = property(lambda self: self._native.shape)
    ndim = property(lambda self: self._native.ndim)
    size = property(lambda self: self._native.size)
    dtype = property(lambda self: self._native.dtype)
    T = property(lambda self: foreign(self._native.T))
    mT = property(lambda self: foreign(self._native.mT))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        if method == "at":
            place, key, *values = inputs
            return ufunc.at(native(place), bare(key), *checked(values))
        if any(hasattr(type(x), "__autograd_call__") for x in inputs):
            return NotImplemented  # a Tensor knows what to do
        return run(getattr(ufunc, method), inputs, settings)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if not all(issubclass(one, Foreign | np.ndarray) for one in types):
            return NotImplemented
        return run(function, args, kwargs)

    def __getitem__(self, key: Any) -> Foreign:
        return foreign(self._native[bare(key)])

    def __setitem__(self, key: Any, values: Any) -> None:
        self._native[bare(key)] = checked(values)

    def __len__(self) -> int:
        return len(self._native)

    def __repr__(self) -> str:
        return f"Foreign({self._native!r})"

    def __autograd_guard__(self, message: str) -> None:
        """A condition on values: the one place where a value may be looked at."""
        if not self._native:
            raise ValueError(message)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a foreign array does not leave its own memory unasked")

    __array__ = __bool__ = __float__ = __int__ = __index__ = __complex__ = __iter__ = _refuse
    item = tolist = _refuse


def _add_method(name: str) -> None:
    function = getattr(np.ndarray, name)
    setattr(Foreign, name, lambda self, *args, **kwargs: run(function, (self, *args), kwargs))


for _name in (
    *("sum", "mean", "var", "std", "max", "min", "argmax", "argmin", "all", "any", "astype"),
    *("reshape", "transpose", "squeeze", "ravel", "clip", "copy", "view"),
):
    _add_method(_name)


def run(function: Any, args: Any, settings: Any) -> Any:
    """Call a NumPy function on the values; the arrays and numbers it answers are foreign again."""
    answer = function(*checked(args), **checked(settings))
    out = settings.get("out")
    if out is not None:
        return out[0] if isinstance(out, tuple) else out
    return answer if function in ASKS else foreign(answer)


def foreign(answer: Any) -> Any:
    """What NumPy answered, as foreign arrays; a view of what is frozen is frozen too."""
    if isinstance(answer, list | tuple):
        make = getattr(answer, "_make", type(answer))  # a named tuple has a maker of its own
        return make(map(foreign, answer))
    array = object.__new__(Foreign)
    array._native = np.asarray(answer)
    return array


def checked(given: Any) -> Any:
    """As `bare`. Raises TypeError if an ndarray with axes is among what is given."""
    if isinstance(given, tuple | list):
        return type(given)(map(checked, given))
    if isinstance(given, dict):
        return {name: checked(one) for name, one in given.items()}
    if isinstance(given, np.ndarray) and given.ndim:
        raise TypeError(f"an ndarray of shape {given.shape} meets a foreign array")
    return bare(given)


def bare(given: Any) -> Any:
    """What is given, with the values in place of foreign arrays."""
    if isinstance(given, tuple | list):
        return type(given)(map(bare, given))
    return given._native if isinstance(given, Foreign) else given


def native(array: Any) -> Any:
    """The values of a foreign array."""
    assert type(array) is Foreign, f"{type(array).__name__} is no foreign array"
    return array._native


def freeze(*arrays: Foreign) -> None:
    """From now on, writing into these raises ValueError, as for an ndarray that is read-only."""
    for array in arrays:
        array._native.flags.writeable = False
