"""An optimiser's step as part of a step that is being recorded (see `autograd.compile`)."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.conditions import require
from autograd.grad_mode import current_mode
from autograd.steps import Effect, recording_step
from autograd.threads import share
from optim import guards
from optim.flat import Array, Counts, FlatParameters, Piece, Run, write_numbers

if TYPE_CHECKING:
    from autograd.compiling.snapshot import Snapshot
    from autograd.compiling.stepping import StepTracer
    from optim.optimizer import Group, Optimizer


class RecordedStep:
    """Records an optimiser's update, one piece for each run, and repeats what Python does for it.

    What Python does is `advance`: it counts the step and computes its numbers, before each replay.
    """

    def __init__(self, optimizer: Optimizer, recorder: StepTracer) -> None:
        self._optimizer = optimizer
        self._structure = _structure(optimizer)
        self._groups = list(map(dict, optimizer.param_groups))
        recorder.effect(Effect(optimizer, self.prepare, self.done, self.note, self.looks))
        self._runs: list[_RecordedRun] = []
        self.note(recorder.before)
        self._check_finite(recorder)
        self._announce()
        for group, flat in optimizer._flats:
            with recorder.real_arrays():
                found = flat.runs(optimizer.memory(group))
            for run in found:
                self._runs.append(_RecordedRun(optimizer, group, flat, run, recorder))

    def _check_finite(self, recorder: StepTracer) -> None:
        """Check the gradients now, and at each replay."""
        if not any(group["check_finite"] for group in self._optimizer.param_groups):
            return
        with recorder.real_arrays():
            guards.check_finite(self._optimizer)
        for group in self._optimizer.param_groups:
            for parameter in group["params"]:
                if (
                    group["check_finite"]
                    and parameter._requires_grad
                    and parameter._grad is not None
                ):
                    require(np.isfinite(parameter._grad._data).all(), "a gradient is not finite")

    def prepare(self) -> bool:
        """Write the numbers of the coming step; whether it is still the step that was recorded."""
        if self.looks():
            return False
        if self._optimizer.param_groups != self._groups:
            self._optimizer._check_groups()
            if _structure(self._optimizer) != self._structure:
                return False
            self._groups = list(map(dict, self._optimizer.param_groups))
        return all(run.prepare() for run in self._runs)

    def looks(self) -> bool:
        """Whether the optimiser still looks at its steps for mistakes in the loop."""
        return self._optimizer._first_steps.watching

    def done(self) -> None:
        """Count the step."""
        for run in self._runs:
            run.done()

    def note(self, snapshot: Snapshot) -> None:
        """Note the counts, and what is written in pieces; other arrays are the recording's."""
        for _, flat in self._optimizer._flats:
            # A copy each time: what is put back may be changed, and put back again.
            snapshot.also(partial(flat.counts.__setitem__, slice(None), list(flat.counts)))
        for run in self._runs:
            for array in run.in_pieces:
                snapshot.array(array)

    def _announce(self) -> None:
        """Have the calls that follow stand under the optimiser's name in the program."""
        watcher = current_mode().watcher
        if watcher is not None:
            watcher.calling(type(self._optimizer))


