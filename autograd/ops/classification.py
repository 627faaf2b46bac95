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


def marks(scores: Array, labels: Array) -> Array:
    """Where in each row of scores its label is, as truth values. Raises ValueError for others."""
    if labels.dtype.kind not in "iu":
        raise ValueError("labels are whole numbers")
    onehot = labels[..., None] == np.arange(scores.shape[-1], like=labels)
    if onehot.shape != scores.shape:
        raise ValueError("there must be one label for each row of scores")
    require(np.count_nonzero(onehot) == labels.size, "a label is not among the classes")
    return onehot


def at_labels(scores: Array, labels: Array) -> Array:
    """The entry of each row of scores at its label."""
    if scores.ndim == 2:  # as usual: in less time
        return scores[np.arange(labels.size, like=labels), labels]
    return np.take_along_axis(scores, labels[..., None], axis=-1)[..., 0]


class AtLabel(Function):
    """The score of each row at its label: scores[i, labels[i]].

    Shapes: scores (..., classes), labels (...) of whole numbers 0 … classes − 1; the result (...).
    """

    batched = True
    inputs = ("scores", "labels")
    outputs = ("chosen", "_onehot")
    constant_outputs = ("_onehot",)

    def forward(scores: Array, labels: Array) -> tuple[Array, Array]:
        onehot = marks(scores, labels)
        return at_labels(scores, labels), onehot

    gradients = {("scores", "chosen"): lambda g, _onehot: g[..., None] * _onehot}

    def diagnose(scores: Array, labels: Array) -> tuple[str, str | None]:
        return wrong_labels(scores, labels, "scores")


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
        onehot = marks(logits, labels)
        logp = LogSoftmax.forward(logits)
        return -at_labels(logp, labels), logp, onehot

    gradients = {
        ("logits", "nll"): lambda g, _logp, _onehot: g[..., None] * (np.exp(_logp) - _onehot),
        ("logits", "_logp"): lambda g, _logp: g - np.exp(_logp) * g.sum(axis=-1, keepdims=True),
    }

    def diagnose(logits: Array, labels: Array) -> tuple[str, str | None]:
        return wrong_labels(logits, labels, "logits")


# Why labels do not fit

FOR_ROWS = "for rows of probabilities use nn.functional.cross_entropy"


def wrong_labels(scores: Array, labels: Array, name: str) -> tuple[str, str | None]:
    """What is wrong with labels for these scores, which are called `name`, and the fix."""
    if np.ndim(scores) == 0:
        return f"{name} have one number for each class", "give rows, shape (n, classes)"
    if labels.shape == scores.shape:
        problem, fix = "labels are numbers of classes, not one-hot rows", "labels.argmax(axis=-1)"
        return problem, fix if labels.dtype.kind in "iub" else f"{fix}; {FOR_ROWS}"
    if labels.shape != scores.shape[:-1]:
        shapes = f"shape {scores.shape[:-1]}, not {labels.shape}"
        problem = f"there must be one label for each row of {name}: {shapes}"
        return problem, _reshaped(scores, labels, name)
    if labels.dtype.kind not in "iu":
        return f"labels are whole numbers, and these are {labels.dtype}", _whole(labels)
    return _out_of_range(labels, scores.shape[-1])


def _whole(labels: Array) -> str:
    if np.isnan(labels).any():
        return "leave out the rows whose label is not known (NaN), or find it"
    return "labels.astype(int)" + (f"; {FOR_ROWS}" if (labels % 1).any() else "")


def _reshaped(scores: Array, labels: Array, name: str) -> str:
    if labels.shape == (*scores.shape[:-1], 1):
        return "labels.squeeze(-1)"
    if scores.ndim > 2 and labels.shape == (scores.shape[0], *scores.shape[2:]):
        return f"classes are the last axis here, and PyTorch's second: np.moveaxis({name}, 1, -1)"
    return "check the batch sizes"


def _out_of_range(labels: Array, classes: int) -> tuple[str, str]:
    wrong = (labels < 0) | (labels >= classes)
    first = tuple(np.argwhere(wrong)[0].tolist())
    found = set(np.unique(labels[wrong]).tolist())
    fix = "widen the last layer, or check how the labels were made"
    if labels.min() == 1 and labels.max() == classes:
        fix = "the labels count from 1: subtract 1"
    elif set(np.unique(labels).tolist()) == {-1, 1}:
        fix = "for labels −1 and 1 there are nn.functional.soft_margin_loss and hinge losses"
    elif len(found) == 1 and min(found) < 0:
        value = found.pop()
        fix = f"to leave these rows out: nn.functional.cross_entropy(…, ignore_index={value})"
        if value == -1 and labels.max() < classes - 1:
            fix = f"if the labels count from −1: add 1; {fix}"
    return (
        f"{np.count_nonzero(wrong)} of {labels.size} labels are not in 0 … {classes - 1}; the "
        f"first is {labels[first]} in row {', '.join(map(str, first))}"
    ), fix
