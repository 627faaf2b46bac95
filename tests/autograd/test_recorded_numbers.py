"""NumPy's numbers in recordings: beside a Tensor they never widen a dtype, as without recording.

A recording has an array without axes where NumPy answers with a number of its own; a real array
without axes does widen.
"""

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.compiling import compile

ROW = np.array([1, 2, 4])

FUNCTIONS = {
    "added": (lambda p, n: p.mean() + n.mean(), np.float32),
    "multiplied": (lambda p, n: p * n.sum(), np.float32),
    "on the left": (lambda p, n: n.max() / (p + 1), np.float32),
    "two of them": (lambda p, n: p * n.mean() * n.sum(), np.float32),
    "by NumPy's name": (lambda p, n: np.maximum(p, n.min()), np.float32),
    "chosen": (lambda p, n: autograd.where(p > 1, p, n.mean()), np.float32),
    "an entry": (lambda p, n: p * n[1], np.float32),
    "a truth value": (lambda p, n: p * (n.sum() > 3), np.float32),
    "of whole numbers": (lambda p, n: (p > 1).astype(int) * n.sum(), np.int64),
    "a fraction of whole ones": (lambda p, n: (p > 1).astype(int) * n.mean(), np.float64),
    "an array": (lambda p, n: p + n, np.float64),
    "an array without axes": (lambda p, n: p + n[:1].reshape(()), np.float64),
    "what a Tensor holds": (lambda p, n: p * (p.astype(np.float64).sum().data), np.float64),
    "joined": (lambda p, n: np.stack([p.sum(), n.sum()]), np.float64),
    "among NumPy's own": (lambda p, n: Tensor(np.float32(1) * n[:1]) * p, np.float64),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_recordings_have_the_dtypes_of_eager_results(name):
    function, dtype = FUNCTIONS[name]
    p = Tensor(np.arange(3, dtype=np.float32), requires_grad=True)
    expected = function(p, ROW)
    assert expected.dtype == dtype
    compiled, graph = compile(function), autograd.trace(function, p, ROW)
    for found in (compiled(p, ROW), compiled(p, ROW), graph(p, ROW)):
        np.testing.assert_array_equal(found.data, expected.data, strict=True)


RULES = {
    "a product, a quotient": lambda p, n: p * n.mean() / n.sum(),
    "a quotient of sums": lambda p, n: p.sum() / n.sum(),
    "a power": lambda p, n: p ** n.mean(),
    "a power of it": lambda p, n: n.mean() ** p,
    "two arguments": lambda p, n: np.arctan2(p, n.mean()) + np.hypot(n.max(), p),
}


@pytest.mark.parametrize("name", RULES)
def test_gradients_beside_such_numbers_are_those_of_eager_code(name):
    def step(p, n):
        RULES[name](p, n).sum().backward()

    gradients = []
    for run in (step, compile(step)):
        p = Tensor(np.linspace(0.1, 3, 200, dtype=np.float32), requires_grad=True)
        for _ in range(3):
            run(p, ROW)
        gradients.append(p.grad.data)
    np.testing.assert_array_equal(*gradients, strict=True)
