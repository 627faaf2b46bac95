"""The ways by which gradients get back from a result, as links that can be followed one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from autograd.engine import topological_order
from autograd.function import Function, Output
from autograd.graph.data import Array, Call, Description
from autograd.graph.description import describe
from autograd.graph.names import place_of
from autograd.graph.notation import is_number
from autograd.graph.statuses import with_statuses
from autograd.operands import fit
from autograd.plan import recall
from autograd.recording import record
from autograd.symbols.formula import Formula
from autograd.tape import Tape, Value, input_name, tape_of
from autograd.tensor import Tensor

Target = Callable[..., Any] | Tensor | Tape


class Place(NamedTuple):
    """What a gradient has to fit."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True, eq=False)
class Link:
    """One factor of the chain rule: from an output of a call back to one of its inputs.

    Attributes:
        call: the call.
        output, input: the operation's names for the two.
        above, below: the keys of the two variables: the gradient comes from above, goes below.
        shapes: of the two.
    """

    call: Call
    output: str
    input: str
    above: str
    below: str
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    _node: Any
    _position: int  # among the inputs that want a gradient

    def send(self, upstream: Array) -> Array:
        """What comes to the input if `upstream` comes to this output alone, in its dtype."""
        sent = self._part(upstream)
        return fit(sent, Place(self.shapes[1], upstream.dtype))

    @property
    def is_of_numbers(self) -> bool:
        """Whether both variables are single numbers."""
        return all(np.prod(shape) == 1 for shape in self.shapes)

    @property
    def is_elementwise(self) -> bool:
        """Whether the call works entry by entry."""
        return bool(self._node.signature.elementwise)

    def slopes(self) -> Array | None:
        """Of an elementwise call the derivatives, in the output's shape; else None."""
        if not self.is_elementwise:
            return None
        return np.broadcast_to(self._part(np.ones(self.shapes[0])), self.shapes[0])

    def formula(self) -> Formula:
        """The rule: of an elementwise call the derivative, else the gradient in terms of g."""
        found: Formula = self._node.local_gradient_formulas()[
            self._node.plan.wanted[self._position]
        ]
        return found

    def _part(self, upstream: Array) -> Any:
        node = self._node
        if node.several:
            upstream = [upstream if name == self.output else None for name in node.outputs]
        with np.errstate(all="ignore"):  # whatever is not finite is shown
            return node.plan.parts[self._position](upstream, recall(node))


@dataclass(frozen=True, eq=False)
class History:
    """What a result was computed from, and the links by which gradients get back.

    Attributes:
        graph: all calls, those that no gradient gets through too (unless nothing was recorded).
        start: the key of the result.
        title: what the result is called: as its variable, or as the function that answered it.
        links: by the key of the call.
        numbers: the Python numbers among a call's inputs, by the key of the call.
        definitions: what a call computes, as a formula, by its key.
        tape: the record; None if there is none.
        released: whether a backward pass has let go of values that the links need.
    """

    graph: Description
    start: str
    title: str
    links: Mapping[str, tuple[Link, ...]]
    numbers: Mapping[str, Mapping[str, Any]]
    definitions: Mapping[str, Callable[[], Formula]]
    tape: Tape | None
    released: bool
    _keys: Mapping[Any, str]

    @property
    def values(self) -> dict[Value, str]:
        """The keys of the recorded values; none if nothing was recorded."""
        return {one: key for one, key in self._keys.items() if isinstance(one, Value)}

    def key_of(self, tensor: Tensor) -> str | None:
        """The key of a Tensor's variable; None if no call took or made it."""
        if self.tape is None:
            return self._keys.get(place_of(tensor))
        return self._keys.get(self.tape.look_up(tensor))


def history_of(target: Target, args: tuple[Any, ...], asker: str) -> History:
    """The history of a loss (recorded or not), of the last loss of a tape, or of fn(*args).

    Raises:
        TypeError: the target is none of these, or does not go with the arguments.
        ValueError: the result is not one single number that a call made.
    """
    if isinstance(target, Tensor) and len(args) <= 1:
        tape = tape_of(target) if not args else args[0]
        if isinstance(tape, Tape):
            return _of_tape(tape, tape.value_of(target), asker)
        if not args:
            return _of_nodes(target, asker)
    elif isinstance(target, Tape) and not args:
        return _of_tape(target, _last_number(target), asker)
    elif callable(target) and not isinstance(target, Tensor | Tape):
        with record() as tape:
            result = target(*args)
        if not isinstance(result, Tensor):
            name = getattr(target, "__name__", type(target).__name__)
            raise TypeError(
                f"{asker}: {name} answers {type(result).__name__}, and gradients start from one "
                "Tensor, such as a loss. Let it return the loss."
            )
        name = getattr(target, "__name__", "")
        return _of_tape(tape, tape.look_up(result), asker, name if name.isidentifier() else "")
    raise TypeError(
        f"{asker} takes a loss, a tape, or a function followed by its arguments; not "
        f"{', '.join(type(one).__name__ for one in (target, *args))}."
    )


