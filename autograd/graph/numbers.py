"""Arrays in a few characters, and how large a gradient is."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

Array = Any

MOST_ENTRIES = 4  # of an array that is written out


def number(value: Any, digits: int = 4) -> str:
    """A number as text: "−0.125" or "3e−9" in so many significant digits; "−12", "True" in full."""
    if not isinstance(value, float):
        return str(value).replace("-", "−")
    if 10**digits <= abs(value) < 1e6:
        return f"{value:.0f}".replace("-", "−")
    shown = f"{value + 0.0:.{digits}g}"  # without the sign of −0
    return re.sub(r"e\+?(-?)0*", r"e\1", shown).replace("-", "−")


def brief(array: Array) -> str:
    """An array: its entries if they are few, else their range and mean.

    For example "0.25", "[1, 2, 3]", "−1.5 … 2.25, mean 0.03", and how many are not finite.
    """
    array = np.asarray(array)
    if array.size == 0:
        return "no entries"
    if array.size == 1:
        return number(array.item())
    if array.size <= MOST_ENTRIES and array.ndim <= 2:
        rows = [f"[{', '.join(map(number, row))}]" for row in np.atleast_2d(array).tolist()]
        return rows[0] if array.ndim == 1 else f"[{', '.join(rows)}]"
    if array.dtype == np.bool_:
        return f"{number(100 * array.mean())} % True"
    finite = array[np.isfinite(array)]
    words = [f"{array.size - finite.size:,} of {array.size:,} not finite"]
    words = words if finite.size < array.size else []
    if finite.size:
        low, high = finite.min().item(), finite.max().item()
        if low == high:
            return ", ".join((*words, f"all {number(low)}"))
        words.append(f"{number(low, 3)} … {number(high, 3)}")
        if array.dtype.kind == "f":
            words.append(f"mean {number(finite.mean(dtype=np.float64).item(), 2)}")
    return ", ".join(words)


def brief_gradient(gradient: Array) -> str:
    """A gradient: as `brief`, but with the size (see `size_of`) in the place of the mean."""
    shown, _, mean = brief(gradient).partition(", mean ")
    return f"{shown}, size {number(size_of(gradient), 3)}" if mean else shown


def size_of(gradient: Array) -> float:
    """How large a gradient is: the root mean square of its entries; 0 if it has none."""
    entries = np.asarray(gradient, np.float64)
    if not entries.size:
        return 0.0
    largest = float(np.abs(entries).max())
    if not 0 < largest < np.inf:
        return largest
    return largest * float(np.sqrt(np.mean(np.square(entries / largest))))  # squares fit
