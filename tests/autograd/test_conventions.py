"""Derivatives where there is none or it is easily lost; values at the ends of the number line."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from support.checks import check_gradients

import autograd
from autograd import Tensor, ops

each_dtype = pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])

# Conventions

x_to = ops.Power.apply
KINKS: dict[str, tuple[Callable[..., Tensor], list[Any], list[Any]]] = {
    "relu at 0": (ops.ReLU.apply, [[0.0, -0.0]], [[0, 0]]),
    "abs at 0": (ops.Absolute.apply, [[0.0, -0.0]], [[0, 0]]),
    "maximum of equals": (ops.Maximum.apply, [[1.0], [1.0]], [[0.5], [0.5]]),
    "minimum of equals": (ops.Minimum.apply, [[1.0], [1.0]], [[0.5], [0.5]]),
    "maximum with a number": (lambda x: ops.Maximum.apply(x, 0), [[0.0, 1.0]], [[0.5, 1]]),
    "max of two equals": (ops.Max.apply, [[1.0, 3.0, 3.0]], [[0, 0.5, 0.5]]),
    "min of four equals": (ops.Min.apply, [[[2.0, 2.0], [2.0, 2.0]]], [[[0.25] * 2] * 2]),
    "max of equals by rows": (
        lambda x: ops.Max.apply(x, axis=1),
        [[[1.0, 1.0], [0.0, 5.0]]],
        [[[0.5, 0.5], [0, 1]]],
    ),
    "min of equals by columns": (
        lambda x: ops.Min.apply(x, axis=0, keepdims=True),
        [[[1.0, 1.0], [1.0, 5.0]]],
        [[[0.5, 1], [0.5, 0]]],
    ),
    "clip at its limits": (lambda x: ops.Clip.apply(x, -1, 1), [[-1.0, 1.0]], [[1, 1]]),
    "clip beyond its limits": (lambda x: ops.Clip.apply(x, -1, 1), [[-1.5, 1.5]], [[0, 0]]),
    "0 to the power of 0, 1, 2, 3": (
        x_to,
        [[0.0] * 4, [0.0, 1.0, 2.0, 3.0]],
        [[0, 1, 0, 0], [0] * 4],
    ),
    "0 to the power of the number 0": (lambda x: x_to(x, 0), [[0.0]], [[0]]),
    "0 to the power of the number 2": (lambda x: x_to(x, 2), [[0.0]], [[0]]),
    "0 squared": (lambda x: x**2, [[0.0]], [[0]]),
    "negative numbers to whole powers": (lambda x: x_to(x, [2, 3]), [[-2.0, -2.0]], [[-4, 12]]),
}


@pytest.mark.parametrize("kink", KINKS)
def test_convention(kink: str) -> None:
    function, inputs, expected = KINKS[kink]
    tensors = [Tensor(x, requires_grad=True) for x in inputs]
    found = autograd.grad(function(*tensors).sum(), tensors)
    for gradient, numbers in zip(found, expected, strict=True):
        np.testing.assert_array_equal(gradient.data, numbers)


@pytest.mark.parametrize(("exponent", "second"), [(0, 0), (1, 0), (2, 2), (3, 0), (2.0, 2)])
def test_second_derivative_of_powers_at_0(exponent: float, second: float) -> None:
    for function in (lambda x: x**exponent, lambda x: ops.Power.apply(x, exponent)):
        x = Tensor(0.0, requires_grad=True)
        slope = autograd.grad(function(x), x, create_graph=True)
        if slope.requires_grad:
            assert autograd.grad(slope, x).item() == second
        else:
            assert second == 0


def test_mixed_derivatives_of_powers_with_whole_exponents() -> None:
    check_gradients(ops.Power.apply, [np.array([0.5, 2, 2, 3]), np.array([0.0, 0, 1, 2])])


def test_square_root_is_infinitely_steep_at_0() -> None:
    x = Tensor(0.0, requires_grad=True)
    with np.errstate(divide="ignore"):
        assert autograd.grad(ops.Sqrt.apply(x), x).item() == np.inf


@pytest.mark.filterwarnings("ignore:Degrees of freedom:RuntimeWarning")
def test_variance_of_fewer_entries_than_it_divides_by_is_not_a_number() -> None:
    x = Tensor([2.0], requires_grad=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = autograd.var(x, ddof=1)
        assert np.isnan(variance.item())
        assert np.isnan(autograd.grad(variance, x).item())


def test_no_gradient_reaches_a_condition() -> None:
    condition, x = Tensor([0.0, 2.0], requires_grad=True), Tensor([1.0, 1.0], requires_grad=True)
    ops.Where.apply(condition, x, 5).sum().backward()
    assert condition.grad is None
    np.testing.assert_array_equal(x.grad.data, [0, 1])
    assert not ops.Where.apply(condition, 1.0, 2.0).requires_grad


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.bool_])
def test_unsigned_numbers_do_not_wrap(dtype: Any) -> None:
    x = np.array([1, 0, 1], dtype)
    exact = x.astype(float)
    for function in (autograd.sigmoid, autograd.softmax, autograd.log_softmax):
        np.testing.assert_allclose(function(x).data, function(exact).data, rtol=1e-3)


# At the ends of the number line


@pytest.mark.parametrize("x", [0, 1e-8, 1, 6, 40, 1000])
@each_dtype
def test_sigmoid_is_exact_to_rounding(x: float, dtype: Any) -> None:
    for number in (dtype(x), dtype(-x)):
        with localcontext(prec=50):
            exact = 1 / (1 + (-Decimal(float(number))).exp())
            exact, exact_slope = dtype(exact), dtype(exact * (1 - exact))
        t = Tensor(np.array(number), requires_grad=True)
        with np.errstate(all="raise", under="ignore"):
            result = ops.Sigmoid.apply(t)
            slope = autograd.grad(result, t)
        assert abs(result.data - exact) <= np.spacing(exact)
        np.testing.assert_allclose(slope.data, exact_slope, rtol=0, atol=np.finfo(dtype).eps)


@each_dtype
def test_softmax_is_stable_for_any_logits(dtype: Any) -> None:
    logits = Tensor(np.array([[1e4, 0, -1e4]], dtype), requires_grad=True)
    with np.errstate(all="raise", under="ignore"):
        p, logp = ops.Softmax.apply(logits), ops.LogSoftmax.apply(logits)
        nll = ops.SoftmaxCrossEntropy.apply(logits, np.array([2]))
        np.testing.assert_array_equal(p.data, [[1, 0, 0]])
        np.testing.assert_array_equal(logp.data, [[0, -1e4, -2e4]])
        np.testing.assert_array_equal(nll.data, [2e4])
        expected = [(p[0, 0], [[0, 0, 0]]), (logp[0, 2], [[-1, 0, 1]]), (nll.sum(), [[1, 0, -1]])]
        for result, gradient in expected:
            found = autograd.grad(result, logits, create_graph=True)
            np.testing.assert_array_equal(found.data, gradient)
            np.testing.assert_array_equal(autograd.grad(found[0, 0], logits).data, [[0, 0, 0]])
