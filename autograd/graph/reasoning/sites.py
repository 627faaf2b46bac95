"""What passes through one call on the way back, and a reason why that may be little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.graph.data import Array, Call
from autograd.graph.explaining.naming import Names
from autograd.graph.explaining.ways import History, Link
from autograd.graph.numbers import size_of


@dataclass(frozen=True)
class Reason:
    """One reason for a small, zero or missing gradient.

    Attributes:
        kind: in a word or two, such as "dead" or "detached".
        call: where it lies; None if it is no call's.
        says: a sentence with the numbers.
        fix: what to do about it.
        blocked: which share of what came to the call, entry by entry, met a slope of 0; 0 where
            that is not how the call works.
        factor: by how much the call changes the gradient's size; 1 if that is not the point.
    """

    kind: str
    call: Call | None
    says: str
    fix: str
    blocked: float = 0.0
    factor: float = 1.0


@dataclass(frozen=True)
class Site:
    """A link, and what passes through it.

    Attributes:
        upstream, sent: the gradient that comes, and what becomes of it.
        slopes: the derivatives, entry by entry; None if the call does not work so.
        values: of inputs and outputs, by the operation's names; those of numbers too.
        names: what they are called.
    """

    link: Link
    upstream: Array
    sent: Array
    slopes: Array | None
    values: Mapping[str, Any]
    names: Mapping[str, str]

    @property
    def factor(self) -> float:
        """By how much the size of the gradient changes."""
        before = size_of(self.upstream)
        return size_of(self.sent) / before if before else 1.0

    @property
    def blocked(self) -> float:
        """Which share of the upstream gradient, by magnitude, meets a slope of 0."""
        if self.slopes is None:
            return 0.0
        magnitudes = np.abs(self.upstream)
        whole = magnitudes.sum()
        return float(magnitudes[self.slopes == 0].sum() / whole) if whole else 0.0

    def reason(self, kind: str, says: str, fix: str) -> Reason:
        """A reason that lies in this call."""
        return Reason(kind, self.link.call, says, fix, self.blocked, self.factor)


def site_of(history: History, names: Names, link: Link, upstream: Array, sent: Array) -> Site:
    """A link with what passes through it."""
    graph, call = history.graph, link.call
    around = {**graph.inputs_of(call), **graph.outputs_of(call)}
    values = {name: one.value for name, one in around.items() if one.value is not None}
    return Site(
        link,
        upstream,
        sent,
        link.slopes(),
        {**values, **history.numbers[call.key]},
        {name: names[one.key] for name, one in around.items()},
    )
