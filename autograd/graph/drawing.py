"""What a drawing of a computation graph looks like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from autograd import ops
from autograd.graph.canvas import Drawing, escape, one_line
from autograd.graph.description import Call, Description, Variable, describe
from autograd.graph.notation import INFIX
from autograd.tensor import Tensor

# Filled shapes whose text has its contrast within them, and lines of a middle grey, on no
# background: one drawing for light and for dark pages. For print, kinds differ in outline as well.
GRAPH = {"bgcolor": "transparent", "nodesep": "0.3", "ranksep": "0.28", "pad": "0.1"}
FONT = {"fontname": "Helvetica,Arial,sans-serif", "fontsize": "13"}
VARIABLE = {"shape": "box", "style": "rounded,filled", "height": "0.36", "margin": "0.13,0.06"}
KINDS = {
    "leaf": {"fillcolor": "#FFE2AD", "color": "#C26A00", "penwidth": "2.5"},
    "constant": {"fillcolor": "#E4E9EE", "color": "#5F6B76", "style": "rounded,filled,dashed"},
    "result": {"fillcolor": "#FFFFFF", "color": "#8A939C"},
    "output": {"fillcolor": "#D5EFDD", "color": "#2FA866", "peripheries": "2"},
}
CALL = {"shape": "ellipse", "style": "filled", "height": "0.44", "margin": "0.06,0.03"}
CALL |= {"fillcolor": "#1F5A8C", "color": "#5E9BD1", "fontcolor": "#FFFFFF"}
EDGE = FONT | {"color": "#7F8790", "penwidth": "1.4", "arrowsize": "0.7"}
EDGE_LABEL = (
    '<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="2"><TR><TD BGCOLOR="#EEF1F4" STYLE="rounded">'
    '<FONT POINT-SIZE="10" COLOR="#3C444C">{}</FONT></TD></TR></TABLE>'
)

LONGEST_NAME = 40  # characters in a box; tooltips have all

COMMUTATIVE = (ops.Add, ops.Multiply, ops.Maximum, ops.Minimum, ops.Equal, ops.NotEqual)
SIDES = {"x": "left", "y": "right"}  # the inputs of what is written between its operands


def draw(target: Callable[..., Any] | Tensor, *args: Any) -> Drawing:
    """Draw the computation graph of a function call, `draw(fn, *args)`, or a result, `draw(loss)`.

    Variables are rounded boxes with name, shape and dtype: leaves that receive a gradient have a
    thick outline, constants a dashed one, what the function returns a double one. Calls of
    functions are ellipses. No gradient flows along dashed arrows.

    The drawing shows itself in notebooks; `drawing.save("graph.svg")` writes it to a file, and
    `drawing.view()` opens it in the browser. For the arguments and the errors see `describe`.

    Example:
        draw(lambda x, y, z: ((x + y) * z) ** 2, x, y, z)
    """
    graph = describe(target, *args)
    drawing = Drawing(
        comment=_summary(graph),
        format="svg",
        graph_attr=GRAPH,
        node_attr=FONT | {"fontcolor": "#1A1A1A"} | VARIABLE,
        edge_attr=EDGE,
    )
    variables = {variable.key: variable for variable in graph.variables}
    calls = {call.key: call for call in graph.calls}
    for key, variable in variables.items():
        style = KINDS["output" if key in graph.outputs else variable.kind]
        drawing.node(key, _variable_label(variable), tooltip=_variable_tooltip(variable), **style)
    for key, call in calls.items():
        drawing.node(key, _call_label(call), tooltip=_call_tooltip(call), **CALL)
    arriving = Counter(edge.target for edge in graph.edges)
    leaving = Counter(edge.source for edge in graph.edges)
    for edge in graph.edges:
        if edge.target in calls:
            call, variable, n = calls[edge.target], variables[edge.source], arriving[edge.target]
        else:
            call, variable, n = calls[edge.source], variables[edge.target], leaving[edge.source]
        name = SIDES.get(edge.name, edge.name) if call.op in INFIX else edge.name
        drawing.edge(
            edge.source,
            edge.target,
            _edge_label(name, variable) if n > 1 and call.op not in COMMUTATIVE else None,
            weight="4" if variable.kind == "result" else "1",  # keeps the main line straight
            style="solid" if edge.has_gradient else "dashed",
            tooltip=escape(f"{name} of {call.op.__name__}"),
        )
    return drawing


def _variable_label(variable: Variable) -> str:
    name = f"<B>{escape(variable.name, LONGEST_NAME)}</B><BR/>" if variable.name else ""
    return f'<{name}<FONT POINT-SIZE="11">{variable.shape} {variable.dtype}</FONT>>'


def _variable_tooltip(variable: Variable) -> str:
    words = [variable.kind, variable.name or "", f"{variable.shape} {variable.dtype}"]
    if variable.kind == "result" and not variable.requires_grad:
        words.append("without gradient")
    return escape(" ".join(filter(None, words)))


def _call_label(call: Call) -> str:
    size = 18 if call.op in (*INFIX, ops.Square) else 13
    settings = f'<BR/><FONT POINT-SIZE="11">{escape(", ".join(call.settings))}</FONT>'
    label = f'<B><FONT POINT-SIZE="{size}">{escape(call.label)}</FONT></B>'
    return f"<{label}{settings if call.settings else ''}>"


def _call_tooltip(call: Call) -> str:
    words = f"{call.op.__name__}({', '.join(call.settings)})"
    summary = (call.op.__doc__ or "").partition("\n")[0]
    return escape(f"{words}: {summary}" if summary else words)


def _edge_label(name: str, variable: Variable) -> str | None:
    """Which input or output this is, unless that says nothing new."""
    known = name in ("x", (variable.name or "").rpartition(".")[2])
    return None if known else f"<{EDGE_LABEL.format(escape(name))}>"


def _summary(graph: Description) -> str:
    """The graph in one sentence, for those who do not see it."""
    calls = Counter(one_line(call.op.__name__) for call in graph.calls)
    made = ", ".join(f"{n} × {name}" if n > 1 else name for name, n in calls.items())
    names = [one_line(variable.name) for variable in graph.variables if variable.name]
    return (
        f"Computation graph{' of ' * bool(graph.title)}{one_line(graph.title)}: "
        f"{len(graph.calls)} calls ({made}), {len(graph.variables)} variables"
        f"{', among them ' * bool(names)}{', '.join(names[:20])}{', …' * (len(names) > 20)}"
    )
