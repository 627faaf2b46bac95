"""The numbers of a training where other programs read them: a CSV file, TensorBoard."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd.files import write_whole
from nn.training.callbacks import Callback, State
from nn.training.history import History

StrPath = str | os.PathLike[str]


class CSVLog(Callback):
    """A file with a row for each epoch, on the disk as soon as the epoch is over.

    Args:
        path: the file. A new training begins it anew; one that goes on from a checkpoint goes on
            with it, without the rows of epochs that are done again.

    Raises:
        OSError: while training, the file cannot be written.
    """

    def __init__(self, path: StrPath) -> None:
        self.path = Path(path)

    def on_fit_begin(self, state: State) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerow(["epoch", *state.names])
        for epoch in range(1, state.history.epochs + 1):
            csv.writer(text).writerow(_row(state.history, epoch, state.names))
        write_whole(self.path, text.getvalue().encode())

    def on_epoch_end(self, state: State) -> None:
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(_row(state.history, state.epoch, state.names))
            file.flush()
            os.fsync(file.fileno())


class TensorBoard(Callback):
    """Event files for TensorBoard: the numbers of each epoch, and the loss of each step.

    Args:
        folder: where they are written, beside any that are there. To look at them:
            tensorboard --logdir folder.

    Raises:
        ImportError: the package tensorboardX is not installed.
    """

    def __init__(self, folder: StrPath) -> None:
        try:
            import tensorboardX
        except ImportError:
            raise ImportError(
                "TensorBoard's files are written by the package tensorboardX. Install it: "
                'pip install -e ".[tensorboard]"; or log to a file of text, with CSVLog.'
            ) from None
        self.folder = Path(folder)
        self._library: Any = tensorboardX
        self._writer: Any = None
        self._written = 0  # steps

    def on_fit_begin(self, state: State) -> None:
        # What an interrupted run wrote after the checkpoint is marked as not to be shown.
        again = state.step + 1 if state.step else None
        self._writer = self._library.SummaryWriter(str(self.folder), purge_step=again)
        self._written = len(state.history.step_losses)

    def on_epoch_end(self, state: State) -> None:
        losses = state.history.step_losses
        for step in range(self._written, len(losses)):
            self._writer.add_scalar("step_loss", losses[step], step + 1)
        self._written = len(losses)
        for name, value in state.history.last().items():
            self._writer.add_scalar(name, value, state.step)
        self._writer.flush()

    def on_fit_end(self, state: State) -> None:  # noqa: ARG002
        if self._writer is not None:
            self._writer.close()


def _row(history: History, epoch: int, names: Iterable[str]) -> list[float]:
    return [epoch, *(history[name][epoch - 1] for name in names)]
