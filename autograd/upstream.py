"""Gradients on their way back: what a node sends is added to what has arrived at its edges.

The sums are kept by edge. An array that has arrived alone is borrowed: a rule may have handed it
to two inputs, and the graph may keep it. `ours` are the edges whose sum has memory of its own.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import errors
from autograd.operands import Edge, fit, settle


def hand_over(
    node: Any,
    sent: Any,
    arrived: dict[Edge, Any],
    ours: set[Edge],
    batch: int = 0,
    needed: Container[Edge] | None = None,
) -> None:
    """Add what a node sends to what has arrived at its edges, or at those that are needed.

    Raises RuleError if a gradient does not fit its edge. `plan.send` has this written out.
    """
    for i, edge in enumerate(node.edges):
        gradient = sent[i]
        if (
            type(gradient) is not ndarray
            or gradient.shape != ((batch, *edge.shape) if batch else edge.shape)
            or gradient.dtype is not edge.dtype
        ):
            if gradient is None and (node.several or not (needed is None or edge in needed)):
                continue
            gradient = fitted(node, i, gradient, batch)
        held = arrived.get(edge)
        if held is None:
            arrived[edge] = gradient
        else:
            add_to(arrived, ours, edge, held, gradient)


def add_to(arrived: dict[Edge, Any], ours: set[Edge], edge: Edge, held: Any, gradient: Any) -> None:
    """Add a gradient to what has arrived at an edge before."""
    if edge in ours:
        np.add(held, gradient, out=held)
        return
    total = arrived[edge] = settle(held + gradient)
    if type(total) is ndarray and total.ndim:  # a single number takes longer to write over
        ours.add(edge)


def fitted(node: Any, position: int, gradient: Any, batch: int = 0) -> Any:
    """`fit` for the edge at a position, with an error that names the rule."""
    if hasattr(gradient, "shape") or isinstance(gradient, int | float):
        try:
            return fit(gradient, node.edges[position], batch)
        except ValueError:
            pass
    raise errors.wrong_gradient(node, position, gradient, batch)
