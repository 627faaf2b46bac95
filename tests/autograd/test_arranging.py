"""Entries arranged, chosen and ordered as NumPy does it: values, names, conventions."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from support.checks import check_gradients

import autograd
from autograd import Tensor, vocabulary
from autograd.vocabulary import axes, joining, padding, repeating, selecting, sequences

Array = Any

MODULES = (axes, joining, padding, repeating, selecting, sequences)

X = np.random.default_rng(0).permutation(24).reshape(2, 3, 4) / 4 - 2
M, V, SMALL = X[0], X[0, 0], np.array([[3.0, 1.0], [2.0, 3.0]])
MASK = M > 0


def parts(answer: Any) -> list[Any]:
    """The arrays of an answer, in order."""
    if isinstance(answer, list | tuple):
        return [part for one in answer for part in parts(one)]
    return [answer]


def values(answer: Any) -> Any:
    return getattr(answer, "data", answer) if isinstance(answer, Tensor) else answer


# Each is called with NumPy's array and with a Tensor: NumPy's own name, in NumPy's way of writing

AS_IN_NUMPY: list[tuple[Array, Callable[[Any], Any]]] = [
    # Axes
    (X, lambda x: np.swapaxes(x, -1, 0)),
    (X, lambda x: np.moveaxis(x, [0, -1], [-1, 0])),
    (X, lambda x: [np.moveaxis(x, (), ()), np.moveaxis(x, [0, 1, 2], [2, 1, 0])]),
    (X, lambda x: [np.rollaxis(x, i, j) for i in range(-3, 3) for j in range(-3, 4)]),
    (X, lambda x: np.matrix_transpose(x)),
    (X, lambda x: np.permute_dims(x, (2, 0, 1))),
    (X, lambda x: [np.ravel(x), np.ravel(x, "F"), np.ravel(x, order="C")]),
    (X, lambda x: [np.atleast_1d(x), np.atleast_2d(x), np.atleast_3d(x)]),
    (X, lambda x: np.atleast_2d(x[0, 0, 0], x[0, 0], x)),
    (X, lambda x: np.atleast_3d(x[0, 0, 0], x[0, 0], x[0])),
    (X, lambda x: [np.flip(x), np.flip(x, 1), np.flip(x, (0, -1)), np.flip(x, ())]),
    (X, lambda x: [np.fliplr(x), np.flipud(x)]),
    (X, lambda x: [np.rot90(x, k, axes) for k in range(-5, 6) for axes in ((0, 1), (2, 0))]),
    (X, lambda x: [np.roll(x, 5), np.roll(x, -1, 0), np.roll(x, (1, 2), (0, 0))]),
    (X, lambda x: [np.roll(x, (1, 2), -1), np.roll(x, 1, (0, 2)), np.roll(x, np.array([1, 2]))]),
    (X, lambda x: np.copy(x)),
    # Joining and cutting
    (M, lambda x: [np.hstack([x, x]), np.hstack((x[0], x[1, :2])), np.hstack(x)]),
    (M, lambda x: [np.vstack([x, x[0]]), np.vstack(x), np.dstack([x, x]), np.dstack([x[0], x[1]])]),
    (M, lambda x: [np.column_stack([x[0], x.T]), np.column_stack([x[0], x[1]])]),
    (M, lambda x: np.block([[x, x[:, :1]], [x[:1], 0]])),
    (M, lambda x: [np.block(x), np.block([x[0], x[1]]), np.block([[[x]], [[x]]])]),
    (M, lambda x: [np.append(x, 1), np.append(x, [[1, 2, 3, 4.0]], axis=0), np.append(x, x, -1)]),
    (M, lambda x: [np.array_split(x, n, axis) for n in (1, 2, 3, 7) for axis in (0, 1)]),
    (M, lambda x: [np.array_split(x, [1, 1, 9], -1), np.array_split(x, [])]),
    (M, lambda x: [np.hsplit(x, 2), np.hsplit(x[0], [1]), np.vsplit(x, 3)]),
    (X, lambda x: [np.dsplit(x, 2), np.vsplit(x, [1])]),
    # Repeating and extending
    (M, lambda x: [np.tile(x, r) for r in (2, 0, (1, 2), (2, 1, 2), (), np.array([2, 1]))]),
    (M, lambda x: [np.repeat(x, 2), np.repeat(x, 0, 0), np.repeat(x, [3], 1)]),
    (M, lambda x: [np.repeat(x, [1, 0, 2], axis=0), np.repeat(x[0], np.array([0, 0, 1, 3]))]),
    (M, lambda x: [np.resize(x, s) for s in (5, (2, 3), (4, 4), 0, (2, 0), ())]),
    (M, lambda x: np.resize(x[:0], (2, 2))),
    (M, lambda x: np.broadcast_arrays(x, x[0], x[0, 0], x[:, :1])),
    (V, lambda x: np.meshgrid(x, x[:2])),
    (V, lambda x: np.meshgrid(x, x[:2], x[:3], indexing="ij")),
    (V, lambda x: np.meshgrid(x, x[:2], x[0], sparse=True)),
    (V, lambda x: np.meshgrid(x)),
    (M, lambda x: [np.delete(x, 3), np.delete(x, -1, 0), np.delete(x, [0, 0, 2], 1)]),
    (M, lambda x: [np.delete(x, slice(1, None), 1), np.delete(x, [True, False, True], 0)]),
    (M, lambda x: [np.insert(x, 1, 5), np.insert(x, 12, 5.0), np.insert(x, [0, 3, 3], [1, 2, 3])]),
    (M, lambda x: [np.insert(x, 1, [1, 2, 3, 4], axis=0), np.insert(x, -1, x[:, :2].T, axis=1)]),
    (M, lambda x: [np.insert(x, [2, 0], x[:2], axis=0), np.insert(x, slice(0, 3), 0, axis=1)]),
    (M, lambda x: [np.insert(x, [1], x[:, :2], axis=1), np.insert(x, [], x[:0], axis=0)]),
    # Framing
    (M, lambda x: [np.pad(x, w) for w in (1, (1, 2), [(1, 0), (0, 3)], ((2, 1),), 0)]),
    (M, lambda x: [np.pad(x, 1, constant_values=v) for v in (0.1, (1, 2), ((1, 2), (3, 4)))]),
    (M, lambda x: [np.pad(x, w, mode="edge") for w in (1, (0, 7), 0)]),
    (M, lambda x: [np.pad(x, w, mode="reflect") for w in (1, (2, 9))]),
    (M, lambda x: [np.pad(x, w, mode="symmetric") for w in (1, (2, 9))]),
    (M, lambda x: [np.pad(x, w, "wrap") for w in (1, (9, 2))]),
    # Choosing
    (M, lambda x: [np.take(x, 2), np.take(x, -1, 0), np.take(x, [[0, -1]], 1), np.take(x, [])]),
    (M, lambda x: [np.take(x, [7, -5], axis, mode=m) for axis in (0, 1) for m in ("wrap", "clip")]),
    (M, lambda x: np.take(x, [True, False], 0)),
    (M, lambda x: [np.take_along_axis(x, np.argsort(x, axis), axis) for axis in (0, 1, -1)]),
    (M, lambda x: np.take_along_axis(x, np.array([5, -1, 5]), None)),
    (
        M,
        lambda x: [
            np.compress([1, 0, 1], x, 1),
            np.compress([False], x),
            np.compress(MASK[0], x, 1),
        ],
    ),
    (M, lambda x: [np.compress([True, False, True, False, False], x, 0), np.extract(MASK, x)]),
    (M, lambda x: np.choose([[0], [2], [1]], [x, 7.0, x[0]])),
    (M, lambda x: [np.choose([5, -1, 1, 0], [x, -x, 0.0], mode=m) for m in ("wrap", "clip")]),
    (M, lambda x: [np.select([x > 1, x > 0], [x, -x]), np.select([x > 0], [x], x * 2)]),
    # In order
    (X, lambda x: [np.sort(x), np.sort(x, 0), np.sort(x, None), np.sort(x, kind="stable")]),
    (X, lambda x: [np.argsort(x), np.argsort(x, 1, stable=True), np.argsort(x, axis=None)]),
    (X, lambda x: [np.sort(np.partition(x, 2)[..., :2])]),
    (X, lambda x: [np.partition(x, 1, 1)[:, 1], np.partition(x, 5, None)[5]]),
    (V, lambda x: [np.searchsorted(np.sort(x), x), np.searchsorted([0.0, 1.0], x, "right")]),
    (V, lambda x: np.searchsorted(x, [0.5, 1.0], sorter=np.argsort(x))),
    (SMALL, lambda x: np.unique(x)),
    (SMALL, lambda x: np.unique(x, return_index=True, return_inverse=True, return_counts=True)),
    (SMALL, lambda x: np.unique(x, return_counts=True)),
    (SMALL, lambda x: np.unique(np.vstack([x, x]), axis=0, return_inverse=True)[0]),
    (M, lambda x: [np.nonzero(x > 0), np.flatnonzero(x > 0), np.argwhere(x > 0)]),
    # Samples
    (M, lambda x: [np.diff(x, n, axis) for n in range(5) for axis in (0, 1)]),
    (M, lambda x: [np.diff(x, prepend=0), np.diff(x, append=x[:, :2]), np.diff(x > 0)]),
    (M, lambda x: [np.ediff1d(x), np.ediff1d(x, 1, [2, 3]), np.ediff1d(x, to_end=x[0])]),
    (
        X,
        lambda x: [np.gradient(x[0]), np.gradient(x, axis=1), np.gradient(x[0], 0.5, edge_order=2)],
    ),
    (X, lambda x: np.gradient(x, 2.0, [0, 1, 3], np.array([0, 1, 2, 5.5]))),
    (X, lambda x: np.gradient(x, [0, 1, 3], axis=1, edge_order=2)),
    (X, lambda x: np.gradient(x[0, 0], axis=())),
    (
        M,
        lambda x: [np.trapezoid(x), np.trapezoid(x, dx=2, axis=0), np.trapezoid(x, [0, 1, 3, 3.5])],
    ),
    (M, lambda x: [np.trapezoid(x, x**2), np.trapezoid(x, [0, 1, 3], axis=0)]),
    (V, lambda x: [np.interp(x, [-1, 0, 1.5], [1, 3, 2.0]), np.interp(0.5, [0, 1], x[:2])]),
    (V, lambda x: np.interp([-9, -1, 0, 9, np.nan], [-1, 0, 1.0], x[:3], left=-7, right=7)),
    (V, lambda x: [np.convolve(x, [1, 2.0], m) for m in ("full", "same", "valid")]),
    (V, lambda x: [np.correlate([1, 2.0], x, m) for m in ("full", "same", "valid")]),
    (V, lambda x: [np.convolve(x, 2.0), np.correlate(x, x)]),
    (M, lambda x: [sliding_window_view(x, 2, 1), sliding_window_view(x, (2, 3))]),
    (M, lambda x: [sliding_window_view(x, (2, 2), (1, 1)), sliding_window_view(x[0], 4)]),
    # Plain
    (M, lambda x: [np.full_like(x, 3), np.empty_like(x).shape, np.array_equiv(x, x)]),
    (M, lambda x: [np.result_type(x, 1), np.shares_memory(x, x), np.tril_indices_from(x[:, :3])]),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("i", range(len(AS_IN_NUMPY)))
def test_it_is_what_numpy_answers(i: int, dtype: str) -> None:
    x, function = AS_IN_NUMPY[i]
    x = x.astype(dtype)
    found, expected = function(Tensor(x)), function(x)
    for one, other in zip(parts(found), parts(expected), strict=True):
        # NumPy's lists widen float32; here they take the dtype of the array beside them.
        if isinstance(other, np.ndarray) and one.dtype != dtype:
            assert one.dtype == other.dtype
        assert np.shape(values(one)) == np.shape(other)
        if getattr(other, "dtype", None) in (np.float32, float):
            tolerance = 1e-14 if dtype == "float64" else 1e-6
            np.testing.assert_allclose(values(one), other, rtol=tolerance, atol=tolerance)
        else:
            np.testing.assert_array_equal(values(one), other)


def test_several_answers_are_a_tuple_or_list_as_in_numpy() -> None:
    t = Tensor(M)
    for function in (
        lambda x: np.atleast_1d(x, x),
        lambda x: np.meshgrid(x[0], x[1]),
        lambda x: np.broadcast_arrays(x, x),
        lambda x: np.array_split(x, 2),
        lambda x: np.gradient(x),
        lambda x: np.unique(x, return_counts=True),
        np.nonzero,
    ):
        assert type(function(t)) is type(function(M))


# Lists and numbers beside an array lose no digits, and do not widen it

BESIDE: list[Callable[[Any], Any]] = [
    lambda x: np.append(x, 0.1),
    lambda x: np.hstack([x, [0.1, 0.2]]),
    lambda x: np.vstack([[0.1, 0.2], x]),
    lambda x: np.dstack([x, [0.1, 0.2]]),
    lambda x: np.column_stack([x, [0.1, 0.2]]),
    lambda x: np.block([x, 0.1]),
    lambda x: np.insert(x, 1, 0.1),
    lambda x: np.pad(x, 1, constant_values=0.1),
    lambda x: np.choose([0, 1], [x, [0.1, 0.2]]),
    lambda x: np.select([[True, False]], [x], 0.1),
    lambda x: np.diff(x, prepend=0.1),
    lambda x: np.ediff1d(x, to_end=[0.1]),
    lambda x: np.gradient(x, [0.1, 0.7]),
    lambda x: np.trapezoid(x, [0.1, 0.7]),
    lambda x: np.convolve(x, [0.1, 0.7]),
    lambda x: np.correlate([0.1, 0.7], x, "full"),
]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("i", range(len(BESIDE)))
def test_numbers_and_lists_take_the_dtype_of_the_array(i: int, dtype: str) -> None:
    x = np.array([0.5, 2.0], dtype)
    result = BESIDE[i](Tensor(x))
    assert result.dtype == dtype
    exact = BESIDE[i](x.astype(float))
    np.testing.assert_allclose(result.data, exact, rtol=4 * np.finfo(dtype).eps)


def test_lists_of_floats_make_whole_numbers_floating() -> None:
    t = Tensor(np.array([1, 2]))
    assert np.append(t, [0.5]).dtype == np.float64
    assert np.append(t, 3).dtype == np.int64
    assert np.append(t > 1, True).dtype == np.bool_


def test_searching_compares_without_rounding() -> None:
    assert np.searchsorted(Tensor(np.array([0.1, 0.2])), [0.1, 0.2]).data.tolist() == [0, 1]


# NumPy's names for arguments

WITHOUT = {"out", "order", "dtype", "casting", "subok", "device", "period", "sorted", "kwargs"}
ADDED = {"pad": {"settings"}}
FUNCTIONS = [n for module in MODULES for n in module.__all__ if hasattr(np, n)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_have_numpy_names(name: str) -> None:
    if name in ("flip", "concat", "permute_dims", "astype"):
        return  # those of the operation, or the everyday function, that it is another name for
    ours = inspect.signature(getattr(vocabulary, name)).parameters
    numpys = inspect.signature(getattr(np, name)).parameters
    kept = {"ravel": {"order"}}.get(name, set())
    expected = [n for n in numpys if n not in WITHOUT - kept]
    assert [n for n in ours if n not in ADDED.get(name, ())] == expected


# Conventions


def numbered(shape: tuple[int, ...]) -> Array:
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


def gradient_of(function: Callable[[Any], Any], x: Any) -> list[Any]:
    """The gradient of the result's entries times 1, 2, 3, …"""
    t = Tensor(np.array(x, float), requires_grad=True)
    result = function(t)
    return autograd.grad((result * numbered(result.shape)).sum(), t).data.tolist()


