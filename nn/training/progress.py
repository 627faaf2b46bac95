"""What `fit` shows as it goes: a line for each epoch, or one line where epochs are many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nn.bars import progress_bar, somebody_looks
from nn.training.measures import Measures

MOST_LINES = 30  # of more epochs there is one bar, which costs less than an epoch may take
UNSHOWN = ("lr", "seconds")  # the bar has the time, and a rate is no result


class Progress:
    """A bar for each epoch that ends as a line with its numbers; or one bar; or nothing at all.

    Args:
        wanted: True or False; None for a bar in a terminal and in a notebook only.
        epochs: how many there will be.
        steps: how many steps an epoch has, if that is known.
    """

    def __init__(self, wanted: bool | None, epochs: int, steps: int | None) -> None:
        self.shown = somebody_looks() if wanted is None else wanted
        self.epochs, self.steps = epochs, steps
        self.one_bar = epochs > MOST_LINES
        self._bar: Any = None
        self._judged = ""  # by one bar, the last epoch's numbers beside the loss

    def begin(self, epoch: int) -> None:
        """An epoch begins."""
        if not self.shown:
            return
        name = f"epoch {epoch:{len(str(self.epochs))}}/{self.epochs}"
        if self._bar is None:
            all_of_them, before = (self.epochs, epoch - 1) if self.one_bar else (1, 0)
            self._bar = progress_bar(
                True,
                total=self.steps and self.steps * all_of_them,
                initial=(self.steps or 0) * before,
                desc=name,
                unit="step",
            )
        else:
            self._bar.set_description_str(name, refresh=False)

    def advance(self, measures: Measures) -> None:
        """A step was made."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss={measures.loss:.4g}{self._judged}", refresh=False)
            self._bar.update()

    def end(self, numbers: Mapping[str, float]) -> None:
        """The epoch is over."""
        if self._bar is None:
            return
        shown = {name: f"{name}={x:.4g}" for name, x in numbers.items() if name not in UNSHOWN}
        self._bar.set_postfix_str(", ".join(shown.values()), refresh=not self.one_bar)
        if self.one_bar:
            self._judged = "".join(f", {text}" for name, text in shown.items() if name != "loss")
        else:
            self.close()

    def close(self) -> None:
        """Leave the line as it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
