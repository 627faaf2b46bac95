"""Where the ways from a loss back to a variable are cut, so that it gets no gradient at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from autograd import ops
from autograd.function import Function
from autograd.graph.data import Call, Variable
from autograd.graph.explaining.naming import Names
from autograd.graph.explaining.ways import History
from autograd.graph.reasoning.sites import Reason
from autograd.ops.ordering import ArgPartition, ArgSort, SearchSorted
from autograd.ops.rounding import Ceil, Floor, FloorDivide, Rint, Round, Trunc
from autograd.tape import Value
from autograd.tensor import Tensor

RECORD = "compute it within `with autograd.record() as tape:`, or give the function and its inputs"

PLACES = (ops.ArgMax, ops.ArgMin, ArgSort, ArgPartition, SearchSorted)
COMPARISONS = (
    *(ops.Greater, ops.GreaterEqual, ops.Less, ops.LessEqual, ops.Equal, ops.NotEqual),
    *(ops.And, ops.Or, ops.Not, ops.AllTrue, ops.AnyTrue),
)
STEPS = (ops.Sign, Floor, Ceil, Trunc, Rint, Round, FloorDivide)

# By operation: in a word or two, what it does to gradients, and what to do instead.
_WORDS: dict[tuple[type[Function], ...], tuple[str, str, str]] = {
    (ops.Detach,): (
        "detached",
        "its values are handed on by detach(), without their history.",
        "leave out detach(), or detach only what is not to learn.",
    ),
    PLACES: (
        "positions",
        "{label} answers positions, which do not change when the values change a little.",
        "compute the loss from the values themselves: from logits or softmax, not from argmax; "
        "take the largest with max.",
    ),
    COMPARISONS: (
        "comparison",
        "{label} answers true or false, which do not change when the values change a little.",
        "use a smooth stand-in, such as sigmoid(x − threshold), or a loss instead of an accuracy.",
    ),
    (ops.AsPlain,): (
        "cast to integers",
        "{label} makes whole numbers or truth values of it, which have no derivative.",
        "stay with floating numbers until after the loss.",
    ),
    STEPS: (
        "no slope",
        "{label} is constant between its jumps, so that its derivative is 0 or does not exist.",
        "leave it out of the loss, or use a smooth stand-in such as tanh.",
    ),
}


def missing(history: History, variable: Tensor, key: str | None, names: Names) -> list[Reason]:
    """Why a variable gets no gradient: at least one reason."""
    known = None if key is None else history.graph.variable[key]
    wants = variable.requires_grad if known is None else known.requires_grad
    if not wants:
        return [_frozen(history, variable, known)]
    if history.tape is None:
        return [_not_left(history, names)]
    if known is None:
        return [_unused(history, variable)]
    calls = [history.graph.call[one] for one in known.blocked_at]
    return [_cut(history, call) for call in calls] or [_unheeded(history, known)]


def cut_ways(history: History, key: str) -> Iterator[Reason]:
    """Where other ways to a variable were cut on purpose, besides those that are open."""
    graph = history.graph
    after, before = {key}, {history.start}
    for call in graph.calls:
        if any(edge.source in after for edge in graph.edges_to[call.key]):
            after |= {edge.target for edge in graph.edges_from[call.key]}
    for call in reversed(graph.calls):
        if any(edge.target in before for edge in graph.edges_from[call.key]):
            before |= {edge.source for edge in graph.edges_to[call.key]}
    for call in graph.calls:
        cut = [edge for edge in graph.edges_to[call.key] if edge.is_cut and edge.source in after]
        leads_on = any(edge.target in before for edge in graph.edges_from[call.key])
        reason = _cut(history, call) if cut and leads_on else None
        if reason is not None and reason.kind in ("detached", "no_grad"):
            yield replace(reason, says=f"another way is cut: {reason.says}")


def _frozen(history: History, variable: Tensor, known: Variable | None) -> Reason:
    if known is not None and known.kind == "result":
        call = history.graph.call[history.graph.edges_to[known.key][0].source]
        return Reason(
            "without history",
            call,
            f"it is a result of {call.label} that has no history: none of its inputs requires a "
            "gradient, or it was computed within no_grad().",
            "ask for the gradient of what it was computed from, with requires_grad=True.",
        )
    if variable.dtype.kind != "f":
        return Reason(
            "not floating",
            None,
            f"it holds {variable.dtype}, and only floating numbers have gradients.",
            "convert it with astype('float32') before the computation.",
        )
    return Reason(
        "frozen",
        None,
        "its requires_grad is False, so that nothing was computed for it.",
        "set requires_grad = True before the loss is computed.",
    )


def _not_left(history: History, names: Names) -> Reason:
    leaves = [names[one.key] for one in history.graph.variables if one.kind == "leaf"]
    shown = ", ".join(leaves[:8]) + ", …" * (len(leaves) > 8)
    return Reason(
        "not in the graph",
        None,
        f"what is left of this loss leads back to {shown or 'no variable'}, and not to it: it was "
        "not used, or the way was cut, which leaves no trace in a loss that was not recorded.",
        f"{RECORD}: then the call that cuts the way can be named.",
    )


def _unused(history: History, variable: Tensor) -> Reason:
    says = (
        "no call that was recorded takes it. Its values may have been used through .data, numpy() "
        "or a copy, which leaves no trace."
    )
    copies = _copies(history, variable)
    if copies:
        says = f"no call that was recorded takes it, but {copies}, which has the same values."
    return Reason(
        "not used",
        None,
        says,
        "compute with the Tensor itself: the one that the optimiser has is the one to use.",
    )


def _copies(history: History, variable: Tensor) -> str:
    assert history.tape is not None
    for call in history.tape.calls:
        for one in call.inputs.values():
            if isinstance(one, Value) and one.made_by is None and _is_copy(one, variable):
                where = f" in line {call.line}" if call.line else ""
                return f"{call.op.__name__}{where} takes a copy"
    return ""


def _is_copy(value: Value, variable: Tensor) -> bool:
    same = value.shape == variable.shape and np.array_equal(value.array, variable.data)
    return same and variable.size > 1  # many numbers are alike by chance


def _unheeded(history: History, known: Variable) -> Reason:
    """It was used, but for nothing that the loss depends on."""
    ends = list(dict.fromkeys(_last_users(history, known.key)))
    shown = ", ".join(call.label for call in ends[:3])
    return Reason(
        "not used for the loss",
        ends[0] if ends else None,
        f"it was used, but the loss does not depend on the result{'s' * (len(ends) > 1)}: the last "
        f"of {'them' if len(ends) > 1 else 'these calls'}, {shown}, leads nowhere.",
        "make the loss from these results, or compute no loss of them.",
    )


def _last_users(history: History, key: str) -> Iterator[Call]:
    """The calls at which what was computed from a variable ends."""
    graph = history.graph
    todo, seen = [key], {key}
    while todo:
        for edge in graph.edges_from[todo.pop()]:
            call = graph.call[edge.target]
            made = [one.key for one in graph.outputs_of(call).values()]
            if not any(graph.edges_from[one] for one in made):
                yield call
            todo += [one for one in made if one not in seen]
            seen.update(made)


def _cut(history: History, call: Call) -> Reason:
    """Why a call sends nothing back to an input that wants a gradient."""
    for operations, (kind, says, fix) in _WORDS.items():
        if call.op in operations:
            return Reason(kind, call, says.format(label=call.label), fix)
    cut = [edge for edge in history.graph.edges_to[call.key] if edge.is_cut]
    if any(edge.name.partition("[")[0] in call.op.signature.differentiable for edge in cut):
        return Reason(
            "no_grad",
            call,
            f"{call.label} was computed within no_grad(), so that it recorded no history.",
            "take this call out of no_grad(); keep that for evaluation.",
        )
    return Reason(
        "no derivative",
        call,
        f"{call.label} has no derivative by its {', '.join(edge.name for edge in cut)}.",
        "let the loss depend on the variable in another way.",
    )
