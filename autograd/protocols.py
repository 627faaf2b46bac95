"""How NumPy's own functions meet a Tensor: dispatched or refused, never silently detached."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

from autograd import errors
from autograd.function import Function

Implementation = TypeVar("Implementation", bound=Callable[..., Any])

VOCABULARY = "autograd.vocabulary"

# NumPy functions made of several operations, and those whose plain answer has no gradient.
COMPOSED: dict[Any, Callable[..., Any]] = {}


def implements(numpy_function: Any) -> Callable[[Implementation], Implementation]:
    """Say that the decorated function is what `numpy_function` does with Tensors."""

    def register(function: Implementation) -> Implementation:
        COMPOSED[numpy_function] = function
        return function

    return register


def _implementation(numpy_function: Any) -> Callable[..., Any] | None:
    """What `numpy_function` does with Tensors; None if it does not take them."""
    if numpy_function in COMPOSED:
        return COMPOSED[numpy_function]
    op = Function.by_numpy.get(numpy_function)
    if op is not None:
        return op.apply
    if VOCABULARY in sys.modules:
        return None
    importlib.import_module(VOCABULARY)  # what is not in the core is loaded when first needed
    return _implementation(numpy_function)


def read_only(array: Any) -> Any:
    """A view that cannot be written."""
    view = array.view()
    if isinstance(view, np.ndarray):
        view.flags.writeable = False
    return view


OTHER_NAMES = {  # what PyTorch calls it: what to write here
    "view": "t.reshape(shape)",
    "permute": "t.transpose(axes)",
    "unsqueeze": "autograd.expand_dims(t, axis)",
    "numel": "t.size",
    "dim": "t.ndim",
    "to": "t.astype(dtype); everything runs on the CPU",
    "cpu": "t itself; everything runs on the CPU",
    "cuda": "t itself; everything runs on the CPU",
    "float": "t.astype('float32')",
    "double": "t.astype('float64')",
    "long": "t.astype(int)",
    "softmax": "autograd.softmax(t, axis)",
    "log_softmax": "autograd.log_softmax(t, axis)",
    "pow": "t ** n",
    "norm": "np.linalg.norm(t)",
    "zero_": "t.copy_(0 * t.data)",
}


class _Elsewhere:
    """A name that a Tensor does not have; asked for, it says what to write here.

    (A `__getattr__` would say so too, but Python then reads every other attribute slowly.)
    """

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, tensor: Any, owner: type) -> Any:
        raise AttributeError(
            f"{owner.__name__!r} object has no attribute {self.name!r}. Write {self.instead}.",
            name=self.name,
            obj=tensor,
        )


class NumpyProtocols:
    """NumPy's protocols, Python's conversions and containers."""

    __slots__ = ()
    _data: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes."""
        return self._data.shape  # type: ignore[no-any-return]

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        function = _implementation(ufunc)
        if function is None or method != "__call__" or settings:
            raise errors.unsupported_ufunc(ufunc, method, settings)
        return function(*inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        implementation = _implementation(function)
        if implementation is None:
            raise errors.unsupported_function(function)
        return implementation(*args, **kwargs)

    @staticmethod
    def __autograd_call__(
        op: type[Function], inputs: tuple[Any, ...], settings: dict[str, Any]
    ) -> Any:
        return op.apply(*inputs, **settings)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        array = np.asarray(read_only(self._data))  # other libraries' arrays say whether they may
        return np.array(array, dtype, copy=copy) if copy or dtype is not None else array

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in OTHER_NAMES]

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("A single number has no len(); this Tensor has shape ().")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("A single number cannot be iterated over; this Tensor has shape ().")
        return (self[i] for i in range(self.shape[0]))  # type: ignore[index]

    def __contains__(self, value: Any) -> bool:
        return bool((self == value)._data.any())

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise errors.truth_of_many(self)
        return bool(self._data)

    def __float__(self) -> float:
        return float(self._single("float()"))

    def __int__(self) -> int:
        return int(self._single("int()"))

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu":
            raise TypeError(
                f"A Tensor of {self._data.dtype} cannot be an index. "
                "Use whole numbers: int(t), or t.astype(int) for an array of indices."
            )
        return int(self._single("an index"))

    def __format__(self, spec: str) -> str:
        return format(self._single("a format"), spec) if spec else repr(self)

    def _single(self, use: str) -> Any:
        if self._data.size != 1:
            raise errors.not_one_entry(self, use)
        return self._data.item()


for _name, _instead in OTHER_NAMES.items():
    setattr(NumpyProtocols, _name, _Elsewhere(_name, _instead))
