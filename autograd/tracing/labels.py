"""What the arrays of a recording are called, and which operation made which calls."""

from __future__ import annotations

import re
from typing import Any

from autograd.function import Edge, Output
from autograd.tape import Tape
from autograd.tensor import Tensor
from autograd.tracing.arrays import Tracer, TracingArray
from autograd.tracing.writing import Section
from autograd.watching import Watcher


class Labels(Watcher):
    """Names results after variables or operations, gradients after what they are gradients of."""

    def __init__(self, tracer: Tracer, tape: Tape | None) -> None:
        self._tracer = tracer
        self._known = iter(
            tape.calls if tape else ()
        )  # the same calls, made before; so their names are known
        self._start = 0  # of the section that is open
        self._title = ""
        self._sections: list[Section] = []
        self._of: dict[Any, str] = {}  # labels by place in the graph

    def sections(self) -> list[Section]:
        """The calls made since this was last asked, by operation."""
        self._cut("")
        done, self._sections = self._sections, []
        return done

    def name_gradient(self, edge: Edge, gradient: Any) -> None:
        """Call a gradient after the value at an edge, unless it has a name."""
        if isinstance(gradient, TracingArray) and gradient.entry.label is None:
            gradient.entry.label = f"d_{self._label(edge)}"

    def calling(self, op: type[Any]) -> None:
        self._cut(op.__name__)

    def called(
        self,
        op: type[Any],
        inputs: tuple[Any, ...],
        settings: dict[str, Any],
        outputs: tuple[Any, ...],
    ) -> None:
        base = in_snake_case(op.__name__)
        before = next(self._known, None)
        for name, one in zip(op.signature.outputs, outputs, strict=False):
            label = base if len(outputs) == 1 else f"{base}_{name}"
            if before is not None and name in before.outputs:
                label = before.outputs[name].variable or label
            if isinstance(one._data, TracingArray) and one._data.entry.label is None:
                one._data.entry.label = label
            if not one.is_leaf:
                self._of[one.edge()] = _label_of(one._data) or label
        self._cut("")

    def sending(self, node: Any) -> None:
        self._cut(f"back through {type(node).__name__}")

    def sent(self, node: Any, upstream: Any, gradients: tuple[Any, ...], batch: int) -> None:
        for edge, gradient in zip(node.edges, gradients, strict=True):
            if gradient is not upstream:
                self.name_gradient(edge, gradient)

    def _cut(self, next_title: str) -> None:
        calls = self._tracer.calls[self._start :]
        if calls:
            self._sections.append(Section(self._title, calls))
        self._start, self._title = len(self._tracer.calls), next_title

    def _label(self, edge: Edge) -> str:
        if isinstance(edge, Tensor):
            return _label_of(edge._data) or edge.name or "leaf"
        return self._of.get(edge, "result" if isinstance(edge, Output) else "step")


def _label_of(array: Any) -> str | None:
    return array.entry.label if isinstance(array, TracingArray) else None


def in_snake_case(name: str) -> str:
    """The name of an operation's class as the function is called: LogSoftmax, log_softmax."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name).lower()
