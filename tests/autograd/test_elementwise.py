"""Functions entry by entry beyond the everyday ones: conventions, accuracy, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import numpy as np
import pytest
from support.checks import check_gradients, message
from support.foreign import Foreign, native
from support.operations import CASES, PLAIN
from support.vocabulary_elementwise import sinc_derivative

import autograd
from autograd import Tensor, functional, vocabulary
from autograd import vocabulary as v
from autograd.ops import error_function
from autograd.ops.trigonometry import SincDerivative

INF, NAN = np.inf, np.nan
each_dtype = pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])

# Conventions

KINKS: dict[str, tuple[Callable[..., Tensor], list[Any], list[Any]]] = {
    "hypot at the origin": (v.hypot, [[0.0, 3.0], [0.0, 4.0]], [[0, 0.6], [0, 0.8]]),
    "arctan2 at the origin": (v.arctan2, [[0.0, 0.0], [0.0, 2.0]], [[0, 0.5], [0, 0]]),
    "fabs at 0": (v.fabs, [[0.0, -0.0, -2.0]], [[0, 0, -1]]),
    "copysign": (v.copysign, [[0.0, -2.0, 3.0, 3.0], [-1.0, 2.0, -0.0, 1.0]], [[0, -1, -1, 1]]),
    "heaviside": (v.heaviside, [[-1.0, 0.0, 1.0], [0.5, 0.5, 0.5]], [None, [0, 1, 0]]),
    "fmax of equals": (v.fmax, [[1.0, 1.0], [1.0, 2.0]], [[0.5, 0], [0.5, 1]]),
    "fmax with NaN": (v.fmax, [[1.0, NAN, NAN], [NAN, 1.0, NAN]], [[1, 0, 0.5], [0, 1, 0.5]]),
    "fmin of equals": (v.fmin, [[1.0, 1.0], [1.0, 2.0]], [[0.5, 1], [0.5, 0]]),
    "fmin with NaN": (v.fmin, [[1.0, NAN, NAN], [NAN, 1.0, NAN]], [[1, 0, 0.5], [0, 1, 0.5]]),
    "nan_to_num": (v.nan_to_num, [[NAN, INF, -INF, 2.0]], [[0, 0, 0, 1]]),
    "remainder at its jumps": (v.remainder, [[4.0, -4.0], [2.0, 2.0]], [[1, 1], [-2, 2]]),
    "remainder, all signs": (
        v.remainder,
        [[7.0, -7.0, 7.0, -7.0], [3.0, 3.0, -3.0, -3.0]],
        [[1] * 4, [-2, 3, 3, -2]],
    ),
    "remainder of infinity": (v.remainder, [[5.0, -5.0], [INF, INF]], [[1, 1], [0, 1]]),
    "fmod at its jumps": (v.fmod, [[4.0, -4.0], [2.0, 2.0]], [[1, 1], [-2, 2]]),
    "fmod, all signs": (
        v.fmod,
        [[7.0, -7.0, 7.0, -7.0], [3.0, 3.0, -3.0, -3.0]],
        [[1] * 4, [-2, 2, 2, -2]],
    ),
    "fmod just below a jump": (v.fmod, [[np.nextafter(0.3, 0)], [0.1]], [[1], [-2]]),
    "modf": (lambda x: v.modf(x)[0], [[2.0, -1.75, 0.0]], [[1, 1, 1]]),
    "frexp": (lambda x: v.frexp(x)[0], [[4.0, -3.0, 0.0]], [[0.125, 0.25, 1]]),
    "sinc at 0": (v.sinc, [[0.0, -0.0]], [[0, 0]]),
    "logaddexp of −∞": (
        v.logaddexp,
        [[-INF, -INF, 0.0, 1e4], [-INF, 0.0, -INF, -1e4]],
        [[0, 0, 1, 1], [0, 1, 0, 0]],
    ),
    "logaddexp of ∞": (v.logaddexp, [[INF, 0.0], [0.0, INF]], [[1, 0], [0, 1]]),
    "logaddexp2 of −∞": (v.logaddexp2, [[-INF, 0.0], [-INF, -INF]], [[0, 1], [0, 0]]),
    "power 0 of 0": (v.float_power, [[0.0, 0.0], [0.0, 2.0]], [[0, 0], [0, 0]]),
}


@pytest.mark.parametrize("kink", KINKS)
def test_convention(kink: str) -> None:
    function, inputs, expected = KINKS[kink]
    tensors = [Tensor(np.array(x), requires_grad=True) for x in inputs]
    found = autograd.grad(function(*tensors).sum(), tensors, allow_unused=True)
    assert found[-1] is not None or function is v.copysign
    for gradient, numbers in zip(found, expected, strict=False):
        assert (gradient is None) == (numbers is None)
        if gradient is not None:
            np.testing.assert_array_equal(gradient.data, numbers)


@pytest.mark.parametrize(("function", "point"), [(v.cbrt, 0.0), (v.arcsin, 1.0), (v.arctanh, 1.0)])
def test_what_is_infinitely_steep(function: Callable[..., Tensor], point: float) -> None:
    x = Tensor(np.array(point), requires_grad=True)
    with np.errstate(divide="ignore"):
        assert autograd.grad(function(x), x).item() == INF


@pytest.mark.parametrize("function", [v.hypot, v.arctan2])
def test_second_derivatives_at_the_origin_are_0(function: Callable[..., Tensor]) -> None:
    hessian = functional.hessian(lambda z: function(z[0], z[1]))
    np.testing.assert_array_equal(hessian(np.zeros(2)).data, np.zeros((2, 2)))


def test_second_derivative_where_logaddexp_meets_equals() -> None:
    hessian = functional.hessian(lambda z: v.logaddexp(z[0], z[1]))
    np.testing.assert_array_equal(
        hessian(np.array([2.0, 2.0])).data, [[0.25, -0.25], [-0.25, 0.25]]
    )


# What PyTorch 2.13 answers for the same calls in float64: gradients of the sum

FROM_TORCH: list[tuple[Callable[..., Tensor], list[list[float]], list[list[float]]]] = [
    (v.remainder, [[4.0, -5.0, 5.0], [2.0, 3.0, -3.0]], [[1, 1, 1], [-2, 2, 2]]),
    (v.fmod, [[4.0, -5.0, 5.0], [2.0, 3.0, -3.0]], [[1, 1, 1], [-2, 1, 1]]),
    (v.sinc, [[0.0, 0.5]], [[0, -1.2732395447351625]]),
    (v.arccos, [[0.5]], [[-1.1547005383792517]]),
    (v.arctanh, [[0.5]], [[1.3333333333333333]]),
    (v.arccosh, [[2.0]], [[0.5773502691896258]]),
]


@pytest.mark.parametrize(("function", "inputs", "expected"), FROM_TORCH)
def test_gradients_are_those_of_torch(
    function: Callable[..., Tensor], inputs: Any, expected: Any
) -> None:
    tensors = [Tensor(np.array(x), requires_grad=True) for x in inputs]
    for gradient, numbers in zip(
        autograd.grad(function(*tensors).sum(), tensors), expected, strict=True
    ):
        np.testing.assert_allclose(gradient.data, numbers, rtol=1e-14)


# Accuracy where a formula from the school loses it


def test_the_slope_of_expm1_is_exact_far_to_the_left() -> None:
    x = Tensor(np.array(-40.0), requires_grad=True)
    assert autograd.grad(v.expm1(x), x).item() == np.exp(-40.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_slopes_far_out_neither_overflow_nor_vanish(dtype: Any) -> None:
    big = np.finfo(dtype).max / 4
    x = Tensor(np.array(big), requires_grad=True)
    with np.errstate(over="raise", invalid="raise"):
        assert autograd.grad(v.hypot(x, big), x).item() == pytest.approx(0.5**0.5)
        assert autograd.grad(v.arctan2(x, big), x).item() == pytest.approx(0.5 / big)
        assert autograd.grad(v.arcsinh(x), x).item() == pytest.approx(1 / big)
        assert autograd.grad(v.logaddexp(x, -x), x).item() == 1


@pytest.mark.parametrize("order", range(1, 7))
def test_derivatives_of_sinc_of_any_order(order: int) -> None:
    x = np.concatenate([[0, 1e-300, 1e-8, 1e-3], np.linspace(-3, 3, 61)])
    found, expected = SincDerivative.forward(x, order), sinc_derivative(x, order)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-14 * np.pi**order)


def test_the_first_derivatives_of_sinc_at_0() -> None:
    y = x = Tensor(np.zeros(()), requires_grad=True)
    derivatives = []
    for function in (v.sinc, *[lambda t: autograd.grad(t, x, create_graph=True)] * 4):
        y = function(y)
        derivatives.append(y.item())
    expected = [1, 0, -(np.pi**2) / 3, 0, np.pi**4 / 5]  # of Σ (−1)ᵏ (πx)²ᵏ / (2k+1)!
    np.testing.assert_allclose(derivatives, expected, rtol=1e-15)


# The error function


@cache
def exact_erfc(x: float) -> Decimal:
    """erfc(x) to 40 digits, by erf(x) = 2/√π exp(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5 … (2n+1)).

    All terms are positive; the difference to 1 costs as many digits as exp(x²) has.
    """
    with localcontext(prec=60 + int(x * x)):
        z = Decimal(x)
        square, total, term, n = z * z, Decimal(0), z, 0
        while abs(term) > abs(total).scaleb(-50 - int(x * x)) or n == 0:
            total += term
            n += 1
            term *= 2 * square / (2 * n + 1)
        return 1 - 2 / pi(60 + int(x * x)).sqrt() * (-square).exp() * total


@cache
def pi(digits: int) -> Decimal:
    """π = 16 arctan(1/5) − 4 arctan(1/239), by Machin."""
    with localcontext(prec=digits + 5):

        def arctan_of_inverse(n: int) -> Decimal:
            power = total = Decimal(1) / n
            k = 1
            while abs(power) > Decimal(10) ** -(digits + 5):
                power /= -n * n
                k += 2
                total += power / k
            return total

        return 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)


GRID = np.concatenate(
    [
        *(np.linspace(-6.5, 6.5, 261), np.geomspace(1e-300, 1e-2, 40)),
        *(np.nextafter([0.25, 0.5, 0.25, 0.5], [0, 0, 1, 1]), [0.25, 0.5]),
        *(np.random.default_rng(0).uniform(0, 2, 300), np.random.default_rng(1).uniform(2, 27, 99)),
    ]
)


def ulps(found: Any, exact: list[Decimal]) -> Any:
    """The errors in units of the last place that the exact numbers have in found's dtype."""
    unit = [float(np.spacing(np.abs(found.dtype.type(one)))) for one in exact]
    with localcontext(prec=60):
        return np.array(
            [
                float(abs(Decimal(float(y)) - one) / Decimal(u))
                for y, one, u in zip(found, exact, unit, strict=True)
            ]
        )


