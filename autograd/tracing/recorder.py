"""Running a function on tracing arrays: what it computes, and what it refers to."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd.engine import replay
from autograd.grad_mode import enable_grad
from autograd.random import take, taking
from autograd.recording import record
from autograd.tensor import Tensor
from autograd.tracing import errors
from autograd.tracing.arrays import Tracer, TracingArray, entries_in, values_in
from autograd.tracing.labels import Labels
from autograd.tracing.program import Recorded
from autograd.trees import leaves, rebuild
from autograd.versions import tick
from autograd.watching import Watcher, watch


class Recording(NamedTuple):
    """What was recorded of a function.

    Attributes:
        calls: the calls, and the arrays they start from and end with.
        places: the Tensors that stand for the inputs (None for plain arrays), in order.
        referred: the leaves that the function refers to, each with its tracing array.
        wanted: the leaves, places of inputs among them, whose gradients backward answers.
        answer: what the function answered.
    """

    calls: Recorded
    places: list[Tensor | None]
    referred: list[tuple[Tensor, TracingArray]]
    wanted: list[Tensor]
    answer: Any


def record_calls(fn: Callable[..., Any], title: str, examples: tuple[Any, ...]) -> Recording:
    """Call `fn` twice, to see what it refers to and to record. Raises as `trace` does."""
    arguments = leaves(examples)

    def run(arrays: Sequence[Any]) -> Any:
        return fn(*rebuild(examples, iter(arrays)))

    start, met, draws = tick(), _Met(), _Draws()
    with enable_grad(), watch(met), draws.kept(), record() as tape:
        first = run([_standing_for(one) if is_array(one) else one for one in arguments])
    for one in leaves(first):
        if not isinstance(one, Tensor):
            raise errors.no_tensor_returned(title, one)

    tracer = Tracer()
    labels = Labels(tracer, tape)
    inputs, places = [], []
    for name, one in zip(argument_names(fn, examples), list(arguments), strict=True):
        if is_array(one):
            inputs.append(tracer.given(np.array(values_of(one)), name))
            places.append(_standing_for(one, inputs[-1]) if isinstance(one, Tensor) else None)
    given = iter([array if p is None else p for array, p in zip(inputs, places, strict=True)])
    referred = [(one, tracer.given(one._data, one.name or "array")) for one in met.leaves(start)]
    with enable_grad(), watch(labels), _swapped(referred), draws.recorded(tracer):
        answer = run([next(given) if is_array(one) else one for one in arguments])
        outputs = leaves(answer)
        if not _agree(leaves(first), outputs):
            raise errors.answers_differ(title)
        forward = labels.sections()
        seeds = []
        for i, one in enumerate(outputs):
            if one.requires_grad:
                seed = np.ones_like(values_in(one._data))
                seeds.append((one.edge(), tracer.given(seed, f"d_{_label(one, i)}")))
        gradients = replay(seeds)
        for edge, gradient in gradients.items():
            labels.name_gradient(edge, gradient)
        backward = labels.sections()
    calls = Recorded(
        title=title,
        inputs=entries_in(inputs),
        outputs=entries_in([one._data for one in outputs]),
        upstream=[seed.entry for _, seed in seeds],
        gradients=entries_in(list(gradients.values())),
        forward=forward,
        backward=backward,
    )
    return Recording(calls, places, referred, list(gradients), answer)


class _Met(Watcher):
    """Collects the Tensors that operations are given, and what they make."""

    def __init__(self) -> None:
        self._given: dict[Tensor, None] = {}
        self._made: set[Tensor] = set()

    def called(
        self,
        op: type[Any],
        inputs: tuple[Any, ...],
        settings: dict[str, Any],
        outputs: tuple[Any, ...],
    ) -> None:
        self._given |= dict.fromkeys(one for one in inputs if isinstance(one, Tensor))
        self._made |= set(outputs)

    def leaves(self, start: int) -> list[Tensor]:
        """The leaves met. Raises TracingError for a result with a history from before `start`."""
        found = [one for one in self._given if one not in self._made]
        for one in found:
            # Values that a rule has kept of a leaf lead to the leaf, which has no number.
            if getattr(one.grad_fn, "number", start) < start:
                raise errors.made_outside(one)
        return [one for one in found if one.is_leaf]


class _Draws:
    """The random numbers of the first call, which the second one is given again."""

    def __init__(self) -> None:
        self._drawn: list[Any] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within it, numbers are drawn and kept."""

        def draw(*what: Any) -> Any:
            self._drawn.append(take(*what))
            return self._drawn[-1]

        with _taking(draw):
            yield

    @contextmanager
    def recorded(self, tracer: Tracer) -> Iterator[None]:
        """Within it, the numbers kept come again, and the draws are recorded."""
        drawn = iter(self._drawn)

        def draw(generator: Any, method: str, shape: Any, dtype: Any) -> Any:
            numbers = next(drawn, None)
            if numbers is None or numbers.shape != shape or numbers.dtype != dtype:
                raise errors.draws_differ()
            return tracer.draw(numbers, generator, method)

        with _taking(draw):
            yield


@contextmanager
def _taking(draw: Callable[..., Any]) -> Iterator[None]:
    token = taking.set(draw)
    try:
        yield
    finally:
        taking.reset(token)


@contextmanager
def _swapped(referred: Sequence[tuple[Tensor, TracingArray]]) -> Iterator[None]:
    """Within it, the leaves have tracing arrays as their data."""
    data = [one._data for one, _ in referred]
    try:
        for one, array in referred:
            one._data = array
        yield
    finally:
        for (one, _), values in zip(referred, data, strict=True):
            one._data = values


def is_array(thing: Any) -> bool:
    """Whether an argument is an input, rather than a constant."""
    return isinstance(thing, Tensor | np.ndarray | np.generic)


def values_of(thing: Any) -> Any:
    """The array of an input."""
    return thing._data if isinstance(thing, Tensor) else np.asarray(thing)


def _standing_for(thing: Any, values: Any = None) -> Any:
    """A leaf that the function is given in an input's place; an array as it is."""
    if not isinstance(thing, Tensor):
        return thing
    place = Tensor.at(None, thing._data if values is None else values)
    place._requires_grad, place.name = thing._requires_grad, thing.name
    return place


def _agree(first: Sequence[Any], second: Sequence[Any]) -> bool:
    pairs = zip(first, second, strict=False)
    same = all(np.array_equal(a._data, values_in(b._data), equal_nan=True) for a, b in pairs)
    return same and len(first) == len(second)


def _label(output: Tensor, i: int) -> str:
    array: Any = output._data
    return (isinstance(array, TracingArray) and array.entry.label) or f"result_{i}"


def argument_names(fn: Callable[..., Any], arguments: tuple[Any, ...]) -> list[str]:
    """A name for each thing among the arguments, by the function's parameters."""
    try:
        bound = dict(inspect.signature(getattr(fn, "forward", fn)).bind(*arguments).arguments)
    except (TypeError, ValueError):  # it does not say, or the call will fail by itself
        bound = {f"input_{i}": one for i, one in enumerate(arguments)}
    return [name for parameter, one in bound.items() for name in _paths(parameter, one)]


def _paths(path: str, tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for key, one in tree.items():
            yield from _paths(f"{path}_{key}", one)
    elif isinstance(tree, list | tuple):
        for i, one in enumerate(tree):
            yield from _paths(f"{path}_{i}", one)
    else:
        yield path
