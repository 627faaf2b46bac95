"""Products of arrays and linear algebra in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from support import vocabulary_linalg as rows

from benchmarks.pytorch_everyday import Function

linalg = torch.linalg


# Products


def torch_einsum(*arrays: torch.Tensor, subscripts: str, **_: Any) -> Any:
    """The order in which the arrays are multiplied is PyTorch's choice."""
    return torch.einsum(subscripts, *arrays)


def torch_dot(x: torch.Tensor, y: torch.Tensor) -> Any:
    if not x.ndim or not y.ndim:
        return torch.mul(x, y)
    return torch.tensordot(x, y, dims=([-1], [max(y.ndim - 2, 0)]))


def torch_tensordot(x: torch.Tensor, y: torch.Tensor, axes: Any = 2) -> Any:
    pairs = axes if isinstance(axes, int) else [np.atleast_1d(one).tolist() for one in axes]
    return torch.tensordot(x, y, dims=pairs)


def torch_cross(
    x: torch.Tensor, y: torch.Tensor, axisa: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    if axis is not None:
        return linalg.cross(x, y, dim=axis)
    x, y = torch.broadcast_tensors(torch.movedim(x, axisa, -1), y)
    return torch.movedim(linalg.cross(x, y), -1, axisc)


def torch_outer(x: torch.Tensor, y: torch.Tensor) -> Any:
    return torch.outer(torch.ravel(x), torch.ravel(y))


def torch_diagonal(x: torch.Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return torch.diagonal(x, offset, axis1, axis2)


def torch_trace(x: torch.Tensor, *args: int, **settings: int) -> Any:
    return torch.sum(torch_diagonal(x, *args, **settings), -1)


def triangle(function: Function) -> Function:
    """NumPy takes a vector for each row of a matrix."""
    return lambda x, k=0: function(x.expand(len(x), len(x)) if x.ndim == 1 else x, k)


# Factors are unique up to signs, and each library takes its own


def with_signs_of(like: Any, columns: torch.Tensor) -> torch.Tensor:
    """One sign for each column, those with which they are NumPy's."""
    products = torch.sum(torch.tensor(like) * columns.detach(), -2, keepdim=True)
    return torch.sign(products)


def torch_svd(x: torch.Tensor, full_matrices: bool = False) -> Any:
    u, s, vh = linalg.svd(x, full_matrices)
    signs = with_signs_of(rows.svd(x.numpy(force=True))[0], u)
    return u * signs, s, vh * signs.mT


def torch_eigh(x: torch.Tensor, UPLO: str = "L") -> Any:
    values, vectors = linalg.eigh(x, UPLO)
    return values, vectors * with_signs_of(rows.eigh(x.numpy(force=True), UPLO)[1], vectors)


def torch_qr(x: torch.Tensor, mode: str = "reduced") -> Any:
    q, r = linalg.qr(x)
    signs = with_signs_of(np.linalg.qr(x.numpy(force=True))[0], q)
    return r * signs.mT if mode == "r" else (q * signs, r * signs.mT)


def torch_lstsq(a: torch.Tensor, b: torch.Tensor) -> Any:
    """Its singular values have no gradient of their own."""
    found = linalg.lstsq(a, b, driver="gelsd")
    return found.solution, found.rank, linalg.svdvals(a)


# Norms


def torch_norm(x: torch.Tensor, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    decimals = x if x.is_floating_point() else x.double()
    return linalg.norm(decimals, ord, axis, keepdims)


def torch_vector_norm(
    x: torch.Tensor, ord: float = 2, axis: Any = None, keepdims: bool = False
) -> Any:
    return linalg.vector_norm(x, ord, axis, keepdims)


LINALG: dict[Function, Function] = {
    rows.einsum: torch_einsum,
    np.dot: torch_dot,
    np.inner: torch.inner,
    np.outer: torch_outer,
    np.vdot: lambda x, y: torch.dot(torch.ravel(x), torch.ravel(y)),
    np.tensordot: torch_tensordot,
    np.kron: torch.kron,
    rows.cross: torch_cross,
    np.cross: torch_cross,
    np.vecdot: linalg.vecdot,
    np.matvec: lambda a, x: torch.squeeze(a @ x[..., None], -1),
    np.vecmat: lambda x, a: torch.squeeze(x[..., None, :] @ a, -2),
    np.diagonal: torch_diagonal,
    np.trace: torch_trace,
    np.diag: lambda x, k=0: torch.diag(x, k),
    np.diagflat: lambda x, k=0: torch.diagflat(x, k),
    np.tril: triangle(torch.tril),
    np.triu: triangle(torch.triu),
    np.linalg.inv: linalg.inv,
    rows.pinv: linalg.pinv,
    np.linalg.pinv: lambda x, rcond: linalg.pinv(x, rtol=rcond),
    np.linalg.solve: linalg.solve,
    rows.lstsq: torch_lstsq,
    np.linalg.tensorsolve: linalg.tensorsolve,
    np.linalg.tensorinv: linalg.tensorinv,
    np.linalg.det: linalg.det,
    rows.slogdet: linalg.slogdet,
    np.linalg.slogdet: linalg.slogdet,
    np.linalg.cholesky: linalg.cholesky,
    rows.eigh: torch_eigh,
    np.linalg.eigh: torch_eigh,
    np.linalg.eigvalsh: linalg.eigvalsh,
    rows.svd: torch_svd,
    np.linalg.svd: torch_svd,
    np.linalg.svdvals: linalg.svdvals,
    np.linalg.qr: torch_qr,
    rows.euclidean: torch_vector_norm,
    rows.power_norm: torch_vector_norm,
    np.linalg.norm: torch_norm,
    np.linalg.vector_norm: torch_vector_norm,
    np.linalg.matrix_norm: linalg.matrix_norm,
    np.linalg.cond: linalg.cond,
    np.linalg.matrix_power: linalg.matrix_power,
    np.linalg.multi_dot: linalg.multi_dot,
    np.linalg.diagonal: linalg.diagonal,
    np.linalg.trace: lambda x, offset: torch_trace(x, offset, -2, -1),
    np.linalg.outer: torch.outer,
    np.linalg.cross: torch_cross,
    np.linalg.tensordot: torch_tensordot,
    np.linalg.matmul: linalg.matmul,
    np.linalg.vecdot: lambda x, y, axis: linalg.vecdot(x, y, dim=axis),
    np.linalg.matrix_transpose: lambda x: x.mT,
}
