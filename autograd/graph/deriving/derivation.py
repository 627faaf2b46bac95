"""A recorded loss and its backward pass, as the NumPy calls that they make."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from autograd.graph.deriving.rerun import make, outside, stand_in
from autograd.graph.explaining.naming import identifier
from autograd.operands import fit
from autograd.tape import Call, Value, input_name
from autograd.tracing.arrays import Tracer, TracingArray
from autograd.tracing.functions import WRITES
from autograd.versions import memory_owner

BACKWARD = "backward"  # the title of the part with which the backward pass begins


class Statement(NamedTuple):
    """One NumPy call.

    Attributes:
        function: a NumPy function, `operator.getitem` or `setitem`, or `same`.
        args, kwargs: its arguments, tracing arrays among them.
        results: what it made; the array that it wrote into, if it did that.
        writes: whether it did.
    """

    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    results: tuple[TracingArray, ...]
    writes: bool


def same(array: Any) -> Any:
    """Another name for an array."""
    return array


class Scribe(Tracer):
    """Writes down NumPy calls with the arrays themselves, and what these are called.

    Attributes:
        statements: the calls since they were last taken away.
        labels: what arrays are called, by id.
        derivatives: which of these are derivatives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.derivatives: set[int] = set()
        self.statements: list[Statement] = []
        self.labels: dict[int, str] = {}

    def call(
        self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
    ) -> Any:
        """As a tracer's."""
        answer = super().call(function, args, kwargs)
        kwargs = dict(kwargs or {})
        if isinstance(kwargs.get("out"), tuple):  # as ufuncs hand it on
            (kwargs["out"],) = kwargs["out"]
        writes = kwargs.get("out") is not None or function in WRITES
        results = (args[0] if function in WRITES else answer,) if writes else answer
        several = results if isinstance(results, tuple) else (results,)
        self.statements.append(Statement(function, args, kwargs, several, writes))
        return answer

    def named(self, array: Any, label: str) -> TracingArray:
        """The array under a name; if it has one already, under a second one."""
        if not isinstance(array, TracingArray) or id(array) in self.labels:
            array = self.call(same, (array,))
        named: TracingArray = array
        self.labels[id(named)] = label
        return named

    def derivative(self, array: Any, label: str) -> TracingArray:
        """The array under the name that the derivative by what is called `label` has."""
        named = self.named(array, f"d_{label}")
        self.derivatives.add(id(named))
        return named


class Derivation:
    """The calls of a loss and of its backward pass, written down as NumPy calls.

    Attributes:
        inputs: what comes from outside, with the arrays that stand for it.
        result: the array that stands for the loss.
        gradients: of everything that one comes to.
        parts: what happens, in order: a title, and the calls that belong to it.
        labels: what arrays are called, by id.
        derivatives: which of these are derivatives by a value.
    """

    def __init__(self, calls: list[Call], result: Value, names: dict[Value, str]) -> None:
        self._scribe = Scribe()
        self._names = {value: identifier(name) for value, name in names.items()}
        self.labels, self.derivatives = self._scribe.labels, self._scribe.derivatives
        self.parts: list[tuple[str, list[Statement]]] = []
        self.inputs: dict[Value, TracingArray] = {}
        for value in outside(calls):
            array = self._scribe.given(np.array(value.array), self._names[value])
            self.labels[id(array)] = self._names[value]
            self.inputs[value] = array
        self._known = {value: stand_in(value, array) for value, array in self.inputs.items()}
        for call in calls:
            self._forward(call)
        self.result: TracingArray = self._known[result]._data
        self.gradients: dict[Value, TracingArray] = {}
        self._backward(calls, result)
        self.parts = self._needed()

    def _forward(self, call: Call) -> None:
        for value, tensor in make(call, self._known).items():
            tensor._data = self._scribe.named(tensor._data, self._names[value])
            self._known[value] = tensor
        self._close(call.op.__name__)

    def _backward(self, calls: list[Call], result: Value) -> None:
        order, awaited = self._order(calls, result)
        arrived: dict[Value, list[Any]] = {value: [] for value in awaited}
        ones = self._scribe.call(np.ones_like, (self.result,))
        self.gradients[result] = self._scribe.derivative(ones, self._names[result])
        self._close(BACKWARD)
        for call, node in order:
            made = [call.outputs.get(name) for name in node.outputs]
            upstream = [None if x is None else self.gradients.get(x) for x in made]
            if all(one is None for one in upstream):
                sent = (None,) * len(node.edges)
            else:
                sent = node.plan.pull(upstream if node.several else upstream[0], node.kept)
            for value, gradient in zip(_wanted(call, node), sent, strict=True):
                awaited[value] -= 1
                if gradient is not None:
                    arrived[value].append(fit(gradient, value))
                if not awaited[value] and arrived[value]:
                    self.gradients[value] = self._total(arrived[value], self._names[value])
            self._close(f"back through {call.op.__name__}")

    def _order(
        self, calls: list[Call], result: Value
    ) -> tuple[list[tuple[Call, Any]], dict[Value, int]]:
        """The calls that a backward pass comes to, and how many gradients each value will get."""
        order, awaited = [], {result: 0}
        for call in reversed(calls):
            made = [self._known[x].grad_fn for x in call.outputs.values()]
            node: Any = next((one for one in made if one is not None), None)
            if node is not None and not awaited.keys().isdisjoint(call.outputs.values()):
                order.append((call, node))
                for value in _wanted(call, node):
                    awaited[value] = awaited.get(value, 0) + 1
        return order, awaited

    def _total(self, parts: list[Any], name: str) -> TracingArray:
        """The sum of the gradients that came to a value."""
        if len(parts) > 1:
            parts = [self._scribe.named(x, f"d_{name}_{i}") for i, x in enumerate(parts, 1)]
        return self._scribe.derivative(reduce(operator.add, parts), name)

    def _needed(self) -> list[tuple[str, list[Statement]]]:
        """The parts without statements whose results nobody uses."""
        ends = [self.gradients[x] for x in self.inputs if x in self.gradients]
        used = {id(one) for one in (self.result, *ends)}
        memory = {_memory(one) for one in (self.result, *ends)}
        parts = []
        for title, statements in reversed(self.parts):
            kept = []
            for one in reversed(statements):
                # What is written into a view, its owner's readers see.
                seen = one.writes and _memory(one.results[0]) in memory
                if seen or any(id(x) in used for x in one.results):
                    kept.append(one)
                    needs = list(_arrays_in((one.args, one.kwargs)))
                    used |= {id(x) for x in needs}
                    memory |= {_memory(x) for x in needs}
            if kept:
                parts.append((title, kept[::-1]))
        return parts[::-1]

    def _close(self, title: str) -> None:
        if self._scribe.statements:
            self.parts.append((title, self._scribe.statements))
            self._scribe.statements = []


def _arrays_in(tree: Any) -> Iterator[TracingArray]:
    """The tracing arrays among arguments."""
    if isinstance(tree, TracingArray):
        yield tree
    elif isinstance(tree, tuple | list | dict):
        for one in tree.values() if isinstance(tree, dict) else tree:
            yield from _arrays_in(one)


def _memory(array: TracingArray) -> int:
    return id(memory_owner(array.value))


def _wanted(call: Call, node: Any) -> list[Value]:
    """The values that a call sends gradients to."""
    return [call.inputs[input_name(call.op.signature, which)] for which in node.plan.wanted]
