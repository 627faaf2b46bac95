"""Runs of calls on large arrays, entry by entry, made ready to be done piece by piece.

All calls are made with a piece, which stays in the cache, before the next piece is begun; so what
only they need never goes to memory. Arrays are cut along their first axis. A sum over all entries
is put together from sums of pieces: the one place where the order of additions is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from autograd.tracing.calls import Call, Entry, is_view, place_of

PIECE = 64 * 1024  # entries; about as many as fit into the second-level cache, a few times
LARGE = 8 * PIECE


@dataclass(frozen=True, eq=False)
class Block:
    """What a call does that is made piece by piece.

    Attributes:
        calls: the calls of each piece.
        length: of the axis that is cut.
        rows: how much of it is a piece.
        cut: the arrays that are cut, those that are read and those that are written.
        local: the results that nobody else uses, with the number of the memory they are given.
        memory: the shape and dtype of each of these memories, for one piece.
        kept: the other results.
        sums: the results that are sums over all entries.
    """

    calls: Sequence[Call]
    length: int
    rows: int
    cut: Sequence[Any]
    local: dict[Entry, int]
    memory: Sequence[tuple[tuple[int, ...], np.dtype[Any]]]
    kept: Sequence[Entry]
    sums: Sequence[Entry]


class Blocks:
    """Puts calls together.

    Args:
        calls: in order.
        outputs: the arrays that are used after them.
        instead: for results, by id, the array that they are computed in.
        constant: the results, by id, that are computed before.
    """

    def __init__(
        self,
        calls: Sequence[Call],
        outputs: Iterable[Entry],
        instead: dict[int, Entry],
        constant: set[int],
    ) -> None:
        self._instead = instead
        self._last: dict[Entry, int] = {}
        for i, call in enumerate(calls):
            for one in call.arrays:
                if isinstance(one, Entry):
                    self._last[one.root()] = i
        for one in outputs:
            self._last[one.root()] = len(calls)
        self.calls: list[Call] = []
        self._open: list[Call] = []
        self._shape: tuple[int, ...] = ()
        self._cuts: dict[int, set[Any]] = {}  # how each memory is cut, and None where it is not
        self._written: set[int] = set()
        for i, call in enumerate(calls):
            if call.results and id(call.results[0]) in constant:
                self.calls.append(call)  # made before anyway
            elif not self._takes(call):
                made = {one.memory for done in self._open for one in done.results}
                if not is_view(call) or call.results[0].memory in made:
                    self._close(i)
                    if self._takes(call):
                        continue
                self.calls.append(call)
        self._close(len(calls))

    def _takes(self, call: Call) -> bool:
        """Add a call to the block that is open, if it fits."""
        shape = _shape_of(call)
        if shape is None or prod(shape) < LARGE or shape[0] < 2:
            return False
        if self._open and shape != self._shape:
            return False
        targets = [] if _is_sum(call) else list(self._targets(call))
        cuts = {memory: set(known) for memory, known in self._cuts.items()}
        for one in (*call.arrays, *targets):
            cuts.setdefault(place_of(one)[0], set()).add(_cut(one, shape))
        # What is written is cut in one way only: no piece sees what belongs to another.
        written = self._written | {place_of(one)[0] for one in targets}
        if any(None in cuts[memory] or len(cuts[memory]) > 1 for memory in written & cuts.keys()):
            return False
        self._shape, self._cuts = shape, cuts
        self._written = written | {place_of(one)[0] for one in self._targets(call)}
        self._open.append(call)
        return True

    def _targets(self, call: Call) -> Iterator[Any]:
        """What a call writes."""
        if call.function is np.copyto:
            yield call.args[0]
        elif not call.results:
            yield call.kwargs["out"]
        for one in call.results:
            yield self._instead.get(id(one), one)

    def _close(self, i: int) -> None:
        """Make the open block one call; `i` is the number of the call that comes after it."""
        calls, self._open = self._open, []
        self._cuts, self._written = {}, set()
        if not calls:
            return
        sums = [call.results[0] for call in calls if _is_sum(call)]
        made = [one for call in calls for one in call.results if one not in sums]
        inside = [
            one for one in made if id(one) not in self._instead and self._last.get(one, 0) < i
        ]
        kept = [one for one in made if one not in inside]
        used = [one for call in calls for one in call.arrays]
        ours = {id(one) for one in (*inside, *sums)}
        outside = {id(one): one for one in (*used, *kept) if id(one) not in ours}
        cut = [one for one in outside.values() if _cut(one, self._shape) is not None]
        rows = max(1, PIECE // prod(self._shape[1:]))
        local, memory = _local(calls, inside, rows)
        block = Block(calls, self._shape[0], rows, cut, local, memory, kept, sums)
        arguments = tuple(one for key, one in outside.items() if key not in map(id, kept))
        self.calls.append(Call(block, arguments, {}, (*kept, *sums)))


def _shape_of(call: Call) -> tuple[int, ...] | None:
    """The shape in which a call goes through its arrays; None if it is no such call."""
    if _is_sum(call):
        return tuple(call.args[0].shape)
    if call.function is np.copyto and not call.kwargs:
        return tuple(call.args[0].shape)
    if not isinstance(call.function, np.ufunc) or call.function.signature is not None:
        return None
    if call.kwargs.keys() - {"out"} or call.function.nout != 1:
        return None
    target = call.results[0] if call.results else call.kwargs.get("out")
    return tuple(target.shape) if isinstance(target, Entry) else None


def _is_sum(call: Call) -> bool:
    """Whether a call adds all entries of one array."""
    return (
        call.function is np.sum
        and isinstance(call.args[0], Entry)
        and len(call.results) == 1
        and call.results[0].shape == ()
        and call.results[0].dtype == call.args[0].dtype
        and call.args[0].dtype.kind == "f"
    )


def _cut(array: Any, shape: tuple[int, ...]) -> Any:
    """How an array is cut, to compare; None if every piece sees all of it."""
    if len(array.shape) < len(shape) or array.shape[0] != shape[0]:
        return None
    return (*place_of(array), array.shape, array.strides)


def _local(
    calls: Sequence[Call], inside: Sequence[Entry], rows: int
) -> tuple[dict[Entry, int], list[tuple[tuple[int, ...], np.dtype[Any]]]]:
    """Memory for the pieces of results, taken over from one to the next."""
    last = {
        one: i
        for i, call in enumerate(calls)
        for one in (*call.arrays, *call.results)
        if isinstance(one, Entry)
    }
    local: dict[Entry, int] = {}
    memory: list[tuple[tuple[int, ...], np.dtype[Any]]] = []
    free: list[int] = []
    for i, call in enumerate(calls):
        reads = [one for one in call.arrays if isinstance(one, Entry)]
        free += {local[one] for one in reads if last[one] == i and one in local}
        for one in call.results:
            if one not in inside:
                continue
            form = ((rows, *one.shape[1:]), one.dtype)
            fitting = [k for k in free if memory[k] == form]
            if fitting:
                free.remove(fitting[0])
                local[one] = fitting[0]
            else:
                local[one] = len(memory)
                memory.append(form)
            if last[one] == i:
                free.append(local[one])
    return local, memory
