"""The chain rule path by path: which ways lead from a result to a variable, and what each brings.

The contribution of a path is the gradient that would arrive if there were no other path: the
product of the local Jacobians along it. The contributions of all paths add up to the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import inf, isnan, log
from typing import NamedTuple

import numpy as np

from autograd.graph.data import Array
from autograd.graph.explaining.ways import History, Link
from autograd.graph.numbers import size_of


@dataclass(frozen=True, eq=False)
class Path:
    """One way from the result back to a variable.

    Attributes:
        links: the factors of the chain rule, from the result on.
        sizes: the size (root mean square) of the gradient at the result, which is 1, and after
            each link, if this were the only path.
        contribution: what it brings to the gradient, in float64.
    """

    links: tuple[Link, ...]
    sizes: tuple[float, ...]
    contribution: Array

    @property
    def size(self) -> float:
        """The size (root mean square) of the contribution."""
        return self.sizes[-1]

    @property
    def factors(self) -> tuple[float, ...]:
        """By how much each link changes the size; their product is the size of the contribution.

        After a link that leaves nothing, 0, the factors are 1: there is nothing left to change.
        """
        return tuple(after / before if before else 1.0 for before, after in pairwise(self.sizes))

    @property
    def shares(self) -> tuple[float, ...]:
        """How much of the change in size, on a logarithmic scale, is each link's; they sum to 1.

        A link that works against the change has a negative share. If nothing arrives, all of it is
        the link's that left nothing; if the size does not change, the shares are 0.
        """
        if self.size == 0:
            return tuple(1.0 if factor == 0 else 0.0 for factor in self.factors)
        whole = log(self.size) if 0 < self.size < inf else 0.0
        return tuple(log(factor) / whole if whole else 0.0 for factor in self.factors)


class Flow(NamedTuple):
    """The gradients of a backward pass in which all paths come together.

    Attributes:
        arrived: of each variable on a way, by key.
        sent: what each link sends.
    """

    arrived: dict[str, Array]
    sent: dict[Link, Array]


@dataclass(frozen=True, eq=False)
class Ways:
    """All ways from a history's result back to one variable.

    Attributes:
        history: where they lie.
        target: the key of the variable.
        dtype: what gradients are computed in.
    """

    history: History
    target: str
    dtype: np.dtype[np.floating] = field(default_factory=lambda: np.dtype(np.float64))

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links that are part of a way, in the order of a backward pass."""
        graph, links = self.history.graph, self.history.links
        leading = {self.target}
        for call in graph.calls:
            leading |= {one.above for one in links[call.key] if one.below in leading}
        reached, found = {self.history.start}, []
        for call in reversed(graph.calls):
            of_call = [x for x in links[call.key] if x.above in reached and x.below in leading]
            reached |= {one.below for one in of_call}
            found += of_call
        return tuple(found)

    @cached_property
    def count(self) -> int:
        """How many paths there are."""
        counts = {self.history.start: 1}
        for link in self.links:
            counts[link.below] = counts.get(link.below, 0) + counts[link.above]
        return counts.get(self.target, 0)

    @cached_property
    def flow(self) -> Flow:
        """The gradients of all paths together."""
        arrived, sent = {self.history.start: self._seed}, {}
        for link in self.links:
            sent[link] = link.send(arrived[link.above])
            held = arrived.get(link.below)
            arrived[link.below] = sent[link] if held is None else held + sent[link]
        return Flow(arrived, sent)

    @property
    def gradient(self) -> Array:
        """The gradient of the target: the sum of the contributions of all paths."""
        return self.flow.arrived[self.target]

    def largest(self, most: int) -> tuple[tuple[Path, ...], bool]:
        """The paths with the largest contributions, and whether they surely are the largest.

        At each variable, the `most` largest beginnings of paths are followed on. Where variables
        are single numbers, no other beginning can overtake them; where they are arrays, one that
        is a little smaller could.
        """
        heads = {self.history.start: [_Head(self._seed, 1.0)]}
        surely, above = True, None
        for link in self.links:
            if link.above != above:  # all that leads there has been followed
                above = link.above
                surely &= len(heads[above]) <= most or heads[above][0].gradient.size == 1
                heads[above] = _first(heads[above], most)
            for head in heads[above]:
                gradient = link.send(head.gradient)
                heads.setdefault(link.below, []).append(
                    _Head(gradient, size_of(gradient), link, head)
                )
        return tuple(map(_path, _first(heads[self.target], most))), surely

    @property
    def _seed(self) -> Array:
        """The gradient of the result by itself."""
        return np.ones(self.history.graph.variable[self.history.start].shape, self.dtype)


class _Head(NamedTuple):
    """A path as far as it was followed."""

    gradient: Array
    size: float
    link: Link | None = None  # the last one
    before: _Head | None = None


def _first(heads: list[_Head], most: int) -> list[_Head]:
    """The largest ones; what is not a number counts as infinite."""
    return sorted(heads, key=lambda one: -inf if isnan(one.size) else -one.size)[:most]


def _path(head: _Head) -> Path:
    links, sizes = [], [head.size]
    at = head
    while at.link is not None and at.before is not None:
        links.append(at.link)
        at = at.before
        sizes.append(at.size)
    return Path(tuple(reversed(links)), tuple(reversed(sizes)), head.gradient)