def test_equal_entries_keep_their_order_when_sorted() -> None:
    # torch.sort(x, stable=True) of PyTorch 2.13 gives the same
    assert gradient_of(np.sort, [2, 1, 2, 1, 3]) == [3, 1, 4, 2, 5]
    numbers = np.random.default_rng(0).integers(3, size=1000)
    places = np.argsort(np.argsort(numbers, kind="stable"))
    assert gradient_of(np.sort, numbers) == (1 + places).tolist()
    assert gradient_of(lambda x: np.sort(x, stable=True), numbers) == (1 + places).tolist()
    for kind in ("quicksort", "heapsort"):
        other = gradient_of(lambda x, kind=kind: np.sort(x, kind=kind), numbers)
        assert sorted(other) == [*range(1, 1001)]


def test_a_different_value_gets_its_gradient_where_it_stands_first() -> None:
    assert gradient_of(np.unique, [3, 1, 3, 2, 1]) == [3, 1, 0, 2, 0]
    found = np.unique(Tensor(np.array([3, 1, 3])), return_counts=True)
    assert [one.data.tolist() for one in found] == [[1, 3], [1, 2]]


def test_interpolation_has_the_slope_to_the_right_and_none_outside() -> None:
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 0.0])
    x = Tensor(np.array([-1.0, 0, 0.5, 1, 2, 3, 4]), requires_grad=True)
    slopes = autograd.grad(np.interp(x, xp, fp).sum(), x)
    assert slopes.data.tolist() == [0, 2, 2, -1, -1, -1, 0]


