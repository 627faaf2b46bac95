"""Operations over axes, written in ONNX's operators."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.io.onnx.graph import Rule, Step


def reduced(operator: str) -> Rule:
    """An operator that reduces axes."""
    return lambda s: reduce(s, operator, s["x"], s.settings["keepdims"])


def reduce(s: Step, operator: str, x: str, keepdims: bool = True) -> str:
    """`operator` over the axes that the call reduces."""
    axes = s.integers(s.settings["axis"])
    # Without axes ONNX would reduce all, unless told otherwise.
    return s.add(operator, x, axes, keepdims=int(keepdims), noop_with_empty_axes=1)


def search(operator: str) -> Rule:
    """Where the first largest or smallest entry is."""

    def rule(s: Step) -> str:
        x, axis = s.inputs(s.common_dtype())[0], s.settings["axis"]
        if axis is None:
            x = s.add("Reshape", x, s.integers([-1]))
        return s.add(operator, x, axis=axis or 0, keepdims=0)

    return rule


def count(s: Step, x: str, axes: str) -> str:
    """How many entries `axes` of x have together."""
    lengths = s.add("Gather", s.add("Shape", x), axes)
    return s.cast(s.add("ReduceProd", lengths, keepdims=0), np.dtype(np.int64), s.dtype)


def var(s: Step) -> str:
    """Mean squared deviation, times n / (n − ddof)."""
    deviations = s.add("Sub", s["x"], reduce(s, "ReduceMean", s["x"]))
    squares = s.add("Mul", deviations, deviations)
    n = count(s, s["x"], s.integers(s.settings["axis"]))
    total = reduce(s, "ReduceSum", squares, s.settings["keepdims"])
    return s.add("Div", total, s.add("Sub", n, s.number(s.settings["ddof"])))


def log_sum_exp(s: Step) -> str:
    """log Σ eˣ, less the largest entry first."""
    top = reduce(s, "ReduceMax", s["x"])
    raised = s.add("Exp", s.add("Sub", s["x"], top))
    out = s.add("Add", s.add("Log", reduce(s, "ReduceSum", raised)), top)
    if s.settings["keepdims"]:
        return out
    return s.add("Squeeze", out, s.integers(s.settings["axis"]))


def power_norm(s: Step) -> str:
    """(Σ|x|ᵖ)^(1/p)."""
    p = s.settings["ord"]
    powers = s.add("Pow", s.add("Abs", s["x"]), s.number(p))
    total = reduce(s, "ReduceSum", powers, s.settings["keepdims"])
    return s.add("Pow", total, s.number(1 / p))


def standardize(s: Step) -> tuple[str, ...]:
    """(x − mean) / √(var + eps), and mean and variance, in the dtype of the statistics."""
    wide = s.call.outputs["mean"].dtype
    x = s.operand("x", wide)
    mean = reduce(s, "ReduceMean", x)
    deviations = s.add("Sub", x, mean)
    variance = reduce(s, "ReduceMean", s.add("Mul", deviations, deviations))
    return s.cast(over_root(s, deviations, variance, wide), wide, s.dtype), mean, variance


def unit_mean_square(s: Step) -> str:
    """x / √(mean of x² + eps), statistics of half precision in single precision."""
    wide = np.result_type(s.dtype, np.float32)
    x = s.operand("x", wide)
    square = reduce(s, "ReduceMean", s.add("Mul", x, x))
    return s.cast(over_root(s, x, square, wide), wide, s.dtype)


def over_root(s: Step, x: str, square: str, dtype: np.dtype[Any]) -> str:
    """x / √(square + eps)."""
    root = s.add("Sqrt", s.add("Add", square, s.number(s.settings["eps"], dtype)))
    return s.add("Div", x, root)
