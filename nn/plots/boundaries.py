"""Which class a network answers where, for inputs of two numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from nn.module import Module
from nn.plots.canvas import Array, axes_or_new, cycle, ink
from nn.training.evaluation import evaluating

POINTS = 240  # along each axis of the grid on which the network is asked
ROOM = 0.12  # around the data, as a share of its extent
FAINT, STRONG = 0.12, 0.55  # how opaque a region is where the network is unsure, and sure


def decision_boundary(
    model: Any, x: Any, y: Any, logits: bool | None = None, ax: Any = None
) -> Any:
    """Draw the regions in which each class is answered, with the data on top.

    Args:
        model: a network, a function of an array of shape (n, 2), or an estimator with
            predict_proba or predict. It answers scores of shape (n, classes), logits or
            probabilities; of shape (n,) or (n, 1) for two classes; or the classes themselves.
        x: of shape (m, 2).
        y: the classes, of shape (m,) or (m, 1).
        logits: whether what a network with one output answers are logits, and not the
            probabilities of the second class. If None, they are if any is outside of 0 … 1.
        ax: where to draw; a new figure if None.

    The surer the network, the stronger the colour. A network is asked in evaluation mode and
    without a graph; its modes are as before afterwards.

    Raises:
        TypeError: the model cannot be called.
        ValueError: x has not two columns, y has not a class for each, or the model answers
            something else.
    """
    points, truth = np.asarray(x), np.asarray(y)
    truth = truth[:, 0] if truth.shape[1:] == (1,) else truth
    if points.shape != (truth.size, 2) or truth.ndim != 1 or not truth.size:
        raise ValueError(
            "decision_boundary draws inputs of two numbers: x is of shape (m, 2), y of (m,). These "
            f"are {points.shape} and {truth.shape}. Of more inputs choose two for a model of its "
            "own, or project them, as nn.data.PCAWhitening does."
        )
    low, high = points.min(axis=0), points.max(axis=0)
    room = ROOM * np.where(high > low, high - low, 1)
    across, up = np.linspace(low - room, high + room, POINTS).T
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    answers = _answers(model, np.concatenate([grid, points]).astype(points.dtype))
    classes = _classes(model, answers, truth)
    shares = _probabilities(answers, classes, logits)

    ax = axes_or_new(ax, (5.5, 4.5))
    colours = cycle(len(classes))
    regions = shares[: len(grid)].reshape(POINTS, POINTS, -1)
    extent = (across[0], across[-1], up[0], up[-1])
    ax.imshow(_paint(regions, colours), extent=extent, origin="lower", aspect="auto")
    _lines(ax, across, up, regions)
    for label, colour in zip(classes, colours, strict=True):
        some = points[truth == label]
        ax.scatter(
            *some.T, s=22, color=colour, edgecolors=ax.get_facecolor(), linewidths=0.6, label=label
        )
    right = np.mean(classes[shares[len(grid) :].argmax(axis=1)] == truth)
    ax.set(xlim=extent[:2], ylim=extent[2:], xlabel="$x_1$", ylabel="$x_2$")
    ax.set_title(f"{100 * right:.1f} % of {len(points):,} points right")
    ax.legend(loc="upper right", framealpha=0.8)
    return ax


def _answers(model: Any, points: Array) -> Array:
    """What the model says of points, an array of shape (n, outputs) or, for classes, (n,)."""
    if isinstance(model, Module):
        dtypes = [parameter.dtype for parameter in model.parameters()]
        with evaluating(model):
            found = model(Tensor(points.astype(dtypes[0] if dtypes else points.dtype)))
    else:
        names = ("predict_proba", "predict", "__call__")
        ask: Callable[[Array], Any] | None
        ask = next((getattr(model, name) for name in names if hasattr(model, name)), None)
        if ask is None:
            raise TypeError(
                "decision_boundary: the model is a network, a function, or an estimator with "
                f"predict, not {type(model).__name__}. Give it first: (model, x, y)."
            )
        with no_grad():
            found = ask(points)
    answers = np.asarray(found)
    if answers.ndim not in (1, 2) or len(answers) != len(points) or not answers.size:
        raise ValueError(
            f"decision_boundary: for inputs of shape {points.shape} the model answers shape "
            f"{answers.shape}; expected is ({len(points)}, classes), or ({len(points)},)."
        )
    if np.issubdtype(answers.dtype, np.floating) and not np.isfinite(answers).all():
        raise ValueError(
            "decision_boundary: the model answers NaN or infinity for some inputs. Has training "
            "diverged? Try a smaller learning rate."
        )
    single = answers.ndim == 2 and answers.shape[1] == 1
    return answers[:, 0] if single else answers


def _classes(model: Any, answers: Array, truth: Array) -> Array:
    """The classes in the order of the outputs. Raises ValueError where they are not as many."""
    if hasattr(model, "classes_"):
        return np.asarray(model.classes_)
    there: Array = np.unique(truth)
    if answers.ndim == 1 and not np.issubdtype(answers.dtype, np.floating):
        return np.union1d(there, answers)
    outputs = answers.shape[1] if answers.ndim == 2 else 2
    if np.isin(there, np.arange(outputs)).all():
        return np.arange(outputs)
    if len(there) == outputs:
        return there
    shown = ", ".join(map(str, there[:8])) + (", …" if len(there) > 8 else "")
    raise ValueError(
        f"decision_boundary: the model tells {outputs} classes apart, and y holds {len(there)}: "
        f"{shown}. Is the last layer of the size that the data needs?"
    )


def _probabilities(answers: Array, classes: Array, logits: bool | None) -> Array:
    """Of shape (n, classes)."""
    if answers.ndim == 1 and not np.issubdtype(answers.dtype, np.floating):
        same: Array = (answers[:, None] == classes).astype(float)
        return same
    scores = answers.astype(float)
    if scores.ndim == 1:
        if logits is None:
            logits = bool(scores.min() < 0 or scores.max() > 1)
        first = np.zeros_like(scores) if logits else 1 - scores
        scores = np.stack([first, scores], axis=1)
    else:
        logits = scores.min() < 0 or not np.allclose(scores.sum(axis=1), 1, atol=1e-3)
    if not logits:
        return scores
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return shares


def _paint(shares: Array, colours: Array) -> Array:
    """Each point in the colour of its likeliest class, of shape (height, width, 4), in bytes.

    Shares are rounded with them, and pictures in notebooks take half the room.
    """
    least = 1 / shares.shape[2]
    sure = (shares.max(axis=2) - least) / (1 - least)
    opacity = FAINT + (STRONG - FAINT) * sure
    rgba = np.concatenate([colours[shares.argmax(axis=2)], opacity[..., None]], axis=2)
    return np.round(255 * rgba).astype(np.uint8)


def _lines(ax: Any, across: Array, up: Array, shares: Array) -> None:
    """The lines on which a class and its strongest rival are equally likely."""
    count = shares.shape[2]
    for c in range(1 if count == 2 else 0, count):
        lead = shares[..., c] - np.delete(shares, c, axis=2).max(axis=2)
        if lead.min() < 0 < lead.max():
            ax.contour(across, up, lead, levels=[0], colors=[ink()], linewidths=1, alpha=0.7)
