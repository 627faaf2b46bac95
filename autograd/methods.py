"""NumPy's methods beyond the everyday ones: each is the NumPy function of the same name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

if TYPE_CHECKING:
    from autograd.tensor import Tensor


class Methods:
    """The methods of a Tensor that are looked up when called; the everyday ones are written out."""

    __slots__ = ()
    _data: Any

    # Operators that few programs use

    def __mod__(self, other: Any) -> Tensor:
        return np.remainder(self, other)  # type: ignore[call-overload,no-any-return]

    def __rmod__(self, other: Any) -> Tensor:
        return np.remainder(other, self)  # type: ignore[call-overload,no-any-return]

    def __floordiv__(self, other: Any) -> Tensor:
        return np.floor_divide(self, other)  # type: ignore[call-overload,no-any-return]

    def __rfloordiv__(self, other: Any) -> Tensor:
        return np.floor_divide(other, self)  # type: ignore[call-overload,no-any-return]

    def __divmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return np.divmod(self, other)  # type: ignore[call-overload,no-any-return]

    def __rdivmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return np.divmod(other, self)  # type: ignore[call-overload,no-any-return]

    def __xor__(self, other: Any) -> Tensor:
        return np.bitwise_xor(self, other)  # type: ignore[call-overload,no-any-return]

    def __rxor__(self, other: Any) -> Tensor:
        return np.bitwise_xor(other, self)  # type: ignore[call-overload,no-any-return]

    # Another arrangement

    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Two axes exchanged."""
        return self._apply(np.swapaxes, axis1, axis2)

    def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
        """Each entry several times in a row, along `axis` (None: as one row)."""
        return self._apply(np.repeat, repeats, axis)

    def copy(self) -> Tensor:
        """A copy with memory of its own; a gradient flows through."""
        return self._apply(np.copy)

    # Entries chosen, and in order

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> Tensor:
        """The entries with these numbers along `axis` (None: in one row)."""
        return self._apply(np.take, indices, axis, mode=mode)

    def compress(self, condition: Any, axis: int | None = None) -> Tensor:
        """The entries along `axis` (None: in one row) for which the condition holds."""
        return np.compress(condition, self, axis)  # type: ignore[call-overload,no-any-return]

    def choose(self, choices: Any, mode: str = "raise") -> Tensor:
        """For each whole number that of the choices with this number."""
        return self._apply(np.choose, choices, mode=mode)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """The entries on a diagonal of two axes."""
        return self._apply(np.diagonal, offset, axis1, axis2)

    def nonzero(self) -> tuple[Tensor, ...]:
        """The places of the entries that are not 0, as an index key; no gradient."""
        return np.nonzero(self)  # type: ignore[arg-type,return-value]

    def argsort(self, axis: int | None = -1, kind: Any = None, *, stable: Any = None) -> Tensor:
        """The numbers of the entries along `axis` in rising order; no gradient."""
        return self._apply(np.argsort, axis, kind, stable=stable)

    def argpartition(self, kth: Any, axis: int | None = -1, kind: str = "introselect") -> Tensor:
        """The numbers of the entries along `axis`, with the `kth` in its place; no gradient."""
        return self._apply(np.argpartition, kth, axis, kind)

    def searchsorted(self, v: Any, side: str = "left", sorter: Any = None) -> Tensor:
        """Where among these rising numbers those of v belong; no gradient."""
        return self._apply(np.searchsorted, v, side, sorter)

    # Sums and products

    def prod(self, axis: Any = None, keepdims: bool = False, **unknown: Any) -> Tensor:
        """Product over `axis` (None: all)."""
        return self._apply(np.prod, axis=axis, keepdims=keepdims, **unknown)

    def cumsum(self, axis: int | None = None) -> Tensor:
        """Sums of all entries up to each, along `axis` (None: in one row)."""
        return self._apply(np.cumsum, axis)

    def cumprod(self, axis: int | None = None) -> Tensor:
        """Products of all entries up to each, along `axis` (None: in one row)."""
        return self._apply(np.cumprod, axis)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """Sum of the entries on a diagonal of two axes."""
        return self._apply(np.trace, offset, axis1, axis2)

    def dot(self, b: Any) -> Tensor:
        """Product as `np.dot`: for vectors and matrices that of x @ b."""
        return self._apply(np.dot, b)

    def round(self, decimals: int = 0) -> Tensor:
        """Rounded to so many decimals; the derivative is 0 wherever it exists."""
        return self._apply(np.round, decimals)

    # Facts, and the values as Python's own

    @property
    def itemsize(self) -> int:
        """The bytes that one entry takes."""
        return self._data.itemsize  # type: ignore[no-any-return]

    @property
    def nbytes(self) -> int:
        """The bytes that all entries take."""
        return self._data.nbytes  # type: ignore[no-any-return]

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers, without history."""
        return self._data.tolist()

    # What NumPy does in place

    def sort(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: as a method it sorts in place. Write np.sort(t)."""
        raise _in_place("sort", "np.sort(t, axis)")

    def partition(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: as a method it works in place. Write np.partition(t, kth)."""
        raise _in_place("partition", "np.partition(t, kth, axis)")

    def fill(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: it works in place. Write t[...] = value."""
        raise _in_place("fill", "np.full_like(t, value)")

    def put(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: it works in place. Write autograd.where(mask, values, t)."""
        raise _in_place("put", "autograd.where(mask, values, t)")

    def resize(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: as a method it works in place. Write np.resize(t, shape)."""
        raise _in_place("resize", "np.resize(t, shape)")

    def _apply(self, function: Callable[..., Any], *args: Any, **settings: Any) -> Tensor:
        """NumPy's function, which hands over to ours."""
        result: Tensor = function(self, *args, **settings)
        return result


def _in_place(method: str, instead: str) -> TypeError:
    return TypeError(
        f"t.{method}() changes an array in place, and a Tensor's history would not know. Compute a "
        f"new one: {instead}; entries of a Tensor without history are set by t[key] = values."
    )
