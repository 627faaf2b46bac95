"""Indexing, setting and arranging entries: what holds for any shape, key and arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import autograd
from autograd import Tensor
from autograd.engine import replay

Array = Any

SHAPES = arrays_of.array_shapes(min_dims=1, max_dims=3, max_side=4)


def numbered(shape: tuple[int, ...]) -> Array:
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


def scattered(x: Array, chosen: Callable[[Array], Array], g: Array) -> Array:
    """What each entry of x gets if those that `chosen` picks have the gradients g."""
    places = chosen(np.arange(x.size).reshape(x.shape))
    return np.bincount(places.ravel(), g.ravel(), x.size).reshape(x.shape)


def check_picks(function: Callable[[Any], Any], x: Array) -> None:
    """The function picks entries of x; each of them gets the sum of its places' gradients."""
    t = Tensor(x, requires_grad=True)
    result, expected = function(t), function(x)
    np.testing.assert_array_equal(result.data, expected)
    g = np.random.default_rng(0).integers(-4, 5, expected.shape) / 2
    gradient = autograd.grad(result, t, g)
    np.testing.assert_array_equal(gradient.data, scattered(x, function, g))


@st.composite
def keys(draw: Any, shape: tuple[int, ...]) -> Any:
    """Index keys of every kind: numbers, slices, ..., None, integer arrays, masks, lists."""
    kind = draw(st.sampled_from(["basic", "integers", "mask", "mixed"]))
    if kind == "basic":
        return draw(arrays_of.basic_indices(shape, allow_newaxis=True))
    if kind == "integers":
        return draw(arrays_of.integer_array_indices(shape))
    if kind == "mask":
        ndim = draw(st.integers(1, len(shape)))
        return draw(arrays_of.arrays(bool, shape[:ndim]))
    places = st.sampled_from(["array", "number", "slice", "list", "mask"])
    key: list[Any] = []
    common = draw(st.sampled_from([(2,), (3, 2)]))
    for n in shape:
        place = draw(places)
        inside = st.integers(-n, n - 1)
        if place == "array":
            key.append(draw(arrays_of.arrays(int, common, elements=inside)))
        elif place == "number":
            key.append(draw(inside))
        elif place == "list":
            key.append(draw(st.lists(inside, min_size=common[-1], max_size=common[-1])))
        elif place == "mask" and n >= common[-1]:
            chosen = draw(st.sets(st.integers(0, n - 1), min_size=common[-1], max_size=common[-1]))
            key.append(np.isin(np.arange(n), [*chosen]))
        else:
            key.append(draw(st.slices(n)))
    if draw(st.booleans()):
        key.insert(draw(st.integers(0, len(key))), draw(st.sampled_from([None, Ellipsis])))
    return tuple(key)


KEYED = st.shared(SHAPES, key="shape").flatmap(lambda shape: st.tuples(st.just(shape), keys(shape)))


@given(KEYED)
@settings(max_examples=300, deadline=None)
def test_indexing_is_numpys_and_repeated_entries_add_up(drawn: Any) -> None:
    shape, key = drawn
    x = numbered(shape)
    check_picks(lambda a: a[key], x)
    t = Tensor(x, requires_grad=True)
    chosen = t[key]
    seeds = np.random.default_rng(0).integers(-4, 5, (3, *chosen.shape)) / 2
    together = replay([(chosen.edge(), seeds)], batch=3)[t]
    one_by_one = [scattered(x, lambda a: np.asarray(a[key]), g) for g in seeds]
    np.testing.assert_array_equal(together, one_by_one)
    back = autograd.grad((t[key] * seeds[0]).sum(), t, create_graph=True)
    assert not back.requires_grad  # it is linear, so there is no second derivative


@given(KEYED)
@settings(max_examples=200, deadline=None)
def test_setting_entries_is_numpys(drawn: Any) -> None:
    shape, key = drawn
    x, t = numbered(shape), Tensor(numbered(shape))
    new = -numbered(x[key].shape)
    x[key] = new
    t[key] = Tensor(new)
    np.testing.assert_array_equal(t.data, x)
    x[key] = 7
    t[key] = 7
    np.testing.assert_array_equal(t.data, x)


@given(st.data(), SHAPES)
@settings(max_examples=100, deadline=None)
def test_arranging_is_numpys_and_gradients_are_arranged_back(data: Any, shape: Any) -> None:
    ndim, draw = len(shape), data.draw
    some = st.lists(st.integers(-ndim, ndim - 1), min_size=1, max_size=3).map(tuple)
    axis = draw(st.integers(-ndim, ndim - 1))
    places = draw(st.permutations(range(ndim)))
    width = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
    length, along = shape[axis], draw(some)
    shifts = draw(st.lists(st.integers(-5, 5), min_size=len(along), max_size=len(along)))
    counts = draw(st.lists(st.integers(0, 3), min_size=length, max_size=length))
    reps = draw(st.lists(st.integers(0, 3), max_size=4).map(tuple))
    numbers = draw(st.lists(st.integers(-9, 9), max_size=5))
    cut = draw(st.slices(length))
    for function in (
        lambda x: np.moveaxis(x, range(ndim), places),
        lambda x: np.roll(x, shifts, along),
        lambda x: np.repeat(x, counts, axis),
        lambda x: np.repeat(x, reps[:1] or 2, axis),
        lambda x: np.tile(x, reps),
        lambda x: np.take(x, numbers, axis, mode="wrap"),
        lambda x: np.take(x, numbers, axis, mode="clip"),
        lambda x: np.delete(x, cut, axis),
        lambda x: np.resize(x, reps),
        *(
            lambda x, mode=mode: np.pad(x, [width] * ndim, mode=mode)
            for mode in ("edge", "reflect", "symmetric", "wrap")
        ),
        lambda x: np.stack(np.array_split(x, length, axis)),
        lambda x: np.flip(x, axis),
        lambda x: np.take_along_axis(
            x, np.array(counts).reshape(-1, *[1] * (ndim - 1)) % shape[0], 0
        ),
    ):
        check_picks(function, numbered(shape))


ROWS = np.random.default_rng(1).integers(-40, 40, (30, 2))


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        ((40, 300), ROWS),
        ((40, 300), np.zeros(60, int)),
        ((40, 300), np.arange(40, dtype=np.uint8).repeat(2)),
        ((300, 40), (slice(None), ROWS)),
        ((300, 40), (slice(1, None, 2), ROWS[:, 0])),
        ((300, 40), (..., ROWS)),
        ((20, 40, 15), (..., ROWS, slice(None))),
        ((20, 40, 15), (slice(None), ROWS, ...)),
        ((20, 15, 40), (slice(2, 9), ..., ROWS)),
        ((20, 40, 15), (..., ROWS, slice(5))),
        ((40, 300), (ROWS, None)),
        ((40, 40, 20), (ROWS, 3)),
        ((40, 40, 20), (ROWS, ROWS)),
        ((40, 300), [*range(40)] * 3),
    ],
)
def test_many_repeated_rows_add_up_in_order(shape: tuple[int, ...], key: Any) -> None:
    x = Tensor(np.zeros(shape), requires_grad=True)
    chosen = x[key]
    g = np.random.default_rng(2).standard_normal(chosen.shape)
    expected = np.zeros(shape)
    np.add.at(expected, key, g)
    np.testing.assert_array_equal(autograd.grad(chosen, x, g).data, expected)
