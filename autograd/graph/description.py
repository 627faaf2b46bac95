"""A computation graph as data: its variables, the function calls between them, and the edges.

Whatever is shown of a graph is laid out from this description.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd import tape as recorded
from autograd.engine import replay, topological_order
from autograd.function import Function, Output
from autograd.graph.building import Asked, Builder, Facts
from autograd.graph.data import Array, Call, Description, Edge, Variable
from autograd.graph.history import calls_leading_to
from autograd.graph.names import Place, names_in, place_of, scope_of
from autograd.graph.notation import is_number
from autograd.places import parts_of
from autograd.recording import record
from autograd.tape import Tape, Value, input_name, tape_of, visible_outputs
from autograd.tensor import Tensor

__all__ = ["Call", "Description", "Edge", "Variable", "describe"]

MOST_ENTRIES = 400  # of Jacobians that are shown; they grow with the product of two sizes


def describe(
    target: Callable[..., Any] | Tensor | Tape,
    *args: Any,
    values: bool = False,
    gradients: bool = False,
    local_gradients: bool = False,
    formulas: bool = False,
) -> Description:
    """The computation graph of a function call, of a record, or of a result.

    Args:
        target: one of four:

            - a function or a model, which is called once with `args` and watched;
            - a Tensor computed within `with autograd.record() as tape:`: what it was computed from;
            - a tape: everything that was recorded;
            - any other Tensor, whose history has only what a gradient flows through, and of values,
              numbers and settings only what the rules have kept.
        args: the function's arguments, or the Tensor's tape, if there are several.
        values: with the values of the variables.
        gradients: with the gradients of the last backward pass that was recorded. If the function
            ran none and returns one single number, a pass from that runs after it; it leaves every
            `.grad` as it is (hooks are called). Of a Tensor alone: the `.grad` of the leaves.
        local_gradients: with the derivatives of each call's output by its inputs; Jacobians up to
            400 entries.
        formulas: with the formulas of the calls and of their rules.

    Variables are called as a model calls its parameters, else by `Tensor.name`, else as the
    function does: by its own parameters and by the variables from outside that it refers to; in a
    record as the code calls them.

    Raises:
        TypeError: the target is none of these, or does not go with the arguments.
        ValueError: there is no graph: no operation was called, or the Tensor has no history; or
            gradients are asked for and the function returns no single number to start from.
        LookupError: the tape has no call that made the Tensor.
    """
    asked = Asked(values, gradients, local_gradients, formulas)
    if isinstance(target, Tape) and not args:
        return _describe_tape(target, asked)
    if isinstance(target, Tensor):
        tape = None if args else tape_of(target)
        if tape is not None:
            return _describe_recorded(target, tape, asked)
        if not args:
            return _describe_history(target, asked)
        if len(args) == 1 and isinstance(args[0], Tape):
            return _describe_recorded(target, args[0], asked)
    elif callable(target):
        return _describe_function(target, args, asked)
    if isinstance(target, Tensor | Tape):
        raise TypeError(
            f"A {type(target).__name__} is shown by itself: nothing but its tape may stand after a "
            "Tensor, and nothing after a tape. Arguments are those of a function, which stands "
            "first: (function, x, y)."
        )
    raise TypeError(
        "A computation graph belongs to a function, given with its arguments, or to a Tensor with "
        f"a history, such as a loss, or to a tape. This is {target!r:.60} "
        f"({type(target).__name__})."
    )


def _describe_function(
    function: Callable[..., Any], args: tuple[Any, ...], asked: Asked
) -> Description:
    title = getattr(function, "__name__", type(function).__name__)
    with record() as tape:
        result = function(*args)
        calls = tuple(tape.calls)
        results = [x for x in parts_of("", result).values() if isinstance(x, Tensor)]
        if asked.gradients and calls:
            _run_backward(results, tape, title)
    if not calls:
        raise ValueError(
            f"{title} called no operation on Tensors, so there is no graph to show. If its "
            "arguments are plain arrays or numbers, make at least one of them a Tensor."
        )
    named = names_in(scope_of(function, args))
    names = {tape.look_up(x) or place_of(x): name for name, x in named}
    names = _names_of_results(calls, set(names.values())) | names
    title = "" if title == "<lambda>" else title
    return _from_calls(calls, tape, names, title, [tape.look_up(x) or x for x in results], asked)


def _run_backward(results: list[Tensor], tape: Tape, title: str) -> None:
    """The pass from the one number among the results, unless one ran; `.grad` stays as it is."""
    wanting = [x for x in results if x.requires_grad and not x.is_leaf]
    if not wanting or any(tape.value_of(x).gradient is not None for x in wanting):
        return
    numbers = [x for x in wanting if x.size == 1]
    if len(numbers) != 1:
        shapes = ", ".join(str(x.shape) for x in wanting)
        raise ValueError(
            "The gradients that are shown start from one single number, such as a loss. "
            f"{title} returns results of shape {shapes}. Return one number, as by .sum(); or call "
            "backward(gradient), with the upstream gradient to start from, within the function."
        )
    (start,) = (x.edge() for x in numbers)
    ends = [e for node in topological_order([start]) for e in node.edges if isinstance(e, Tensor)]
    replay([(start, np.ones_like(numbers[0].data))], retain_graph=True, towards=ends)


def _describe_recorded(result: Tensor, tape: Tape, asked: Asked) -> Description:
    calls, value = calls_leading_to(result, tape), tape.value_of(result)
    return _from_calls(calls, tape, _recorded_names(calls), value.name or "", [value], asked)


def _describe_tape(tape: Tape, asked: Asked) -> Description:
    if not tape.calls:
        raise ValueError(
            "This tape has recorded no call, so there is no graph to show. Compute with Tensors "
            "within `with autograd.record() as tape:`."
        )
    used = {x for call in tape.calls for x in call.inputs.values() if isinstance(x, Value)}
    made = [x for call in tape.calls for x in call.outputs.values()]
    ends: list[Value | Tensor] = [x for x in made if x not in used]
    return _from_calls(tape.calls, tape, _recorded_names(tape.calls), "", ends, asked)


def _recorded_names(calls: Iterable[recorded.Call]) -> dict[Place | Value, str]:
    """The names that the user's code has for what was recorded."""
    met = (x for call in calls for x in (*call.inputs.values(), *call.outputs.values()))
    return {x: x.name for x in met if isinstance(x, Value) and x.name}


