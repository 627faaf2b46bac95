"""Static graphs: a function recorded once, replayed forward and backward into the same memory."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any

import numpy as np

from autograd.codegen import compile_text
from autograd.dtypes import as_array
from autograd.leaves import accumulate
from autograd.random import default_generator
from autograd.tensor import Tensor
from autograd.tracing import errors
from autograd.tracing.calls import Entry
from autograd.tracing.program import Program
from autograd.tracing.recorder import (
    Recording,
    argument_names,
    is_array,
    record_calls,
    values_of,
)
from autograd.trees import leaves, match, rebuild, transform
from autograd.versions import tick, written_since


def trace(fn: Callable[..., Any], *example_inputs: Any, **settings: Any) -> StaticGraph:
    """Record the NumPy calls of `fn` and of its backward pass, as a graph to be replayed.

    Args:
        fn: a function or model. It answers a Tensor, or lists, tuples and dicts of them. Tensors
            that it refers to, such as a model's parameters, are read anew at each replay.
        example_inputs: arguments of the shapes, dtypes and `requires_grad` to come: Tensors and
            arrays, also in lists, tuples and dicts. Anything else is a constant.

    It is called twice: once to see what it refers to, and once to record. Other Python values that
    it reads (numbers, a model's training mode) stay as they are now.

    Given a Tensor or an array, it is NumPy's `trace`: the sum over a diagonal.

    Raises:
        TypeError: fn is no function, or answers something else than Tensors.
        TracingError: the calls depend on values (a branch, a mask, a conversion to a number), or
            reach outside (a result computed before, an array changed in place); or the second call
            gave another result than the first.
    """
    if is_array(fn):  # NumPy has another function of this name
        diagonal_sum: Any = np.trace
        return diagonal_sum(fn, *example_inputs, **settings)  # type: ignore[no-any-return]
    if not callable(fn) or settings:
        raise errors.not_a_function(fn, settings)
    return StaticGraph(fn, example_inputs)


class StaticGraph:
    """A recorded function: `graph(x)` replays it forward, `graph.backward()` backward.

    Every replay makes the same NumPy calls, in the order of the recording, into memory allocated
    once. `print(graph.source())` shows them: that text is what runs. Made by `trace`.

    Example:
        graph = autograd.trace(lambda x, y: ((model(x) - y) ** 2).mean(), x, y)
        loss = graph(x, y)
        graph.backward()  # adds to .grad of the model's parameters
    """

    def __init__(self, fn: Callable[..., Any], example_inputs: tuple[Any, ...]) -> None:
        self._fn = fn
        self._title = getattr(fn, "__name__", type(fn).__name__)
        recording = record_calls(fn, self._title, example_inputs)
        self._arguments = _Arguments(fn, self._title, example_inputs)
        self._program = _Program(self._title, Program(recording.calls), recording)
        self._answer = transform(lambda _: None, recording.answer)  # its form
        self._upstream = [one.value for one in recording.calls.upstream]
        # What gets gradients: leaves that the function refers to, and inputs by number.
        inputs = [id(one) for one in recording.places]
        self._targets: list[Tensor | int] = [
            inputs.index(id(leaf)) if id(leaf) in inputs else leaf for leaf in recording.wanted
        ]
        self._given: list[Any] = []  # at the last replay
        self._replayed = 0  # when that was; 0 for never

    def __call__(self, *args: Any) -> Any:
        """What the function answers for new inputs, as Tensors without history.

        Raises:
            TypeError, ValueError: inputs of another form, shape, dtype or requires_grad than those
                of the recording; what the function itself raises for their values.
            RuntimeError: a Tensor that the function refers to has another shape or dtype by now.
        """
        self._given = self._arguments.checked(args)
        self._program.bind()
        self._replayed = tick()
        try:
            results = self._program.forward(*map(values_of, self._given))
        except ValueError:
            self._fn(*args)  # a recorded check failed; the function itself says it in full
            raise
        return rebuild(self._answer, iter([Tensor(np.array(one)) for one in results]))

    def backward(self, *gradients: Any) -> None:
        """Replay the backward pass of the last call, and add the gradients to `.grad` of leaves.

        Args:
            gradients: the upstream gradients, one for each Tensor of the answer that requires
                one, in its shape; none if these are single numbers, whose gradient is 1.

        Raises:
            RuntimeError: there was no call yet; nothing required a gradient; an array that the
                function refers to was changed in place since the call.
            ValueError: upstream gradients of other shapes, or too few or many.
        """
        if not self._targets:
            raise errors.no_gradient(self._title)
        if not self._replayed:
            raise errors.not_run(self._title)
        self._program.check_unchanged(self._replayed)
        for target, gradient in zip(
            self._targets, self._program.backward(*self._seeds(gradients)), strict=True
        ):
            leaf = self._given[target] if isinstance(target, int) else target
            accumulate(leaf, gradient, Tensor)

    def source(self) -> str:
        """The program that runs, as Python text that needs NumPy alone.

        It defines `program`, which takes what the function refers to (parameters, constants,
        random generators) and answers the functions forward and backward.
        """
        return self._program.text

    def _seeds(self, gradients: tuple[Any, ...]) -> list[Any]:
        ones = self._upstream
        if not gradients and all(one.size == 1 for one in ones):
            return ones
        seeds = [values_of(g) if is_array(g) else as_array(g) for g in gradients]
        if [g.shape for g in seeds] != [one.shape for one in ones]:
            raise errors.wrong_upstream(self._title, ones, seeds)
        return seeds

    def __repr__(self) -> str:
        return f"<static graph of {self._title}({self._arguments})>"


class _Input:
    """What an input must be like. `requires_grad` is None for a plain array."""

    def __init__(self, name: str, example: Any) -> None:
        self.name = name
        self.is_array = is_array(example)
        self.constant = None if self.is_array else example
        if self.is_array:
            self.shape, self.dtype = values_of(example).shape, values_of(example).dtype
            self.requires_grad = bool(getattr(example, "requires_grad", False))

    def __str__(self) -> str:
        if self.is_array:
            return f"{self.name}: {self.shape} {self.dtype}"
        return f"{self.name}={self.constant!r:.60}"


class _Arguments:
    """The arguments that a static graph takes."""

    def __init__(self, fn: Callable[..., Any], title: str, examples: tuple[Any, ...]) -> None:
        self._title = title
        pairs = zip(argument_names(fn, examples), leaves(examples), strict=True)
        self._inputs = [_Input(name, one) for name, one in pairs]
        self._form = rebuild(examples, iter(self._inputs))

    def checked(self, args: tuple[Any, ...]) -> list[Any]:
        """The inputs among the arguments, in order. Raises TypeError or ValueError."""
        if len(args) != len(self._form):
            raise errors.wrong_count(self._title, len(args), len(self._form))
        try:
            given = match(self._form, args)
        except ValueError as error:
            raise errors.wrong_structure(self._title, str(error)) from None
        return [
            self._checked(wanted, one)
            for wanted, one in zip(self._inputs, given, strict=True)
            if wanted.is_array or self._check_constant(wanted, one)
        ]

    def _checked(self, wanted: _Input, one: Any) -> Any:
        one = one if is_array(one) else as_array(one)
        values = values_of(one)
        if values.shape != wanted.shape or values.dtype != wanted.dtype:
            raise errors.wrong_form(self._title, wanted, values)
        if bool(getattr(one, "requires_grad", False)) != wanted.requires_grad:
            raise errors.other_gradient(self._title, wanted)
        if wanted.requires_grad and not one.is_leaf:
            raise errors.input_with_history(self._title, wanted.name, one)
        return one

    def _check_constant(self, wanted: _Input, one: Any) -> bool:
        if one is not wanted.constant and one != wanted.constant:
            raise errors.other_constant(self._title, wanted, one)
        return False

    def __str__(self) -> str:
        return ", ".join(map(str, self._inputs))


class _Program:
    """The compiled program, and what it takes from outside."""

    def __init__(self, title: str, program: Program, recording: Recording) -> None:
        self._title = title
        self.text = program.text
        self._define = compile_text(program.text, f"<static graph of {title}>", {})["program"]
        tensors = {id(array.entry): tensor for tensor, array in recording.referred}
        self._sources = {name: _source(thing, tensors) for name, thing in program.outside.items()}
        self._layouts = {name: _layout(read()) for name, read in self._sources.items()}
        self._bound: list[Any] | None = None
        self.forward: Callable[..., Any]
        self.backward: Callable[..., Any]

    def bind(self) -> None:
        """Let the program work with what the function refers to now, where it lies now."""
        now = [read() for read in self._sources.values()]
        if self._bound is not None and all(map(is_, now, self._bound)):
            return
        for name, one in zip(self._sources, now, strict=True):
            if _layout(one) != self._layouts[name]:
                raise errors.replaced(self._title, name)
        self.forward, self.backward = self._define(*now)
        self._bound = now

    def check_unchanged(self, since: int) -> None:
        """Raises RuntimeError if something from outside was written in place since."""
        for name, one in zip(self._sources, self._bound or (), strict=True):
            if written_since(one, since):
                raise errors.changed_since(self._title, name)


def _source(thing: Any, tensors: dict[int, Tensor]) -> Callable[[], Any]:
    """How to get at something from outside: data may move, and a seed brings a new generator."""
    if isinstance(thing, Entry):
        tensor = tensors[id(thing)]
        return lambda: tensor._data
    if not isinstance(thing, np.ndarray) and thing is default_generator():
        return default_generator
    return lambda: thing


def _layout(thing: Any) -> Any:
    if isinstance(thing, np.ndarray):
        return thing.shape, thing.dtype, thing.strides
    return None
