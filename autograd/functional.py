"""Derivatives as functions of functions: `hessian(f)(x)` of any f made of Tensor operations.

A function's arguments are Tensors, arrays or numbers, or nested lists, tuples and dicts of them; a
derivative has the form of the argument it belongs to. Transforms nest: within another transform
their results have a history of their own, outside they are plain values. A Tensor that requires a
gradient is used as it is, so the parameters of a model may be given, and be used by the function
through the model. What a value does not depend on has the derivative 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd import errors
from autograd.engine import replay
from autograd.grad_mode import enable_grad
from autograd.leaves import own
from autograd.tensor import Tensor
from autograd.trees import leaves, rebuild, transform

Function = Callable[..., Any]

_within: ContextVar[bool] = ContextVar("within_a_transform", default=False)


class _Call:
    """One call of a function, and the way back from its value to one of its arguments."""

    def __init__(self, name: str, fn: Function, args: Sequence[Any], argnum: int = 0) -> None:
        self.record = _within.get()
        self.form = args[argnum]
        self.inputs = [_input(one) for one in leaves(self.form)]
        token = _within.set(True)
        try:
            with enable_grad():
                given = rebuild(self.form, iter(self.inputs))
                self.value = fn(*args[:argnum], given, *args[argnum + 1 :])
        finally:
            _within.reset(token)
        for one in leaves(self.value):
            if not isinstance(one, Tensor):
                raise errors.no_tensor_returned(name, fn, one)

    def result(self) -> Any:
        """The value as handed out: with its history only within another transform."""
        return self.value if self.record else transform(lambda one: one.detach(), self.value)

    def pull(self, upstream: Sequence[Any]) -> Any:
        """The argument's gradients, from one upstream gradient for each Tensor of the value."""
        total: list[Any] = [None] * len(self.inputs)
        for value, g in zip(leaves(self.value), upstream, strict=True):
            parts = self._gradients(value, g)
            total = [b if a is None else a + b for a, b in zip(total, parts, strict=True)]
        return rebuild(self.form, iter(total))

    def rows(self, value: Tensor) -> Any:
        """The Jacobian of one Tensor of the value."""
        n = value.size
        if n == 0:  # a batch of no rows would be no batch
            empty = [Tensor(np.zeros(value.shape + x.shape, x.dtype)) for x in self.inputs]
            return rebuild(self.form, iter(empty))
        unit = np.eye(n, dtype=value.dtype).reshape(n, *value.shape)
        columns = zip(self._gradients(value, unit, batch=n), self.inputs, strict=True)
        return rebuild(self.form, iter([g.reshape(value.shape + x.shape) for g, x in columns]))

    def _gradients(self, value: Tensor, upstream: Any, batch: int = 0) -> list[Tensor]:
        found: dict[Any, Any] = {}
        if value.requires_grad:
            g = upstream if isinstance(upstream, Tensor) else Tensor(upstream, dtype=value.dtype)
            if not batch and g.shape != value.shape:
                raise errors.upstream_does_not_fit(value, g)
            with enable_grad():
                seeds = [(value.edge(), g if self.record else g.data)]
                edges = [one.edge() for one in self.inputs]
                found = replay(seeds, True, self.record, edges, batch)
        lead = (batch,) if batch else ()
        gradients = []
        for one in self.inputs:
            found_here = found.get(one.edge(), np.zeros(lead + one.shape, one.dtype))
            recorded = isinstance(found_here, Tensor)
            gradients.append(own(found_here) if recorded else Tensor(found_here.copy()))
        return gradients


def _input(thing: Any) -> Tensor:
    if isinstance(thing, Tensor):
        return thing if thing.requires_grad else thing.detach().requires_grad_()
    return Tensor(thing, requires_grad=True)


def grad(fn: Function, argnum: int = 0) -> Function:
    """The gradient of a function that answers a single number, as a function.

    `grad(f)(x, y)` has the form of x; `argnum` names another argument. Raises RuntimeError if the
    function's value is not a single number.
    """
    both = value_and_grad(fn, argnum)
    return lambda *args: both(*args)[1]


def value_and_grad(fn: Function, argnum: int = 0) -> Function:
    """As `grad`, for the pair of value and gradient."""

    def derived(*args: Any) -> tuple[Any, Any]:
        call = _Call("grad", fn, args, argnum)
        if not isinstance(call.value, Tensor) or call.value.size != 1:
            raise errors.not_one_number(fn, call.value)
        return call.result(), call.pull([np.ones_like(call.value.data)])

    return derived


def vjp(fn: Function, *args: Any) -> tuple[Any, Function]:
    """The value fn(*args), and the function from upstream gradients to those of the arguments.

    It takes one upstream gradient for each Tensor of the value, in its shape, and answers a tuple,
    one for each argument. It may be called again.
    """
    call = _Call("vjp", lambda packed: fn(*packed), (args,))
    return call.result(), lambda *upstream: call.pull(upstream)


def jvp(fn: Function, args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value fn(*args), and its derivative along `tangents`, which have the arguments' form.

    The backward pass is linear in its upstream gradient; this is the derivative of that line.
    """

    def packed(all_args: Any) -> Any:
        return fn(*all_args)

    def along(upstream: Any) -> Any:
        gradients = leaves(_Call("jvp", packed, (tuple(args),)).pull(leaves(upstream)))
        pairs = zip(gradients, leaves(tuple(tangents)), strict=True)
        return sum(((g * t).sum() for g, t in pairs), Tensor(0.0))

    value = _Call("jvp", packed, (tuple(args),)).result()
    return value, grad(along)(transform(lambda one: np.zeros_like(one.data), value))


def jacobian(fn: Function, argnum: int = 0) -> Function:
    """The Jacobian of a function, as a function: shape (*shape of the value, *shape of x).

    One backward pass carries all rows, as a leading axis of the upstream gradient.
    """

    def derived(*args: Any) -> Any:
        call = _Call("jacobian", fn, args, argnum)
        return transform(call.rows, call.value)

    return derived


def hessian(fn: Function, argnum: int = 0) -> Function:
    """The Hessian of a function that answers a single number: shape (*shape of x, *shape of x)."""
    return jacobian(grad(fn, argnum), argnum)


def hvp(fn: Function) -> Function:
    """The Hessian of fn times a vector, without the Hessian: `hvp(f)(x, v)` has the form of x."""
    return lambda x, v: _Call("hvp", grad(fn), (x,)).pull(leaves(v))


def per_example_grad(fn: Function) -> Function:
    """The gradient of each example's loss: `per_example_grad(loss)(params, x, y)`.

    The arrays after the first argument have one example for each entry of their first axis;
    `loss` is called with one example at a time, the axis kept. The answer has the form of the
    first argument, each Tensor with a leading axis for the examples.
    """
    single = grad(fn)

    def derived(params: Any, *arrays: Any) -> Any:
        counts = {len(one) for one in arrays}
        if len(counts) != 1:
            raise ValueError(
                "per_example_grad: the arrays have unequal numbers of examples: "
                f"{', '.join(str(len(one)) for one in arrays) or 'none is given'}."
            )
        examples = range(counts.pop())
        all_ = [leaves(single(params, *(one[i : i + 1] for one in arrays))) for i in examples]
        return rebuild(params, iter([np.stack(column) for column in zip(*all_, strict=True)]))

    return derived
