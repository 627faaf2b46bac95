"""Measures of each class, and their averages."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from nn.checks import number
from nn.metrics.base import Array, Metric
from nn.metrics.labels import Decided, decide, threshold_of

Average = Literal["binary", "macro", "micro", "weighted"] | None
AVERAGES = ("binary", "macro", "micro", "weighted", None)


class _PerClass(Metric):
    """A quotient of counts for each class, or each label where examples have several.

    Counted are, for each class, the examples of it that were predicted so (hits), all that were
    predicted so, and all that are so.
    """

    def __init__(
        self,
        *wrong: Any,
        average: Average = "binary",
        threshold: float | None = None,
        zero_division: float = 0.0,
    ) -> None:
        super().__init__(wrong)
        who = type(self).__name__
        if average not in AVERAGES:
            raise ValueError(
                f'{who}: average is "binary", "macro", "micro", "weighted", or None for one number '
                f"of each class, not {average!r}."
            )
        self.average = average
        self.threshold = threshold_of(who, threshold)
        self.zero_division = number(zero_division, who, "zero_division")
        self.name = who.lower() if average in ("binary", None) else f"{average}_{who.lower()}"

    def _quotient(self, counts: Array) -> tuple[Array, Array]:
        """The measure's numerator and denominator."""
        raise NotImplementedError

    def reset(self) -> None:
        super().reset()
        self._counts = np.zeros((3, 0), np.int64)  # hits, predicted and actual of each class
        self._questions = 0  # labels that an example may have at once; 1 where classes exclude

    def update(self, prediction: Any, target: Any) -> None:
        labels = decide(type(self).__name__, prediction, target, self.threshold)
        self._check(labels)
        predicted, actual, classes = labels
        known = self._counts.shape[1]
        if labels.several:
            counts = [(predicted & actual).sum(axis=0), predicted.sum(axis=0), actual.sum(axis=0)]
        else:
            classes = max(classes, known)
            decisions = (predicted[predicted == actual], predicted, actual)
            counts = [np.bincount(one, minlength=classes) for one in decisions]
        self._counts = np.pad(self._counts, ((0, 0), (0, classes - known))) + counts
        self._questions = labels.questions
        self.examples += len(predicted)

    def compute(self) -> Any:
        """A number from 0 to 1; with average=None an array of them, one for each class."""
        self.check_updated()
        counts = self._counts
        if self.average is None:
            return self._values(counts)
        if self.average == "binary":
            counts = counts[:, 1:].sum(axis=1, keepdims=True)  # class 1, or nothing if all were 0
        elif self.average == "micro":
            counts = counts.sum(axis=1, keepdims=True)
        elif self._questions == 1:
            counts = counts[:, counts.any(axis=0)]
        return self._averaged(counts)

    def _averaged(self, counts: Array) -> float:
        """The mean over classes, those left out whose value is NaN."""
        values = self._values(counts)
        defined = ~np.isnan(values)
        weights = np.ones(len(values))
        if self.average == "weighted" and counts[2, defined].any():
            weights = counts[2].astype(float)
        if not defined.any():
            return float("nan")
        return float(np.average(values[defined], weights=weights[defined]))

    def _values(self, counts: Array) -> Array:
        above, below = self._quotient(counts)
        values: Array = np.full(len(below), self.zero_division)
        return np.divide(above, below, out=values, where=below > 0)

    def _check(self, labels: Decided) -> None:
        """Raise ValueError if the labels do not go with the average, or with those before."""
        who, asked = type(self).__name__, labels.questions
        if self.examples and asked != self._questions:
            raise ValueError(
                f"{who}: the examples of this batch have {asked} labels, and those before had "
                f"{self._questions}. Call reset() between data sets."
            )
        if self.average == "binary" and (labels.several or labels.classes > 2):
            raise ValueError(
                f'{who}: average="binary" measures class 1 against class 0, and there are '
                f"{labels.classes} {'labels' if labels.several else 'classes'}. Choose "
                'average="macro" (all count alike), "weighted" (by their examples), "micro" (every '
                "decision counts alike), or None for one number each."
            )


class Precision(_PerClass):
    """Of those predicted to be of a class, the share that are.

    Args:
        average: "binary", the measure of class 1 against 0; "macro", the mean over classes, each of
            which counts alike; "weighted", each by its number of examples; "micro", from the counts
            of all classes together; None, an array with one number for each class.
        threshold: as for `Accuracy`: None for one class of several, a number for yes or no. Where
            an example may have several labels, each is measured as a class.
        zero_division: what 0/0 counts as, without a warning; NaN leaves it out of averages.

    Shapes and errors are those of `Accuracy`; and there is a ValueError for average="binary" with
    more than two classes. As in scikit-learn, classes that neither predictions nor targets have are
    no part of "macro"; with None, theirs is 0/0.
    """

    def _quotient(self, counts: Array) -> tuple[Array, Array]:
        hits, predicted, _ = counts
        return hits, predicted


class Recall(_PerClass):
    """Of those that are of a class, the share that was predicted so. Settings as `Precision`."""

    def _quotient(self, counts: Array) -> tuple[Array, Array]:
        hits, _, actual = counts
        return hits, actual


class F1(_PerClass):
    """The harmonic mean of precision and recall of a class. Settings as `Precision`.

    2 · hits / (predicted + actual), for each class before averages are taken.
    """

    def _quotient(self, counts: Array) -> tuple[Array, Array]:
        hits, predicted, actual = counts
        return 2 * hits, predicted + actual


def precision(
    prediction: Any,
    target: Any,
    *,
    average: Average = "binary",
    threshold: float | None = None,
    zero_division: float = 0.0,
) -> Any:
    """Of those predicted to be of a class, the share that are: `Precision` of one batch."""
    metric = Precision(average=average, threshold=threshold, zero_division=zero_division)
    return metric.of(prediction, target)


def recall(
    prediction: Any,
    target: Any,
    *,
    average: Average = "binary",
    threshold: float | None = None,
    zero_division: float = 0.0,
) -> Any:
    """Of those that are of a class, the share that was predicted so: `Recall` of one batch."""
    metric = Recall(average=average, threshold=threshold, zero_division=zero_division)
    return metric.of(prediction, target)


def f1(
    prediction: Any,
    target: Any,
    *,
    average: Average = "binary",
    threshold: float | None = None,
    zero_division: float = 0.0,
) -> Any:
    """The harmonic mean of precision and recall: `F1` of one batch."""
    metric = F1(average=average, threshold=threshold, zero_division=zero_division)
    return metric.of(prediction, target)
