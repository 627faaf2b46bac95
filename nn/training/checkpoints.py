"""A training in a file: all that is needed to go on after a crash as if there had been none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd.files import write_whole
from autograd.places import warn
from autograd.random import default_generator
from nn.checks import whole_number
from nn.io.formats import from_npz, to_npz
from nn.module import Module
from nn.training.arguments import check_model, generators
from nn.training.callbacks import Callback, Monitor, State
from nn.training.history import History
from nn.training.packing import pack, unpack

StrPath = str | os.PathLike[str]
VERSION = 1  # of what is in the file


class Checkpoint(Callback):
    """Saves the training after an epoch, so that `fit(…, resume=path)` goes on after it exactly.

    In the file, NumPy's .npz without pickle, are the model's weights and buffers, the optimiser's
    memory, the schedule, the history, the states of all callbacks, the order in which a DataLoader
    goes on, and the random generators: the project's own, and those that modules and the loader
    have. It takes the place of an older file in one step: a process that is killed at any moment
    leaves the old file or the new one.

    Args:
        path: a file that ends in .npz, and is replaced each time; or a folder, in which each epoch
            has its own, epoch-0001.npz. Folders are made as needed.
        every: after how many epochs; also after the last.
        monitor: save only if this number of the history is better than ever before.
        mode: "min" if it is better when lower, "max" when higher; for a loss it is "min" by itself.

    Attributes:
        saved: the file that was written last; None before.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind; at the start of training, there is
            no such number.
        OSError: while training, the file cannot be written; an older one is unchanged.
    """

    last = True  # so that the others' states are those after the epoch

    def __init__(
        self,
        path: StrPath,
        every: int = 1,
        monitor: str | None = None,
        mode: str | None = None,
    ) -> None:
        self.path = Path(path)
        if self.path.suffix not in ("", ".npz"):
            raise ValueError(
                f"Checkpoint: the path is a file that ends in .npz, or a folder; {self.path.name!r}"
                f" ends in {self.path.suffix!r}. Weights alone: nn.io.save_weights."
            )
        self.every = whole_number(every, "Checkpoint", "every")
        if mode is not None and monitor is None:
            raise ValueError("Checkpoint: mode says when the monitored number is better; give it.")
        self._monitor = None if monitor is None else Monitor("Checkpoint", monitor, mode)
        self.saved: Path | None = None

    def on_fit_begin(self, state: State) -> None:
        if self._monitor is not None:
            self._monitor.check(state)
            if state.epoch == 0:
                self._monitor.begin()

    def on_epoch_end(self, state: State) -> None:
        ends = state.epoch == state.epochs or state.history.stopped is not None
        due = ends or state.epoch % self.every == 0
        if due and (self._monitor is None or self._monitor.better(state)):
            in_folder = self.path / f"epoch-{state.epoch:04}.npz"
            self.saved = self.path if self.path.suffix else in_folder
            write_whole(self.saved, to_npz(pack(_training(state))))

    def state_dict(self) -> dict[str, Any]:
        return {"best": None if self._monitor is None else self._monitor.best}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        if self._monitor is not None and state["best"] is not None:
            self._monitor.best = state["best"]


def load_checkpoint(model: Module, path: StrPath) -> History:
    """Give a model the weights and buffers it had when a checkpoint was made.

    Args:
        model: has the layers and sizes of the one that was saved.
        path: a file of `Checkpoint`; or a folder, for the newest file there.

    Returns:
        The history up to there.

    Raises:
        TypeError: model is none.
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged or no checkpoint, or of another model; nothing is changed.
    """
    check_model(model, "load_checkpoint", "(model, path)")
    file, found = _read(path)
    history = History()
    try:
        model.load_state_dict(found["model"])
        history.load_state_dict(found["history"])
    except ValueError as error:
        error.add_note(f"  file  {file}")
        raise
    return history


def load_training(state: State, path: StrPath) -> None:
    """Bring a training to where it was when the checkpoint was made."""
    file, found = _read(path)
    names = [type(one).__name__ for one in state.callbacks]
    saved = [name for name, _ in found["callbacks"]]
    for what, here, there in (
        ("callbacks", names, saved),
        ("a schedule", state.schedule is not None, found["schedule"] is not None),
        ("a loader with a state", hasattr(state.batches, "state_dict"), found["data"] is not None),
    ):
        if here != there:
            raise ValueError(
                f"fit, resume: {what}: {there} when {file} was made, {here} now. To go on exactly, "
                "give fit what it was given then."
            )
    try:
        state.optimizer.load_state_dict(found["optimizer"])
        state.model.load_state_dict(found["model"])
        if state.schedule is not None:
            state.schedule.load_state_dict(found["schedule"])
        for one, (_, own) in zip(state.callbacks, found["callbacks"], strict=True):
            one.load_state_dict(own)
        if found["data"] is not None:
            state.batches.load_state_dict(found["data"])  # type: ignore[attr-defined]
        _put_back_generators(state, found["random"])
    except (ValueError, TypeError) as error:
        error.add_note(f"  file  {file}")
        raise
    state.history.load_state_dict(found["history"])
    state.epoch, state.step = found["epoch"], found["step"]
    if state.epoch >= state.epochs:
        warn(
            f"fit, resume: nothing is trained. {file} has {state.epoch} epochs already, and "
            f"epochs={state.epochs} counts them."
        )


def _training(state: State) -> dict[str, Any]:
    """All of a training, in Python's own kinds of values and arrays."""
    schedule, data = state.schedule, state.batches
    return {
        "checkpoint": VERSION,
        "epoch": state.epoch,
        "step": state.step,
        "model": state.model.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "schedule": None if schedule is None else schedule.state_dict(),
        "data": data.state_dict() if hasattr(data, "state_dict") else None,
        "random": {path: one.bit_generator.state for path, one in _generators(state).items()},
        "callbacks": [[type(one).__name__, one.state_dict()] for one in state.callbacks],
        "history": state.history.state_dict(),
    }


def _generators(state: State) -> dict[str, Any]:
    own = dict(generators(state.model, state.loss_fn))
    return {"default": default_generator(), **own}


def _put_back_generators(state: State, saved: Mapping[str, Any]) -> None:
    here = _generators(state)
    kinds = {path: type(one.bit_generator).__name__ for path, one in here.items()}
    theirs = {path: one["bit_generator"] for path, one in saved.items()}
    if kinds != theirs:
        raise ValueError(
            f"fit, resume: the random generators differ: {theirs} in the checkpoint, {kinds} here. "
            "Give the model's layers the generators they had."
        )
    for path, one in here.items():
        one.bit_generator.state = saved[path]


def _read(path: StrPath) -> tuple[Path, dict[str, Any]]:
    """The file that is meant, and what is in it."""
    file = Path(path)
    if file.is_dir():
        files = sorted(file.glob("epoch-*.npz"))
        if not files:
            raise FileNotFoundError(f"There is no checkpoint, epoch-….npz, in the folder {file}.")
        file = files[-1]
    if not file.exists():
        raise FileNotFoundError(
            f"There is no checkpoint {file}. To begin where there is none: "
            "resume=path if os.path.exists(path) else None."
        )
    try:
        found = unpack(from_npz(file.read_bytes()))
    except ValueError as error:
        raise ValueError(f"{file} is no checkpoint of fit, or damaged: {error}") from error
    if not isinstance(found, dict) or found.get("checkpoint") != VERSION:
        raise ValueError(f"{file} is no checkpoint that this version reads.")
    return file, found
