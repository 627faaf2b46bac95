"""Where the time and the memory of a program go: by operation and module, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from autograd.function import Function
from autograd.places import Modules
from autograd.watching import Watcher, watch

HEADER = ("operation", "module", "calls", "forward", "backward", "share", "forward", "backward")
UNITS = ("", "", "", "ms", "ms", "%", "MB", "MB")

Key = tuple[str, str]  # operation and module


@dataclass(frozen=True)
class Row:
    """The cost of the calls of one operation in one module.

    Attributes:
        operation: its name; "" where operations are taken together.
        module: path and kind, such as "0 (Linear)", the kind alone for the outermost module; ""
            outside of modules, and where modules are taken together.
        calls: how often it was called.
        forward_ms, backward_ms: time in milliseconds.
        forward_bytes, backward_bytes: of the arrays that were made: results, and gradients.
        share: the part that the row's time has in the time of all, from 0 to 1.
    """

    operation: str
    module: str
    calls: int
    forward_ms: float
    backward_ms: float
    forward_bytes: int
    backward_bytes: int
    share: float


class _Cost:
    """What is summed up for a row."""

    __slots__ = ("backward_bytes", "backward_s", "calls", "forward_bytes", "forward_s")

    def __init__(self) -> None:
        self.calls = self.forward_bytes = self.backward_bytes = 0
        self.forward_s = self.backward_s = 0.0

    def add(self, other: _Cost) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Profile:
    """What operations cost within one `with autograd.profile() as p:`.

    `print(p)` shows the rows as a table.
    """

    def __init__(self) -> None:
        self.costs: dict[Key, _Cost] = {}

    @property
    def rows(self) -> list[Row]:
        """By operation and module, the most expensive first."""
        return self._rows(lambda operation, module: (operation, module))

    def by_operation(self) -> list[Row]:
        """By operation, the most expensive first."""
        return self._rows(lambda operation, _: (operation, ""))

    def by_module(self) -> list[Row]:
        """By module, the most expensive first; calls outside of modules have the name ""."""
        return self._rows(lambda _, module: ("", module))

    def _rows(self, grouped: Callable[[str, str], Key]) -> list[Row]:
        sums: dict[Key, _Cost] = {}
        for key, cost in self.costs.items():
            sums.setdefault(grouped(*key), _Cost()).add(cost)
        total = sum(cost.forward_s + cost.backward_s for cost in sums.values())
        rows = [
            Row(
                operation,
                module,
                cost.calls,
                cost.forward_s * 1e3,
                cost.backward_s * 1e3,
                cost.forward_bytes,
                cost.backward_bytes,
                (cost.forward_s + cost.backward_s) / total if total else 0.0,
            )
            for (operation, module), cost in sums.items()
        ]
        return sorted(rows, key=lambda row: row.share, reverse=True)

    def __repr__(self) -> str:
        calls = sum(cost.calls for cost in self.costs.values())
        return f"<Profile of {calls} calls; print(p) shows them>"

    def __str__(self) -> str:
        rows = self.rows
        (total,) = self._rows(lambda *_: ("total", "")) or [Row("total", "", 0, 0, 0, 0, 0, 0)]
        cells = [HEADER, UNITS, *map(_cells, [*rows, total])]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if i < 2 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.operation,
        row.module,
        str(row.calls),
        f"{row.forward_ms:.3f}",
        f"{row.backward_ms:.3f}",
        f"{row.share:.1%}".removesuffix("%"),
        f"{row.forward_bytes / 1e6:.3f}",
        f"{row.backward_bytes / 1e6:.3f}",
    )


@contextmanager
def profile() -> Iterator[Profile]:
    """Measure what operations cost, forward and backward.

    Time is that of the NumPy computation and of making the node; adding up gradients (over paths,
    and where broadcasting is undone), optimisers and everything else are not in it. Where
    operations call others (the rules, in a pass with create_graph), each has its own time only.
    Bytes are those of results, and of gradients, in memory of their own: a view, and an array
    handed on, count 0. Nodes from before the `with` count as outside of modules.

    Example:
        with autograd.profile() as p:
            loss_of(model, x, y).backward()
        print(p)
    """
    profiler = _Profiler()
    with watch(profiler):
        yield profiler.profile


class _Running:
    """A call or a backward step that has begun."""

    __slots__ = ("started", "what", "within")

    def __init__(self, what: Any) -> None:
        self.what = what
        self.within = 0.0  # the time of what it called itself
        self.started = perf_counter()


class _Profiler(Watcher):
    """Adds up costs."""

    def __init__(self) -> None:
        self.profile = Profile()
        self._modules = Modules()
        self._keys: WeakKeyDictionary[Function, Key] = WeakKeyDictionary()
        self._running: list[_Running] = []

    def calling(self, op: type[Any]) -> None:
        self._running.append(_Running(op))

    def called(
        self,
        op: type[Any],
        inputs: tuple[Any, ...],
        settings: dict[str, Any],  # noqa: ARG002
        outputs: tuple[Any, ...],
    ) -> None:
        seconds = self._seconds(op)
        key = op.__name__, str(self._modules.current or "")
        cost = self._cost(key)
        cost.calls += 1
        cost.forward_s += seconds
        cost.forward_bytes += _bytes_made(outputs, inputs)
        for output in outputs:
            if output.grad_fn is not None:
                self._keys[output.grad_fn] = key

    def sending(self, node: Any) -> None:
        self._running.append(_Running(node))

    def sent(self, node: Any, upstream: Any, gradients: tuple[Any, ...], batch: int) -> None:  # noqa: ARG002
        seconds = self._seconds(node)
        cost = self._cost(self._keys.get(node, (type(node).__name__, "")))
        cost.backward_s += seconds
        given = [*(upstream if node.several else [upstream]), *(node.kept or ())]
        cost.backward_bytes += _bytes_made(gradients, given)

    def entered(self, module: Any) -> None:
        self._modules.entered(module)

    def left(self, module: Any) -> None:  # noqa: ARG002
        self._modules.left()

    def _seconds(self, what: Any) -> float:
        """How long what has just ended took by itself."""
        now = perf_counter()
        while True:
            ended = self._running.pop()
            if ended.what is what:  # else it failed, and its end was never told
                break
        took = now - ended.started
        if self._running:
            self._running[-1].within += took
        return took - ended.within

    def _cost(self, key: Key) -> _Cost:
        return self.profile.costs.setdefault(key, _Cost())


def _bytes_made(made: Iterable[Any], given: Iterable[Any]) -> int:
    """The bytes of the arrays that lie in memory of their own, each counted once."""
    known = [x for x in map(_array, given) if isinstance(x, np.ndarray)]
    total = 0
    for array in map(_array, made):
        if isinstance(array, np.ndarray) and not any(np.may_share_memory(array, x) for x in known):
            total += array.nbytes
            known.append(array)
    return total


def _array(x: Any) -> Any:
    return getattr(x, "_data", x)