@pytest.mark.parametrize(
    ("dtype", "bound"), [(np.float16, 0.51), (np.float32, 0.51), (np.float64, 2)]
)
def test_erf_and_erfc_are_exact_to_two_units_in_the_last_place(dtype: Any, bound: float) -> None:
    with np.errstate(under="ignore"):
        x = GRID[:: 1 if dtype is np.float64 else 8].astype(dtype)
    tails = [exact_erfc(float(one)) for one in x]
    with np.errstate(all="raise", under="ignore"):
        complement, value = v.erfc(x).data, v.erf(x).data
    assert complement.dtype == value.dtype == dtype
    assert ulps(complement, tails).max() <= bound
    with localcontext(prec=60):
        small = [2 / pi(60).sqrt() * Decimal(float(one)) for one in x]  # where erfc is 1
        heads = [
            s if abs(one) < 1e-30 else 1 - t for one, s, t in zip(x, small, tails, strict=True)
        ]
    assert ulps(value, heads).max() <= bound


def test_erfc_goes_down_to_where_it_underflows() -> None:
    """The least positive double is 2⁻¹⁰⁷⁴; erfc falls below half of it between these two."""
    assert v.erfc(27.22).item() > 0
    assert float(exact_erfc(27.22)) == v.erfc(27.22).item()
    assert v.erfc(27.3).item() == 0


