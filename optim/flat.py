"""Where an optimiser keeps its arrays: parameters side by side in one flat buffer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.leaves import Home, move_into, span
from autograd.versions import Memory, memory_owner

Array = np.ndarray[Any, Any]

PIECE = 64 * 1024  # entries updated at a time, so that all arrays of an update stay in the cache


class Piece(NamedTuple):
    """Arrays of one shape that an update formula works on."""

    w: Array
    g: Array
    memory: SimpleNamespace
    spare: Array
    decayed: Array  # for the gradient with weight decay added


class Run:
    """Parameters that are updated together: consecutive ones, or a single one anywhere."""

    __slots__ = ("pieces", "t", "written")

    def __init__(self, t: int, pieces: list[Piece], written: Memory) -> None:
        self.t = t  # the number of this step for these parameters, from 1
        self.pieces = pieces
        self.written = written


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
        self.homes: list[Any] = []  # None for parameters without entries
        for parameter, start in zip(self.parameters, self.starts, strict=False):
            home = Home(self.gradients, start, parameter.shape) if parameter.size else None
            parameter._home = home
            self.homes.append(home)
        # The arrays that lie in `weights`; a parameter that somebody else sees stayed outside.
        owner = memory_owner(self.weights)
        self.places = [p.data if memory_owner(p.data) is owner else None for p in self.parameters]
        self._spare = np.empty((2, min(sum(sizes), PIECE)), dtype)
        self._known_runs: dict[tuple[int, int], Run] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made of: it gets buffers of its own, and homes in them."""
        return {"parameters": self.parameters, "steps": self.steps, "memory": self.memory}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["parameters"], tuple(state["memory"]))  # type: ignore[misc]
        self.steps = state["steps"]
        for name, values in state["memory"].items():
            self.memory[name][...] = values

    def write_numbers(self, numbers: dict[str, float]) -> SimpleNamespace:
        """The numbers of one step, as arrays without axes that stay the same from step to step."""
        for name, value in numbers.items():
            if not hasattr(self.numbers, name):
                setattr(self.numbers, name, np.empty((), self.weights.dtype))
            number = getattr(self.numbers, name)
            number[...] = value
            if value > 0 and not number:  # an ε that half precision rounds to 0 would divide by it
                number[...] = np.finfo(number.dtype).smallest_subnormal
        return self.numbers

    def runs(self) -> list[Run]:
        """What is to be updated now, in as few runs as possible; counts the step.

        Parameters that lie in the buffer with their gradients, side by side and equally old, are
        one run. Any other, such as one whose gradient was assigned by hand, is a run of its own.
        """
        runs: list[Run] = []
        start, t = 0, 0  # of the run that is open, up to the parameter before this one
        for i, parameter in enumerate(self.parameters):
            home = self.homes[i]
            g = None if parameter._grad is None else parameter._grad._data
            used = g is not None and parameter._requires_grad and parameter.size > 0
            inside = used and parameter._data is self.places[i] and home.holds(g)
            if start < i and (not inside or self.steps[i] + 1 != t):
                runs.append(self._flat_run(start, i, t))
                start = i
            if inside:
                t = self.steps[i] + 1
            else:
                start = i + 1
            if used:
                self.steps[i] += 1
                if not inside:
                    runs.append(self._single_run(i))
        if start < len(self.parameters):
            runs.append(self._flat_run(start, len(self.parameters), t))
        return runs

    def _flat_run(self, first: int, end: int, t: int) -> Run:
        run = self._known_runs.get((first, end))
        if run is None:
            begin, stop = self.starts[first], self.starts[end]
            cuts = [*range(begin, stop, PIECE), stop]
            pieces = [self._piece(slice(*cut)) for cut in pairwise(cuts)]
            run = Run(t, pieces, Memory(self.weights[begin:stop]))
            self._known_runs[first, end] = run
        run.t = t
        return run

    def _piece(self, place: slice) -> Piece:
        memory = SimpleNamespace(**{name: array[place] for name, array in self.memory.items()})
        w = self.weights[place]
        return Piece(w, self.gradients[place], memory, *self._spare[:, : w.size])

    def _single_run(self, i: int) -> Run:
        w, g = self.parameters[i].data, self.parameters[i]._grad
        assert g is not None
        place = slice(self.starts[i], self.starts[i + 1])
        memory = {name: array[place].reshape(w.shape) for name, array in self.memory.items()}
        piece = Piece(w, g.data, SimpleNamespace(**memory), np.empty_like(w), np.empty_like(w))
        return Run(self.steps[i], [piece], Memory(w))
