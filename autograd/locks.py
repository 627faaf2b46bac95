"""Arrays that nobody may write for a while: counted, and given back as they were."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class _Memory:
    """The memory of one array that owns it, and what of it is locked."""

    __slots__ = ("holders", "locked", "owner")

    def __init__(self, owner: Array) -> None:
        self.owner = owner  # alive, so that nothing else can have its id
        self.holders = 0
        self.locked: list[Array] = []  # an array after those that it is a view of


_memories: dict[int, _Memory] = {}  # by the id of the owner
_guard = threading.RLock()  # reentrant, because a lock may be released while another is made


class Lock:
    """Keeps arrays, and those that they are views of, read-only until it is released or goes.

    An array that several locks keep is writeable again when the last one is released; what was
    read-only before stays so. Other views that were taken of an array before stay writeable.
    """

    def __init__(self, arrays: Iterable[Array]) -> None:
        self._owners: list[int] = []
        with _guard:
            for array in arrays:
                chain = _chain(array)
                owner = id(chain[0])
                _lock(chain, _memories.setdefault(owner, _Memory(chain[0])))
                self._owners.append(owner)

    def release(self) -> None:
        """Give the arrays back; nothing happens if that was done before."""
        with _guard:
            while self._owners:
                owner = self._owners.pop()
                memory = _memories[owner]
                memory.holders -= 1
                if not memory.holders:
                    for array in memory.locked:
                        array.flags.writeable = True
                    del _memories[owner]

    __del__ = release


def _chain(array: Array) -> list[Array]:
    """The array, after what it is a view of, after what that is a view of, and so on."""
    chain = [array]
    while isinstance(array.base, np.ndarray):
        array = array.base
        chain.append(array)
    return chain[::-1]


def _lock(chain: list[Array], memory: _Memory) -> None:
    memory.holders += 1
    for array in chain:
        if array.flags.writeable:
            array.flags.writeable = False
            memory.locked.append(array)
        elif not any(array is one for one in memory.locked):
            return  # somebody else made it read-only, so its views could not be given back
