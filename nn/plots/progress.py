"""Numbers over time and over data: curves of training, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nn.plots.canvas import Array, axes_or_new, cycle, panels_or_new, spans_much, tidy
from nn.plots.reading import percent, read_bias_variance

HELD_OUT = "val_"  # how names of numbers about held-out data begin
FEW = 40  # so many points are marked one by one


def curves(numbers: Mapping[str, Sequence[float]], ax: Any = None) -> Array:
    """Draw what was measured epoch after epoch, such as loss and accuracy.

    Args:
        numbers: by name a value for each epoch, the first epoch's first; None or NaN where there
            is none. "loss" and "val_loss" are drawn together, as training and validation.
        ax: one axes, or as many as there are quantities.

    Returns:
        An array of axes, one for each quantity. A loss that falls by more than a factor of 30 has
        a log axis.

    Raises:
        ValueError: there are no numbers, or not as many axes as quantities.

    Example:
        curves({"loss": [0.9, 0.4], "val_loss": [1.0, 0.6], "accuracy": [0.7, 0.9]})
    """
    quantities = list(dict.fromkeys(name.removeprefix(HELD_OUT) for name in numbers))
    if not any(len(values) for values in numbers.values()):
        raise ValueError(
            "curves: there are no numbers to draw. Give a list of values for each name, as in "
            '{"loss": [0.9, 0.4]}, after training for an epoch at least.'
        )
    panels = panels_or_new(ax, quantities, "curves")
    looks = list(zip(("training", "validation"), cycle(2), ("-", "--"), strict=True))
    for panel, quantity in zip(panels, quantities, strict=True):
        shown: list[float] = []
        for name, (label, colour, dashes) in zip(
            (quantity, HELD_OUT + quantity), looks, strict=True
        ):
            values = np.array(numbers.get(name, []), dtype=float)
            if len(values):
                mark = "." if len(values) <= FEW else ""
                epochs = np.arange(1, len(values) + 1)
                panel.plot(epochs, values, dashes, marker=mark, color=colour, label=label)
            shown.extend(values)
        if "loss" in quantity and spans_much(np.array(shown)):
            panel.set_yscale("log")
        panel.set(title=quantity.replace("_", " "), xlabel="epoch")
        panel.xaxis.get_major_locator().set_params(integer=True)
        if HELD_OUT + quantity in numbers:
            panel.legend(frameon=False)
        tidy(panel)
    return panels


def learning_curves(
    sizes: Sequence[int],
    train_errors: Any,
    dev_errors: Any,
    target: float = 0.0,
    tolerance: float = 0.02,
    ax: Any = None,
) -> Any:
    """Draw the error over the number of training examples, with what it says in the title.

    Two curves that have met, far above the target: more data will not help (high bias). A gap that
    is still closing: it will (high variance).

    Args:
        sizes: the numbers of training examples, of shape (n,).
        train_errors, dev_errors: the shares of errors, from 0 to 1, on the examples trained on and
            on held-out ones, of shape (n,); or (n, repeats), of which mean and standard deviation
            are drawn.
        target, tolerance: as for `read_bias_variance`, which reads the errors at the largest size.
        ax: where to draw; a new figure if None.

    Raises:
        ValueError: unequal lengths, or what `read_bias_variance` raises.

    Source: Ng, "Machine Learning Yearning" (2018), chapters 28–32.
    """
    order = np.argsort(sizes)
    counts = np.asarray(sizes)[order]
    given = {"training": np.asarray(train_errors, float), "dev": np.asarray(dev_errors, float)}
    for label, errors in given.items():
        if len(errors) != len(counts) or errors.ndim not in (1, 2):
            raise ValueError(
                f"learning_curves: the {label} errors have shape {errors.shape}, and there are "
                f"{len(counts)} sizes. Give one error for each size, or a row of repeats."
            )
    repeats = {label: e[order].reshape(len(counts), -1) for label, e in given.items()}
    train, dev = (float(errors[-1].mean()) for errors in repeats.values())
    reading = read_bias_variance(train, dev, target, tolerance)
    ax = axes_or_new(ax, (6, 4))
    for (label, errors), colour in zip(repeats.items(), cycle(2), strict=True):
        mean, spread = errors.mean(axis=1), errors.std(axis=1)
        ax.plot(counts, mean, marker="o", markersize=4, color=colour, label=f"{label} error")
        if errors.shape[1] > 1:
            low = np.maximum(mean - spread, 0)
            ax.fill_between(counts, low, mean + spread, color=colour, alpha=0.2, linewidth=0)
    if target:
        ax.axhline(target, linestyle="--", linewidth=1, color="0.5", label="target")
    if spans_much(counts):
        ax.set_xscale("log")
        ax.set_xticks(counts, [f"{count:,}" for count in counts])
        ax.minorticks_off()
    title = f"{reading.verdict} (training {percent(train)}, dev {percent(dev)})"
    ax.set(xlabel="training examples", ylabel="error", title=title)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda error, _: percent(error))
    ax.legend(frameon=False)
    tidy(ax)
    return ax
