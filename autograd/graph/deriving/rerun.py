"""The recorded calls of a loss, made once more with other arrays in the place of what they took."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from autograd import ops
from autograd.grad_mode import enable_grad, no_grad
from autograd.tape import Call, Tape, Value
from autograd.tensor import Tensor

Array = Any


def calls_for(tape: Tape, result: Value) -> list[Call]:
    """The calls that a result was computed by, in order."""
    wanted = {result.made_by}
    for call in reversed(tape.calls):
        if call.number in wanted:
            wanted |= {x.made_by for x in call.inputs.values() if isinstance(x, Value)}
    return [call for call in tape.calls if call.number in wanted]


def outside(calls: list[Call]) -> list[Value]:
    """What the calls take from outside, in the order in which they first do."""
    met = [x for call in calls for x in call.inputs.values() if isinstance(x, Value)]
    return [x for x in dict.fromkeys(met) if x.made_by is None]


def stand_in(value: Value, array: Array) -> Tensor:
    """A leaf with another array that takes a value's place."""
    leaf = Tensor.at(None, array)
    leaf._requires_grad = value.requires_grad
    return leaf


def rerun(calls: list[Call], given: Mapping[Value, Tensor]) -> dict[Value, Tensor]:
    """Make the calls, and answer what they made and took, by what was recorded of it."""
    made = dict(given)
    for call in calls:
        made |= make(call, made)
    return made


def make(call: Call, known: Mapping[Value, Tensor]) -> dict[Value, Tensor]:
    """Make one call: with a history if it had one."""
    inputs = [known[x] if isinstance(x, Value) else x for x in call.inputs.values()]
    with _mode(call):
        made = call.op.apply(*inputs, **call.settings)
    several = made if isinstance(made, tuple) else (made,)
    return dict(zip(call.outputs.values(), several, strict=True))


def moved_result(calls: list[Call], value: Value, array: Array, result: Value) -> float:
    """The result for another array in the place of one value.

    What no gradient flows through, as detach and comparisons, stays as it was recorded. With an
    array in float64, all that is computed from it is in float64.
    """
    moved = {value: Tensor.at(None, array)}
    for call in calls:
        taken = [x for x in call.inputs.values() if isinstance(x, Value)]
        if call._node is None or moved.keys().isdisjoint(taken):
            continue
        if call.op is ops.AsType:  # which would make it narrower
            moved[call.outputs["out"]] = moved[taken[0]]
        else:
            still = {x: Tensor.at(None, x.array) for x in taken if x not in moved}
            moved |= make(call, moved | still)
    return float(moved[result].data.item())


def _mode(call: Call) -> AbstractContextManager[None]:
    return no_grad() if call._node is None else enable_grad()
