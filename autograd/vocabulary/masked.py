"""Reductions of some of the entries: those where a mask holds, or those that are not NaN.

The others are replaced by what changes nothing, as 0 in a sum, and get no gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ops
from autograd.function import Function
from autograd.operands import settle
from autograd.ops.cumulative import Prod
from autograd.protocols import implements
from autograd.vocabulary.arguments import as_tensor, shape_of, values_of
from autograd.vocabulary.reductions import cumprod, cumsum

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
]

# Where a mask holds. `initial` is one more entry, a number.


def sum_where(
    x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Tensor:
    """Sum of the entries where the mask holds, and `initial`."""
    total = ops.Sum.apply(_kept(x, where, 0), axis, keepdims)
    return total if initial is None else ops.Add.apply(total, initial)


def prod_where(
    x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Tensor:
    """Product of the entries where the mask holds, and `initial`."""
    product = Prod.apply(_kept(x, where, 1), axis, keepdims)
    return product if initial is None else ops.Multiply.apply(product, initial)


def max_where(
    x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Tensor:
    """Largest of the entries where the mask holds, and of `initial`, which a mask requires."""
    return _extreme(ops.Max, ops.Maximum, x, axis, keepdims, initial, where)


def min_where(
    x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Tensor:
    """Smallest of the entries where the mask holds, and of `initial`, which a mask requires."""
    return _extreme(ops.Min, ops.Minimum, x, axis, keepdims, initial, where)


def mean_where(x: Any, axis: Any = None, keepdims: bool = False, where: Any = True) -> Tensor:
    """Mean of the entries where the mask holds; NaN if it holds for none."""
    total = sum_where(x, axis, keepdims, where=where)
    return ops.Divide.apply(total, _count(x, axis, keepdims, where, total.dtype, none=np.nan))


def var_where(
    x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, where: Any = True
) -> Tensor:
    """Variance of the entries where the mask holds; infinite or NaN for no more than `ddof`."""
    return _var(x, axis, ddof, keepdims, where, none=0)


def all_where(x: Any, axis: Any = None, keepdims: bool = False, where: Any = True) -> Tensor:
    """Whether all entries are true where the mask holds."""
    return ops.AllTrue.apply(_kept(x, where, True), axis, keepdims)


def any_where(x: Any, axis: Any = None, keepdims: bool = False, where: Any = True) -> Tensor:
    """Whether any entry is true where the mask holds."""
    return ops.AnyTrue.apply(_kept(x, where, False), axis, keepdims)


# What an operation does when it is given `where` or `initial`.
MASKED: dict[type[Function], Callable[..., Tensor]] = {
    ops.Sum: sum_where,
    ops.Mean: mean_where,
    ops.Var: var_where,
    ops.Max: max_where,
    ops.Min: min_where,
    ops.AllTrue: all_where,
    ops.AnyTrue: any_where,
    Prod: prod_where,
}


def _mask(x: Any, where: Any) -> Any:
    """The mask in the shape of x. Raises ValueError or TypeError if it is none for x."""
    shape = shape_of(x)
    if where is True:
        return np.ones_like(values_of(x), dtype=bool)
    mask = values_of(where) if hasattr(where, "dtype") else np.asarray(where)
    if mask.dtype.kind != "b":
        raise TypeError(
            f"where is a mask, an array of truth values, and this one is {mask.dtype}: write a "
            "comparison, as in where=x > 0."
        )
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(
            f"where has shape {mask.shape}, and does not broadcast to that of the values, {shape}."
        ) from None


def _kept(x: Any, where: Any, otherwise: Any) -> Any:
    """x where the mask holds, and `otherwise` elsewhere."""
    return x if where is True else ops.Where.apply(_mask(x, where), x, otherwise)


def _var(x: Any, axis: Any, ddof: int, keepdims: bool, where: Any, none: float) -> Tensor:
    """A variance whose divisor is `none` where no more than `ddof` entries are left."""
    x = _kept(x, where, 0)  # so that no NaN is computed with
    deviation = ops.Subtract.apply(x, mean_where(x, axis, True, where))
    total = sum_where(ops.Square.apply(_kept(deviation, where, 0)), axis, keepdims)
    return ops.Divide.apply(total, _count(x, axis, keepdims, where, total.dtype, none, ddof))


def _count(
    x: Any,
    axis: Any,
    keepdims: bool,
    where: Any,
    dtype: np.dtype[Any],
    none: float,
    ddof: int = 0,
) -> Any:
    """How many entries of x are reduced, less `ddof`; `none` where none would be left."""
    number = ops.Sum.apply(_mask(x, where), axis, keepdims)._data - ddof
    floats = number.astype(dtype if dtype.kind == "f" else np.float64)
    return np.where(floats > 0, floats, none)


def _extreme(
    over_axes: type[Function],
    of_two: type[Function],
    x: Any,
    axis: Any,
    keepdims: bool,
    initial: Any,
    where: Any,
) -> Tensor:
    if initial is None:
        if where is not True:
            raise ValueError(
                f"{over_axes.__name__}: where needs initial too, the result where the mask holds "
                "nowhere; for example initial=-np.inf for the largest entry."
            )
        return over_axes.apply(x, axis, keepdims)
    if 0 in shape_of(x):
        ufunc: Any = of_two.forward
        alone = ufunc.reduce(values_of(x), axis, keepdims=keepdims, initial=initial)
        return ops.Detach.apply(settle(alone))
    never = -np.inf if over_axes is ops.Max else np.inf
    x = _kept(x, where, never if as_tensor(x).dtype.kind == "f" else initial)
    return of_two.apply(over_axes.apply(x, axis, keepdims), initial)


# What is not NaN


@implements(np.nansum)
def nansum(
    a: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Tensor:
    """Sum of the entries that are not NaN; 0 if all are."""
    return sum_where(a, axis, keepdims, initial, _numbers(a, where))


@implements(np.nanprod)
def nanprod(
    a: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Tensor:
    """Product of the entries that are not NaN; 1 if all are."""
    return prod_where(a, axis, keepdims, initial, _numbers(a, where))


@implements(np.nanmean)
def nanmean(a: Any, axis: Any = None, keepdims: bool = False, where: Any = True) -> Tensor:
    """Mean of the entries that are not NaN; NaN, without a warning, if all are."""
    return mean_where(a, axis, keepdims, _numbers(a, where))


@implements(np.nanvar)
def nanvar(
    a: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, where: Any = True
) -> Tensor:
    """Variance of the entries that are not NaN; NaN if they are no more than `ddof`."""
    none = np.nan if as_tensor(a).dtype.kind == "f" else 0  # whole numbers have a variance as any
    return _var(a, axis, ddof, keepdims, _numbers(a, where), none)


@implements(np.nanstd)
def nanstd(
    a: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, where: Any = True
) -> Tensor:
    """Standard deviation of the entries that are not NaN: the square root of their variance."""
    return ops.Sqrt.apply(nanvar(a, axis, ddof, keepdims, where))


@implements(np.nanmax)
def nanmax(a: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Largest of the entries that are not NaN; NaN, without a warning, if all are."""
    return _nan_if_none(ops.Max, a, axis, keepdims, -np.inf)


