"""Reading a rule: it runs on arrays that write down what is done with them."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.function import Function
from autograd.ops import Affine
from autograd.plan import recall
from autograd.rules import MINUS, ONE, Rule, Signature
from autograd.symbols.expression import Apply, Constant, Expression, Name, Several
from autograd.symbols.formula import Formula
from autograd.tracing.arrays import Tracer, TracingArray, entries_in, values_in
from autograd.tracing.calls import Call, Entry


def formula_of(op: type[Function], settings: Mapping[str, Any] | None = None) -> Formula:
    """What the operation computes, from its inputs by name, with the settings of one call."""
    names = [Name(name) for name in op.signature.inputs]
    if op is Affine:  # a layer's formula is better known than our name for it
        x, weight, bias = names
        rows = Apply(np.matmul, (x, Apply(np.matrix_transpose, (weight,))))
        return Formula(Apply(np.add, (rows, bias)))
    function = op.forward if isinstance(op.forward, np.ufunc) else (op.numpy or op)
    named = {name: Constant(value) for name, value in (settings or {}).items()}
    return Formula(Apply(function, tuple(names), named))


def local_gradient_formulas_of(node: Function) -> dict[Any, Formula]:
    """The node's rules as formulas, by input.

    For an elementwise operation, the local gradients ∂out/∂input. For any other, the gradient of
    the input in terms of `g`, the upstream gradient (with several outputs, of `g_<output>`).

    Raises RuntimeError if the node's values were released.
    """
    kept = dict(zip(node.plan.kept_names, recall(node), strict=True))
    read = node.signature
    formulas = {}
    for which in node.plan.wanted:
        rules = [r for r in read.rules if r.input == (read.inputs[0] if read.variadic else which)]
        trees = [_rule_as_tree(node, rule, kept, which) for rule in rules]
        total = trees[0]
        for tree in trees[1:]:
            total = Apply(np.add, (total, tree))
        formulas[which] = Formula(total)
    return formulas


def _rule_as_tree(node: Function, rule: Rule, kept: dict[str, Any], which: Any) -> Expression:
    if rule.function in (ONE, MINUS):
        return Constant(rule.function())
    reader = Reader()
    values = {**kept, "g": _upstream(node, rule)}
    read = node.signature
    # Numbers among the operands, as the engine keeps them: read-only arrays without axes.
    for name in set(read.inputs) - set(node.plan.wanted):
        value = values.get(name)
        if isinstance(value, np.ndarray) and not value.ndim and not value.flags.writeable:
            values[name] = value.item()
    given = [reader.named(read, rule, need, values[need]) for need in rule.needs]
    with np.errstate(all="ignore"):
        answer = rule.function(*given)
    return reader.tree(answer[which] if read.variadic else answer)


def _upstream(node: Function, rule: Rule) -> Any:
    if not node.several:
        return np.ones(node.shape, node.dtype)
    i = node.signature.outputs.index(rule.output)
    return np.ones(node.shape[i], node.dtype[i])


class ShapeOf(tuple[int, ...]):
    """The shape of a value, which knows whose it is."""

    name: str

    @classmethod
    def value(cls, name: str, shape: tuple[int, ...]) -> ShapeOf:
        """The shape of the value called `name`."""
        made = cls(shape)
        made.name = name
        return made


class Symbol(TracingArray):
    """An array in the place of a named value."""

    __slots__ = ()

    @staticmethod
    def __autograd_call__(
        op: type[Function], inputs: tuple[Any, ...], settings: dict[str, Any]
    ) -> Any:
        """An operation of ours within a rule stays one step of the formula."""
        tracer = next(one.tracer for one in inputs if isinstance(one, Symbol))
        value = op.forward(*values_in(inputs), **values_in(settings))
        result = tracer.made(np.asarray(value))
        call = Call(op, entries_in(inputs), entries_in(settings), (result.entry,))
        tracer.calls.append(call)
        return result


class Reader(Tracer):
    """Writes down the calls of one rule, and puts them together as a tree."""

    array_type = Symbol

    def named(self, read: Signature, rule: Rule, name: str, value: Any) -> Any:
        """What the rule is given for a name: a symbol for an array, other things as they are."""
        if isinstance(value, np.ndarray) and name not in read.settings:
            several = name == "g" and len(read.outputs) > 1
            shown = f"g_{rule.output.lstrip('_')}" if several else name.lstrip("_")
            return self.given(value, shown)
        if isinstance(value, list):  # of a variadic input, or its shapes
            parts = enumerate(value)
            return [self.named(read, rule, f"{name}[{i}]", one) for i, one in parts]
        of = name.partition("[")[0]
        if of.endswith("_shape") and of not in read.settings:
            return ShapeOf.value(name.replace("_shape", ""), value)
        return value

    def tree(self, thing: Any) -> Expression:
        """The expression that gave a value."""
        if isinstance(thing, TracingArray):
            thing = thing.entry
        if isinstance(thing, Entry):
            call = next((c for c in self.calls if any(r is thing for r in c.results)), None)
            if call is None:
                return Name(thing.label or "")
            whole = Apply(
                call.function,
                tuple(map(self.tree, call.args)),
                {name: self.tree(one) for name, one in call.kwargs.items()},
            )
            if len(call.results) == 1:
                return _without_zeros(whole)
            i = next(i for i, one in enumerate(call.results) if one is thing)
            return Apply(operator.getitem, (whole, Constant(i)))
        if isinstance(thing, tuple | list) and _holds_arrays(thing):
            return Several(tuple(map(self.tree, thing)))
        return Constant(thing)


def _without_zeros(tree: Apply) -> Expression:
    """The expression without a product by False, as a comparison of two numbers leaves one."""
    zeros = [isinstance(one, Constant) and one.value is False for one in tree.args]
    if tree.function is np.multiply and any(zeros):
        return Constant(False)
    if tree.function is np.add and any(zeros):
        return tree.args[zeros.index(False)]
    return tree


def _holds_arrays(things: Any) -> bool:
    return any(
        isinstance(one, TracingArray | Entry)
        or (isinstance(one, tuple | list) and _holds_arrays(one))
        for one in things
    )
