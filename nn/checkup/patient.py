"""The set-up that is examined: copies of it, and what is measured of them."""

from __future__ import annotations

import copy
import math
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, no_grad
from autograd.places import line_of, user_frame
from autograd.tape import Call, Value
from nn.checkup.data import Data, spread
from nn.module import Module

Array = np.ndarray[Any, Any]
ROWS = 256  # that the network is run on
MOST_QUOTED = 500  # characters of an error's message


class Unanswered(Exception):
    """A check cannot be made; the message says why."""


class DoesNotApply(Unanswered):
    """A check has nothing to look at in this set-up."""


class Pass:
    """One forward and backward pass over some rows in training mode, recorded.

    Attributes:
        tape: the record.
        model_calls: how many of the record's calls the model made; the rest are the loss's.
        given: the record's value of the inputs; None if no call took them.
        gradients: of each parameter that is not frozen, by path; None where there is none.
        failed: what failed ("the forward pass", "the loss function") and its message; or None.
    """

    def __init__(self, model: Module, loss: Any, x: Array, y: Any) -> None:
        self.gradients: dict[str, Array | None] = {}
        self.failed: tuple[str, str] | None = None
        self._output: Any = None
        self._loss: Any = None
        self.model_calls = 0
        self._home = line_of(user_frame())  # from where the doctor was called
        stage = "the forward pass"
        given = Tensor(x)
        with autograd.record() as self.tape:
            try:
                self._output = model(given)
                self.model_calls = len(self.tape.calls)
                stage = "the loss function"
                self._loss = loss(self._output, y)
                stage = "the backward pass"
                self._go_back(model)
            except Exception as error:
                self.failed = stage, message_of(error)
        self.given = self.tape.look_up(given)
        values = {path: self.tape.look_up(p) for path, p in model.named_parameters()}
        self.values = {path: one for path, one in values.items() if one is not None}

    def _go_back(self, model: Module) -> None:
        held = {path: p for path, p in model.named_parameters() if p.requires_grad}
        self.gradients = dict.fromkeys(held)
        loss = self._loss
        if held and isinstance(loss, Tensor) and loss.size == 1 and loss.requires_grad:
            found = autograd.grad(loss, list(held.values()), allow_unused=True)
            pairs = zip(held, found, strict=True)
            self.gradients = {path: None if g is None else g.data for path, g in pairs}

    @property
    def output(self) -> Tensor:
        """What the model gave."""
        if not isinstance(self._output, Tensor):
            if self.failed and self.failed[0] == "the forward pass":
                raise Unanswered("the forward pass fails")
            raise Unanswered(f"the model gives a {type(self._output).__name__}, not a Tensor")
        return self._output

    @property
    def value_of_output(self) -> Value | None:
        """The record's value of the output."""
        return self.tape.look_up(self.output)

    @property
    def prediction(self) -> Array:
        """The same as an array."""
        return np.asarray(self.output.data)

    @property
    def loss(self) -> Tensor:
        """What the loss function gave, a Tensor with one number."""
        self.output  # noqa: B018 (without it there is no loss either)
        if isinstance(self._loss, Tensor) and self._loss.size == 1:
            return self._loss
        if self.failed:
            raise Unanswered(f"{self.failed[0]} fails")
        raise Unanswered("the loss is not one number in a Tensor")

    @property
    def returned(self) -> Any:
        """What the loss function gave, whatever it is."""
        return self._loss

    @property
    def in_model(self) -> list[Call]:
        """The calls that the model made."""
        return self.tape.calls[: self.model_calls]

    @property
    def in_loss(self) -> list[Call]:
        """The calls that the loss function made."""
        return [one for one in self.tape.calls[self.model_calls :] if not one.in_backward]

    def place(self, call: Call) -> str:
        """Where a call was made: its module and, if it is in the user's code, its line."""
        path, kind = call.module or "", call.module_kind
        module = path if path.endswith(")") or kind is None else f"{path} ({kind})".strip()
        line = "" if call.line is None or call.line == self._home else str(call.line)
        return ", ".join(filter(None, (module, line)))

    def made(self, value: Any) -> Call | None:
        """The call that made a value."""
        known = isinstance(value, Value) and value.made_by is not None
        return self.tape.calls[value.made_by] if known else None


class Patient:
    """Model, loss and optimiser as copies that may be run, trained and thrown away.

    Attributes:
        original, loss_given, optimizer_given: what was given, to be looked at only.
        data: the data as a whole.
        x, y: some rows of it, at most `ROWS`.
        said: what the library warned of during the runs.
        deadline: when the trial runs are to be over, as `time.perf_counter` has it.
    """

    def __init__(self, model: Module, loss: Any, optimizer: Any, data: Data, budget: float) -> None:
        self.original, self.loss_given, self.optimizer_given = model, loss, optimizer
        self.data = data
        self._copies = _copies(model, loss, optimizer)
        chosen = spread(len(data), ROWS)
        self.x, self.y = data.x[chosen], data.y[chosen]
        self.said: dict[str, None] = {}
        self._run: Pass | None = None
        self.deadline = time.perf_counter() + budget

    @property
    def loss(self) -> Any:
        """The loss function."""
        return self._copies[1]

    def fresh(self) -> tuple[Module, Any, Any]:
        """Copies of model, loss and optimiser to be changed, in training mode."""
        model, loss, optimizer = copy.deepcopy(self._copies)
        model.train()
        return model, loss, optimizer

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Run the user's code: the library's warnings are gathered."""
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
            warnings.simplefilter("always")
            try:
                yield
            finally:
                self.said |= {str(one.message): None for one in caught}

    @property
    def run(self) -> Pass:
        """A training step's pass over the chosen rows, without the step."""
        if self._run is None:
            model, loss, _ = self.fresh()
            with self.listening():
                self._run = Pass(model, loss, self.x.copy(), self.y.copy())
        return self._run

    def evaluated(self, x: Array) -> Array:
        """What the model gives for these rows in evaluation mode."""
        self.run.output  # noqa: B018 (what fails in training is said already)
        model = self.fresh()[0].eval()
        with self.listening(), no_grad():
            try:
                output = model(Tensor(x.copy()))
            except Exception as error:
                raise Unanswered(f"in evaluation mode: {message_of(error)}") from error
        if not isinstance(output, Tensor):
            raise Unanswered(f"the model gives a {type(output).__name__}, not a Tensor")
        return np.asarray(output.data)


def message_of(error: Exception) -> str:
    """An error as a report quotes it."""
    text = "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]} …"


def norm(array: Array) -> float:
    """√Σ x², in double precision where squares are too large for single."""
    found = float(np.linalg.norm(array.ravel()))
    if not math.isfinite(found):
        found = float(np.linalg.norm(array.ravel().astype(np.float64)))
    return found


def size_of(array: Array) -> float:
    """√ of the mean square."""
    return norm(array) / math.sqrt(max(array.size, 1))


def _copies(model: Module, loss: Any, optimizer: Any) -> tuple[Module, Any, Any]:
    """Deep copies of all three, without hooks, which belong to the user, and without gradients."""
    try:
        copies = copy.deepcopy((model, loss, optimizer))
    except Exception as error:
        raise TypeError(
            f"doctor examines a copy, and this cannot be copied: {message_of(error)}. What the "
            "model or the loss holds must be copyable by copy.deepcopy."
        ) from error
    for thing in copies[:2]:
        if isinstance(thing, Module):
            for module in thing.modules():
                module._hooks = None
            for parameter in thing.parameters():
                parameter._hooks = parameter.grad = None
    return copies
