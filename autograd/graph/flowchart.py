"""A computation graph as Mermaid text, which GitHub and other viewers of Markdown draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd.graph.canvas import one_line
from autograd.graph.colouring import style_of
from autograd.graph.data import Description, Edge, Variable
from autograd.graph.description import describe
from autograd.graph.drawing import CALL, FOLDED, KINDS, STOP
from autograd.graph.frames import Frame
from autograd.graph.grouping import Picture, fold
from autograd.graph.labels import LONGEST_NAME, count_of_calls, gradient_words, telling_role
from autograd.graph.numbers import brief
from autograd.graph.text import Target, Text

# Whatever means something to Mermaid, to Markdown or to HTML is written as a number.
SPECIAL = frozenset('"#&;<>`|{}[]*_~$%@/:')


def mermaid(
    target: Target,
    *args: Any,
    values: bool = False,
    gradients: bool = False,
    depth: int | None = None,
) -> Text:
    """The graph as text for Mermaid: between "```mermaid" and "```", a README shows it drawn.

    It shows what `draw` shows, folded in the same way; for the arguments see there.
    """
    graph = describe(target, *args, values=values, gradients=gradients)
    picture = fold(graph, depth, identical=not (values or gradients))
    lines = ["flowchart TD", *_frame(picture.root, _boxes(graph, picture, gradients), picture, 1)]
    lines += [f"  {_edge(edge, picture.graph)}" for edge in picture.graph.edges]
    lines += _classes(picture)
    if gradients:
        for variable in picture.graph.variables:
            style = style_of(variable)
            if style:
                colours = f"fill:{style['fillcolor']},color:{style['fontcolor']}"
                lines.append(f"  style {variable.key} {colours}")
    notes = [note for note in (picture.note, graph.note) if note]
    lines += [f"  note{i}>{_quoted([note])}]" for i, note in enumerate(notes)]
    return Text("\n".join(lines))


def _boxes(graph: Description, picture: Picture, gradients: bool) -> dict[str, str]:
    """The nodes by key, as Mermaid has them."""
    boxes = {}
    for x in picture.graph.variables:
        boxes[x.key] = f"{x.key}({_quoted(_words(x, graph, gradients))})"
    for call in picture.graph.calls:
        words = _quoted([call.label, ", ".join(call.settings)])
        stops = any(edge.is_cut for edge in graph.edges_to[call.key])
        boxes[call.key] = f"{call.key}{{{{{words}}}}}" if stops else f"{call.key}([{words}])"
    for key, frame in picture.folded.items():
        boxes[key] = f"{key}[[{_quoted([frame.title, count_of_calls(frame)])}]]"
    return boxes


def _words(variable: Variable, graph: Description, gradients: bool) -> list[str]:
    lines = [variable.name or "", f"{variable.shape} {variable.dtype}"]
    if variable.value is not None:
        lines.append(f"= {brief(variable.value)}")
    words = gradient_words(variable, graph) if gradients else ""
    return [*lines, f"∇ {words}"] if words else lines


def _frame(frame: Frame, boxes: dict[str, str], picture: Picture, depth: int) -> Iterator[str]:
    """The lines of what stands in a frame, and of the frames within it."""
    indent = "  " * depth
    for key in picture.directly_in(frame):
        yield indent + boxes[key]
    for part in frame.parts:
        if not isinstance(part, Frame) or part.key in picture.folded:
            continue
        inner = _frame(part, boxes, picture, depth + 1)
        if picture.is_drawn(part):
            yield f"{indent}subgraph {part.key}[{_quoted([part.title])}]"
            yield f"{indent}  style {part.key} fill:transparent,stroke:#7F8790"
            yield from inner
            yield f"{indent}end"
        else:
            yield from inner


def _edge(edge: Edge, graph: Description) -> str:
    arrow = "-->" if edge.has_gradient else "-.-x" if edge.is_cut else "-.->"
    name = telling_role(edge, graph)
    return f"{edge.source} {arrow}{f'|{_quoted([name])}|' if name else ''} {edge.target}"


def _classes(picture: Picture) -> Iterator[str]:
    """The looks of each kind, as in drawings, and which nodes have them."""
    graph = picture.graph
    members: dict[str, list[str]] = {}
    for variable in graph.variables:
        group = "output" if variable.key in graph.outputs else str(variable.kind)
        members.setdefault(group, []).append(variable.key)
    for call in graph.calls:
        stops = any(edge.is_cut for edge in graph.edges_to[call.key])
        members.setdefault("stop" if stops else "function", []).append(call.key)
    members.setdefault("folded", []).extend(picture.folded)
    styles = {**KINDS, "function": CALL, "stop": CALL | STOP, "folded": FOLDED}
    for kind, keys in members.items():
        if keys:
            style = styles[kind]
            dashes = ",stroke-dasharray:5 3" if "dashed" in style.get("style", "") else ""
            width = style.get("penwidth", "3" if kind == "output" else "1.5")
            yield (
                f"  classDef {kind} fill:{style['fillcolor']},stroke:{style['color']},"
                f"stroke-width:{width}px,color:{style.get('fontcolor', '#1A1A1A')}{dashes}"
            )
            yield f"  class {','.join(keys)} {kind}"


def _quoted(lines: list[str]) -> str:
    """Lines as a label, whatever is in them."""
    shown = []
    for line in map(one_line, filter(None, lines)):
        line = line.replace("\\", "∖")  # which looks the same: Mermaid reads on after a backslash
        line = line if len(line) <= LONGEST_NAME * 2 else f"{line[: LONGEST_NAME * 2 - 1]}…"
        shown.append("".join(f"#{ord(c)};" if c in SPECIAL else c for c in line))
    return f'"{"<br/>".join(shown)}"'
