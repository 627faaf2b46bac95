"""The error function and its complement, which NumPy does not have, accurate to 2 ulp."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autograd.function import Array, Elementwise

SLOPE = 2 / math.sqrt(math.pi)  # of erf at 0
SERIES = [SLOPE * (-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(14)]

# (1 + 2x) exp(x²) erfc(x) − 1 for 1/4 ≤ x ≤ 28, as a polynomial of t = (x − 3.75) / (x + 3.75).
# The form is that of Shepherd & Laframboise, Chebyshev approximation of (1 + 2x) exp(x²) erfc(x),
# Math. Comp. 36 (1981); the coefficients were fitted here, at the 23 Chebyshev nodes of that range,
# with 300 bits. The polynomial differs from the function by less than 3e-17.
MIDDLE, END = 3.75, 28.0
BLOCK = 2**14
TAIL = (
    *(0.2375126308378276, -0.14024059858554702, 0.0035854154854640307, 0.08227673849015056),
    *(-0.1088039301417299, 0.09230432116023007, -0.05869339858996465, 0.028362277420719794),
    *(-0.00974657955551076, 0.001755625842506742, 0.0002937136585259991, -0.00029015405353763986),
    *(5.1649077144523117e-05, 2.2384253004150197e-05, -1.1443901258522614e-05),
    *(-9.738590578296628e-07, 1.7507328568117225e-06, -5.632854461656284e-08),
    *(-2.568181147321067e-07, 2.195698051263478e-08, 3.6447887208928733e-08),
    *(-2.7525213549386764e-09, -3.6890342349783125e-09),
)
# The same to 2e-9, for 0 ≤ x ≤ 11: enough for results in float32, which are 0 beyond.
SHORT_TAIL = (
    *(0.23751263054085348, -0.14024058431815978, 0.003585458027317412, 0.08227606228738205),
    *(-0.10880524233032948, 0.09231280865646294, -0.058676901854857084, 0.028324820138486622),
    *(-0.009835409751692541, 0.001792222960475639, 0.0004714683820431951, -0.00021332780057778622),
)
SHORT_END = 11.0


class Erf(Elementwise):
    """Error function 2/√π ∫₀ˣ exp(−t²) dt: the probability that |normal| < x √2."""

    def forward(x: Array) -> Array:
        return in_blocks(erf, x)

    local_gradients = {"x": lambda x: SLOPE * np.exp(-x * x)}


class Erfc(Elementwise):
    """1 − erf(x), exact where it is small too: it underflows only beyond x = 26."""

    def forward(x: Array) -> Array:
        return in_blocks(erfc, x)

    local_gradients = {"x": lambda x: -SLOPE * np.exp(-x * x)}


def in_blocks(function: Callable[[Array], Array], x: Array) -> Array:
    """function(x), entry by entry; of many, in pieces whose steps stay in the processor's cache."""
    if not isinstance(x, np.ndarray) or x.size <= BLOCK:
        return function(x)
    entries = x.reshape(-1)
    pieces = [function(entries[i : i + BLOCK]) for i in range(0, x.size, BLOCK)]
    return np.concatenate(pieces).reshape(x.shape)


def erf(x: Array) -> Array:
    """The error function."""
    z = in_double(x)
    size = np.absolute(z)
    far = np.copysign(1 - tail(size), z)
    return rounded_as(x, np.where(size < 0.5, z * near(np.minimum(size, 0.5)), far))


def erfc(x: Array) -> Array:
    """1 − erf(x)."""
    z = in_double(x)
    size = np.absolute(z)
    if np.result_type(getattr(x, "dtype", float), np.float16).itemsize < 8:
        far = short_tail(size)
        return rounded_as(x, far + (z < 0) * (2 - 2 * far))
    far = tail(size)
    far = np.where(z < 0, 2 - far, far)
    return rounded_as(x, np.where(size < 0.25, 1 - z * near(np.minimum(size, 0.25)), far))


def near(x: Array) -> Array:
    """erf(x) / x for 0 ≤ x ≤ 1/2, by its series."""
    return polynomial(SERIES, x * x)


def tail(x: Array) -> Array:
    """erfc(x) for x ≥ 1/4.

    An error of x² would count x² times, so x is cut into high + low such that high² is exact. The
    rounding of the quotient is worked out too, in halves whose products are exact (Dekker, A
    floating-point technique for extending the available precision, Numer. Math. 18, 1971).
    """
    x = np.minimum(x, END)  # where erfc is 0
    high = np.rint(x * 2.0**21) * 2.0**-21
    low = x - high
    surplus = polynomial(TAIL, (x - MIDDLE) / (x + MIDDLE))

    divisor, power = 1 + 2 * high, np.exp(-high * high)
    quotient = power / divisor
    upper = quotient * (2.0**27 + 1)
    upper = upper - (upper - quotient)
    lost = (power - upper * divisor - (quotient - upper) * divisor) / divisor

    # What high leaves out of exp(−x²) and of 1 / (1 + 2x), as parts of these.
    of_power, of_divisor = np.expm1(-low * (x + high)), -2 * low / (1 + 2 * x)
    left_out = of_power + of_divisor + of_power * of_divisor
    return quotient + (quotient * (surplus + (1 + surplus) * left_out) + lost * (1 + surplus))


def short_tail(x: Array) -> Array:
    """erfc(x) for x ≥ 0, to the precision of float32: an error of x² in float64 does not matter."""
    x = np.minimum(x, SHORT_END)
    surplus = polynomial(SHORT_TAIL, (x - MIDDLE) / (x + MIDDLE))
    return np.exp(-x * x) * (1 + surplus) / (1 + 2 * x)


def polynomial(coefficients: tuple[float, ...] | list[float], x: Array) -> Array:
    """Σ cₙ xⁿ, by Horner's rule."""
    total = coefficients[-1] * x
    for c in coefficients[-2:0:-1]:
        total += c
        total *= x
    return total + coefficients[0]


def in_double(x: Array) -> Array:
    """x in float64, to compute with more digits than are asked for."""
    return np.multiply(x, 1, dtype=np.float64)


def rounded_as(x: Array, values: Array) -> Array:
    """`values` in the dtype that NumPy's functions give for x."""
    return values.astype(np.result_type(getattr(x, "dtype", float), np.float16), copy=False)