def _names_of_results(calls: Iterable[recorded.Call], taken: set[str]) -> dict[Place | Value, str]:
    """What the function calls its results, where that tells them apart."""
    made = [x for call in calls for x in call.outputs.values() if not x.given_name]
    often = Counter(x.variable for x in made)
    once = ((x, x.variable) for x in made if often[x.variable] == 1)
    return {x: name for x, name in once if name and name not in taken}


def _from_calls(
    calls: Iterable[recorded.Call],
    tape: Tape,
    names: Mapping[Place | Value, str],
    title: str,
    returned: Iterable[Value | Tensor],
    asked: Asked,
) -> Description:
    graph = Builder(names, asked)
    for call in calls:
        operands = {n: x if is_number(x) else graph.variable(x) for n, x in call.inputs.items()}
        made = {name: graph.variable(x) for name, x in call.outputs.items()}
        graph.call(call.op, operands, call.settings, made, _facts_of_call(call, asked))
    note = ""
    if asked.gradients and not graph.has_gradients:
        note = (
            "No gradient arrived anywhere: no backward pass ran within the record, or none of the "
            "results has a history."
        )
    return graph.finish(title, returned, tape.modules, note)


def _facts_of_call(call: recorded.Call, asked: Asked) -> Facts:
    has_history = any(x.requires_grad for x in call.outputs.values())
    local = asked.local_gradients and has_history and _is_shown(call.op, call.inputs, call.outputs)
    return Facts(
        call.gradients if asked.gradients else {},
        call.local_gradients() if local else {},
        call.local_gradient_formulas() if asked.formulas and has_history else {},
        call.formula() if asked.formulas else None,
        call.module,
        call.module_kind,
        call.line,
    )


