"""Arrays as tables of a page: in full, or a corner with statistics of the rest."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from autograd.graph.numbers import number

Array = np.ndarray[Any, Any]

CORNER = 8  # rows and columns of an array that are shown
MOST_DOUBLE = 16  # entries of a table that are there in double precision


class Arrays:
    """The arrays of a page, each once, as entries for its JSON."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._places: dict[Any, int] = {}

    def place(self, array: Array, row_axes: int | None = None) -> int:
        """Where an array stands among the entries.

        It is shown as a table with its first `row_axes` axes as rows, the others as columns: a
        Jacobian, in full. Without them the last axis has the columns, and at most a corner of
        eight by eight is shown, with statistics.
        """
        entry = _entry(array, row_axes)
        key = tuple(map(str, entry.values()))
        if key not in self._places:
            self._places[key] = len(self.entries)
            self.entries.append(entry)
        return self._places[key]


def _entry(array: Array, row_axes: int | None) -> dict[str, Any]:
    """The shape and type of an array; its shown entries, row by row, as base64 of their bytes.

    Those are in single precision, or with `double` in double: where that loses nothing, and for
    large tables, which would make large pages. With `all`, there is one entry that stands for all;
    with `split`, the number of axes that the rows stand for, the whole array is shown.
    """
    entry: dict[str, Any] = {"shape": list(array.shape), "dtype": str(array.dtype)}
    if row_axes is not None:
        table, entry["split"] = array, row_axes
    else:
        columns = array.shape[-1] if array.ndim else 1
        table = array.reshape(math.prod(array.shape[:-1]), columns)[:CORNER, :CORNER]
    if array.size > 1 and bool((array == array.flat[0]).all()):
        table, entry["all"] = array.flat[0], True
    elif table.size < array.size:
        entry["note"] = f"corner of {array.shape} · {_statistics(array)}"
    narrow = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    if not narrow and table.size <= MOST_DOUBLE:
        entry["double"] = True
    shown = np.asarray(table, "<f8" if "double" in entry else "<f4")
    entry["data"] = base64.b64encode(shown.tobytes()).decode()
    return entry


def _statistics(array: Array) -> str:
    """Mean, extremes and the share of zeros; how many entries are no numbers, if any are."""
    finite = array[np.isfinite(array)].astype(np.float64)
    words = []
    if finite.size:
        facts = ("mean", finite.mean()), ("min", finite.min()), ("max", finite.max())
        words = [f"{name} {number(float(value), 3)}" for name, value in facts]
        words.append(f"zeros {np.count_nonzero(array == 0) / array.size:.0%}")
    if finite.size < array.size:
        words.append(f"{array.size - finite.size:,} not finite")
    return " · ".join(words)
