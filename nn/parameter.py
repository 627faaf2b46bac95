"""What a module holds: Parameters, which it learns, and Buffers, which it keeps beside them."""

from __future__ import annotations

from typing import Any

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
        if isinstance(data, Tensor):
            if data.grad_fn is not None:
                raise TypeError(
                    f"Parameter(…) was given a result of {type(data.grad_fn).__name__}, and would "
                    "lose its history. For a parameter that starts from these values: "
                    "Parameter(t.detach().clone())."
                )
            data = data.data
        super().__init__(data, requires_grad, name=name)


class Buffer(Tensor):
    """A Tensor that belongs to a module's state but is not learned, such as running statistics.

    Args:
        data: as for Tensor; memory is shared, not copied.
        persistent: whether it is saved in the module's `state_dict`.
        name: what drawings and messages call it.

    A module finds it among its attributes, as it does Parameters.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Any, persistent: bool = True, name: str | None = None) -> None:
        super().__init__(data.data if isinstance(data, Tensor) else data, name=name)
        self.persistent = persistent
