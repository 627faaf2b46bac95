"""Gradients as values: `grad` returns them and leaves `.grad` alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd import errors
from autograd.engine import replay, upstream_for
from autograd.grad_mode import enable_grad
from autograd.leaves import own
from autograd.tensor import Tensor


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """The gradients of `outputs` with respect to `inputs`.

    Args:
        outputs: one Tensor or several, whose gradients add up.
        inputs: one Tensor or several; leaves or results.
        grad_outputs: the upstream gradient of each output, in its shape; 1 for single numbers.
        retain_graph: keep the graph for another pass; as `create_graph` if None.
        create_graph: give the gradients a history of their own, for derivatives of them.
        allow_unused: answer None for an input that no output depends on, instead of an error.
        materialize_grads: answer zeros for such an input.

    Returns:
        One Tensor if `inputs` is one, else a tuple of them, each in its input's shape and dtype.

    Raises:
        RuntimeError: an input is not used or requires no gradient; the graph was released; a value
            was changed in place; an output is not a single number and has no upstream gradient.
        ValueError: an upstream gradient has another shape than its output.
    """
    many_outputs, many_inputs = _tensors("output", outputs), _tensors("input", inputs)
    upstream = _upstream_gradients(outputs, len(many_outputs), grad_outputs)
    if len(upstream) != len(many_outputs):
        raise ValueError(
            f"grad: there are {len(many_outputs)} outputs and {len(upstream)} grad_outputs; "
            "give one for each."
        )
    for i, one in enumerate(many_inputs):
        if not one.requires_grad:
            raise errors.input_without_gradient(one, i)
    seeds = []
    for output, given in zip(many_outputs, upstream, strict=True):
        seed = upstream_for(output, given)
        seeds.append((output.edge(), seed if create_graph else seed._data))
    edges = [one.edge() for one in many_inputs]
    keep = create_graph if retain_graph is None else retain_graph
    with enable_grad() if create_graph else nullcontext():
        results = replay(seeds, keep, create_graph, towards=edges)
    gradients: list[Tensor | None] = []
    for i, (one, edge) in enumerate(zip(many_inputs, edges, strict=True)):
        found = results.get(edge)
        if found is not None:  # in memory of its own, with its history if it has one
            found = own(found) if create_graph else Tensor.at(None, found.copy())
        elif materialize_grads:
            found = Tensor.at(None, np.zeros_like(one._data))
        elif not allow_unused:
            raise errors.unused_input(one, i)
        gradients.append(found)
    return gradients[0] if isinstance(inputs, Tensor) else tuple(gradients)


def _upstream_gradients(outputs: Any, count: int, given: Any) -> list[Any]:
    """One for each output; for a single output also the gradient itself, or numbers in lists."""
    if not isinstance(outputs, Tensor):
        return [None] * count if given is None else list(given)
    listed = isinstance(given, list | tuple) and len(given) == 1 and hasattr(given[0], "shape")
    return list(given) if listed else [given]


def _tensors(role: str, given: Any) -> list[Tensor]:
    several = list(given) if isinstance(given, list | tuple | Iterator) else [given]
    for i, one in enumerate(several):
        if not isinstance(one, Tensor):
            raise errors.not_tensors(role, i, one)
    return several
