"""What losses and layers are given, as what they compute with."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, get_default_dtype


def floating(x: Any) -> Tensor:
    """x as a Tensor; whole numbers in the default dtype."""
    values = x if isinstance(x, Tensor) else Tensor(x)
    return values if values.dtype.kind == "f" else values.astype(get_default_dtype())


def with_shape(target: Any) -> Any:
    """The target as it is, or as an array if it is a list or number."""
    return target if hasattr(target, "shape") else np.asarray(target)


def in_dtype_of(prediction: Tensor, target: Any) -> Tensor:
    """The target as a Tensor that does not widen the loss, as whole numbers and float64 would."""
    values = target if isinstance(target, Tensor) else Tensor(target)
    return values if values.dtype == prediction.dtype else values.astype(prediction.dtype)


def other_shape(who: str, prediction: Tensor, target: Any) -> ValueError:
    """The error for a target of another shape, with what the two would broadcast to."""
    ours, theirs = prediction.shape, target.shape
    lines = [f"{who}: there must be one target for each prediction, in the same shape."]
    try:
        together = np.broadcast_shapes(ours, theirs)
    except ValueError:
        together = ours
    if together not in (ours, theirs):
        lines[0] += f" Broadcast, they would make {together} errors, each with each."
    lines += [f"  prediction  {ours} {prediction.dtype}", f"  target      {theirs} {target.dtype}"]
    if ours == (*theirs, 1):
        lines.append("  fix  prediction.squeeze(-1), or target[..., None]")
    elif theirs == (*ours, 1):
        lines.append("  fix  target.squeeze(-1), or prediction[..., None]")
    elif prediction.size == target.size:
        lines.append("  fix  target.reshape(prediction.shape)")
    return ValueError("\n".join(lines))