def _last_number(tape: Tape) -> Value | None:
    """The loss of a tape: the last single number with a gradient, else the last single number."""
    made = [one for call in tape.calls if not call.in_backward for one in call.outputs.values()]
    numbers = [one for one in made if one.array.size == 1 and one.dtype.kind == "f"]
    with_gradient = [one for one in numbers if one.requires_grad]
    return next(reversed(with_gradient or numbers), None)


def _of_tape(tape: Tape, result: Value | None, asker: str, title: str = "") -> History:
    if result is None or result.made_by is None:
        raise ValueError(
            f"{asker}: no operation made the result, so there is nothing between it and what it "
            "was computed from. Give a loss that was computed with Tensors."
        )
    _check_is_number(result, asker)
    graph = describe(tape, values=True)
    keys: dict[Any, str] = {}
    for call, made in zip(graph.calls, tape.calls, strict=True):
        keys |= {made.inputs[name]: one.key for name, one in graph.inputs_of(call).items()}
        keys |= {made.outputs[name]: one.key for name, one in graph.outputs_of(call).items()}
    graph = with_statuses(replace(graph, outputs=(keys[result],)))
    nodes = [call._node for call in tape.calls]
    return History(
        graph,
        keys[result],
        result.name or title or "result",
        _links(graph, nodes),
        {
            call.key: {name: x for name, x in made.inputs.items() if is_number(x)}
            for call, made in zip(graph.calls, tape.calls, strict=True)
        },
        {call.key: made.formula for call, made in zip(graph.calls, tape.calls, strict=True)},
        tape,
        False,
        keys,
    )


def _of_nodes(result: Tensor, asker: str) -> History:
    _check_is_number(result, asker)
    if result.is_leaf:
        raise ValueError(
            f"{asker}: this Tensor has no history: it is a leaf, or was computed from Tensors that "
            "require no gradient, or within no_grad(). To see all that happened, compute it within "
            "`with autograd.record() as tape:`, or give the function that computes it, and its "
            "arguments."
        )
    graph = describe(result, values=True)
    order = reversed(topological_order([result.edge()]))
    nodes = [node for node in order if not isinstance(node, Output)]
    keys: dict[Any, str] = {}
    numbers = {}
    for call, node in zip(graph.calls, nodes, strict=True):
        taken, made = graph.inputs_of(call), graph.outputs_of(call)
        for which, edge in zip(node.plan.wanted, node.edges, strict=True):
            keys[place_of(edge)] = taken[input_name(node.signature, which)].key
        for name, one in made.items():
            i = node.signature.outputs.index(name)
            keys[id(node), i if node.several else None] = one.key
        kept = dict(zip(node.plan.kept_names, node.kept or (), strict=False))
        numbers[call.key] = {n: x for n, x in kept.items() if is_number(x)}
    return History(
        graph,
        graph.outputs[0],
        result.name or "result",
        _links(graph, nodes),
        numbers,
        {call.key: node.formula for call, node in zip(graph.calls, nodes, strict=True)},
        None,
        any(node.kept is None and not hasattr(node, "segment") for node in nodes),
        keys,
    )


def _check_is_number(result: Value | Tensor, asker: str) -> None:
    if result.shape and int(np.prod(result.shape)) != 1:
        raise ValueError(
            f"{asker}: gradients start from one single number, such as a loss, and this result has "
            f"shape {tuple(result.shape)}. Reduce it first, as in result.mean() or result.sum()."
        )


def _links(graph: Description, nodes: Iterable[Function | None]) -> dict[str, tuple[Link, ...]]:
    return {
        call.key: () if node is None else tuple(_links_of(graph, call, node))
        for call, node in zip(graph.calls, nodes, strict=True)
    }


def _links_of(graph: Description, call: Call, node: Function) -> list[Link]:
    read, links = node.signature, []
    taken = graph.inputs_of(call)
    for output, made in graph.outputs_of(call).items():
        for position, which in enumerate(node.plan.wanted):
            rule_for = read.inputs[0] if read.variadic else which
            if any(rule.input == rule_for and rule.output == output for rule in read.rules):
                name = input_name(read, which)
                below = taken[name]
                shapes = made.shape, below.shape
                links.append(Link(call, output, name, made.key, below.key, shapes, node, position))
    return links
