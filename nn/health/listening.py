"""Listening to a network's forward passes: the results of its layers and activation functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.watching import Watcher
from nn.health.records import DYING, LIMITS
from nn.module import Module

FUNCTIONS = {*LIMITS, *DYING, "ELU", "LeakyReLU", "Softplus", "TanhGELU"}


class Listener(Watcher):
    """Tells `heard(name, kind, values)` of every layer's result while it listens.

    A layer is a module of this library without modules within it; its result is what its last call
    made. Activation functions that other modules call are layers of their own.

    Attributes:
        used: the paths of the parameters that forward has used, the last one last.
    """

    def __init__(self, model: Module, heard: Callable[[str, str, Any], None]) -> None:
        self.used: dict[str, None] = {}
        self._heard = heard
        self._parameters = {id(one): path for path, one in model.named_parameters()}
        self._paths = {id(module): path for path, module in model.named_modules()}
        self._running: list[tuple[Module, bool]] = []
        self._last: dict[int, Any] = {}  # result of the last call by depth, in layers
        self._count: dict[str, int] = {}  # how often a name was met in this pass

    def entered(self, module: Any) -> None:
        if not self._running:
            self._count = {}
        self._running.append((module, _is_layer(module)))

    def called(
        self,
        op: type[Any],
        inputs: tuple[Any, ...],
        settings: dict[str, Any],  # noqa: ARG002
        outputs: tuple[Any, ...],
    ) -> None:
        if not self._running:
            return
        for path in filter(None, (self._parameters.get(id(one)) for one in inputs)):
            self.used.pop(path, None)
            self.used[path] = None
        module, layer = self._running[-1]
        if id(module) not in self._paths:
            return
        if layer:
            self._last[len(self._running)] = outputs[0]
        elif op.__name__ in FUNCTIONS:
            self._tell(
                f"{self._paths[id(module)]}.{op.__name__}".lstrip("."), op.__name__, outputs[0]
            )

    def left(self, module: Any) -> None:
        if not self._running:  # it was running before anybody listened
            return
        result = self._last.pop(len(self._running), None)
        self._running.pop()
        if result is not None:
            self._tell(self._paths[id(module)], type(module).__name__, result)

    def _tell(self, name: str, kind: str, result: Any) -> None:
        times = self._count[name] = self._count.get(name, 0) + 1
        name = name if times == 1 else f"{name} ({times})"
        if result.dtype.kind == "f" and result.size:
            self._heard(name, kind, result.data)


def _is_layer(module: Module) -> bool:
    own = type(module).__module__.partition(".")[0] == "nn"
    return own and not any(True for _ in module.children())
