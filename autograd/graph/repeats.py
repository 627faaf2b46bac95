"""Identical blocks of calls that follow one another, as a loop or a stack of layers makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.graph.data import Description, Edge, Variable

FEWEST = 3  # copies that are worth folding
MOST_COMPARISONS = 2_000_000  # of one call with another, which bounds how long a block may be
TRIES = 5  # lengths of blocks whose wiring is looked at, from each call on


class Repeat(NamedTuple):
    """Blocks of `length` calls, the first from call `start`, `times` one after the other."""

    start: int
    length: int
    times: int

    def copies(self) -> Iterator[tuple[int, int]]:
        """Pairs of positions of calls: in the first block, and in each of the others."""
        for i in range(self.start + self.length, self.start + self.length * self.times):
            yield self.start + (i - self.start) % self.length, i


def find_repeats(graph: Description) -> list[Repeat]:
    """The longest runs of identical blocks, from the first call on; they do not overlap.

    Blocks are identical if the same operations take and make the same shapes, and are wired alike:
    each input comes from the same place in the block or in the one before, or is the same variable
    in all blocks, or is an equally shaped one of the block's own.
    """
    found, i, count = [], 0, len(graph.calls)
    runs = _runs(_fingerprints(graph))
    made_by = {
        e.target: n for n, call in enumerate(graph.calls) for e in graph.edges_from[call.key]
    }
    while i < count:
        repeat = _best(graph, runs[:, i], i, made_by)
        if repeat:
            found.append(repeat)
        i += repeat.length * repeat.times if repeat else 1
    return found


def merge(graph: Description, repeats: list[Repeat]) -> tuple[Description, frozenset[str]]:
    """The graph in which of identical blocks only the first stands, with the results of the last.

    What differs only in a part of its name is called "blocks.0…11.weight". With it come the keys of
    the variables that stand for one of each block.
    """
    same: dict[str, str] = {}  # by the key of a variable in a copy, that in the first block
    last: dict[str, str] = {}  # by the key of a variable in the first block, that in the last
    dropped = set()
    for first, copy in (pair for repeat in repeats for pair in repeat.copies()):
        one, other = graph.calls[first], graph.calls[copy]
        dropped.add(other.key)
        own = [
            (a, b)
            for a, b in _pairs(graph.inputs_of(one), graph.inputs_of(other))
            if a is not b and b.is_leaf
        ]
        for a, b in (*own, *_pairs(graph.outputs_of(one), graph.outputs_of(other))):
            same[b.key], last[a.key] = a.key, b.key

    def with_range(variable: Variable) -> Variable:
        other = graph.variable.get(last.get(variable.key, ""))
        if not variable.name or other is None or not other.name:
            return variable
        return replace(variable, name=span(variable.name, other.name))

    edges: dict[tuple[str, str, str], Edge] = {}
    for edge in graph.edges:
        if edge.source not in dropped and edge.target not in dropped:
            source, target = same.get(edge.source, edge.source), same.get(edge.target, edge.target)
            # Of any number of inputs, those that the blocks made are one.
            name = re.sub(r"\[\d+\]", "[…]", edge.name) if source in last else edge.name
            edges[source, target, name] = replace(edge, source=source, target=target, name=name)
    merged = replace(
        graph,
        variables=tuple(with_range(one) for one in graph.variables if one.key not in same),
        calls=tuple(call for call in graph.calls if call.key not in dropped),
        edges=tuple(edges.values()),
        outputs=tuple(dict.fromkeys(same.get(key, key) for key in graph.outputs)),
    )
    return merged, frozenset(last)


def span(first: str, last: str) -> str:
    """Two dotted names as one: "blocks.0.weight" and "blocks.11.weight" as "blocks.0…11.weight"."""
    parts = list(zip(first.split("."), last.split("."), strict=False))
    return ".".join(a if a == b else f"{a}…{b}" for a, b in parts)


def _pairs(
    one: dict[str, Variable], other: dict[str, Variable]
) -> Iterator[tuple[Variable, Variable]]:
    return zip(one.values(), other.values(), strict=True)


def _fingerprints(graph: Description) -> NDArray[np.int64]:
    """A number for each call, the same for calls that look the same by themselves."""
    numbers: dict[object, int] = {}
    found = []
    for call in graph.calls:
        made = tuple(x.requires_grad for x in graph.outputs_of(call).values())
        taken = tuple((n, x.shape, x.dtype) for n, x in graph.inputs_of(call).items())
        place = re.sub(r"\d+", "#", call.module or "")
        look = (call.op, call.label, call.settings, made, taken, place, call.module_kind)
        found.append(numbers.setdefault(look, len(numbers)))
    return np.array(found)


def _runs(prints: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each block length from 1 on (rows), how many calls from each on equal those one later."""
    count = len(prints)
    longest = max(1, min(count // FEWEST, MOST_COMPARISONS // count))
    runs = np.zeros((longest, count), np.int64)
    for row, length in enumerate(range(1, longest + 1)):
        different = prints[:-length] != prints[length:]
        ends = np.where(different, np.arange(count - length), count - length)
        ends = np.minimum.accumulate(ends[::-1])[::-1]
        runs[row, : count - length] = ends - np.arange(count - length)
    return runs


def _best(
    graph: Description, runs: NDArray[np.int64], start: int, made_by: dict[str, int]
) -> Repeat | None:
    """The run of blocks from `start` that holds most calls, in blocks as short as possible."""
    lengths = np.arange(1, len(runs) + 1)
    times = runs // lengths + 1
    covered = np.where(times >= FEWEST, times * lengths, 0)
    if not covered.any():
        return None
    for row in np.argsort(-covered, kind="stable")[:TRIES]:
        if not covered[row]:
            return None
        repeat = Repeat(start, int(lengths[row]), int(times[row]))
        alike = _alike(graph, repeat, made_by)
        if alike >= FEWEST:
            return repeat._replace(times=alike)
    return None


def _alike(graph: Description, repeat: Repeat, made_by: dict[str, int]) -> int:
    """How many of the blocks are wired as the first is."""
    start, length, times = repeat
    for i in range(start, start + length * (times - 1)):
        one, other = graph.calls[i], graph.calls[i + length]
        pairs = _pairs(graph.inputs_of(one), graph.inputs_of(other))
        if not all(_same_origin(a, b, repeat, made_by, i < start + length) for a, b in pairs):
            return (i - start) // length + 1
    return times


def _same_origin(
    a: Variable, b: Variable, repeat: Repeat, made_by: dict[str, int], in_first: bool
) -> bool:
    if a is b or (a.is_leaf and b.is_leaf and a.kind == b.kind):
        return True
    if b.key not in made_by or made_by[b.key] < repeat.start:
        return False
    if a.key in made_by and made_by[b.key] - made_by[a.key] == repeat.length:
        return True
    # The first block takes from outside what each of the others takes from the one before it.
    return in_first and (a.is_leaf or made_by.get(a.key, -1) < repeat.start)
