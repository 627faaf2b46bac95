"""Shapes and index keys drawn at random: broadcasting and its undoing, choosing and adding up."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as npst
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.checks import check_gradients, message

import autograd
from autograd import Tensor, ops
from autograd.broadcasting import sum_to_shape

Array = Any
Shape = tuple[int, ...]

# The same examples in every run: a red suite stays red until it is mended.
drawn = settings(max_examples=80, deadline=None, derandomize=True)

shapes = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


def whole_numbers(shape: Shape, seed: int = 0) -> Array:
    """Small whole numbers in float64: their sums are exact in any order."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def meeting(count: int) -> st.SearchStrategy[npst.BroadcastableShapes]:
    """Shapes that broadcast with each other, and the shape that results."""
    return npst.mutually_broadcastable_shapes(
        num_shapes=count, min_dims=0, max_dims=3, min_side=0, max_side=3
    )


# Undoing broadcasting


@drawn
@given(meeting(2))
def test_sum_to_shape_is_the_adjoint_of_broadcasting(drawn_shapes: Any) -> None:
    shape, result = drawn_shapes.input_shapes[0], drawn_shapes.result_shape
    a, g = whole_numbers(shape), whole_numbers(result, seed=1)
    summed = sum_to_shape(g, shape)
    assert summed.shape == shape
    assert np.sum(a * summed) == np.sum(np.broadcast_to(a, result) * g)
    np.testing.assert_array_equal(sum_to_shape(Tensor(g), shape).data, summed)


@drawn
@given(shapes, shapes)
def test_sum_to_shape_refuses_what_does_not_broadcast(shape: Shape, result: Shape) -> None:
    try:
        np.broadcast_to(np.empty(shape), result)
    except ValueError:
        refusal = message(ValueError, lambda: sum_to_shape(np.zeros(result), shape))
        assert refusal == f"an input of shape {shape} cannot be broadcast to {result}"
    else:
        assert np.shape(sum_to_shape(np.zeros(result), shape)) == shape


def test_nothing_is_copied_where_nothing_was_broadcast() -> None:
    g = np.ones((2, 3))
    assert sum_to_shape(g, (2, 3)) is g


# Operations entry by entry


@drawn
@given(meeting(2), st.sampled_from([ops.Add, ops.Subtract, ops.Multiply, ops.Divide, ops.Power]))
def test_operations_broadcast_and_give_back(drawn_shapes: Any, op: Any) -> None:
    rng = np.random.default_rng(0)
    inputs = [rng.uniform(0.5, 2, shape) for shape in drawn_shapes.input_shapes]
    result = op.apply(*inputs)
    assert result.shape == drawn_shapes.result_shape
    np.testing.assert_array_equal(result.data, op.forward(*inputs))
    check_gradients(op.apply, inputs, order=2, title=op.__name__)


@drawn
@given(meeting(3))
def test_where_broadcasts_and_gives_back(drawn_shapes: Any) -> None:
    condition, x, y = (whole_numbers(shape, i) for i, shape in enumerate(drawn_shapes.input_shapes))
    result = ops.Where.apply(condition > 0, x, y)
    np.testing.assert_array_equal(result.data, np.where(condition > 0, x, y))
    check_gradients(lambda x, y: ops.Where.apply(condition > 0, x, y), [x, y])


@drawn
@given(meeting(3))
def test_a_product_of_three_gives_each_the_product_of_the_others(drawn_shapes: Any) -> None:
    arrays = [whole_numbers(shape, i) for i, shape in enumerate(drawn_shapes.input_shapes)]
    a, b, c = (Tensor(one, requires_grad=True) for one in arrays)
    (a * b * c).sum().backward()
    together = np.ones(drawn_shapes.result_shape)
    for leaf, others in ((a, b.data * c.data), (b, a.data * c.data), (c, a.data * b.data)):
        np.testing.assert_array_equal(leaf.grad.data, sum_to_shape(together * others, leaf.shape))


@drawn
@given(shapes, shapes)
def test_shapes_that_do_not_broadcast_are_refused_with_both_shapes(a: Shape, b: Shape) -> None:
    x, y = Tensor(np.ones(a), name="left"), np.ones(b)
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        first, *operands = message(ValueError, lambda: x + y).splitlines()
        assert first.startswith(f"Add: shapes {a} and {b} do not broadcast: axis -")
        shown = [f"  x  'left' {a} float64", f"  y  {b} float64"]
        ends = [line.removeprefix(one).split() for line, one in zip(operands, shown, strict=False)]
        assert ends == [list(map(str, a)), list(map(str, b))]
        assert {len(line) for line in operands[:2]} == {len(operands[0])}  # aligned
        assert operands[2].strip() == "^"
        assert operands[3].startswith("  fix  ")
    else:
        assert (x + y).shape == expected


# Choosing entries


@st.composite
def arrays_and_keys(draw: st.DrawFn) -> tuple[Array, Any]:
    """An array, and a key for it: numbers and slices, integer arrays (with repeats), masks."""
    shape = draw(npst.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    kinds = {
        "basic": npst.basic_indices(shape, allow_newaxis=True),
        "integers": npst.integer_array_indices(
            shape, result_shape=npst.array_shapes(max_dims=2, min_side=0, max_side=4)
        ),
        "mask": npst.arrays(bool, st.sampled_from([shape[:n] for n in range(1, len(shape) + 1)])),
        "rows": st.lists(st.integers(-shape[0], shape[0] - 1), max_size=5),
        "columns": st.lists(st.integers(-shape[-1], shape[-1] - 1), max_size=5).map(
            lambda numbers: (..., np.array(numbers, int))
        ),
    }
    return whole_numbers(shape), draw(kinds[draw(st.sampled_from(list(kinds)))])


def numpy_key(key: Any) -> Any:
    """NumPy takes an empty list for one of floating numbers."""
    return np.array(key, int) if isinstance(key, list) else key


def check_indexing(array: Array, key: Any, numpy_key: Any) -> None:
    """Compare choosing by `key`, and adding up going back, with NumPy's."""
    x = Tensor(array, requires_grad=True)
    chosen = x[key]
    expected = np.asarray(array[numpy_key])
    np.testing.assert_array_equal(chosen.data, expected)
    assert chosen.shape == expected.shape

    upstream = whole_numbers(expected.shape, seed=1)
    added = np.zeros_like(array)
    np.add.at(added, numpy_key, upstream)
    np.testing.assert_array_equal(autograd.grad(chosen, x, upstream).data, added)
    scattered = ops.ScatterAdd.apply(upstream, key=key, shape=array.shape)
    np.testing.assert_array_equal(scattered.data, added)


@drawn
@given(arrays_and_keys())
def test_indexing_chooses_as_numpy_and_adds_up_going_back(drawn_pair: tuple[Array, Any]) -> None:
    array, key = drawn_pair
    check_indexing(array, key, numpy_key(key))


@drawn
@given(arrays_and_keys())
def test_a_key_may_hold_tensors(drawn_pair: tuple[Array, Any]) -> None:
    array, key = drawn_pair

    def wrapped(part: Any) -> Any:
        return Tensor(part) if isinstance(part, np.ndarray) else part

    parts = tuple(map(wrapped, key)) if isinstance(key, tuple) else wrapped(key)
    check_indexing(array, parts, numpy_key(key))


@drawn
@given(arrays_and_keys())
def test_second_derivatives_pass_through_indexing(drawn_pair: tuple[Array, Any]) -> None:
    array, key = drawn_pair
    check_gradients(lambda x: x[key] * x[key], [array / 9], title=f"indexing by {key!r}")
