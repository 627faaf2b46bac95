"""A recorded step, for calls of one form: made by doing it once, then replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from autograd.codegen import compile_text
from autograd.compiling import errors
from autograd.compiling.guards import Guards
from autograd.compiling.pieces import InPieces
from autograd.compiling.plan import Plan
from autograd.compiling.snapshot import Snapshot, show_gradient
from autograd.compiling.step import Run, Step, only_ours
from autograd.compiling.step_program import StepProgram
from autograd.random import default_generator
from autograd.tensor import Tensor
from autograd.tracing.arrays import TracingArray
from autograd.tracing.calls import Entry
from autograd.trees import leaves, rebuild, transform


class Recording:
    """A step that was recorded by doing it, and the program that stands for it.

    Attributes:
        guards: tell whether it stands for a call.
        text: the program.
        facts: how many calls and buffers it has, and their bytes.
        first: what the function answered when it was recorded.
        stands: whether all that was reached is after the run as it was before, but for Tensors.

    Args:
        step: what to do and record.
        guards: made before.
        may_change: whether it may be otherwise; else that is a TracingError.
    """

    def __init__(self, step: Step, guards: Guards, may_change: bool) -> None:
        self.guards = guards
        self._title, self._leaves = step.title, step.leaves
        run = Run(step)
        try:
            run.do()
            if run.change is not None and (run.escaped or not may_change):
                raise errors.changes(step.title, run.change)
            self.stands = run.change is None
            self._keep(run)
            run.forget()
            if run.tracer.leaves_something():
                raise errors.stays(step.title)
            run.tracer.finish()
        except BaseException:
            run.put_back()
            raise
        finally:
            run.tracer.before.forget()  # copies of all that was written, in a cycle of references

    def _keep(self, run: Run) -> None:
        """What is needed of the run for a replay."""
        self._effects, self._stamps = run.tracer.effects, run.tracer.stamps
        self._has_gradient = [leaf._grad is not None for leaf in self._leaves]
        learning = [one for one in run.given if one.wants_gradient]
        self._receivers = [one.receiver() for one in learning]
        outputs = [array for one in leaves(run.answer) if (array := _recorded(one)) is not None]
        self._count = len(outputs)
        outputs += [array for one in learning if (array := one.gradient()) is not None]
        self._form = transform(partial(_place, run.found()), run.answer)
        self._places = leaves(self._form)
        self._write(run, outputs)
        self._first = [np.array(one.value) for one in outputs]

    def _write(self, run: Run, outputs: list[TracingArray]) -> None:
        sections = run.labels.sections()
        calls = [call for section in sections for call in section.calls]
        ending = [array.entry for array in outputs]
        plan = Plan(calls, ending)
        inputs = [array.entry for one in run.given for array in one.inputs]
        program = StepProgram(self._title, plan, plan.sections(sections), inputs, ending)
        self.text = program.text
        self._define = compile_text(program.text, f"<compiled {self._title}>", {})["program"]
        outside = program.outside.values()
        self._lasts = [isinstance(one, Entry) for one in outside]
        self._outside = [one.value if isinstance(one, Entry) else one for one in outside]
        self._in_pieces = [
            entry.value
            for call in calls
            if isinstance(call.function, InPieces)
            for entry in call.args
        ]
        self._default = default_generator()
        self._replay: Callable[..., Any] | None = None
        self.facts = {
            "calls": plan.count,
            "calls recorded": len(calls),
            "buffers": len(plan.sizes),
            "bytes": sum(plan.sizes),
            "bytes recorded": sum(one.nbytes for call in calls for one in call.results),
        }

    def _bind(self, default: np.random.Generator) -> None:
        """Let the program draw from the default generator as it is now: a seed makes a new one."""
        self._outside = [default if one is self._default else one for one in self._outside]
        self._default = default
        self._replay = self._define(*self._outside)

    def release(self) -> None:
        """Let the memory go that it computes in, until it is used again."""
        self._replay = None

    def stands_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether a replay does what the call would."""
        return (
            self.guards.holds(args, kwargs)
            and only_ours(self._leaves)
            and all(effect.prepare() for effect in self._effects)
        )

    def is_looked_at(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether it would stand for the call, if nobody wanted to look at what is done."""
        return any(one.looks() for one in self._effects) and self.guards.holds(args, kwargs)

    def replay(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Do the step, and answer as the function does."""
        if self._replay is None or default_generator() is not self._default:
            self._bind(default_generator())
        assert self._replay is not None
        results = self._replay(*self.guards.inputs(args, kwargs))
        for effect in self._effects:
            effect.done()
        for memory, by in self._stamps:
            memory.stamp(by)
        self._show_gradients(self._has_gradient)
        return self._answer(results, args, kwargs)

    def repeat_failure(self, fn: Callable[[], Any]) -> None:
        """Raise what the function raises where a replay failed, for it says more.

        The arrays are already as the function leaves them; which leaves have gradients is not.
        """
        before = Snapshot()
        self.note(before)
        try:
            fn()
        except Exception:
            had = [leaf._grad is not None for leaf in self._leaves]
            before.restore()
            self._show_gradients(had)
            raise
        before.restore()

    def _show_gradients(self, has: list[bool]) -> None:
        for leaf, one in zip(self._leaves, has, strict=True):
            if (leaf._grad is not None) is not one:
                show_gradient(leaf, one)

    def first_answer(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What the function answered when it was recorded; to be asked once."""
        first, self._first = self._first, []
        return self._answer(first, args, kwargs)

    def _answer(self, results: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._receivers:
            gradients = iter(results[self._count :])
            learning = self.guards.learning(args, kwargs)
            for receive, argument in zip(self._receivers, learning, strict=True):
                receive(argument, gradients)
        copies = iter([one.copy() for one in results[: self._count]])
        return rebuild(self._form, iter([_filled(one, copies) for one in self._places]))

    # Seen from outside

    def is_as(self, other: Recording) -> bool:
        """Whether both run one program on the same memory, but for the gradients' start."""
        return (
            self.text == other.text
            and self._has_gradient == other._has_gradient
            and all(map(_alike, self._outside, other._outside, self._lasts))
        )

    def note(self, snapshot: Snapshot) -> None:
        """Note in a snapshot all that a replay changes."""
        for leaf in self._leaves:
            snapshot.gradient(leaf)
        for array, lasts in zip(self._outside, self._lasts, strict=True):
            if lasts:
                snapshot.array(array)
            elif isinstance(array, np.random.Generator):
                snapshot.generator(array)
        for effect in self._effects:
            effect.note(snapshot)

    def state(self) -> list[Any]:
        """The memory that a replay reads and writes."""
        lasting = [one for one, lasts in zip(self._outside, self._lasts, strict=True) if lasts]
        return lasting + self._in_pieces


_TENSOR, _ARRAY = object(), object()  # in the place of what the step computes, in its answer


def _recorded(one: Any) -> TracingArray | None:
    array = one._data if isinstance(one, Tensor) else one
    return array if isinstance(array, TracingArray) else None


class _Fixed:
    """A Tensor or array in an answer that is the same each time, and was made within the step."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def copy(self) -> Any:
        """One for who asks, to do with as they like."""
        value = self.value
        return Tensor.at(None, value._data.copy()) if isinstance(value, Tensor) else value.copy()


def _place(found: set[int], one: Any) -> Any:
    if _recorded(one) is None:
        made = isinstance(one, Tensor | np.ndarray) and id(one) not in found
        return _Fixed(one) if made else one
    return _TENSOR if isinstance(one, Tensor) else _ARRAY


def _filled(one: Any, copies: Iterator[Any]) -> Any:
    if one is _TENSOR:
        return Tensor.at(None, next(copies))
    if one is _ARRAY:
        return next(copies)
    return one.copy() if isinstance(one, _Fixed) else one


def _alike(a: Any, b: Any, lasts: bool) -> bool:
    """Whether two things from outside are one memory; or equal constants, or numbers of a step."""
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return a is b
    if a.shape != b.shape or a.dtype != b.dtype or a.strides != b.strides:
        return False
    if a.__array_interface__["data"] == b.__array_interface__["data"]:
        return True
    return a.ndim == 0 if lasts else bool(np.array_equal(a, b))
