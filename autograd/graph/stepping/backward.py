"""The steps of the way back: what arrives, the local gradients, what is sent, the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.function import Elementwise
from autograd.graph.stepping.steps import (
    Card,
    Group,
    Names,
    Step,
    names_in,
    readable,
    told,
    written,
)
from autograd.symbols import Formula
from autograd.tape import Call, Value

Array = Any

MOST_ENTRIES = 400  # of a Jacobian, which is shown in full or not at all
MOST_COMPUTED = 100_000  # entries of a call's Jacobians, which are computed all together


class WayBack:
    """The backward pass, call by call in the engine's order.

    Attributes:
        totals: what each value has received so far, the sum over its uses.
    """

    def __init__(self, calls: Sequence[Call], names: Names) -> None:
        self.totals: dict[Value, Array] = {}
        self._calls, self._names = calls, names
        self._uses = Counter(call.inputs[name] for call in calls for name in call.gradients)
        self._arrived: Counter[Value] = Counter()

    def steps(self) -> list[Step]:
        """A step for each call."""
        return [self._step(i, call) for i, call in enumerate(self._calls, 1)]

    def _step(self, number: int, call: Call) -> Step:
        upstream, names = call.upstream, self._names
        notes = self._changed_by_hooks(call, upstream)
        if number == 1:
            notes.insert(0, _beginning(upstream))
        arrived = tuple(
            Card("upstream", upstream_name(call, name), f"∇ {names[value]}", upstream[name])
            for name, value in call.outputs.items()
            if name in upstream
        )
        formulas = readable(call.local_gradient_formulas) or {}
        numbers = _local_numbers(call)
        groups, sent = [Group("Upstream gradient", (arrived,))], []
        needed = {name for formula in formulas.values() for name in names_in(formula)}
        kept = _kept(call, needed, names)
        if kept:
            groups.append(Group("Kept from forward", (kept,)))
        for name, part in call.gradients.items():
            group, words = self._sent(call, name, part, formulas.get(name), numbers.get(name))
            groups.append(group)
            sent.append(words)
        if len(call.op.signature.outputs) == 1 and not issubclass(call.op, Elementwise):
            jacobians = _jacobians(call, numbers, names)
            groups.append(Group("Jacobians", (jacobians,), "a row for each entry of the output"))
        notes += [*_silent(call, needed), *_unsent(call, names)]
        came = ", ".join(told(array) for array in upstream.values())
        said = (
            f"Backward {number} of {len(self._calls)}: {written(call, names)}. "
            f"Upstream gradient {came}. Sends {'; '.join(sent)}."
        )
        title = written(call, names)
        return Step("backward", title, said, tuple(groups), tuple(notes), call)

    def _sent(
        self, call: Call, name: str, part: Array, formula: Formula | None, local: Array | None
    ) -> tuple[Group, str]:
        """What one input is sent, and the sum so far if it was used more than once."""
        value, of = call.inputs[name], self._names[call.inputs[name]]
        rows = [_product(call, name, of, part, formula, local)]
        before = self.totals.get(value)
        self.totals[value] = part if before is None else before + part
        self._arrived[value] += 1
        uses, so_far = self._uses[value], self._arrived[value]
        note, words = "", f"to {of} {told(part)}"
        if uses > 1:
            note = f"use {so_far} of {uses}"
            words += f" (use {so_far} of {uses})"
        if before is not None:
            total = self.totals[value]
            rows.append(
                (
                    Card("before", "so far", "", before),
                    Card("now", "now", "", part, "+"),
                    Card("sum", "sum", "", total, "="),
                )
            )
            words += f": {told(before)} so far + {told(part)} now = {told(total)}"
        return Group(f"To {of}", tuple(rows), note), words

    def _changed_by_hooks(self, call: Call, upstream: Mapping[str, Array]) -> list[str]:
        """What arrived is the sum of what was sent, unless someone changed it on the way."""
        return [
            f"A hook changed the gradient of {self._names[value]}: {told(self.totals[value])} was "
            f"sent to it, {told(upstream[name])} went on."
            for name, value in call.outputs.items()
            if name in upstream
            and value in self.totals
            and not np.array_equal(self.totals[value], upstream[name], equal_nan=True)
        ]


def upstream_name(call: Call, output: str) -> str:
    """What formulas call the gradient that arrives at an output."""
    return f"g_{output}" if len(call.op.signature.outputs) > 1 else "g"


def _kept(call: Call, needed: set[str], names: Names) -> tuple[Card, ...]:
    """The values that the rules speak of."""
    values = {**call.inputs, **call.outputs}
    return tuple(
        Card("kept", name, names[x], x.array)
        for name, x in values.items()
        if name in needed and isinstance(x, Value)
    )


def _beginning(upstream: Mapping[str, Array]) -> str:
    (first, *_) = upstream.values()
    if first.size == 1 and first.reshape(-1)[0] == 1:
        return "The way back begins with the derivative of the result by itself, which is 1."
    return "The way back begins with the gradient that was given."


def _product(
    call: Call, name: str, of: str, part: Array, formula: Formula | None, local: Array | None
) -> tuple[Card, ...]:
    """How the gradient of an input comes from the upstream gradient."""
    if not issubclass(call.op, Elementwise):
        (g, *_) = call.upstream.values()
        spread = str(formula) == "g" and part.shape != g.shape  # as a layer's bias
        sent = Card("sent", name, of, part, note="summed over the rows" if spread else "")
        return Card("local", name, of, formula=formula), sent
    if len(call.upstream) > 1 or local is None:
        return Card("local", name, of, local, "", formula), Card("sent", name, of, part)
    (g,) = call.upstream.values()
    summed = f"{part.shape} was broadcast to {g.shape}, so the products are summed back"
    return (
        Card("upstream", "g", "", g if g.size == 1 else None),
        Card("local", name, of, local, "×", formula),
        Card("sent", name, of, part, "=", note=summed if part.shape != g.shape else ""),
    )


def _local_numbers(call: Call) -> Mapping[str, Array]:
    """The local gradients in numbers: of Jacobians, those that can be taken in at a glance."""
    if len(call.op.signature.outputs) > 1:
        return {}  # Jacobians are given for a single output only
    (output,) = call.outputs.values()
    sizes = {name: output.array.size * call.inputs[name].array.size for name in call.gradients}
    elementwise = issubclass(call.op, Elementwise)
    small = min(sizes.values()) <= MOST_ENTRIES and sum(sizes.values()) <= MOST_COMPUTED
    if not elementwise and not small:
        return {}
    with np.errstate(all="ignore"):  # the pass itself has warned
        found = call.local_gradients()
    return {n: x for n, x in found.items() if elementwise or x.size <= MOST_ENTRIES}


def _jacobians(call: Call, numbers: Mapping[str, Array], names: Names) -> tuple[Card, ...]:
    """The local gradients of an operation that is not entry by entry, as far as they are shown."""
    cards = []
    for name in call.gradients:
        of, size = names[call.inputs[name]], call.inputs[name].array.size
        jacobian = numbers.get(name)
        if jacobian is None:
            (output,) = call.outputs.values()
            note = (
                f"{output.array.size:,} × {size:,} entries, which are never formed: the rule gives "
                "their product with g."
            )
            cards.append(Card("local", name, of, note=note))
        else:
            axes = jacobian.ndim - call.inputs[name].array.ndim
            cards.append(Card("local", name, of, jacobian, row_axes=axes))
    return tuple(cards)


def _silent(call: Call, needed: set[str]) -> list[str]:
    """The outputs that nothing came back to, though the rules speak of their gradients."""
    outputs = [name.lstrip("_") for name in call.op.signature.outputs if name not in call.upstream]
    silent = [name for name in outputs if f"g_{name}" in needed]
    return [f"Nothing came back to {name}: g_{name} is 0." for name in silent]


def _unsent(call: Call, names: Names) -> list[str]:
    """The inputs that nothing is sent to, and why."""
    found = []
    for name, x in call.inputs.items():
        if isinstance(x, Value) and name not in call.gradients:
            if name.partition("[")[0] not in call.op.signature.differentiable:
                reason = f"{call.op.__name__} has no derivative by it"
            elif not x.requires_grad:
                reason = "it requires no gradient"
            else:
                reason = "nobody asked for it"
            found.append(f"Nothing is sent to {names[x]}: {reason}.")
    return found
