"""What linear algebra says of arguments that do not fit: whole messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.checks import message

from autograd import Tensor, linalg
from autograd.vocabulary.linalg import LinAlgError

Array = Any


def ones(*shape: int) -> Tensor:
    return Tensor(np.ones(shape), requires_grad=True)


LSTSQ = "  fix  np.linalg.lstsq and np.linalg.pinv take other matrices"
SUMMED = "the axes summed over must have the same lengths, and have"

WRONG: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (
        lambda: linalg.inv(ones(2, 3)),
        LinAlgError,
        ["Inv: a is 2 by 3, and must be square.", "  a  (2, 3) float64", LSTSQ],
    ),
    (
        lambda: linalg.inv(Tensor(np.stack([np.eye(2), np.ones((2, 2))]))),
        LinAlgError,
        [
            "Inv: a[1] is singular: of its 2 rows, only 1 are independent.",
            "  a  (2, 2, 2) float64",
            "  fix  np.linalg.lstsq or np.linalg.pinv do as well as it can be done; or add a small "
            "multiple of the identity",
        ],
    ),
    (
        lambda: linalg.solve(Tensor(np.eye(3)), ones(2)),
        ValueError,
        [
            "Solve: a has 3 equations, and b has 2 right-hand sides.",
            "  a  (3, 3) float64",
            "  b  (2, 1) float64",
            "  fix  b must have as many rows as a; for a stack of vectors, b[..., None]",
        ],
    ),
    (
        lambda: linalg.solve(Tensor(np.eye(3)), 2.0),
        ValueError,
        [
            "Solve: b is a single number.",
            "  a  (3, 3) float64",
            "  b  2.0 (float)",
            "  fix  give a vector with one entry for each row of a",
        ],
    ),
    (
        lambda: linalg.lstsq(ones(3, 2), ones(2)),
        LinAlgError,
        [
            "Lstsq: a has 3 rows (one for each observation), and b has 2.",
            "  a  (3, 2) float64",
            "  b  (2, 1) float64",
            "  fix  b.T, or check which rows belong together",
        ],
    ),
    (
        lambda: linalg.lstsq(ones(3), ones(3)),
        LinAlgError,
        [
            "Lstsq: a is one matrix, and its shape is (3,).",
            "  a  (3,) float64",
            "  b  (3, 1) float64",
            "  fix  for one unknown, a[:, None]",
        ],
    ),
    (
        lambda: linalg.cholesky(Tensor(np.stack([np.eye(2), -3 * np.eye(2)]))),
        LinAlgError,
        [
            "Cholesky: a[1] is not positive definite: its smallest eigenvalue is -3.",
            "  a  (2, 2, 2) float64",
            "  fix  if it should be one, as a covariance is, add a small multiple of the identity",
        ],
    ),
    (
        lambda: linalg.svdvals(ones(3)),
        LinAlgError,
        ["Svd: a is no matrix: its shape is (3,).", "  a  (3,) float64"],
    ),
    (
        lambda: linalg.svd(ones(2, 3)),
        TypeError,
        [
            "svd: of a matrix that is 2 by 3, full_matrices=True gives singular vectors that have "
            "no derivative. Write np.linalg.svd(a, full_matrices=False)."
        ],
    ),
    (
        lambda: linalg.qr(ones(3, 2), "complete"),
        TypeError,
        [
            "qr: mode='complete' has no derivative for a matrix that is 3 by 2. "
            "Write np.linalg.qr(a), or mode='r' for R alone."
        ],
    ),
    (
        lambda: linalg.qr(Tensor(np.zeros((2, 2)), requires_grad=True)).R.sum().backward(),
        ValueError,
        ["qr: the columns of the matrix are not independent, so Q and R have no gradient."],
    ),
    (
        lambda: np.linalg.eig(ones(2, 2)),
        TypeError,
        [
            "np.linalg.eig does not take Tensors: a matrix that is not symmetric has complex "
            "eigenvalues in general, and derivatives here are of real numbers. For symmetric "
            "matrices, np.linalg.eigh(a); for values alone, np.linalg.eig(a.numpy())."
        ],
    ),
    (
        lambda: np.linalg.eigvals(ones(2, 2)),
        TypeError,
        [
            "np.linalg.eigvals does not take Tensors: a matrix that is not symmetric has complex "
            "eigenvalues in general, and derivatives here are of real numbers. For symmetric "
            "matrices, np.linalg.eigvalsh(a); for values alone, np.linalg.eigvals(a.numpy())."
        ],
    ),
    (
        lambda: linalg.norm(ones(2, 3, 4), 3),
        ValueError,
        [
            "norm: order 3 is for vectors or matrices, along one axis or two, and there are 3. "
            "Say which: axis=-1, or axis=(-2, -1). x has shape (2, 3, 4)."
        ],
    ),
    (
        lambda: linalg.norm(ones(2), "nuc"),
        ValueError,
        ["norm: there is no order 'nuc' for vectors. Give a number, np.inf or -np.inf."],
    ),
    (
        lambda: linalg.norm(ones(2, 2), 3),
        ValueError,
        [
            "norm: there is no order 3 for matrices. "
            "Give 'fro', 'nuc', 1, -1, 2, -2, np.inf or -np.inf."
        ],
    ),
    (
        lambda: linalg.matrix_power(ones(2, 2), 0.5),
        TypeError,
        ["matrix_power: the power is a whole number, not 0.5."],
    ),
    (
        lambda: linalg.matrix_power(ones(2, 3), 2),
        LinAlgError,
        ["matrix_power: a must be square, and its shape is (2, 3)."],
    ),
    (
        lambda: linalg.multi_dot([ones(2, 2)]),
        ValueError,
        ["multi_dot: it takes two or more matrices, and 1 were given."],
    ),
    (
        lambda: linalg.multi_dot([ones(2, 2), ones(2), ones(2, 2)]),
        LinAlgError,
        [
            "multi_dot: it takes matrices, and vectors only as the first and the last. "
            "The shapes are (2, 2), (2,), (2, 2)."
        ],
    ),
    (
        lambda: linalg.outer(ones(2, 2), ones(2)),
        ValueError,
        [
            "outer: it takes two vectors, and the shapes are (2, 2) and (2,). "
            "autograd.outer takes the entries of arrays as one row."
        ],
    ),
    (
        lambda: linalg.tensorinv(ones(2, 2), 0),
        ValueError,
        ["tensorinv: ind counts axes, from 1 on, and is 0."],
    ),
    (
        lambda: np.tensordot(ones(2, 3), ones(2, 3), 1),
        ValueError,
        [
            f"tensordot: {SUMMED} 3 in the first, 2 in the second array. "
            "Their shapes are (2, 3) and (2, 3)."
        ],
    ),
    (
        lambda: np.tensordot(ones(2, 3), ones(2, 3), ([0, 1], [0])),
        ValueError,
        [
            f"tensordot: {SUMMED} 2 and 3 in the first, 2 in the second array. "
            "Their shapes are (2, 3) and (2, 3)."
        ],
    ),
    (
        lambda: np.vdot(ones(2, 3), ones(2)),
        ValueError,
        [
            f"vdot: {SUMMED} 6 in the first, 2 in the second array. "
            "Their shapes are (2, 3) and (2,)."
        ],
    ),
    (
        lambda: np.cross(ones(2), ones(2)),
        ValueError,
        [
            "cross: the vectors have 2 and 2 entries, and a vector product is for vectors of 3. "
            "For vectors of 2, x[0] * y[1] - x[1] * y[0]. a has shape (2,), b (2,)."
        ],
    ),
    (
        lambda: np.diagonal(ones(3)),
        ValueError,
        ["diagonal: a matrix has two axes, and a has shape (3,)."],
    ),
    (
        lambda: np.diag(ones(2, 2, 2)),
        ValueError,
        [
            "diag: v is a vector or a matrix, and its shape is (2, 2, 2). For stacks of matrices, "
            "np.diagonal(v, axis1=-2, axis2=-1)."
        ],
    ),
    (
        lambda: np.tril(Tensor(1.0)),
        TypeError,
        ["Tril: a single number has no triangle.", "  m  () float32", "  k=0"],
    ),
]


@pytest.mark.parametrize(("wrong", "kind", "lines"), WRONG)
def test_what_does_not_fit_is_explained(
    wrong: Callable[[], Any], kind: type[Exception], lines: list[str]
) -> None:
    assert message(kind, wrong) == "\n".join(lines)
