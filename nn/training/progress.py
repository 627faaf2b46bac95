"""The progress bar: a line for each epoch."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from typing import Any

from nn.plots.canvas import in_notebook
from nn.training.measures import Measures

UNSHOWN = ("lr", "seconds")  # the bar has the time, and a rate is no result


class Progress:
    """A bar for each epoch that ends as a line with its numbers; or nothing at all.

    Args:
        wanted: True or False; None for a bar in a terminal and in a notebook only.
        epochs: how many there will be.
        steps: how many steps an epoch has, if that is known.
    """

    def __init__(self, wanted: bool | None, epochs: int, steps: int | None) -> None:
        self.shown = _somebody_looks() if wanted is None else wanted
        self.epochs, self.steps = epochs, steps
        self._bar: Any = None

    def begin(self, epoch: int) -> None:
        """An epoch begins."""
        if self.shown:
            with warnings.catch_warnings():
                # In a notebook without ipywidgets the bar is made of text, which is as good.
                warnings.filterwarnings("ignore", message="IProgress not found")
                from tqdm.auto import tqdm
            name = f"epoch {epoch:{len(str(self.epochs))}}/{self.epochs}"
            self._bar = tqdm(total=self.steps, desc=name, unit="step")

    def advance(self, measures: Measures) -> None:
        """A step was made."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss={measures.loss:.4g}", refresh=False)
            self._bar.update()

    def end(self, numbers: Mapping[str, float]) -> None:
        """The epoch is over."""
        if self._bar is not None:
            shown = [f"{name}={x:.4g}" for name, x in numbers.items() if name not in UNSHOWN]
            self._bar.set_postfix_str(", ".join(shown))
        self.close()

    def close(self) -> None:
        """Leave the line as it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _somebody_looks() -> bool:
    """Whether standard error is a terminal, or this is a notebook."""
    return in_notebook() or (sys.stderr is not None and sys.stderr.isatty())
