"""What a module holds: Parameters, which it learns, and Buffers, which it keeps beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor


class Parameter(Tensor):
    """A Tensor that a module finds among its attributes and an optimiser trains.

    Args:
        data: as for Tensor, or a Tensor without history; memory is shared, not copied.
        requires_grad: False for a parameter that is to stay as it is.
        name: what drawings and messages call it; a module that holds it calls it by its path there.

    Raises:
        TypeError: for a Tensor with a history, and for whole numbers that require a gradient.

    What is computed from it is a plain Tensor.
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True, name: str | None = None) -> None:
        data = _values(data, "Parameter", "a parameter that starts from these values")
        super().__init__(data, requires_grad, name=name)


class Buffer(Tensor):
    """A Tensor that belongs to a module's state but is not learned, such as running statistics.

    Args:
        data: as for Tensor, or a Tensor without history; memory is shared, not copied.
        persistent: whether it is saved in the module's `state_dict`.
        name: what drawings and messages call it; a module that holds it calls it by its path there.

    Raises:
        TypeError: for a Tensor with a history.

    A module finds it among its attributes, as it does Parameters. Update it in place, within
    `no_grad` or by `buffer.copy_(values)`; or assign a Tensor to the attribute, which becomes a
    Buffer there.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Any, persistent: bool = True, name: str | None = None) -> None:
        super().__init__(_values(data, "Buffer", "the values alone"), name=name)
        self.persistent = persistent

    def __copy__(self) -> Any:
        return self._as_persistent(super().__copy__())

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self._as_persistent(super().__deepcopy__(memo))

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        _, slots = super().__getstate__()
        return None, slots | {"persistent": self.persistent}

    def _as_persistent(self, copy: Any) -> Any:
        copy.persistent = self.persistent
        return copy


def convert(tensor: Tensor, dtype: np.dtype[Any]) -> None:
    """Give a leaf and its gradient another dtype: the same object, with memory of its own."""
    grad, tensor._grad = tensor._grad, None
    tensor._data = tensor._data.astype(dtype)
    tensor.grad = None if grad is None else grad.detach().astype(dtype)


def _values(data: Any, who: str, what: str) -> Any:
    """`data`, out of its Tensor if it is in one."""
    if not isinstance(data, Tensor):
        return data
    if data.grad_fn is not None:
        raise TypeError(
            f"{who}(…) was given a result of {type(data.grad_fn).__name__}, and would lose its "
            f"history. For {what}: {who}(t.detach().clone())."
        )
    return data.data


class ParameterList(list[Any]):
    """A list of parameters, as PyTorch has it. Here a plain list does the same.

    Tensors and arrays among the values become Parameters; a Tensor with a history is a TypeError.
    """

    def __init__(self, values: Iterable[Any] = ()) -> None:
        super().__init__(map(as_parameter, values))

    def append(self, value: Any) -> None:
        """Add a parameter at the end."""
        super().append(as_parameter(value))

    def extend(self, values: Iterable[Any]) -> None:
        """Add several parameters at the end."""
        super().extend(map(as_parameter, values))


class ParameterDict(dict[str, Any]):
    """Parameters by name, as PyTorch has it. Here a plain dict does the same.

    Tensors and arrays among the values become Parameters; a Tensor with a history is a TypeError.
    """

    def __init__(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__({name: as_parameter(value) for name, value in dict(values).items()})

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, as_parameter(value))


def as_parameter(value: Any) -> Any:
    """A Tensor or array as a Parameter; what else there is, as it is."""
    plain = isinstance(value, Tensor | np.ndarray) and not isinstance(value, Parameter | Buffer)
    return Parameter(value) if plain else value
