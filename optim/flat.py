"""Where an optimiser keeps its arrays: parameters side by side in one flat buffer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.leaves import Home, move_into, span
from autograd.threads import get_num_threads
from autograd.versions import Memory, memory_owner

Array = np.ndarray[Any, Any]

# Entries updated at a time, so that all arrays of an update stay in the cache. Not fewer: threads
# that share the work wait for each other between NumPy's calls.
PIECE = 128 * 1024


Counts = dict[str, float]  # "step", how often a parameter was updated, and what is counted along


class Piece(NamedTuple):
    """Arrays of one shape that an update formula works on."""

    w: Array
    g: Array
    memory: SimpleNamespace
    spare: tuple[Array, Array]
    prepared: Array  # for the gradient with weight decay added, or its sign changed


class Run(NamedTuple):
    """Parameters that are updated together: consecutive ones, or a single one anywhere."""

    first: int  # the number of the first of them in the buffer, and of that after the last
    end: int
    counts: Counts  # theirs, this step counted
    shares: list[list[Piece]]  # one for each thread that takes part
    written: Memory


class FlatParameters:
    """Parameters of one dtype: their weights, gradients and memory in one flat buffer each."""

    def __init__(self, parameters: Sequence[Tensor], counts: Counts) -> None:
        self.parameters = list(parameters)
        self.counts = [counts] * len(self.parameters)  # shared, so replaced and never written
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
        self.memory: dict[str, Array] = {}
        self.homes: list[Any] = []  # None for parameters without entries
        for parameter, start in zip(self.parameters, self.starts, strict=False):
            home = Home(self.gradients, start, parameter.shape) if parameter.size else None
            parameter._home = home
            self.homes.append(home)
        # The arrays that lie in `weights`; a parameter that somebody else sees stayed outside.
        owner = memory_owner(self.weights)
        self.places = [p.data if memory_owner(p.data) is owner else None for p in self.parameters]
        self._spare = np.empty((1, 3, min(sum(sizes), PIECE)), dtype)  # for each thread
        self._known_shares: dict[tuple[int, int, int], tuple[list[list[Piece]], Memory]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made of: it gets buffers of its own, and homes in them."""
        return {"parameters": self.parameters, "counts": self.counts, "memory": self.memory}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["parameters"], {})  # type: ignore[misc]
        self.counts, self.memory = state["counts"], state["memory"]

    def write_numbers(self, numbers: Mapping[str, float]) -> SimpleNamespace:
        """The numbers of one step, as arrays without axes that stay the same from step to step."""
        return write_numbers(self.numbers, numbers, self.weights.dtype)

    def remember(self, slots: Mapping[str, float]) -> None:
        """Make room for the slots that are new, and fill it with their first values."""
        for name, first in slots.items():
            if name not in self.memory:
                self.memory[name] = np.full(self.weights.shape, first, self.weights.dtype)
                self._known_shares.clear()

    def slot(self, name: str, i: int) -> Array:
        """A view of what is remembered for one parameter, in its shape."""
        place = slice(self.starts[i], self.starts[i + 1])
        return self.memory[name][place].reshape(self.parameters[i].shape)

    def gradients_in_use(self) -> list[Array]:
        """The gradients that there are: all of them as one flat array if they lie in the buffer."""
        for parameter, home in zip(self.parameters, self.homes, strict=True):
            grad = parameter._grad
            if grad is None or home is None or not home.holds(grad._data):
                break
        else:
            return [self.gradients]
        return [p._grad._data for p in self.parameters if p._grad is not None]

    def runs(self, slots: Mapping[str, float]) -> list[Run]:
        """What is to be updated now, in as few runs as possible; counts the step.

        Parameters that lie in the buffer with their gradients, side by side and equally old, are
        one run. Any other, such as one whose gradient was assigned by hand, is a run of its own.
        """
        self.remember(slots)
        runs: list[Run] = []
        start = 0  # of the run that is open, up to the parameter before this one
        counts = self.counts[0]  # those of its parameters
        all_of_them = zip(self.parameters, self.homes, self.places, self.counts, strict=True)
        for i, (parameter, home, place, own) in enumerate(all_of_them):
            grad: Any = parameter._grad
            used = grad is not None and home is not None and parameter._requires_grad
            inside = used and parameter._data is place and home.holds(grad._data)
            if start < i and (not inside or (own is not counts and own != counts)):
                runs.append(self._run(start, i, slots))
                start = i
            if start == i:
                counts = own
            if not inside:
                start = i + 1
                if used:
                    runs.append(self._run(i, i + 1, slots, grad._data))
        if start < len(self.parameters):
            runs.append(self._run(start, len(self.parameters), slots))
        return runs

    def _run(self, first: int, end: int, slots: Mapping[str, float], g: Any = None) -> Run:
        """The parameters from `first` up to `end`; or that one alone, whose gradient is `g`."""
        counts = self.next_counts(first, end, slots)
        self.counts[first:end] = [counts] * (end - first)
        if g is not None:
            return Run(first, end, counts, *self._alone(first, g))
        begin, stop = self.starts[first], self.starts[end]
        threads = get_num_threads() if stop - begin > PIECE else 1
        known = self._known_shares.get((first, end, threads))
        if known is None:
            known = self._shares(begin, stop, threads), Memory(self.weights[begin:stop])
            self._known_shares[first, end, threads] = known
        return Run(first, end, counts, *known)

    def next_counts(self, first: int, end: int, slots: Mapping[str, float]) -> Counts:
        """What is counted for these parameters, one step more; memory starts with the first."""
        counts = dict(self.counts[first])
        counts["step"] += 1
        if counts["step"] == 1:  # hyper-parameters may have changed before
            for name, value in slots.items():
                self.memory[name][self.starts[first] : self.starts[end]] = value
        return counts

    def _shares(self, begin: int, stop: int, threads: int) -> list[list[Piece]]:
        """The entries from `begin` up to `stop` in pieces, equally many for each thread."""
        if threads > len(self._spare):
            self._spare = np.empty((threads, *self._spare.shape[1:]), self.weights.dtype)
        each = -(-(stop - begin) // (PIECE * threads))  # pieces, rounded up
        cuts = np.linspace(begin, stop, threads * each + 1).astype(int).tolist()
        pieces = [slice(*cut) for cut in pairwise(cuts)]
        return [
            [self._piece(place, spare) for place in pieces[i * each : (i + 1) * each]]
            for i, spare in enumerate(self._spare[:threads])
        ]

    def _piece(self, place: slice, spare: Array) -> Piece:
        memory = SimpleNamespace(**{name: array[place] for name, array in self.memory.items()})
        w = self.weights[place]
        first, second, prepared = spare[:, : w.size]
        return Piece(w, self.gradients[place], memory, (first, second), prepared)

    def whole(self, run: Run) -> Piece:
        """The arrays of a run in one piece, without room for intermediate results."""
        if len(run.shares) == 1 and len(run.shares[0]) == 1:
            return run.shares[0][0]
        place = slice(self.starts[run.first], self.starts[run.end])
        return self._piece(place, self._spare[0])

    def _alone(self, i: int, g: Array) -> tuple[list[list[Piece]], Memory]:
        w = self.parameters[i].data
        memory = SimpleNamespace(**{name: self.slot(name, i) for name in self.memory})
        first, second, prepared = (np.empty_like(w) for _ in range(3))
        return [[Piece(w, g, memory, (first, second), prepared)]], Memory(w)


def write_numbers(
    namespace: SimpleNamespace, numbers: Mapping[str, float], dtype: np.dtype[Any]
) -> SimpleNamespace:
    """Write the numbers into arrays without axes, made as needed: the namespace's attributes."""
    arrays = vars(namespace)
    for name, value in numbers.items():
        number = arrays.get(name)
        if number is None:
            number = arrays[name] = np.empty((), dtype)
        number[...] = value
        # An ε that half precision rounds to 0 would have divisions by 0.
        if 0 < value < 1e-7 and not number:
            number[...] = np.finfo(dtype).smallest_subnormal
    return namespace
