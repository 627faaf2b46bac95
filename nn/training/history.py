"""What a training has seen: numbers by epoch, as lists, as a table, as curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

MOST_ROWS = 30  # that a table shows; of more, the first and the last


class History:
    """The numbers of a training, epoch by epoch.

    Attributes:
        numbers: lists with an entry for each finished epoch, by name: "loss" and metrics, means
            over the batches as they were trained on; with "val_" before it, the same over the
            validation data after the epoch; "lr", the learning rate (of the first group) at the
            end of the epoch; "seconds" that it took.
        step_losses: the loss of every step, before it.
        stopped: why training ended before the last epoch; None if it did not.
        interrupted: whether that was Ctrl-C.
        replays: how many steps were replays of a recording (see `autograd.compile`).
        eager: why others were not, if there is a reason; None if there is none.

    history["val_loss"] is the same as history.numbers["val_loss"]; print(history) is a table.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, list[float]] = {}
        self.step_losses: list[float] = []
        self.stopped: str | None = None
        self.interrupted = False
        self.replays = 0
        self.eager: str | None = None

    @property
    def compiled(self) -> str:
        """How many steps were compiled, and why not all, in words."""
        count = f"{self.replays:,} of {len(self.step_losses):,} steps"
        return count if self.eager is None else f"{count}: {self.eager}"

    @property
    def epochs(self) -> int:
        """How many epochs are finished."""
        return max(map(len, self.numbers.values()), default=0)

    def add(self, numbers: Mapping[str, float]) -> None:
        """Add the numbers of an epoch; a column that was not there before starts with NaN."""
        done = self.epochs
        for name in (*self.numbers, *numbers):
            column = self.numbers.setdefault(name, [math.nan] * done)
            if len(column) == done:
                column.append(float(numbers.get(name, math.nan)))

    def last(self) -> dict[str, float]:
        """The numbers of the last finished epoch."""
        return {name: column[-1] for name, column in self.numbers.items()}

    def plot(self, ax: Any = None) -> Any:
        """Draw loss and metrics over the epochs, training and validation together.

        Args:
            ax: matplotlib axes, one for the loss and one for each metric; new ones if None.

        Returns:
            The axes, as an array.

        Raises:
            ValueError: no epoch is finished, or there are not as many axes.
        """
        from nn.plots.progress import curves

        learned = {n: column for n, column in self.numbers.items() if n not in ("lr", "seconds")}
        return curves(learned, ax)

    def state_dict(self) -> dict[str, Any]:
        """All of it, to be saved."""
        numbers = {name: list(column) for name, column in self.numbers.items()}
        return {"numbers": numbers, "step_losses": np.array(self.step_losses)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state`, as `state_dict` gives it."""
        self.numbers = {name: list(column) for name, column in state["numbers"].items()}
        self.step_losses = state["step_losses"].tolist()
        self.stopped, self.interrupted = None, False

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.numbers:
            there = ", ".join(self.numbers) or "nothing, as no epoch is finished"
            raise KeyError(f"The history has no {name!r}. It has {there}.")
        return self.numbers[name]

    def __repr__(self) -> str:
        head, rows = self._cells()
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in (head, *rows)
        ]
        return "\n".join([*lines, *self._remarks()])

    def _repr_html_(self) -> str:
        head, rows = self._cells()
        style = 'style="text-align:right"'
        lines = [_html_row("th", head, style), *(_html_row("td", row, style) for row in rows)]
        remarks = "".join(f"<p>{escape(remark)}</p>" for remark in self._remarks())
        return f"<table>{''.join(lines)}</table>{remarks}"

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        shown: list[int | None] = list(range(self.epochs))
        if len(shown) > MOST_ROWS:
            shown[5 : 5 + len(shown) - MOST_ROWS + 1] = [None]
        rows = [
            ["…"] * (1 + len(self.numbers))
            if i is None
            else [str(i + 1), *(f"{column[i]:.4g}" for column in self.numbers.values())]
            for i in shown
        ]
        return ["epoch", *self.numbers], rows

    def _remarks(self) -> list[str]:
        remarks = []
        watched = "val_loss" if "val_loss" in self.numbers else "loss"
        finite = [value for value in self.numbers.get(watched, []) if math.isfinite(value)]
        if len(finite) > 1:
            epoch = self.numbers[watched].index(min(finite)) + 1
            remarks.append(f"lowest {watched}: {min(finite):.4g} in epoch {epoch}")
        if self.stopped is not None:
            remarks.append(f"ended after {self.epochs} epochs: {self.stopped}")
        if self.replays:
            remarks.append(f"compiled: {self.compiled}")
        return remarks


def _html_row(tag: str, cells: Sequence[str], style: str) -> str:
    return "<tr>" + "".join(f"<{tag} {style}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
