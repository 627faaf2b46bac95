"""Tensors of CuPy arrays, on machines that have CuPy and a GPU: they compute where they live."""

import numpy as np
import pytest
from support.operations import CASES

import autograd
from autograd import Tensor

cupy = pytest.importorskip("cupy", reason="CuPy and a GPU are not part of the test environment")

if cupy.cuda.runtime.getDeviceCount() == 0:
    pytest.skip("there is no GPU", allow_module_level=True)

ROWS = [case for case in CASES if isinstance(case.op, type)]


@pytest.mark.parametrize("case", {case.op: case for case in ROWS}.values(), ids=repr)
def test_operations_give_what_they_give_on_numpy_arrays(case):
    arrays = case.draw(np.float64)
    here = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    there = [Tensor(cupy.asarray(a), requires_grad=a.dtype.kind == "f") for a in arrays]
    expected, found = case.apply(*here), case.apply(*there)
    for one, wanted in zip(found, expected, strict=True):
        assert isinstance(one.data, cupy.ndarray)
        np.testing.assert_allclose(cupy.asnumpy(one.data), wanted.data, rtol=1e-12, atol=1e-12)
    reached = [y for y in expected if y.requires_grad]
    if reached:
        leaves = [x for x in here if x.requires_grad], [x for x in there if x.requires_grad]
        results = reached, [y for y in found if y.requires_grad]
        ones = [[np.ones(y.shape) for y in reached], [cupy.ones(y.shape) for y in reached]]
        both = [
            autograd.grad(outputs, inputs, g, allow_unused=True)
            for outputs, inputs, g in zip(results, leaves, ones, strict=True)
        ]
        for wanted, one in zip(*both, strict=True):
            assert (wanted is None) == (one is None)
            if wanted is not None:
                assert isinstance(one.data, cupy.ndarray)
                np.testing.assert_allclose(cupy.asnumpy(one.data), wanted.data, rtol=1e-10)
