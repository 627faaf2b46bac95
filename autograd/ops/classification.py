"""Softmax, its logarithm, and cross-entropy on logits, each stable for any logits."""

from __future__ import annotations

import numpy as np

from autograd.broadcasting import negative_axis
from autograd.conditions import require
from autograd.function import Array, Function


def floating(x: Array) -> Array:
    """x, with whole numbers as floating ones: differences of unsigned numbers would wrap."""
    return x * 1.0 if x.dtype.kind in "uib" else x


class Softmax(Function):
    """Softmax along an axis: eˣ over its sum."""

    batched = True
    settings = ("axis",)
    normalize = {"axis": lambda axis, x: negative_axis(axis, x.ndim)}

    def forward(x: Array, axis: int = -1) -> Array:
        raised = np.exp(floating(x) - x.max(axis=axis, keepdims=True))
        raised /= raised.sum(axis=axis, keepdims=True)
        return raised

    gradients = {"x": lambda g, out, axis: out * (g - (g * out).sum(axis=axis, keepdims=True))}


class LogSoftmax(Function):
    """Logarithm of softmax along an axis: x − log Σ eˣ."""

    batched = True
    settings = ("axis",)
    normalize = {"axis": lambda axis, x: negative_axis(axis, x.ndim)}

    def forward(x: Array, axis: int = -1) -> Array:
        shifted = floating(x) - x.max(axis=axis, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))

    gradients = {"x": lambda g, out, axis: g - np.exp(out) * g.sum(axis=axis, keepdims=True)}


class SoftmaxCrossEntropy(Function):
    """Negative log-probability that softmax gives to each row's label: −log softmax(x)[label].

    Shapes: logits (..., classes), labels (...) of whole numbers 0 … classes − 1; the result (...).
    The gradient is the textbook's ŷ − y.
    """

    batched = True
    inputs = ("logits", "labels")
    outputs = ("nll", "_logp", "_onehot")
    constant_outputs = ("_onehot",)

    def forward(logits: Array, labels: Array) -> tuple[Array, Array, Array]:
        logp = LogSoftmax.forward(logits)
        onehot = labels[..., None] == np.arange(logits.shape[-1], like=labels)
        if onehot.shape != logits.shape:
            raise ValueError("there must be one label for each row of logits")
        require(np.count_nonzero(onehot) == labels.size, "a label is not among the classes")
        return -np.take_along_axis(logp, labels[..., None], axis=-1)[..., 0], logp, onehot

    gradients = {
        ("logits", "nll"): lambda g, _logp, _onehot: g[..., None] * (np.exp(_logp) - _onehot),
        ("logits", "_logp"): lambda g, _logp: g - np.exp(_logp) * g.sum(axis=-1, keepdims=True),
    }

    def diagnose(logits: Array, labels: Array) -> tuple[str, str | None]:
        if np.ndim(logits) == 0:
            return "logits have one number for each class", "give rows, shape (n, classes)"
        classes = logits.shape[-1]
        if labels.dtype.kind not in "iu":
            return (
                f"labels are whole numbers, and these are {labels.dtype}",
                "labels.astype(int); for rows of probabilities use nn.functional.cross_entropy",
            )
        if labels.shape == logits.shape:
            return "labels are numbers of classes, not one-hot rows", "labels.argmax(axis=-1)"
        if labels.shape != logits.shape[:-1]:
            shapes = f"shape {logits.shape[:-1]}, not {labels.shape}"
            squeezes = labels.shape == (*logits.shape[:-1], 1)
            return (
                f"there must be one label for each row of logits: {shapes}",
                "labels.squeeze(-1)" if squeezes else "check the batch sizes",
            )
        wrong = (labels < 0) | (labels >= classes)
        fix = "widen the last layer, or check how the labels were made"
        if labels.min() == 1 and labels.max() == classes:
            fix = "the labels count from 1: subtract 1"
        first = tuple(np.argwhere(wrong)[0].tolist())
        return (
            f"{np.count_nonzero(wrong)} of {labels.size} labels are not in 0 … {classes - 1}; the "
            f"first is {labels[first]} in row {', '.join(map(str, first))}"
        ), fix
