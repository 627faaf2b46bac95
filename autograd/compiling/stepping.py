"""Recording a step with its effects: gradients, updates, running statistics.

The step runs once, really, on tracing arrays that stand for the real ones; so recording a step is
doing it. Memory that lasts (parameters, gradients, an optimiser's averages) is declared, and may be
written; before it is, its values are noted, so that everything can be put back.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn
from weakref import ref

import numpy as np

from autograd.compiling import errors
from autograd.compiling.pieces import InPieces, PieceTracer
from autograd.compiling.snapshot import Snapshot
from autograd.compiling.sources import Source, others
from autograd.leaves import Home
from autograd.locks import Lock
from autograd.random import default_generator, take, taking
from autograd.steps import Effect, recording_step
from autograd.tensor import Tensor
from autograd.tracing.arrays import Tracer, TracingArray, tracing_in
from autograd.tracing.calls import Call, Entry, Function
from autograd.tracing.errors import TracingError, refusal
from autograd.trees import leaves
from autograd.versions import Memory, memory_owner, tick
from autograd.watching import Watcher


class StepTracer(Tracer):
    """A tracer that lets declared memory be written, and can put everything back.

    Args:
        tensors: the Tensors whose memory is declared, with their labels.
        generators: the random generators that are watched, with what they are called.
    """

    def __init__(
        self, tensors: Mapping[Tensor, str], generators: Mapping[np.random.Generator, str]
    ) -> None:
        super().__init__()
        self.tensors = tensors
        self.refusals: list[TracingError] = []  # whoever has caught them
        self.effects: list[Effect] = []
        self.stamps: list[tuple[Memory, str]] = []
        self.before = Snapshot()
        self._states: dict[int, TracingArray] = {}
        self._owners: dict[int, Any] = {}
        self._waiting: list[_Waiting] = []
        self._sources = {one: Source(path, one) for one, path in generators.items()}
        self._default = default_generator()
        self._made: list[ref[TracingArray]] = []
        self._others = others()

    # Memory that lasts

    def state(self, array: Any, label: str) -> TracingArray:
        """The tracing array that stands for an array that lasts, and may be written."""
        known = self._states.get(id(array))
        if known is None:
            known = self._states[id(array)] = TracingArray(
                self, array, Entry(array, label, None, lasts=True)
            )
            owner = memory_owner(array)
            self._owners[id(owner)] = owner
        return known

    def stamped(self, array: Any, by: str) -> None:
        """Note a write in place, which is to be stamped at each replay too."""
        memory = Memory(array)
        memory.stamp(by)
        if id(memory.owner) in self._owners:
            self.stamps.append((memory, by))

    def _check_may_be_written(self, target: Any) -> None:
        if isinstance(target, TracingArray):
            super()._check_may_be_written(target)
            target = target.value
        elif id(memory_owner(target)) not in self._owners:
            raise refusal(
                "a recorded value is written into an array from outside that the step is not seen "
                "to refer to",
                "return the value and write it there after the call",
            )
        if id(memory_owner(target)) in self._owners:
            self.before.array(target)

    def lock(self, arrays: Iterable[np.ndarray[Any, Any]]) -> Lock:
        """Keep plain arrays read-only, but for those in memory that is declared."""
        return Lock(one for one in arrays if id(memory_owner(one)) not in self._owners)

    # Work in pieces

    def of_pieces(self) -> PieceTracer:
        """Who records what is done with one of them."""
        return PieceTracer()

    def in_pieces(
        self, pieces: InPieces, written: Sequence[Any], read: Sequence[Any], do: Callable[[], None]
    ) -> None:
        """Record work that goes through pieces. It is done at the end, or when its result is used.

        Args:
            pieces: the work.
            written, read: the whole arrays that it changes or looks at.
            do: does it, now.
        """
        arrays = [*written, *read]
        self._catch_up(arrays)
        entries = tuple(self.state(one, "whole").entry for one in arrays)
        self.calls.append(Call(pieces, entries, {}, ()))
        self._waiting.append(_Waiting(written, {id(memory_owner(one)) for one in arrays}, do))

    def call(
        self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
    ) -> Any:
        if self._waiting:
            self._catch_up([one.value for one in tracing_in((args, kwargs))])
        return super().call(function, args, kwargs)

    def _catch_up(self, arrays: Sequence[Any]) -> None:
        """Do the waiting work if it is about any of these arrays; so that it can be put back."""
        owners = {id(memory_owner(one)) for one in arrays}
        if any(owners & one.owners for one in self._waiting):
            for one in self._waiting:
                for array in one.written:
                    self.before.array(array)
            self.finish()

    def finish(self) -> None:
        """Do the work that waits. Nothing is noted: nothing can fail any more."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.do()

    # Results

    def given(self, value: Any, label: str) -> TracingArray:
        result = super().given(value, label)
        self._made.append(ref(result))
        return result

    def made(self, value: Any, source: Entry | None = None) -> TracingArray:
        result = super().made(value, source)
        self._made.append(ref(result))
        return result

    def leaves_something(self) -> bool:
        """Whether somebody still holds a result."""
        if any(one() is not None for one in self._made):
            gc.collect()  # it may be held by what only waits for that
        return any(one() is not None for one in self._made)

    # What takes part in the step

    def effect(self, effect: Effect) -> None:
        """Register what goes with the step. Raises TracingError for a second one of its owner."""
        if any(one.owner is effect.owner for one in self.effects):
            name = type(effect.owner).__name__
            self.refuse(f"{name} makes two steps", "compile one step, and call it twice")
        self.effects.append(effect)

    def refuse(self, what: str, fix: str) -> NoReturn:
        """Raise TracingError at the user's line."""
        raise refusal(what, fix)

    # Running it

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Within it, leaves and their gradients have tracing arrays, and draws are recorded."""
        for tensor in self.tensors:
            self.before.gradient(tensor)
        step, draws = recording_step.set(self), taking.set(self._draw)
        try:
            for tensor, label in self.tensors.items():
                tensor._data = self.state(tensor._data, label)
                if tensor._grad is not None and tensor._home is not None:
                    place = tensor._home.another_view()
                    tensor._grad._data = self.state(place, f"{label}.grad")
            yield
            self.bring_gradients_home()
            self._check_generators()
        finally:
            taking.reset(draws)
            recording_step.reset(step)
            _with_real_arrays(self.tensors)

    @contextmanager
    def real_arrays(self) -> Iterator[None]:
        """Within it, leaves have their real arrays, and gradients are at home."""
        self.bring_gradients_home()
        had = _with_real_arrays(self.tensors)
        try:
            yield
        finally:
            for tensor, data in had:
                tensor._data = data

    def bring_gradients_home(self) -> None:
        """Copy gradients that were assigned into the leaves' memory, where replays have them."""
        for tensor, label in self.tensors.items():
            grad, home = tensor._grad, tensor._home
            if grad is None or home is None or _is_at(home, grad._data):
                continue
            place = self.state(home.another_view(), f"{label}.grad")
            np.copyto(place, grad._data)  # type: ignore[arg-type]
            tensor._grad = Tensor.at(None, place)

    def put_back(self) -> None:
        """Make everything as it was before the step."""
        self.before.restore()
        for source in (*self._sources.values(), *self._others):
            source.put_back()

    # Random numbers

    def _draw(self, generator: Any, method: str, shape: Any, dtype: Any) -> Any:
        source = self._sources.get(generator)
        if source is None:
            self.refuse(
                "numbers are drawn from a generator that the step is not seen to refer to, or that "
                "was made within it",
                "make it once, outside, and give it a name that the function uses",
            )
        source.check()
        numbers = take(generator, method, shape, dtype)
        source.look()
        return self.draw(numbers, generator, method)

    def _check_generators(self) -> None:
        if default_generator() is not self._default:
            self.refuse(
                "autograd.manual_seed within the step would be called at the first call alone",
                "call it before the step",
            )
        for source in (*self._sources.values(), *self._others):
            source.check()


