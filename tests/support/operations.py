"""The table of operations: every way of calling one that the tests walk through.

A row says what is called, NumPy's function for the same, what each input is drawn from, and the
settings. An operation earns all checks of the suite with its rows; one without a row fails it.
The rows of each further family are in a file of their own, and gathered at the end of this one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from support import vocabulary_activations as activations
from support import vocabulary_arranging as arranging
from support import vocabulary_elementwise as elementwise
from support import vocabulary_linalg as linalg
from support import vocabulary_losses as losses
from support import vocabulary_normalization as normalization
from support import vocabulary_reductions as reductions
from support.cases import (
    Array,
    Case,
    Shape,
    anywhere,
    below_three,
    distinct,
    halves,
    meet,
    nonzero,
    off_halves,
    positive,
    several,
    truths,
)

import autograd
from autograd import ops

__all__ = ["CASES", "MASK", "PLAIN", "Case", "anywhere", "several"]

# References for what NumPy has no function for, or no name for a parameter in all its versions


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def relu(x: Array) -> Array:
    return x * (x > 0)


def astype(x: Array, dtype: Any) -> Array:
    return x.astype(dtype)


def detach(x: Array) -> Array:
    return x


def clip(x: Array, min: Any, max: Any) -> Array:
    return np.clip(x, min, max)


def reshape(x: Array, shape: Any) -> Array:
    return np.reshape(x, shape)


def softmax(x: Array, axis: int = -1) -> Array:
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


def log_softmax(x: Array, axis: int = -1) -> Array:
    return np.log(softmax(x, axis))


def softmax_cross_entropy(logits: Array, labels: Array) -> Array:
    return -np.take_along_axis(log_softmax(logits), labels[..., None], -1)[..., 0]


def affine(x: Array, weight: Array, bias: Array) -> Array:
    return np.einsum("...i,oi->...o", x, weight) + bias


def get_item(x: Array, key: Any) -> Array:
    return x[key]


def scatter_add(x: Array, key: Any, shape: Shape) -> Array:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, key, x)
    return out


# Index keys for x of shape (3, 4), none of which chooses an entry twice, and some that do

ALL = slice(None)
MASK = np.arange(12).reshape(3, 4) % 5 < 2
PLAIN_KEYS: list[Any] = [
    1,
    -1,
    (2, 0),
    (),
    ...,
    None,
    slice(1, None),
    slice(None, None, -2),
    slice(2, 2),
    (ALL, -1),
    (..., None, slice(0, 3, 2)),
    [2, 0],
    [],
    (ALL, [3, 1, 0]),
    ([2, 0], [1, 3]),
    ([[0], [2]], [1, 3]),
    MASK,
    MASK[:, 0],
    (ALL, MASK[0]),
]
REPEATING_KEYS: list[Any] = [
    [0, 2, 0],
    [1, -2],
    (ALL, [3, 3, 3]),
    ([0, 0, 1], [1, 1, 2]),
    (np.array([[0, 1], [1, 0]]), 2),
]

# The table

CORE: list[Case] = [
    # Entry by entry
    *meet(ops.Add, np.add, anywhere, anywhere),
    *meet(ops.Subtract, np.subtract, anywhere, anywhere),
    *meet(ops.Multiply, np.multiply, anywhere, anywhere),
    *meet(ops.Divide, np.divide, anywhere, nonzero),
    *meet(ops.Power, np.power, positive, anywhere),
    *meet(ops.Maximum, np.maximum, halves, off_halves),
    *meet(ops.Minimum, np.minimum, halves, off_halves),
    *meet(ops.Where, np.where, truths, anywhere, anywhere),
    *meet(ops.Where, np.where, below_three, anywhere, anywhere),
    *meet(ops.Negative, np.negative, anywhere),
    *meet(ops.Square, np.square, anywhere),
    *meet(ops.Exp, np.exp, anywhere),
    *meet(ops.Log, np.log, positive),
    *meet(ops.Sqrt, np.sqrt, positive),
    *meet(ops.Tanh, np.tanh, anywhere),
    *meet(ops.Sigmoid, sigmoid, anywhere),
    *meet(ops.ReLU, relu, off_halves),
    *meet(ops.Absolute, np.absolute, off_halves),
    *meet(ops.Clip, clip, off_halves, min=-1, max=0.5),
    *meet(ops.Clip, clip, off_halves, min=None, max=1),
    *meet(ops.Clip, clip, off_halves, min=-0.5, max=None),
    Case(ops.Clip, clip, off_halves(2, 3), min=None, max=None),
    Case(ops.Clip, clip, off_halves(2, 3), min=np.array([-1.0, 0, 0.5]), max=1),
    *meet(ops.AsType, astype, anywhere, dtype=np.float64),
    # Over axes
    Case(ops.Sum, np.sum, anywhere(2, 3)),
    Case(ops.Sum, np.sum, anywhere(2, 3), axis=0),
    Case(ops.Sum, np.sum, anywhere(2, 3, 4), axis=(0, -1)),
    Case(ops.Sum, np.sum, anywhere(2, 3, 4), axis=1, keepdims=True),
    Case(ops.Sum, np.sum, anywhere(2, 3), axis=()),
    Case(ops.Sum, np.sum, anywhere()),
    Case(ops.Sum, np.sum, anywhere(0, 3)),
    Case(ops.Sum, np.sum, anywhere(0, 3), axis=0),
    Case(ops.Sum, np.sum, anywhere(0, 3), axis=1),
    Case(ops.Mean, np.mean, anywhere(2, 3)),
    Case(ops.Mean, np.mean, anywhere(2, 3), axis=-1),
    Case(ops.Mean, np.mean, anywhere(2, 3, 4), axis=(2, 0), keepdims=True),
    Case(ops.Mean, np.mean, anywhere()),
    Case(ops.Mean, np.mean, anywhere(0, 3), axis=1),
    Case(ops.Max, np.max, distinct(2, 3)),
    Case(ops.Max, np.max, distinct(2, 3), axis=0),
    Case(ops.Max, np.max, distinct(2, 3, 4), axis=(0, -1)),
    Case(ops.Max, np.max, distinct(2, 3, 4), axis=1, keepdims=True),
    Case(ops.Max, np.max, distinct()),
    Case(ops.Max, np.max, distinct(0, 3), axis=1),
    Case(ops.Min, np.min, distinct(2, 3)),
    Case(ops.Min, np.min, distinct(2, 3), axis=0),
    Case(ops.Min, np.min, distinct(2, 3, 4), axis=(-1, 0), keepdims=True),
    Case(ops.Min, np.min, distinct(0, 3), axis=1),
    Case(ops.Var, np.var, anywhere(2, 3)),
    Case(ops.Var, np.var, anywhere(2, 3), axis=0),
    Case(ops.Var, np.var, anywhere(2, 3, 4), axis=(0, -1), keepdims=True),
    Case(ops.Var, np.var, anywhere(4, 2), axis=0, ddof=1),
    Case(ops.Var, np.var, anywhere(0, 3), axis=1),
    Case(autograd.std, np.std, anywhere(2, 3)),
    Case(autograd.std, np.std, anywhere(4, 2), axis=0, ddof=1, keepdims=True),
    # Products of matrices
    Case(ops.MatMul, np.matmul, anywhere(3, 4), anywhere(4, 2)),
    Case(ops.MatMul, np.matmul, anywhere(5, 3, 4), anywhere(4, 2)),
    Case(ops.MatMul, np.matmul, anywhere(3, 4), anywhere(5, 4, 2)),
    Case(ops.MatMul, np.matmul, anywhere(5, 1, 3, 4), anywhere(2, 4, 2)),
    Case(ops.MatMul, np.matmul, anywhere(2, 0), anywhere(0, 3)),
    Case(ops.MatMul, np.matmul, anywhere(0, 4), anywhere(4, 2)),
    Case(autograd.matmul, np.matmul, anywhere(4), anywhere(4)),
    Case(autograd.matmul, np.matmul, anywhere(4), anywhere(4, 2)),
    Case(autograd.matmul, np.matmul, anywhere(3, 4), anywhere(4)),
    Case(autograd.matmul, np.matmul, anywhere(5, 3, 4), anywhere(4)),
    Case(autograd.matmul, np.matmul, anywhere(4), anywhere(5, 4, 2)),
    Case(autograd.matmul, np.matmul, anywhere(0), anywhere(0, 2)),
    Case(ops.Affine, affine, anywhere(5, 3), anywhere(2, 3), anywhere(2)),
    Case(ops.Affine, affine, anywhere(0, 3), anywhere(2, 3), anywhere(2)),
    Case(autograd.affine, affine, anywhere(3), anywhere(2, 3), anywhere(2)),
    Case(autograd.affine, affine, anywhere(4, 5, 3), anywhere(2, 3), anywhere(2)),
    Case(autograd.affine, affine, anywhere(4, 5, 0), anywhere(2, 0), anywhere(2)),
    # Classification
    Case(ops.Softmax, softmax, anywhere(2, 3)),
    Case(ops.Softmax, softmax, anywhere(2, 3, 4), axis=1),
    Case(ops.Softmax, softmax, anywhere(0, 3)),
    Case(ops.LogSoftmax, log_softmax, anywhere(2, 3)),
    Case(ops.LogSoftmax, log_softmax, anywhere(2, 3, 4), axis=-2),
    Case(ops.LogSoftmax, log_softmax, anywhere(0, 3)),
    Case(ops.SoftmaxCrossEntropy, softmax_cross_entropy, anywhere(4, 3), below_three(4)),
    Case(ops.SoftmaxCrossEntropy, softmax_cross_entropy, anywhere(2, 4, 3), below_three(2, 4)),
    Case(ops.SoftmaxCrossEntropy, softmax_cross_entropy, anywhere(3), below_three()),
    Case(ops.SoftmaxCrossEntropy, softmax_cross_entropy, anywhere(0, 3), below_three(0)),
    # Another arrangement
    Case(ops.Reshape, reshape, anywhere(2, 3), shape=(3, 2)),
    Case(ops.Reshape, reshape, anywhere(2, 3), shape=-1),
    Case(ops.Reshape, reshape, anywhere(2, 3), shape=(1, -1, 2)),
    Case(ops.Reshape, reshape, anywhere(1, 1), shape=()),
    Case(ops.Reshape, reshape, anywhere(0, 3), shape=(-1, 3)),
    Case(ops.Transpose, np.transpose, anywhere(2, 3)),
    Case(ops.Transpose, np.transpose, anywhere(2, 3, 4), axes=(1, 2, 0)),
    Case(ops.Transpose, np.transpose, anywhere(2, 3, 4), axes=(-1, 0, -2)),
    Case(ops.Transpose, np.transpose, anywhere()),
    Case(ops.Transpose, np.transpose, anywhere(2, 0)),
    Case(ops.BroadcastTo, np.broadcast_to, anywhere(3), shape=(2, 3)),
    Case(ops.BroadcastTo, np.broadcast_to, anywhere(2, 1), shape=(4, 2, 3)),
    Case(ops.BroadcastTo, np.broadcast_to, anywhere(), shape=3),
    Case(ops.BroadcastTo, np.broadcast_to, anywhere(1, 3), shape=(0, 3)),
    Case(ops.ExpandDims, np.expand_dims, anywhere(2, 3), axis=0),
    Case(ops.ExpandDims, np.expand_dims, anywhere(2, 3), axis=(1, -1)),
    Case(ops.ExpandDims, np.expand_dims, anywhere(0), axis=-1),
    Case(ops.Squeeze, np.squeeze, anywhere(1, 2, 1)),
    Case(ops.Squeeze, np.squeeze, anywhere(1, 2, 1), axis=-1),
    Case(ops.Squeeze, np.squeeze, anywhere(1, 0, 1), axis=(0, 2)),
    Case(ops.Concatenate, np.concatenate, anywhere(2, 3), anywhere(1, 3)),
    Case(ops.Concatenate, np.concatenate, anywhere(2, 1), anywhere(2, 2), anywhere(2, 0), axis=-1),
    Case(ops.Concatenate, np.concatenate, anywhere(2, 1, 2), anywhere(2, 3, 2), axis=1),
    Case(autograd.concatenate, np.concatenate, anywhere(2, 3), anywhere(), axis=None),
    Case(ops.Stack, np.stack, anywhere(2, 3), anywhere(2, 3)),
    Case(ops.Stack, np.stack, anywhere(2, 3), anywhere(2, 3), anywhere(2, 3), axis=1),
    Case(ops.Stack, np.stack, anywhere(), anywhere(), axis=-1),
    Case(autograd.stack, np.stack, anywhere(0, 3), anywhere(0, 3), axis=-1),
    Case(autograd.split, np.split, anywhere(4, 3), indices_or_sections=2),
    Case(autograd.split, np.split, anywhere(2, 5), indices_or_sections=[1, 4], axis=1),
    Case(autograd.split, np.split, anywhere(0, 3), indices_or_sections=2),
    # Chosen entries
    *(Case(ops.GetItem, get_item, anywhere(3, 4), key=k) for k in PLAIN_KEYS + REPEATING_KEYS),
    Case(ops.GetItem, get_item, anywhere(3, 4, 2), key=([0, 2], ALL, [1, 1])),
    Case(ops.GetItem, get_item, anywhere(0, 3), key=(ALL, 1)),
    Case(ops.ScatterAdd, scatter_add, anywhere(4), key=1, shape=(3, 4)),
    Case(ops.ScatterAdd, scatter_add, anywhere(2, 4), key=slice(0, 3, 2), shape=(3, 4)),
    Case(ops.ScatterAdd, scatter_add, anywhere(3, 4), key=[0, 2, 0], shape=(3, 4)),
    Case(ops.ScatterAdd, scatter_add, anywhere(3), key=([0, 0, 1], [1, 1, 2]), shape=(3, 4)),
    Case(ops.ScatterAdd, scatter_add, anywhere(6), key=MASK, shape=(3, 4)),
    Case(ops.ScatterAdd, scatter_add, anywhere(0, 4), key=[], shape=(3, 4)),
]

# Plain answers, through which no gradient flows

PLAIN_CORE: list[Case] = [
    *meet(ops.Greater, np.greater, halves, halves),
    *meet(ops.GreaterEqual, np.greater_equal, halves, halves),
    *meet(ops.Less, np.less, halves, halves),
    *meet(ops.LessEqual, np.less_equal, halves, halves),
    *meet(ops.Equal, np.equal, halves, halves),
    *meet(ops.NotEqual, np.not_equal, halves, halves),
    *meet(ops.Sign, np.sign, halves),
    *meet(ops.And, np.bitwise_and, truths, truths),
    *meet(ops.And, np.bitwise_and, below_three, below_three),
    *meet(ops.Or, np.bitwise_or, truths, truths),
    *meet(ops.Not, np.invert, truths),
    *meet(ops.Detach, detach, anywhere),
    *meet(ops.AsPlain, astype, anywhere, dtype=np.int64),
    *meet(ops.AsPlain, astype, halves, dtype=np.bool_),
    Case(ops.ArgMax, np.argmax, distinct(2, 3)),
    Case(ops.ArgMax, np.argmax, distinct(2, 3), axis=0),
    Case(ops.ArgMax, np.argmax, below_three(4, 5), axis=1),
    Case(ops.ArgMin, np.argmin, distinct(2, 3)),
    Case(ops.ArgMin, np.argmin, distinct(2, 3), axis=-1),
    Case(ops.AllTrue, np.all, truths(2, 3)),
    Case(ops.AllTrue, np.all, truths(4, 3), axis=0, keepdims=True),
    Case(ops.AllTrue, np.all, truths(0, 3), axis=0),
    Case(ops.AnyTrue, np.any, truths(2, 3)),
    Case(ops.AnyTrue, np.any, truths(4, 3), axis=-1),
    Case(ops.AnyTrue, np.any, truths(0, 3), axis=0),
]

# All families

CASES: list[Case] = [
    *CORE,
    *arranging.CASES,
    *elementwise.CASES,
    *activations.CASES,
    *losses.CASES,
    *normalization.CASES,
    *reductions.CASES,
    *linalg.CASES,
]
PLAIN: list[Case] = [*PLAIN_CORE, *arranging.PLAIN, *elementwise.PLAIN, *linalg.PLAIN]
