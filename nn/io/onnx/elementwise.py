"""Operations entry by entry, written in ONNX's operators."""

from __future__ import annotations

import numpy as np

from nn.io.onnx.graph import Rule, Step


def same(operator: str) -> Rule:
    """An operator that takes the operation's inputs, in the dtype of the result."""
    return lambda s: s.add(operator, *s.inputs())


def compared(operator: str) -> Rule:
    """An operator that takes the operation's inputs in the dtype that holds both."""
    return lambda s: s.add(operator, *s.inputs(s.common_dtype()))


def logic(operator: str, on_integers: str) -> Rule:
    """An operator on truth values, and the one for whole numbers, bit by bit."""

    def rule(s: Step) -> str:
        return s.add(operator if s.dtype == bool else on_integers, *s.inputs())

    return rule


def truths(operator: str) -> Rule:
    """An operator on what is not 0."""
    return lambda s: s.add(operator, *s.inputs(np.dtype(bool)))


def scaled(factor: float, operator: str | None = None) -> Rule:
    """`factor` times an operator of x, or x itself."""

    def rule(s: Step) -> str:
        x = s["x"] if operator is None else s.add(operator, s["x"])
        return s.add("Mul", x, s.number(factor))

    return rule


def plus(operator: str, before: float, after: float) -> Rule:
    """`operator` of x + before, plus `after`."""

    def rule(s: Step) -> str:
        x = s["x"] if not before else s.add("Add", s["x"], s.number(before))
        out = s.add(operator, x)
        return out if not after else s.add("Add", out, s.number(after))

    return rule


def of_size(operator: str, power: float | None = None) -> Rule:
    """The sign of x times an operator of |x|, or a power of it."""

    def rule(s: Step) -> str:
        size = s.add("Abs", s["x"])
        size = s.add(operator, size) if power is None else s.add(operator, size, s.number(power))
        return s.add("Mul", s.add("Sign", s["x"]), size)

    return rule


def where(s: Step) -> str:
    """x or y."""
    return s.add("Where", s.operand("condition", np.dtype(bool)), s["x"], s["y"])


def heaviside(s: Step) -> str:
    """0, y or 1."""
    zero, one = s.number(0), s.number(1)
    not_above = s.add("Where", s.add("Less", s["x"], zero), zero, s["y"])
    return s.add("Where", s.add("Greater", s["x"], zero), one, not_above)


def clip(s: Step) -> str:
    """x within limits, each of which may be an array."""
    out = s["x"]
    for operator, limit in (("Max", s.settings["min"]), ("Min", s.settings["max"])):
        if limit is not None:
            out = s.add(operator, out, s.number(limit))
    return out


def hypot(s: Step) -> str:
    """√(x² + y²)."""
    squares = [s.add("Mul", s[name], s[name]) for name in ("x", "y")]
    return s.add("Sqrt", s.add("Add", *squares))


def log_add_exp(s: Step) -> str:
    """log(eˣ + eʸ), the larger of the two taken out."""
    rest = tail(s, s.add("Sub", s["x"], s["y"]))
    return s.add("Add", s.add("Max", s["x"], s["y"]), rest)


def tail(s: Step, z: str) -> str:
    """ln(1 + e^−|z|), which never overflows."""
    return s.add("Log", s.add("Add", s.number(1), s.add("Exp", s.add("Neg", s.add("Abs", z)))))