class _Waiting(NamedTuple):
    """Work in pieces that is recorded, and not done yet."""

    written: Sequence[Any]
    owners: set[int]
    do: Callable[[], None]


class OnlySeen(Watcher):
    """Refuses Tensors that the step uses and the walk did not find: their writes would escape."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._start = tick()

    def called(
        self,
        op: type[Any],
        inputs: tuple[Any, ...],
        settings: dict[str, Any],  # noqa: ARG002
        outputs: tuple[Any, ...],  # noqa: ARG002
    ) -> None:
        for one in leaves(inputs):
            if not isinstance(one, Tensor):
                continue
            # Values that a rule has kept of a leaf lead to the leaf, which has no number.
            if getattr(one.grad_fn, "number", self._start) < self._start:
                raise errors.made_before(self._title, one)
            if one.is_leaf and one._requires_grad and isinstance(one._data, np.ndarray):
                raise errors.not_seen(self._title, op, one)


def _with_real_arrays(tensors: Iterable[Tensor]) -> list[tuple[Tensor, Any]]:
    """Give leaves and their gradients their real arrays; answers what they had."""
    had = []
    for tensor in tensors:
        had.append((tensor, tensor._data))
        tensor._data = real(tensor._data)
        grad = tensor._grad
        if grad is not None and isinstance(grad._data, TracingArray):
            had.append((grad, grad._data))
            home = tensor._home
            grad._data = real(grad._data) if home is None else home.view()
    return had


def real(array: Any) -> Any:
    """The array that a tracing array stands for."""
    return array.value if isinstance(array, TracingArray) else array


def _is_at(home: Home, array: Any) -> bool:
    """Whether a gradient lies in the memory that belongs to its leaf."""
    view, values = home.another_view(), real(array)
    return bool(
        values.__array_interface__["data"] == view.__array_interface__["data"]
        and values.shape == view.shape
        and values.strides == view.strides
    )