def test_erf_and_erfc_at_the_ends() -> None:
    x = np.array([INF, -INF, NAN, 0.0, -0.0, 1e308, -1e308])
    with np.errstate(all="raise", under="ignore"):
        value, complement = v.erf(x).data, v.erfc(x).data
    np.testing.assert_array_equal(value, [1, -1, NAN, 0, 0, 1, -1])
    np.testing.assert_array_equal(np.signbit(value), [False, True, False, False, True, False, True])
    np.testing.assert_array_equal(complement, [0, 2, NAN, 1, 1, 0, 2])


def test_erf_of_whole_numbers_truths_and_python_numbers() -> None:
    for x in (np.array([0, 1, 2]), np.array([False, True]), np.array([1], np.uint8), 1, 1.5):
        for function in (v.erf, v.erfc):
            result, exact = function(x), function(np.asarray(x, float))
            assert result.dtype == np.exp(x).dtype
            np.testing.assert_allclose(result.data, exact.data, rtol=np.finfo(result.dtype).eps)


def test_blocks_make_no_difference() -> None:
    x = np.random.default_rng(0).standard_normal((3, error_function.BLOCK))[:, ::2]
    assert x.size > error_function.BLOCK
    for function in (v.erf, v.erfc):
        expected = native(function(Foreign(x)).data)  # these are not cut into blocks
        np.testing.assert_array_equal(function(x).data, expected)
        np.testing.assert_array_equal(function(x.astype(np.float32)).dtype, np.float32)


