"""Checks of gradients against finite differences, and room for operations made by a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from support.operations import several

import autograd
from autograd import Function, Tensor

Array = Any
Differentiable = Callable[..., Any]  # of Tensors; answers one Tensor or several

DERIVATIVES = ("gradient", "second derivative", "third derivative")


def check_gradients(
    function: Differentiable, inputs: Sequence[Array], order: int = 2, title: str = "function"
) -> None:
    """Compare the derivatives of `function` at `inputs` (float64) with finite differences.

    Each input is moved in a random direction u, and the results are weighed by random numbers v:
    then the slope of v · function along u is u · (v pulled back). That takes a few evaluations
    whatever the sizes, and a single wrong entry shows. The second derivative is the same check of
    the function that pulls v back. Raises AssertionError, which names the input.
    """
    rng = np.random.default_rng(0)
    for derivative in DERIVATIVES[:order]:
        weights = [rng.standard_normal(one.shape) for one in evaluate(function, inputs)]
        pulled_back = pull_back(function, weights)
        gradients = evaluate(pulled_back, inputs)
        for i, (x, gradient) in enumerate(zip(inputs, gradients, strict=True)):
            assert gradient.shape == x.shape, f"{title}: the {derivative} has another shape"
            direction = rng.standard_normal(x.shape)
            found = float(np.sum(gradient * direction))
            expected = slope(function, inputs, i, direction, weights)
            assert abs(found - expected) <= 1e-7 * max(1, abs(expected)), (
                f"{title}: its {derivative} with respect to input {i} is wrong. "
                f"Along a random direction it is {found:.9g}, by finite differences {expected:.9g}."
            )
        function = pulled_back


def evaluate(function: Differentiable, inputs: Sequence[Array]) -> list[Array]:
    """The function's values, as arrays; its inputs require gradients."""
    tensors = [Tensor(x, requires_grad=True) for x in inputs]
    return [result.data for result in several(function(*tensors))]


def pull_back(function: Differentiable, weights: Sequence[Array]) -> Differentiable:
    """The function from Tensors to the gradients of Σ weights · function, differentiable again."""

    def pulled_back(*tensors: Tensor) -> list[Tensor]:
        results = zip(several(function(*tensors)), weights, strict=True)
        reached = [(y, v) for y, v in results if y.requires_grad]  # others do not depend on them
        outputs, upstream = [y for y, _ in reached], [v for _, v in reached]
        found = autograd.grad(outputs, tensors, upstream, create_graph=True, allow_unused=True)
        return [
            Tensor(np.zeros(x.shape)) if g is None else g
            for x, g in zip(tensors, found, strict=True)
        ]

    return pulled_back


def slope(
    function: Differentiable,
    inputs: Sequence[Array],
    i: int,
    direction: Array,
    weights: Sequence[Array],
) -> float:
    """The slope of Σ weights · function as input `i` moves: four points, error O(step⁴)."""
    step = 1e-4

    def at(steps: int) -> float:
        moved = list(inputs)
        moved[i] = np.asarray(inputs[i] + steps * step * direction)
        values = evaluate(function, moved)
        return sum(float(np.sum(v * y)) for v, y in zip(weights, values, strict=True))

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)


@contextmanager
def operations_of_a_test() -> Iterator[None]:
    """Operations whose classes are made within it are forgotten after it."""
    registry, by_numpy = list(Function.registry), dict(Function.by_numpy)
    try:
        yield
    finally:
        Function.registry[:] = registry
        Function.by_numpy.clear()
        Function.by_numpy.update(by_numpy)


def message(kind: type[Exception], call: Callable[[], Any]) -> str:
    """What the error says that `call` raises."""
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    return str(caught.value)
