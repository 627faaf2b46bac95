"""The record of a program: every call of an operation, with its values, names and gradients.

Whatever shows or explains a program that ran reads this one record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from autograd.dtypes import as_array
from autograd.function import Function
from autograd.places import Modules, in_backward, line_of, parts_of, user_frame, variables
from autograd.tape import Call, Tape, Value, input_name, origin_of, visible_outputs
from autograd.tensor import Tensor
from autograd.watching import Watcher, watch

Array = Any


def record() -> AbstractContextManager[Tape]:
    """Record every call of an operation, and what the backward passes bring to each.

    Example:
        with autograd.record() as tape:
            loss = loss_of(model, x, y)
            loss.backward()
        print(tape)
        tape.call_of(loss).local_gradients()

    Only passes that run within the `with` are seen: write `loss.backward()` or `autograd.grad`
    there. A call keeps what the last pass through it brought; passes that carry many gradients at
    once (Jacobians) are left out. What the tape keeps is its own: a backward pass that releases
    the graph, and an optimiser that updates the parameters, change nothing in it. Do not write into
    results yourself: those are not copied.

    Recording looks at the stack at every call for source lines and names of variables, and copies
    what comes from outside; it is meant for one step or a few, not for a whole training.
    """
    return _recording(user_frame())


@contextmanager
def _recording(frame: FrameType | None) -> Iterator[Tape]:
    recorder = _Recorder()
    recorder.look_at(frame)
    with watch(recorder):
        try:
            yield recorder.tape
        finally:
            recorder.finish()


class _Recorder(Watcher):
    """Fills a tape."""

    def __init__(self) -> None:
        self.tape = Tape()
        self._modules = Modules()
        self.tape.modules = self._modules.kinds
        self._by_node: WeakKeyDictionary[Function, Call] = WeakKeyDictionary()
        # The user's code that was met; it is looked at once more at the end.
        self._frames: dict[int, FrameType] = {}

    def called(
        self,
        op: type[Any],
        inputs: tuple[Any, ...],
        settings: dict[str, Any],
        outputs: tuple[Any, ...],
    ) -> None:
        frame, tape, module = user_frame(), self.tape, self._modules.current
        number, read = len(tape.calls), op.signature
        given = {
            input_name(read, i if read.variadic else read.inputs[i]): self._met(x)
            for i, x in enumerate(inputs)
        }
        made = {
            name: tape.keep(x, Value(x, _in_own_memory(x._data, inputs), number))
            for name, x in zip(visible_outputs(read), outputs, strict=True)
        }
        node = next((x.grad_fn for x in outputs if x.grad_fn is not None), None)
        tape.calls.append(
            call := Call(
                number,
                op,
                given,
                settings,
                made,
                None if module is None else module.path,
                None if module is None else module.kind,
                line_of(frame),
                in_backward(),
                None if node is None else _detached(node, given, made),
            )
        )
        if node is not None:
            self._by_node[node] = call
        self.look_at(frame)

    def sent(self, node: Any, upstream: Any, gradients: tuple[Any, ...], batch: int) -> None:
        call = self._by_node.get(node)
        if call is not None and not batch:
            call.receive(upstream, gradients)

    def entered(self, module: Any) -> None:
        self._modules.entered(module)

    def left(self, module: Any) -> None:  # noqa: ARG002
        self._modules.left()

    def look_at(self, frame: FrameType | None) -> None:
        """See what the user's code calls the values that were met, now and at the end."""
        if frame is not None:
            self._frames[id(frame)] = frame
            for name, thing in variables(frame).items():
                self._name(name, thing)

    def finish(self) -> None:
        """Look at the user's code once more, also at what its lists hold."""
        for frame in self._frames.values():
            for name, thing in variables(frame).items():
                self._name(name, thing)
                for part_name, part in parts_of(name, thing).items():
                    self._name(part_name, part)

    def _met(self, thing: Any) -> Any:
        """The Value that stands for an input; a number stands for itself."""
        if isinstance(thing, int | float | np.generic):
            return thing
        origin, _ = origin_of(thing)
        if isinstance(origin, Tensor):
            thing = origin  # of a leaf's value as a node kept it, the leaf
        array = getattr(thing, "_data", thing)
        array = array if hasattr(array, "dtype") else as_array(array)
        value = self.tape.look_up(thing)
        if value is None or (value.made_by is None and not _same(value.array, array)):
            copied = array.copy() if isinstance(array, np.ndarray) else array
            value = self.tape.keep(thing, Value(thing, copied))
        value.given_name = getattr(thing, "name", None) or value.given_name  # given since
        return value

    def _name(self, variable: str, thing: Any) -> None:
        value = self.tape.look_up(thing)
        if value is not None:
            value.variable = value.variable or variable
            value.given_name = getattr(thing, "name", None) or value.given_name


def _detached(node: Function, inputs: dict[str, Any], outputs: dict[str, Value]) -> Function:
    """A copy of a node that holds the record's values instead of the graph."""
    copy, read, plan = object.__new__(type(node)), node.signature, node.plan
    copy.edges = tuple(inputs[input_name(read, which)] for which in plan.wanted)
    values = {name: one.array for name, one in {**inputs, **outputs}.items() if type(one) is Value}
    if read.variadic:
        values[read.inputs[0]] = [getattr(one, "array", one) for one in inputs.values()]
    kept = zip(plan.kept_names, node.kept or (), strict=True)
    copy.kept = tuple(values.get(name, value) for name, value in kept)
    copy.plan, copy.number, copy.hooks = plan, node.number, None
    copy.shape, copy.dtype = node.shape, node.dtype
    return copy


def _in_own_memory(array: Array, inputs: tuple[Any, ...]) -> Array:
    """The array, copied if it may lie in a parameter's memory, which an optimiser will write."""
    if not isinstance(array, np.ndarray):
        return array
    given = any(array is getattr(x, "_data", x) for x in inputs)
    return array.copy() if given or array.base is not None else array


def _same(before: Array, now: Array) -> bool:
    if not isinstance(now, np.ndarray):
        return True
    return np.array_equal(before, now, equal_nan=True)
