"""A Python number takes on the dtype of the array it meets, as in NumPy, on either side of it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from support.checks import operations_of_a_test

from autograd import Tensor
from autograd.function import Function, RuleError

OPERATORS = (operator.add, operator.sub, operator.mul, operator.truediv)
# 0.0 and −0.0 differ in the sign of what they are multiplied by; 1.0, 1 and True are equal keys.
NUMBERS = (0.0, -0.0, 1.0, 1, True, 0.1, -2.5, 1e-40, float("nan"), float("inf"))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32, np.bool_])
@pytest.mark.parametrize("shape", [(3,), ()])
@pytest.mark.parametrize("operation", OPERATORS)
def test_a_number_means_what_it_means_to_numpy(
    operation: Any, shape: tuple[int, ...], dtype: Any
) -> None:
    x = np.array([3, 1, 1], dtype)[: len(shape) * 3 or 1].reshape(shape)
    for number in NUMBERS * 2:  # the second time from memory
        with np.errstate(all="ignore"):
            if dtype is np.bool_ and operation is operator.sub and number is True:
                continue  # NumPy refuses that
            expected, got = np.asarray(operation(x, number)), operation(Tensor(x), number).data
        assert got.dtype == expected.dtype
        assert got.tobytes() == expected.tobytes(), number


def test_an_overflowing_number_is_reported_each_time() -> None:
    x = Tensor(np.ones(3, np.float32))
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="overflow"):
            x * 1e300


def test_one_number_serves_several_dtypes() -> None:
    for dtype in (np.float32, np.float64, np.float32):
        assert (Tensor(np.ones(2, dtype)) * 0.1).data.dtype == dtype


with operations_of_a_test():

    class ScalarForVector(Function):
        """A rule that answers a NumPy scalar where the input is a vector."""

        def forward(x: Any) -> Any:
            return x * 1

        gradients = {"x": lambda g: g.sum()}


def test_a_scalar_is_no_gradient_of_a_vector() -> None:
    x = Tensor(np.ones(3), requires_grad=True)
    with pytest.raises(RuleError, match=r"gradient of shape \(\), but x has shape \(3,\)"):
        ScalarForVector.apply(x).sum().backward()
