"""A story as HTML: a static drawing and table, and a script that makes a page of them."""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd.files import write_whole
from autograd.function import Elementwise
from autograd.graph.stepping.listing import listings
from autograd.graph.stepping.picture import draw_story, edge_of, node_of, parts_of_story
from autograd.graph.stepping.steps import Card, Group, Step, count
from autograd.graph.stepping.story import Story
from autograd.graph.stepping.tables import Arrays
from autograd.symbols import Formula
from autograd.tape import Call, Value

HERE = Path(__file__).parent

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body class="step-through-page">
{content}
</body>
</html>
"""


class StepThrough:
    """A page that steps through a computation; it shows itself in notebooks, and saves itself."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._html: str | None = None

    @property
    def title(self) -> str:
        """What the page is about, in a few words."""
        calls = count(len(self.story.calls), "call")
        back = sum(step.kind == "backward" for step in self.story.steps)
        return f"{self.story.title or 'Computation'}: {calls} forward, {back} backward"

    def to_html(self) -> str:
        """The page as a piece of HTML. Several may stand in one document."""
        if self._html is None:
            self._html = _content(self.story, self.title)
        return self._html

    def save(self, path: str | os.PathLike[str]) -> str:
        """Write the page to a file, .html or .htm, that needs no other; return its path.

        Folders are made as needed, and the file is there whole or not at all. Raises ValueError
        for another suffix.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(
                f"The steps are saved as a page, in a file whose name ends in .html; {path.name!r} "
                f"has {repr(path.suffix) if path.suffix else 'no suffix'}."
            )
        page = PAGE.format(title=html.escape(self.title), content=self.to_html())
        write_whole(path, page.encode())
        return str(path)

    def __repr__(self) -> str:
        return f'<{self.title}; .save("steps.html") writes the page to a file>'

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str]:
        bundle = {"text/html": self.to_html(), "text/plain": repr(self)}
        wanted = set(bundle if include is None else include) - set(exclude or ())
        return {kind: content for kind, content in bundle.items() if kind in wanted}


def _content(story: Story, title: str) -> str:
    """What remains where scripts are stripped comes first; the script takes it over."""
    svg = draw_story(story).pipe("svg", encoding="utf-8")
    picture = base64.b64encode(svg.encode()).decode()
    width, height = re.findall(r'<svg [^>]*?width="(\d+)pt" height="(\d+)pt"', svg)[0]
    data = json.dumps(_data(story), separators=(",", ":"), ensure_ascii=False)
    rows = "".join(_row(i, step) for i, step in enumerate(story.steps))
    return f"""<div class="step-through" data-lm-suppress-shortcuts="true">
<h3>{html.escape(title)}</h3>
<div class="without-script">
<img alt="{html.escape(title)}" width="{width}" height="{height}" src="data:image/svg+xml;base64,\
{picture}">
<table><thead><tr><th>Step</th><th>What happens</th><th>Source</th></tr></thead>
<tbody>{rows}</tbody></table>
</div>
<script type="application/json">{_in_script(data)}</script>
<style>{_file("page.css")}</style>
<script>(() => {{ "use strict";
{_file("tables.js")}{_file("page.js")}}})();</script>
</div>"""


def _in_script(text: str) -> str:
    """JSON that cannot end the script it stands in."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _file(name: str) -> str:
    return HERE.joinpath(name).read_text(encoding="utf-8")


def _row(number: int, step: Step) -> str:
    line = step.call.line.text if step.kind == "forward" and step.call and step.call.line else ""
    said = html.escape(" ".join((step.said, *step.notes)))
    return f"<tr><td>{number}</td><td>{said}</td><td><code>{html.escape(line)}</code></td></tr>"


class _Formulas:
    """The formulas of a page, each once."""

    def __init__(self) -> None:
        self.entries: dict[str, int] = {}

    def place(self, formula: Formula) -> int:
        """Where it stands among the entries."""
        return self.entries.setdefault(formula.mathml, len(self.entries))


def _data(story: Story) -> dict[str, Any]:
    """What the script shows, besides the table of what it says; what is missing is empty."""
    arrays, formulas = Arrays(), _Formulas()
    sources = listings(call.line for call in story.calls if call.line)
    places = {key: i for i, key in enumerate(sources)}

    def card(one: Card) -> list[Any]:
        array = -1 if one.array is None else arrays.place(one.array, one.row_axes)
        shown = [one.role, one.sign, one.name, one.of, array]
        if one.formula is not None or one.note:
            shown += [-1 if one.formula is None else formulas.place(one.formula), one.note]
        return shown

    def group(one: Group) -> dict[str, Any]:
        rows = [[card(each) for each in row] for row in one.rows]
        return _without_blanks({"title": one.title, "note": one.note, "rows": rows})

    def step(one: Step) -> dict[str, Any]:
        shown: dict[str, Any] = {"kind": one.kind, "title": "" if one.call else one.title}
        shown |= {"notes": one.notes, "groups": [group(each) for each in one.groups]}
        if one.call is not None:
            shown |= {"part": f"c{one.call.number}", "edges": _edges(story, one.kind, one.call)}
        return _without_blanks(shown)

    def call(one: Step) -> dict[str, Any]:
        assert one.call is not None
        shown = _about(one.call, one.title)
        if one.formula is not None:
            shown["formula"] = formulas.place(one.formula)
        line = one.call.line
        if line and (line.file, line.function) in places:
            shown["line"] = [places[line.file, line.function], line.number]
        return _without_blanks(shown)

    steps = [step(one) for one in story.steps]
    calls = {f"c{s.call.number}": call(s) for s in story.steps if s.call and s.kind == "forward"}
    return {
        "steps": steps,
        "calls": calls,
        "parts": parts_of_story(story),
        "arrays": arrays.entries,
        "formulas": list(formulas.entries),
        "sources": [{"title": one.title, "lines": one.lines} for one in sources.values()],
    }


def _edges(story: Story, kind: str, call: Call) -> list[str]:
    """The edges along which values or gradients go at a step."""
    names = call.inputs if kind == "forward" else call.gradients
    values = [call.inputs[name] for name in names]
    sources = [node_of(story, x) for x in values if isinstance(x, Value)]
    return [edge_of(source, f"c{call.number}") for source in dict.fromkeys(sources)]


def _about(call: Call, title: str) -> dict[str, Any]:
    """What is said of a call at each of its two steps."""
    return {
        "title": title,
        "operation": call.op.__name__,
        "about": (call.op.__doc__ or "").partition("\n")[0],
        "module": f"{call.module} ({call.module_kind})" if call.module else call.module_kind,
        "outputs": list(call.outputs),
        "elementwise": issubclass(call.op, Elementwise),
    }


def _without_blanks(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if value not in ("", (), [], None, False)}
