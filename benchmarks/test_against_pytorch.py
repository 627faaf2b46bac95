"""Values and gradients against PyTorch's: random expressions, and the rows of the operations table.

`make test-pytorch` runs it, in the environment that has PyTorch. It stands here and not in tests/,
so that the test command neither needs PyTorch nor passes over anything in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from support.expressions import Expression, gradients, result_of, weights_of
from support.operations import (
    CORE,
    PLAIN_CORE,
    Case,
    affine,
    astype,
    clip,
    detach,
    get_item,
    log_softmax,
    relu,
    reshape,
    scatter_add,
    several,
    sigmoid,
    softmax,
    softmax_cross_entropy,
)
from support.random_expressions import expressions, many

import autograd
from autograd import Tensor

Array = Any
Function = Callable[..., Any]


# What NumPy's names are in PyTorch


def dims(x: torch.Tensor, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    return axis if isinstance(axis, tuple) else (axis,)


def over_axes(function: Function) -> Function:
    def reduce(x: torch.Tensor, axis: Any = None, keepdims: bool = False) -> Any:
        over = dims(x, axis)
        return function(x, dim=over, keepdim=keepdims) if over else x.clone()

    return reduce


def spread_over_axes(function: Function) -> Function:
    def reduce(x: torch.Tensor, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        return function(x, dim=dims(x, axis), correction=ddof, keepdim=keepdims)

    return reduce


def along_axis(function: Function) -> Function:
    return lambda x, axis=-1: function(x, dim=axis)


def tensor_beside(x: torch.Tensor, value: Any) -> Any:
    """A number as a Tensor that does not change the dtype; arrays and Tensors keep their own."""
    return torch.as_tensor(value, dtype=x.dtype if isinstance(value, int | float) else None)


def with_numbers(function: Function) -> Function:
    """PyTorch takes no Python numbers here."""
    return lambda x, y: function(x, tensor_beside(x, y))


def torch_where(condition: Any, x: Any, y: Any) -> Any:
    return torch.where(condition != 0, x, y)


def torch_clip(x: torch.Tensor, min: Any, max: Any) -> Any:
    low, high = (v if v is None else tensor_beside(x, v) for v in (min, max))
    return x.clone() if low is high is None else torch.clamp(x, low, high)


def torch_reshape(x: torch.Tensor, shape: Any) -> Any:
    return torch.reshape(x, shape if isinstance(shape, tuple) else (shape,))


def torch_broadcast_to(x: torch.Tensor, shape: Any) -> Any:
    return torch.broadcast_to(x, shape if isinstance(shape, tuple) else (shape,))


def torch_transpose(x: torch.Tensor, axes: Any = None) -> Any:
    return torch.permute(x, tuple(range(x.ndim))[::-1] if axes is None else axes)


def torch_expand_dims(x: torch.Tensor, axis: Any) -> Any:
    return torch.reshape(x, np.expand_dims(np.empty(x.shape), axis).shape)


def torch_squeeze(x: torch.Tensor, axis: Any = None) -> Any:
    return torch.squeeze(x) if axis is None else torch.squeeze(x, axis)


def torch_concatenate(arrays: Sequence[torch.Tensor], axis: int | None = 0) -> Any:
    if axis is None:
        return torch.cat([torch.reshape(one, (-1,)) for one in arrays])
    return torch.cat(list(arrays), dim=axis)


def torch_stack(arrays: Sequence[torch.Tensor], axis: int = 0) -> Any:
    return torch.stack(list(arrays), dim=axis)


def torch_split(x: torch.Tensor, indices_or_sections: Any, axis: int = 0) -> Any:
    return torch.tensor_split(x, indices_or_sections, dim=axis)


def torch_cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> Any:
    rows = torch.reshape(logits, (-1, logits.shape[-1]))
    losses = torch.nn.functional.cross_entropy(rows, labels.reshape(-1), reduction="none")
    return torch.reshape(losses, labels.shape)


def torch_get_item(x: torch.Tensor, key: Any) -> Any:
    """x[key] as NumPy reads it: negative steps, and numbers that count as arrays beside arrays."""
    parts = [torch_part(one) for one in (key if isinstance(key, tuple) else (key,))]
    if any(isinstance(one, torch.Tensor) for one in parts):
        parts = [torch.tensor([one]) if type(one) is int else one for one in parts]
    missing = x.ndim - sum(map(axes_taken, parts))
    axis = 0
    for i, one in enumerate(parts):
        if isinstance(one, slice) and (one.step or 1) < 0:
            x = torch.flip(x, (axis,))  # PyTorch has no negative steps
            parts[i] = slice(None, None, -one.step)
        axis += missing if one is ... else axes_taken(one)
    return torch.Tensor.__getitem__(x, tuple(parts))


def torch_part(part: Any) -> Any:
    if isinstance(part, list | np.ndarray):
        return torch.tensor(np.asarray(part, dtype=None if len(part) else np.int64))
    return part


def axes_taken(part: Any) -> int:
    """How many axes a part of a key stands for."""
    if part is None or part is ...:
        return 0
    is_mask = isinstance(part, torch.Tensor) and part.dtype == torch.bool
    return part.ndim if is_mask else 1


def torch_astype(x: torch.Tensor, dtype: Any) -> Any:
    return x.to(torch.from_numpy(np.empty(0, dtype)).dtype)


ONE_TO_ONE = [
    *(np.add, np.subtract, np.multiply, np.divide, np.negative, np.square, np.exp, np.log),
    *(np.sqrt, np.tanh, np.absolute, np.sign, np.matmul, np.greater, np.greater_equal),
    *(np.less, np.less_equal, np.not_equal, np.bitwise_and, np.bitwise_or),
]
IN_PYTORCH: dict[Function, Function] = {one: getattr(torch, one.__name__) for one in ONE_TO_ONE} | {
    np.power: torch.pow,
    np.equal: torch.eq,
    np.invert: torch.bitwise_not,
    np.maximum: with_numbers(torch.maximum),
    np.minimum: with_numbers(torch.minimum),
    np.where: torch_where,
    clip: torch_clip,
    sigmoid: torch.sigmoid,
    relu: torch.relu,
    astype: torch_astype,
    detach: torch.detach,
    np.sum: over_axes(torch.sum),
    np.mean: over_axes(torch.mean),
    np.max: over_axes(torch.amax),
    np.min: over_axes(torch.amin),
    np.var: spread_over_axes(torch.var),
    np.std: spread_over_axes(torch.std),
    np.all: over_axes(torch.all),
    np.any: over_axes(torch.any),
    np.argmax: lambda x, axis=None: torch.argmax(x, axis),
    np.argmin: lambda x, axis=None: torch.argmin(x, axis),
    affine: torch.nn.functional.linear,
    softmax: along_axis(torch.softmax),
    log_softmax: along_axis(torch.log_softmax),
    softmax_cross_entropy: torch_cross_entropy,
    reshape: torch_reshape,
    np.transpose: torch_transpose,
    np.broadcast_to: torch_broadcast_to,
    np.expand_dims: torch_expand_dims,
    np.squeeze: torch_squeeze,
    np.concatenate: torch_concatenate,
    np.stack: torch_stack,
    np.split: torch_split,
    get_item: torch_get_item,
}
NOT_IN_PYTORCH = [scatter_add]  # its index_put takes no slices


class NumpyLike(torch.Tensor):
    """A Tensor of PyTorch's whose methods, too, take what NumPy's take."""

    @property
    def T(self) -> Any:
        return torch_transpose(self)

    def __getitem__(self, key: Any) -> Any:
        return torch_get_item(self, key)


for method in ("sum", "mean", "max", "min", "var", "std"):
    setattr(NumpyLike, method, IN_PYTORCH[getattr(np, method)])

TORCH = {one.__name__: function for one, function in IN_PYTORCH.items()} | {
    "amax": IN_PYTORCH[np.max],
    "amin": IN_PYTORCH[np.min],
    "array": lambda numbers, dtype: torch.tensor(np.array(numbers, dtype)),
}


def torch_leaf(array: Array, requires_grad: bool) -> torch.Tensor:
    return torch.Tensor._make_subclass(NumpyLike, torch.tensor(array.copy()), requires_grad)


def torch_gradients(results: Sequence[Any], leaves: Sequence[Any]) -> list[Array]:
    """The gradients of Σ weights · result, zeros where there is no path."""
    reached = [one for one in results if one.requires_grad]
    weights = [torch.tensor(weights_of(one)).to(one.dtype) for one in reached]
    if not reached:
        return [np.zeros(tuple(one.shape)) for one in leaves]
    found = torch.autograd.grad(reached, leaves, weights, materialize_grads=True)
    return [one.numpy() for one in found]


# Random expressions


def answers(expression: Expression, dtype: Any) -> tuple[list[Array], list[Array]]:
    """Value and gradients of the variables, ours and PyTorch's."""
    arrays = expression.arrays(**dict.fromkeys(expression.leaves, dtype))
    ours = expression.tensors(arrays)
    found = [result_of(expression, ours), *gradients(expression, ours)]
    theirs = {name: torch_leaf(a, name in expression.variables) for name, a in arrays.items()}
    result = expression.read(TORCH, theirs)
    expected = torch_gradients([result], [theirs[name] for name in expression.variables])
    return [one.data for one in found], [result.detach().numpy(), *expected]


