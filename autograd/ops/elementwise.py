"""Functions of one number, applied to every entry, and the choice between two."""

from __future__ import annotations

import numpy as np

from autograd.dtypes import real
from autograd.function import ONE, Array, Elementwise
from autograd.operands import constant


class Exp(Elementwise):
    """Exponential eˣ."""

    forward = np.exp
    local_gradients = {"x": lambda out: out}


class Log(Elementwise):
    """Natural logarithm ln x."""

    forward = np.log
    local_gradients = {"x": lambda x: 1 / x}


class Sqrt(Elementwise):
    """Square root √x; its derivative at 0 is infinite."""

    forward = np.sqrt
    local_gradients = {"x": lambda out: 0.5 / out}


class Absolute(Elementwise):
    """Absolute value |x|; its derivative at 0 is taken as 0."""

    forward = np.absolute
    local_gradients = {"x": lambda x: np.sign(x)}


class Tanh(Elementwise):
    """Hyperbolic tangent."""

    forward = np.tanh
    local_gradients = {"x": lambda out: 1 - out * out}


class Sigmoid(Elementwise):
    """Logistic sigmoid σ(x) = 1 / (1 + e⁻ˣ), exact to rounding at both ends."""

    def forward(x: Array) -> Array:
        tail = np.exp(np.absolute(x) * -1.0)  # never overflows; σ(−|x|) = tail / (1 + tail)
        return np.maximum(tail, x >= 0) / (1 + tail)  # x >= 0 is 1 where the other half holds

    local_gradients = {"x": lambda out: out * (1 - out)}


class ReLU(Elementwise):
    """Rectified linear unit max(x, 0); its derivative at 0 is 0."""

    def forward(x: Array) -> Array:
        return np.maximum(x, 0)

    local_gradients = {"x": lambda out: out > 0}


class Where(Elementwise):
    """x where the condition holds, y elsewhere; no gradient reaches the condition."""

    numpy = np.where
    inputs = ("condition", "x", "y")

    def forward(condition: Array, x: Array, y: Array) -> Array:
        chosen: Array = np.where(condition, x, y)
        return chosen.astype(np.result_type(x, y), copy=False)  # a number widens nothing

    local_gradients = {
        "x": lambda condition: condition != 0,
        "y": lambda condition: condition == 0,
    }


class Clip(Elementwise):
    """x limited to [min, max] (None: no limit); the derivative at a limit is 1."""

    numpy = np.clip
    settings = ("min", "max")
    normalize = {"min": lambda min: limit(min), "max": lambda max: limit(max)}

    def forward(x: Array, min: Array = None, max: Array = None) -> Array:
        return np.clip(x, min, max)

    local_gradients = {
        "x": lambda x, min, max: (min is None or x >= min) * (max is None or x <= max)
    }


def limit(value: Array) -> Array:
    """A limit of `Clip` as numbers; one with a gradient of its own is refused."""
    if getattr(value, "_requires_grad", False):
        raise TypeError(
            "a limit that requires a gradient would get none. Write autograd.maximum(x, low) or "
            "autograd.minimum(x, high), or give low.detach()"
        )
    if value is None:
        return None
    return value._data if hasattr(value, "_data") else constant(value)


class AsType(Elementwise):
    """x converted to another floating dtype; the gradient is converted back."""

    settings = ("dtype",)

    def forward(x: Array, dtype: Array) -> Array:
        return x.astype(dtype)

    local_gradients = {"x": ONE}


class Sign(Elementwise):
    """−1, 0 or 1 with the sign of x; its derivative is 0 wherever it exists."""

    forward = np.sign


class Detach(Elementwise):
    """x itself, in the same memory, without history."""

    def forward(x: Array) -> Array:
        return x


class AsPlain(Elementwise):
    """x converted to whole numbers or truth values, through which no gradient flows."""

    settings = ("dtype",)
    normalize = {"dtype": lambda dtype: real(dtype)}

    def forward(x: Array, dtype: Array) -> Array:
        return x.astype(dtype)
