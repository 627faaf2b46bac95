"""The text of every rule: nothing in it may break one of the five readings.

What a reading does not meet by chance, as a branch taken, the text shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from support.checks import operations_of_a_test
from support.lint import complaints

import nn  # noqa: F401 (its operations are read too)
from autograd import Elementwise, Function, ops

Array = Any

OWN = [op for op in Function.registry if op.__module__.startswith(("autograd.", "nn."))]


@pytest.fixture(autouse=True)
def _operations_made_here_are_forgotten() -> Iterator[None]:
    with operations_of_a_test():
        yield


@pytest.mark.parametrize("op", OWN)
def test_rules_hold_nothing_that_breaks_a_reading(op: type[Function]) -> None:
    assert complaints(op) == []


def operation(rule: Callable[..., Array]) -> type[Function]:
    """An operation with this rule."""

    class Planted(Function):
        settings = ("axis",)

        def forward(x: Array, axis: int = 0) -> Array:
            return x.copy()

        gradients = {"x": rule}

    return Planted


PLANTED: list[tuple[str, Callable[..., Array]]] = []


def planted(complaint: str) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """The rule below is to be found, with this complaint."""

    def add(rule: Callable[..., Array]) -> Callable[..., Array]:
        PLANTED.append((complaint, rule))
        return rule

    return add


@planted("writes in place")
def augmented(g: Array) -> Array:
    g *= 2
    return g


@planted("writes in place")
def an_entry(g: Array) -> Array:
    g[0] = 0
    return g


@planted("writes in place")
def one_of_two_targets(g: Array, x: Array) -> Array:
    y, g[0] = x, 0
    return g * y


@planted("writes in place")
def a_deleted_entry(g: Array) -> Array:
    del g[0]
    return g


@planted("writes in place")
def an_attribute(g: Array) -> Array:
    g.shape = (-1,)
    return g


PLANTED += [
    ("writes in place", lambda g: np.multiply(g, 2, out=g)),
    ("writes in place", lambda g: g.clip(0, 1, out=g)),
    ("writes in place", lambda g, x: np.copyto(g, x) or g),
    ("writes in place", lambda g, x: np.add.at(g, 0, x) or g),
    ("writes in place", lambda g: g.fill(0) or g),
    ("writes in place", lambda g: g.sort() or g),
    ("np.arange does not dispatch", lambda g: g * np.arange(3)),
    ("np.zeros does not dispatch", lambda g, x_shape: g + np.zeros(x_shape)),
    ("np.ones does not dispatch", lambda g, x_shape: g + np.ones(x_shape)),
    ("np.asarray does not dispatch", lambda g: np.asarray(g)),
    ("np.array does not dispatch", lambda g: np.array(g)),
    ("np.eye does not dispatch", lambda g: g @ np.eye(3)),
    ("np.float64 does not dispatch", lambda g: np.float64(2) * g),
    ("np.errstate does not dispatch", lambda g: np.errstate(all="ignore") and g),
    ("float() asks for a value or its kind", lambda g, x: g * float(x.sum())),
    ("int() asks for a value or its kind", lambda g, x: g * int(x[0])),
    ("bool() asks for a value or its kind", lambda g, x: g * bool(x[0])),
    ("isinstance() asks for a value or its kind", lambda g: g * isinstance(g, np.ndarray)),
    ("type() asks for a value or its kind", lambda g: g if type(g) is np.ndarray else -g),
    ("list() asks for a value or its kind", lambda g, x: g * sum(list(x))),
    (".item leaves the reading", lambda g, x: g * x.sum().item()),
    (".tolist leaves the reading", lambda g, x: g * sum(x.tolist())),
    (".data leaves the reading", lambda g, x: g * x.data),
    ("._data leaves the reading", lambda g, x: g * x._data),
    (".numpy leaves the reading", lambda g, x: g * x.numpy()),
    (".flags leaves the reading", lambda g, x: g * x.flags.writeable),
    # Wherever it stands
    ("np.arange does not dispatch", lambda g, x_shape: sum(g * np.arange(n) for n in x_shape)),
    ("np.zeros does not dispatch", lambda g, axis: g if axis == 0 else np.zeros(3)),
    ("writes in place", lambda g: helper(g)),
    ("writes in place", lambda g: helper_of_a_helper(g)),
    ("writes in place", lambda g: sum(map(helper, [g]))),
]


def helper(g: Array) -> Array:
    g[0] = 0
    return g


def helper_of_a_helper(g: Array) -> Array:
    return helper(g)


@pytest.mark.parametrize(("complaint", "rule"), PLANTED)
def test_what_breaks_a_reading_is_found(complaint: str, rule: Callable[..., Array]) -> None:
    (found,) = complaints(operation(rule))
    assert found.endswith(f": {complaint}")


def test_it_is_found_in_local_gradients_and_in_a_shared_backward_too() -> None:
    class Local(Elementwise):
        def forward(x: Array) -> Array:
            return abs(x)

        local_gradients = {"x": lambda x: np.array(1.0)}

    class Shared(Function):
        def forward(x: Array, y: Array) -> Array:
            return x + y

        gradients = {"x": lambda g: g, "y": lambda g: g}

        def backward(g: Array) -> dict[str, Array]:
            g *= 1
            return {"x": g, "y": g}

    assert [one.partition(": ")[2] for one in complaints(Local)] == ["np.array does not dispatch"]
    assert [one.partition(": ")[2] for one in complaints(Shared)] == ["writes in place"]


FINE: list[Callable[..., Array]] = [
    lambda g, x: g * np.cos(x),
    lambda g, x: np.where(x > 0, g, 0),
    lambda g, x: g * np.arange(3, like=x),
    lambda g, x_shape: np.zeros_like(g, shape=x_shape),
    lambda g, x_size, out_size: g / (x_size // out_size),
    lambda g, axis: g if axis is None else -g,
    lambda g, axis: ops.ExpandDims.call(g, axis=axis),
    lambda g, x_shape: g.reshape(x_shape).sum(axis=-1, keepdims=True),
]


@pytest.mark.parametrize("rule", FINE)
def test_what_all_readings_understand_is_let_pass(rule: Callable[..., Array]) -> None:
    assert complaints(operation(rule)) == []
