"""NumPy's methods of a Tensor: each is the function of the same name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.checks import message

from autograd import Tensor
from autograd.methods import Methods

X = np.array([[3.0, 1, 2], [0, 5, 4]])

CALLS: list[Callable[[Any], Any]] = [
    lambda x: x.swapaxes(0, 1),
    lambda x: x.repeat(2),
    lambda x: x.repeat([1, 0, 2], axis=1),
    lambda x: x.copy(),
    lambda x: x.take([5, 0]),
    lambda x: x.take([4, -1], axis=1, mode="wrap"),
    lambda x: x.compress([True, False, True], axis=1),
    lambda x: x.diagonal(),
    lambda x: x.diagonal(1, 1, 0),
    lambda x: x.prod(),
    lambda x: x.prod(axis=0, keepdims=True),
    lambda x: x.cumsum(),
    lambda x: x.cumsum(axis=1),
    lambda x: x.cumprod(0),
    lambda x: x.trace(),
    lambda x: x.trace(offset=1),
    lambda x: x.dot(x[0]),
    lambda x: (x / 3).round(2),
    lambda x: x.argsort(),
    lambda x: x.argsort(None, stable=True),
    lambda x: x.argpartition(1, axis=1),
    lambda x: x[0].searchsorted([1.5], side="right", sorter=x[0].argsort()),
    lambda x: x.tolist(),
    lambda x: (x.itemsize, x.nbytes),
]


def values(answer: Any) -> Any:
    if isinstance(answer, tuple):
        return [values(one) for one in answer]
    return answer.data if isinstance(answer, Tensor) else answer


@pytest.mark.parametrize("call", CALLS)
def test_methods_are_those_of_an_ndarray(call: Callable[[Any], Any]) -> None:
    np.testing.assert_allclose(values(call(Tensor(X))), call(X), rtol=1e-15)


def test_methods_that_take_whole_numbers() -> None:
    numbers = np.array([0, 1, 1])
    assert Tensor(numbers).choose([[7, 7, 7], [8, 8, 9]]).data.tolist() == [7, 8, 9]
    assert values(Tensor(X).nonzero()[0]).tolist() == X.nonzero()[0].tolist()
    assert Tensor(numbers).nonzero()[0].data.tolist() == [1, 2]


def test_a_gradient_flows_through_them() -> None:
    t = Tensor(X, requires_grad=True)
    (t.swapaxes(0, 1).take([0, 0, 5]) * np.array([1.0, 2, 3])).sum().backward()
    assert t.grad.data.tolist() == [[3, 0, 0], [0, 0, 3]]


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("sort", "np.sort(t, axis)"),
        ("partition", "np.partition(t, kth, axis)"),
        ("fill", "np.full_like(t, value)"),
        ("put", "autograd.where(mask, values, t)"),
        ("resize", "np.resize(t, shape)"),
    ],
)
def test_methods_that_work_in_place_are_refused(name: str, instead: str) -> None:
    assert message(TypeError, lambda: getattr(Tensor(X), name)(1)) == (
        f"t.{name}() changes an array in place, and a Tensor's history would not know. Compute a "
        f"new one: {instead}; entries of a Tensor without history are set by t[key] = values."
    )


def test_every_method_of_numpy_is_there_or_left_out_on_purpose() -> None:
    complex_numbers = {"conj", "conjugate", "imag", "real"}
    memory = {"base", "byteswap", "ctypes", "device", "flags", "flat", "getfield", "setfield"}
    memory |= {"setflags", "strides", "to_device", "view"}
    files = {"dump", "dumps", "tobytes", "tofile"}
    names = {name for name in dir(np.ndarray) if not name.startswith("_")}
    missing = names - {*dir(Tensor)} - complex_numbers - memory - files
    assert missing == set()
    assert Methods in Tensor.__mro__
