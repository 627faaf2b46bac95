"""Which loss it is, recognised by what it computes, and what it should be for a new network."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import nn.functional as functional
from nn import losses
from nn.checkup.patient import Array, Pass, Patient, Unanswered

KNOWN: dict[str, tuple[Any, ...]] = {
    "classes": (losses.CrossEntropyLoss, functional.cross_entropy),
    "log-probabilities": (losses.NLLLoss, functional.nll_loss),
    "logits": (losses.BCEWithLogitsLoss, functional.binary_cross_entropy_with_logits),
    "probabilities": (losses.BCELoss, functional.binary_cross_entropy),
    "squares": (losses.MSELoss, functional.mse_loss),
    "errors": (
        *(losses.L1Loss, losses.HuberLoss, losses.SmoothL1Loss, losses.RMSELoss),
        *(functional.l1_loss, functional.huber_loss, functional.smooth_l1_loss),
        functional.rmse_loss,
    ),
}
CLASSES = ("classes", "log-probabilities")
BINARY = ("logits", "probabilities")
NUMBERS = ("squares", "errors")


def kind_of_loss(patient: Patient) -> str:
    """ "classes", "log-probabilities", "logits", "probabilities", "squares", "errors" or "other".

    By the function or class it is, else by the calls that it made.
    """
    loss = getattr(patient.loss, "func", patient.loss)  # of functools.partial
    for kind, known in KNOWN.items():
        if any(loss is one or (isinstance(one, type) and isinstance(loss, one)) for one in known):
            return kind
    return _by_calls(patient.run)


def _by_calls(run: Pass) -> str:
    made = {call.op.__name__ for call in run.in_loss}
    if "SoftmaxCrossEntropy" in made or {"LogSoftmax", "AtLabel"} <= made:
        return "classes"
    for call in run.in_loss:
        straight = call.op.__name__ == "AtLabel" and call.inputs["scores"] is run.value_of_output
        if straight and not made & {"ReLU", "Maximum", "Subtract"}:  # those of hinge losses
            return "log-probabilities"
    if "SigmoidCrossEntropy" in made:
        return "logits"
    if "BinaryCrossEntropy" in made:
        return "probabilities"
    return "squares" if _squares_differences(run) else "other"


def _squares_differences(run: Pass) -> bool:
    """Whether the loss is a sum or mean of squared differences, as people write it by hand."""
    if not run.in_loss or run.in_loss[-1].op.__name__ not in ("Mean", "Sum"):
        return False
    squared = run.made(next(iter(run.in_loss[-1].inputs.values())))
    if squared is None or squared.op.__name__ not in ("Square", "Power", "Multiply"):
        return False
    base, *rest = squared.inputs.values()
    if squared.op.__name__ == "Power" and not _is_two(rest[0]):
        return False
    if squared.op.__name__ == "Multiply" and rest[0] is not base:
        return False
    difference = run.made(base)
    return difference is not None and difference.op.__name__ == "Subtract"


def _is_two(exponent: Any) -> bool:
    value = getattr(exponent, "array", exponent)
    return bool(np.size(value) == 1 and np.all(np.asarray(value) == 2))


def plain_loss(kind: str, prediction: Array, y: Array) -> Array:
    """The losses of all examples by the textbook's formula, in double precision.

    Raises Unanswered if prediction and target do not fit the formula.
    """
    p, y = np.asarray(prediction, np.float64), np.asarray(y)
    with np.errstate(all="ignore"):
        if kind in CLASSES:
            logp = p if kind == "log-probabilities" else log_softmax(p)
            if y.shape == p.shape and p.shape[-1] > 1:  # rows of probabilities
                return np.asarray(-(y * logp).sum(axis=-1))
            if y.shape != p.shape[:-1] or y.dtype.kind not in "iu" or not _in_range(y, p):
                raise Unanswered("the targets are no labels of these outputs")
            return np.asarray(-np.take_along_axis(logp, y[..., None].astype(int), -1))
        if p.shape != y.shape:
            raise Unanswered(f"outputs {p.shape} and targets {y.shape} differ in shape")
        y = y.astype(np.float64)
        if kind == "logits":
            return np.asarray(np.maximum(p, 0) - p * y + np.log1p(np.exp(-np.abs(p))))
        if kind == "probabilities":
            p = np.clip(p, 1e-40, 1 - 1e-12)
            return np.asarray(-y * np.log(p) - (1 - y) * np.log1p(-p))
        if kind == "squares":
            return np.asarray((p - y) ** 2)
    raise Unanswered("the loss is not one whose value is known beforehand")


def constant_loss(kind: str, outputs: int, y: Array) -> float:
    """The mean loss of the best prediction that is the same for all examples."""
    y = np.asarray(y)
    if kind in CLASSES:
        rows = y if y.shape[-1:] == (outputs,) and y.ndim > 1 else np.eye(outputs)[y.astype(int)]
        return _entropy(rows.reshape(-1, outputs).mean(axis=0))
    if kind in BINARY:
        shares = y.astype(np.float64).reshape(len(y), -1).mean(axis=0)
        return float(np.mean([_entropy(np.array([p, 1 - p])) for p in shares]))
    return float(y.astype(np.float64).var(axis=0).mean())


def least_loss(kind: str, outputs: int, y: Array) -> float:
    """The mean loss of a perfect prediction: more than 0 where targets are no certainties."""
    y = np.asarray(y, np.float64)
    if kind in CLASSES and y.shape[-1:] == (outputs,) and y.ndim > 1:
        return float(np.mean([_entropy(row) for row in y.reshape(-1, outputs)]))
    if kind in BINARY:
        return float(np.mean([_entropy(np.array([p, 1 - p])) for p in y.ravel()]))
    return 0.0


def unknowing_loss(kind: str, outputs: int, y: Array) -> tuple[float, str]:
    """The mean loss of a network that knows nothing yet, and the formula."""
    if kind in CLASSES:
        return math.log(outputs), f"ln {outputs}"
    if kind in BINARY:
        return math.log(2), "ln 2"
    return float(np.mean(np.square(y, dtype=np.float64))), "the mean of the squared targets"


def log_softmax(z: Array) -> Array:
    """log softmax along the last axis."""
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _in_range(y: Array, p: Array) -> bool:
    return bool(y.size and y.min() >= 0 and y.max() < p.shape[-1])


def _entropy(shares: Array) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log(some)).sum())
