"""How many are right."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.checks import whole_number
from nn.metrics.base import Metric, numbers_of
from nn.metrics.labels import decide, scores_and_labels, threshold_of


class _Share(Metric):
    """The share of examples that are right."""

    def reset(self) -> None:
        super().reset()
        self._right = 0

    def compute(self) -> float:
        self.check_updated()
        return self._right / self.examples

    def _count(self, right: Any) -> None:
        self._right += int(right.sum())
        self.examples += len(right)


class Accuracy(_Share):
    """The share of examples whose class is the predicted one, from 0 to 1.

    Args:
        threshold: None where each example has one class of several. For questions of yes or no, the
            number above which a prediction says yes: 0.5 for probabilities, 0 for logits.

    Shapes: without threshold, prediction is scores (n, classes), of which the largest counts (of
    equal ones the first), or labels (n,); target is labels (n,) of whole numbers 0 … classes − 1,
    or one-hot rows (n, classes). Scores may have more axes, (..., classes) for labels (...). With a
    threshold, both are (n,), (n, 1) or (n, labels), the target of 0 and 1; an example with several
    labels is right if all of them are.

    Raises in `update`: ValueError or TypeError for shapes that do not belong together, labels out
    of range or no whole numbers, NaN, and predictions that the threshold is not for.
    """

    name = "accuracy"

    def __init__(self, *wrong: Any, threshold: float | None = None) -> None:
        super().__init__(wrong)
        self.threshold = threshold_of("Accuracy", threshold)

    def update(self, prediction: Any, target: Any) -> None:
        predicted, actual, _ = labels = decide("Accuracy", prediction, target, self.threshold)
        right = predicted == actual
        self._count(right.all(axis=1) if labels.several else right)


class TopKAccuracy(_Share):
    """The share of examples whose class is among the k of largest score, from 0 to 1.

    Args:
        k: how many guesses there are, at most as many as classes.

    Shapes: prediction is scores (n, classes), target labels (n,) of whole numbers 0 … classes − 1;
    or (..., classes) and (...). Of equal scores, those of smaller classes come first, so that k = 1
    gives `Accuracy`.

    Raises in `update`: ValueError or TypeError for other shapes, fewer classes than k, NaN, labels
    out of range or no whole numbers.
    """

    def __init__(self, k: int, *wrong: Any) -> None:
        super().__init__(wrong)
        self.k = whole_number(k, "TopKAccuracy", "k")
        self.name = f"top_{self.k}_accuracy"

    def update(self, prediction: Any, target: Any) -> None:
        who = "TopKAccuracy"
        given = numbers_of(who, "prediction", prediction), numbers_of(who, "target", target)
        scores, labels = scores_and_labels(who, *given)
        classes = scores.shape[1]
        if self.k > classes:
            raise ValueError(
                f"{who}: k is {self.k}, and there are scores of {classes} classes only."
            )
        own = np.take_along_axis(scores, labels[:, None].astype(np.intp), axis=1)
        before = (scores == own) & (np.arange(classes) < labels[:, None])
        self._count(((scores > own) | before).sum(axis=1) < self.k)


def accuracy(prediction: Any, target: Any, *, threshold: float | None = None) -> float:
    """The share of examples whose class is the predicted one: `Accuracy` of one batch."""
    share: float = Accuracy(threshold=threshold).of(prediction, target)
    return share


def top_k_accuracy(prediction: Any, target: Any, k: int) -> float:
    """The share of examples whose class is among the k of largest score: `TopKAccuracy`."""
    share: float = TopKAccuracy(k).of(prediction, target)
    return share
