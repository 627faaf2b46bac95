"""Where the first NaN or infinity of a program is made, and where a value is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

import numpy as np

from autograd.causes import Cause, backward_cause, forward_cause
from autograd.dtypes import as_array
from autograd.function import Function
from autograd.locks import Lock
from autograd.places import Line, ModulePlace, Modules, in_backward, line_of, user_frame, variables
from autograd.steps import recording_step
from autograd.tape import input_name, visible_outputs
from autograd.watching import Watcher, watch

Array = np.ndarray[Any, Any]

READ_ONLY = (
    "Within detect_anomaly(), the arrays that a backward pass will need are locked. If this is one "
    "of them, writing it would make the gradient wrong: write before it is used, after backward, "
    "or into a copy."
)


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Within it, the first call that makes a NaN or an infinity raises an error that explains it.

    Raises:
        FloatingPointError: the result of a call has NaN where its inputs have none, or an infinity
            where they are all finite; or the gradients that a call sends back have, given its
            upstream gradient and the values that it kept. An infinity that is handed in, as the −∞
            of a mask, is no anomaly. NaN that is handed in is reported where it is first used. The
            message names the operation, its inputs with their ranges, the module, the line of the
            forward call, the likely cause and the fix.
        ValueError: "… is read-only": at a line that writes into an array that a backward pass will
            need. While a node keeps an array (until its backward pass, or as long as the result
            lives), the array and what it is a view of are locked; then they are as they were.

    NumPy's own warnings about such values are silent meanwhile. It takes time: every result is
    looked through. Use it to find an error, not in training that works.

    Example:
        with autograd.detect_anomaly():
            loss = loss_of(model, x, y)
            loss.backward()
    """
    recorder = recording_step.get()
    if recorder is not None:
        recorder.refuse(
            "detect_anomaly within the step would look at its first call alone",
            "put it around the call, which then runs as it is",
        )
    detector = _Detector()
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"), watch(detector):
        try:
            yield
        except ValueError as error:
            if "read-only" in str(error):
                error.add_note(READ_ONLY)
            raise
        finally:
            for lock in list(detector.locks):
                lock.release()


class _Place(NamedTuple):
    """Where in the program a call stands."""

    line: Line | None
    module: ModulePlace | None


class _Kept(tuple[Any, ...]):
    """What a node keeps, locked for as long as it keeps it: once by each detector that listens."""

    locks: tuple[Lock, ...] = ()


class _Detector(Watcher):
    """Looks through what calls make and send back, and locks what nodes keep."""

    def __init__(self) -> None:
        self.locks: WeakSet[Lock] = WeakSet()
        self._modules = Modules()
        self._places: WeakKeyDictionary[Function, _Place] = WeakKeyDictionary()

    def called(
        self,
        op: type[Any],
        inputs: tuple[Any, ...],
        settings: dict[str, Any],  # noqa: ARG002
        outputs: tuple[Any, ...],
    ) -> None:
        frame = user_frame()
        place = _Place(line_of(frame), self._modules.current)
        made = [_values(x) for x in outputs]
        if not all(map(_is_finite, made)) and not in_backward():  # what rules make, `sent` sees
            found = _find(map(_values, inputs), made)
            if found:
                raise _forward_error(found, op, inputs, outputs, place, frame)
        node = next((x.grad_fn for x in outputs if x.grad_fn is not None), None)
        if node is not None:
            self._places[node] = place
            self._lock(node)

    def sent(self, node: Any, upstream: Any, gradients: tuple[Any, ...], batch: int) -> None:  # noqa: ARG002
        sent = [_values(x) for x in gradients]
        if all(map(_is_finite, sent)):
            return
        arrived = [_values(x) for x in (upstream if node.several else [upstream])]
        found = _find([*arrived, *_arrays(node.kept)], sent)
        if found:
            raise _backward_error(found, node, arrived, sent, self._places.get(node))

    def entered(self, module: Any) -> None:
        self._modules.entered(module)

    def left(self, module: Any) -> None:  # noqa: ARG002
        self._modules.left()

    def _lock(self, node: Function) -> None:
        """Lock what a node keeps until it lets go of it."""
        if node.kept:
            kept = node.kept = node.kept if isinstance(node.kept, _Kept) else _Kept(node.kept)
            lock = Lock(_arrays(kept))
            kept.locks += (lock,)
            self.locks.add(lock)


def _find(given: Iterable[Any], made: Iterable[Any]) -> str | None:
    """What is wrong with what was made, in view of what was given; None if nothing is."""
    given, made = list(given), list(made)
    if any(_count(np.isnan, x) for x in made):
        return "was given NaN" if any(_count(np.isnan, x) for x in given) else "made NaN"
    return "made an infinity" if all(map(_is_finite, given)) else None


