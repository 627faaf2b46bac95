"""The rows of the reductions beyond the everyday ones, and of what runs along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from support.cases import Array, Case, Shape, anywhere, distinct, domain, nonzero, positive

from autograd import vocabulary
from autograd.ops import cumulative, statistics

# Domains of their own


@domain
def with_zeros(rng: np.random.Generator, shape: Shape) -> Array:
    """Half of the entries are 0."""
    return rng.choice([0, 1], shape) * rng.uniform(0.5, 2, shape)


@domain
def gaps(rng: np.random.Generator, shape: Shape) -> Array:
    """Every third entry of a row is no number; any two others are at least one quarter apart."""
    entries = rng.permutation(int(np.prod(shape))).reshape(shape) / 4 - 1.1
    return np.where(np.arange(shape[-1]) % 3 == 1, np.nan, entries)


# A row of another kind


class Joined(Case):
    """A row for a function with several results, which are joined to one."""

    def call(self, function: Callable[..., Any], *inputs: Any) -> tuple[Any, ...]:
        return (np.concatenate(super().call(function, *inputs), axis=None),)


# References


def logsumexp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    total: Array = np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))
    return total


def smallest(x: Array, k: int, axis: Any = None, keepdims: bool = False) -> Array:
    """For axes that are one, or all."""
    rows = np.sort(x.reshape(-1) if axis is None else x, axis=-1 if axis is None else axis)
    found = rows.take(k, axis=-1 if axis is None else axis)
    if not keepdims:
        return found
    return found.reshape((1,) * x.ndim) if axis is None else np.expand_dims(found, axis)


def recurrence(factors: Array, terms: Array, axis: int) -> Array:
    out, y = np.empty(terms.shape, np.result_type(factors, terms)), 0
    factors = np.broadcast_to(factors, terms.shape)
    for i in range(terms.shape[axis]):
        y = out.swapaxes(0, axis)[i] = factors.swapaxes(0, axis)[i] * y + terms.swapaxes(0, axis)[i]
    return out


def weighted(a: Array, weights: Array, **settings: Any) -> Any:
    return np.average(a, weights=weights, **settings)


def average(a: Any, weights: Any, **settings: Any) -> Any:
    return vocabulary.average(a, weights=weights, **settings)


CASES: list[Case] = [
    # Products
    Case(cumulative.Prod, np.prod, nonzero(2, 3)),
    Case(cumulative.Prod, np.prod, with_zeros(5, 4), axis=0),
    Case(cumulative.Prod, np.prod, with_zeros(3, 4), axis=1),
    Case(cumulative.Prod, np.prod, nonzero(2, 3, 4), axis=(0, -1)),
    Case(cumulative.Prod, np.prod, with_zeros(2, 3, 4), axis=(1, 0), keepdims=True),
    Case(cumulative.Prod, np.prod, with_zeros(2, 3, 4), axis=0),
    Case(cumulative.Prod, np.prod, nonzero(2, 3), axis=()),
    Case(cumulative.Prod, np.prod, nonzero()),
    Case(cumulative.Prod, np.prod, nonzero(0, 3), axis=0),
    Case(cumulative.Prod, np.prod, nonzero(0, 3), axis=1, keepdims=True),
    # Along an axis
    Case(cumulative.CumSum, np.cumsum, anywhere(5), axis=0),
    Case(cumulative.CumSum, np.cumsum, anywhere(2, 3, 4), axis=-2),
    Case(cumulative.CumSum, np.cumsum, anywhere(0, 3), axis=0),
    Case(vocabulary.cumsum, np.cumsum, anywhere(2, 3)),
    Case(vocabulary.cumsum, np.cumsum, anywhere()),
    Case(cumulative.CumProd, np.cumprod, nonzero(5), axis=0),
    Case(cumulative.CumProd, np.cumprod, with_zeros(6), axis=0),
    Case(cumulative.CumProd, np.cumprod, with_zeros(2, 5, 3), axis=-2),
    Case(cumulative.CumProd, np.cumprod, nonzero(0, 3), axis=0),
    Case(cumulative.CumProd, np.cumprod, nonzero(3, 0), axis=0),
    Case(vocabulary.cumprod, np.cumprod, nonzero(2, 3)),
    Case(vocabulary.cumulative_sum, np.cumulative_sum, anywhere(4)),
    Case(vocabulary.cumulative_sum, np.cumulative_sum, anywhere(2, 3), axis=1),
    Case(
        vocabulary.cumulative_sum, np.cumulative_sum, anywhere(2, 3), axis=0, include_initial=True
    ),
    Case(vocabulary.cumulative_sum, np.cumulative_sum, anywhere(0), include_initial=True),
    Case(vocabulary.cumulative_prod, np.cumulative_prod, nonzero(4), include_initial=True),
    Case(cumulative.Recurrence, recurrence, nonzero(7), anywhere(7), axis=-1),
    Case(cumulative.Recurrence, recurrence, with_zeros(5, 2), anywhere(3, 5, 2), axis=-2),
    Case(cumulative.Recurrence, recurrence, nonzero(0), anywhere(0), axis=0),
    # Order
    Case(statistics.Smallest, smallest, distinct(6), k=2),
    Case(statistics.Smallest, smallest, distinct(3, 4), k=0, axis=1),
    Case(statistics.Smallest, smallest, distinct(3, 4), k=1, axis=0, keepdims=True),
    Case(vocabulary.median, np.median, distinct(5)),
    Case(vocabulary.median, np.median, distinct(4, 3)),
    Case(vocabulary.median, np.median, distinct(4, 3), axis=0),
    Case(vocabulary.median, np.median, distinct(2, 3, 4), axis=(0, -1), keepdims=True),
    Case(vocabulary.median, np.median, distinct()),
    Case(vocabulary.median, np.median, distinct(0, 3), axis=1),
    Case(vocabulary.ptp, np.ptp, distinct(2, 3)),
    Case(vocabulary.ptp, np.ptp, distinct(2, 3, 4), axis=1, keepdims=True),
    # Means and the like
    Case(vocabulary.average, np.average, anywhere(2, 3)),
    Joined(vocabulary.average, np.average, anywhere(2, 3), axis=0, returned=True),
    Case(average, weighted, anywhere(2, 3), positive(2, 3)),
    Case(average, weighted, anywhere(2, 3), positive(3), axis=1, keepdims=True),
    Joined(average, weighted, anywhere(2, 3), positive(2), axis=0, returned=True),
    Joined(average, weighted, anywhere(2, 3, 4), positive(4, 2), axis=(2, 0), returned=True),
    Case(statistics.LogSumExp, logsumexp, anywhere(2, 3)),
    Case(statistics.LogSumExp, logsumexp, anywhere(2, 3, 4), axis=(0, -1)),
    Case(statistics.LogSumExp, logsumexp, anywhere(2, 3), axis=0, keepdims=True),
    Case(statistics.LogSumExp, logsumexp, anywhere()),
    Case(statistics.LogSumExp, logsumexp, anywhere(0, 3), axis=1),
    # What is not NaN
    Case(vocabulary.nansum, np.nansum, gaps(2, 4)),
    Case(vocabulary.nansum, np.nansum, gaps(3, 5), axis=1, keepdims=True),
    Case(vocabulary.nanprod, np.nanprod, gaps(2, 4)),
    Case(vocabulary.nanmean, np.nanmean, gaps(2, 4)),
    Case(vocabulary.nanmean, np.nanmean, gaps(3, 5, 3), axis=(0, -1)),
    Case(vocabulary.nanvar, np.nanvar, gaps(3, 5), axis=1, ddof=1),
    Case(vocabulary.nanstd, np.nanstd, gaps(3, 5), axis=-1, keepdims=True),
    Case(vocabulary.nanmax, np.nanmax, gaps(3, 5), axis=1),
    Case(vocabulary.nanmin, np.nanmin, gaps(2, 4)),
    Case(vocabulary.nancumsum, np.nancumsum, gaps(2, 4), axis=0),
    Case(vocabulary.nancumprod, np.nancumprod, gaps(2, 4)),
]