# Plain answers


@pytest.mark.parametrize(
    "function", [v.floor, v.ceil, v.trunc, v.fix, v.rint, v.round, lambda x: v.floor_divide(x, 2)]
)
@each_dtype
def test_rounded_numbers_have_no_gradient_and_keep_the_dtype(
    function: Callable[..., Tensor], dtype: Any
) -> None:
    result = function(Tensor(np.array([-1.5, 2.5], dtype), requires_grad=True))
    assert not result.requires_grad
    assert result.dtype == dtype


def test_several_results_some_of_them_plain() -> None:
    x = Tensor(np.array([3.5, -0.75, 8.0]), requires_grad=True)
    for ours, numpys in (
        (np.modf(x), np.modf(x.data)),
        (np.frexp(x), np.frexp(x.data)),
        (np.divmod(x, 2), np.divmod(x.data, 2)),
    ):
        for one, other in zip(ours, numpys, strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one.data, other)
        assert [one.requires_grad for one in ours].count(True) == 1
    assert [one.requires_grad for one in v.modf(x)] == [True, False]
    assert [one.requires_grad for one in v.frexp(x)] == [True, False]
    assert [one.requires_grad for one in v.divmod(x, 2)] == [False, True]


# Names


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        *(("asin", "arcsin"), ("acos", "arccos"), ("atan", "arctan"), ("atan2", "arctan2")),
        *(("asinh", "arcsinh"), ("acosh", "arccosh"), ("atanh", "arctanh"), ("mod", "remainder")),
        *(("radians", "deg2rad"), ("degrees", "rad2deg"), ("around", "round"), ("fix", "trunc")),
    ],
)
def test_second_names(alias: str, name: str) -> None:
    assert getattr(autograd, alias) is getattr(autograd, name)
    x = 2.0 if alias == "acosh" else 0.5
    inputs = [np.array(x)] * (2 if alias in ("atan2", "mod") else 1)
    function = getattr(np, alias)
    np.testing.assert_array_equal(function(*map(Tensor, inputs)).data, function(*inputs))


