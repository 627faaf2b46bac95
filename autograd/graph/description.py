"""A computation graph as data: its variables, the function calls between them, and the edges.

Whatever is shown of a graph is laid out from this description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autograd.engine import topological_order
from autograd.function import Function, Output
from autograd.graph.names import Place, names_in, place_of, scope_of
from autograd.graph.notation import is_number, label_of, settings_of
from autograd.places import parts_of
from autograd.recording import record
from autograd.tape import Value, input_name, visible_outputs
from autograd.tensor import Tensor


@dataclass(frozen=True)
class Variable:
    """An array of the graph: something it starts from, or what a function made."""

    key: str  # unique within the graph
    name: str | None
    shape: tuple[int, ...]
    dtype: str
    is_leaf: bool
    requires_grad: bool

    @property
    def kind(self) -> Literal["leaf", "constant", "result"]:
        """A leaf is given a gradient; a constant is where the graph starts without wanting one."""
        if not self.is_leaf:
            return "result"
        return "leaf" if self.requires_grad else "constant"


@dataclass(frozen=True)
class Call:
    """One call of a function, that is of an operation."""

    key: str  # unique within the graph
    op: type[Function]
    label: str  # "Affine", "+", "× 2", "[0, 1:3]"
    settings: tuple[str, ...]  # such as "axis=0"; those that differ from the defaults


@dataclass(frozen=True)
class Edge:
    """From a variable to the call that takes it, or from a call to a variable that it made."""

    source: str
    target: str
    name: str  # which input or output of the operation this is
    has_gradient: bool  # whether a gradient flows back along it


@dataclass(frozen=True)
class Description:
    """A computation graph, in which each variable and each call stands once."""

    title: str  # of the function or the result; may be empty
    variables: tuple[Variable, ...]
    calls: tuple[Call, ...]  # in topological order
    edges: tuple[Edge, ...]
    outputs: tuple[str, ...]  # keys of the variables that the function returned


def describe(target: Callable[..., Any] | Tensor, *args: Any) -> Description:
    """The computation graph of a function call, or the history of a result.

    Args:
        target: a function or a model, which is called once with `args` and watched; or a Tensor
            with a history. The history of a Tensor has only what a gradient flows through, and
            of numbers and settings only what the rules have kept; a function shows everything.
        args: the function's arguments; none for a Tensor.

    Variables are called as a model calls its parameters, else by `Tensor.name`, else as the
    function does: by its own parameters and by the variables from outside that it refers to.

    Raises:
        TypeError: the target is neither a function nor a Tensor, or a Tensor with arguments.
        ValueError: there is no graph: no operation was called, or the Tensor has no history.
    """
    if callable(target):
        return _describe_function(target, args)
    if isinstance(target, Tensor):
        if args:
            raise TypeError(
                "A Tensor is shown by itself, with no arguments after it; arguments are those of a "
                "function, which stands first: (function, x, y)."
            )
        return _describe_history(target)
    raise TypeError(
        "A computation graph belongs to a function, given with its arguments, or to a Tensor with "
        f"a history, such as a loss. This is {target!r:.60} ({type(target).__name__})."
    )


def _describe_function(function: Callable[..., Any], args: tuple[Any, ...]) -> Description:
    with record() as tape:
        result = function(*args)
    title = getattr(function, "__name__", type(function).__name__)
    if not tape.calls:
        raise ValueError(
            f"{title} called no operation on Tensors, so there is no graph to show. If its "
            "arguments are plain arrays or numbers, make at least one of them a Tensor."
        )
    named = names_in(scope_of(function, args))
    graph = _Builder({tape.look_up(x) or place_of(x): name for name, x in named})
    for call in tape.calls:
        operands = {n: x if is_number(x) else graph.variable(x) for n, x in call.inputs.items()}
        made = {name: graph.variable(x) for name, x in call.outputs.items()}
        graph.call(call.op, operands, call.settings, made)
    results = [x for x in parts_of("", result).values() if isinstance(x, Tensor)]
    returned = [graph.variable(tape.look_up(x) or x) for x in results]
    return graph.finish("" if title == "<lambda>" else title, returned)


def _describe_history(result: Tensor) -> Description:
    if result.is_leaf:
        raise ValueError(
            f"This Tensor, {result.shape} {result.dtype}, has no history to show: it is a leaf, "
            "or was computed from Tensors that require no gradient, or within no_grad(). Give the "
            "function that computes it, and its arguments, instead."
        )
    graph = _Builder({place_of(result): result.name or ""})  # its node does not know its name
    for node in reversed(topological_order([result.edge()])):
        if isinstance(node, Output):
            continue
        read, plan = node.signature, node.plan
        kept = dict(zip(plan.kept_names, node.kept or (), strict=False))
        operands = {name: x for name, x in kept.items() if name in read.inputs and is_number(x)}
        for which, origin in zip(plan.wanted, node.edges, strict=True):
            operands[input_name(read, which)] = graph.variable(origin)
        settings = {name: kept[name] for name in read.settings if name in kept}
        made = {name: graph.made_by(node, name) for name in visible_outputs(read)}
        graph.call(type(node), operands, settings, made)
    return graph.finish(result.name or "", [graph.variable(result)])


class _Builder:
    """Collects variables, calls and edges. A value becomes a variable when it is first met."""

    def __init__(self, names: Mapping[Place | Value, str]) -> None:
        self._names = names
        self._variables: dict[Place | Value, Variable] = {}
        self._calls: list[Call] = []
        self._edges: list[Edge] = []

    def variable(self, thing: Value | Tensor | Function) -> Variable:
        """The variable for a recorded value, a Tensor, or a node that is in the graph already."""
        place = thing if isinstance(thing, Value) else place_of(thing)
        if place not in self._variables:
            assert not isinstance(thing, Function)
            name = thing.name
            if isinstance(thing, Value) and thing.made_by is not None:
                name = thing.given_name  # what a function calls its results stays its own matter
            self._add(place, name, thing.shape, thing.dtype, thing.is_leaf, thing.requires_grad)
        return self._variables[place]

    def made_by(self, node: Function, output: str) -> Variable:
        """The variable for an output of a node, whose value is not at hand."""
        i = node.signature.outputs.index(output)
        shape, dtype = (node.shape[i], node.dtype[i]) if node.several else (node.shape, node.dtype)
        wants = output not in node.signature.constant_outputs
        return self._add(
            (id(node), i if node.several else None),
            None,
            shape,
            dtype,
            is_leaf=False,
            requires_grad=wants,
        )

    def _add(
        self,
        place: Place | Value,
        name: str | None,
        shape: tuple[int, ...],
        dtype: Any,
        is_leaf: bool,
        requires_grad: bool,
    ) -> Variable:
        key, name = f"v{len(self._variables)}", self._names.get(place, name) or None
        variable = Variable(key, name, tuple(shape), str(dtype), is_leaf, requires_grad)
        self._variables[place] = variable
        return variable

    def call(
        self,
        op: type[Function],
        operands: Mapping[str, Any],
        settings: Mapping[str, Any],
        made: Mapping[str, Variable],
    ) -> None:
        """Add a call: its inputs by name (variables or numbers), and the variables it made."""
        key = f"f{len(self._calls)}"
        shapes = {n: x.shape for n, x in operands.items() if isinstance(x, Variable)}
        numbers = {n: x for n, x in operands.items() if not isinstance(x, Variable)}
        ndim = max(map(len, (*shapes.values(), *(one.shape for one in made.values()))))
        label = label_of(op, shapes, numbers, settings)
        self._calls.append(Call(key, op, label, settings_of(op, shapes, numbers, settings, ndim)))
        recorded = any(variable.requires_grad for variable in made.values())
        for name, x in operands.items():
            if isinstance(x, Variable):
                has_rule = name.partition("[")[0] in op.signature.differentiable
                has_gradient = recorded and has_rule and x.requires_grad
                self._edges.append(Edge(x.key, key, name, has_gradient))
        for name, variable in made.items():
            self._edges.append(Edge(key, variable.key, name, variable.requires_grad))

    def finish(self, title: str, returned: list[Variable]) -> Description:
        return Description(
            title,
            tuple(self._variables.values()),
            tuple(self._calls),
            tuple(self._edges),
            tuple(variable.key for variable in returned),
        )
