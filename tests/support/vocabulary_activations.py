"""The rows of the activation functions."""

from __future__ import annotations

import math

import numpy as np
from support.cases import Array, Case, anywhere, halves, meet, off_halves
from support.vocabulary_elementwise import as_numpy

from autograd.ops import activations

# References: the definitions, in forms that hold for the moderate numbers of the rows


def leaky_relu(x: Array, slope: Array) -> Array:
    return np.where(x > 0, x, slope * x).astype(np.result_type(x, slope))


def elu(x: Array, alpha: float = 1.0, width: float = 1.0) -> Array:
    return as_numpy(x, np.where(x > 0, x, alpha * (np.exp(x / width) - 1)))


def softplus(x: Array, beta: float = 1.0, threshold: float = np.inf) -> Array:
    return as_numpy(x, np.where(beta * x > threshold, x, np.log(1 + np.exp(beta * x)) / beta))


def log_sigmoid(x: Array) -> Array:
    return -np.log(1 + np.exp(-x))


def softsign(x: Array) -> Array:
    return x / (1 + np.abs(x))


def hardtanh(x: Array, low: float = -1.0, high: float = 1.0) -> Array:
    return np.clip(x, low, high)


def binary_step(x: Array) -> Array:
    return as_numpy(x, x >= 0)


def normal_cdf(x: Array) -> Array:
    return as_numpy(x, np.vectorize(lambda z: (1 + math.erf(z / math.sqrt(2))) / 2, [float])(x))


def tanh_gelu(x: Array) -> Array:
    return as_numpy(x, x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2)


CASES: list[Case] = [
    *meet(activations.LeakyReLU, leaky_relu, off_halves, anywhere),
    *meet(activations.ELU, elu, off_halves),
    *meet(activations.ELU, elu, off_halves, alpha=0.5, width=2.0),
    *meet(activations.Softplus, softplus, anywhere),
    *meet(activations.Softplus, softplus, off_halves, beta=2.0, threshold=1.0),
    *meet(activations.LogSigmoid, log_sigmoid, anywhere),
    *meet(activations.Softsign, softsign, off_halves),
    *meet(activations.Hardtanh, hardtanh, off_halves),
    *meet(activations.Hardtanh, hardtanh, halves, low=-1.25, high=0.75),
    *meet(activations.BinaryStep, binary_step, off_halves),
    *meet(activations.NormalCDF, normal_cdf, anywhere),
    *meet(activations.TanhGELU, tanh_gelu, anywhere),
]
