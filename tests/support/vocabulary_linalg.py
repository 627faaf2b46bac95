"""Rows for the table of operations: products of arrays, and linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from support.cases import Case, Shape, anywhere, below_three, distinct, domain, nonzero

from autograd import vocabulary
from autograd.ops import decompositions, inverses, norms, products
from autograd.ops.einsum import Einsum

Array = Any
linalg = vocabulary.linalg

# Matrices


@domain
def matrices(rng: np.random.Generator, shape: Shape) -> Array:
    """Near a diagonal of 1, 2, …: of full rank, singular and eigenvalues distinct and positive."""
    diagonal = np.eye(*shape[-2:]) * np.arange(1, shape[-1] + 1)
    return 0.2 * rng.standard_normal(shape) + diagonal


@domain
def right_angles(rng: np.random.Generator, shape: Shape) -> Array:
    """Near quarter turns: regular, with a determinant of either sign."""
    return 0.2 * rng.standard_normal(shape) + np.eye(*shape[-2:])[::-1] * 2


class Decimals(Case):
    """A row for functions that NumPy has for float32 and float64 alone.

    Where float16 is asked for, the numbers are rounded to it. Where whole numbers are, which come
    as ones, the identity is added, so that they have an inverse. Several results are joined.
    """

    def draw(self, dtype: Any = np.float64) -> list[Array]:
        half = np.dtype(dtype) == np.float16
        drawn = super().draw(dtype)
        return [a.astype(np.float32) if half and a.dtype.kind == "f" else a for a in drawn]

    def prepared(self, x: Any) -> Any:
        """The input, as the operation and its reference are given it."""
        return x + np.eye(*x.shape[-2:], dtype=x.dtype) if x.dtype.kind == "i" else x

    def call(self, function: Callable[..., Any], *inputs: Any) -> tuple[Any, ...]:
        return joined(super().call(function, *map(self.prepared, inputs)))

    def apply(self, *inputs: Any) -> tuple[Any, ...]:
        if not isinstance(self.op, type):
            return super().apply(*inputs)  # by way of call
        return joined(super().apply(*map(self.prepared, inputs)))


def joined(results: tuple[Any, ...]) -> tuple[Any, ...]:
    """Several results as one row, without whole numbers: some have no gradient for themselves."""
    if len(results) == 1:
        return results
    return (np.concatenate([one for one in results if one.dtype.kind == "f"], axis=None),)


class Symmetric(Decimals):
    """A row for functions of symmetric matrices: they are given x + xᵀ for any x."""

    def prepared(self, x: Any) -> Any:
        x = super().prepared(x)
        return x + x.mT if x.dtype.kind in "fi" else x


# References for what takes its arguments in another form


def einsum(*arrays: Array, subscripts: str, optimize: Any = False) -> Array:
    return np.einsum(subscripts, *arrays)


def cross(x: Array, y: Array) -> Array:
    return np.cross(x, y)


def cofactor(a: Array) -> Array:
    return np.linalg.det(a)[..., None, None] * np.linalg.inv(a).mT


def slogdet(a: Array) -> Any:
    return np.linalg.slogdet(a)


def pinv(a: Array, rcond: Any = None) -> Array:
    return np.linalg.pinv(a, rcond)


def lstsq(a: Array, b: Array, rcond: Any = None) -> Any:
    x, _, rank, s = np.linalg.lstsq(a, b, rcond)
    return x, np.asarray(rank), s


def eigh(a: Array, UPLO: str = "L") -> Any:
    return np.linalg.eigh(a, UPLO)


def svd(a: Array) -> Any:
    return np.linalg.svd(a, full_matrices=False)


def euclidean(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return np.sqrt(np.sum(x * x, axis, keepdims=keepdims))


def power_norm(x: Array, ord: float, axis: Any = None, keepdims: bool = False) -> Array:
    return np.sum(abs(x) ** float(ord), axis, keepdims=keepdims) ** (1 / ord)


def einsums(*rows: tuple[Any, ...]) -> list[Case]:
    return [
        Case(Einsum, einsum, *(anywhere(*s) for s in shapes), subscripts=subscripts)
        for subscripts, *shapes in rows
    ]


# The rows

CASES: list[Case] = [
    # Einstein summation
    *einsums(
        ("ij,jk->ik", (2, 3), (3, 4)),
        ("ij,jk", (2, 3), (3, 4)),
        ("ba", (2, 3)),
        ("i,i", (3,), (3,)),
        ("i,j->ij", (2,), (3,)),
        ("ij->", (2, 3)),
        ("ij->i", (2, 3)),
        ("ii->i", (3, 3)),
        ("ii", (3, 3)),
        ("ijj->ji", (2, 3, 3)),
        ("iij,j->i", (3, 3, 2), (2,)),
        ("iii->i", (2, 2, 2)),
        ("iijj->", (2, 2, 3, 3)),
        ("ij,kk->k", (2, 3), (2, 2)),
        ("...ij,...jk->...ik", (5, 2, 3), (3, 4)),
        ("...i->...", (2, 3, 4)),
        ("i...,i->...", (3, 2), (3,)),
        ("...ii->...i", (2, 3, 3)),
        ("...,...", (2, 1), (3,)),
        ("...j,i...", (2, 3), (4, 2)),
        ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
        ("ij,ij,j->i", (2, 3), (2, 3), (3,)),
        ("ij,ij->ij", (1, 3), (2, 3)),
        ("ij,ij->j", (1, 3), (2, 1)),
        (",i->i", (), (3,)),
        ("->", ()),
        ("ij,jk->ik", (2, 0), (0, 3)),
        ("ii->i", (0, 0)),
    ),
    Case(Einsum, einsum, anywhere(2, 3), anywhere(3, 4), subscripts="ij,jk->ki", optimize=True),
    Case(
        Einsum,
        einsum,
        *(anywhere(2, 3), anywhere(3, 3), anywhere(3, 2)),
        subscripts="ij,jj,jk->ik",
        optimize="optimal",
    ),
    # Products
    Case(vocabulary.dot, np.dot, anywhere(), anywhere(2, 3)),
    Case(vocabulary.dot, np.dot, anywhere(3), anywhere(3)),
    Case(vocabulary.dot, np.dot, anywhere(4, 2, 3), anywhere(3)),
    Case(vocabulary.dot, np.dot, anywhere(2, 3), anywhere(4, 3, 2)),
    Case(vocabulary.inner, np.inner, anywhere(2, 3), anywhere(4, 5, 3)),
    Case(vocabulary.inner, np.inner, anywhere(3), anywhere(3)),
    Case(vocabulary.inner, np.inner, anywhere(2, 3), anywhere()),
    Case(vocabulary.outer, np.outer, anywhere(2, 3), anywhere(4)),
    Case(vocabulary.outer, np.outer, anywhere(0), anywhere(2)),
    Case(vocabulary.vdot, np.vdot, anywhere(2, 3), anywhere(2, 3)),
    Case(vocabulary.tensordot, np.tensordot, anywhere(2, 3, 4), anywhere(3, 4, 5)),
    Case(vocabulary.tensordot, np.tensordot, anywhere(2, 3), anywhere(4), axes=0),
    Case(vocabulary.tensordot, np.tensordot, anywhere(2, 3), anywhere(4, 3), axes=(1, 1)),
    Case(
        vocabulary.tensordot,
        np.tensordot,
        *(anywhere(2, 3, 4), anywhere(4, 5, 2)),
        axes=([0, -1], [2, 0]),
    ),
    Case(vocabulary.kron, np.kron, anywhere(2, 3), anywhere(3, 2)),
    Case(vocabulary.kron, np.kron, anywhere(2), anywhere(1, 3, 2)),
    Case(vocabulary.kron, np.kron, anywhere(), anywhere(2)),
    Case(products.Cross, cross, anywhere(2, 3), anywhere(2, 3)),
    Case(products.Cross, cross, anywhere(3), anywhere(4, 1, 3)),
    Case(vocabulary.cross, np.cross, anywhere(3, 2), anywhere(3, 2), axis=0),
    Case(vocabulary.cross, np.cross, anywhere(3, 2), anywhere(2, 3), axisa=0, axisc=0),
    Case(vocabulary.vecdot, np.vecdot, anywhere(2, 3), anywhere(3)),
    Case(vocabulary.vecdot, np.vecdot, anywhere(4, 1, 3), anywhere(2, 3)),
    Case(vocabulary.matvec, np.matvec, anywhere(2, 3), anywhere(5, 3)),
    Case(vocabulary.vecmat, np.vecmat, anywhere(5, 3), anywhere(2, 5, 3, 4)),
    # Diagonals and triangles
    Case(vocabulary.diagonal, np.diagonal, anywhere(3, 3)),
    Case(vocabulary.diagonal, np.diagonal, anywhere(3, 4), offset=1),
    Case(vocabulary.diagonal, np.diagonal, anywhere(2, 4, 3), offset=-2, axis1=-2, axis2=-1),
    Case(vocabulary.diagonal, np.diagonal, anywhere(3, 2, 4), axis1=2),
    Case(vocabulary.diagonal, np.diagonal, anywhere(2, 3), offset=5),
    Case(vocabulary.products.trace, np.trace, anywhere(3, 4)),
    Case(vocabulary.products.trace, np.trace, anywhere(2, 4, 3), offset=-1, axis1=1, axis2=2),
    Case(vocabulary.diag, np.diag, anywhere(3)),
    Case(vocabulary.diag, np.diag, anywhere(3), k=-2),
    Case(vocabulary.diag, np.diag, anywhere(3, 4), k=1),
    Case(vocabulary.diag, np.diag, anywhere(0), k=2),
    Case(vocabulary.diagflat, np.diagflat, anywhere(2, 2), k=1),
    Case(products.Tril, np.tril, anywhere(3, 4)),
    Case(products.Tril, np.tril, anywhere(2, 3, 3), k=-1),
    Case(products.Tril, np.tril, anywhere(3)),
    Case(products.Triu, np.triu, anywhere(3, 4)),
    Case(products.Triu, np.triu, anywhere(2, 3, 3), k=2),
    Case(products.Triu, np.triu, anywhere(3)),
    # Inverses, systems of equations and determinants
    Decimals(inverses.Inv, np.linalg.inv, matrices(3, 3)),
    Decimals(inverses.Inv, np.linalg.inv, right_angles(2, 2, 2)),
    Decimals(inverses.Inv, np.linalg.inv, anywhere(0, 0)),
    Decimals(inverses.Pinv, pinv, matrices(3, 3)),
    Decimals(inverses.Pinv, pinv, matrices(4, 2)),
    Decimals(inverses.Pinv, pinv, matrices(5, 2, 3)),
    Decimals(inverses.Pinv, pinv, matrices(2, 0)),
    Decimals(linalg.pinv, np.linalg.pinv, matrices(2, 3), rcond=1e-3),
    Decimals(inverses.Solve, np.linalg.solve, matrices(3, 3), anywhere(3, 2)),
    Decimals(inverses.Solve, np.linalg.solve, matrices(5, 2, 2), anywhere(2, 3)),
    Decimals(inverses.Solve, np.linalg.solve, right_angles(2, 2), anywhere(5, 2, 1)),
    Decimals(linalg.solve, np.linalg.solve, right_angles(2, 2), anywhere(2)),
    Decimals(linalg.solve, np.linalg.solve, matrices(4, 2, 2), anywhere(2)),
    Decimals(inverses.Lstsq, lstsq, matrices(4, 2), anywhere(4, 3)),
    Decimals(inverses.Lstsq, lstsq, matrices(2, 4), anywhere(2, 3)),
    Decimals(inverses.Lstsq, lstsq, right_angles(3, 3), anywhere(3, 1)),
    Decimals(linalg.tensorsolve, np.linalg.tensorsolve, matrices(6, 6), anywhere(6)),
    Decimals(linalg.tensorinv, np.linalg.tensorinv, matrices(3, 3), ind=1),
    Decimals(inverses.Det, np.linalg.det, matrices(3, 3)),
    Decimals(inverses.Det, np.linalg.det, right_angles(4, 2, 2)),
    Decimals(inverses.Det, np.linalg.det, anywhere(1, 1)),
    Decimals(inverses.Det, np.linalg.det, anywhere(0, 0)),
    Decimals(inverses.Cofactor, cofactor, matrices(3, 3)),
    Decimals(inverses.Cofactor, cofactor, right_angles(5, 2, 2)),
    Decimals(inverses.Slogdet, slogdet, matrices(3, 3)),
    Decimals(inverses.Slogdet, slogdet, right_angles(4, 2, 2)),
    Decimals(linalg.slogdet, np.linalg.slogdet, right_angles(2, 2)),
    # Decompositions
    Symmetric(decompositions.Cholesky, np.linalg.cholesky, matrices(3, 3)),
    Symmetric(decompositions.Cholesky, np.linalg.cholesky, matrices(4, 2, 2)),
    Symmetric(linalg.cholesky, np.linalg.cholesky, matrices(3, 3), upper=True),
    Symmetric(decompositions.Eigh, eigh, matrices(3, 3)),
    Symmetric(decompositions.Eigh, eigh, matrices(4, 2, 2), UPLO="U"),
    Symmetric(decompositions.Eigh, eigh, anywhere(0, 0)),
    Symmetric(linalg.eigh, np.linalg.eigh, matrices(2, 2)),
    Symmetric(linalg.eigvalsh, np.linalg.eigvalsh, matrices(3, 3), UPLO="U"),
    Decimals(decompositions.Svd, svd, matrices(3, 3)),
    Decimals(decompositions.Svd, svd, matrices(4, 2)),
    Decimals(decompositions.Svd, svd, matrices(5, 2, 3)),
    Decimals(linalg.svd, np.linalg.svd, matrices(2, 3), full_matrices=False),
    Decimals(linalg.svdvals, np.linalg.svdvals, matrices(2, 3)),
    Decimals(decompositions.Qr, np.linalg.qr, matrices(3, 3)),
    Decimals(decompositions.Qr, np.linalg.qr, matrices(4, 2)),
    Decimals(decompositions.Qr, np.linalg.qr, matrices(5, 3, 2)),
    Decimals(linalg.qr, np.linalg.qr, matrices(2, 4)),
    Decimals(linalg.qr, np.linalg.qr, matrices(3, 2), mode="r"),
    # Norms
    Case(norms.EuclideanNorm, euclidean, anywhere(2, 3)),
    Case(norms.EuclideanNorm, euclidean, anywhere(2, 3, 4), axis=(0, -1)),
    Case(norms.EuclideanNorm, euclidean, anywhere(2, 3), axis=1, keepdims=True),
    Case(norms.EuclideanNorm, euclidean, anywhere(0, 3), axis=1),
    Case(norms.PowerNorm, power_norm, nonzero(2, 3), ord=3),
    Case(norms.PowerNorm, power_norm, nonzero(2, 3), ord=1.5, axis=0),
    Case(norms.PowerNorm, power_norm, nonzero(2, 3), ord=-2, axis=-1, keepdims=True),
    Case(norms.PowerNorm, power_norm, nonzero(0, 3), ord=3, axis=1),
    Case(linalg.norm, np.linalg.norm, anywhere()),
    Case(linalg.norm, np.linalg.norm, anywhere(2, 3, 4)),
    Case(linalg.norm, np.linalg.norm, anywhere(2, 3), keepdims=True),
    Case(linalg.norm, np.linalg.norm, distinct(5), ord=np.inf),
    Case(linalg.norm, np.linalg.norm, nonzero(2, 3), ord=1, axis=1),
    Case(linalg.norm, np.linalg.norm, nonzero(2, 3), ord=-1, axis=0, keepdims=True),
    *(
        Decimals(linalg.norm, np.linalg.norm, matrices(2, 3), ord=ord, keepdims=keepdims)
        for ord, keepdims in [
            *[("fro", False), ("fro", True), ("nuc", False), ("nuc", True), (2, False)],
            *[(-2, True), (1, False), (-1, True), (np.inf, True), (-np.inf, False)],
        ]
    ),
    Decimals(linalg.norm, np.linalg.norm, matrices(5, 2, 3), ord="nuc", axis=(2, 0)),
    Decimals(linalg.norm, np.linalg.norm, matrices(5, 2, 3), ord=1, axis=(2, 0), keepdims=True),
    Case(linalg.vector_norm, np.linalg.vector_norm, anywhere(2, 3)),
    Case(linalg.vector_norm, np.linalg.vector_norm, nonzero(2, 3, 2), ord=3, axis=(0, 2)),
    Decimals(linalg.matrix_norm, np.linalg.matrix_norm, matrices(4, 2, 3), ord="nuc"),
    Decimals(linalg.cond, np.linalg.cond, matrices(3, 3)),
    Decimals(linalg.cond, np.linalg.cond, right_angles(4, 2, 2), p="fro"),
    # Products of matrices
    Case(linalg.matrix_power, np.linalg.matrix_power, anywhere(2, 2), n=1),
    Case(linalg.matrix_power, np.linalg.matrix_power, anywhere(4, 2, 2), n=3),
    Decimals(linalg.matrix_power, np.linalg.matrix_power, right_angles(2, 2), n=-2),
    Case(linalg.multi_dot, np.linalg.multi_dot, anywhere(2, 3), anywhere(3, 4), anywhere(4, 2)),
    Case(linalg.multi_dot, np.linalg.multi_dot, anywhere(3), anywhere(3, 4), anywhere(4)),
    Case(linalg.diagonal, np.linalg.diagonal, anywhere(2, 3, 4), offset=1),
    Case(linalg.trace, np.linalg.trace, anywhere(2, 3, 4), offset=-1),
    Case(linalg.outer, np.linalg.outer, anywhere(2), anywhere(3)),
    Case(linalg.cross, np.linalg.cross, anywhere(3, 2), anywhere(3, 2), axis=0),
    Case(linalg.tensordot, np.linalg.tensordot, anywhere(2, 3), anywhere(3, 2), axes=1),
    Case(linalg.matmul, np.linalg.matmul, anywhere(2, 3), anywhere(3)),
    Case(linalg.vecdot, np.linalg.vecdot, anywhere(3, 2), anywhere(3, 2), axis=0),
    Case(linalg.matrix_transpose, np.linalg.matrix_transpose, anywhere(2, 3, 4)),
]

# Plain answers, through which no gradient flows

PLAIN: list[Case] = [
    Case(linalg.norm, np.linalg.norm, below_three(2, 3), ord=0, axis=1),
]
