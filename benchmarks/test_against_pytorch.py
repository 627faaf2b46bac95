"""Values and gradients against PyTorch's: random expressions, and the rows of the operations table.

`make test-pytorch` runs it, in the environment that has PyTorch. It stands here and not in tests/,
so that the test command neither needs PyTorch nor passes over anything in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from support import vocabulary_arranging as arranging
from support import vocabulary_elementwise as elementwise
from support import vocabulary_linalg as linalg
from support import vocabulary_reductions as reductions
from support.expressions import Expression, gradients, result_of, weights_of
from support.operations import CASES, PLAIN, Case, scatter_add
from support.random_expressions import expressions, many

import autograd
from autograd import Tensor
from benchmarks.pytorch_arranging import ARRANGING
from benchmarks.pytorch_everyday import EVERYDAY, Function, torch_get_item, torch_transpose
from benchmarks.pytorch_layers import LAYERS
from benchmarks.pytorch_linalg import LINALG
from benchmarks.pytorch_losses import LOSSES
from benchmarks.pytorch_vocabulary import ALONG_AXES, ELEMENTWISE

Array = Any

# Which operations are compared, and why the others are not: by function, and by row

IN_PYTORCH = EVERYDAY | ELEMENTWISE | ALONG_AXES | ARRANGING | LINALG | LAYERS | LOSSES
NOT_COMPARED: dict[str, list[Function]] = {
    "not in PyTorch": [
        *(np.cbrt, elementwise.sinc_derivative, np.interp, np.partition, np.argpartition),
        *(np.nanprod, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nancumsum, np.nancumprod),
        *(np.average, reductions.weighted, reductions.recurrence, linalg.cofactor),
    ],
    "there without a gradient": [np.heaviside],
    "there as index_put and fold, for fewer keys and shapes": [scatter_add, arranging.overlap_add],
    "composed of other operations of the table, and no function of PyTorch": [
        *(np.rollaxis, np.resize, np.delete, np.ediff1d),
        *(one[1] for one in (arranging.EDIFF1D, arranging.INSERT, arranging.BLOCK)),
        *(one[1] for one in (arranging.COMPRESS, arranging.SELECT)),
    ],
}
ROWS_NOT_COMPARED = {
    "pad takes one constant, not one for each side": [
        "Pad((2, 3), pad_width=((1, 2), (1, 1)), constant_values=((1, 2), (3, 4)))"
    ],
    "pad repeats what it reflects or wraps only once, and has no mode symmetric": [
        "pad((2, 3), pad_width=4, mode=reflect)",
        "pad((2, 3), pad_width=3, mode=symmetric)",
        "pad((2, 3), pad_width=(0, 5), mode=wrap)",
    ],
    "the gradient of cond fails: it changes the inverse in place": ["cond((4, 2, 2), p=fro)"],
}
NAMED = {one for functions in NOT_COMPARED.values() for one in functions}
NAMED_ROWS = {row for rows in ROWS_NOT_COMPARED.values() for row in rows}
ROWS = [one for one in CASES + PLAIN if one.reference not in NAMED and repr(one) not in NAMED_ROWS]


class NumpyLike(torch.Tensor):
    """A Tensor of PyTorch's whose methods, too, take what NumPy's take."""

    @property
    def T(self) -> Any:
        return torch_transpose(self)

    def __getitem__(self, key: Any) -> Any:
        return torch_get_item(self, key)


for method in ("sum", "mean", "max", "min", "var", "std"):
    setattr(NumpyLike, method, EVERYDAY[getattr(np, method)])

TORCH = {one.__name__: function for one, function in EVERYDAY.items()} | {
    "amax": EVERYDAY[np.max],
    "amin": EVERYDAY[np.min],
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


def test_every_row_is_compared_or_named() -> None:
    assert {case.reference for case in CASES + PLAIN} == IN_PYTORCH.keys() | NAMED
    assert not IN_PYTORCH.keys() & NAMED
    assert {repr(case) for case in CASES + PLAIN} >= NAMED_ROWS


def torch_results(case: Case, inputs: Sequence[torch.Tensor]) -> list[Any]:
    """PyTorch's results in the form in which a row of its kind gives its own."""
    if isinstance(case, linalg.Symmetric):
        inputs = [x + x.mT for x in inputs]
    results = Case.call(case, IN_PYTORCH[case.reference], *inputs)
    if isinstance(case, elementwise.First):
        return list(results[:1])
    if isinstance(case, linalg.Decimals | reductions.Joined) and len(results) > 1:
        results = (torch.cat([torch.ravel(x) for x in results if x.is_floating_point()]),)
    return list(results)


@pytest.mark.filterwarnings("ignore:.*degrees of freedom")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", ROWS, ids=repr)
def test_operation(case: Case, dtype: Any) -> None:
    arrays = case.draw(dtype)
    floating = [a.dtype.kind == "f" for a in arrays]
    ours = [Tensor(a, requires_grad=f) for a, f in zip(arrays, floating, strict=True)]
    theirs = [torch_leaf(a, f) for a, f in zip(arrays, floating, strict=True)]
    found = list(case.apply(*ours))
    expected = torch_results(case, theirs)
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
