"""Weights whose entries depend on each other or on their place: identity, orthogonal, sparse."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from nn.init.filling import drawn, must_be_floating, must_be_tensor, must_not_be_negative

if TYPE_CHECKING:
    from numpy.random import Generator


def eye_(tensor: Tensor) -> Tensor:
    """Ones on the diagonal, zeros elsewhere: a layer that passes as many inputs as it can.

    Raises ValueError if there are not two axes.
    """
    return tensor.copy_(np.eye(*_two_axes(tensor, "eye_")))


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """A random orthogonal matrix times `gain`.

    Its rows, or its columns if these are fewer, are perpendicular and of length `gain`. Axes after
    the second count with the second. Raises ValueError if there are fewer than two.
    Source: Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks", ICLR 2014.
    """
    must_be_floating(tensor)
    if tensor.ndim < 2:
        raise ValueError(
            f"orthogonal_: a matrix (n_out, n_in) has two axes or more; the shape is "
            f"{tensor.shape}. Is it a bias? Biases usually start at zero: init.zeros_(bias)."
        )
    rows = tensor.shape[0]
    matrix = drawn("standard_normal", tensor, generator).astype(float).reshape(rows, -1)
    wide = rows < matrix.shape[1]
    q, r = np.linalg.qr(matrix.T if wide else matrix)
    q = q * np.copysign(1, np.diag(r))  # without this, some matrices would be likelier than others
    return tensor.copy_((gain * (q.T if wide else q)).reshape(tensor.shape))


def sparse_(
    tensor: Tensor,
    sparsity: float | None = None,
    std: float = 0.01,
    generator: Generator | None = None,
    k: int | None = None,
) -> Tensor:
    """Normal numbers at some random places, zeros elsewhere.

    Args:
        tensor: what to fill, of shape (n_out, n_in).
        sparsity: the share of zeros in each column, rounded up to whole entries, as in PyTorch.
        std: the standard deviation of the others.
        generator: where places and numbers are drawn from.
        k: instead of `sparsity`, how many entries of each row are not zero: so many inputs each
            unit has.

    Raises:
        TypeError: both `sparsity` and `k` are given, or neither.
        ValueError: there are not two axes; sparsity is not from 0 to 1, or k no whole
            number from 0 to n_in.

    Source: Martens, "Deep learning via Hessian-free optimization", ICML 2010: k = 15, std = 1.
    """
    n_out, n_in = _two_axes(tensor, "sparse_")
    must_not_be_negative(std, "sparse_")
    if (sparsity is None) == (k is None):
        raise TypeError(
            "sparse_: give either sparsity, the share of zeros in each column, or k, the number of "
            "entries in each row that are not zero."
        )
    if k is not None:
        axis, zeros = 1, n_in - k
        if not isinstance(k, int | np.integer) or not 0 <= k <= n_in:
            raise ValueError(f"sparse_: k is a whole number, 0 to n_in, here {n_in}, not {k}.")
    elif sparsity is not None:
        axis, zeros = 0, ceil(sparsity * n_out)
        if not 0 <= sparsity <= 1:
            raise ValueError(f"sparse_: sparsity is a share from 0 to 1, not {sparsity}.")
    order = drawn("random", tensor, generator).argsort(axis=axis).argsort(axis=axis)
    return tensor.copy_(std * drawn("standard_normal", tensor, generator) * (order >= zeros))


def _two_axes(tensor: Any, who: str) -> tuple[int, int]:
    must_be_tensor(tensor)
    if tensor.ndim != 2:
        raise ValueError(f"{who}: a matrix has two axes; the Tensor has shape {tensor.shape}.")
    n_out, n_in = tensor.shape
    return n_out, n_in
