"""Averages: of a series with bias correction, and of the weights on the way of training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from optim.clip import given_parameters

Array = np.ndarray[Any, Any]


class ExponentiallyWeightedAverage:
    """v ← β v + (1 − β) θ, from v = 0; with bias correction v / (1 − βᵗ) after t values.

    The mean of about the last 1 / (1 − β) values, with weights that fade: with β = 0.98 and
    correction the value after two is 0.495 θ₁ + 0.505 θ₂.

    Args:
        beta: β, at least 0 and below 1.
        bias_correction: whether to divide by 1 − βᵗ, so that the first values do not pull towards
            the 0 it starts from.

    Raises:
        ValueError: beta is out of range.
    """

    def __init__(self, beta: float, bias_correction: bool = True) -> None:
        if not 0 <= beta < 1:
            hint = " With 1 the average would never move from 0." if beta == 1 else ""
            raise ValueError(
                f"ExponentiallyWeightedAverage: beta is at least 0 and below 1, not {beta}.{hint}"
            )
        self.beta = beta
        self.bias_correction = bias_correction
        self.t = 0
        self._v: Any = 0.0

    @property
    def window(self) -> float:
        """About how many values it is the mean of: 1 / (1 − β)."""
        return 1 / (1 - self.beta)

    @property
    def value(self) -> Any:
        """The average now; an array if arrays are averaged. NaN before the first value."""
        if self.t == 0:
            return float("nan")
        return self._v / (1 - self.beta**self.t) if self.bias_correction else self._v

    def update(self, theta: Any) -> Any:
        """Take in the next value, a number or an array; returns the average."""
        self.t += 1
        self._v = self.beta * self._v + (1 - self.beta) * np.asarray(theta, dtype=float)[()]
        return self.value

    def weights(self, t: int) -> Array:
        """How much each of θ₁ … θ_t counts in the average after t values, of shape (t,)."""
        weights: Array = (1 - self.beta) * self.beta ** np.arange(t - 1.0, -1, -1)
        return weights / (1 - self.beta**t) if self.bias_correction else weights


class WeightAverage:
    """The average of a model's weights over the steps of its training.

    With a decay d it is an exponential moving average (EMA), v ← d v + (1 − d) w, which starts
    from the first weights; without, the plain mean of the weights at each update (stochastic
    weight averaging, SWA), v ← v + (w − v) / n. Sources: Polyak and Juditsky, "Acceleration of
    stochastic approximation by averaging", 1992; Izmailov et al., "Averaging weights leads to
    wider optima and better generalization", UAI 2018.

    Example:
        average = optim.WeightAverage(model, decay=0.999)
        for x, y in batches:
            ...  # optimizer.step()
            average.update()
        with average.swapped_in():
            evaluate(model)

    Args:
        model: what has `parameters()`, such as a module; or a list of Tensors.
        decay: d, at least 0 and below 1; None for the plain mean.

    Attributes:
        averages: the averages, arrays in the order of the parameters, zeros before the first
            update.
        updates: n, how many updates there were.

    Raises:
        TypeError, ValueError: there are no parameters, or decay is out of range.
    """

    def __init__(self, model: Any, decay: float | None = None) -> None:
        if decay is not None and not 0 <= decay < 1:
            raise ValueError(
                f"WeightAverage: decay is at least 0 and below 1 (0.999 is usual), not {decay}; "
                "leave it out for the plain mean."
            )
        parameters = model.parameters() if hasattr(model, "parameters") else model
        self._parameters = given_parameters("WeightAverage", parameters)
        self.decay = decay
        self.averages: list[Array] = [np.zeros_like(p.data) for p in self._parameters]
        self.updates = 0
        self._swapped = False

    def update(self) -> None:
        """Take in the weights as they are now; to be called after optimizer.step()."""
        if self._swapped:
            raise RuntimeError(
                "WeightAverage.update() within swapped_in(): the model holds the averages there. "
                "Train and update outside of it."
            )
        self.updates += 1
        share = 1 / self.updates
        if self.decay is not None and self.updates > 1:
            share = 1 - self.decay
        for parameter, average in zip(self._parameters, self.averages, strict=True):
            change = parameter.data - average
            change *= share
            average += change

    @contextlib.contextmanager
    def swapped_in(self) -> Iterator[None]:
        """Within it the model has the averages for weights; afterwards its own again.

        Raises:
            RuntimeError: there was no update yet, or it is called within itself.
        """
        self._check_can_be_used("swapped_in")
        own = [parameter.data.copy() for parameter in self._parameters]
        self._swapped = True
        try:
            self._write(self.averages)
            yield
        finally:
            self._write(own)
            self._swapped = False

    def copy_to_model(self) -> None:
        """Let the model have the averages for weights from now on.

        Raises:
            RuntimeError: there was no update yet, or it is called within swapped_in().
        """
        self._check_can_be_used("copy_to_model")
        self._write(self.averages)

    def state_dict(self) -> dict[str, Any]:
        """The averages and the count of updates, as copies."""
        averages = [average.copy() for average in self.averages]
        return {"decay": self.decay, "updates": self.updates, "averages": averages}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state`, as `state_dict` gives it, was taken.

        Raises:
            ValueError: it does not fit; nothing is changed.
        """
        if not isinstance(state, Mapping) or state.keys() != {"decay", "updates", "averages"}:
            raise ValueError(
                "WeightAverage.load_state_dict takes what state_dict() gives: decay, updates, "
                "averages."
            )
        here = [average.shape for average in self.averages]
        given = [np.shape(average) for average in state["averages"]]
        if given != here:
            raise ValueError(
                f"WeightAverage.load_state_dict: the state has averages of shapes {given}, and the "
                f"parameters have {here}. Nothing was changed."
            )
        self.decay, self.updates = state["decay"], state["updates"]
        for average, values in zip(self.averages, state["averages"], strict=True):
            np.copyto(average, values)

    def _check_can_be_used(self, name: str) -> None:
        if self._swapped:
            raise RuntimeError(f"WeightAverage.{name}() within swapped_in(): it is swapped in.")
        if not self.updates:
            raise RuntimeError(
                f"WeightAverage.{name}(): there is no average yet. Call update() after each "
                "optimizer.step()."
            )

    def _write(self, values: Iterable[Array]) -> None:
        for parameter, value in zip(self._parameters, values, strict=True):
            parameter.copy_(value)
