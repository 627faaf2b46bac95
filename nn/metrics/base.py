"""What metrics have in common."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from autograd import Tensor

Array = np.ndarray[Any, Any]


class Metric:
    """A measure of predictions that is gathered batch by batch.

    A subclass says in `update` what it keeps of a batch, in `reset` how that starts, and in
    `compute` what the measure of it is.

    Args:
        wrong: what was given beyond the settings: prediction and target, most likely.

    Attributes:
        name: what the measure is called in progress lines and histories; may be set.
        examples: how many have been seen since the last `reset`.
    """

    name: str
    examples: int

    def __init__(self, wrong: tuple[Any, ...] = ()) -> None:
        if wrong:
            kind = type(self).__name__
            names = [one for one in inspect.signature(type(self)).parameters if one != "wrong"]
            raise TypeError(
                f"{kind} is made with its settings by name ({', '.join(names) or 'it has none'}), "
                "and then updated: metric.update(prediction, target); metric.compute(). To measure "
                "predictions at once there are functions: nn.metrics.accuracy(prediction, target)."
            )
        self.reset()

    def update(self, prediction: Any, target: Any) -> None:
        """Take a batch into account. What is refused with an error leaves the metric as it was."""
        raise NotImplementedError(f"{type(self).__name__} has no method update.")

    def compute(self) -> Any:
        """The measure of all batches since the last `reset`.

        Raises RuntimeError if there were no examples.
        """
        raise NotImplementedError(f"{type(self).__name__} has no method compute.")

    def reset(self) -> None:
        """Forget all batches."""
        self.examples = 0

    def of(self, prediction: Any, target: Any) -> Any:
        """The measure of one batch alone, which the metric keeps."""
        self.reset()
        self.update(prediction, target)
        return self.compute()

    def check_updated(self) -> None:
        """Raise RuntimeError if there is nothing to measure."""
        if not self.examples:
            raise RuntimeError(
                f"{type(self).__name__}: there are no examples to measure. Call "
                "update(prediction, target) for each batch, and then compute()."
            )

    def __repr__(self) -> str:
        shown = []
        for name, one in inspect.signature(type(self)).parameters.items():
            value = getattr(self, name, one.default)
            if one.kind is not one.VAR_POSITIONAL and value is not one.default:
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def numbers_of(who: str, name: str, given: Any) -> Array:
    """What was given as an array of numbers, examples along its first axis.

    Raises TypeError for texts, objects and complex numbers, ValueError for a single number, and for
    NaN, which is neither right nor wrong.
    """
    array: Array = given.data if isinstance(given, Tensor) else np.asarray(given)
    if array.dtype.kind not in "biuf":
        fix = " Number classes: nn.data.LabelEncoder()." if array.dtype.kind in "US" else ""
        raise TypeError(f"{who}: {name} has the dtype {array.dtype}, and holds no numbers.{fix}")
    if not array.ndim:
        raise ValueError(
            f"{who}: {name} is the single number {array}. Batches are measured: give arrays with "
            "examples along the first axis, np.atleast_1d for one."
        )
    missing = np.isnan(array) if array.dtype.kind == "f" else np.zeros(0, bool)
    if missing.any():
        raise ValueError(
            f"{who}: {missing.sum()} of {array.size} numbers of the {name} are NaN. Unless the "
            "data has some, training has diverged: see autograd.detect_anomaly()."
        )
    return array
