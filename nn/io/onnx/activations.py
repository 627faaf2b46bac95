"""Activation functions, written in ONNX's operators."""

from __future__ import annotations

import numpy as np

from nn.io.onnx.elementwise import tail
from nn.io.onnx.graph import Step


def leaky_relu(s: Step) -> str:
    """x above 0, slope · x below."""
    zero = s.number(0)
    below = s.add("Mul", s["slope"], s.add("Min", s["x"], zero))
    return s.add("Add", s.add("Max", s["x"], zero), below)


def elu(s: Step) -> str:
    """x above 0, alpha · (exp(x / width) − 1) below."""
    zero, alpha, width = (s.number(n) for n in (0, s.settings["alpha"], s.settings["width"]))
    raised = s.add("Exp", s.add("Div", s.add("Min", s["x"], zero), width))
    below = s.add("Mul", alpha, s.add("Sub", raised, s.number(1)))
    return s.add("Add", s.add("Max", s["x"], zero), below)


def softplus(s: Step) -> str:
    """ln(1 + exp(beta · x)) / beta; x itself beyond the threshold."""
    beta = s.number(s.settings["beta"])
    z = s.add("Mul", beta, s["x"])
    soft = s.add("Add", s.add("Max", z, s.number(0)), tail(s, z))
    beyond = s.add("Greater", z, s.number(s.settings["threshold"]))
    return s.add("Div", s.add("Where", beyond, z, soft), beta)


def log_sigmoid(s: Step) -> str:
    """−ln(1 + e⁻ˣ)."""
    return s.add("Sub", s.add("Min", s["x"], s.number(0)), tail(s, s["x"]))


def softsign(s: Step) -> str:
    """x / (1 + |x|)."""
    return s.add("Div", s["x"], s.add("Add", s.number(1), s.add("Abs", s["x"])))


def hardtanh(s: Step) -> str:
    """x within limits."""
    above = s.add("Max", s["x"], s.number(s.settings["low"]))
    return s.add("Min", above, s.number(s.settings["high"]))


def binary_step(s: Step) -> str:
    """1 from 0 on, else 0."""
    return s.cast(s.add("GreaterOrEqual", s["x"], s.number(0)), np.dtype(bool), s.dtype)


def normal_cdf(s: Step) -> str:
    """½ (1 + erf(x / √2))."""
    erf = s.add("Erf", s.add("Mul", s["x"], s.number(0.5**0.5)))
    return s.add("Mul", s.number(0.5), s.add("Add", s.number(1), erf))
