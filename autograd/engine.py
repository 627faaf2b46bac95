"""Backward replay: every node once, in reverse topological order, sums where paths meet.

A node is made after its inputs, so its creation number is a proof of order: collect what is
reachable, sort by falling number, replay. No recursion, so a graph may be as deep as memory allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np

from autograd import errors
from autograd.function import Edge, Function, Output, output_of
from autograd.grad_mode import current_mode
from autograd.operands import settle
from autograd.plan import recall
from autograd.upstream import hand_over
from autograd.versions import latest_write, written_since

_number = attrgetter("number")


def topological_order(edges: Sequence[Edge]) -> list[Function]:
    """The nodes that `edges` lead to and all before them, last made first."""
    leaf = Function.tensor_type
    seen = {edge for edge in edges if not isinstance(edge, leaf)}
    found = list(seen)
    for node in found:  # the list grows while it is read
        for edge in node.edges:
            if edge not in seen and not isinstance(edge, leaf):
                seen.add(edge)
                found.append(edge)
    found.sort(key=_number, reverse=True)
    return found


def replay(
    seeds: Sequence[tuple[Edge, Any]],
    retain_graph: bool = False,
    create_graph: bool = False,
    towards: Sequence[Edge] | None = None,
    batch: int = 0,
) -> dict[Edge, Any]:
    """Send the seeds' gradients back through the graph.

    Args:
        seeds: pairs of an edge (a result's place in the graph) and its upstream gradient.
        retain_graph: keep the nodes' values, so that the same graph can be replayed again.
        create_graph: compute with Tensors, so that the gradients have a history of their own.
        towards: the edges whose gradients are asked for; all leaves reached if None. What does
            not lie on a path to them is not computed.
        batch: the length of an extra leading axis that all gradients of this pass have, so that
            one pass carries many (the rows of a Jacobian); 0 for none.

    Returns:
        The gradients by edge, for those edges that one reached: an array, or with create_graph a
        Tensor. It may share memory with values of the graph: copy before writing into it.

    Raises:
        RuntimeError: the graph was released, or a value that a rule needs has changed since.
    """
    order = topological_order([edge for edge, _ in seeds])
    path = None if towards is None else _Path(order, towards)
    check_unchanged(order if path is None else [node for node in order if node in path.nodes])
    needed = None if path is None else path.needed
    watcher = current_mode().watcher
    plain = path is None and watcher is None and not (create_graph or batch)  # by far most often
    arrived: dict[Edge, Any] = {}  # running sums
    ours: set[Edge] = set()  # the edges whose sum is in memory of its own; others are borrowed
    for edge, g in seeds:
        arrived[edge] = settle(arrived[edge] + g) if edge in arrived else g

    results: dict[Edge, Any] = {}
    for node in order:
        g = arrived.pop(node, None)
        if g is None:
            continue
        if node.hooks is not None:
            g = _run_hooks(node.hooks, g, path, batch)
        if path is not None:
            if node in path.asked:
                results[node] = g
            if node not in path.nodes:
                continue
        if node.index is not None:
            _gather(arrived, node, g)
            continue
        if plain:
            node.plan.send(node, g, arrived, ours, retain_graph)
            continue
        kept = recall(node)
        if create_graph:
            kept = _as_tensors(node)
        if watcher is not None:
            watcher.sending(node)
        if batch:
            sent = _pull_batch(node, g, kept, batch, path)
        elif path is None:
            sent = node.plan.pull(g, kept)
        else:
            sent = path.pull(node, g, kept)
        if watcher is not None:
            watcher.sent(node, g, sent, batch)
        hand_over(node, sent, arrived, ours, batch, needed)
        if not retain_graph:
            node.kept = None
    for leaf in arrived:
        if leaf._hooks:
            arrived[leaf] = _run_hooks(leaf._hooks, arrived[leaf], path, batch)
    return results | arrived


def _run_hooks(hooks: Sequence[Any], g: Any, path: _Path | None, batch: int) -> Any:
    """What the hooks make of a gradient. `.grad` is kept only where leaves keep theirs too."""
    if batch:
        return np.stack([_run_hooks(hooks, settle(one), path, 0) for one in g])
    for hook in tuple(hooks):  # a hook may remove itself
        if path is None or not hasattr(hook, "retains"):
            g = hook(g)
    return g


def _gather(arrived: dict[Edge, Any], output: Function, g: Any) -> None:
    """Add the gradient of one output to those of its node, which is replayed when all are in."""
    assert isinstance(output, Output)
    node = output.edges[0]
    upstream = arrived.setdefault(node, [None] * len(node.outputs))
    held = upstream[output.index]
    upstream[output.index] = g if held is None else settle(held + g)


def _pull_batch(node: Function, g: Any, kept: Any, n: int, path: _Path | None) -> tuple[Any, ...]:
    """The node's gradients for upstream gradients with a leading axis; one by one if it must."""
    pull: Any = node.plan.pull if path is None else partial(path.pull, node)
    if node.carries_batch(kept):
        together: tuple[Any, ...] = pull(g, node.plan.kept_for_batch(kept, n))
        return together
    rows = []
    for i in range(n):
        one = [u if u is None else settle(u[i]) for u in g] if node.several else settle(g[i])
        rows.append(pull(one, kept))
    columns = zip(*rows, strict=True)
    return tuple(None if column[0] is None else np.stack(column) for column in columns)


class _Path:
    """What lies on a path to the edges that are asked for."""

    def __init__(self, order: list[Function], asked: Sequence[Edge]) -> None:
        self.asked = set(asked)
        self.nodes: set[Function] = set()
        self.needed = set(asked)  # the edges whose gradient is asked for, or leads to one that is
        for node in reversed(order):
            if not self.needed.isdisjoint(node.edges):
                self.nodes.add(node)
                self.needed.add(node)

    def pull(self, node: Function, g: Any, kept: Any) -> tuple[Any, ...]:
        """The node's gradients, computed only for edges that lead on."""
        if self.needed.issuperset(node.edges):
            together: tuple[Any, ...] = node.plan.pull(g, kept)
            return together
        parts = zip(node.plan.parts, node.edges, strict=True)
        return tuple(part(g, kept) if edge in self.needed else None for part, edge in parts)


def upstream_for(result: Any, gradient: Any) -> Any:
    """The Tensor from which backward starts at `result`: what was given, or 1 for a single number.

    Raises RuntimeError if the result has no history, or is not a single number and nothing was
    given, and ValueError if what was given has another shape.
    """
    Tensor = Function.tensor_type
    if not result._requires_grad:
        raise errors.no_history(result)
    if gradient is None:
        if result.size != 1:
            raise errors.not_scalar(result)
        return Tensor.at(None, np.ones_like(result._data))
    if not isinstance(gradient, Tensor):
        gradient = Tensor(gradient, dtype=result.dtype)
    if gradient.shape != result.shape:
        raise errors.upstream_does_not_fit(result, gradient)
    return gradient if gradient.dtype == result.dtype else gradient.astype(result.dtype)


def check_unchanged(order: list[Function]) -> None:
    """Nothing is computed from values that were written in place after they were kept."""
    write = latest_write()
    if not order or write < order[-1].number:  # the oldest node is younger than any write
        return
    for node in order:
        if node.number < write and node.kept:
            for name, value in zip(node.plan.kept_names, node.kept, strict=True):
                several = value if isinstance(value, list | tuple) else (value,)
                for i, one in enumerate(several):
                    if written_since(one, node.number):
                        raise errors.changed_in_place(node, name, i, one)


def _as_tensors(node: Function) -> tuple[Any, ...]:
    """The node's kept values, as Tensors with their history: for gradients that have one too."""
    assert node.kept is not None
    at, plan, signature = Function.tensor_type.at, node.plan, node.signature
    places: dict[Any, Edge] = dict(zip(plan.wanted, node.edges, strict=True))
    wrapped = []
    for name, value in zip(plan.kept_names, node.kept, strict=True):
        if signature.variadic and name in signature.inputs:
            value = [at(places[i], one) if i in places else one for i, one in enumerate(value)]
        elif name in places:
            value = at(places[name], value)
        elif name in signature.outputs and name not in signature.constant_outputs:
            i = signature.outputs.index(name)
            value = at(output_of(node, i) if node.several else node, value)
        wrapped.append(value)
    return tuple(wrapped)