def _forward_error(
    found: str,
    op: type[Function],
    inputs: tuple[Any, ...],
    outputs: tuple[Any, ...],
    place: _Place,
    frame: FrameType | None,
) -> FloatingPointError:
    read = op.signature
    names = {} if frame is None else {id(x): name for name, x in variables(frame).items()}
    given, lines = {}, []
    for i, x in enumerate(inputs):
        name = input_name(read, i if read.variadic else read.inputs[i])
        given[name] = _values(x)
        label = getattr(x, "name", None) or (hasattr(x, "dtype") and names.get(id(x)))
        lines.append((name, f"{label!r} {_facts(x)}" if label else _facts(x)))
    lines += zip(visible_outputs(read), map(_facts, outputs), strict=True)
    lines += _where("line", place)
    if found == "was given NaN":
        cause = "the data came in so", "find where it comes from: np.isnan(array).any()"
    else:
        cause = forward_cause(op, given, _first_wrong(map(_values, outputs)))
    return _error(f"{op.__name__} {found}.", lines, cause)


def _backward_error(
    found: str, node: Function, arrived: list[Any], sent: list[Any], place: _Place | None
) -> FloatingPointError:
    read, plan = node.signature, node.plan
    kept = dict(zip(plan.kept_names, node.kept or (), strict=True))
    names = [input_name(read, which) for which in plan.wanted]
    wrong = [name for name, x in zip(names, sent, strict=True) if not _is_finite(x)]
    lines = [(n, _facts(x)) for n, x in kept.items() if isinstance(x, np.ndarray)]
    lines += [
        (f"upstream for {name}" if node.several else "upstream", _facts(x))
        for name, x in zip(read.outputs, arrived, strict=True)
        if x is not None
    ]
    lines += [
        (f"sent to {n}", _facts(x)) for n, x in zip(names, sent, strict=True) if x is not None
    ]
    lines += _where("forward call", place)
    if found == "was given NaN":
        cause = (
            "NaN was in the upstream gradient, or in what the forward call kept, before any rule",
            "look at the gradient that backward started from, at hooks, and at the data",
        )
    else:
        cause = backward_cause(type(node), kept, _first_wrong(sent))
    headline = f"{read.name}, backward, {found}: in the gradient of {', '.join(wrong)}."
    return _error(headline, lines, cause)


def _error(headline: str, lines: list[tuple[str, str]], cause: Cause) -> FloatingPointError:
    lines += zip(("cause", "fix"), cause, strict=True)
    width = max(len(name) for name, _ in lines)
    return FloatingPointError("\n".join([headline, *(f"  {n:<{width}}  {x}" for n, x in lines)]))


def _where(label: str, place: _Place | None) -> list[tuple[str, str]]:
    """The lines that say where a call stands."""
    if place is None:
        return [(label, "unknown: it was made before detect_anomaly() was entered")]
    lines = [] if place.module is None else [("module", str(place.module))]
    if place.line is not None:
        lines.append((label, f"{place.line}, in {place.line.function}: {place.line.text}"))
    return lines


def _facts(x: Any) -> str:
    """An operand in a few words: shape, dtype, range, and how many entries are not finite."""
    values = _values(x)
    if not isinstance(values, np.ndarray):
        return repr(values)
    facts = [f"{values.shape} {values.dtype}"]
    numbers = values[np.isfinite(values)]
    if numbers.size and values.dtype.kind != "b":
        facts.append(f"from {numbers.min():.4g} to {numbers.max():.4g}")
    if numbers.size < values.size:
        kinds = {"NaN": np.isnan, "∞": np.isposinf, "−∞": np.isneginf}
        counts = {kind: _count(function, values) for kind, function in kinds.items()}
        which = " and ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        facts.append(f"{which} of {values.size}")
    return ", ".join(facts)


def _values(x: Any) -> Any:
    """The array of a Tensor, a list or a NumPy scalar; a Python number or None as it is."""
    values = getattr(x, "_data", x)
    return as_array(values) if isinstance(values, list | tuple | np.generic) else values


def _count(function: Any, x: Any) -> int:
    """How many entries are NaN, or infinite; 0 for what has no such entries."""
    if isinstance(x, float) or (isinstance(x, np.ndarray) and x.dtype.kind == "f"):
        return int(np.count_nonzero(function(x)))
    return 0


def _not_finite(x: Any) -> Any:
    return np.logical_not(np.isfinite(x))


def _is_finite(x: Any) -> bool:
    return not _count(_not_finite, x)


def _first_wrong(arrays: Iterable[Any]) -> Array:
    return next(x for x in arrays if not _is_finite(x))


def _arrays(kept: Any) -> Iterator[Array]:
    """The arrays among what a node keeps, those in lists too."""
    for value in kept or ():
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, np.ndarray):
                yield one