class _RecordedRun:
    """Parameters that are updated together.

    Attributes:
        in_pieces: the whole arrays that are changed in pieces, if any.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        group: Group,
        flat: FlatParameters,
        run: Run,
        recorder: StepTracer,
    ) -> None:
        self._optimizer, self._group, self._flat = optimizer, group, flat
        self._first, self._end, self._written = run.first, run.end, run.written
        self.in_pieces: list[Array] = []
        self._numbers = SimpleNamespace()
        self._counts: Counts = run.counts
        self._write()
        ours = flat.parameters[run.first : run.end]
        whose = (ours[0].name or f"parameter_{run.first}") if len(ours) == 1 else "parameters"
        dtype = flat.weights.dtype
        if sum(map(len, run.shares)) > 1:
            self._record_pieces(run, recorder)
            return
        (piece,) = run.shares[0]
        home = ours[0]._home
        # A view made by the home itself would count as somebody's who holds the gradient.
        alone = home is not None and piece.g.base is home.memory
        gradient = home.another_view() if home is not None and alone else piece.g
        w: Any = recorder.state(piece.w, whose)
        g: Any = recorder.state(gradient, f"{whose}.grad")
        memory = SimpleNamespace(
            **{
                name: recorder.state(one, f"{whose}.{name}")
                for name, one in vars(piece.memory).items()
            }
        )
        numbers = SimpleNamespace(
            **{name: recorder.state(one, name) for name, one in vars(self._numbers).items()}
        )
        first, second, prepared = (
            recorder.call(np.empty, (piece.w.shape, dtype)) for _ in range(3)
        )
        if group["maximize"] or group.get("weight_decay"):
            g = optimizer._gradient(w, g, numbers, group, prepared)
        optimizer.update(w, g, memory, numbers, (first, second), group)
        run.written.stamp(f"{type(optimizer).__name__}.step()")

    def _record_pieces(self, run: Run, recorder: StepTracer) -> None:
        """Record the update of one piece, to be made of all."""
        optimizer, group = self._optimizer, self._group
        inner = recorder.of_pieces()
        w, g, memory, (first, second), prepared = run.shares[0][0]
        parts = Piece(
            inner.part(w, "w"),
            inner.part(g, "g"),
            SimpleNamespace(**{n: inner.part(one, f"m.{n}") for n, one in vars(memory).items()}),
            (inner.part(first, "spare"), inner.part(second, "spare_2")),
            inner.part(prepared, "prepared"),
        )
        numbers = SimpleNamespace(
            **{name: inner.given(one, name) for name, one in vars(self._numbers).items()}
        )
        inner.record(lambda: optimizer._update_pieces(numbers, group, [parts]))
        header = "w, g, m, (spare, spare_2), prepared"
        whole = self._flat.whole(run)

        def do() -> None:
            share(partial(optimizer._update_pieces, self._numbers, group), run.shares)
            self._written.stamp(f"{type(optimizer).__name__}.step()")

        self.in_pieces = [whole.w, *vars(whole.memory).values()]
        recorder.in_pieces(inner.in_pieces(header, run.shares), self.in_pieces, [whole.g], do)

    def _write(self) -> None:
        numbers = self._optimizer.numbers(self._group, self._counts)
        write_numbers(self._numbers, numbers, self._flat.weights.dtype)

    def prepare(self) -> bool:
        flat, first, end = self._flat, self._first, self._end
        known = flat.counts[first:end]
        if known.count(known[0]) < len(known):
            return False  # they are not equally old any more
        self._counts = flat.next_counts(first, end, self._optimizer.memory(self._group))
        self._write()
        return True

    def done(self) -> None:
        self._flat.counts[self._first : self._end] = [self._counts] * (self._end - self._first)
        self._written.stamp(f"{type(self._optimizer).__name__}.step()")


def _structure(optimizer: Optimizer) -> list[Any]:
    """What the formulas branch on: options as they are, of numbers whether they are 0."""
    return [list(map(_kind, group.values())) for group in optimizer.param_groups]


def _kind(value: Any) -> Any:
    if isinstance(value, int | float):
        return bool(value)
    return tuple(map(_kind, value)) if isinstance(value, tuple) else value


def refuse_to_read(optimizer: Optimizer, what: str) -> None:
    """Raise TracingError while a step is recorded: its result would stay as it is now."""
    recorder = recording_step.get()
    if recorder is not None:
        recorder.refuse(
            f"{type(optimizer).__name__}.{what} reads plain arrays and numbers, which stay as they "
            "are now",
            "read it after the call",
        )


def refuse_to_record(optimizer: Optimizer) -> None:
    """Raise TracingError while a step is recorded: this one evaluates the loss by itself."""
    recorder = recording_step.get()
    if recorder is not None:
        name = type(optimizer).__name__
        recorder.refuse(
            f"{name}.step moves the parameters and evaluates the loss as its values ask for",
            f"compile the closure instead, and call {name}.step(closure) outside",
        )
