"""Reductions beyond the everyday ones: zeros, ties, infinities, NaN, masks; NumPy's semantics."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checks import check_gradients, message
from support.vocabulary_reductions import CASES

import autograd
from autograd import Tensor, functional
from autograd import vocabulary as v
from autograd.vocabulary.masked import MASKED

INF, NAN = np.inf, np.nan


def gradient(function: Callable[[Tensor], Tensor], x: Any) -> Any:
    """The gradient of the sum of function(x)."""
    t = Tensor(np.array(x, float), requires_grad=True)
    return autograd.grad(function(t).sum(), t).data


# Conventions, and zeros

CONVENTIONS: list[tuple[str, Callable[[Tensor], Tensor], Any, Any]] = [
    ("prod, one zero", v.prod, [0.0, 2.0, 3.0], [6, 0, 0]),
    ("prod, two zeros", v.prod, [0.0, 2.0, 0.0], [0, 0, 0]),
    ("prod, a row each", lambda x: v.prod(x, axis=1), [[0.0, 2.0], [3.0, 4.0]], [[2, 0], [4, 3]]),
    ("prod of one", v.prod, [0.0], [1]),
    ("cumprod", v.cumprod, [2.0, 3.0, 4.0], [16, 10, 6]),
    ("cumprod, a zero", v.cumprod, [2.0, 0.0, 3.0], [1, 8, 0]),
    ("cumprod, two zeros", v.cumprod, [0.0, 0.0, 3.0], [1, 0, 0]),
    ("cumsum", v.cumsum, [5.0, 6.0, 7.0], [3, 2, 1]),
    ("median of three", v.median, [3.0, 1.0, 2.0], [0, 0, 1]),
    ("median of four", v.median, [3.0, 1.0, 2.0, 9.0], [0.5, 0, 0.5, 0]),
    ("median, odd, ties", v.median, [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
    ("median, even, ties", v.median, [1.0, 2.0, 2.0, 3.0], [0, 0.5, 0.5, 0]),
    ("median, all equal", v.median, [2.0] * 4, [0.25] * 4),
    ("median, ties on one side", v.median, [1.0, 1.0, 2.0, 5.0], [0.25, 0.25, 0.5, 0]),
    ("ptp, ties", v.ptp, [1.0, 1.0, 4.0], [-0.5, -0.5, 1]),
    ("ptp, all equal", v.ptp, [2.0, 2.0], [0, 0]),
    (
        "logsumexp of −∞",
        lambda x: v.logsumexp(x, axis=1),
        [[-INF] * 2, [0, -INF]],
        [[0, 0], [1, 0]],
    ),
    ("logsumexp far out", v.logsumexp, [1e4, -1e4, 1e4], [0.5, 0, 0.5]),
    ("nansum", v.nansum, [1.0, NAN, 3.0], [1, 0, 1]),
    ("nanmean", v.nanmean, [1.0, NAN, 3.0], [0.5, 0, 0.5]),
    ("nanprod", v.nanprod, [2.0, NAN, 3.0], [3, 0, 2]),
    ("nanmax", v.nanmax, [1.0, NAN, 3.0, 3.0], [0, 0, 0.5, 0.5]),
    ("nanmin", v.nanmin, [1.0, NAN, 3.0], [1, 0, 0]),
    ("nanvar", v.nanvar, [1.0, NAN, 3.0], [-1, 0, 1]),
    ("nanstd", v.nanstd, [1.0, NAN, 3.0], [-0.5, 0, 0.5]),
    ("nancumsum", v.nancumsum, [1.0, NAN, 3.0], [3, 0, 1]),
    ("nancumprod", v.nancumprod, [2.0, NAN, 3.0], [5, 0, 2]),
    ("nansum of none", v.nansum, [NAN, NAN], [0, 0]),
]


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [row[1:] for row in CONVENTIONS],
    ids=[row[0] for row in CONVENTIONS],
)
def test_convention(function: Any, x: Any, expected: Any) -> None:
    np.testing.assert_allclose(gradient(function, x), expected, rtol=1e-15)


ZEROS = [[0.0, 2.0, 3.0, 5.0], [0.0, 2.0, 0.0, 5.0], [0.0, 0.0, 0.0, 5.0], [1.0, 2.0, 3.0, 4.0]]


@pytest.mark.parametrize("x", ZEROS, ids=str)
def test_derivatives_of_prod_are_products_of_the_other_entries(x: list[float]) -> None:
    def without(*places: int) -> float:
        return prod(entry for i, entry in enumerate(x) if i not in places)

    n = range(len(x))
    hessian = [[0 if i == j else without(i, j) for j in n] for i in n]
    np.testing.assert_array_equal(gradient(v.prod, x), [without(i) for i in n])
    np.testing.assert_array_equal(functional.hessian(v.prod)(np.array(x)).data, hessian)
    third = functional.jacobian(lambda t: functional.hessian(v.prod)(t))(np.array(x)).data
    for i, j, k in product(n, n, n):
        assert third[i, j, k] == (without(i, j, k) if len({i, j, k}) == 3 else 0)


@pytest.mark.parametrize("x", ZEROS, ids=str)
def test_derivatives_of_cumprod_are_products_of_the_other_entries_so_far(x: list[float]) -> None:
    expected = [
        [prod(x[:j] + x[j + 1 : i + 1]) if j <= i else 0 for j in range(len(x))]
        for i in range(len(x))
    ]
    np.testing.assert_array_equal(functional.jacobian(v.cumprod)(np.array(x)).data, expected)


@pytest.mark.parametrize("n", [1, 2, 3, 64, 65, 1000])
def test_the_gradient_of_a_long_running_product(n: int) -> None:
    rng = np.random.default_rng(n)
    x, upstream = rng.uniform(0.9, 1.1, n) * rng.choice([1, -1], n), rng.standard_normal(n)
    t = Tensor(x, requires_grad=True)
    found = autograd.grad(v.cumprod(t), t, upstream).data
    expected = np.cumsum((upstream * np.cumprod(x))[::-1])[::-1] / x  # right without zeros
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("function", [v.prod, v.cumprod, v.logsumexp, v.nanvar, v.nanprod])
def test_third_derivative(function: Callable[..., Tensor]) -> None:
    check_gradients(function, [np.array([0.5, -1.5, 0.3, 2.0])], order=3)


# What PyTorch 2.13 answers in float64


def test_gradients_are_those_of_torch() -> None:
    x = [0.3, -1.2, 2.5]
    np.testing.assert_allclose(
        gradient(v.logsumexp, x), [0.0975786477, 0.0217727393, 0.8806486130], rtol=1e-8
    )
    np.testing.assert_allclose(gradient(v.cumprod, x), [-3.2, 1.05, -0.36], rtol=1e-14)


# logsumexp


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([1e4, 1e4], 1e4 + np.log(2)),
        ([-1e4, -1e4, -1e4], -1e4 + np.log(3)),
        ([1e4, -1e4], 1e4),
        ([-INF, -INF], -INF),
        ([-INF, 0.0], 0),
        ([INF, 0.0], INF),
        ([], -INF),
        ([NAN, 0.0], NAN),
        ([1, 2], np.log(np.e + np.e**2)),
    ],
)
def test_logsumexp_is_stable(x: list[float], expected: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        assert v.logsumexp(np.array(x)).item() == pytest.approx(expected, rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_gradient_of_logsumexp_adds_up_to_one_far_out(dtype: Any) -> None:
    x = Tensor(np.array([1e4, 1e4 + 16, 1e4 - 8], dtype), requires_grad=True)
    found = autograd.grad(v.logsumexp(x), x).data
    np.testing.assert_allclose(found.sum(dtype=float), 1, rtol=2 * np.finfo(dtype).eps)


def test_logsumexp_is_within_float16() -> None:
    x = np.array([6e4, 6e4], np.float16)
    result = v.logsumexp(x)
    assert result.dtype == np.float16
    assert result.item() == np.float16(6e4)


def test_second_derivative_of_logsumexp_beside_infinities() -> None:
    hessian = functional.hessian(v.logsumexp)
    np.testing.assert_array_equal(
        hessian(np.array([-INF, 0.0, 0.0])).data,
        [[0, 0, 0], [0, 0.25, -0.25], [0, -0.25, 0.25]],
    )
    np.testing.assert_array_equal(hessian(np.array([-INF, -INF])).data, np.zeros((2, 2)))


# As NumPy: values and dtypes for every combination of arguments

ARRAYS = [
    np.random.default_rng(0).standard_normal((3, 4, 2)),
    np.random.default_rng(1).integers(-3, 4, (3, 4, 2)),
    np.random.default_rng(2).random((3, 4)) < 0.5,
    np.random.default_rng(3).standard_normal((3, 4)).astype(np.float32),
    np.array([[2.0, NAN, 1.0], [NAN, 5.0, -INF]]),
    np.array(3.5),
    np.array([], np.float64).reshape(2, 0),
]
AXES: list[Any] = [None, 0, -1, 1, (0, 1), (1, -3), ()]
PAIRS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    *((v.prod, np.prod), (v.ptp, np.ptp), (v.median, np.median), (v.average, np.average)),
    *((v.all, np.all), (v.any, np.any), (v.nansum, np.nansum), (v.nanprod, np.nanprod)),
    *((v.nanmean, np.nanmean), (v.nanmax, np.nanmax), (v.nanmin, np.nanmin)),
    *((v.nanvar, np.nanvar), (v.nanstd, np.nanstd)),
]


def assert_as_numpy(ours: Callable[..., Any], numpys: Callable[..., Any], *given: Any) -> None:
    """The same value, shape and dtype, or an error where NumPy has one."""
    *arrays, settings = given
    with np.errstate(all="ignore"):
        try:
            expected = np.asarray(numpys(*arrays, **settings))
        except (ValueError, TypeError, IndexError):
            with pytest.raises((ValueError, TypeError, IndexError)):
                ours(*map(Tensor, arrays), **settings)
            return
        result = ours(*map(Tensor, arrays), **settings)
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    tolerance = 4 * np.finfo(expected.dtype).eps if expected.dtype.kind == "f" else 0
    np.testing.assert_allclose(result.data, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, for slices without numbers
@pytest.mark.parametrize("x", ARRAYS, ids=lambda x: f"{x.shape} {x.dtype}")
@pytest.mark.parametrize(("ours", "numpys"), PAIRS)
def test_as_numpy(ours: Any, numpys: Any, x: Any) -> None:
    for axis, keepdims in product(AXES, (False, True)):
        if axis is not None and (x.ndim == 0 or (numpys is np.average and x.size == 0)):
            continue  # NumPy reduces what has no axis along its axis 0, and divides sizes by 0
        if numpys is np.median and axis == () and x.size == 0:
            continue  # which NumPy refuses
        assert_as_numpy(ours, numpys, x, {"axis": axis, "keepdims": keepdims})


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("ddof", [0, 1, 3])
@pytest.mark.parametrize(("ours", "numpys"), PAIRS[-2:])
def test_degrees_of_freedom_as_numpy(ours: Any, numpys: Any, ddof: int) -> None:
    for x, axis in product(ARRAYS[:5], (None, 0, -1)):
        assert_as_numpy(ours, numpys, x, {"axis": axis, "ddof": ddof})


def test_slices_without_numbers_give_no_warning() -> None:
    x = Tensor(np.array([[NAN, NAN], [1.0, NAN]]), requires_grad=True)
    for function in (v.nanmean, v.nanmax, v.nanmin, v.nanvar, v.nanstd):
        assert np.isnan(function(x, axis=1).data).tolist() == [True, False]


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        *((v.cumsum, np.cumsum), (v.cumprod, np.cumprod), (v.nancumsum, np.nancumsum)),
        *((v.nancumprod, np.nancumprod), (v.cumulative_sum, np.cumulative_sum)),
        (v.cumulative_prod, np.cumulative_prod),
    ],
)
def test_running_as_numpy(ours: Any, numpys: Any) -> None:
    for x, axis in product(ARRAYS, (None, 0, -1, 1, 5)):
        assert_as_numpy(ours, numpys, x, {"axis": axis})
        if "cumulative" in numpys.__name__:
            assert_as_numpy(ours, numpys, x, {"axis": axis, "include_initial": True})


ANY = st.floats(-100, 100, allow_subnormal=False) | st.sampled_from([0.0, 1.0, INF, NAN])


@given(st.lists(ANY, min_size=1, max_size=9))
def test_median_of_any_entries(entries: list[float]) -> None:
    x = np.array(entries)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(np.median(Tensor(x)).data, np.median(x))


WEIGHTS: list[tuple[Any, Any, Any]] = [  # shape of a, axis, shape of the weights
    ((3, 4), None, (3, 4)),
    ((3, 4), 0, (3, 4)),
    ((3, 4), 1, (4,)),
    ((3, 4), -2, (3,)),
    ((3, 4, 2), (0, 2), (3, 2)),
    ((3, 4, 2), (2, 0), (2, 3)),
    ((3, 4, 2), (-1, 1, 0), (2, 4, 3)),
    ((4,), None, (4,)),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize(("shape", "axis", "along"), WEIGHTS)
def test_weighted_means_as_numpy(shape: Any, axis: Any, along: Any, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    a, weights = rng.integers(-5, 5, shape).astype(dtype), rng.uniform(1, 2, along)
    for w, keepdims in product((weights, weights.astype(np.float32)), (False, True)):
        settings = {"axis": axis, "keepdims": keepdims, "returned": True}
        expected = np.average(a, weights=w, **settings)
        for handed in (Tensor(w), w):
            found = np.average(Tensor(a), weights=handed, **settings)
            for one, other in zip(found, expected, strict=True):
                assert (one.shape, one.dtype) == (other.shape, other.dtype)
                np.testing.assert_allclose(one.data, other, rtol=1e-6)


def test_a_mean_without_weights_returns_the_count() -> None:
    mean, count = v.average(Tensor(np.ones((2, 3), np.float32)), axis=0, returned=True)
    assert (mean.dtype, count.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(count.data, [2, 2, 2])


# Masks

MASKS = [True, np.array([[True, False], [False, False], [True, True]]), np.array([True, False])]
NUMBERS = np.array([[1.5, -2.0], [0.5, 4.0], [-1.0, 3.0]])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mask", MASKS, ids=str)
@pytest.mark.parametrize("x", [NUMBERS, NUMBERS.astype(np.float32), NUMBERS.astype(int)])
@pytest.mark.parametrize("op", MASKED, ids=lambda op: op.__name__)
def test_where_and_initial_as_numpy(op: Any, x: Any, mask: Any) -> None:
    ours, numpys = MASKED[op], op.numpy
    takes_initial = numpys in (np.sum, np.prod, np.max, np.min)
    for axis, keepdims in product((None, 0, 1, (0, 1)), (False, True)):
        settings = {"axis": axis, "keepdims": keepdims}
        if numpys not in (np.max, np.min) or mask is True:
            assert_as_numpy(ours, numpys, x, settings | {"where": mask})
        if takes_initial:
            assert_as_numpy(ours, numpys, x, settings | {"where": mask, "initial": 2})
    if takes_initial:
        assert_as_numpy(ours, numpys, x[:0], {"initial": 2})


@pytest.mark.parametrize("op", [op for op in MASKED if op.signature.differentiable])
def test_gradients_reach_only_the_entries_where_the_mask_holds(op: Any) -> None:
    mask = MASKS[1]
    settings = {"initial": -0.5} if op.numpy in (np.max, np.prod, np.sum) else {}
    settings = {"initial": 9.0} if op.numpy is np.min else settings

    def masked(x: Tensor) -> Tensor:
        return MASKED[op](x, axis=0, where=mask, **settings)

    check_gradients(masked, [NUMBERS])
    moved = np.where(mask, NUMBERS, 99.0)
    np.testing.assert_array_equal(masked(Tensor(moved)).data, masked(Tensor(NUMBERS)).data)
    np.testing.assert_array_equal(gradient(masked, NUMBERS)[~mask], 0)
    as_tensor = MASKED[op](Tensor(NUMBERS), axis=0, where=Tensor(mask), **settings)
    np.testing.assert_array_equal(as_tensor.data, masked(Tensor(NUMBERS)).data)


# What is refused

X = Tensor(np.ones((2, 3)))
REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: v.average(X, weights=[1, 2, 3]),
        TypeError,
        "average: weights of shape (3,) for values of shape (2, 3); name the axis that they go "
        "along: axis=…",
    ),
    (
        lambda: v.average(X, axis=0, weights=[1, 2, 3]),
        ValueError,
        "average: weights of shape (3,) fit neither the values, (2, 3), nor the lengths along "
        "axis=0, (2,).",
    ),
    (
        lambda: v.average(X, axis=0, weights=[1, -1]),
        ValueError,
        "average: the weights sum to 0, so there is no mean",
    ),
    (
        lambda: v.cumulative_sum(X),
        ValueError,
        "cumulative_sum: the array has shape (2, 3); name the axis to run along, axis=…, or give "
        "all entries in one row: x.ravel().",
    ),
    (
        lambda: v.cumprod(X, axis=2),
        np.exceptions.AxisError,
        "cumprod: axis 2 does not exist: the array has 2 axes; the array has shape (2, 3).",
    ),
    (
        lambda: v.median(X, axis=2),
        np.exceptions.AxisError,
        "median: axis 2 does not exist: the array has 2 axes; the array has shape (2, 3).",
    ),
    (
        lambda: v.nansum(X, where=np.ones((2, 2), bool)),
        ValueError,
        "where has shape (2, 2), and does not broadcast to that of the values, (2, 3).",
    ),
    (
        lambda: v.nansum(X, where=np.ones(3)),
        TypeError,
        "where is a mask, an array of truth values, and this one is float64: write a comparison, "
        "as in where=x > 0.",
    ),
    (
        lambda: MASKED[autograd.ops.Max](X, where=np.ones(3, bool)),
        ValueError,
        "Max: where needs initial too, the result where the mask holds nowhere; for example "
        "initial=-np.inf for the largest entry.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_refusals(call: Callable[[], Any], kind: type[Exception], text: str) -> None:
    assert message(kind, call) == text


@pytest.mark.parametrize("function", [np.prod, np.cumsum, np.median, np.ptp, np.nanmean])
def test_out_and_dtype_are_refused_by_name(function: Any) -> None:
    with pytest.raises(TypeError, match="out"):
        function(X, out=np.ones(()))
    if function in (np.prod, np.cumsum, np.nanmean):
        with pytest.raises(TypeError, match="dtype"):
            function(X, dtype=np.float32)


# The table


def test_every_name_has_a_row() -> None:
    rows = {case.reference.__name__ for case in CASES}
    names = {*v.reductions.__all__, *v.masked.__all__} - {"all", "any"}  # these are in the core's
    assert names - rows == set()


MASK = np.array([[True, False, True], [False, False, True]])
RARE = [
    lambda f, x: f.sum(x, axis=1, where=MASK),
    lambda f, x: f.sum(x, initial=10.0, where=MASK),
    lambda f, x: f.prod(x, axis=0, initial=2.0, where=MASK),
    lambda f, x: f.mean(x, where=MASK),
    lambda f, x: f.var(x, axis=1, ddof=0, where=MASK, keepdims=True),
    lambda f, x: f.std(x, where=MASK),
    lambda f, x: f.max(x, axis=1, initial=-1.0, where=MASK),
    lambda f, x: f.min(x, initial=9.0),
    lambda f, x: f.all(x > 0, axis=0, where=MASK),
    lambda f, x: f.any(x > 3, where=MASK),
]


@pytest.mark.parametrize("call", RARE)
def test_where_and_initial_reach_numpys_functions_on_tensors(call: Any) -> None:
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    result = call(np, Tensor(x, requires_grad=True))
    assert type(result) is Tensor
    np.testing.assert_allclose(result.data, call(np, x), rtol=1e-15)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("function", [np.sum, np.max, np.min, np.prod, np.all])
def test_a_number_has_the_axes_0_and_minus_1_as_in_numpy(function: Any, axis: int) -> None:
    x = Tensor(np.array(3.0), requires_grad=True)
    result = function(x, axis=axis)
    assert result.shape == ()
    assert result.data == function(x.data, axis=axis)
    if result.requires_grad:
        assert autograd.grad(result, x).item() == 1
