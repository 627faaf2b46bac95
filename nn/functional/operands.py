"""What losses and layers are given, as what they compute with."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, get_default_dtype
from autograd.conditions import require


def floating(x: Any) -> Tensor:
    """x as a Tensor; whole numbers in the default dtype."""
    values = x if isinstance(x, Tensor) else Tensor(x)
    return values if values.dtype.kind == "f" else values.astype(get_default_dtype())


def with_shape(target: Any) -> Any:
    """The target as it is, or as an array if it is a list or number.

    Raises TypeError if it holds no numbers.
    """
    given = target if hasattr(target, "shape") else np.asarray(target)
    if given.dtype.kind in "OUS":
        fix = "" if target is None else " Number classes: np.unique(names, return_inverse=True)[1]."
        raise TypeError(f"A target holds numbers, not {given.ravel()[:1].tolist()}.{fix}")
    return given


def values_of(x: Any) -> Any:
    """The numbers of a Tensor or array, as an array."""
    return x.data if isinstance(x, Tensor) else with_shape(x)


def in_dtype_of(prediction: Tensor, target: Any) -> Tensor:
    """The target as a Tensor that does not widen the loss, as whole numbers and float64 would."""
    values = target if isinstance(target, Tensor) else Tensor(target)
    return values if values.dtype == prediction.dtype else values.astype(prediction.dtype)


def matched(who: str, prediction: Any, target: Any) -> tuple[Tensor, Tensor]:
    """Prediction and target as Tensors of one dtype, the prediction's.

    Raises ValueError if they are not of one shape: what broadcasting makes of that is no loss.
    """
    prediction, target = floating(prediction), with_shape(target)
    if prediction.shape != target.shape:
        raise other_shape(who, prediction, target)
    return prediction, in_dtype_of(prediction, target)


def no_text(who: str, weight: Any) -> Any:
    """The weight, unless it is a reduction in its place. Raises TypeError if so."""
    if isinstance(weight, str):
        raise TypeError(f"{who}: the reduction is given by name, reduction={weight!r}.")
    return weight


def weighted(who: str, losses: Tensor, weight: Any) -> Tensor:
    """The losses times their weights, which broadcast to them; as they are for None.

    Raises ValueError for weights that would broadcast the losses instead.
    """
    if weight is None:
        return losses
    given = in_dtype_of(losses, with_shape(no_text(who, weight)))
    check_broadcast(who, "weight", given, losses)
    return losses * given


def check_broadcast(who: str, name: str, given: Tensor, losses: Tensor) -> None:
    """Raise ValueError unless `given` broadcasts to the shape of the losses."""
    try:
        fits = np.broadcast_shapes(given.shape, losses.shape) == losses.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{who}: {name} has shape {given.shape}, and does not broadcast to the losses' shape "
            f"{losses.shape}. Give one for each class, shape {losses.shape[-1:]}, or for each "
            f"example, shape {losses.shape[:1] + (1,) * (losses.ndim - 1)}."
        )


def check_range(who: str, what: str, x: Tensor, low: float, high: float, cause: str) -> None:
    """Raise ValueError unless all entries of x lie in [low, high]; NaN does not."""
    values = x.data
    right = (values >= low) & (values <= high)
    check_all(who, f"the {what} must be from {low:g} to {high:g}", x, right, cause)


def check_signs(who: str, target: Tensor) -> None:
    """Raise ValueError unless all entries are −1 or 1."""
    values = target.data
    right = (values == 1) | (values == -1)
    cause = "Of labels 0 and 1 make 2 * labels - 1."
    check_all(who, "the targets must be -1 or 1", target, right, cause)


def check_all(who: str, rule: str, x: Tensor, right: Any, cause: str) -> None:
    """Raise ValueError, which says how many and which first, unless all of `right` are true."""
    try:
        require(right.all(), f"{who}: {rule}. {cause}")
    except ValueError:
        wrong = np.argwhere(~right)
        first = tuple(wrong[0].tolist())
        if np.isnan(x.data[first]):
            cause = "NaN is no number: mend the data, or see autograd.detect_anomaly()."
        place = f" at [{', '.join(map(str, first))}]" if first else ""
        raise ValueError(
            f"{who}: {rule}, and {len(wrong)} of {x.size} are not; the first is "
            f"{x.data[first]:.6g}{place}. {cause}"
        ) from None


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
