"""Where an optimiser keeps its arrays: parameters side by side in one flat buffer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.leaves import Home, move_into, span
from autograd.versions import memory_owner

Array = np.ndarray[Any, Any]

PIECE = 64 * 1024  # entries updated at a time, so that all arrays of an update stay in the cache


@dataclass
class Run:
    """Consecutive parameters that are updated together.

    Flat where parameters and gradients lie in their buffers; otherwise a single parameter in its
    own shape, wherever its arrays are.
    """

    first: int
    last: int  # inclusive
    flat: bool
    t: int  # the number of this step for these parameters, from 1
    w: Array
    g: Array
    memory: SimpleNamespace

    def continues_with(self, other: Run) -> bool:
        """Whether `other` can be updated together with this one."""
        return self.flat and other.flat and self.last == other.first - 1 and self.t == other.t


class FlatParameters:
    """Parameters of one dtype: their weights, gradients and memory in one flat buffer each."""

    def __init__(self, parameters: Sequence[Tensor], memory: Sequence[str]) -> None:
        self.parameters = list(parameters)
        self.steps = [0] * len(self.parameters)
        self.numbers = SimpleNamespace()
        sizes = [p.size for p in self.parameters]
        self.starts = [0, *np.cumsum(sizes).tolist()]
        dtype = self.parameters[0].dtype
        together = span([p.data for p in self.parameters])
        if together is None:
            together = np.empty(sum(sizes), dtype)
            move_into(together, self.parameters)
        self.weights = together
        self.gradients = np.empty(sum(sizes), dtype)
        self.memory = {name: np.zeros(sum(sizes), dtype) for name in memory}
        self.homes = []
        for parameter, start in zip(self.parameters, self.starts, strict=False):
            home = Home(self.gradients, start, parameter.shape) if parameter.size else None
            parameter._home = home
            self.homes.append(home)
        # The arrays that lie in `weights`; a parameter that somebody else sees stayed outside.
        owner = memory_owner(self.weights)
        self.places = [p.data if memory_owner(p.data) is owner else None for p in self.parameters]
        self._spare = np.empty((2, min(sum(sizes), PIECE)), dtype)

    def write_numbers(self, numbers: dict[str, float]) -> SimpleNamespace:
        """The numbers of one step, as arrays without axes that stay the same from step to step."""
        for name, value in numbers.items():
            if not hasattr(self.numbers, name):
                setattr(self.numbers, name, np.empty((), self.weights.dtype))
            getattr(self.numbers, name)[...] = value
        return self.numbers

    def runs(self) -> list[Run]:
        """What is to be updated now, in as few runs as possible; counts the step."""
        runs: list[Run] = []
        for i, parameter in enumerate(self.parameters):
            gradient = parameter._grad
            if gradient is None or not parameter._requires_grad or not parameter.size:
                continue
            self.steps[i] += 1
            home = self.homes[i]
            data, g = parameter._data, gradient._data
            flat = data is self.places[i] and home is not None and home.holds(g)
            run = Run(i, i, flat, self.steps[i], data, g, SimpleNamespace())
            if runs and runs[-1].continues_with(run):
                runs[-1].last = i
            else:
                runs.append(run)
        for run in runs:
            place = slice(self.starts[run.first], self.starts[run.last + 1])
            if run.flat:
                run.w, run.g = self.weights[place], self.gradients[place]
            for name, array in self.memory.items():
                setattr(run.memory, name, array[place].reshape(run.w.shape))
        return runs

    def pieces(self, run: Run) -> Iterator[tuple[Array, Array, SimpleNamespace, Array, Array]]:
        """Weights, gradient, memory and two spare arrays of a run, in pieces that fit the cache."""
        if not run.flat:
            yield run.w, run.g, run.memory, np.empty_like(run.w), np.empty_like(run.w)
            return
        for start in range(0, run.w.size, PIECE):
            piece = slice(start, start + PIECE)
            w = run.w[piece]
            memory = SimpleNamespace(**{k: v[piece] for k, v in vars(run.memory).items()})
            yield w, run.g[piece], memory, self._spare[0, : w.size], self._spare[1, : w.size]
