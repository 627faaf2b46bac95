"""What goes into an operation and what comes out: numbers, arrays, and what rules return."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import diagnosis, errors
from autograd.broadcasting import sum_to_shape
from autograd.dtypes import as_array, plain

Edge = Any  # what a gradient flows to: the node that made a value, or a leaf Tensor

SCALARS = (np.generic, int, float)  # what NumPy and rules may answer in an array's place


def fit(gradient: Any, edge: Edge, batch: int = 0) -> Any:
    """What a rule returned for the input at `edge`, in the shape and dtype of what it flows to.

    Broadcasting is undone, NumPy's scalars become arrays again, and a widened dtype (by a mask or
    a NumPy scalar) is narrowed. With `batch`, gradients have an extra leading axis of that length.
    Raises ValueError if the shape is no result of broadcasting.
    """
    shape, dtype = edge.shape, edge.dtype
    if isinstance(gradient, SCALARS):
        gradient = np.asarray(gradient, dtype)
    if batch:
        # Axes of length 1 after the leading one, so that broadcasting is undone as without it.
        between = (1,) * (gradient.ndim - 1 - len(shape))
        gradient = sum_to_shape(gradient, (batch, *between, *shape))
        gradient = gradient.reshape((batch, *shape)) if between else gradient
    else:
        gradient = sum_to_shape(gradient, shape)
    return settle(gradient if gradient.dtype == dtype else gradient.astype(dtype))


def returned(value: Any, op: Any) -> Any:
    """What `op.forward` returned for one output, as an array."""
    value = settle(value)
    if not hasattr(value, "shape"):
        raise errors.not_an_output(op, value)
    recorded = getattr(value, "__autograd_settled__", None)
    return value if recorded is None else recorded()


def settle(value: Any) -> Any:
    """NumPy answers some 0-d results as scalars; nodes and Tensors hold arrays."""
    return np.asarray(value) if isinstance(value, SCALARS) else value


def constant_array(value: Any) -> Any:
    """As `constant`, for operations that need an array: a number becomes one without axes."""
    if isinstance(value, np.generic) and value.dtype.kind in "fiub":
        return np.asarray(value)  # its dtype counts, as an array's does
    value = constant(value)
    return as_array(value) if isinstance(value, int | float) else value


def constant(value: Any) -> Any:
    """An operand that is not a Tensor, as operations take it.

    Python numbers stay as they are, so that they never widen an array's dtype, and NumPy's scalars
    become Python numbers for the same reason. Lists become arrays of the default dtype.
    """
    if type(value) in (float, int, bool):
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "fiub":
        # Not item(): that of a longdouble is one again.
        return float(value) if value.dtype.kind == "f" else value.item()
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "fiub":
            return value if type(value) is np.ndarray else plain(value)
    elif isinstance(value, list | tuple):
        return as_array(value)
    elif hasattr(value, "__array_function__"):  # another library's array, or a recorded one
        recorded = getattr(value, "__autograd_operand__", None)
        return value if recorded is None else recorded()
    raise diagnosis.not_an_operand(value)