def test_every_name_has_a_row() -> None:
    rows = {case.reference for case in CASES + PLAIN}
    names = {name for name in vocabulary.elementwise.__all__ if hasattr(np, name)}
    missing = {name for name in names if getattr(np, name) not in rows}
    assert missing == {"divmod"}  # its parts have rows


def test_every_name_is_numpys_or_says_so() -> None:
    own = {name for name in vocabulary.elementwise.__all__ if not hasattr(np, name)}
    assert own == {"erf", "erfc"}


# Settings, and what is refused


def test_nan_to_num_takes_numpys_arguments() -> None:
    x = np.array([NAN, INF, -INF, 1.5], np.float32)
    for arguments in ({}, {"nan": 7.0}, {"posinf": 1.0, "neginf": -2}, {"copy": True}):
        result = np.nan_to_num(Tensor(x), **arguments)
        assert result.dtype == np.float32
        np.testing.assert_array_equal(result.data, np.nan_to_num(x, **arguments))


@pytest.mark.parametrize("decimals", [-1, 0, 2])
def test_round_takes_decimals(decimals: int) -> None:
    for x in (np.array([12.345, -0.5, 1.5]), np.array([15, 25])):
        expected = np.round(x, decimals)
        for result in (np.round(Tensor(x), decimals), v.round(Tensor(x), decimals=decimals)):
            assert result.dtype == expected.dtype
            np.testing.assert_array_equal(result.data, expected)


X = Tensor(np.array([1.0, 2.0]))
REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: v.nan_to_num(X, copy=False),
        TypeError,
        "nan_to_num: copy=False would write into x. Leave it out.",
    ),
    (
        lambda: v.sin(X, dtype=np.float32),
        TypeError,
        "Sin: unknown setting dtype=<class 'numpy.float32'>; it has no settings.\n"
        "  x  (2,) float64",
    ),
    (
        lambda: v.bitwise_xor(X, X),
        TypeError,
        "Xor: ^ is for truth values and whole numbers.\n"
        "  x  (2,) float64\n"
        "  y  (2,) float64\n"
        "  fix  compare first, as in (x > 0) ^ (y > 0); for a power write x ** y",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_refusals(call: Callable[[], Any], kind: type[Exception], text: str) -> None:
    assert message(kind, call) == text


@pytest.mark.parametrize("setting", ["out", "where", "dtype"])
def test_settings_of_ufuncs_are_refused_by_name(setting: str) -> None:
    with pytest.raises(TypeError, match=rf"np\.cos on Tensors takes no {setting}"):
        np.cos(X, **{setting: np.ones(2)})


# Third derivatives beyond the table's domains


@pytest.mark.parametrize(
    ("function", "inputs"),
    [
        (v.arctan2, [[-0.7, 0.4, 0.3], [-0.5, -0.2, 1.5]]),
        (v.hypot, [[-0.7, 0.0, 1.3], [0.5, -1.2, 0.0]]),
        (v.logaddexp, [[0.5, 3.0, -2.0], [0.5, -3.0, 1.0]]),
        (v.sinc, [[0.0, 0.3, 1.5, -4.2]]),
        (v.erf, [[-1.2, 0.0, 0.4, 2.5]]),
        (v.erfc, [[-1.2, 0.0, 0.4, 2.5]]),
    ],
)
def test_third_derivative(function: Callable[..., Tensor], inputs: Any) -> None:
    check_gradients(function, [np.array(x) for x in inputs], order=3)
