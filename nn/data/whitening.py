"""Bringing features to a common scale and taking out their correlations."""

from __future__ import annotations

import numpy as np

from nn.data.arguments import Array
from nn.data.scaling import Scaler


class _Whitening(Scaler):
    """z = (x − mean) · whiten, and back x = z · unwhiten + mean."""

    _learned = ("mean", "whiten", "unwhiten")
    mean: Array
    whiten: Array
    unwhiten: Array

    def __init__(self, epsilon: float = 0.0) -> None:
        if not epsilon >= 0:
            raise ValueError(f"{self._name}: epsilon is a variance, 0 or more, not {epsilon}.")
        self.epsilon = epsilon

    @property
    def rank(self) -> int:
        """In how many directions the training data varies: at most its number of features."""
        self._require_fit("rank")
        return round(float((self.whiten * self.unwhiten.T).sum()))  # a projection's trace

    def _learn(self, x: Array) -> None:
        if x.ndim != 2:
            raise ValueError(
                f"{self._name}: examples are rows of features, shape (n, features), not {x.shape}. "
                "Flatten them: x.reshape(len(x), -1)."
            )
        self.mean = x.mean(axis=0, dtype=np.float64)
        centred = x - self.mean
        variances, directions = np.linalg.eigh(centred.T @ centred / len(x))
        variances, directions = variances[::-1], directions[:, ::-1]
        # What is below the rounding error of the largest is no direction that the data varies in.
        varies = variances > variances[0] * len(variances) * np.finfo(np.float64).eps
        if not varies.any():
            raise ValueError(
                f"{self._name}: all {len(x)} training examples are equal, so no direction can be "
                "scaled."
            )
        directions = directions[:, varies]
        largest = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
        directions = directions * np.sign(largest)  # the sign that the algorithm leaves open
        self._choose(directions, np.sqrt(variances[varies] + self.epsilon))

    def _choose(self, directions: Array, deviations: Array) -> None:
        """Set whiten and unwhiten, from directions (features, rank) and deviations (rank,)."""
        raise NotImplementedError

    def _forward(self, x: Array) -> Array:
        out: Array = (x - self.mean) @ self.whiten
        return out

    def _backward(self, z: Array) -> Array:
        out: Array = z @ self.unwhiten + self.mean
        return out

    def _shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return self.whiten.shape[:1], self.whiten.shape[1:]


class PCAWhitening(_Whitening):
    """Rotates the features to the principal components, each scaled to deviation 1.

    The new features are uncorrelated in the training data, the one of largest variance first.
    Directions in which the training data does not vary (constant features, features that are sums
    of others) are left out: there are `rank` new features. Each component's sign is such that
    its largest weight is positive.

    Args:
        epsilon: a variance added to that of each component, so that components of tiny variance,
            which are mostly noise, are scaled up less.

    Raises in `fit`: ValueError for examples that are no rows of features, or all equal.
    """

    def _choose(self, directions: Array, deviations: Array) -> None:
        self.whiten = directions / deviations
        self.unwhiten = directions.T * deviations[:, np.newaxis]


class ZCAWhitening(_Whitening):
    """Takes out the correlations of the features while changing them as little as possible.

    Principal components scaled to deviation 1 and rotated back, so that images stay images: the
    symmetric whitening of Bell and Sejnowski (1997), "The independent components of natural scenes
    are edge filters". Directions in which the training data does not vary become 0: with them the
    new features' covariance is a projection, else the identity.

    Args:
        epsilon: a variance added to that of each component, so that components of tiny variance,
            which are mostly noise, are scaled up less; for images from 0 to 1 about 0.01.

    Raises in `fit`: ValueError for examples that are no rows of features, or all equal.
    """

    def _choose(self, directions: Array, deviations: Array) -> None:
        self.whiten = directions / deviations @ directions.T
        self.unwhiten = directions * deviations @ directions.T
