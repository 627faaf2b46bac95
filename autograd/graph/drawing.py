"""What a drawing of a computation graph looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.graph import labels
from autograd.graph.canvas import Drawing, escape
from autograd.graph.colouring import style_of, style_of_several
from autograd.graph.data import Description, Edge
from autograd.graph.description import describe
from autograd.graph.frames import Frame
from autograd.graph.grouping import Picture, fold
from autograd.tape import Tape
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
STOP = {"shape": "octagon", "color": "#D33A2C", "penwidth": "3"}  # a call that cuts gradients off
FOLDED = {"shape": "box3d", "style": "filled", "margin": "0.24,0.1", "penwidth": "1.5"}
FOLDED |= {"fillcolor": "#CFE0F0", "color": "#3F7FB8"}
FRAME = FONT | {
    "style": "rounded,filled",
    "fillcolor": "#7F879018",
    "color": "#7F8790",
    "labeljust": "l",
}
EDGE = FONT | {"color": "#7F8790", "penwidth": "1.4", "arrowsize": "0.7"}
CUT = {"color": "#D33A2C", "arrowhead": "tee", "arrowsize": "1.2"}


def draw(
    target: Callable[..., Any] | Tensor | Tape,
    *args: Any,
    values: bool = False,
    gradients: bool = False,
    local_gradients: bool = False,
    depth: int | None = None,
) -> Drawing:
    """Draw the computation graph of a function call, `draw(fn, *args)`, or a result, `draw(loss)`.

    Variables are rounded boxes with name, shape and dtype: leaves that receive a gradient have a
    thick outline, constants a dashed one, what the function returns a double one. Calls of
    functions are ellipses. No gradient flows along dashed arrows; where one is cut off that a
    variable wants, the arrow ends in a bar, at an octagon. Modules are frames.

    Args:
        target, args: what `describe` takes; a Tensor's tape, too.
        values: write the values of variables into their boxes.
        gradients: write gradients into the boxes, and colour these by size, from vanishing (pale)
            to exploding (dark). What is exactly zero, blocked or not computed looks different.
        local_gradients: write the local gradients at the arrows, as formulas and in numbers.
        depth: how many levels of modules are open; 0 leaves each outermost module one box. By
            default as many as leave about 60 boxes. In a larger graph, identical blocks one after
            the other stand once, as "× 12" (unless numbers are shown, in which they differ), and
            where it still is too large, stretches of calls become boxes; a note says so.

    The drawing shows itself in notebooks; `drawing.save("graph.svg")` writes it to a file, and
    `drawing.view()` opens it in the browser. For the errors see `describe`.

    Example:
        draw(lambda x, y, z: ((x + y) * z) ** 2, x, y, z, values=True, gradients=True)
    """
    graph = describe(
        target,
        *args,
        values=values,
        gradients=gradients,
        local_gradients=local_gradients,
        formulas=local_gradients,
    )
    picture = fold(graph, depth, identical=not (values or gradients or local_gradients))
    drawing = Drawing(
        comment=labels.summary(graph, picture.note, gradients),
        format="svg",
        graph_attr=GRAPH | FONT,
        node_attr=FONT | {"fontcolor": "#1A1A1A"} | VARIABLE,
        edge_attr=EDGE,
    )
    _add_frame(drawing, picture.root, _boxes(graph, picture, gradients), picture)
    for edge in picture.graph.edges:
        drawing.edge(edge.source, edge.target, **_edge(edge, picture.graph))
    legend = labels.legend(picture, gradients)
    if legend:
        drawing.attr(label=legend)
    return drawing


def _boxes(graph: Description, picture: Picture, gradients: bool) -> dict[str, dict[str, str]]:
    """What is drawn as a node, by key: its label, its tooltip and its looks."""
    boxes = {}
    for variable in picture.graph.variables:
        style = KINDS["output" if variable.key in picture.graph.outputs else variable.kind]
        boxes[variable.key] = style | (style_of(variable) if gradients else {})
        boxes[variable.key] |= {
            "label": labels.variable_label(variable, graph, gradients),
            "tooltip": labels.variable_tooltip(variable, graph, gradients),
        }
    for call in picture.graph.calls:
        stops = any(edge.is_cut for edge in graph.edges_to[call.key])
        boxes[call.key] = CALL | (STOP if stops else {})
        boxes[call.key] |= {"label": labels.call_label(call), "tooltip": labels.call_tooltip(call)}
    for key, frame in picture.folded.items():
        calls = [graph.call[call.key] for call in frame.calls()]
        made = {one.key: one for call in calls for one in graph.outputs_of(call).values()}
        taken = {one.key: one for call in calls for one in graph.inputs_of(call).values()}
        within = list((made | taken).values())
        boxes[key] = FOLDED | (style_of_several(within) if gradients else {})
        boxes[key] |= {"label": labels.frame_label(frame, within), "tooltip": escape(frame.title)}
    return boxes


def _add_frame(
    drawing: Drawing, frame: Frame, boxes: dict[str, dict[str, str]], picture: Picture
) -> None:
    """Draw what stands in a frame, and the frames within it."""
    for key in picture.directly_in(frame):
        drawing.node(key, **boxes[key])
    for part in frame.parts:
        if not isinstance(part, Frame) or part.key in picture.folded:
            continue
        if picture.is_drawn(part):
            with drawing.subgraph(name=f"cluster_{part.key}") as cluster:
                title = labels.tag(escape(part.title, labels.LONGEST_NAME), 11)
                cluster.attr(label=title, tooltip=escape(part.title), **FRAME)
                _add_frame(cluster, part, boxes, picture)
        else:
            _add_frame(drawing, part, boxes, picture)


def _edge(edge: Edge, graph: Description) -> dict[str, Any]:
    """The label and the looks of an arrow."""
    looks: dict[str, Any] = {"style": "solid" if edge.has_gradient else "dashed"}
    if edge.is_cut:
        looks |= CUT
    joined = labels.ends(edge, graph)
    if joined is None:
        return looks | {"tooltip": "to or from what is folded"}
    call, variable = joined
    return looks | {
        "label": labels.edge_label(edge, call, graph),
        "tooltip": escape(f"{labels.role(edge, call)} of {call.op.__name__}"),
        "weight": "4" if variable.kind == "result" else "1",  # keeps the main line straight
    }
