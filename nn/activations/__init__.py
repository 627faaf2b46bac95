"""Activation functions as layers."""

from nn.activations.along_axis import GLU, LogSoftmax, Softmax, Softmin
from nn.activations.named import activation_layer
from nn.activations.pieces import (
    BinaryStep,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    ReLU6,
    Softshrink,
)
from nn.activations.rectifiers import CELU, ELU, SELU, LeakyReLU, PReLU, ReLU, RReLU, Threshold
from nn.activations.smooth import (
    GELU,
    Arctan,
    LogSigmoid,
    Mish,
    Sigmoid,
    SiLU,
    Softplus,
    Softsign,
    Tanh,
    Tanhshrink,
)

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Arctan",
    "BinaryStep",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "activation_layer",
]
