"""The cells of a CSV file, with the lines that they stand in."""

from __future__ import annotations

import csv
import os
from typing import NamedTuple

MISSING = {"", "na", "n/a", "nan", "null", "?"}  # in lower case


class Cells(NamedTuple):
    """A CSV file's cells: its name, those of each column, and the line in which each row begins."""

    file: str
    columns: dict[str, list[str]]
    lines: list[int]


def read_cells(path: str | os.PathLike[str], delimiter: str) -> Cells:
    """The cells as text without surrounding blanks; empty lines do not count.

    Raises OSError if the file cannot be opened, ValueError if it is no table with a header.
    """
    file = os.fspath(path)
    rows, lines, line = [], [], 1
    with open(path, newline="", encoding="utf-8-sig") as opened:
        reader = csv.reader(opened, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if row:
                    rows.append([cell.strip() for cell in row])
                    lines.append(line)
                line = reader.line_num + 1
        except csv.Error as error:
            raise ValueError(f"{file}, line {line}: {error}.") from error
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{file} is not in UTF-8 ({error}). If it is text, save it in that encoding."
            ) from error
    if not rows:
        raise ValueError(f"{file} is empty; its first line has the names of the columns.")
    names, *rows = rows
    _check_header(file, names)
    if not rows:
        raise ValueError(f"{file} has names of columns, but no line of data.")
    for row, line in zip(rows, lines[1:], strict=True):
        if len(row) != len(names):
            raise ValueError(
                f"{file}, line {line}: {len(row)} cells, where the first line has {len(names)} "
                f"columns. A cell with {delimiter!r} or a line break in it stands in quotes."
            )
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return Cells(file, columns, lines[1:])


def _check_header(file: str, names: list[str]) -> None:
    if len(names) == 1 and (other := next((d for d in ";\t|," if d in names[0]), None)):
        raise ValueError(
            f"{file}, line 1: one column, {names[0]!r}. Say what stands between columns: "
            f"delimiter={other!r}."
        )
    for i, name in enumerate(names):
        if not name:
            raise ValueError(f"{file}, line 1: column {i + 1} has no name.")
        if name in names[:i]:
            raise ValueError(f"{file}, line 1: two columns have the name {name!r}.")
    if all(as_number(name) is not None for name in names):
        raise ValueError(
            f"{file}, line 1: the first line has the names of the columns; this one has numbers, "
            f"{', '.join(names)}. Write a line of names above it."
        )


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value: empty, NA, N/A, NaN, null or ?."""
    return cell.lower() in MISSING


def as_number(cell: str) -> float | None:
    """The finite number that a cell has, with a decimal point, or None."""
    try:
        number = float(cell)
    except ValueError:
        return None
    # Python also reads 1_000 as a number; in data it is more likely a code.
    return number if abs(number) < float("inf") and "_" not in cell else None
