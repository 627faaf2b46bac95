"""From class names to numbers, and back."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from autograd import get_default_dtype
from nn.data.arguments import Array


class LabelEncoder:
    """Numbers the classes 0, 1, … in sorted order.

    Attributes:
        classes: (k,), known after `fit`: the classes, sorted.

    Example:
        encoder = LabelEncoder()
        y = encoder.fit_transform(["dog", "cat", "dog"])  # [1, 0, 1]
        encoder.inverse_transform(y)                      # ["dog", "cat", "dog"]
    """

    classes: Array

    def fit(self, labels: Any) -> Self:
        """Learn the classes from training labels, (n,). Raises ValueError if there are none."""
        labels = self._labels(labels)
        if len(labels) == 0:
            raise ValueError(f"{self._name}: there are no labels to learn the classes from.")
        self.classes = np.unique(labels)
        return self

    def transform(self, labels: Any) -> Array:
        """The classes' numbers, (n,) int64. Raises ValueError for a class unknown from `fit`."""
        known, labels = self._known(), self._labels(labels)
        numbers = np.minimum(np.searchsorted(known, labels), len(known) - 1)
        unknown = np.flatnonzero(known[numbers] != labels)  # text and numbers are never equal
        if len(unknown):
            raise ValueError(
                f"{self._name}: label {unknown[0]}, {labels[unknown[0]].item()!r}, is none of the "
                f"classes learned, {self._listed()}."
            )
        found: Array = numbers.astype(np.int64)
        return found

    def fit_transform(self, labels: Any) -> Array:
        """Learn the classes from training labels, and number them."""
        return self.fit(labels).transform(labels)

    def inverse_transform(self, numbers: Any) -> Array:
        """The classes with these numbers, (n,). Raises ValueError for numbers out of range."""
        known, numbers = self._known(), np.asarray(numbers)
        if numbers.dtype.kind not in "iu":
            raise TypeError(
                f"{self._name}: classes have whole numbers, not dtype {numbers.dtype}. For the "
                "likeliest class of each row of scores take scores.argmax(axis=1)."
            )
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(known):
            raise ValueError(
                f"{self._name}: the {len(known)} classes have the numbers 0 … {len(known) - 1}; "
                f"these range from {numbers.min()} to {numbers.max()}."
            )
        found: Array = known[numbers]
        return found

    def state_dict(self) -> dict[str, Array]:
        """The classes, as an array by name."""
        return {"classes": self._known().copy()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what another encoder has learned. Raises ValueError for another state."""
        if set(state) != {"classes"}:
            raise ValueError(
                f"{self._name}: a state has classes; this one has {', '.join(state) or 'nothing'}."
            )
        self.classes = np.array(state["classes"])

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _known(self) -> Array:
        if not hasattr(self, "classes"):
            raise RuntimeError(
                f"{self._name}: no classes are learned yet. Call fit(labels) first, with the "
                "training labels."
            )
        return self.classes

    def _labels(self, labels: Any) -> Array:
        array: Array = np.asarray(labels)
        if array.ndim != 1 or array.dtype.kind not in "biufU":
            raise ValueError(
                f"{self._name}: labels are numbers or texts, one for each example, shape (n,); "
                f"this is {array.shape} {array.dtype}."
            )
        return array

    def _listed(self) -> str:
        shown = [repr(one.item()) for one in self.classes[:10]]
        return ", ".join(shown) + (f", … ({len(self.classes)})" if len(self.classes) > 10 else "")


class OneHotEncoder(LabelEncoder):
    """Makes of each label a row with a 1 in its class's column and 0 elsewhere.

    Attributes:
        classes: (k,), known after `fit`: the classes, sorted; one for each column.
    """

    def transform(self, labels: Any) -> Array:
        """(n, k) of the default dtype. Raises ValueError for a class unknown from `fit`."""
        numbers = super().transform(labels)
        return np.eye(len(self.classes), dtype=get_default_dtype())[numbers]

    def inverse_transform(self, rows: Any) -> Array:
        """The class of each row's largest entry, (n,): exact rows, probabilities or scores.

        Raises ValueError if the rows, (n, k), have another number of columns.
        """
        known, rows = self._known(), np.asarray(rows)
        if rows.ndim != 2 or rows.shape[1] != len(known):
            raise ValueError(
                f"{self._name}: rows have a column for each of the {len(known)} classes, shape "
                f"(n, {len(known)}), not {rows.shape}."
            )
        found: Array = known[rows.argmax(axis=1)]
        return found
