"""A row of the table of operations, and what its inputs are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Tensor

Array = Any
Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator, Shape], Array]


# What inputs are drawn from


@dataclass(frozen=True)
class Input:
    """What an input is drawn from, and its shape."""

    draw: Draw
    shape: Shape


def domain(draw: Draw) -> Callable[..., Input]:
    """Make a domain: with it, `anywhere(2, 3)` is an input of shape (2, 3)."""
    return lambda *shape: Input(draw, shape)


@domain
def anywhere(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.standard_normal(shape)


@domain
def positive(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.uniform(0.5, 2, shape)


@domain
def nonzero(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.choice([-1, 1], shape) * rng.uniform(0.5, 2, shape)


@domain
def halves(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.integers(-4, 5, shape) / 2


@domain
def off_halves(rng: np.random.Generator, shape: Shape) -> Array:
    """At least 0.1 away from every multiple of one half: all kinks in this table lie there."""
    return rng.integers(-4, 4, shape) / 2 + rng.uniform(0.1, 0.4, shape)


@domain
def distinct(rng: np.random.Generator, shape: Shape) -> Array:
    """Any two entries at least one quarter apart."""
    return rng.permutation(int(np.prod(shape))).reshape(shape) / 4 - 1


@domain
def truths(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.random(shape) < 0.5


@domain
def below_three(rng: np.random.Generator, shape: Shape) -> Array:
    """Whole numbers 0, 1, 2."""
    return rng.integers(3, size=shape)


# A row


class Case:
    """A row of the table."""

    def __init__(
        self, op: Any, reference: Callable[..., Any], *inputs: Input, **settings: Any
    ) -> None:
        self.op = op  # an operation's class, or a public function made of several operations
        self.reference = reference
        self.inputs = inputs
        self.settings = settings

    def __repr__(self) -> str:
        given = [str(one.shape) for one in self.inputs]
        given += [f"{name}={value}" for name, value in self.settings.items()]
        return " ".join(f"{self.op.__name__}({', '.join(given)})".split())

    def draw(self, dtype: Any = np.float64) -> list[Array]:
        """The inputs, always the same ones; those that are floating in `dtype`."""
        rng = np.random.default_rng(0)
        drawn = [np.asarray(one.draw(rng, one.shape)) for one in self.inputs]
        return [a.astype(dtype) if a.dtype.kind == "f" else a for a in drawn]

    def apply(self, *inputs: Any) -> tuple[Tensor, ...]:
        """The operation's results."""
        if isinstance(self.op, type):
            return several(self.op.apply(*inputs, **self.settings))
        return self.call(self.op, *inputs)

    def call(self, function: Callable[..., Any], *inputs: Any) -> tuple[Any, ...]:
        """The results of a function that takes what the reference takes."""
        joins = self.reference in JOINING
        return several(function(*((inputs,) if joins else inputs), **self.settings))


# These take one list of arrays.
JOINING = (
    np.concatenate,
    np.stack,
    np.hstack,
    np.vstack,
    np.dstack,
    np.column_stack,
    np.linalg.multi_dot,
)


def several(results: Any) -> tuple[Any, ...]:
    """One result or several, as a tuple."""
    return tuple(results) if isinstance(results, list | tuple) else (results,)


# How shapes may meet, by number of inputs: equal, stretched, one missing axes, numbers, empty.
MEETINGS: dict[int, list[tuple[Shape, ...]]] = {
    1: [((2, 3),), ((),), ((2, 0),)],
    2: [
        ((2, 3), (2, 3)),
        ((2, 3), (3,)),
        ((2, 1), (3,)),
        ((), (2, 3)),
        ((1, 1), ()),
        ((2, 0), (2, 1)),
        ((0, 1), (1, 3)),
    ],
    3: [((2, 3), (2, 3), (2, 3)), ((2, 1), (3,), ()), ((3,), (2, 1, 1), (1, 3)), ((2, 0),) * 3],
}


def meet(
    op: Any, reference: Callable[..., Any], *domains: Callable[..., Input], **settings: Any
) -> list[Case]:
    """An elementwise operation's rows, one for each way its inputs' shapes may meet."""
    return [
        Case(op, reference, *(d(*s) for d, s in zip(domains, shapes, strict=True)), **settings)
        for shapes in MEETINGS[len(domains)]
    ]
