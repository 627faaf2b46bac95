"""A schedule as a curve, without training and without leaving a trace."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.lr_scheduler.base import LRScheduler, count
from optim.lr_scheduler.plateau import ReduceLROnPlateau


def curve(schedule: LRScheduler, steps: int) -> np.ndarray[Any, Any]:
    """The rates of the next `steps` steps, of shape (steps, groups), those of now first.

    The schedule and its optimiser are afterwards as they were.

    Raises:
        TypeError: the schedule is ReduceLROnPlateau, whose rates depend on what it watches.
    """
    if isinstance(schedule, ReduceLROnPlateau):
        raise TypeError(
            "ReduceLROnPlateau has no curve of its own: its rates depend on the values it will be "
            "told of. Note optimizer.param_groups[0]['lr'] while training."
        )
    count("curve", "steps", steps)
    state = schedule.state_dict()
    rates = [schedule._rates_now()]
    try:
        for _ in range(steps - 1):
            schedule._advance()
            rates.append(schedule._rates_now())
    finally:
        schedule.load_state_dict(state)
    return np.array(rates)


def plot(schedule: LRScheduler, steps: int | None = None, ax: Any = None) -> Any:
    """Draw `curve(schedule, steps)`, a line for each group; returns the matplotlib axes.

    Without a number of steps it shows 100; of a schedule that ends (OneCycleLR), all that are left.
    """
    if steps is None:
        end = getattr(schedule, "total_steps", None)
        steps = 100 if end is None else max(1, end - schedule.last_epoch)
    rates = curve(schedule, steps)
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(figsize=(6, 3), layout="constrained")[1]
    t = np.arange(schedule.last_epoch, schedule.last_epoch + steps)
    for i, (group, style) in enumerate(zip(rates.T, STYLES * len(rates.T), strict=False)):
        ax.step(t, group, where="post", linestyle=style, label=f"group {i}")
    if rates.shape[1] > 1:
        ax.legend()
    ax.set(xlabel="step", ylabel="learning rate", title=type(schedule).__name__)
    return ax


STYLES = ["-", "--", "-.", ":"]  # to be told apart without colours
