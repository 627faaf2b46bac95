"""The story of a computation: its steps, first forward and then backward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.graph.stepping.backward import WayBack
from autograd.graph.stepping.steps import (
    Card,
    Group,
    Names,
    Step,
    count,
    names_of,
    readable,
    told,
    written,
)
from autograd.tape import Call, Value


@dataclass(frozen=True)
class Story:
    """A computation and the steps through it."""

    title: str
    result: Value
    calls: Sequence[Call]
    outside: Sequence[Value]  # what calls took and none of them made
    names: Names
    gradients: Mapping[Value, Any]  # what arrived in all
    steps: Sequence[Step]  # the start, every call forward, those with a gradient backward, the end


def tell(title: str, result: Value, calls: Sequence[Call]) -> Story:
    """The story of recorded calls that lead to a result."""
    made = {value for call in calls for value in call.outputs.values()}
    taken = [x for call in calls for x in call.inputs.values() if isinstance(x, Value)]
    outside = list(dict.fromkeys(value for value in taken if value not in made))
    names = names_of(outside, calls)
    back = [call for call in reversed(calls) if call.gradients]
    way_back = WayBack(back, names)
    steps = [
        _start(title, outside, names, len(calls), _no_way_back(result, back)),
        *(_forward(i, call, calls, back, names) for i, call in enumerate(calls, 1)),
        *way_back.steps(),
    ]
    gradients = way_back.totals
    if back:
        steps.append(_end(outside, names, gradients))
    return Story(title, result, calls, outside, names, gradients, steps)


def _start(
    title: str, outside: Sequence[Value], names: Names, calls: int, notes: tuple[str, ...]
) -> Step:
    kinds = {
        "Gradients are wanted of": [x for x in outside if x.requires_grad],
        "Given": [x for x in outside if not x.requires_grad],
    }
    groups = tuple(
        Group(kind, (tuple(Card("input", "", names[x], x.array) for x in values),))
        for kind, values in kinds.items()
        if values
    )
    said = f"Start: {count(len(outside), 'value')} from outside, {count(calls, 'call')}."
    return Step("start", title or "Start", said, groups, notes)


def _no_way_back(result: Value, back: Sequence[Call]) -> tuple[str, ...]:
    if back:
        return ()
    if result.requires_grad:
        return (
            "No backward pass was recorded. To see it, call loss.backward() within "
            "`with autograd.record() as tape:`.",
        )
    return (
        "There is no way back: nothing that the result was computed from requires a gradient, or "
        "it was computed within no_grad() or from detached values.",
    )


def _forward(
    number: int, call: Call, calls: Sequence[Call], back: Sequence[Call], names: Names
) -> Step:
    inputs = tuple(
        Card("input", name, names[x], x.array)
        if isinstance(x, Value)
        else Card("input", name, "", np.asarray(x))
        for name, x in call.inputs.items()
    )
    outputs = tuple(Card("output", n, names[x], x.array) for n, x in call.outputs.items())
    made = "; ".join(f"{names[x]} is {told(x.array)}" for x in call.outputs.values())
    title = written(call, names)
    said = f"Forward {number} of {len(calls)}: {title}. {made}."
    groups = Group("Inputs", (inputs,)), Group("Output", (outputs,))
    notes = () if not back or call in back else (_dead_end(call),)
    return Step("forward", title, said, groups, notes, call, readable(call.formula))


def _dead_end(call: Call) -> str:
    """Why no gradient comes back through a call."""
    wanted = [n for n, x in call.inputs.items() if isinstance(x, Value) and x.requires_grad]
    having = [n for n in wanted if n.partition("[")[0] in call.op.signature.differentiable]
    if any(value.requires_grad for value in call.outputs.values()):
        reason = "the result does not depend on it"
    elif not wanted:
        reason = "none of its inputs requires one"
    elif not having:
        reason = f"{call.op.__name__} lets none through"
    else:
        reason = "it ran within no_grad()"
    return f"No gradient comes back through this call: {reason}."


def _end(outside: Sequence[Value], names: Names, gradients: Mapping[Value, Any]) -> Step:
    reached = [value for value in outside if value in gradients]
    missed = [names[x] for x in outside if x.requires_grad and x not in gradients]
    cards = tuple(Card("gradient", "", f"∇ {names[x]}", gradients[x]) for x in reached)
    notes = tuple(
        f"No gradient arrived at {name}: the result does not depend on it." for name in missed
    )
    arrived = "; ".join(f"{names[x]} {told(gradients[x])}" for x in reached)
    said = f"End. The gradients: {arrived}."
    return Step("end", "The gradients", said, (Group("What arrived", (cards,)),), notes)
