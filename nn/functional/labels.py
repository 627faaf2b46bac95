"""Labels in other forms, and what is counted with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Function, Tensor, get_default_dtype
from autograd.conditions import require
from nn.checks import whole_number
from nn.functional.operands import no_text, values_of


def one_hot(labels: Any, num_classes: int = -1) -> Tensor:
    """For each label a row of zeros with a 1 at the label's place, in the default dtype.

    Shapes: labels (...) of whole numbers 0 … num_classes − 1; the result (..., num_classes).
    If num_classes is −1, the largest label is that of the last class; say how many there are where
    a batch may lack it.

    Raises TypeError for labels that are not whole numbers, ValueError for labels out of range.
    """
    labels = values_of(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"one_hot: labels are whole numbers, not {labels.dtype}.")
    if num_classes == -1 and labels.size:
        num_classes = max(int(labels.max()) + 1, 1)
    num_classes = whole_number(num_classes, "one_hot", "num_classes")
    right = (labels >= 0) & (labels < num_classes)
    try:
        require(right.all(), f"one_hot: a label is not in 0 … {num_classes - 1}.")
    except ValueError:
        wrong = labels[~right]
        raise ValueError(
            f"one_hot: {wrong.size} of {labels.size} labels are not in 0 … {num_classes - 1}; "
            f"the first is {wrong[0]}."
        ) from None
    rows = labels[..., None] == np.arange(num_classes)
    return Tensor(rows.astype(get_default_dtype()))


def at_each_label(who: str, operation: type[Function], scores: Tensor, labels: Any) -> Tensor:
    """What `operation` makes of scores (..., classes) and labels (...).

    Raises ValueError for labels that do not fit, in the name of the function that was called.
    """
    try:
        return operation.apply(scores, labels)
    except ValueError as error:
        error.args = (f"{who}:{str(error).removeprefix(f'{operation.__name__}:')}",)
        raise


def without_ignored(target: Any, ignore_index: int, dtype: Any) -> tuple[Any, Any]:
    """The labels as an array, with 0 in place of ignored ones, and 1 where one is kept, else 0."""
    labels = values_of(target)
    kept = labels != ignore_index
    return labels * kept, kept.astype(dtype)


def class_weights(who: str, weight: Any, scores: Tensor) -> Any:
    """The weights of classes, as an array in the dtype of the scores (..., classes), or None.

    Raises ValueError for another number of weights, or negative ones; TypeError for a text.
    """
    if weight is None:
        return None
    weights = values_of(no_text(who, weight)).astype(scores.dtype)
    classes = scores.shape[-1:]
    if weights.shape != classes:
        raise ValueError(
            f"{who}: weight has one number for each class, shape {classes}, not {weights.shape}."
        )
    require((weights >= 0).all(), f"{who}: the weights of classes are not negative.")
    return weights


def weights_at(weight: Any, labels: Any) -> Any:
    """The weight of each label's class; 1 if there are no weights."""
    if weight is None:
        return 1
    return np.take_along_axis(weight, labels.reshape(-1), axis=0).reshape(labels.shape)
