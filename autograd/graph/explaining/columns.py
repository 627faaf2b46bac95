"""Small tables, as lines of text and as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

Cells = tuple[str, ...]

CELL = 'style="text-align:left;padding:2px 10px;vertical-align:top"'


def in_columns(rows: Iterable[Cells]) -> list[str]:
    """The rows as lines of text; a column that has no entry below its heading takes no room."""
    full = _without_empty(list(rows))
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    lines = []
    for row in full:
        cells = (f"{cell:<{n}}" for cell, n in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    return lines


def html_table(rows: Iterable[Cells]) -> str:
    """The rows as a table, the first one as its headings."""
    headings, *others = _without_empty(list(rows))
    head = "".join(f"<th {CELL}>{escape(one)}</th>" for one in headings)
    body = (_row(row) for row in others)
    return f"<table><tr>{head}</tr>{''.join(body)}</table>"


def _row(row: Cells) -> str:
    return f"<tr>{''.join(f'<td {CELL}>{escape(cell)}</td>' for cell in row)}</tr>"


def _without_empty(rows: Sequence[Cells]) -> list[Cells]:
    filled = [i for i, column in enumerate(zip(*rows[1:], strict=True)) if any(column)]
    return [tuple(row[i] for i in filled) for row in rows]
