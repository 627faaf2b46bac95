"""Which values a hyper-parameter may have: each check answers what is wrong, or None."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Check = Callable[[Any], str | None]


def at_least_zero(value: Any) -> str | None:
    """A finite number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return f"must be a number, not {value!r}."
    if not math.isfinite(value) or value < 0:
        return f"must be at least 0 and finite; it is {value}."
    return None


def below_one(value: Any) -> str | None:
    """A share: at least 0, and below 1."""
    if wrong := at_least_zero(value):
        return wrong
    return f"must be below 1; it is {value}." if value >= 1 else None


def at_least_one(value: Any) -> str | None:
    """A whole number from 1."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return None if whole and value >= 1 else f"must be a whole number from 1, not {value!r}."


def flag(value: Any) -> str | None:
    """True or False."""
    return None if isinstance(value, bool | np.bool) else f"is True or False, not {value!r}."


def one_of(*choices: Any) -> Check:
    """One of a few values."""

    def check(value: Any) -> str | None:
        known = isinstance(value, type(None) | str) and value in choices
        return None if known else f"is one of {', '.join(map(repr, choices))}, not {value!r}."

    return check


def pair(of: Check, example: Sequence[float]) -> Check:
    """Two values."""

    def check(value: Any) -> str | None:
        if not isinstance(value, tuple | list) or len(value) != 2:
            return f"is a pair such as {tuple(example)}, and not {value!r}."
        return of(value[0]) or of(value[1])

    return check
