"""What is written in the boxes of a drawing, at its arrows, and in words for those who read it."""

from __future__ import annotations

from collections import Counter
from math import inf
from textwrap import wrap

from autograd import ops
from autograd.graph.canvas import escape, one_line
from autograd.graph.colouring import SCALE, STATUSES, range_of, text_on
from autograd.graph.data import Call, Description, Edge, Variable
from autograd.graph.frames import Frame
from autograd.graph.grouping import Picture
from autograd.graph.notation import INFIX, renamed
from autograd.graph.numbers import brief, brief_gradient, number
from autograd.symbols.formula import Formula

TAG = (  # text on its own ground, which reads on light and on dark pages
    '<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="3"><TR><TD BGCOLOR="#EEF1F4" STYLE="rounded">'
    '<FONT POINT-SIZE="{size}" COLOR="#3C444C">{text}</FONT></TD></TR></TABLE>'
)
SMALL = '<FONT POINT-SIZE="11">{}</FONT>'

LONGEST_NAME = 40  # characters in a box; tooltips have all
LONGEST_LINE = 80  # of a source line

COMMUTATIVE = (ops.Add, ops.Multiply, ops.Maximum, ops.Minimum, ops.Equal, ops.NotEqual)
SIDES = {"x": "left", "y": "right"}  # the inputs of what is written between its operands


def tag(text: str, size: int = 10) -> str:
    """A label with its own ground."""
    return f"<{TAG.format(text=text, size=size)}>"


def variable_label(variable: Variable, graph: Description, with_gradient: bool) -> str:
    """Name; shape and dtype; value and gradient, if the description has them."""
    lines = [SMALL.format(f"{variable.shape} {variable.dtype}")]
    if variable.name:
        lines.insert(0, f"<B>{escape(variable.name, LONGEST_NAME)}</B>")
    if variable.value is not None:
        lines.append(SMALL.format(escape(f"= {brief(variable.value)}")))
    words = gradient_words(variable, graph) if with_gradient else ""
    if words:
        lines.append(SMALL.format(f"<B>{escape(f'∇ {words}', LONGEST_NAME)}</B>"))
    return f"<{'<BR/>'.join(lines)}>"


def gradient_words(variable: Variable, graph: Description) -> str:
    """A variable's gradient, or why it has none; nothing if it wants none."""
    status = variable.gradient_status
    if status == "blocked":
        calls = dict.fromkeys(graph.call[key].label for key in variable.blocked_at)
        return f"blocked at {', '.join(calls)}"
    if status != "computed":
        return status if variable.requires_grad else ""
    return brief_gradient(variable.gradient)


def variable_tooltip(variable: Variable, graph: Description, with_gradient: bool) -> str:
    """All of it in words."""
    words = [variable.kind, variable.name or "", f"{variable.shape} {variable.dtype}"]
    if variable.kind == "result" and not variable.requires_grad:
        words.append("without gradient")
    gradient = gradient_words(variable, graph) if with_gradient else ""
    return escape(" ".join(filter(None, words)) + f", gradient {gradient}" * bool(gradient))


def call_label(call: Call) -> str:
    """The operation, and the settings below it."""
    size = 18 if call.op in (*INFIX, ops.Square) else 13
    settings = f"<BR/>{SMALL.format(escape(', '.join(call.settings)))}"
    label = f'<B><FONT POINT-SIZE="{size}">{escape(call.label)}</FONT></B>'
    return f"<{label}{settings if call.settings else ''}>"


def call_tooltip(call: Call) -> str:
    """The operation with its settings, what it is, and where it was called."""
    words = f"{call.op.__name__}({', '.join(call.settings)})"
    summary = (call.op.__doc__ or "").partition("\n")[0]
    line = f"{call.line}: {call.line.text:.{LONGEST_LINE}}" if call.line else ""
    return escape(" — ".join(filter(None, (f"{words}: {summary}" if summary else words, line))))


def frame_label(frame: Frame, variables: list[Variable]) -> str:
    """A folded frame: what it is, what it holds, and the sizes of the gradients in it."""
    held = count_of_calls(frame)
    title = escape(frame.title or held, LONGEST_NAME)
    lines = [f"<B>{title}</B>", SMALL.format(held)]
    sizes = range_of(variables)
    if sizes:
        lines.append(SMALL.format(f"<B>∇ sizes {escape(sizes)}</B>"))
    return f"<{'<BR/>'.join(lines)}>"


def count_of_calls(frame: Frame) -> str:
    """How many calls a frame holds, in words."""
    calls = sum(1 for _ in frame.calls())
    return f"{calls:,} call{'s' * (calls > 1)}{' each' * (frame.times > 1)}"


