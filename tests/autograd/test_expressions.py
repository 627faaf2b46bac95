"""Random expressions: values against NumPy's, derivatives against finite differences.

`make test` reads a few hundred expressions, always the same; `make test-expressions` reads 10,000.
What an expression is: support/expressions.py; how they are made: support/random_expressions.py.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from hypothesis import assume, given
from support.expressions import (
    DISPATCHED,
    NUMPY,
    Expression,
    Leaf,
    gradients,
    result_of,
    weights_of,
)
from support.random_expressions import expressions, many

import autograd
from autograd import Tensor, functional, functions

Array = Any


def check_slope(
    expression: Expression, value: Callable[[dict[str, Array]], float], gradient: list[Tensor]
) -> None:
    """Compare a gradient with finite differences of `value`, all variables moving at once."""
    arrays = expression.arrays()
    directions = {name: weights_of(arrays[name], i) for i, name in enumerate(expression.variables)}

    def moved(step: float) -> float:
        there = {name: arrays[name] + step * u for name, u in directions.items()}
        return value(arrays | there)

    found = sum(
        float(np.sum(g.data * u)) for g, u in zip(gradient, directions.values(), strict=True)
    )
    expected, error = slope_at_zero(moved)
    scale = max(1, abs(expected))
    assume(error <= 1e-6 * scale)  # else the differences themselves do not agree
    assert abs(found - expected) <= 1e-6 * scale, f"{found:.9g}, by differences {expected:.9g}"


def slope_at_zero(value: Callable[[float], float]) -> tuple[float, float]:
    """The slope by differences over three widths, extrapolated to none (Richardson); its error."""
    width = 2e-4
    one, two, four = (
        (value(k * width) - value(-k * width)) / (2 * k * width) for k in (1.0, 2.0, 4.0)
    )
    near, far = (4 * one - two) / 3, (4 * two - four) / 3
    best = (16 * near - far) / 15
    return best, abs(best - near)


def test_the_expressions_use_every_function() -> None:
    used: set[str] = set()

    @many
    @given(expressions())
    def collect(expression: Expression) -> None:
        used.update(expression.code.co_names)

    collect()
    no_gradient = {"argmax", "argmin"}
    assert set(functions.__all__) - used == no_gradient


@many
@given(expressions())
def test_what_is_printed_is_the_expression(expression: Expression) -> None:
    again = eval(repr(expression), {"Expression": Expression, "Leaf": Leaf})
    arrays, same = expression.arrays(), again.arrays()
    for name, array in arrays.items():
        assert same[name].strides == array.strides
        np.testing.assert_array_equal(same[name], array)
    np.testing.assert_array_equal(again.read(NUMPY, same), expression.read(NUMPY, arrays))


@many
@given(expressions())
def test_value_and_gradient(expression: Expression) -> None:
    arrays = expression.arrays()
    leaves = expression.tensors(arrays)
    result = result_of(expression, leaves)
    expected = np.asarray(expression.read(NUMPY, arrays))
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(result.data, expected, rtol=1e-12, atol=1e-12)

    def value(arrays: dict[str, Array]) -> float:
        return float(np.sum(weights_of(expected) * expression.read(NUMPY, arrays)))

    check_slope(expression, value, gradients(expression, leaves))


@many
@given(expressions())
def test_second_derivative(expression: Expression) -> None:
    def value(arrays: dict[str, Array]) -> float:
        found = gradients(expression, expression.tensors(arrays))
        return sum(float(np.sum(weights_of(one) * one.data)) for one in found)

    leaves = expression.tensors(expression.arrays())
    check_slope(expression, value, gradients(expression, leaves, order=2))


@many
@given(expressions())
def test_all_ways_to_a_gradient_agree(expression: Expression) -> None:
    arrays = expression.arrays()
    before = {name: a.copy() for name, a in arrays.items()}
    leaves = expression.tensors(arrays)
    expected = gradients(expression, leaves)
    by_numpys_names = gradients(expression, leaves, DISPATCHED)
    with_history = gradients(expression, leaves, create_graph=True)
    result = result_of(expression, leaves)
    if result.requires_grad:
        result.backward(weights_of(result), retain_graph=True)
        result.backward(weights_of(result))
    collected = [leaves[name].grad for name in expression.variables]
    for i, gradient in enumerate(expected):
        np.testing.assert_array_equal(by_numpys_names[i].data, gradient.data)
        np.testing.assert_array_equal(with_history[i].data, gradient.data)
        twice = 0 if collected[i] is None else collected[i].data
        np.testing.assert_array_equal(twice, 2 * gradient.data)
    for name, a in arrays.items():
        np.testing.assert_array_equal(a, before[name])  # what is given is not written into


@many
@given(expressions())
def test_jacobian_in_one_pass_is_the_jacobian_row_by_row(expression: Expression) -> None:
    leaves = expression.tensors(expression.arrays())
    variables = {name: leaves[name] for name in expression.variables}

    def result(variables: dict[str, Tensor]) -> Tensor:
        return result_of(expression, leaves | variables)

    value = result(variables)
    jacobians = functional.jacobian(result)(variables)
    for place in np.ndindex(value.shape):
        row = {name: np.zeros(one.shape) for name, one in variables.items()}
        if value.requires_grad:
            unit = np.zeros(value.shape)
            unit[place] = 1
            found = autograd.grad(
                value, list(variables.values()), unit, retain_graph=True, materialize_grads=True
            )
            row = {name: one.data for name, one in zip(variables, found, strict=True)}
        for name, expected in row.items():
            tolerance = 1e-12 * max(1, np.max(np.abs(expected), initial=0))
            np.testing.assert_allclose(jacobians[name][place].data, expected, 1e-12, tolerance)


@many
@given(expressions())
def test_dtypes_are_numpys_and_gradients_have_their_leafs(expression: Expression) -> None:
    """One dtype for all leaves, then one for each. Half precision overflows here and there.

    All leaves are Tensors: NumPy's scalars, which bare arrays become in sums, have no say here.
    """
    random = Random(expression.seed)
    for one_for_all in (True, False):
        names = list(expression.leaves)
        drawn = random.choices([np.float16, np.float32, np.float64], k=len(names))
        dtypes = (
            dict.fromkeys(names, drawn[0]) if one_for_all else dict(zip(names, drawn, strict=True))
        )
        arrays = expression.arrays(**dtypes)
        leaves = {name: Tensor(a, name in expression.variables) for name, a in arrays.items()}
        with np.errstate(all="ignore"):
            expected = np.asarray(expression.read(NUMPY, arrays)).dtype
            assert result_of(expression, leaves).dtype == expected
            for order in (1, 2):
                found = gradients(expression, leaves, order=order)
                for name, one in zip(expression.variables, found, strict=True):
                    assert (one.dtype, one.shape) == (dtypes[name], arrays[name].shape)
