"""Looking rows up in a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, no_grad, where
from autograd.conditions import require
from nn.functional.operands import floating


def embedding(
    indices: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
) -> Tensor:
    """The rows of `weight` at `indices`.

    Shapes: indices (...) of whole numbers 0 … n − 1; weight (n, size); the result (..., size).
    The row `padding_idx` is looked up like others, but gets no gradient. With `max_norm`, rows
    looked up whose norm is larger are first scaled down to it, in the table itself.

    Raises:
        TypeError: the indices are not whole numbers; the message names the first that is not.
        IndexError: indices out of range: how many, and the first of them.
    """
    weight = floating(weight)
    rows = index_array(indices, len(weight))
    if padding_idx is not None:
        padding_idx = row_number(padding_idx, len(weight), "embedding")
    if max_norm is not None:
        limit_norms(weight, rows, max_norm, norm_type)
    found: Tensor = weight[rows]
    if padding_idx is None:
        return found
    return where((rows != padding_idx)[..., None], found, found.detach())


def index_array(indices: Any, count: int) -> Any:
    """The indices as an array. Raises TypeError or IndexError as `embedding` does."""
    given = indices if hasattr(indices, "shape") else np.asarray(indices)
    rows = given.data if isinstance(given, Tensor) else given
    if rows.dtype.kind not in "iu":
        raise _no_whole_numbers(rows)
    try:
        require(((rows >= 0) & (rows < count)).all(), "embedding: an index is out of range.")
    except ValueError:
        raise _out_of_range(rows, count) from None
    return rows


def _no_whole_numbers(rows: Any) -> TypeError:
    headline = f"embedding: indices are whole numbers, not {rows.dtype}"
    if rows.dtype.kind == "b":
        return TypeError(f"{headline}. For 0 and 1 write indices.astype(int).")
    if rows.dtype.kind != "f" or rows.size == 0:
        return TypeError(f"{headline}. Give integers, such as np.array([0, 2]).")
    broken = np.argwhere(rows != np.trunc(rows))
    if len(broken):
        place = tuple(broken[0].tolist())
        return TypeError(
            f"{headline}; the first that is broken is {rows[place]}{_at(place)}. An embedding "
            "looks rows up by number; numbers that measure something go to a Linear layer."
        )
    place = (0,) * rows.ndim
    return TypeError(
        f"{headline}; the first is {rows[place]}{_at(place)}. They are whole: convert them, "
        "indices.astype(int)."
    )


def _out_of_range(rows: Any, count: int) -> IndexError:
    wrong = np.argwhere((rows < 0) | (rows >= count))
    place = tuple(wrong[0].tolist())
    if rows.min() >= 1 and rows.max() == count:
        fix = "They count from 1: subtract 1."
    elif rows.max() >= count:
        fix = f"A table that knows them has num_embeddings={rows.max() + 1} or more."
    else:
        fix = (
            "Negative indices do not count from the end here; give missing ones a row of their own."
        )
    return IndexError(
        f"embedding: {len(wrong)} of {rows.size} indices are not in 0 … {count - 1}; the first is "
        f"{rows[place]}{_at(place)}. {fix}"
    )


def _at(place: tuple[int, ...]) -> str:
    return f" at [{', '.join(map(str, place))}]" if place else ""


def row_number(padding_idx: int, count: int, who: str) -> int:
    """`padding_idx` counted from 0. Raises ValueError if there is no such row."""
    if not -count <= padding_idx < count:
        raise ValueError(
            f"{who}: padding_idx is one of the {count} rows, 0 … {count - 1} (or negative, from "
            f"the end), not {padding_idx}."
        )
    return padding_idx % count


def limit_norms(weight: Any, rows: Any, max_norm: float, norm_type: float) -> None:
    """Scale the named rows of `weight` down, in place, to norms of at most `max_norm`."""
    chosen = np.unique(rows)
    values = weight.data[chosen]
    norms = np.linalg.norm(values, norm_type, axis=-1, keepdims=True)
    with no_grad():
        weight[chosen] = values * np.minimum(1, max_norm / (norms + 1e-7))
