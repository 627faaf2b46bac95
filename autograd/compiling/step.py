"""A step to be recorded: a function, its arguments, and all that it reaches; and one run of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from sys import getrefcount
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from autograd.compiling import errors
from autograd.compiling.arguments import NDARRAYS, Arguments
from autograd.compiling.reach import Reach
from autograd.compiling.stepping import OnlySeen, StepTracer
from autograd.leaves import Home, accumulate
from autograd.random import default_generator
from autograd.tensor import Tensor
from autograd.tracing.arrays import TracingArray
from autograd.tracing.labels import Labels
from autograd.trees import leaves, match
from autograd.versions import stamp
from autograd.watching import watch

ADDED = "a compiled step, which added to it"  # what the clock says of an argument's gradient


class Step:
    """A function with the arguments of one call.

    Attributes:
        reach: what it sees.
        leaves: the Tensors among that which want gradients, or have one.
    """

    def __init__(self, fn: Callable[..., Any], title: str, arguments: Arguments) -> None:
        self.fn, self.title, self.arguments = fn, title, arguments
        constants = [(one.value, one.label) for one in arguments.found if not one.is_array]
        self.reach = Reach(fn, constants)
        self.leaves = [
            leaf
            for leaf in self.reach.tensors
            if leaf._requires_grad or leaf._grad is not None  # as it was before it was frozen
        ]

    def is_ready(self) -> bool:
        """Give each leaf a place for its gradient; whether nobody else holds what is there."""
        for leaf in self.leaves:
            if leaf._home is None and leaf.size and leaf.is_leaf:
                leaf._home = Home(np.empty(leaf.size, leaf.dtype), 0, leaf.shape)
            _move_home(leaf)
        return only_ours(self.leaves)

    def check(self) -> None:
        """Raise TracingError for what cannot be recorded, as far as it can be seen beforehand."""
        for seen in self.reach.seen:
            if hasattr(type(seen.value), "__next__"):
                raise errors.iterator_within(seen.path)
        for one in self.arguments.found:
            if isinstance(one.value, Tensor) and one.value._node is not None:
                raise errors.input_is_result(self.title, one.label, one.value)
            if isinstance(one.value, np.ndarray) and type(one.value) not in NDARRAYS:
                raise errors.input_of_another_kind(self.title, one.label, one.value)


class Run:
    """A run of a step on tracing arrays.

    Attributes:
        tracer: has what was recorded.
        labels: know which operation made which calls.
        given: what the function is given in place of its arguments.
        answer: what it answered.
        change: what it reaches otherwise after the run than before, by its path; None if nothing.
        escaped: whether results of it are there, where no replay would put them.
    """

    def __init__(self, step: Step) -> None:
        self._step = step
        generators = {default_generator(): "the default generator", **step.reach.generators}
        self.tracer = StepTracer(step.reach.tensors, generators)
        self.labels = Labels(self.tracer, None)
        self.answer: Any = None
        self.change: str | None = None
        self.escaped = False
        self.given = [
            Given(self.tracer, one.label, one.value)
            if one.is_array and not step.reach.has(one.value)
            else Given(None, one.label, one.value)
            for one in step.arguments.found
        ]

    def do(self) -> None:
        """Do the step and record it. Raises as the function does, and TracingError."""
        step = self._step
        try:
            with self.tracer.standing_in(), watch(OnlySeen(step.title)), watch(self.labels):
                self._call()
        finally:
            now = step.reach.again()
            self.change = step.reach.change(now)
            for tensor in now.tensors:
                if isinstance(tensor._data, TracingArray):
                    self.escaped = True
                    tensor._data, tensor._node = tensor._data.value.copy(), None
                    tensor._requires_grad = False

    def _call(self) -> None:
        step = self._step
        args, kwargs = step.arguments.rebuilt(one.value for one in self.given)
        lock = self.tracer.lock(step.reach.arrays)
        try:
            self.answer = step.fn(*args, **kwargs)
        except ValueError as error:
            if "read-only" in str(error) and step.reach.arrays:
                raise errors.writes_arrays(step.title, error) from error
            raise
        finally:
            lock.release()
        for refusal in self.tracer.refusals:
            first = refusal.__traceback__  # of who has caught it
            if first is not None and not errors.in_library(first.tb_frame):
                raise refusal
        self._check_arguments(args, kwargs)
        if any(hasattr(type(one), "send") for one in leaves(self.answer)):
            raise errors.stays(step.title)  # it has not begun to compute

    def _check_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Raise TracingError if what the function was given is not what it was any more."""
        given = self._step.arguments
        try:
            now = match((given.args, given.kwargs), (args, kwargs))
            same = all(a is one.value for a, one in zip(now, self.given, strict=True))
        except ValueError:  # other lengths, or other keys
            same = False
        if not same:
            raise errors.changes_arguments(self._step.title)
        for one, argument in zip(self.given, given.found, strict=True):
            given_tensor = bool(one.inputs) and isinstance(one.value, Tensor)
            if given_tensor and one.value._requires_grad != argument.value._requires_grad:
                raise errors.changes_requires_grad(self._step.title, argument.label)

    def found(self) -> set[int]:
        """The ids of all that was there before, or that the step reaches."""
        reach = self._step.reach
        there = [one.value for one in reach.seen] + [one.value for one in self.given]
        return set(map(id, there + [tensor._grad for tensor in reach.tensors]))

    def forget(self) -> None:
        """Let the results go, of which everything that is needed is known."""
        self.answer, self.given, self.labels = None, [], Labels(self.tracer, None)
        self.tracer.refusals.clear()  # with all that their tracebacks hold

    def put_back(self) -> None:
        """Make everything as it was before the run."""
        self.tracer.put_back()
        self._step.reach.put_back()


