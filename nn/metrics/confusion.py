"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.metrics.base import Array, Metric
from nn.metrics.labels import decide, threshold_of


class ConfusionMatrix(Metric):
    """How many examples of each class were predicted to be of each.

    Args:
        labels: the names of classes 0, 1, …, for `print(metric)`; numbers if there are none. With
            them the matrix has a row for each, without them for those that scores or labels show.
        threshold: as in `Accuracy`: None for one class of several, a number for yes or no.

    `compute` gives (classes, classes) int64, where [i, j] counts the examples of class i that were
    predicted as j. Printed, the metric is a table with the names.

    Shapes and errors are those of `Accuracy`; and there is a ValueError for more classes than
    names, and where an example may have several labels.
    """

    name = "confusion_matrix"

    def __init__(
        self, *wrong: Any, labels: Sequence[Any] | None = None, threshold: float | None = None
    ) -> None:
        self.labels = None if labels is None else [str(one) for one in labels]
        self.threshold = threshold_of("ConfusionMatrix", threshold)
        super().__init__(wrong)

    def reset(self) -> None:
        super().reset()
        known = len(self.labels or ())
        self._counts = np.zeros((known, known), np.int64)

    def update(self, prediction: Any, target: Any) -> None:
        labels = decide("ConfusionMatrix", prediction, target, self.threshold)
        if labels.several:
            raise ValueError(
                f"ConfusionMatrix: an example may have {labels.classes} labels at once, each with a"
                " matrix of its own: give one column, prediction[:, i] and target[:, i]."
            )
        predicted, actual, classes = labels
        if self.labels is not None and classes > len(self.labels):
            raise ValueError(
                f"ConfusionMatrix: there are {classes} classes and {len(self.labels)} names for "
                f"them, {', '.join(self.labels)}."
            )
        known = len(self._counts)
        classes = max(classes, known)
        pairs = np.bincount(actual * classes + predicted, minlength=classes**2)
        self._counts = np.pad(self._counts, (0, classes - known)) + pairs.reshape(classes, classes)
        self.examples += len(predicted)

    def compute(self) -> Array:
        self.check_updated()
        return self._counts.copy()

    def __str__(self) -> str:
        names = self.labels or [str(i) for i in range(len(self._counts))]
        rows = [["actual", *names]]
        rows += [[name, *map(str, row)] for name, row in zip(names, self._counts, strict=True)]
        first, *widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [" " * (first + 2) + "predicted"]
        for name, *row in rows:
            cells = [one.rjust(width) for one, width in zip(row, widths, strict=True)]
            lines.append("  ".join([name.ljust(first), *cells]))
        return "\n".join(lines)


def confusion_matrix(
    prediction: Any,
    target: Any,
    *,
    labels: Sequence[Any] | None = None,
    threshold: float | None = None,
) -> Array:
    """(classes, classes), counts of actual class by predicted: `ConfusionMatrix` of one batch."""
    counts: Array = ConfusionMatrix(labels=labels, threshold=threshold).of(prediction, target)
    return counts
