"""Where zeros come from: the first dead layer, of which those behind it are a consequence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from autograd import ops
from autograd.graph.data import Call, Variable
from autograd.graph.explaining.naming import Names
from autograd.graph.explaining.ways import History
from autograd.graph.reasoning.reasons import dead_layer
from autograd.graph.reasoning.sites import Reason
from autograd.places import ModulePlace

FOLLOW = ("dead", "multiplied by zeros")  # the kinds of reasons that zeros from before may cause


def with_origins(history: History, names: Names, found: Iterable[Reason]) -> list[Reason]:
    """The reasons by what they leave of the gradient; dead layers as forward meets them.

    A dead layer that only gets zeros from one before it says so, and that one is told before it,
    even where the gradient that is asked for does not pass it.
    """
    reasons, origins = [], dict[str, Call]()
    for reason in found:
        origin = _origin(history, reason.call) if reason.kind in FOLLOW and reason.call else None
        if origin is not None:
            origins[origin.key] = origin
            place = _place(origin)
            reason = replace(
                reason,
                says=f"{reason.says} These zeros come from {place}, which is dead: that is the "
                "cause.",
                fix=f"see {place}: this follows from it, and may need no fix of its own.",
            )
        reasons.append(reason)
    told = {one.call.key for one in reasons if one.call and one.kind == "dead"}
    reasons += [_reason(history, names, call) for key, call in origins.items() if key not in told]
    position = {call.key: i for i, call in enumerate(history.graph.calls)}

    def rank(one: Reason) -> tuple[float, int]:
        if one.call and _is_dead(history, one.call):
            return 0.0, position[one.call.key]
        return one.factor, len(position)

    return sorted(reasons, key=rank)


def _origin(history: History, call: Call) -> Call | None:
    """The first of the dead layers from which nothing but zeros leads to this call."""
    graph, found = history.graph, set[str]()
    todo, seen = list(graph.inputs_of(call).values()), set[str]()
    while todo:
        variable = todo.pop()
        if variable.kind != "result" or variable.key in seen or not _is_zero(variable):
            continue
        seen.add(variable.key)
        maker = graph.call[graph.edges_to[variable.key][0].source]
        if _is_dead(history, maker):
            found.add(maker.key)
        todo += graph.inputs_of(maker).values()
    return next((one for one in graph.calls if one.key in found), None)


def _is_dead(history: History, call: Call) -> bool:
    """Whether it rectifies, and answers 0 for every unit and example."""
    outputs = history.graph.outputs_of(call).values()
    return call.op is ops.ReLU and all(map(_is_zero, outputs))


def _is_zero(variable: Variable) -> bool:
    """Whether its values are known and all 0."""
    return variable.value is not None and not np.any(np.asarray(variable.value))


def _reason(history: History, names: Names, call: Call) -> Reason:
    """Of a layer that is dead, but not on a way of the gradient that is asked for."""
    (x,) = history.graph.inputs_of(call).values()
    return dead_layer(call, names[x.key], np.asarray(x.value) <= 0)


def _place(call: Call) -> str:
    if call.module is None:
        return call.label
    return f"{call.label} in {ModulePlace(call.module, call.module_kind or '')}"
