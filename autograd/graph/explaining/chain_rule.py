"""An explanation written out: the chain rule in words, Unicode, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from html import escape
from math import isnan
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from autograd.graph.canvas import one_line
from autograd.graph.explaining.columns import Cells, html_table, in_columns
from autograd.graph.explaining.paths import Path
from autograd.graph.explaining.ways import Link
from autograd.graph.numbers import brief, number, size_of
from autograd.symbols.boxes import Box, Fenced, Fraction, Row, Sign, Word
from autograd.symbols.expression import Apply, Constant, Expression, Name
from autograd.symbols.layout import lay_out

if TYPE_CHECKING:
    from autograd.graph.explaining.explanation import Explanation

IN_FULL = 3  # paths that are shown link by link
LONGEST = 12  # links of a path that are shown; of more, those at both ends
MATHML = "http://www.w3.org/1998/Math/MathML"
LONGEST_RULE = 64  # characters
SIZE = "Sizes are root mean squares of the entries."


# In lines of text


def text(e: Explanation) -> str:
    """The explanation as plain text."""
    lines = [_headline(e), "", *_definitions(e)]
    for i, path in enumerate(e.paths[:IN_FULL], 1):
        lines += ["", _summary(e, path, i)]
        lines += [f"    {one}" for one in _details(e, path)]
    if len(e.paths) > IN_FULL:
        lines.append("")
        lines += [_summary(e, path, i) for i, path in enumerate(e.paths[IN_FULL:], IN_FULL + 1)]
    lines += [*_rest(e), "", *_words(e)]
    return "\n".join(lines)


def _headline(e: Explanation) -> str:
    shown = f" = {brief(e.gradient)}"
    if e.gradient.size != 1:
        shown = f", of shape {e.gradient.shape} and size {number(size_of(e.gradient))}"
    paths = f"{e.count:,} paths" if e.count > 1 else "one path"
    return f"{_partial(e.result, e.variable).unicode()}{shown}, by {paths}"


def _definitions(e: Explanation) -> list[str]:
    """What the values on the paths are, from the result on."""
    found: dict[str, str] = {}
    for path in e.paths[:IN_FULL]:
        for link in _ends(path):
            if link is not None:
                formula = e.names.definition(link.call)
                found.setdefault(link.above, f"{e.names[link.above]} = {formula}")
    return [f"    {one}" for one in found.values()]


def _summary(e: Explanation, path: Path, i: int) -> str:
    """One path in one line."""
    which = f"path {i}  " if e.count > 1 else ""
    return f"{which}{_chain(e, path)}: {_amount(e, path.contribution)}"


def _chain(e: Explanation, path: Path) -> str:
    below = ["…" if link is None else e.names[link.below] for link in _ends(path)]
    return " → ".join([e.result, *below])


def _amount(e: Explanation, contribution: np.ndarray) -> str:
    size = "" if contribution.size == 1 else "size "
    value = brief(contribution) if contribution.size == 1 else number(size_of(contribution))
    return f"{size}{value}{_percent(e, contribution)}"


def _percent(e: Explanation, contribution: np.ndarray) -> str:
    share = e.share(contribution)
    return "" if isnan(share) or e.count == 1 else f" ({number(100 * share, 3)} %)"


def _rest(e: Explanation) -> list[str]:
    left = e.count - len(e.paths)
    if not left:
        return []
    which = "the largest" if e.surely_largest else "the largest that were found"
    return [f"the other {left:,} together: {_amount(e, e.rest)}; the paths above are {which}"]


def _words(e: Explanation) -> list[str]:
    if e.gradient.size == 1:
        change = f"{number(e.gradient.item())} · ε"
        said = f"If {e.variable} grows by a small ε, {e.result} changes by about {change}."
    else:
        said = (
            f"If one entry of {e.variable} grows by a small ε, {e.result} changes by about ε times "
            f"that entry of the gradient. {SIZE}"
        )
    if e.count > 1:
        said = f"The gradient is the sum over all paths. {said}"
    return [line for one in filter(None, (said, e.note)) for line in wrap(one, 90)]


def _ends(path: Path) -> list[Link | None]:
    """The links of a path; of a long one those at both ends, with None between them."""
    if len(path.links) <= LONGEST:
        return list(path.links)
    half = LONGEST // 2
    return [*path.links[:half], None, *path.links[-half:]]


def _details(e: Explanation, path: Path) -> list[str]:
    """Of single numbers the product along the path, else a table of its links."""
    if not _is_of_numbers(path):
        return in_columns([HEADINGS, *_rows(e, path)])
    first, *others = (box.unicode() for box in _without_repeats(_products(e, path)))
    return [f"  {first}", *(f"= {one}" for one in others)]


# Link by link, where there are arrays

HEADINGS = ("call", "value", "shape", "its gradient, from g, the one before", "size", "line")


def _rows(e: Explanation, path: Path) -> Iterator[Cells]:
    sizes = dict(zip(path.links, path.sizes[1:], strict=True))
    for link in _ends(path):
        if link is None:
            yield ("…", f"({len(path.links) - LONGEST:,} more)", "", "", "", "")
            continue
        yield (
            one_line(link.call.label),
            e.names[link.below],
            str(link.shapes[1]),
            _rule(e, link),
            number(sizes[link]),
            str(link.call.line or ""),
        )


def _rule(e: Explanation, link: Link) -> str:
    """What a link makes of the gradient g that comes to it."""
    tree = e.names.rule(link).tree
    if link.is_elementwise:
        tree = Name("g") if tree == Constant(1) else _product([Name("g"), tree])
    rule = one_line(lay_out(tree).unicode())
    return rule if len(rule) <= LONGEST_RULE else f"{rule[:LONGEST_RULE]}…"


# As an equation, where there are single numbers only


def _is_of_numbers(path: Path) -> bool:
    return all(link.is_of_numbers for link in path.links)


def _products(e: Explanation, path: Path) -> list[Box]:
    """The contribution of a path: as derivatives, as their formulas, in numbers, as a number."""
    links = _ends(path)
    formulas, numbers = (
        [Name("…") if link is None else form(e, link) for link in links]
        for form in (_formula, _number)
    )
    total = Constant(path.contribution.item())
    return [_derivatives(e, path), *map(lay_out, (_product(formulas), _product(numbers), total))]


def _formula(e: Explanation, link: Link) -> Expression:
    return e.names.rule(link).tree if link.is_elementwise else _number(e, link)


def _number(e: Explanation, link: Link) -> Expression:  # noqa: ARG001 (as `_formula`)
    return Constant(link.send(np.ones(link.shapes[0])).item())


def _derivatives(e: Explanation, path: Path) -> Box:
    links = _ends(path)
    return _joined("·", [Sign("…") if x is None else _partial_of(e, x) for x in links])


def _partial_of(e: Explanation, link: Link) -> Box:
    return _partial(e.names[link.above], e.names[link.below])


def _partial(above: str, below: str) -> Box:
    over, under = Row((Sign("∂"), Word(above))), Row((Sign("∂"), Word(below)))
    return Fraction(over, under, Row((over, Sign("/"), under)))


def _product(factors: list[Expression]) -> Expression:
    return reduce(lambda a, b: Apply(np.multiply, (a, b)), factors)


def _joined(sign: str, boxes: list[Box]) -> Box:
    parts: list[Box] = []
    for one in boxes:
        parts += [Sign(sign, spaced=True), one] if parts else [one]
    return Row(tuple(parts))


def _equation(e: Explanation) -> tuple[Box, list[Box]]:
    """The whole chain rule: the derivative, and what it is equal to, one after the other."""
    shown = e.paths[:IN_FULL]
    more: list[Box] = [Sign("…")] if e.count > len(shown) else []
    sums = [_joined("+", [*(_derivatives(e, path) for path in shown), *more])]
    if all(map(_is_of_numbers, shown)) and e.gradient.size == 1:
        columns = zip(*(_products(e, path)[1:] for path in shown), strict=True)
        sums += [_sum([*column, *more]) for column in columns]
        if e.count > 1:
            sums.append(lay_out(Constant(e.gradient.item())))
    return _partial(e.result, e.variable), _without_repeats(sums)


def _without_repeats(boxes: list[Box]) -> list[Box]:
    """The boxes without those that say what the one before says."""
    return [box for i, box in enumerate(boxes) if not i or box != boxes[i - 1]]


def _sum(terms: list[Box]) -> Box:
    """The sum of terms; of several, negative ones in brackets."""
    if len(terms) == 1:
        return terms[0]
    return _joined("+", [Fenced(x) if x.unicode().startswith("−") else x for x in terms])


def latex(e: Explanation) -> str:
    """The chain rule as LaTeX."""
    left, sums = _equation(e)
    lines = [f"{left.latex()} &= {sums[0].latex()}", *(f"&= {one.latex()}" for one in sums[1:])]
    joined = " \\\\\n".join(lines).replace("∂", "\\partial ")
    return f"\\begin{{aligned}}\n{joined}\n\\end{{aligned}}"


# As HTML


def html(e: Explanation) -> str:
    """The explanation as HTML that needs no styles or scripts of the page."""
    left, sums = _equation(e)
    sides = [Row((left, Sign("=", spaced=True), sums[0]))]
    sides += [Row((Sign("=", spaced=True), one)) for one in sums[1:]]
    parts = [
        f"<p><b>{escape(_headline(e))}</b></p>",
        *(f'<div style="overflow-x:auto;padding:4px 0">{_math(one)}</div>' for one in sides),
        *(f"<div><code>{escape(one.strip())}</code></div>" for one in _definitions(e)),
        *(_as_html(e, path, i) for i, path in enumerate(e.paths, 1)),
        *(f"<p>{escape(one)}</p>" for one in (*_rest(e), " ".join(_words(e)))),
    ]
    return f"<div>{''.join(parts)}</div>"


def _math(box: Box) -> str:
    return f'<math xmlns="{MATHML}" displaystyle="true">{box.mathml()}</math>'


def _as_html(e: Explanation, path: Path, i: int) -> str:
    summary = escape(_summary(e, path, i))
    if i > IN_FULL:
        return f"<div>{summary}</div>"
    if _is_of_numbers(path):
        return f"<details open><summary>{summary}</summary>{_lines(_details(e, path))}</details>"
    table = html_table([HEADINGS, *_rows(e, path)])
    return f"<details{' open' * (i == 1)}><summary>{summary}</summary>{table}</details>"


def _lines(lines: list[str]) -> str:
    return "".join(f"<div><code>{escape(one)}</code></div>" for one in lines)
