"""What is recorded of layers and parameters, and when it is remarkable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

# By operation: at the first or below, or at the second or above, a value is saturated, which is
# where the derivative of sigmoid and tanh is below a twenty-fifth of its largest.
LIMITS = {
    "Sigmoid": (0.01, 0.99),
    "Tanh": (-0.98, 0.98),
    "Softsign": (-0.98, 0.98),
    "Hardsigmoid": (0.0, 1.0),
}
DYING = ("ReLU", "ReLU6")  # whose units can be 0 for good
MANY = 0.5  # of the values saturated, of the units dead
ALIKE = 1e-3  # the spread between examples over that of all values
FADED, GROWN = 1e-4, 1e4  # a layer's gradient over that of the layer next to the loss
RESTLESS, STILL = 0.1, 1e-6  # a step's change over the weights' size; about 1e-3 is usual


@dataclass
class LayerRecord:
    """Activations of one layer, or of one call of an activation function.

    Attributes:
        kind: the class of the layer, or the name of the operation.
        means, spreads: of all values, at each step that was measured.
        between_examples: the spread of a unit's values over the examples (axis 0), as the root mean
            square over all units: what is left of the differences between inputs. NaN for what has
            no rows, or one. `spreads` is larger where units differ from each other, as by biases.
        zeros: the share of values that are exactly 0.
        saturated: the share of values at the limits of a sigmoid, tanh and the like; NaN for what
            has no limits.
        dead: at the end of each epoch, the share of units that were 0 for all examples that were
            seen in it; empty for what is no ReLU.
    """

    kind: str
    means: list[float] = field(default_factory=list)
    spreads: list[float] = field(default_factory=list)
    between_examples: list[float] = field(default_factory=list)
    zeros: list[float] = field(default_factory=list)
    saturated: list[float] = field(default_factory=list)
    dead: list[float] = field(default_factory=list)
    _alive: Array | None = None  # by unit, in this epoch

    def add(self, values: Array) -> None:
        """Measure the values of a forward pass, an example in each row."""
        exact = values.astype(np.float64, copy=False)
        self.means.append(float(exact.mean()))
        self.spreads.append(float(exact.std()))
        several = exact.ndim > 1 and len(exact) > 1
        between = np.sqrt(exact.var(axis=0).mean()) if several else np.nan
        self.between_examples.append(float(between))
        self.zeros.append(float((values == 0).mean()))
        low, high = LIMITS.get(self.kind, (-np.inf, np.inf))
        limited = self.kind in LIMITS
        beyond = (values <= low) | (values >= high)
        self.saturated.append(float(beyond.mean()) if limited else float("nan"))
        if self.kind in DYING and values.ndim > 1:
            units = (values.reshape(-1, values.shape[-1]) != 0).any(axis=0)
            seen = self._alive is None or self._alive.shape != units.shape
            self._alive = units if seen else self._alive | units

    def end_epoch(self) -> None:
        """Count the units that were never anything but 0."""
        if self._alive is not None:
            self.dead.append(float(1 - self._alive.mean()))
            self._alive = None

    @property
    def dead_now(self) -> float:
        """The share of dead units in this epoch as far as it went, else in the last; or NaN."""
        if self._alive is not None:
            return float(1 - self._alive.mean())
        return self.dead[-1] if self.dead else float("nan")

    @property
    def remark(self) -> str:
        """What is remarkable about it now, in a word or two; "" if nothing is."""
        if self.means and not np.isfinite(self.spreads[-1]):
            return "not finite"
        if self.dead_now == 1:
            return "all dead"
        if self.dead_now >= MANY:
            return "many dead"
        if self.saturated and self.saturated[-1] > MANY:
            return "saturated"
        if self.spreads and self.spreads[-1] == 0:
            return "constant"
        alike = self.between_examples and self.between_examples[-1] < ALIKE * self.spreads[-1]
        return "examples alike" if alike else ""


@dataclass
class ParameterRecord:
    """Gradient and change of one parameter.

    Attributes:
        gradients: the norm of its gradient, at each step that was measured; NaN without one.
        sizes: its own norm before the step.
        ratios: the norm of the change that the step made, over `sizes`; NaN for weights of 0.
        weights: whether it is a matrix or more, rather than a bias.
    """

    weights: bool
    gradients: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    def add(self, before: Array, now: Array, gradient: Array | None) -> None:
        """Measure a step."""
        size = float(np.linalg.norm(before.ravel()))
        change = float(np.linalg.norm((now - before).ravel()))
        self.sizes.append(size)
        self.ratios.append(change / size if size else float("nan"))
        norm = float("nan") if gradient is None else float(np.linalg.norm(gradient.ravel()))
        self.gradients.append(norm)

    def remark(self, next_to_loss: float) -> str:
        """What is remarkable about it now, beside the gradient's norm in the layer at the loss."""
        gradient, ratio = self.gradients[-1], self.ratios[-1]
        if np.isnan(gradient):
            return "no gradient"
        if not np.isfinite(gradient):
            return "not finite"
        if gradient == 0:
            return "zero gradient"
        if self.weights and gradient < FADED * next_to_loss:
            return "vanishing"
        if self.weights and gradient > GROWN * next_to_loss:
            return "exploding"
        if self.weights and ratio > RESTLESS:
            return "large steps"
        return "hardly moves" if self.weights and ratio < STILL else ""
