"""Derivatives as functions of functions: `hessian(f)(x)` of any f made of Tensor operations.

A function's arguments are Tensors, arrays or numbers, or nested lists, tuples and dicts of them; a
derivative has the form of the argument it belongs to. Keyword arguments go to the function as they
are, and nothing is differentiated by them. Transforms nest: within another transform
their results have a history of their own, outside they are plain values. What a value does not
depend on has the derivative 0.

A Tensor made with requires_grad=True is used as it is, so the parameters of a model may be given,
and be used by the function through the model. Every use of it then counts: give such a Tensor once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd import transform_errors as errors
from autograd.engine import replay
from autograd.grad_mode import enable_grad, is_grad_enabled
from autograd.leaves import own
from autograd.tensor import Tensor
from autograd.trees import leaves, match, rebuild, transform

Callee = Callable[..., Any]

_within: ContextVar[bool] = ContextVar("within_a_transform", default=False)


def _recorded() -> bool:
    """Whether results get a history: within a transform, but not within no_grad in there."""
    return _within.get() and is_grad_enabled()


class _Call:
    """One call of a function, and the way back from its value to one of its arguments, or all."""

    def __init__(
        self,
        name: str,
        fn: Callee,
        args: tuple[Any, ...],
        settings: dict[str, Any],
        argnum: int | None = None,
    ) -> None:
        before, self.form, after = _around(name, args, argnum)
        _check_given_once(name, args)
        token = _within.set(True)
        try:
            with enable_grad():
                self.inputs = [_input(name, one) for one in leaves(self.form)]
                given = rebuild(self.form, iter(self.inputs))
                given = given if argnum is None else (*before, given, *after)
                self.value = fn(*given, **settings)
        finally:
            _within.reset(token)
        for one in leaves(self.value):
            if not isinstance(one, Tensor):
                raise errors.no_tensor_returned(name, fn, one)

    def result(self) -> Any:
        """The value as handed out: with its history only within another transform."""
        return self.value if _recorded() else transform(lambda one: one.detach(), self.value)

    def pull(self, upstream: Sequence[Tensor]) -> Any:
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
        columns = zip(self._gradients(value, Tensor(unit), batch=n), self.inputs, strict=True)
        return rebuild(self.form, iter([g.reshape(value.shape + x.shape) for g, x in columns]))

    def _gradients(self, value: Tensor, g: Tensor, batch: int | None = None) -> list[Tensor]:
        found: dict[Any, Any] = {}
        edges = [one.edge() for one in self.inputs]
        if value.requires_grad and batch != 0:
            seeds = [(value.edge(), g if _recorded() else g.data)]
            found = replay(seeds, True, _recorded(), edges, batch or 0)
        lead = () if batch is None else (batch,)
        gradients = []
        for one, edge in zip(self.inputs, edges, strict=True):
            g_here = found.get(edge)
            if g_here is None:
                gradients.append(Tensor(np.zeros(lead + one.shape, one.dtype)))
            else:
                gradients.append(own(g_here if isinstance(g_here, Tensor) else Tensor(g_here)))
        return gradients


def _around(name: str, args: tuple[Any, ...], argnum: int | None) -> tuple[Any, Any, Any]:
    """The arguments before `argnum`, itself and those after; all as one if `argnum` is None."""
    if argnum is None:
        return (), args, ()
    try:
        place = range(len(args))[argnum]
    except (IndexError, TypeError):
        raise errors.no_such_argument(name, argnum, len(args)) from None
    return args[:place], args[place], args[place + 1 :]


def _input(name: str, thing: Any) -> Tensor:
    """The Tensor that the function is given for a thing.

    It has its own place in the graph, so that only its own uses count, not all those of what was
    given. A leaf that requires a gradient is the exception: it is used as it is.
    """
    tensor = thing if isinstance(thing, Tensor) else Tensor(thing)
    if tensor.requires_grad and tensor.is_leaf:
        return tensor
    if tensor.dtype.kind != "f":
        raise errors.derivative_by_integers(name, tensor)
    placed = tensor if tensor.requires_grad else tensor.detach().requires_grad_()
    return placed.reshape(tensor.shape)


def _check_given_once(name: str, args: tuple[Any, ...]) -> None:
    seen: set[Tensor] = set()
    for one in leaves(args):
        if isinstance(one, Tensor) and one.requires_grad and one.is_leaf:
            if one in seen:
                raise errors.given_twice(name, one)
            seen.add(one)


def _vectors(name: str, what: str, given: Any, of: str, form: Any) -> list[Tensor]:
    """`given` as Tensors that fit the things of `form`, one for each, in shape and dtype."""
    try:
        pairs = zip(match(form, given), leaves(form), strict=True)
    except ValueError as error:
        raise errors.another_form(name, what, of, str(error)) from None
    vectors = []
    for one, thing in pairs:
        like = thing if isinstance(thing, Tensor) else Tensor(thing)
        vector = one if isinstance(one, Tensor) else Tensor(one, dtype=like.dtype)
        if vector.shape != like.shape:
            clash = f"shape {like.shape} meets shape {vector.shape}"
            raise errors.another_form(name, what, of, clash)
        vectors.append(vector if vector.dtype == like.dtype else vector.astype(like.dtype))
    return vectors


def _checked(name: str, fn: Callee) -> Callee:
    if not callable(fn):
        raise errors.not_a_function(name, fn)
    return fn


def grad(fn: Callee, argnum: int = 0) -> Callee:
    """The gradient of a function that answers a single number, as a function.

    `grad(f)(x, y)` has the form of x; `argnum` names another argument. Raises RuntimeError if the
    function's value is not a single number.
    """
    both = value_and_grad(fn, argnum)
    return lambda *args, **settings: both(*args, **settings)[1]


def value_and_grad(fn: Callee, argnum: int = 0) -> Callee:
    """As `grad`, for the pair of value and gradient."""
    _checked("grad", fn)

    def derived(*args: Any, **settings: Any) -> tuple[Any, Any]:
        call = _Call("grad", fn, args, settings, argnum)
        if not isinstance(call.value, Tensor) or call.value.size != 1:
            raise errors.not_one_number(fn, call.value)
        return call.result(), call.pull([Tensor(np.ones_like(call.value.data))])

    return derived


def vjp(fn: Callee, *args: Any, **settings: Any) -> tuple[Any, Callee]:
    """The value fn(*args, **settings), and a function from upstream gradients to the arguments'.

    It takes one upstream gradient for each Tensor of the value, in its shape, and answers a tuple,
    one for each argument. It may be called again.
    """
    call = _Call("vjp", _checked("vjp", fn), args, settings)
    values = tuple(leaves(call.value))

    def pull(*upstream: Any) -> Any:
        return call.pull(_vectors("vjp", "the upstream gradients", upstream, "the value", values))

    return call.result(), pull


def jvp(
    fn: Callee, args: Sequence[Any], tangents: Sequence[Any], **settings: Any
) -> tuple[Any, Any]:
    """The value fn(*args, **settings), and its derivative along `tangents`, of the form of args.

    The backward pass is linear in its upstream gradient; this is the derivative of that line.
    """
    if not isinstance(args, list | tuple):
        raise errors.arguments_without_tuple(args)
    vectors = _vectors("jvp", "tangents", tangents, "args", args)
    call = _Call("jvp", _checked("jvp", fn), tuple(args), settings)

    def along(upstream: Any) -> Any:
        pairs = zip(leaves(call.pull(leaves(upstream))), vectors, strict=True)
        return sum(((g * t).sum() for g, t in pairs), Tensor(0.0))

    return call.result(), grad(along)(transform(_zeros, call.value))


def _zeros(value: Tensor) -> Any:
    """Zeros in the shape of a value, floating also where it is whole numbers."""
    return np.zeros(value.shape, np.result_type(value.dtype, np.float16))


def jacobian(fn: Callee, argnum: int = 0) -> Callee:
    """The Jacobian of a function, as a function: shape (*shape of the value, *shape of x).

    One backward pass carries all rows, as a leading axis of the upstream gradient.
    """
    _checked("jacobian", fn)

    def derived(*args: Any, **settings: Any) -> Any:
        call = _Call("jacobian", fn, args, settings, argnum)
        return transform(call.rows, call.value)

    return derived


def hessian(fn: Callee, argnum: int = 0) -> Callee:
    """The Hessian of a function that answers a single number: shape (*shape of x, *shape of x)."""
    return jacobian(grad(fn, argnum), argnum)


def hvp(fn: Callee) -> Callee:
    """The Hessian of fn times a vector, without the Hessian: `hvp(f)(x, v)` has the form of x."""
    gradient = grad(fn)

    def derived(x: Any, v: Any, **settings: Any) -> Any:
        return _Call("hvp", gradient, (x,), settings, 0).pull(_vectors("hvp", "v", v, "x", x))

    return derived


def per_example_grad(fn: Callee) -> Callee:
    """The gradient of each example's loss: `per_example_grad(loss)(params, x, y)`.

    The arrays after the first argument have one example for each entry of their first axis;
    `loss` is called with one example at a time, the axis kept. The answer has the form of the
    first argument, each Tensor with a leading axis for the examples.
    """
    single = grad(fn)

    def derived(params: Any, *arrays: Any, **settings: Any) -> Any:
        counts = {np.shape(one)[:1] for one in arrays}
        if len(counts) != 1 or () in counts:
            raise errors.no_examples(arrays)
        (count,) = counts.pop()
        examples = [[one[i : i + 1] for one in arrays] for i in range(count)]
        rows = [leaves(single(params, *example, **settings)) for example in examples]
        if not rows:
            return transform(_no_rows, params)
        return rebuild(params, iter([np.stack(column) for column in zip(*rows, strict=True)]))

    return derived


def _no_rows(thing: Any) -> Tensor:
    like = thing if isinstance(thing, Tensor) else Tensor(thing)
    return Tensor(np.zeros((0, *like.shape), like.dtype))
