"""Numbers from features."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import validate_data

from autograd import Tensor
from nn.data.arguments import Array
from nn.estimators.base import Perceptron
from nn.functional.regression import mse_loss
from nn.metrics import R2, Metric


class MLPRegressor(RegressorMixin, Perceptron):  # type: ignore[misc]
    """A multilayer perceptron that predicts numbers, with half the mean squared error.

    The settings and attributes are those of `MLPClassifier`, but for the classes.

    Features should be scaled, and targets that are far from 0 or large:
    TransformedTargetRegressor(MLPRegressor(), transformer=StandardScaler()).
    """

    def partial_fit(self, X: Any, y: Any) -> Self:
        """Train for one epoch more on X, (n, features), and y, (n,) or (n, outputs)."""
        return self._one_epoch(X, y)

    def predict(self, X: Any) -> Array:
        """The numbers for each row, (n,) or (n, outputs) as in training."""
        found = self._raw(X).astype(np.float64)
        return found.ravel() if self._flat else found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _training_data(self, X: Any, y: Any, again: bool, _classes: Any) -> tuple[Array, Array]:
        x, target = validate_data(
            self, X, y, dtype=np.float32, reset=not again, multi_output=True, y_numeric=True
        )
        self._flat = target.ndim == 1
        rows = target.reshape(len(target), -1).astype(np.float32)
        self.n_outputs_ = rows.shape[1]
        return x, rows

    def _loss(self, prediction: Tensor, target: Any) -> Tensor:
        return mse_loss(prediction, target) * 0.5

    def _metric(self) -> Metric:
        return R2()