def test_choosing_gives_the_gradient_to_what_was_chosen() -> None:
    a, b = (Tensor(np.ones(3), requires_grad=True) for _ in range(2))
    np.choose([0, 1, 0], [a, 2 * b]).sum().backward()
    assert (a.grad.data.tolist(), b.grad.data.tolist()) == ([1, 0, 1], [0, 2, 0])


def test_the_first_condition_that_holds_decides() -> None:
    a, b, c = (Tensor(np.ones(3), requires_grad=True) for _ in range(3))
    conditions = [[True, False, False], [True, True, False]]
    np.select(conditions, [a, b], c).sum().backward()
    grads = [one.grad.data.tolist() for one in (a, b, c)]
    assert grads == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


# Gradients of the result's entries times 1, 2, 3, …, for x = [[1, 2, 4, 3], [½, −1, 2, 8]]: what
# PyTorch 2.13 gives for its functions of the same meaning (roll, unfold, nn.functional.pad, …)

AT = np.array([0.0, 1.0, 3.0, 3.5])
FROM_TORCH: list[tuple[Callable[[Any], Any], list[list[float]]]] = [
    (
        lambda x: np.pad(x, [(0, 0), (3, 2)], mode="reflect"),
        [[4, 17, 16, 8], [13, 44, 43, 26]],
    ),
    (lambda x: np.pad(x, [(0, 0), (3, 2)], mode="edge"), [[10, 5, 6, 24], [46, 14, 15, 51]]),
    (lambda x: np.pad(x, [(0, 0), (3, 2)], mode="wrap"), [[12, 15, 8, 10], [30, 42, 26, 28]]),
    (np.sort, [[1, 2, 4, 3], [6, 5, 7, 8]]),
    (
        lambda x: np.take_along_axis(x, np.array([[0, 0, 3], [1, 1, 1]]), 1),
        [[3, 0, 0, 3], [0, 15, 0, 0]],
    ),
    (lambda x: np.trapezoid(x, AT), [[0.5, 1.5, 1.25, 0.25], [1, 3, 2.5, 0.5]]),
    (lambda x: np.repeat(x, [2, 0, 1, 3], axis=1), [[3, 0, 3, 15], [15, 0, 9, 33]]),
    (lambda x: np.roll(x, (1, -2), (0, 1)), [[7, 8, 5, 6], [3, 4, 1, 2]]),
    (lambda x: sliding_window_view(x, 3, 1), [[1, 6, 8, 6], [7, 18, 20, 12]]),
    (lambda x: np.diff(x, 2), [[1, 0, -3, 2], [3, -2, -5, 4]]),
    (lambda x: np.tile(x, (2, 2)), [[44, 48, 52, 56], [76, 80, 84, 88]]),
    (lambda x: np.rot90(x, -1), [[2, 4, 6, 8], [1, 3, 5, 7]]),
]


@pytest.mark.parametrize("i", range(len(FROM_TORCH)))
def test_gradients_are_those_of_pytorch(i: int) -> None:
    function, expected = FROM_TORCH[i]
    assert gradient_of(function, [[1, 2, 4, 3], [0.5, -1, 2, 8]]) == expected


THIRD: list[Callable[[Any], Any]] = [
    lambda x: np.pad(x, 3, mode="reflect") ** 3,
    lambda x: np.convolve(x * x, x),
    lambda x: np.correlate(x * x, x, "same"),
    lambda x: np.sort(x) ** 3,
    lambda x: np.gradient(x**3, x, edge_order=2),
    lambda x: np.trapezoid(x**3, x),
    lambda x: np.interp(x**2, np.array([0.0, 9.0]), x[:2] ** 3),
    lambda x: sliding_window_view(x, 3) ** 3,
    lambda x: np.insert(x, [0, 2], x[:2] ** 3),
    lambda x: np.roll(np.tile(x, 2), 3) ** 3,
]


@pytest.mark.parametrize("i", range(len(THIRD)))
def test_third_derivatives(i: int) -> None:
    check_gradients(THIRD[i], [np.array([0.5, 1.25, 2.0, 2.75])], order=3)
