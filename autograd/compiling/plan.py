"""What of a recorded step has to run, and in which memory.

The recorded calls keep their order, so whatever they read and write in lasting memory stays right.
Calls whose results nobody uses go; a result that is only copied somewhere is computed there; and
results whose times do not overlap share memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.compiling.blocks import Block, Blocks
from autograd.compiling.pieces import InPieces
from autograd.tracing.calls import Call, Entry, guard, is_view, place_of
from autograd.tracing.functions import WRITES
from autograd.tracing.writing import FILLED, Section, draws, takes_out


class Plan:
    """The calls of a step that have to run, and the memory of their results.

    Attributes:
        calls: in order; some put together.
        count: how many they are, one by one.
        instead: for a result that is computed in another array's memory, by id, that array.
        constant: the results, by id, that are the same in every run.
        slots: for a result in memory of its own, by id, the number of its slot.
        sizes: the bytes of each slot.
    """

    def __init__(self, calls: Sequence[Call], outputs: Iterable[Entry]) -> None:
        self._outputs = list(outputs)
        self._made = {id(one) for call in calls for one in call.results}
        self.instead: dict[int, Entry] = {}
        self.constant: set[int] = set()
        self.calls = self._without_copies(self._needed(calls))
        self._find_constants()
        self.count = len(self.calls)
        self.calls = Blocks(self.calls, self._outputs, self.instead, self.constant).calls
        self.slots: dict[int, int] = {}
        self.sizes: list[int] = []
        self._share_memory()

    def sections(self, recorded: Iterable[Section]) -> list[Section]:
        """The calls by section; several that were put together stand where the last of them was."""
        place = {id(call): call for call in self.calls}
        for call in self.calls:
            if isinstance(call.function, Block):
                place[id(call.function.calls[-1])] = call
        return [
            one._replace(calls=[place[id(call)] for call in one.calls if id(call) in place])
            for one in recorded
        ]

    def _lasts(self, array: Any) -> bool:
        """Whether an array's memory outlives the step: it was not made by a call."""
        return not isinstance(array, Entry) or id(array.root()) not in self._made

    def _needed(self, calls: Sequence[Call]) -> list[Call]:
        """The calls without those whose results nobody uses."""
        used = {id(one.root()) for one in self._outputs}
        kept = []
        for call in reversed(calls):
            target = written(call)
            if target is None:
                needed = any(id(one.root()) in used for one in call.results)
            else:
                needed = self._lasts(target) or id(target.root()) in used
            if needed or call.function is guard or draws(call):
                kept.append(call)
                if call.function not in FILLED:  # which are given an array for its shape
                    reads = call.arrays
                    used |= {id(one.root()) for one in reads if isinstance(one, Entry)}
        return kept[::-1]

    def _without_copies(self, calls: list[Call]) -> list[Call]:
        """A result that is used once, to be copied into lasting memory, is computed there."""
        uses: dict[int, int] = {}
        maker: dict[int, int] = {}
        for i, call in enumerate(calls):
            for one in call.arrays:
                uses[id(one)] = uses.get(id(one), 0) + 1
            for one in call.results:
                maker[id(one)] = i
        for one in self._outputs:
            uses[id(one)] = uses.get(id(one), 0) + 1
        gone = set()
        for i, call in enumerate(calls):
            if call.function is not np.copyto or call.kwargs:
                continue
            target, source = call.args
            made = maker.get(id(source))
            if (
                made is not None
                and uses[id(source)] == 1
                and not is_view(calls[made])
                and _same_layout(target, source)
                and takes_out(calls[made].function)
                and not any(c.function is guard or _touches(c, target) for c in calls[made:i])
            ):
                self.instead[id(source)] = target
                gone.add(i)
        return [call for i, call in enumerate(calls) if i not in gone]

    def _find_constants(self) -> None:
        """Results that are the same in every run are computed once, before."""
        changed = {
            id(target.root()) for call in self.calls if isinstance(target := written(call), Entry)
        }
        for call in self.calls:
            reads = call.arrays
            fixed = call.function in FILLED or all(id(one) in self.constant for one in reads)
            if (
                fixed
                and call.results
                and call.function is not np.empty
                and not draws(call)
                and not changed & {id(one.root()) for one in call.results}
                and not any(id(one) in self.instead for one in call.results)
            ):
                self.constant |= {id(one) for one in call.results}

    def _share_memory(self) -> None:
        """Give each result a slot, which it has from the call that makes it to its last use."""
        last: dict[int, int] = {}
        for i, call in enumerate(self.calls):
            for one in (*call.arrays, *call.results):
                if isinstance(one, Entry):
                    last[id(one.root())] = i
        for one in self._outputs:
            last[id(one.root())] = len(self.calls)
        free: dict[int, list[int]] = {}
        for i, call in enumerate(self.calls):
            ending = {}
            for one in call.arrays:
                if isinstance(one, Entry):
                    root = one.root()
                    if last[id(root)] == i and id(root) in self.slots:
                        ending[id(root)] = root
            results = () if is_view(call) else call.results
            for one in results:
                if id(one) in self.instead or id(one) in self.constant:
                    continue
                over = next(
                    (root for root in ending.values() if _may_overwrite(call, one, root)), None
                )
                if over is None:
                    self._give_slot(one, free)
                else:
                    del ending[id(over)]
                    self.slots[id(one)] = self.slots[id(over)]
                if last[id(one)] == i:
                    ending[id(one)] = one
            for root in ending.values():
                free.setdefault(self.sizes[self.slots[id(root)]], []).append(self.slots[id(root)])

    def _give_slot(self, array: Entry, free: dict[int, list[int]]) -> None:
        size = array.nbytes
        if free.get(size):
            self.slots[id(array)] = free[size].pop()
            return
        larger = [known for known, slots in free.items() if slots and size < known <= 2 * size]
        if larger:
            self.slots[id(array)] = free[min(larger)].pop()
            return
        self.slots[id(array)] = len(self.sizes)
        self.sizes.append(size)


def written(call: Call) -> Any:
    """The array that a call writes into, rather than making one; None if it makes one."""
    if isinstance(call.function, InPieces):
        return call.args[0]
    if call.kwargs.get("out") is not None:
        return call.kwargs["out"]
    return call.args[0] if call.function in WRITES else None


def _same_layout(a: Any, b: Any) -> bool:
    return bool(a.shape == b.shape and a.dtype == b.dtype and a.strides == b.strides)


def _touches(call: Call, target: Any) -> bool:
    """Whether a call reads or writes memory that overlaps with the target's."""
    memory, low, high = place_of(target)
    for one in call.arrays:
        other, start, stop = place_of(one)
        if other == memory and start < high and low < stop:
            return True
    return False


def _may_overwrite(call: Call, result: Entry, operand: Entry) -> bool:
    """Whether a call, the last that reads an operand, may put a result into its memory.

    It may if it goes through both entry by entry, they are laid out alike, and of the calls that
    are made with each piece none reads the operand after the result is made.
    """
    if isinstance(call.function, Block):
        calls = call.function.calls
    elif isinstance(call.function, np.ufunc) and call.function.signature is None:
        calls = [call]
    else:
        return False
    made = next(i for i, one in enumerate(calls) if result in one.results)
    reads = [
        (i, array)
        for i, one in enumerate(calls)
        for array in one.arrays
        if isinstance(array, Entry) and array.memory == operand.memory
    ]
    return _same_layout(result, operand) and all(
        i <= made and _same_layout(array, operand) for i, array in reads
    )