def _is_shown(op: type[Function], inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> bool:
    """Whether the local gradients of a call are few enough numbers to show."""
    if len(op.signature.outputs) > 1:
        return False
    if op.signature.elementwise:
        return True
    (out,) = outputs.values()
    wanting = [x for x in inputs.values() if getattr(x, "requires_grad", False)]
    return sum(_size(x) * _size(out) for x in wanting) <= MOST_ENTRIES


def _size(thing: Any) -> int:
    return int(np.prod(thing.shape))


def _describe_history(result: Tensor, asked: Asked) -> Description:
    if result.is_leaf:
        raise ValueError(
            f"This Tensor, {result.shape} {result.dtype}, has no history to show: it is a leaf, "
            "or was computed from Tensors that require no gradient, or within no_grad(). Give the "
            "function that computes it, and its arguments, instead."
        )
    nodes = [n for n in reversed(topological_order([result.edge()])) if not isinstance(n, Output)]
    # The result's node does not know its name.
    graph = Builder({place_of(result): result.name or ""}, asked, _values_left(result, nodes))
    for node in nodes:
        read, plan = node.signature, node.plan
        kept = _kept_by(node)
        operands = {name: x for name, x in kept.items() if name in read.inputs and is_number(x)}
        for which, origin in zip(plan.wanted, node.edges, strict=True):
            operands[input_name(read, which)] = graph.variable(origin)
        settings = {name: kept[name] for name in read.settings if name in kept}
        made = {name: graph.made_by(node, name) for name in visible_outputs(read)}
        graph.call(type(node), operands, settings, made, _facts_of_node(node, made, asked))
    note = (
        "This was not recorded, so only what the graph still keeps is shown. To see all of it, "
        "compute within `with autograd.record() as tape:`, the backward pass too, and give the "
        "tape after the Tensor; or give the function that computes it, and its arguments."
    )
    return graph.finish(result.name or "", [result], {}, note if any(asked) else "")


def _kept_by(node: Function) -> dict[str, Any]:
    """What a node has kept for its rules, by name; nothing once it was released."""
    return dict(zip(node.plan.kept_names, node.kept or (), strict=False))


def _values_left(result: Tensor, nodes: Iterable[Function]) -> dict[Place, Array]:
    """The values of results that the nodes have kept, and that of the last one."""
    found = {place_of(result): result.numpy()}
    for node in nodes:
        read, kept = node.signature, _kept_by(node)
        for which, origin in zip(node.plan.wanted, node.edges, strict=True):
            if read.variadic and read.inputs[0] in kept:
                found[place_of(origin)] = kept[read.inputs[0]][which]
            elif which in kept:
                found[place_of(origin)] = kept[which]
        for i, name in enumerate(read.outputs):
            if name in kept:
                found[id(node), i if node.several else None] = kept[name]
    return found


def _facts_of_node(node: Function, made: Mapping[str, Variable], asked: Asked) -> Facts:
    if node.kept is None:  # released
        return Facts()
    inputs = dict(zip(node.plan.wanted, node.edges, strict=True))
    local = asked.local_gradients and _is_shown(type(node), inputs, made)
    read = node.signature

    def named(found: Mapping[Any, Any]) -> dict[str, Any]:
        return {input_name(read, which): one for which, one in found.items()}

    return Facts(
        {},
        named(node.local_gradient_values()) if local else {},
        named(node.local_gradient_formulas()) if asked.formulas else {},
        node.formula() if asked.formulas else None,
    )