class Given:
    """An argument as the function is given it.

    Attributes:
        value: an array or Tensor of its kind, or a constant as it is.
        inputs: the tracing arrays made for it: of its values, and of the gradient that it has.
    """

    def __init__(self, tracer: StepTracer | None, label: str, value: Any) -> None:
        self.value = value
        self.inputs: list[TracingArray] = []
        self.wants_gradient = False
        self._held: Tensor | None = None
        if tracer is None:
            return
        array = tracer.given(_copy(value._data if isinstance(value, Tensor) else value), label)
        self.inputs.append(array)
        if not isinstance(value, Tensor):
            self.value = array
            return
        self.value = Tensor.at(None, array)
        self.value.name = value.name
        self.wants_gradient = self.value._requires_grad = value._requires_grad
        if value._grad is not None:
            before = tracer.given(np.array(value._grad._data), f"{label}.grad")
            self.inputs.append(before)
            self._held = self.value._grad = Tensor.at(None, tracer.call(np.copy, (before,)))

    def gradient(self) -> TracingArray | None:
        """The gradient that it has after the run."""
        return None if self.value._grad is None else self.value._grad._data

    def receiver(self) -> Callable[[Tensor, Iterator[Any]], None]:
        """How the argument of a call is given the gradient of a run or replay, the next of some."""
        if self.value._grad is None:
            return _forget
        return _receive if self.value._grad is self._held else _receive_anew


def _copy(array: Any) -> Any:
    """A copy that lies in its memory as the array does: sums go in that order."""
    if array.flags.forc or array.dtype.hasobject:
        return np.array(array)
    low, high = byte_bounds(array)
    start = array.__array_interface__["data"][0] - low
    memory = np.empty(high - low, np.uint8)
    copy = np.ndarray(array.shape, array.dtype, memory.data, start, array.strides)
    copy[...] = array
    return copy


def _forget(argument: Tensor, gradients: Iterator[Any]) -> None:  # noqa: ARG001
    argument._grad = None


def _receive(argument: Tensor, gradients: Iterator[Any]) -> None:
    held: Any = argument._grad
    np.copyto(held._data, next(gradients))
    stamp(held._data, ADDED)


def _receive_anew(argument: Tensor, gradients: Iterator[Any]) -> None:
    argument._grad = None
    accumulate(argument, next(gradients), Tensor)


def only_ours(leaves: Iterable[Tensor]) -> bool:
    """Whether nobody but the leaves holds their gradients, so that these may be written."""
    for leaf in leaves:
        home, grad = leaf._home, leaf._grad
        if grad is None:
            if home is not None and not home.is_free():
                return False
        elif (
            home is None
            or getrefcount(grad) != 3  # the leaf's, ours, and the call's own
            or grad._data.base is not home.memory
            or getrefcount(grad._data) != 2
            or getrefcount(home.memory) != 3
        ):
            return False
    return True


def _move_home(leaf: Tensor) -> None:
    """Move a gradient that lies elsewhere into its leaf's place, if nobody notices."""
    home, grad = leaf._home, leaf._grad
    if (
        home is not None
        and grad is not None
        and grad._data.base is not home.memory
        and grad._node is None
        and home.is_free()
        and getrefcount(grad) == 3
    ):
        place = home.view()
        np.copyto(place, grad._data)
        grad._data = place
