"""Compiled functions: recorded once for each form of their calls, then replayed bare."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from types import MethodType
from typing import Any, overload

import numpy as np

from autograd.compiling import errors
from autograd.compiling.arguments import Arguments
from autograd.compiling.guards import Guards
from autograd.compiling.replaying import Recording
from autograd.compiling.snapshot import Snapshot
from autograd.compiling.step import Step
from autograd.grad_mode import current_mode
from autograd.places import warn
from autograd.steps import recording_step
from autograd.tensor import Tensor
from autograd.threads import get_num_threads
from autograd.tracing.errors import TracingError
from autograd.trees import leaves

MOST = 8  # recordings of one function; each has memory of its own


@overload
def compile(fn: Callable[..., Any], *, fallback: str | None = None) -> Compiled: ...
@overload
def compile(*, fallback: str | None = None) -> Callable[[Callable[..., Any]], Compiled]: ...
def compile(fn: Any = None, *, fallback: str | None = None) -> Any:
    """Record what `fn` does at its first call, and replay it bare at later ones.

    A function of a loss, of a loss with its backward pass, or of a whole training step becomes a
    flat list of NumPy calls into memory allocated once: no graph, no objects, no allocations. The
    first call does what it always does, and is recorded; later ones replay it, with results equal
    to the last bit. Large arrays go through in pieces, shared among threads (`set_num_threads`); a
    sum over all of one, of more than 500,000 entries, is then one of the sums of its pieces.

    Args:
        fn: a function or model; also as a decorator, `@compile` or `@compile(fallback="eager")`.
        fallback: "eager" runs what cannot be recorded as it is, with one warning; else it is an
            error.

    Example:
        @autograd.compile
        def step(x, y):
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

        for x, y in batches:
            loss = step(x, y)

    What is recorded:
        Arguments that are Tensors or arrays are inputs; other arguments, in lists, tuples and dicts
        too, are constants. Other shapes, dtypes or constants make another recording, up to eight.
        Tensors that the function reaches by its closure, its globals, and the attributes and lists
        of what it finds there (a model's parameters and running statistics) are read, and written,
        where they lie. An optimiser's step is part of it, with its rates as they are at each call;
        so is a schedule's step after it.
        Random numbers are drawn anew each time, by nn.Dropout and autograd.random.draw.
        Plain values that are reached in these ways (numbers, texts, a model's mode), in objects,
        classes and modules of yours, are looked at in each call: if one has changed, that is
        another recording. Of such an object only what code names is looked at: a list of losses
        that it keeps beside does no harm. Checks of values, such as the range of labels, are made
        at each call.
        Everything else is as it was at the recording: what NumPy makes of plain arrays, which are
        read-only meanwhile; the order of a dict's entries; context variables; what objects of
        Python's own classes hold, other than lists, dicts, sets and deques; np.errstate; the time,
        what is printed, the contents of files. Other threads must leave alone, while a call is
        recorded, what the function reaches and the random generators.

    Answers are copies, without history: call backward within the function. While a gradient made
    earlier is still held by somebody else, somebody listens (`record`, `profile`), or an optimiser
    looks at its first three steps for mistakes, calls run as they are.

    Raises:
        TypeError, ValueError: fn is no function, or fallback is something else.
        TracingError: when called, for what cannot be recorded: branches on values, conversions to
            numbers, Tensors that cannot be seen, iterators, changed plain values. What the
            function reaches is then as before the call. What the function itself raises, it raises
            as ever.
    """
    if fallback not in (None, "eager"):
        raise errors.unknown_fallback(fallback)
    if fn is None:
        return functools.partial(compile, fallback=fallback)
    if not callable(fn) or isinstance(fn, Tensor):
        raise errors.not_to_compile(fn)
    return Compiled(fn, fallback == "eager")


class Compiled:
    """A function that is recorded at its first call and replayed at later ones; see `compile`.

    One call runs at a time: threads wait for each other.
    """

    def __init__(self, fn: Callable[..., Any], falls_back: bool = False) -> None:
        functools.update_wrapper(self, fn, updated=())
        self._fn = fn
        self._title = getattr(fn, "__name__", type(fn).__name__)
        self._falls_back = falls_back
        self._recordings: list[Recording] = []
        self._last: Recording | None = None  # the one that stood for the last call
        self._eager = False  # whether anything new runs as it is from now on
        self._threads = get_num_threads()  # among which recordings share their work
        self._changed = False  # whether a run has changed what a replay would not
        self._lock = threading.RLock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if recording_step.get() is not None:  # within another step, it is a part of that
            return self._fn(*args, **kwargs)
        with self._lock:
            recording = self._found(args, kwargs)
            if recording is None:
                return self._first_call(args, kwargs)
            return self._replayed(recording, args, kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As a method of a class it is given the object it belongs to."""
        return self if instance is None else MethodType(self, instance)

    def __autograd_parts__(self) -> list[Any]:
        """What another compiled function sees of it: its recordings come and go."""
        return [self._fn]

    def __reduce__(self) -> Any:
        return Compiled, (self._fn, self._falls_back)  # a copy records anew

    def _found(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Recording | None:
        if self._threads != get_num_threads():
            self._threads = get_num_threads()
            self._recordings.clear()
        for recording in self._recordings:
            if recording.stands_for(args, kwargs):
                self._last = recording
                return recording
        return None

    def _replayed(self, recording: Recording, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return recording.replay(args, kwargs)
        except Exception:
            recording.repeat_failure(lambda: self._fn(*args, **kwargs))
            raise

    def _first_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of a form that has no recording."""
        if self._eager or current_mode().watcher is not None:
            return self._fn(*args, **kwargs)
        if any(one.is_looked_at(args, kwargs) for one in self._recordings):
            return self._fn(*args, **kwargs)
        step = Step(self._fn, self._title, Arguments(self._fn, args, kwargs))
        if not step.is_ready():
            return self._fn(*args, **kwargs)
        recording = self._found(args, kwargs)
        if recording is not None:  # only gradients were not in their places, and are now
            return self._replayed(recording, args, kwargs)
        if len(self._recordings) == MOST:
            changed = self._recordings[0].guards.reach.change(step.reach)
            self._stay_eager(errors.too_many(self._title, MOST, changed))
            return self._fn(*args, **kwargs)
        try:
            return self._recorded(step).first_answer(args, kwargs)
        except TracingError as error:
            if not self._falls_back:
                raise
            why = errors.runs_as_it_is(self._title, error)
        except Exception as error:  # most likely the function itself raises it below
            why = errors.only_while_recording(self._title, error)
        answer = self._fn(*args, **kwargs)
        self._stay_eager(why)
        return answer

    def _recorded(self, step: Step) -> Recording:
        step.check()
        guards = Guards(step.reach, step.arguments, step.leaves)
        alike = [one for one in self._recordings if one.guards.key == guards.key]
        for one in alike:
            one.release()
        # Once may be something that is made when first needed. The step is done, all the same.
        recording = Recording(step, guards, may_change=not self._changed)
        if not recording.stands:
            self._changed = True
            return recording
        for one in alike:
            if recording.is_as(one):
                self._recordings.remove(one)
                recording.guards.forget_gradients(one.guards)
                break
        self._recordings.insert(0, recording)
        self._last = recording
        return recording

    def _stay_eager(self, why: str) -> None:
        self._eager = True
        warn(why)

    # Looking at it

    def source(self) -> str:
        """The program of the last call, as Python text that needs NumPy alone.

        Raises RuntimeError if nothing was recorded yet.
        """
        return self._known().text

    def stats(self) -> dict[str, int]:
        """How large the program of the last call is, and how many recordings there are.

        Returns:
            {"calls": NumPy calls in a replay, "calls recorded": before what is needless was left
            out, "buffers": of the memory it computes in, "bytes": of these together, "bytes
            recorded": of all results, had each memory of its own, "recordings": how many}

        Raises RuntimeError if nothing was recorded yet.
        """
        return {**self._known().facts, "recordings": len(self._recordings)}

    def check(self, *args: Any, **kwargs: Any) -> float:
        """Replay and run a call, and put everything back: the largest difference between both.

        Compared are the answers, and all memory that the step reaches: parameters, gradients, what
        optimisers remember. 0.0 means that all are equal to the last bit.

        Raises RuntimeError if there is no recording for this call; whatever the function raises.
        """
        with self._lock:
            recording = self._found(args, kwargs)
            if recording is None:
                self._known()
                raise errors.none_for_the_call(self._title)
            before = Snapshot()
            recording.note(before)
            found = []
            for run in (recording.replay, lambda args, kwargs: self._fn(*args, **kwargs)):
                try:
                    answer = run(args, kwargs)
                    values = [_values(one) for one in leaves(answer)]
                    found.append(values + [one.copy() for one in recording.state()])
                finally:
                    before.restore()
            return max(map(_difference, *found), default=0.0)

    def _known(self) -> Recording:
        if self._last is None:
            raise errors.not_recorded(self._title)
        return self._last

    def __repr__(self) -> str:
        return f"<compiled {self._title}, {len(self._recordings)} recordings>"


def _values(one: Any) -> Any:
    return np.array(one._data if isinstance(one, Tensor) else one)


def _difference(a: Any, b: Any) -> float:
    """The largest difference between two arrays; of other things, whether they differ."""
    if np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
        return 0.0
    return float(np.max(np.abs(np.subtract(a, b, dtype=np.float64))))
