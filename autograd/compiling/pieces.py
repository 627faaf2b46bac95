"""Work on large arrays in pieces that stay in the cache, shared among threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.tracing.arrays import Tracer
from autograd.tracing.calls import Call, Entry


@dataclass(frozen=True, eq=False)
class InPieces:
    """What a recorded call does that goes through pieces: the same calls on each.

    Attributes:
        header: how a piece is taken apart: the names of its arrays.
        names: how the calls refer to these, by their entries.
        calls: what is done with a piece.
        shares: the pieces, as many lists as threads take part.
    """

    header: str
    names: dict[Entry, str]
    calls: Sequence[Call]
    shares: Sequence[Sequence[Any]]


class PieceTracer(Tracer):
    """Records what is done with a piece, on a few entries of it."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[Entry, str] = {}

    def part(self, array: Any, name: str) -> Any:
        """What stands for an array of a piece, which is called `name`."""
        one = self.made(array[:1].copy())
        self.names[one.entry] = name
        return one

    def in_pieces(self, header: str, shares: Sequence[Sequence[Any]]) -> InPieces:
        """What was recorded, to be done with all pieces."""
        return InPieces(header, self.names, self.calls, shares)

    def record(self, work: Callable[[], None]) -> None:
        """Record the calls that `work` makes with the parts."""
        with np.errstate(all="ignore"):  # the values mean nothing
            work()
