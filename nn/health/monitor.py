"""HealthMonitor: watches activations, gradients and steps of a training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from autograd.watching import watch
from nn.checks import whole_number
from nn.health.listening import Listener
from nn.health.records import LayerRecord, ParameterRecord
from nn.health.tables import as_html, as_text
from nn.module import Module
from nn.training.callbacks import Callback, State


class HealthMonitor(Callback):
    """Records how a training goes by layer: activations, gradients, and the size of the steps.

    Args:
        every: of how many steps one is measured. Those between cost nothing; one that is measured
            takes about twice as long.

    Attributes:
        steps: the numbers of the steps that were measured, from 0.
        layers: a `LayerRecord` for each layer by its path, in the order of the forward pass; for
            activation functions that a module calls, by its path and theirs ("encoder.ReLU").
        parameters: a `ParameterRecord` for each parameter by its path.
        order: their paths as the last forward pass that was measured used them, the last one last.

    Printed, it is a table of what was measured last, with remarks (dead, saturated, vanishing);
    `plot()` shows all of it. A gradient has vanished or exploded beside that of the weights next
    to the loss, the last in `order`.

    Example:
        health = nn.HealthMonitor()
        nn.fit(model, data, loss, optimizer, epochs=10, callbacks=[health])
        print(health)

        health = nn.HealthMonitor()  # the same in a loop of one's own
        for epoch in range(10):
            for x, y in loader:
                with health.watch(model):
                    optimizer.zero_grad()
                    loss(model(x), y).backward()
                    optimizer.step()
            health.end_epoch()

    Raises:
        TypeError, ValueError: `every` is no positive whole number.

    It changes nothing in the training. A step with several forward passes counts them all in
    `layers`; the loss and evaluation between steps are left out.
    """

    def __init__(self, every: int = 10) -> None:
        self.every = whole_number(every, "HealthMonitor", "every")
        self._forget()

    def _forget(self) -> None:
        self.steps: list[int] = []
        self.layers: dict[str, LayerRecord] = {}
        self.parameters: dict[str, ParameterRecord] = {}
        self.order: list[str] = []
        self._step = 0
        self._open: AbstractContextManager[None] | None = None

    def watch(self, model: Module) -> AbstractContextManager[None]:
        """Within it happens one step of a training: forward, backward, and the optimiser's step.

        Raises TypeError if the model is no module.
        """
        if not isinstance(model, Module):
            raise TypeError(
                f"HealthMonitor.watch(model) takes the Module that is trained, not "
                f"{type(model).__name__}."
            )
        return self._watching(model)

    @contextmanager
    def _watching(self, model: Module) -> Iterator[None]:
        step, self._step = self._step, self._step + 1
        if step % self.every:
            yield
            return
        before = {path: p.data.copy() for path, p in model.named_parameters()}
        listener = Listener(model, self._heard)
        with watch(listener):
            yield
        for path, parameter in model.named_parameters():
            if path in before and parameter.requires_grad:
                record = self.parameters.setdefault(path, ParameterRecord(parameter.ndim > 1))
                gradient = None if parameter.grad is None else parameter.grad.data
                record.add(before[path], parameter.data, gradient)
        unused = [path for path in self.parameters if path not in listener.used]
        self.order = [*unused, *(path for path in listener.used if path in self.parameters)]
        self.steps.append(step)

    def _heard(self, name: str, kind: str, values: Any) -> None:
        self.layers.setdefault(name, LayerRecord(kind)).add(values)

    def end_epoch(self) -> None:
        """An epoch is over: units that were 0 for all examples seen in it count as dead."""
        for layer in self.layers.values():
            layer.end_epoch()

    # As a callback of fit

    def on_fit_begin(self, state: State) -> None:
        self._forget()
        self._step = state.step

    def on_batch_begin(self, state: State) -> None:
        self._open = self.watch(state.model)
        self._open.__enter__()

    def on_batch_end(self, state: State) -> None:  # noqa: ARG002
        self._close()

    def on_epoch_end(self, state: State) -> None:  # noqa: ARG002
        self.end_epoch()

    def on_fit_end(self, state: State) -> None:
        self._close(state.error)  # a step that failed is not measured

    def _close(self, error: BaseException | None = None) -> None:
        if self._open is not None:
            opened, self._open = self._open, None
            if error is None:
                opened.__exit__(None, None, None)
            else:
                opened.__exit__(type(error), error, error.__traceback__)

    # Looking at it

    def __repr__(self) -> str:
        seen = f"{len(self.steps)} steps measured"
        return f"HealthMonitor(every={self.every}): {seen}"

    def __str__(self) -> str:
        return f"{self!r}\n\n{as_text(self)}" if self.steps else repr(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def plot(self, ax: Any = None) -> Any:
        """Draw what was measured, a row for each layer or parameter and a column for each step.

        Args:
            ax: five axes; a new figure if None.

        Returns:
            The axes: spread of the activations between examples, share of zeros, share of saturated
            values, norm of the gradients, and change by a step over the weights' size.

        Raises:
            RuntimeError: nothing was measured yet.
            ValueError: there are not five axes.
        """
        if not self.steps:
            raise RuntimeError(
                "HealthMonitor.plot: nothing was measured yet. Give it to nn.fit as a callback, or "
                "make each step within `with health.watch(model):`."
            )
        from nn.health.pictures import draw

        return draw(self, ax)
