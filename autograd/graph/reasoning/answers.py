"""An answer to why a gradient is as it is, written out as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import prod
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from autograd.graph.canvas import one_line
from autograd.graph.data import Call
from autograd.graph.explaining.columns import Cells, html_table, in_columns
from autograd.graph.explaining.paths import Path
from autograd.graph.numbers import brief, number, size_of
from autograd.places import ModulePlace

if TYPE_CHECKING:
    from autograd.graph.reasoning.asking import Answer

IN_FULL = 3  # paths that are shown call by call
LONGEST = 12  # calls of a path that are shown; of more, those at both ends
LONGEST_LINE = 60  # characters of a source line
WIDTH = 92
HEADINGS = ("call", "module", "line", "gradient of", "size", "factor", "share of the change")
SIZES = (
    "Sizes are root mean squares of the entries. A factor is what a call makes of the size; the "
    "shares divide the whole change among the calls, on a logarithmic scale."
)


def text(a: Answer) -> str:
    """The answer as plain text."""
    lines = wrap(_headline(a), WIDTH)
    for i, reason in enumerate(a.reasons, 1):
        place = _place(reason.call)
        lines += ["", f"{i}. {one_line(reason.kind)}{f', at {place}' * bool(place)}"]
        lines += _indented(reason.says)
        lines += _indented(reason.fix, "   fix  ")
    for i, path in enumerate(a.paths[:IN_FULL], 1):
        lines += ["", _summary(a, path, i)]
        lines += [f"   {one}" for one in in_columns([HEADINGS, *_rows(a, path)])]
    others = a.paths[IN_FULL:]
    lines += [""] * bool(others)
    lines += [_summary(a, path, i) for i, path in enumerate(others, IN_FULL + 1)]
    lines += _rest(a)
    lines += ["", *wrap(SIZES, WIDTH)] if a.paths else []
    lines += ["", *wrap(a.note, WIDTH)] if a.note else []
    return "\n".join(lines)


def html(a: Answer) -> str:
    """The answer as HTML that needs no styles or scripts of the page."""
    parts = [f"<p><b>{escape(_headline(a))}</b></p>"]
    if a.reasons:
        items = (
            f"<li><b>{escape(one_line(one.kind))}</b> {escape(_place(one.call))}"
            f"<br>{escape(one.says)}<br><i>Fix:</i> {escape(one.fix)}</li>"
            for one in a.reasons
        )
        parts.append(f"<ol>{''.join(items)}</ol>")
    for i, path in enumerate(a.paths, 1):
        summary = escape(_summary(a, path, i))
        if i > IN_FULL:
            parts.append(f"<div>{summary}</div>")
            continue
        table = html_table([HEADINGS, *_rows(a, path)])
        parts.append(f"<details{' open' * (i == 1)}><summary>{summary}</summary>{table}</details>")
    notes = (*_rest(a), SIZES * bool(a.paths), a.note)
    parts += [f"<p>{escape(one)}</p>" for one in notes if one]
    return f"<div>{''.join(parts)}</div>"


def _headline(a: Answer) -> str:
    paths = f"{a.count:,} paths" if a.count > 1 else "one path"
    match a.verdict:
        case "missing":
            return f"{a.variable} gets no gradient from {a.result}."
        case "unknown":
            return f"{a.variable} is connected with {a.result}, by {paths}."
        case "zero":
            return (
                f"The gradient of {a.variable} is exactly 0. It comes from {a.result}, by {paths}."
            )
    assert a.gradient is not None
    words = {
        "not finite": "is not finite",
        "vanishing": "has all but vanished",
        "small": "is small",
        "healthy": "is healthy",
        "large": "is large",
    }
    zeros = float(np.mean(a.gradient == 0))
    facts = [f"size {number(size_of(a.gradient), 3)}"]
    if a.gradient.size > 1:
        facts.append(f"entries {brief(a.gradient).partition(', mean')[0]}")
        facts.append(f"{number(100 * zeros, 3)} % of them 0")
    return f"The gradient of {a.variable} {words[a.verdict]}: {', '.join(facts)}, by {paths}."


def _place(call: Call | None) -> str:
    """Where a call is: what it is, the module, the line and what stands there."""
    if call is None:
        return ""
    words = [call.label]
    if call.module is not None:
        words.append(f"in {ModulePlace(call.module, call.module_kind or '')}")
    if call.line is not None:
        text = call.line.text
        shown = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"
        words.append(f"in {call.line}: {shown}")
    return one_line(" ".join(words))


def _indented(words: str, first: str = "   ") -> list[str]:
    return wrap(words, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))


def _summary(a: Answer, path: Path, i: int) -> str:
    """One path in one line."""
    below = [a.names[link.below] for link in path.links]
    if len(below) > LONGEST:
        below = [*below[: LONGEST // 2], "…", *below[-LONGEST // 2 :]]
    which = f"path {i}" if a.count > 1 else "the path"
    return f"{which}  {' → '.join([a.result, *below])}: size {number(path.size, 3)}"


def _rest(a: Answer) -> list[str]:
    left = a.count - len(a.paths)
    if not left or not a.paths or a.gradient is None:
        return []
    rest = a.gradient - sum(path.contribution for path in a.paths)
    return [f"The other {left:,} paths bring together a gradient of size {number(size_of(rest))}."]


def _rows(a: Answer, path: Path) -> Iterator[Cells]:
    facts = list(zip(path.links, path.sizes[1:], path.factors, path.shares, strict=True))
    half = LONGEST // 2
    head, middle, tail = facts, [], []
    if len(facts) > LONGEST:
        head, middle, tail = facts[:half], facts[half:-half], facts[-half:]
    for part in (head, tail):
        for link, size, factor, share in part:
            call = link.call
            place = "" if call.module is None else ModulePlace(call.module, call.module_kind or "")
            line = "" if call.line is None else str(call.line)
            yield (
                one_line(call.label),
                one_line(str(place)),
                one_line(line),
                a.names[link.below],
                *_numbers(size, factor, share),
            )
        if part is head and middle:
            factor = prod(one[2] for one in middle)
            share = sum(one[3] for one in middle)
            yield f"… {len(middle):,} calls", "", "", "…", *_numbers(middle[-1][1], factor, share)


def _numbers(size: float, factor: float, share: float) -> Cells:
    return number(size, 3), f"× {number(factor, 3)}", f"{number(100 * share, 3)} %"
