"""How far numbers are off.

With several outputs, (n, outputs), each is measured by itself, and the mean of the measures taken,
as scikit-learn does by default.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.places import warn
from nn.functional.operands import other_shape
from nn.metrics.base import Array, Metric, numbers_of


class _OfErrors(Metric):
    """What sums over the errors prediction − target of each output tell, in float64."""

    _outputs: tuple[int, ...]  # the shape of an example's numbers

    def __init__(self, *wrong: Any) -> None:
        super().__init__(wrong)

    def update(self, prediction: Any, target: Any) -> None:
        who = type(self).__name__
        predicted = numbers_of(who, "prediction", prediction)
        actual = numbers_of(who, "target", target)
        if predicted.shape != actual.shape:
            raise other_shape(who, Tensor(predicted), actual)
        if self.examples and actual.shape[1:] != self._outputs:
            before = ", ".join(["n", *map(str, self._outputs)])
            raise ValueError(
                f"{who}: the targets of this batch have the shape {actual.shape}, and those before "
                f"had ({before}). Call reset() between data sets."
            )
        if len(actual):
            self._add(predicted.astype(np.float64), actual.astype(np.float64))
            self._outputs = actual.shape[1:]
            self.examples += len(actual)

    def _add(self, predicted: Array, actual: Array) -> None:
        raise NotImplementedError


class MAE(_OfErrors):
    """Mean absolute error: the mean of |prediction − target|, in the target's unit.

    Shapes: prediction and target are the same, (n,) or (n, outputs).

    Raises in `update`: ValueError for different shapes, such as (n,) against (n, 1), or NaN.
    """

    name = "mae"

    def reset(self) -> None:
        super().reset()
        self._sum: Any = 0.0

    def _add(self, predicted: Array, actual: Array) -> None:
        self._sum = self._sum + np.abs(predicted - actual).sum(axis=0)

    def compute(self) -> float:
        self.check_updated()
        return float(np.mean(self._sum / self.examples))


class RMSE(_OfErrors):
    """Root mean squared error: √ of the mean of (prediction − target)², in the target's unit.

    Shapes: prediction and target are the same, (n,) or (n, outputs). With several outputs it is the
    mean of their roots, where `nn.RMSELoss` is the root of the mean over all.

    Raises in `update`: ValueError for different shapes, such as (n,) against (n, 1), or NaN.
    """

    name = "rmse"

    def reset(self) -> None:
        super().reset()
        self._sum: Any = 0.0

    def _add(self, predicted: Array, actual: Array) -> None:
        self._sum = self._sum + np.square(predicted - actual).sum(axis=0)

    def compute(self) -> float:
        self.check_updated()
        return float(np.mean(np.sqrt(self._sum / self.examples)))


class R2(_OfErrors):
    """Coefficient of determination, 1 − Σ(prediction − target)² / Σ(target − mean)².

    1 for exact predictions, 0 for those as good as the mean of the targets, negative for worse. For
    targets that are all equal it is 1 if the predictions are exact, else 0; for a single example
    NaN, with a warning.

    Shapes: prediction and target are the same, (n,) or (n, outputs).

    Raises in `update`: ValueError for different shapes, such as (n,) against (n, 1), or NaN.

    The targets' mean and squared deviations are joined batch by batch, which keeps its digits where
    the targets are large and vary little: Chan, Golub and LeVeque, "Updating formulae and a
    pairwise algorithm for computing sample variances", COMPSTAT 1982.
    """

    name = "r2"

    def reset(self) -> None:
        super().reset()
        self._errors: Any = 0.0  # their squares' sum
        self._mean: Any = 0.0
        self._deviations: Any = 0.0  # of the targets from their mean, their squares' sum

    def _add(self, predicted: Array, actual: Array) -> None:
        self._errors = self._errors + np.square(predicted - actual).sum(axis=0)
        seen, new = self.examples, len(actual)
        mean = actual[0] + (actual - actual[0]).mean(axis=0)  # exact where all are equal
        apart = mean - self._mean
        self._deviations = self._deviations + np.square(actual - mean).sum(axis=0)
        self._deviations = self._deviations + np.square(apart) * (seen * new / (seen + new))
        self._mean = self._mean + apart * (new / (seen + new))

    def compute(self) -> float:
        self.check_updated()
        if self.examples == 1:
            warn("R2: one example has no spread to compare its error with, so R² is NaN.")
            return float("nan")
        errors, deviations = np.atleast_1d(self._errors, self._deviations)
        unexplained = (errors > 0).astype(np.float64)  # where the targets are all equal
        np.divide(errors, deviations, out=unexplained, where=deviations > 0)
        return float(np.mean(1 - unexplained))


def mae(prediction: Any, target: Any) -> float:
    """The mean absolute error: `MAE` of one batch."""
    error: float = MAE().of(prediction, target)
    return error


def rmse(prediction: Any, target: Any) -> float:
    """The root mean squared error: `RMSE` of one batch."""
    error: float = RMSE().of(prediction, target)
    return error


def r2(prediction: Any, target: Any) -> float:
    """The coefficient of determination: `R2` of one batch."""
    share: float = R2().of(prediction, target)
    return share
