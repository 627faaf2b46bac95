"""Checks of arguments that several layers take, and what is warned of."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.diagnosis import describe


def whole_number(value: Any, who: str, name: str) -> int:
    """`value` as an int. Raises TypeError or ValueError if it is no positive whole number."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(
            f"{who}: {name} is a positive whole number, not {value!r} ({type(value).__name__})."
        )
    if value < 1:
        raise ValueError(f"{who}: {name} is a positive whole number, not {value}.")
    return int(value)


def probability(value: Any, who: str) -> float:
    """`value` as a float. Raises TypeError or ValueError if it is no number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(
            f"{who}: p is a number from 0 to 1, not {value!r} ({type(value).__name__})."
        )
    if not 0 <= value <= 1:
        hint = f" For {value:g} percent write {value / 100:g}." if 1 < value <= 100 else ""
        raise ValueError(
            f"{who}: p is the share of entries set to zero, from 0 to 1, not {value}.{hint}"
        )
    return float(value)


def number(value: Any, who: str, name: str) -> float:
    """`value` as a float. Raises TypeError if it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{who}: {name} is a number, not {value!r} ({type(value).__name__}).")
    return float(value)


def positive(value: Any, who: str, name: str) -> float:
    """`value` as a float. Raises TypeError or ValueError if it is no positive number."""
    if not number(value, who, name) > 0:
        raise ValueError(f"{who}: {name} is a positive number, not {value}.")
    return float(value)


def not_negative(value: Any, who: str, name: str) -> float:
    """`value` as a float. Raises TypeError or ValueError if it is no number from 0."""
    if not number(value, who, name) >= 0:
        raise ValueError(f"{who}: {name} is not negative, as {value} is.")
    return float(value)


def wider_data(who: str, x: Any, weight: Any, out: Tensor) -> str:
    """What to warn of where data of a wider dtype meets a weight."""
    own, used = str(weight.dtype), str(out.dtype)
    data = x if hasattr(x, "dtype") else Tensor(x)
    return (
        f"{who}: the weight, {describe(weight)}, meets data {describe(data)}, and so it computes "
        f"in {used}, which is slower. Convert the data once, x.astype({own!r}); or, to compute in "
        f"{used}, say autograd.set_default_dtype({used!r}) before the model is made."
    )