def ends(edge: Edge, graph: Description) -> tuple[Call, Variable] | None:
    """The call and the variable that an edge joins; None if it leads to a folded frame."""
    keys = (edge.source, edge.target)
    call = next((graph.call[key] for key in keys if key in graph.call), None)
    variable = next((graph.variable[key] for key in keys if key in graph.variable), None)
    return None if call is None or variable is None else (call, variable)


def role(edge: Edge, call: Call) -> str:
    """Which input or output of the call an edge is."""
    return SIDES.get(edge.name, edge.name) if call.op in INFIX else edge.name


def telling_role(edge: Edge, graph: Description) -> str | None:
    """The role of an edge if it has to be told apart from others and says something new."""
    joined = ends(edge, graph)
    if joined is None or not _is_one_of_many(edge, joined[0], graph):
        return None
    call, variable = joined
    name = role(edge, call)
    known = name in ("x", (variable.name or "").rpartition(".")[2])
    return None if known or call.op in COMMUTATIVE else name


def _is_one_of_many(edge: Edge, call: Call, graph: Description) -> bool:
    others = graph.edges_to if edge.target == call.key else graph.edges_from
    return len(others[call.key]) > 1


def edge_label(edge: Edge, call: Call, graph: Description) -> str | None:
    """Which input or output this is, and the local gradient, as far as there is need to tell."""
    name = telling_role(edge, graph)
    if edge.formula is not None and _is_one_of_many(edge, call, graph):
        name = role(edge, call)
    lines = [escape(name)] if name else []
    if edge.formula is not None:
        sign = "∂" if call.op.signature.elementwise else "∇"
        formula = _with_sides(edge.formula) if call.op in INFIX else edge.formula
        lines.append(escape(f"{sign} = {formula}", LONGEST_NAME))
    if edge.local_gradient is not None:
        jacobian = "" if call.op.signature.elementwise else "Jacobian "
        lines.append(escape(f"{jacobian}= {brief(edge.local_gradient)}"))
        if lines[-2:-1] == [f"∂ {lines[-1]}"]:
            lines.pop()
    return tag("<BR/>".join(lines)) if lines else None


def _with_sides(formula: Formula) -> Formula:
    """A formula in the names that operands have to the left and right of a sign."""
    return Formula(renamed(formula.tree, SIDES))


def legend(picture: Picture, with_gradients: bool) -> str | None:
    """What the colours mean, and what was folded; None if there is nothing to say."""
    rows = []
    if with_gradients:
        cells = "".join(
            f'<TD BGCOLOR="{colour}" WIDTH="44" HEIGHT="20"><FONT POINT-SIZE="10" '
            f'COLOR="{text_on(colour)}">{word or " "}</FONT></TD>'
            for _, colour, word in SCALE
        )
        limits = "".join(
            f'<TD><FONT POINT-SIZE="10">{f"≤ {number(limit)}" if limit < inf else "above"}</FONT>'
            "</TD>"
            for limit, _, _ in SCALE
        )
        heading = "size of the gradient ∇: the root mean square of its entries"
        rows = [
            f'<TR><TD COLSPAN="{len(SCALE)}">{heading}</TD></TR><TR>{cells}</TR><TR>{limits}</TR>'
        ]
    for note in filter(None, (picture.note, picture.graph.note)):
        lines = "<BR/>".join(map(escape, wrap(note, 70)))
        rows.append(f'<TR><TD COLSPAN="{len(SCALE)}">{lines}</TD></TR>')
    if not rows:
        return None
    return (
        '<<FONT POINT-SIZE="11" COLOR="#1A1A1A"><TABLE BORDER="1" CELLBORDER="0" CELLSPACING="1" '
        f'BGCOLOR="#FFFFFF" COLOR="#8A939C" STYLE="rounded">{"".join(rows)}</TABLE></FONT>>'
    )


def summary(graph: Description, note: str, with_gradients: bool) -> str:
    """The graph in one sentence, for those who do not see it."""
    calls = Counter(one_line(call.op.__name__) for call in graph.calls)
    made = ", ".join(f"{n} × {name}" if n > 1 else name for name, n in calls.items())
    names = [one_line(variable.name) for variable in graph.variables if variable.name]
    without = [
        f"{one_line(x.name or str(x.shape))} ({x.gradient_status})"
        for x in graph.variables
        if with_gradients and x.kind == "leaf" and x.gradient_status in STATUSES
    ]
    return (
        f"Computation graph{' of ' * bool(graph.title)}{one_line(graph.title)}: "
        f"{len(graph.calls)} calls ({made}), {len(graph.variables)} variables"
        f"{', among them ' * bool(names)}{_some(names)}"
        f"{'. Without a gradient: ' * bool(without)}{_some(without)}"
        f"{'. ' * bool(note)}{note}"
    )


def _some(names: list[str]) -> str:
    return f"{', '.join(names[:20])}{', …' * (len(names) > 20)}"
