"""What `copy.copy`, `copy.deepcopy` and `pickle` make of a Tensor."""

from __future__ import annotations

from typing import Any

from autograd import errors


class Copies:
    """Copies of Tensors: a deep copy of a leaf is a leaf, with memory of its own."""

    __slots__ = ()
    _data: Any
    _grad: Any
    _home: Any
    _hooks: Any
    _node: Any
    _requires_grad: bool
    name: str | None

    def __copy__(self) -> Any:
        """Another name for the same values, at the same place in the graph."""
        copy: Any = type(self).at(self._node, self._data)  # type: ignore[attr-defined]
        copy._requires_grad, copy.name = self._requires_grad, self.name
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if self._node is not None:
            raise errors.copy_of_result(self)
        copy: Any = object.__new__(type(self))
        memo[id(self)] = copy
        copy._data = self._data.copy()
        copy._node = copy._home = None
        copy._hooks = list(self._hooks) if self._hooks else None
        copy._grad = None if self._grad is None else self._grad.detach().clone()
        copy._requires_grad = self._requires_grad
        copy.name = self.name
        return copy

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        if self._node is not None:
            raise errors.copy_of_result(self)
        kept = ("_data", "_grad", "_hooks", "_node", "_requires_grad", "name")
        # A home belongs to the optimiser that gave it.
        return None, {name: getattr(self, name) for name in kept} | {"_home": None}
