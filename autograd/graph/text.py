"""A computation graph in text: as a tree, and step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd import ops
from autograd.graph.canvas import one_line
from autograd.graph.data import Call, Description, Variable
from autograd.graph.description import describe
from autograd.graph.labels import gradient_words
from autograd.graph.notation import INFIX
from autograd.graph.numbers import brief, brief_gradient
from autograd.tape import Tape
from autograd.tensor import Tensor

Target = Callable[..., Any] | Tensor | Tape
Row = tuple[str, ...]

DEEPEST = 40  # calls one within the other that a tree shows


class Text(str):
    """A text that shows itself as it is printed, also at the prompt and in notebooks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def tree(target: Target, *args: Any, values: bool = False, gradients: bool = False) -> Text:
    """The graph as an indented tree: each result, and below it what it was computed from.

    For the target, its arguments and the errors see `describe`. What is used more than once is
    shown where it is met first, and named from then on; results have the numbers of `steps`. Of a
    tree more than 40 calls deep, the rest is left out, and the text says so.

    Example:
        print(tree(loss_of, model, x, y, gradients=True))
    """
    return tree_of(describe(target, *args, values=values, gradients=gradients), gradients)


def steps(target: Target, *args: Any, values: bool = False, gradients: bool = False) -> Text:
    """The graph step by step, a line for each: every call forward, then the way back.

    Forward, a line has the call, what it made, the module and the source line. Backward, it has
    what arrives at the call and where it sends gradients; with `gradients` both in numbers. For
    the target, its arguments and the errors see `describe`.
    """
    graph = describe(target, *args, values=values, gradients=gradients)
    forward = [_forward(graph, call) for call in graph.calls]
    back = [_backward(graph, call) for call in _replayed(graph)]
    lines = ["forward", *_in_columns(forward)]
    lines += ["backward", *_in_columns(back)] if back else []
    return _finished(graph, lines)


def tree_of(graph: Description, gradients: bool) -> Text:
    """`tree` of a description."""
    rows: list[Row] = []
    seen: set[str] = set()
    # What is still to come: a variable, the lines before it and before what is below it.
    todo = [(key, "", "", 0) for key in reversed(graph.outputs)]
    while todo:
        key, before, below, depth = todo.pop()
        variable = graph.variable[key]
        made_by = [graph.call[edge.source] for edge in graph.edges_to[key]]
        name = f"{before}{_title(graph, variable)}"
        if key in seen:
            rows.append((f"{name}, as above",))
            continue
        seen.add(key)
        rows.append((name, *_facts(graph, variable, gradients)))
        for call in made_by:
            if call.key in seen:  # for another output
                continue
            seen.add(call.key)
            taken = [edge.source for edge in graph.edges_to[call.key]]
            if depth == DEEPEST and taken:
                rows.append((f"{below}└─ … steps() has all {len(graph.calls):,} calls",))
                continue
            branches = [("├─ ", "│  ")] * (len(taken) - 1) + [("└─ ", "   ")]
            for one, (branch, rest) in reversed(list(zip(taken, branches, strict=False))):
                todo.append((one, below + branch, below + rest, depth + 1))
    return _finished(graph, _in_columns(rows))


def _title(graph: Description, variable: Variable) -> str:
    """What a variable is called, and by which call it was made."""
    name = one_line(variable.name or "")
    made_by = graph.edges_to[variable.key]
    if not made_by:
        return name or variable.key
    call = graph.call[made_by[0].source]
    output = f".{made_by[0].name}" if len(graph.edges_from[call.key]) > 1 else ""
    return f"#{_number(call)} {f'{name} = ' * bool(name)}{_label(call)}{output}"


def _label(call: Call) -> str:
    settings = f"({', '.join(call.settings)})" if call.settings else ""
    return one_line(call.label + settings)


def _number(call: Call) -> str:
    return call.key.removeprefix("f")


def _facts(graph: Description, variable: Variable, gradients: bool) -> Row:
    """The columns that follow a variable's name."""
    kind = "" if variable.kind == "result" else f" {variable.kind}"
    value = "" if variable.value is None else f"= {brief(variable.value)}"
    words = gradient_words(variable, graph) if gradients else ""
    return f"{variable.shape} {variable.dtype}{kind}", value, f"∇ {words}" if words else ""


def _forward(graph: Description, call: Call) -> Row:
    made = list(graph.outputs_of(call).values())
    names = ", ".join(one_line(x.name) for x in made if x.name)
    results = ", ".join(f"{x.shape} {x.dtype}" for x in made)
    numbers = ", ".join(f"= {brief(x.value)}" for x in made if x.value is not None)
    place = "" if call.module is None else f"{call.module} ({call.module_kind})".strip()
    line = "" if call.line is None else f"{call.line}  {call.line.text}"
    written = f"{f'{names} = ' * bool(names)}{_written(graph, call)}"
    return f"#{_number(call)}", written, results, numbers, one_line(place), one_line(line)


def _written(graph: Description, call: Call) -> str:
    """A call as Python would write it, on what its operands are called."""
    operands = [_short(graph, x) for x in graph.inputs_of(call).values()]
    if call.op is ops.GetItem:
        return f"{operands[0]}{one_line(call.label)}"
    if call.op in INFIX or call.op is ops.Square:
        if len(operands) == 2:
            sign = "==" if call.op is ops.Equal else call.label
            return f" {sign} ".join(operands)
        sign_first = call.op is ops.Square or call.label.startswith(INFIX[call.op])
        return f"{operands[0]} {call.label}" if sign_first else f"{call.label} {operands[0]}"
    return one_line(f"{call.label}({', '.join([*operands, *call.settings])})")


def _short(graph: Description, variable: Variable) -> str:
    made_by = graph.edges_to[variable.key]
    number = f"#{_number(graph.call[made_by[0].source])}" if made_by else variable.key
    return one_line(variable.name or number)


def _replayed(graph: Description) -> Iterator[Call]:
    """The calls that a backward pass comes to, in its order."""
    ran = any(x.gradient is not None for x in graph.variables)
    reached = {x.key for x in graph.variables if x.gradient is not None}
    reached = reached if ran else {x for x in graph.outputs if graph.variable[x].requires_grad}
    for call in reversed(graph.calls):
        sent = [edge.source for edge in graph.edges_to[call.key] if edge.has_gradient]
        if sent and not reached.isdisjoint(edge.target for edge in graph.edges_from[call.key]):
            reached |= set(() if ran else sent)
            yield call


def _backward(graph: Description, call: Call) -> Row:
    made = graph.outputs_of(call).values()
    arrives = ", ".join(f"∇ {gradient_words(x, graph)}" for x in made if x.gradient is not None)
    sent = []
    for edge in graph.edges_to[call.key]:
        if edge.has_gradient:
            numbers = "" if edge.gradient is None else f" ∇ {brief_gradient(edge.gradient)}"
            sent.append(f"{_short(graph, graph.variable[edge.source])}{numbers}")
    return f"#{_number(call)}", _written(graph, call), arrives, f"→ {'; '.join(sent)}"


def _in_columns(rows: Sequence[Row]) -> list[str]:
    """The rows as lines, whose columns begin below each other; an empty column takes no room."""
    full = [row for row in rows if len(row) > 1]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    lines = []
    for row in rows:
        cells = [f"{x:<{n}}" for x, n in zip(row, widths, strict=False) if n] or list(row)
        lines.append("  ".join(cells).rstrip())
    return lines


def _finished(graph: Description, lines: list[str]) -> Text:
    return Text("\n".join((*lines, *filter(None, (graph.note,)))))
