"""Warnings where a loss is given what has gone through softmax or a sigmoid and should not have."""

from __future__ import annotations

from typing import Any

from autograd import Function, Tensor, ops
from autograd.places import warn
from nn.parameter import Parameter


def warn_of_probabilities(who: str, logits: Tensor, text: str) -> None:
    """Warn, at the user's line, if logits come straight out of Softmax or Sigmoid.

    In `text`, {who} stands for the loss, {kind} for which of the two it is, and {place} for that
    with the layer before it.
    """
    node = logits.grad_fn
    if isinstance(node, ops.Softmax | ops.Sigmoid):
        kind, parameter = type(node).__name__, _parameter_before(node)
        place = f"{kind}, which follows the layer of {parameter!r}" if parameter else kind
        warn(text.format(who=who, kind=kind, place=place))


def _parameter_before(node: Function) -> str | None:
    """The name of the nearest parameter that led to a node: it tells which layer that was."""
    level: dict[Any, None] = {node: None}
    seen: set[Any] = set()
    while level:
        seen |= level.keys()
        edges = [edge for one in level for edge in one.edges]
        for edge in edges:
            if isinstance(edge, Parameter) and edge.name:
                return edge.name
        level = {one: None for one in edges if isinstance(one, Function) and one not in seen}
    return None
