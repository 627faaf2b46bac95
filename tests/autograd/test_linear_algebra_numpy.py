"""Linear algebra and products take NumPy's arguments and give its results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, linalg

Array = Any
RNG = np.random.default_rng(0)

A = np.array([[2.0, 1, 0], [1, 3, -1], [0.5, -1, 4]])
S = np.array([[2.0, 1, 0], [1, 3, -1], [0, -1, 4]])
T = np.array([[1.0, 2], [3, -1], [0.5, 2]])
M = np.array([[1.0, -1, 2], [0, 1, 1], [3, 0, -2]])
V = np.array([1.0, -2, 3])


ORDERS = [None, 0, 1, 2, -2, 3, 1.5, 0.5, -1, np.inf, -np.inf, "fro", "nuc", "f", "x"]


def same(function: Callable[..., Any], *args: Any, **settings: Any) -> None:
    """The function gives with Tensors what it gives with arrays."""
    tensors = [Tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    found, expected = function(*tensors, **settings), function(*args, **settings)
    several = isinstance(expected, tuple)
    for one, other in zip(found, expected, strict=True) if several else [(found, expected)]:
        assert one.shape == np.shape(other)
        assert one.dtype == np.asarray(other).dtype
        np.testing.assert_allclose(one.data, other, atol=1e-12)
    if hasattr(expected, "_fields"):
        assert found._fields == expected._fields


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (1,), (0, 1), (2, 0), (-1, -3)])
@pytest.mark.parametrize("ord", ORDERS)
def test_norms_are_numpys(ord: Any, axis: Any, keepdims: bool) -> None:
    for shape in ((4,), (2, 4), (2, 3, 4)):
        for dtype in (float, np.float32, int):
            x = RNG.integers(1, 9, shape).astype(dtype)
            try:
                expected = np.linalg.norm(x, ord, axis, keepdims)
            except (ValueError, TypeError):
                with pytest.raises(ValueError, match="norm: "):
                    linalg.norm(Tensor(x), ord, axis, keepdims)
                continue
            found = linalg.norm(Tensor(x), ord, axis, keepdims)
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
            tolerance = 1e-5 if dtype is np.float32 else 1e-12
            np.testing.assert_allclose(found.data, expected, rtol=tolerance)


STACK = RNG.standard_normal((2, 3, 3))

SAME_AS_NUMPY: list[tuple[Any, ...]] = [
    (np.linalg.slogdet, STACK),
    (np.linalg.lstsq, T, V),
    (np.linalg.lstsq, T, M),
    (np.linalg.lstsq, T.T, V[:2]),
    (np.linalg.lstsq, np.ones((3, 2)), V),  # of rank 1: no residuals
    (np.linalg.lstsq, A, V),
    (np.linalg.svd, T),
    (np.linalg.svd, STACK),
    (np.linalg.qr, STACK),
    (np.linalg.qr, T.T, "complete"),
    (np.linalg.qr, T, "r"),
    (np.linalg.eigh, S),
    (np.linalg.cond, STACK),
    (np.linalg.cond, A, -2),
    (np.linalg.cond, np.diag([1.0, 0])),
    (np.linalg.cond, A, np.inf),
    (np.linalg.solve, STACK, V),
    (np.linalg.solve, STACK, T),
    (np.linalg.matrix_power, A, 0),
    (np.linalg.matrix_power, STACK, 5),
    (np.linalg.matrix_power, A, -3),
    (np.linalg.tensorsolve, RNG.standard_normal((2, 3, 6)), np.ones((2, 3))),
    (np.linalg.tensorsolve, RNG.standard_normal((2, 6, 3)), np.ones((2, 3)), (1,)),
    (np.linalg.tensorinv, RNG.standard_normal((4, 6, 8, 3))),
    (np.dot, np.array(2.0), M),
    (np.dot, STACK, STACK),
    (np.inner, STACK, T.T),
    (np.cross, T.T, V),
    (np.cross, STACK, STACK, 1, 2, 0),
    (np.kron, STACK, V),
    (np.trace, STACK, 1, -1, 0),
    (np.diagonal, STACK, -1, 2, 0),
    (np.tril, STACK, -1),
    (np.diag, V, -2),
    (np.diagflat, M, 2),
    (np.vdot, M, M),
    (np.outer, M, V),
    (np.tensordot, STACK, STACK, [[0, 2], [0, 1]]),
    (np.linalg.pinv, np.ones((3, 2))),
]


@pytest.mark.parametrize("call", SAME_AS_NUMPY, ids=lambda call: call[0].__name__)
def test_results_are_numpys(call: tuple[Any, ...]) -> None:
    same(*call)


def test_settings_by_name_are_numpys() -> None:
    same(np.linalg.cholesky, S, upper=True)
    same(np.linalg.pinv, T, rtol=0.99)
    for cut in ({}, {"rtol": None}, {"rcond": 0.1}):  # which singular values count as 0
        same(np.linalg.pinv, np.diag([1, 8e-16]), **cut)
    same(np.linalg.svd, T, compute_uv=False)
    same(np.linalg.eigvalsh, A, UPLO="U")
    same(np.linalg.vecdot, M, M, axis=0)
    np.testing.assert_allclose(autograd.vecdot(M, M, axis=0).data, (M * M).sum(0))
    assert np.linalg.matrix_rank(Tensor(np.ones((3, 3)))) == 1
    found = np.linalg.multi_dot([Tensor(V), Tensor(T), Tensor(T.T), V])
    np.testing.assert_allclose(found.item(), V @ T @ T.T @ V)


def test_multi_dot_takes_the_cheapest_order() -> None:
    x, y = Tensor(np.ones((2, 50)), requires_grad=True), np.ones((50, 3))
    last = linalg.multi_dot([x, y, y.T, y]).grad_fn  # x y (2, 3) first, then times yᵀ y (3, 3)
    assert [edge.shape for edge in last.edges] == [(2, 3)]
    last = linalg.multi_dot([x, y, y.T]).grad_fn
    assert [edge.shape for edge in last.edges] == [(2, 3)]
    last = linalg.multi_dot([y.T, y, x.T[:3]]).grad_fn
    assert [edge.shape for edge in last.edges] == [(3, 2)]
