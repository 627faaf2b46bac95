"""Tracing arrays: real arrays that write down every NumPy call made with them.

The function at hand runs as always, on real values, and sees arrays that speak NumPy's protocols.
What it makes of their shapes is fixed by the recording; what would make the recording depend on
their values (a branch, a loop count, a conversion to a Python number) is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from functools import partial
from typing import Any, NoReturn

import numpy as np

from autograd.tensor import Tensor
from autograd.tracing.calls import Call, Entry, Function, guard
from autograd.tracing.errors import refusal
from autograd.tracing.functions import ASKS, METHODS, OPERATORS, SHAPED_BY_VALUES, WRITES
from autograd.tracing.weak import only_weak, without_widening
from autograd.versions import memory_owner


class Tracer:
    """Runs NumPy calls on the values of tracing arrays, and writes them down in order."""

    array_type: type[TracingArray]  # what it answers with

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.theirs: dict[int, str] = {}  # labels of what belongs to the caller, by memory owner

    def given(self, value: Any, label: str) -> TracingArray:
        """A tracing array of what belongs to the caller, and is not to be written."""
        self.theirs[id(memory_owner(value))] = label
        return self.array_type(self, value, Entry(value, label, None, lasts=True))

    def call(
        self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call `function` on the values, record it, and answer with tracing arrays."""
        kwargs = kwargs or {}
        written = kwargs.get("out")
        if isinstance(written, tuple):  # as ufuncs hand it on
            (written,) = written
            kwargs = {**kwargs, "out": written}
        if written is None and function in WRITES:
            written = args[0]
        if written is not None:
            self._check_may_be_written(written)
        stays_weak = function in OPERATORS and only_weak(args)
        args = without_widening(args)
        answer = function(*values_in(args), **values_in(kwargs))
        if written is not None:
            self.calls.append(Call(function, entries_in(args), entries_in(kwargs), ()))
            return written
        several = isinstance(answer, tuple | list)
        made = answer if several else (answer,)
        arrays = [np.asarray(one) for one in made]
        source = None if several else _source(arrays[0], (args, kwargs))
        results = tuple(self.made(one, source) for one in arrays)
        for result, one in zip(results, made, strict=True):
            result.is_number = isinstance(one, np.generic)
            result.is_weak = stays_weak and result.is_number
        entries = tuple(one.entry for one in results)
        self.calls.append(Call(function, entries_in(args), entries_in(kwargs), entries))
        return results if several else results[0]

    def made(self, value: Any, source: Entry | None = None) -> TracingArray:
        """A tracing array of what a call made; or of its view, of the array with that entry."""
        return self.array_type(self, value, Entry(value, None, source, lasts=False))

    def draw(self, numbers: Any, generator: np.random.Generator, method: str) -> TracingArray:
        """Random numbers that the generator's method gave; it gives others at each replay."""
        result = self.made(numbers)
        draw = getattr(generator, method)
        self.calls.append(Call(draw, (), {"dtype": numbers.dtype}, (result.entry,)))
        return result

    def state(self, array: Any, label: str) -> TracingArray:  # noqa: ARG002
        """The tracing array of memory that lasts. Raises TracingError: a function has none."""
        raise refusal(
            "gradients are added to `.grad` within the recorded function",
            "return the loss, and call backward of the static graph; or see autograd.compile",
        )

    def stamped(self, array: Any, by: str) -> None:
        """Memory was written in place, by what says so."""

    def _check_may_be_written(self, target: Any) -> None:
        if not isinstance(target, TracingArray):
            raise refusal(
                "a recorded value is written into an array from outside of the function",
                "return the value and write it there after the call",
            )
        label = self.theirs.get(id(memory_owner(target.value)))
        if label is not None:
            raise refusal(
                f"{label} is changed in place, and it belongs to the caller",
                "compute a new array instead, or change it outside",
            )


class TracingArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array whose NumPy calls are recorded by its tracer.

    Attributes:
        value: the real array, as it is during the recording.
        entry: what the recording knows of it. Values go when nobody uses them any more.
        is_number: whether NumPy answers with one of its numbers here, rather than an array.
        is_weak: whether it is such a number beside a Tensor, which never widens a dtype.
    """

    __slots__ = ("__weakref__", "entry", "is_number", "is_weak", "tracer", "value")

    def __init__(self, tracer: Tracer, value: Any, entry: Entry) -> None:
        self.tracer = tracer
        self.value = value
        self.entry = entry
        self.is_number = self.is_weak = False

    shape = property(lambda self: self.value.shape)
    dtype = property(lambda self: self.value.dtype)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    nbytes = property(lambda self: self.value.nbytes)
    flags = property(lambda self: self.value.flags)
    base = property(lambda self: self.value.base)
    T = property(lambda self: self.tracer.call(np.transpose, (self,)))
    mT = property(lambda self: self.tracer.call(np.matrix_transpose, (self,)))

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, Tensor) for x in inputs):
            return NotImplemented  # a Tensor knows how to take a tracing array
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return self.tracer.call(function, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in ASKS:
            return function(*values_in(without_widening(args)), **values_in(kwargs))
        if function in SHAPED_BY_VALUES:
            raise refusal(
                f"np.{function.__name__} answers in a shape that depends on values",
                "choose entries by numbers, or weigh them with autograd.where(mask, x, 0)",
            )
        return self.tracer.call(function, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in METHODS:
            return partial(_method, METHODS[name], self)
        raise AttributeError(f"{name!r} of a tracing array is not supported.")

    def __getitem__(self, key: Any) -> TracingArray:
        parts = key if isinstance(key, tuple) else (key,)
        if any(isinstance(one, TracingArray) and one.dtype == bool for one in parts):
            raise refusal(
                "choosing entries by a mask answers in a shape that depends on values",
                "weigh them instead, as in autograd.where(mask, x, 0)",
            )
        result: TracingArray = self.tracer.call(operator.getitem, (self, key))
        return result

    def __setitem__(self, key: Any, values: Any) -> None:
        self.tracer.call(operator.setitem, (self, key, values))

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[TracingArray]:
        return (self[i] for i in range(len(self.value)))

    def reshape(self, *shape: Any) -> Any:
        """As an ndarray's."""
        return self.tracer.call(np.reshape, (self, shape[0] if len(shape) == 1 else shape))

    def transpose(self, *axes: Any) -> Any:
        """As an ndarray's."""
        several = axes[0] if len(axes) == 1 and np.iterable(axes[0]) else axes
        return self.tracer.call(np.transpose, (self, tuple(several)) if several else (self,))

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """As an ndarray's."""
        if not copy and self.dtype == dtype:
            return self
        return self.tracer.call(np.ndarray.astype, (self, np.dtype(dtype)))

    def view(self) -> TracingArray:
        """Itself: who asks for a view only wants another name."""
        return self

    def __autograd_guard__(self, message: str) -> None:
        guard(self.value, message)
        self.tracer.calls.append(Call(guard, (self.entry, message), {}, ()))

    # What the engine asks of arrays that may be tracing ones

    @property
    def __autograd_value__(self) -> Any:
        return self.value

    def __autograd_operand__(self) -> TracingArray:
        """Itself as an operand beside Tensors, where NumPy's numbers count as Python's do."""
        if not self.is_number:
            return self
        operand = type(self)(self.tracer, self.value, self.entry)
        operand.is_weak = True
        return operand

    def __autograd_settled__(self) -> TracingArray:
        """Itself as what a Tensor holds: an array, also without axes."""
        self.is_number = self.is_weak = False
        return self

    def __autograd_stamp__(self, by: str) -> None:
        self.tracer.stamped(self.value, by)

    def __autograd_adopt__(self, place: Any, name: str | None) -> TracingArray:
        """The memory of a gradient of what has that name, in which this array is to be kept."""
        return self.tracer.state(place, f"{name or 'leaf'}.grad")

    # What would make the recording depend on values

    def _refuse_branch(self) -> NoReturn:
        raise refusal(
            "a branch on values (if, while, and, or, not) would be recorded one way only",
            "autograd.where(condition, a, b), or take the decision before and outside",
        )

    def _refuse_number(self, *_: Any, **__: Any) -> NoReturn:
        raise refusal(
            "a value becomes a plain number or array, which would stay as it is now",
            "keep it a Tensor, compute with operations, or return it and convert it outside",
        )

    __bool__ = _refuse_branch
    __float__ = __int__ = __index__ = __array__ = item = tolist = _refuse_number

    def __repr__(self) -> str:
        return f"tracing {self.value!r}"

    __hash__ = object.__hash__


Tracer.array_type = TracingArray


def _method(function: Function, array: TracingArray, *args: Any, **kwargs: Any) -> Any:
    return array.tracer.call(function, (array, *args), kwargs)


def values_in(tree: Any) -> Any:
    """Arguments with the values of tracing arrays in their place."""
    return _replaced(tree, "value")


def entries_in(tree: Any) -> Any:
    """Arguments with the entries of tracing arrays in their place."""
    return _replaced(tree, "entry")


def _replaced(tree: Any, by: str) -> Any:
    if isinstance(tree, TracingArray):
        return getattr(tree, by)
    if isinstance(tree, tuple | list):
        return type(tree)(_replaced(one, by) for one in tree) if _holds_any(tree) else tree
    if isinstance(tree, dict):
        return {name: _replaced(one, by) for name, one in tree.items()}
    if isinstance(tree, slice):
        return slice(*(_replaced(one, by) for one in (tree.start, tree.stop, tree.step)))
    return tree


def _holds_any(tree: Any) -> bool:
    return next(tracing_in(tree), None) is not None


def _source(result: Any, arguments: Any) -> Entry | None:
    """The entry of the array that a result is a view of, if it is one."""
    owner = memory_owner(result)
    for one in tracing_in(arguments):
        if memory_owner(one.value) is owner:
            return one.entry
    return None


def tracing_in(tree: Any) -> Iterator[TracingArray]:
    """The tracing arrays among arguments, in order."""
    if isinstance(tree, TracingArray):
        yield tree
    elif isinstance(tree, tuple | list):
        for one in tree:
            yield from tracing_in(one)
    elif isinstance(tree, dict):
        yield from tracing_in(list(tree.values()))
    elif isinstance(tree, slice):
        yield from tracing_in((tree.start, tree.stop, tree.step))
