"""What a hyper-parameter may be: a choice, or a number on a scale."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Any

import numpy as np

from nn.checks import number


class Distribution(ABC):
    """The values that a hyper-parameter may have, laid out evenly from 0 to 1."""

    scale = "linear"

    @abstractmethod
    def at(self, u: float) -> Any:
        """The value at place u, from 0 to 1: of a uniform random u, a random value."""

    @abstractmethod
    def place(self, value: Any) -> float:
        """Where a value lies, from 0 to 1."""

    @abstractmethod
    def between(self, low: float, high: float) -> Distribution:
        """The part of it from place `low` to place `high`."""

    def grid(self, points: int) -> list[Any]:
        """That many values, evenly spaced on the scale, from end to end."""
        found = [self.at(u) for u in np.linspace(0, 1, points)]
        return list(dict.fromkeys(found))  # whole numbers may be fewer


@dataclass(frozen=True)
class Choice(Distribution):
    """One of several values, all equally likely. In a space, a plain list is a Choice.

    Raises:
        TypeError: `values` is no list, or a single text.
        ValueError: there are none.
    """

    values: list[Any]

    scale = "choice"

    def __init__(self, values: Iterable[Any]) -> None:
        if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
            raise TypeError(
                f"Choice takes a list of values, not {values!r}. For a single one write "
                f"[{values!r}]; for a range, Uniform(low, high) or LogUniform(low, high)."
            )
        listed = values.tolist() if isinstance(values, np.ndarray) else list(values)
        if not listed:
            raise ValueError("Choice: give at least one value.")
        object.__setattr__(self, "values", listed)

    def at(self, u: float) -> Any:
        return self.values[min(int(u * len(self.values)), len(self.values) - 1)]

    def place(self, value: Any) -> float:
        return (self.values.index(value) + 0.5) / len(self.values)

    def between(self, low: float, high: float) -> Choice:
        count = len(self.values)
        return Choice([v for i, v in enumerate(self.values) if low <= (i + 0.5) / count <= high])

    def grid(self, points: int) -> list[Any]:  # noqa: ARG002, a choice has its own
        return list(self.values)


@dataclass(frozen=True)
class IntUniform(Distribution):
    """A whole number from low to high, both included, all equally likely.

    Raises TypeError or ValueError unless they are whole numbers, low < high.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer):
                raise TypeError(f"IntUniform: {name} is a whole number, not {value!r}.")
            object.__setattr__(self, name, int(value))
        _check_order(self, self.low, self.high)

    def at(self, u: float) -> int:
        return self.low + min(int(u * self._count), self._count - 1)

    def place(self, value: int) -> float:
        return (value - self.low + 0.5) / self._count

    def between(self, low: float, high: float) -> Distribution:
        ends = self.at(low), self.at(high)
        return IntUniform(*ends) if ends[0] < ends[1] else Choice([ends[0]])

    @property
    def _count(self) -> int:
        return self.high - self.low + 1

    def grid(self, points: int) -> list[int]:
        return list(dict.fromkeys(round(x) for x in np.linspace(self.low, self.high, points)))


@dataclass(frozen=True)
class _Scaled(Distribution):
    """A number whose image on a scale is uniform."""

    low: float
    high: float

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            value = number(getattr(self, name), type(self).__name__, name)
            if not isfinite(value):
                raise ValueError(f"{type(self).__name__}: {name} is finite, not {value}.")
            object.__setattr__(self, name, value)
        _check_order(self, self.low, self.high)

    def at(self, u: float) -> float:
        start, end = self._image(self.low), self._image(self.high)
        value = self._from_image(start + u * (end - start))
        return min(max(value, self.low), self.high)  # rounding leads out of the bounds

    def place(self, value: float) -> float:
        start, end = self._image(self.low), self._image(self.high)
        return (self._image(value) - start) / (end - start)

    def between(self, low: float, high: float) -> Distribution:
        return type(self)(self.at(low), self.at(high))

    @staticmethod
    @abstractmethod
    def _image(value: float) -> float: ...

    @staticmethod
    @abstractmethod
    def _from_image(image: float) -> float: ...


class Uniform(_Scaled):
    """A number from low to high, all equally likely. Raises ValueError unless low < high."""

    @staticmethod
    def _image(value: float) -> float:
        return value

    @staticmethod
    def _from_image(image: float) -> float:
        return image


class LogUniform(_Scaled):
    """A number from low to high whose logarithm is uniform: for a learning rate, 1e-4 to 1.

    Each decade is equally likely; of uniform numbers from 1e-4 to 1, nine in ten are above 0.1.

    Raises ValueError unless 0 < low < high.
    """

    scale = "log"

    def __post_init__(self) -> None:
        if number(self.low, "LogUniform", "low") <= 0:
            raise ValueError(
                f"LogUniform: low is above 0, as 0 has no logarithm; this is {self.low}. Where 0 "
                "is worth a trial, put it in a list of values: [0, 1e-4, 1e-3]."
            )
        super().__post_init__()

    @staticmethod
    def _image(value: float) -> float:
        return log(value)

    @staticmethod
    def _from_image(image: float) -> float:
        return exp(image)


class OneMinusLogUniform(_Scaled):
    """A number from low to high, below 1, such that the logarithm of 1 − it is uniform.

    For what counts by its distance from 1, as β of momentum: 0.9 averages over about 10 steps, 0.99
    over 100, 0.999 over 1000. OneMinusLogUniform(0.9, 0.999) has 1 − β from 1e-3 to 1e-1. The
    bounds are the value's own.

    Raises ValueError unless 0 <= low < high < 1 and high > 0.5.
    """

    scale = "one minus log"

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            value = number(getattr(self, name), "OneMinusLogUniform", name)
            if not 0 <= value < 1:
                raise ValueError(f"OneMinusLogUniform: {name} is from 0 to below 1, not {value}.")
        if self.high <= 0.5:
            raise ValueError(
                f"OneMinusLogUniform: values from {self.low} to {self.high} are not near 1. The "
                "bounds are the value's own, not those of 1 − it: for 1 − β from 1e-3 to 1e-1 "
                "write OneMinusLogUniform(0.9, 0.999)."
            )
        super().__post_init__()

    @staticmethod
    def _image(value: float) -> float:
        return -log(1 - value)

    @staticmethod
    def _from_image(image: float) -> float:
        return 1 - exp(-image)


Space = Mapping[str, Distribution | Iterable[Any]]


def as_distributions(space: Space) -> dict[str, Distribution]:
    """The space with a Choice for each list.

    Raises TypeError or ValueError, with the name, if a value is neither distribution nor list.
    """
    if not isinstance(space, Mapping) or not all(isinstance(name, str) for name in space):
        raise TypeError(
            'A space is a dict by name, as {"lr": LogUniform(1e-4, 1), "hidden": [32, 64]}, not '
            f"{space!r}."
        )
    if not space:
        raise ValueError("The space is empty. Give at least one hyper-parameter to search.")
    found: dict[str, Distribution] = {}
    for name, values in space.items():
        try:
            found[name] = values if isinstance(values, Distribution) else Choice(values)
        except (TypeError, ValueError) as error:
            raise type(error)(f"The values of {name!r} in the space: {error}") from None
    return found


def _check_order(what: Any, low: float, high: float) -> None:
    if not low < high:
        raise ValueError(
            f"{type(what).__name__}: low is below high, and they are {low} and {high}. A single "
            f"value is a list of one: [{low}]."
        )