@implements(np.nanmin)
def nanmin(a: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Smallest of the entries that are not NaN; NaN, without a warning, if all are."""
    return _nan_if_none(ops.Min, a, axis, keepdims, np.inf)


@implements(np.nancumsum)
def nancumsum(a: Any, axis: int | None = None) -> Tensor:
    """Running sum in which NaN counts as 0."""
    return cumsum(_kept(a, _numbers(a), 0), axis)


@implements(np.nancumprod)
def nancumprod(a: Any, axis: int | None = None) -> Tensor:
    """Running product in which NaN counts as 1."""
    return cumprod(_kept(a, _numbers(a), 1), axis)


def _numbers(a: Any, where: Any = True) -> Any:
    """The mask of the entries that are numbers, and where another mask holds; True for all."""
    values = as_tensor(a)._data
    if values.dtype.kind != "f":
        return where
    numbers = ~np.isnan(values)
    return numbers if where is True else numbers & _mask(a, where)


def _nan_if_none(
    over_axes: type[Function], a: Any, axis: Any, keepdims: bool, never: float
) -> Tensor:
    numbers = _numbers(a)
    found = over_axes.apply(_kept(a, numbers, never), axis, keepdims)
    if numbers is True:
        return found
    some = ops.AnyTrue.apply(numbers, axis, keepdims)
    return ops.Where.apply(some, found, np.nan)