@many
@given(expressions())
def test_expressions_in_double_precision(expression: Expression) -> None:
    for one, other in zip(*answers(expression, np.float64), strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        scale = max(1, np.max(np.abs(other), initial=0))
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-11 * scale)


@many
@given(expressions())
def test_expressions_in_single_precision_are_as_exact_as_pytorchs(expression: Expression) -> None:
    exact, _ = answers(expression, np.float64)
    for true, one, other in zip(exact, *answers(expression, np.float32), strict=True):
        assert one.dtype == other.dtype == np.float32
        error, their_error = (np.max(np.abs(a - true), initial=0) for a in (one, other))
        scale = max(1, np.max(np.abs(true), initial=0))
        assert error <= 8 * their_error + 64 * np.finfo(np.float32).eps * scale


# The rows of the table


def test_every_row_is_compared_or_named_as_missing_in_pytorch() -> None:
    references = {case.reference for case in CORE + PLAIN_CORE}
    assert references - IN_PYTORCH.keys() == set(NOT_IN_PYTORCH)


@pytest.mark.filterwarnings("ignore:.*degrees of freedom")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "case", [c for c in CORE + PLAIN_CORE if c.reference not in NOT_IN_PYTORCH], ids=repr
)
def test_operation(case: Case, dtype: Any) -> None:
    arrays = case.draw(dtype)
    floating = [a.dtype.kind == "f" for a in arrays]
    ours = [Tensor(a, requires_grad=f) for a, f in zip(arrays, floating, strict=True)]
    theirs = [torch_leaf(a, f) for a, f in zip(arrays, floating, strict=True)]
    found = list(case.apply(*ours))
    expected = list(several(case.call(IN_PYTORCH[case.reference], *theirs)))
    pairs = [(a.data, b.detach().numpy()) for a, b in zip(found, expected, strict=True)]
    if any(one.requires_grad for one in found):
        wanted = [one for one in ours if one.requires_grad]
        weights = [weights_of(one) for one in found]
        gradients = autograd.grad(found, wanted, weights)
        their_gradients = torch_gradients(expected, [t for t in theirs if t.requires_grad])
        pairs += [(a.data, b) for a, b in zip(gradients, their_gradients, strict=True)]
    tolerance = 16 * np.finfo(dtype).eps
    for one, other in pairs:
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
