"""What a network says and what is true, as labels that can be compared.

Two kinds of questions are told apart by `threshold`, never guessed from the numbers:

Without one, each example has one class of several. The prediction is scores (n, classes), of which
the largest counts, or labels (n,); the target is labels, or rows that are one-hot.

With one, each entry is a question of yes or no, 1 or 0. The prediction is one number for each
target, and says yes above the threshold: 0.5 for probabilities, 0 for logits. Shape (n,) or (n, 1)
is a single question (binary), (n, labels) several at once (multi-label).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nn.checks import number
from nn.metrics.base import Array, numbers_of

SINGLE = ((), (1,))  # what follows n in the shape of one number for each example


class Decided(NamedTuple):
    """Predicted and actual labels.

    Either classes 0 … classes − 1, shape (n,); or of bool, shape (n, classes): whether each of
    several labels holds.
    """

    predicted: Array
    actual: Array
    classes: int

    @property
    def several(self) -> bool:
        """Whether an example may have several labels at once."""
        return self.predicted.ndim == 2

    @property
    def questions(self) -> int:
        """How many labels an example may have at once; 1 where the classes exclude each other."""
        return self.classes if self.several else 1


def threshold_of(who: str, threshold: float | None) -> float | None:
    """The threshold as a float, or None. Raises TypeError if it is no number."""
    return None if threshold is None else number(threshold, who, "threshold")


def decide(who: str, prediction: Any, target: Any, threshold: float | None) -> Decided:
    """The labels of prediction and target, as the head of this file says.

    Raises ValueError or TypeError for shapes that do not belong together, labels that are out of
    range or no whole numbers, and numbers that the threshold is not for.
    """
    prediction = numbers_of(who, "prediction", prediction)
    target = numbers_of(who, "target", target)
    if threshold is not None:
        return _yes_or_no(who, prediction, target, threshold)
    if prediction.shape != target.shape:
        return _from_scores(*scores_and_labels(who, prediction, target))
    if prediction.shape[1:] in SINGLE:
        return _from_labels(who, prediction.ravel(), target.ravel())
    return _from_scores(*scores_and_labels(who, prediction, _of_rows(who, target)))


def scores_and_labels(who: str, scores: Array, target: Array) -> tuple[Array, Array]:
    """Scores (n, classes) and labels (n,), of scores (..., classes) and labels (...).

    Raises ValueError for other shapes and labels out of range, TypeError for labels that are no
    whole numbers.
    """
    if scores.shape[:-1] != target.shape or scores.shape[-1] < 2:
        raise _no_scores(who, scores, target)
    classes = scores.shape[-1]
    _check_labels(who, "target", target, classes)
    return scores.reshape(-1, classes), target.ravel()


def _from_scores(scores: Array, actual: Array) -> Decided:
    return Decided(scores.argmax(axis=1), actual.astype(np.intp), scores.shape[1])


def _from_labels(who: str, predicted: Array, actual: Array) -> Decided:
    if predicted.dtype.kind == "f":
        raise TypeError(
            f"{who}: the prediction is one {predicted.dtype} number for each target. If they are "
            "probabilities of a yes, say threshold=0.5; if logits, threshold=0. If they are "
            "labels, give whole numbers: prediction.astype(int)."
        )
    _check_labels(who, "prediction", predicted)
    _check_labels(who, "target", actual)
    predicted, actual = predicted.astype(np.intp), actual.astype(np.intp)
    return Decided(predicted, actual, max(predicted.max(initial=-1), actual.max(initial=-1)) + 1)


def _of_rows(who: str, target: Array) -> Array:
    """The class of each row of a target that is one-hot, or probabilities."""
    right = (target >= 0).all(axis=-1) & (np.abs(target.sum(axis=-1) - 1) < 1e-3)
    if not right.all():
        row = tuple(np.argwhere(~right)[0].tolist())
        raise ValueError(
            f"{who}: prediction and target have the same shape {target.shape}, so that the "
            f"target's rows should be one-hot, and row {', '.join(map(str, row))} is "
            f"{np.array2string(target[row], threshold=10)}. If a row may have several labels at "
            "once, give a threshold: 0.5 for probabilities, 0 for logits. If these are labels, "
            "flatten both: .ravel()."
        )
    labels: Array = target.argmax(axis=-1)
    return labels


def _yes_or_no(who: str, prediction: Array, target: Array, threshold: float) -> Decided:
    if prediction.shape != target.shape:
        raise _not_one_each(who, prediction, target)
    if target.ndim > 2:
        raise ValueError(
            f"{who}: with a threshold, the shape is (n,) for one question or (n, labels) for "
            f"several, not {target.shape}. Where each entry stands alone, flatten both: .ravel()."
        )
    _check_all(who, "target", target, (target == 0) | (target == 1), "0 or 1, no or yes", "")
    if prediction.dtype.kind != "f":
        right = (prediction == 0) | (prediction == 1)
        _check_all(who, "prediction", prediction, right, "0 or 1 if they are whole", "")
        predicted = prediction.astype(bool)
    else:
        if 0 < threshold < 1:
            right = (prediction >= 0) & (prediction <= 1)
            rule = f"probabilities for threshold={threshold:g}"
            _check_all(who, "prediction", prediction, right, rule, " For logits say threshold=0.")
        predicted = prediction > threshold
    actual = target.astype(bool)
    if target.shape[1:] in SINGLE:
        return Decided(predicted.ravel().astype(np.intp), actual.ravel().astype(np.intp), 2)
    return Decided(predicted, actual, target.shape[1])


def _check_labels(who: str, name: str, labels: Array, classes: int | None = None) -> None:
    if labels.dtype.kind == "f":
        raise TypeError(
            f"{who}: labels are whole numbers, and the {name} is {labels.dtype}. If they are "
            f"whole, say {name}.astype(int)."
        )
    if classes is None:
        _check_all(who, name, labels, labels >= 0, "labels, which count from 0", "")
    else:
        rule = f"labels 0 … {classes - 1}, for scores of {classes} classes"
        _check_all(who, name, labels, (labels >= 0) & (labels < classes), rule, "")


def _check_all(who: str, name: str, array: Array, right: Any, rule: str, fix: str) -> None:
    """Raise ValueError, which says how many and which first, unless all of `right` are true."""
    if right.all():
        return
    wrong = np.argwhere(~right)
    first = tuple(wrong[0].tolist())
    raise ValueError(
        f"{who}: the {name} must be {rule}, and {len(wrong)} of {array.size} are not; the first is "
        f"{array[first]:.6g} at [{', '.join(map(str, first))}].{fix}"
    )


def _shapes(prediction: Array, target: Array) -> str:
    return (
        f"\n  prediction  {prediction.shape} {prediction.dtype}"
        f"\n  target      {target.shape} {target.dtype}"
    )


def _no_scores(who: str, scores: Array, target: Array) -> ValueError:
    wanted = "(n, classes) against labels (n,), or one-hot rows (n, classes)"
    ours, theirs = scores.shape, target.shape
    lines = f"{who}: scores are {wanted}." + _shapes(scores, target)
    if ours == (*theirs, 1):
        lines += (
            "\n  fix  prediction.squeeze(-1), with threshold=0.5 for probabilities of a yes, or "
            "threshold=0 for logits"
        )
    elif theirs == (*ours, 1) or theirs == (*ours[:-1], 1):
        lines += "\n  fix  target.squeeze(-1)"
    elif len(ours) > 2 and ours[:1] + ours[2:] == theirs:
        lines += "\n  fix  np.moveaxis(prediction, 1, -1): classes are the last axis"
    return ValueError(lines)


def _not_one_each(who: str, prediction: Array, target: Array) -> ValueError:
    lines = f"{who}: with a threshold, there is one number for each target, in the same shape."
    lines += _shapes(prediction, target)
    if prediction.shape == (*target.shape, 1):
        lines += "\n  fix  prediction.squeeze(-1), or target[..., None]"
    elif target.shape == (*prediction.shape, 1):
        lines += "\n  fix  target.squeeze(-1), or prediction[..., None]"
    elif prediction.shape[:-1] == target.shape:
        lines += "\n  fix  leave the threshold out, if these are scores of classes"
    return ValueError(lines)
