"""Batch normalisation and batch renormalisation: statistics of each channel over a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, get_default_dtype, no_grad
from nn.checks import not_negative, whole_number
from nn.functional.normalization import (
    batch_norm,
    batch_standardized,
    check_channels,
    per_channel,
    scaled,
    track,
)
from nn.functional.operands import floating, in_dtype_of
from nn.normalization import factor_and_offset
from nn.parameter import Buffer
from nn.wider import SaysWhenWider


class BatchNorm1d(SaysWhenWider):
    """(x − mean) / √(variance + eps) · γ + β, the statistics those of each channel over the batch.

    In training they are those of the batch at hand, and running ones follow them; in evaluation
    mode they are the running ones, so that examples no longer depend on each other. The running
    statistics start at mean 0 and variance 1: evaluated before any training, the layer passes its
    input almost as it is. What is called again for its gradient, within `autograd.checkpoint`, sees
    a batch twice.

    Args:
        num_features: how many channels there are.
        eps: added to the variance, so that constant channels give 0.
        momentum: by what share of the difference the running statistics move toward those of a
            batch; None for the plain average of all batches.
        affine: whether there are γ and β.
        track_running_stats: whether there are running statistics; without, those of the batch are
            used in evaluation too.
        dtype: of γ, β and the running statistics; the default dtype (float32) if None.
        bias: whether there is β, where there is γ.

    Attributes:
        weight, bias: γ, ones at first, and β, zeros at first, of shape (num_features,); or None.
        running_mean, running_var: buffers of the same shape, or None. The variance is the unbiased
            one, divided by one less than the count; what normalises a batch is not.
        num_batches_tracked: how many batches these have followed, a buffer; or None.

    Shapes: x (n, num_features) or (n, num_features, length); the result has the shape of x.

    With γ = √(σ² + eps) and β = μ the layer gives back its input.

    Raises:
        TypeError, ValueError: num_features is not a positive whole number; momentum is not from 0
            to 1; eps is negative; x has other axes or channels, or in training one value for each
            channel, which has no variance.

    Source: Ioffe, Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
    Internal Covariate Shift", ICML 2015.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        name = type(self).__name__
        self.num_features = whole_number(num_features, name, "num_features")
        self.eps = not_negative(eps, name, "eps")
        if momentum is not None and not 0 <= momentum <= 1:
            raise ValueError(f"{name}: momentum is a share from 0 to 1, or None, not {momentum}.")
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
        self.weight, self.bias = factor_and_offset((num_features,), affine, affine and bias, dtype)
        self.running_mean: Buffer | None = None
        self.running_var: Buffer | None = None
        self.num_batches_tracked: Buffer | None = None
        if track_running_stats:
            self.running_mean = Buffer(np.zeros(num_features, dtype))
            self.running_var = Buffer(np.ones(num_features, dtype))
            self.num_batches_tracked = Buffer(np.array(0))

    def forward(self, x: Any) -> Tensor:
        values = floating(x)
        check_channels(type(self).__name__, values, self.num_features)
        out = self._normalized(values)
        if self.training and self.num_batches_tracked is not None:
            count: Tensor = self.num_batches_tracked
            count += 1
        return self._said(x, self.weight, out)

    def _normalized(self, x: Tensor) -> Tensor:
        return batch_norm(
            x,
            *(self.running_mean, self.running_var, self.weight, self.bias),
            training=self.training or self.running_mean is None,
            momentum=self._share(),
            eps=self.eps,
        )

    def _share(self) -> Any:
        """By what share of the difference the running statistics move at the next batch."""
        seen = self.num_batches_tracked
        if self.momentum is not None or seen is None or self.running_mean is None:
            return self.momentum
        # As an array: a recorded step works it out anew each time.
        return (1 / (seen.data + 1)).astype(self.running_mean.dtype)

    def reset_running_stats(self) -> None:
        """Forget the batches seen: mean 0, variance 1, a count of 0."""
        starts = ((self.running_mean, 0), (self.running_var, 1), (self.num_batches_tracked, 0))
        for buffer, start in starts:
            if buffer is not None:
                buffer[...] = start

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps:g}, momentum={self.momentum}, "
            f"affine={self.affine}, track_running_stats={self.track_running_stats}"
        )


class BatchRenorm1d(BatchNorm1d):
    """Batch normalisation that in training, too, gives what the running statistics would give.

    A batch is normalised by its own statistics, of mean μ_b and standard deviation σ_b, and then
    corrected toward the running ones, μ and σ: by the factor r = σ_b / σ and the offset
    d = (μ_b − μ) / σ, within limits. No gradient flows through r and d. For small batches, or such
    as are not drawn at random, this narrows the gap between training and evaluation.

    Args:
        num_features, eps, affine, dtype: as for BatchNorm1d.
        momentum: as for BatchNorm1d; 0.01 in the paper.
        rmax: r is kept between 1 / rmax and rmax; at least 1.
        dmax: d is kept between −dmax and dmax; not negative.

    With rmax = 1 and dmax = 0 this is batch normalisation. So the paper begins, and relaxes them to
    3 and 5, once the running statistics mean something: `layer.rmax` and `layer.dmax` may be set
    at any time.

    Attributes, shapes: as for BatchNorm1d.

    Raises:
        TypeError, ValueError: as BatchNorm1d, and for limits out of range.

    Source: Ioffe, "Batch Renormalization: Towards Reducing Minibatch Dependence in Batch-Normalized
    Models", NIPS 2017.
    """

    running_mean: Buffer
    running_var: Buffer

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.01,
        affine: bool = True,
        rmax: float = 3.0,
        dmax: float = 5.0,
        dtype: DTypeLike | None = None,
    ) -> None:
        if not (rmax >= 1 and dmax >= 0):
            raise ValueError(
                f"BatchRenorm1d: rmax is 1 or more and dmax 0 or more, not {rmax} and {dmax}."
            )
        super().__init__(num_features, eps, momentum, affine, dtype=dtype)
        self.rmax, self.dmax = rmax, dmax

    def _normalized(self, x: Tensor) -> Tensor:
        if not self.training:
            return super()._normalized(x)
        standardized, mean, var = batch_standardized(x, self.eps)
        with no_grad():
            std = per_channel(x, (self.running_var + self.eps).sqrt())
            r = ((var + self.eps).sqrt() / std).clip(1 / self.rmax, self.rmax)
            d = ((mean - per_channel(x, self.running_mean)) / std).clip(-self.dmax, self.dmax)
        track(x, self.running_mean, self.running_var, mean, var, self._share())
        return scaled(x, in_dtype_of(x, standardized * r + d), self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps:g}, momentum={self.momentum}, "
            f"affine={self.affine}, rmax={self.rmax:g}, dmax={self.dmax:g}"
        )
