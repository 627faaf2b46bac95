"""A decision boundary that is drawn anew while a network is trained."""

from __future__ import annotations

import importlib
from typing import Any

from nn.bars import in_notebook
from nn.checks import whole_number
from nn.plots.boundaries import decision_boundary
from nn.plots.canvas import axes_or_new
from nn.training.callbacks import Callback, State


class LiveBoundary(Callback):
    """Draws the decision boundary during `fit`; in a notebook the picture changes in its place.

    Args:
        x, y, logits: as for `decision_boundary`.
        every: after how many epochs it is drawn anew.
        ax: where to draw; a new figure if None.

    Attributes:
        ax: the axes, with the boundary as it was last drawn; None before.
    """

    def __init__(
        self, x: Any, y: Any, every: int = 1, logits: bool | None = None, ax: Any = None
    ) -> None:
        self.x, self.y, self.logits, self.ax = x, y, logits, ax
        self.every = whole_number(every, "LiveBoundary", "every")
        self._shown: Any = None

    def on_epoch_end(self, state: State) -> None:
        """Draw it."""
        if state.epoch % self.every:
            return
        self.ax = axes_or_new(self.ax, (5.5, 4.5))
        self.ax.clear()
        decision_boundary(state.model, self.x, self.y, self.logits, self.ax)
        self.ax.set_title(f"epoch {state.epoch}: {self.ax.get_title()}")
        if self._shown is not None:
            self._shown.update(self.ax.figure)
        elif in_notebook():
            import matplotlib.pyplot as plt

            shown_by = importlib.import_module("IPython.display")  # there, as this is a notebook
            self._shown = shown_by.display(self.ax.figure, display_id=True)
            plt.close(self.ax.figure)  # or the notebook shows it once more below
