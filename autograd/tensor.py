"""Tensor: an array that remembers how it was computed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Self
from weakref import ref

import numpy as np
from numpy.typing import DTypeLike

from autograd import errors, ops
from autograd.copies import Copies
from autograd.dtypes import as_array
from autograd.engine import replay, upstream_for
from autograd.function import Edge, Function, Output
from autograd.grad_mode import is_grad_enabled
from autograd.leaves import Home, accumulate, accumulate_all
from autograd.methods import Methods
from autograd.operators import Operators
from autograd.protocols import NumpyProtocols, read_only
from autograd.versions import stamp

Hook = Callable[[Any], Any]


class HookHandle:
    """A registered hook: `handle.remove()`, or a call of the handle, takes it away again."""

    def __init__(self, hooks: list[Hook], hook: Hook) -> None:
        self._hooks, self._hook = hooks, hook
        hooks.append(hook)

    def remove(self) -> None:
        """Take the hook away; nothing happens if that was done before."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)

    __call__ = remove


class Tensor(Operators, Methods, NumpyProtocols, Copies):
    """An array with a gradient.

    Args:
        data: an array (its memory is shared), or numbers and nested lists of them, which become
            the default dtype (float32).
        requires_grad: whether `backward` computes a gradient for it; for floating dtypes only.
        dtype: the dtype to convert to.
        name: what drawings and messages call it.

    Raises:
        TypeError: for data without real numbers, for a Tensor, and for requires_grad with an
            integer or boolean dtype.

    Operations on Tensors that require gradients record their history; `backward()` of a result
    replays it and leaves the gradients in `.grad` of the leaves, the Tensors made by you. Arrays
    that take part in an operation are kept, not copied: do not write into them before backward.
    """

    __slots__ = (
        "__weakref__",
        "_data",
        "_grad",
        "_home",
        "_hooks",
        "_node",
        "_requires_grad",
        "name",
    )

    _data: Any
    _node: Function | None  # the node it came from; None for a leaf
    _grad: Tensor | None
    _home: Home | None
    _hooks: list[Hook] | None
    _requires_grad: bool
    name: str | None

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        if isinstance(data, Tensor):
            raise errors.tensor_of_tensor(type(self).__name__)
        self._data = as_array(data, dtype)
        self._node = self._grad = self._home = self._hooks = None
        self._requires_grad = False
        self.name = name
        self.requires_grad = requires_grad

    @classmethod
    def at(cls, edge: Edge | None, data: Any) -> Self:
        """A Tensor of `data` as it stands, whose history is at `edge`. For the engine's use.

        The edge may lead to a leaf: then this is the leaf's value as a node has kept it.
        """
        self = object.__new__(cls)
        self._data = data
        self._node = edge
        self._grad = self._home = self._hooks = self.name = None
        self._requires_grad = edge is not None
        return self

    # What it is

    @property
    def data(self) -> Any:
        """The array itself. Assigning copies the new values into its memory.

        Writing into the array directly (`t.data[0] = 1`) is not seen by the check that guards
        values saved for backward; assignment and the methods of this class are.
        """
        return self._data

    @data.setter
    def data(self, values: Any) -> None:
        self.copy_(values)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for it. May be set on leaves with a floating dtype."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not isinstance(wanted, bool | np.bool):
            raise TypeError(
                f"requires_grad is True or False, not {wanted!r}. A dtype is given by name: "
                "Tensor(data, dtype=float)."
            )
        if wanted and self._data.dtype.kind != "f":
            raise errors.gradient_of_integers(self)
        if self._node is not None and not wanted:
            raise errors.requires_grad_of_result(self)
        self._requires_grad = bool(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set `requires_grad`, and return the Tensor itself."""
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient collected so far, of a leaf; None before `backward`."""
        if self._grad is None and self._node is not None and not self._retains_grad():
            warnings.warn(errors.grad_of_result(self), stacklevel=2)
        return self._grad

    @grad.setter
    def grad(self, gradient: Any) -> None:
        if gradient is not None:
            if not isinstance(gradient, Tensor):
                dtype = None if hasattr(gradient, "dtype") else self.dtype
                gradient = Tensor(gradient, dtype=dtype)
            if gradient.shape != self.shape or gradient.dtype != self.dtype:
                raise errors.grad_does_not_fit(self, gradient)
        self._grad = gradient

    @property
    def grad_fn(self) -> Function | None:
        """The node that computed it; None for a leaf."""
        return self._node.edges[0] if isinstance(self._node, Output) else self._node

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by you rather than computed with a history."""
        return self._node is None

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its entries."""
        return self._data.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of its axes."""
        return self._data.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of its entries."""
        return self._data.size  # type: ignore[no-any-return]

    def item(self) -> Any:
        """The one entry as a Python number. Raises ValueError if there are several."""
        if self.size != 1:
            raise errors.not_one_entry(self, "item()")
        return self._data.item()

    def numpy(self) -> Any:
        """The values as a read-only view: the explicit way out of the graph, as `np.asarray`."""
        return read_only(self._data)

    def detach(self) -> Tensor:
        """The same values, in the same memory, without history."""
        return ops.Detach.apply(self)

    # Gradients

    def edge(self) -> Edge:
        """Its place in the graph: the node that made it, or itself as a leaf."""
        return self if self._node is None else self._node

    def backward(
        self, gradient: Any = None, retain_graph: bool = False, create_graph: bool = False
    ) -> None:
        """Compute the gradients of this result, and add them to `.grad` of the leaves.

        Args:
            gradient: the upstream gradient, of this Tensor's shape; 1 for a single number.
            retain_graph: keep the graph's values, so that backward can run through it again.
            create_graph: give the gradients a history too. `autograd.grad` is the better way:
                here each leaf would hold its own gradient's graph, and the graph the leaf.

        Raises:
            RuntimeError: it has no history; it is not a single number and no gradient is given;
                the graph was released by an earlier backward; a value was changed in place.
            ValueError: the given gradient has another shape.
        """
        seed = upstream_for(self, gradient)
        if create_graph:
            warnings.warn(errors.BACKWARD_CREATE_GRAPH, stacklevel=2)
        seed = seed if create_graph else seed._data
        results = replay([(self.edge(), seed)], retain_graph or create_graph, create_graph)
        accumulate_all(results, Tensor)

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> HookHandle:
        """Have `hook` called with this Tensor's gradient whenever one is computed.

        What it returns, if not None, goes on in the gradient's place. Returns a handle whose
        `remove()` takes the hook away. Raises RuntimeError if no gradient will ever come here.
        """
        if not self._requires_grad:
            raise errors.hook_without_gradient(self)

        def run(g: Any) -> Any:
            recorded = isinstance(g, Tensor)
            # Others may be given the same array, so the hook may not write into it.
            answer = hook(g if recorded else Tensor.at(None, read_only(g)))
            if answer is None:
                return g
            if not isinstance(answer, Tensor):
                raise errors.hook_returned(hook, answer)
            if answer.shape != g.shape:
                raise errors.hook_changed_shape(hook, answer.shape, g.shape)
            answer = answer if answer.dtype == g.dtype else answer.astype(g.dtype)
            return answer if recorded else answer._data

        return self._add_hook(run)

    def retain_grad(self) -> None:
        """Have `.grad` filled in by backward although this is a result, not a leaf."""
        if self._node is None:
            return
        result = ref(self)  # the graph must not keep its results alive

        def keep(g: Any) -> Any:
            tensor = result()
            if tensor is not None:
                accumulate(tensor, g, Tensor)
            return g

        keep.retains = result  # type: ignore[attr-defined]
        if not self._retains_grad():
            self._add_hook(keep)

    def _retains_grad(self) -> bool:
        hooks = self._node.hooks if self._node is not None else None
        return any(getattr(hook, "retains", lambda: None)() is self for hook in hooks or ())

    def _add_hook(self, hook: Hook) -> HookHandle:
        if self._node is None:
            hooks = self._hooks = self._hooks or []
        else:
            hooks = self._node.hooks = self._node.hooks or []
        return HookHandle(hooks, hook)

    # Writing in place

    def copy_(self, values: Any) -> Self:
        """Copy `values` (an array or Tensor of the same shape) into this Tensor's memory.

        Raises ValueError for another shape, TypeError for values that would lose precision kind
        (floating into integer), RuntimeError for a result with history.
        """
        source = values._data if isinstance(values, Tensor) else as_array(values)
        if self._node is not None and is_grad_enabled():
            raise errors.write_to_result(self)
        if getattr(values, "_requires_grad", False) and is_grad_enabled():
            raise errors.write_with_history(self, "t.copy_(values.detach())")
        if source.shape != self.shape or not np.can_cast(source.dtype, self.dtype, "same_kind"):
            raise errors.data_does_not_fit(self, source)
        np.copyto(self._data, source, casting="same_kind")
        stamp(self._data, "copy_() or an assignment of data")
        return self

    def __repr__(self) -> str:
        values = np.array2string(self._data, separator=", ", prefix=f"{type(self).__name__}(")
        facts = [values, f"dtype={self.dtype}"]
        if self._node is not None:
            facts.append(f"grad_fn=<{type(self.grad_fn).__name__}>")
        elif self._requires_grad:
            facts.append("requires_grad=True")
        if self.name is not None:
            facts.append(f"name={self.name!r}")
        return f"{type(self).__name__}({', '.join(facts)})"


Function.tensor_type = Tensor
