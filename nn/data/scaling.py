"""Bringing features to a common scale, with numbers learned from the training data alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from autograd import get_default_dtype
from nn.data.arguments import Array

PIECE = 1 << 17  # entries computed at a time in float64, so that large data needs little memory


class Scaler:
    """What all scalers share: learn from training data, then transform any data, and undo it.

    Data of the test set, or of tomorrow, is transformed with the numbers of the training set:
    nothing of it may be known in training. What is learned is kept in float64; results have the
    dtype of the data if it is floating, else the default dtype.
    """

    _learned: tuple[str, ...]  # the names of what is learned

    def fit(self, x: Any) -> Self:
        """Learn from the training examples x, (n, ...).

        Raises ValueError if there are none, or if entries are NaN or infinite; TypeError if they
            are no numbers.
        """
        x = self._numbers(x)
        if x.ndim == 0 or x.size == 0:
            raise ValueError(
                f"{self._name}: training examples have the shape (n, features), with at least one "
                f"example and one feature; this is {x.shape}."
            )
        bad = np.argwhere(~np.isfinite(x))
        if len(bad):
            raise ValueError(
                f"{self._name}: {len(bad)} of the training data's entries are NaN or infinite, "
                f"the first at {tuple(bad[0].tolist())}. Fill them or leave their examples out."
            )
        self._learn(x)
        return self

    def transform(self, x: Any) -> Array:
        """The examples x, (n, ...), scaled.

        Raises ValueError if their features are not those of the training examples, RuntimeError
            before `fit`.
        """
        self._require_fit("transform")
        given, made = self._shapes()
        return self._mapped(x, given, made, self._forward, "transform")

    def fit_transform(self, x: Any) -> Array:
        """Learn from the training examples x, and scale them."""
        return self.fit(x).transform(x)

    def inverse_transform(self, z: Any) -> Array:
        """The examples that `transform` made z from."""
        self._require_fit("inverse_transform")
        given, made = self._shapes()
        return self._mapped(z, made, given, self._backward, "inverse_transform")

    def state_dict(self) -> dict[str, Array]:
        """What was learned, as arrays by name."""
        self._require_fit("state_dict")
        return {name: getattr(self, name).copy() for name in self._learned}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what another scaler of this kind has learned.

        Raises ValueError if the names are not those of this kind.
        """
        if set(state) != set(self._learned):
            raise ValueError(
                f"{self._name}: a state has {', '.join(self._learned)}; this one has "
                f"{', '.join(state) or 'nothing'}."
            )
        for name in self._learned:
            setattr(self, name, np.array(state[name], np.float64))

    # What a kind of scaler says: how it learns; the mapping and its inverse, in float64; and the
    # shapes of an example before and after.

    def _learn(self, x: Array) -> None:
        raise NotImplementedError

    def _forward(self, x: Array) -> Array:
        raise NotImplementedError

    def _backward(self, z: Array) -> Array:
        raise NotImplementedError

    def _shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        raise NotImplementedError

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _numbers(self, x: Any) -> Array:
        numbers: Array = np.asarray(x)
        if numbers.dtype.kind not in "biuf":
            raise TypeError(f"{self._name}: examples are numbers, not of dtype {numbers.dtype}.")
        return numbers

    def _require_fit(self, what: str) -> None:
        if not hasattr(self, self._learned[0]):
            raise RuntimeError(
                f"{self._name}.{what}: nothing is learned yet. Call fit(x_train) first, with the "
                "training examples."
            )

    def _mapped(
        self,
        x: Any,
        given: tuple[int, ...],
        made: tuple[int, ...],
        mapping: Callable[[Array], Array],
        what: str,
    ) -> Array:
        x = self._numbers(x)
        if x.ndim == 0 or x.shape[1:] != given:
            raise ValueError(
                f"{self._name}.{what}: each example has the shape {given}, as learned from the "
                f"training data; this is {x.shape}, of which the first axis counts the examples."
            )
        out = np.empty((len(x), *made), x.dtype if x.dtype.kind == "f" else get_default_dtype())
        step = max(1, PIECE // max(1, int(np.prod(given))))
        for start in range(0, len(x), step):
            piece = slice(start, start + step)
            out[piece] = mapping(x[piece].astype(np.float64))
        return out


class _FeatureScaler(Scaler):
    """z = (x − shift) / scale, with a shift and a scale for each feature."""

    _learned = ("shift", "scale")
    shift: Array
    scale: Array

    def _forward(self, x: Array) -> Array:
        x -= self.shift
        x /= self.scale
        return x

    def _backward(self, z: Array) -> Array:
        z *= self.scale
        z += self.shift
        return z

    def _shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return self.shift.shape, self.shift.shape


class StandardScaler(_FeatureScaler):
    """Shifts and scales each feature to mean 0 and deviation 1 in the training data.

    A feature that is constant there is shifted only.

    Attributes, known after `fit`, of an example's shape: `shift`, the mean, and `scale`, the
    standard deviation (of the population: divided by n), 1 where it is 0.

    Example:
        scaler = StandardScaler().fit(x_train)
        x_train, x_test = scaler.transform(x_train), scaler.transform(x_test)
    """

    def _learn(self, x: Array) -> None:
        self.shift = x.mean(axis=0, dtype=np.float64)
        # Compared exactly: the deviation of equal numbers may be a rounding error instead of 0.
        constant = x.max(axis=0) == x.min(axis=0)
        self.scale = np.where(constant, 1, x.std(axis=0, dtype=np.float64))


class MinMaxScaler(_FeatureScaler):
    """Shifts and scales each feature to the range 0 … 1 in the training data.

    Other data may lie outside that range. A feature that is constant in training becomes 0 there.

    Attributes, known after `fit`, of an example's shape: `shift`, the least, and `scale`, the
    greatest less the least, 1 where that is 0.
    """

    def _learn(self, x: Array) -> None:
        self.shift = x.min(axis=0).astype(np.float64)
        width = x.max(axis=0).astype(np.float64) - self.shift
        self.scale = np.where(width == 0, 1, width)
