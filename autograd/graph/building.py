"""Putting a description together, variable by variable and call by call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from autograd.function import Function
from autograd.graph.data import Array, Call, Description, Edge, Variable
from autograd.graph.names import Place, place_of
from autograd.graph.notation import label_of, settings_of
from autograd.graph.statuses import with_statuses
from autograd.places import Line
from autograd.protocols import read_only
from autograd.symbols.formula import Formula
from autograd.tape import Value
from autograd.tensor import Tensor


class Asked(NamedTuple):
    """What a description is to hold besides the graph itself."""

    values: bool
    gradients: bool
    local_gradients: bool
    formulas: bool


class Facts(NamedTuple):
    """What is known of one call, and of its inputs by name."""

    gradients: Mapping[str, Array] = {}
    local_gradients: Mapping[str, Array] = {}
    formulas: Mapping[str, Formula] = {}
    formula: Formula | None = None
    module: str | None = None
    module_kind: str | None = None
    line: Line | None = None


class Builder:
    """Collects variables, calls and edges. A value becomes a variable when it is first met.

    Args:
        names: what variables are called, where it is not their own name.
        asked: what to note of them.
        left: the values of results, where the results themselves are not at hand.
    """

    def __init__(
        self,
        names: Mapping[Place | Value, str],
        asked: Asked,
        left: Mapping[Place, Array] | None = None,
    ) -> None:
        self._names = names
        self._asked = asked
        self._left = left or {}
        self._variables: dict[Place | Value, Variable] = {}
        self._calls: list[Call] = []
        self._edges: list[Edge] = []

    @property
    def has_gradients(self) -> bool:
        """Whether a gradient arrived anywhere."""
        return any(one.gradient is not None for one in self._variables.values())

    def variable(self, thing: Value | Tensor | Function) -> Variable:
        """The variable for a recorded value, a Tensor, or a node that is in the graph already."""
        place = thing if isinstance(thing, Value) else place_of(thing)
        if place not in self._variables:
            assert not isinstance(thing, Function)
            name = thing.name
            if isinstance(thing, Value):
                value, gradient = thing.array, thing.gradient
                if thing.made_by is not None:
                    name = thing.given_name  # what a function calls its results is its own matter
            else:
                value, gradient = thing.numpy(), _grad_of(thing)
            self._add(
                place,
                name,
                thing.shape,
                thing.dtype,
                thing.is_leaf,
                thing.requires_grad,
                value,
                gradient,
            )
        return self._variables[place]

    def made_by(self, node: Function, output: str) -> Variable:
        """The variable for an output of a node, whose Tensor is not at hand."""
        i = node.signature.outputs.index(output)
        shape, dtype = (node.shape[i], node.dtype[i]) if node.several else (node.shape, node.dtype)
        wants = output not in node.signature.constant_outputs
        place = (id(node), i if node.several else None)
        return self._add(place, None, shape, dtype, False, wants, self._left.get(place), None)

    def _add(
        self,
        place: Place | Value,
        name: str | None,
        shape: tuple[int, ...],
        dtype: Any,
        is_leaf: bool,
        requires_grad: bool,
        value: Array | None,
        gradient: Array | None,
    ) -> Variable:
        variable = Variable(
            f"v{len(self._variables)}",
            self._names.get(place, name) or None,
            tuple(shape),
            str(dtype),
            is_leaf,
            requires_grad,
            value if self._asked.values else None,
            gradient if self._asked.gradients else None,
        )
        self._variables[place] = variable
        return variable

    def call(
        self,
        op: type[Function],
        operands: Mapping[str, Any],
        settings: Mapping[str, Any],
        made: Mapping[str, Variable],
        facts: Facts,
    ) -> None:
        """Add a call: its inputs by name (variables or numbers), and the variables it made."""
        key = f"f{len(self._calls)}"
        shapes = {n: x.shape for n, x in operands.items() if isinstance(x, Variable)}
        numbers = {n: x for n, x in operands.items() if not isinstance(x, Variable)}
        ndim = max(map(len, (*shapes.values(), *(one.shape for one in made.values()))))
        self._calls.append(
            Call(
                key,
                op,
                label_of(op, shapes, numbers, settings),
                settings_of(op, shapes, numbers, settings, ndim),
                facts.module,
                facts.module_kind,
                facts.line,
                facts.formula,
            )
        )
        recorded = any(variable.requires_grad for variable in made.values())
        for name, x in operands.items():
            if isinstance(x, Variable):
                has_rule = name.partition("[")[0] in op.signature.differentiable
                has_gradient = recorded and has_rule and x.requires_grad
                self._edges.append(
                    Edge(
                        x.key,
                        key,
                        name,
                        has_gradient,
                        x.requires_grad and not has_gradient,
                        facts.gradients.get(name),
                        facts.local_gradients.get(name),
                        facts.formulas.get(name),
                    )
                )
        for name, variable in made.items():
            self._edges.append(Edge(key, variable.key, name, variable.requires_grad))

    def finish(
        self,
        title: str,
        returned: Iterable[Value | Tensor],
        modules: Mapping[str, str],
        note: str = "",
    ) -> Description:
        """The description, in which `returned` are the outputs."""
        outputs = tuple(dict.fromkeys(self.variable(one).key for one in returned))
        return with_statuses(
            Description(
                title,
                tuple(self._variables.values()),
                tuple(self._calls),
                tuple(self._edges),
                outputs,
                dict(modules),
                note,
            )
        )


def _grad_of(tensor: Tensor) -> Array | None:
    """The gradient that a leaf holds now, as a copy."""
    if not tensor.is_leaf or tensor.grad is None:
        return None
    return read_only(tensor.grad.data.copy())
