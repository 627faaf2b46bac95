"""Listening to a program: every call of an operation, every gradient sent, every module entered.

Nobody listens by default, and then the engine asks once for each call and each pass. Whatever shows
or checks a running program (recording, profiling, anomaly detection) is a `Watcher`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.grad_mode import Mode, SetMode


class Watcher:
    """Someone who is told what happens while it listens; each watcher says what it does with it."""

    def calling(self, op: type[Any]) -> None:
        """`op` is about to compute its value. If that fails, `called` does not follow."""

    def called(
        self,
        op: type[Any],
        inputs: tuple[Any, ...],
        settings: dict[str, Any],
        outputs: tuple[Any, ...],
    ) -> None:
        """`op` was applied: inputs as given, settings by name, outputs as handed out."""

    def sending(self, node: Any) -> None:
        """`node` is about to compute the gradients of its inputs."""

    def sent(self, node: Any, upstream: Any, gradients: tuple[Any, ...], batch: int) -> None:
        """`node` received `upstream` and sends `gradients` along its edges, in their order.

        None stands for an edge whose gradient nobody asked for. With `batch`, all of them have an
        extra leading axis of that length.
        """

    def entered(self, module: Any) -> None:
        """The forward pass of `module` begins."""

    def left(self, module: Any) -> None:
        """The forward pass of `module` is over, also when it failed."""


def _to_all(name: str, ends: bool = False) -> Callable[..., None]:
    """A method that tells all: beginnings from the outermost inwards, ends the other way round."""

    def tell(self: _Together, *facts: Any) -> None:
        for watcher in reversed(self.watchers) if ends else self.watchers:
            getattr(watcher, name)(*facts)

    return tell


class _Together(Watcher):
    """Several watchers, each within the one before: its own work is nobody else's time."""

    def __init__(self, *watchers: Watcher) -> None:
        self.watchers = watchers

    calling = _to_all("calling")
    called = _to_all("called", ends=True)
    sending = _to_all("sending")
    sent = _to_all("sent", ends=True)
    entered = _to_all("entered")
    left = _to_all("left", ends=True)


class watch(SetMode):
    """Within it, `watcher` is told of everything, as are those that listen already."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher

    def inner(self, outer: Mode) -> Mode:
        others = outer.watcher
        watcher = self.watcher if others is None else _Together(others, self.watcher)
        return Mode(outer.grad, watcher, outer)
