"""The drawing of a page: calls and what they start from, with the values and gradients in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.graph.canvas import Drawing, escape
from autograd.graph.numbers import brief, number
from autograd.graph.stepping.steps import label_of_call
from autograd.graph.stepping.story import Story
from autograd.tape import Call, Value

# Filled shapes whose text has its contrast within them, and lines of a middle grey, on no
# background: the drawing stands on light and on dark pages, also without page.css. That finds the
# parts by these classes, and the values and gradients, which appear in their turn, by their inks.
VALUE_INK, GRADIENT_INK, CALL_VALUE_INK, CALL_GRADIENT_INK = (
    *("#0B4F8A", "#A33A00"),
    *("#BFE0FF", "#FFC9A3"),
)
FONT = {"fontname": "Helvetica,Arial,sans-serif", "fontsize": "13"}
GRAPH = {"bgcolor": "transparent", "nodesep": "0.25", "ranksep": "0.3", "pad": "0.1"}
NODE = FONT | {"shape": "box", "style": "filled", "height": "0.36", "margin": "0.12,0.06"}
KINDS = {
    "call": {"style": "rounded,filled", "fillcolor": "#1F4E79", "color": "#6FA8DC"},
    "leaf": {"fillcolor": "#FFE2AD", "color": "#C26A00", "penwidth": "2.5"},
    "constant": {"fillcolor": "#E4E9EE", "color": "#5F6B76", "style": "filled,dashed"},
}
EDGE = FONT | {"fontsize": "10", "color": "#7F8790", "penwidth": "1.6", "arrowsize": "0.7"}
EDGE |= {"fontcolor": "#7F8790"}

LONGEST_NAME = 28  # characters; tooltips have all


def node_of(story: Story, value: Value) -> str:
    """The part of the drawing where a value is: its call, or itself if it came from outside."""
    made = value.made_by
    return f"v{story.outside.index(value)}" if value in story.outside else f"c{made}"


def edge_of(source: str, target: str) -> str:
    """The class of the edge between two parts."""
    return f"{source}-{target}"


def draw_story(story: Story) -> Drawing:
    """The drawing as it is at the end, with all values and gradients."""
    drawing = Drawing(
        comment=f"Computation graph{' of ' * bool(story.title)}{story.title}",
        format="svg",
        graph_attr=GRAPH,
        node_attr=NODE,
        edge_attr=EDGE,
    )
    back = {step.call.number for step in story.steps if step.call and step.kind == "backward"}
    for i, value in enumerate(story.outside):
        kind = "leaf" if value.requires_grad else "constant"
        text = f"<B>{escape(story.names[value], LONGEST_NAME)}</B>"
        inks = VALUE_INK, GRADIENT_INK
        label = f"<{text}{_facts(value, story.gradients.get(value), inks)}>"
        tip = escape(f"{story.names[value]} {value.shape} {value.dtype}")
        drawing.node(f"v{i}", label, tooltip=tip, **{"class": f"{kind} v{i}"}, **KINDS[kind])
    for call in story.calls:
        key = f"c{call.number}"
        tip = escape(f"{call.op.__name__}: {(call.op.__doc__ or '').partition(chr(10))[0]}")
        kind = "call" if call.number in back else "call side"
        label = _call_label(story, call)
        drawing.node(key, label, tooltip=tip, **{"class": f"{kind} {key}"}, **KINDS["call"])
        for name, x in call.inputs.items():
            if isinstance(x, Value):
                source = node_of(story, x)
                drawing.edge(
                    source,
                    key,
                    style="solid" if name in call.gradients or not back else "dashed",
                    weight="4" if source.startswith("c") else "1",
                    tooltip=escape(f"{story.names[x]} is {name} of {call.op.__name__}"),
                    **{"class": edge_of(source, key)},
                )
    return drawing


def _call_label(story: Story, call: Call) -> str:
    label, settings = label_of_call(call)
    text = f'<FONT COLOR="#FFFFFF"><B>{escape(label, LONGEST_NAME)}</B></FONT>'
    if settings:
        text += _line(escape(", ".join(settings), LONGEST_NAME), "#FFFFFF", 10)
    upstream = call.upstream
    for name, value in call.outputs.items():
        text += _line(escape(story.names[value], LONGEST_NAME), "#DCE6F0", 11)
        text += _facts(value, upstream.get(name), (CALL_VALUE_INK, CALL_GRADIENT_INK))
    return f"<{text}>"


def _facts(value: Value, gradient: Any, inks: tuple[str, str]) -> str:
    """The value and its gradient: if they are few numbers, themselves, else shape and norm."""
    few = value.array.size == 1 or value.shape == (2,)
    text = _line(escape(brief(value.array) if few else str(value.shape)), inks[0], 11)
    if gradient is not None:
        norm = np.linalg.norm(np.asarray(gradient, np.float64)).item()
        size = f"∇ {brief(gradient)}" if few else f"‖∇‖ {number(norm, 3)}"
        text += _line(escape(size), inks[1], 11)
    return text


def _line(text: str, ink: str, size: int) -> str:
    return f'<BR/><FONT POINT-SIZE="{size}" COLOR="{ink}">{text}</FONT>'


def parts_of_story(story: Story) -> Mapping[str, Mapping[str, int]]:
    """For each part of the drawing the steps at which its value and its gradient are there."""
    forward = {
        s.call.number: i for i, s in enumerate(story.steps) if s.kind == "forward" and s.call
    }
    parts = {f"c{number}": {"forward": i} for number, i in forward.items()}
    parts |= {f"v{i}": {"forward": 0} for i in range(len(story.outside))}
    for i, step in enumerate(story.steps):
        if step.kind == "backward" and step.call:
            parts[f"c{step.call.number}"]["backward"] = i
            for name in step.call.gradients:
                value = step.call.inputs[name]
                if value in story.outside:
                    parts[node_of(story, value)]["backward"] = i  # the last one counts
    return parts
