"""What is said of a history: names for its values, and formulas in these names."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Mapping

from autograd.graph.canvas import one_line
from autograd.graph.data import Call
from autograd.graph.explaining.ways import History, Link
from autograd.symbols.expression import Apply, Constant, Expression, Name, Several
from autograd.symbols.formula import Formula
from autograd.symbols.reading import ShapeOf


class Names(dict[str, str]):
    """A name for each variable of a history, by key, no two alike.

    The user's names where there are any; what has the same name as another one is x_2, x_3, … Other
    results are v1, v2, …, and what comes from outside without a name is c1, c2, …
    """

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history
        own_names = {one.name for one in history.graph.variables} | {history.title}
        used: set[str] = set()
        count: Counter[str] = Counter()
        for one in history.graph.variables:
            own = history.title if one.key == history.start else one_line(one.name or "")
            name = own
            while not name or name in used:
                base = own or ("v" if one.kind == "result" else "c")
                count[base] += 1
                name = f"{own}_{count[base] + 1}" if own else f"{base}{count[base]}"
                name = "" if name in own_names else name
            used.add(name)
            self[one.key] = name

    def definition(self, call: Call) -> Formula:
        """What a call computes, in these names."""
        return self._written(self._history.definitions[call.key](), call)

    def rule(self, link: Link) -> Formula:
        """By which rule a gradient gets back along a link, in these names."""
        return self._written(link.formula(), link.call)

    def _written(self, formula: Formula, call: Call) -> Formula:
        graph = self._history.graph
        values: dict[str, Expression] = {
            name: Constant(x) for name, x in self._history.numbers[call.key].items()
        }
        for name, one in (*graph.inputs_of(call).items(), *graph.outputs_of(call).items()):
            values[name] = Name(self[one.key])
        if call.op.signature.variadic:  # a formula of these has all of them under one name
            parts = [values[name] for name in graph.inputs_of(call)]
            values[call.op.signature.inputs[0]] = Several(tuple(parts))
        return Formula(filled_in(formula.tree, values))


def identifier(name: str) -> str:
    """A name as Python takes it, such as "layer_0_weight" for "0.weight"."""
    word = "".join(c if f"_{c}".isidentifier() else "_" for c in name)
    word = f"layer_{word}" if word[0].isdigit() else word  # as a Sequential numbers its layers
    return f"{word}_" if keyword.iskeyword(word) else word


def filled_in(tree: Expression, values: Mapping[str, Expression]) -> Expression:
    """An expression with others in the place of names."""
    match tree:
        case Name(text):
            return values.get(text, tree)
        case Constant(ShapeOf() as shape):
            named = values.get(shape.name)
            return Constant(ShapeOf.value(named.text, shape)) if isinstance(named, Name) else tree
        case Several(items):
            return Several(tuple(filled_in(one, values) for one in items))
        case Apply(function, args, settings):
            return Apply(
                function,
                tuple(filled_in(one, values) for one in args),
                {key: filled_in(one, values) for key, one in settings.items()},
            )
    return tree
