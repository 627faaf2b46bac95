"""Tables of the user's own: from the columns of a CSV file to arrays."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

import numpy as np

from autograd import get_default_dtype
from nn.data.arguments import Array
from nn.data.cells import Cells, as_number, is_missing, read_cells


def _most_frequent(values: list[Any]) -> Any:
    """The value that occurs most often; the least of several."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))


FILLS: dict[str, Callable[[list[float]], float]] = {  # for a column of these numbers
    "mean": fmean,
    "median": median,
    "most_frequent": _most_frequent,
}


@dataclass(frozen=True)
class Column:
    """How a column is read.

    Attributes:
        name: in the file's first line.
        categories: its values, sorted, if it is categorical; None if it is numeric.
        fill: what missing cells are read as; None if they are an error.
    """

    name: str
    categories: tuple[str, ...] | None
    fill: float | str | None = None


@dataclass(frozen=True, repr=False)
class Table:
    """A CSV file as arrays, and how its columns were read.

    Attributes:
        x: (n, features), of the default dtype: numeric columns as they are, each categorical one as
            a column of 0 and 1 for each category.
        y: the target: (n, 1) of the default dtype if it is numeric, as a network with one output
            answers; (n,) int64, the classes' numbers, if it is categorical; None without a target.
        feature_names: of the columns of x; "colour=red" for a category.
        classes: what the numbers in y stand for; None if the target is numeric or there is none.
        columns: how the columns of x were read, with what missing cells were filled with.
        target: how the column of y was read, or None.
    """

    x: Array
    y: Array | None
    columns: tuple[Column, ...]
    target: Column | None

    @property
    def feature_names(self) -> list[str]:
        return [
            one.name if category is None else f"{one.name}={category}"
            for one in self.columns
            for category in one.categories or (None,)
        ]

    @property
    def classes(self) -> list[str] | None:
        known = self.target.categories if self.target else None
        return None if known is None else list(known)

    def __repr__(self) -> str:
        aim = "no target"
        if self.target:
            kinds = f"classes {', '.join(self.classes)}" if self.classes else "a number"
            aim = f"target {self.target.name!r}: {kinds}"
        return f"Table({len(self.x)} rows; features {', '.join(self.feature_names)}; {aim})"


def read_csv(
    path: str | os.PathLike[str],
    target: str | None = None,
    *,
    categorical: Collection[str] = (),
    ignore: Collection[str] = (),
    missing: str = "error",
    delimiter: str = ",",
    like: Table | None = None,
) -> Table:
    """Read a CSV file whose first line has the names of its columns.

    A column is numeric if all its cells are numbers, and categorical if none is. Cells that are
    empty or say NA, N/A, NaN, null or ? are missing.

    Args:
        path: of the file, in UTF-8.
        target: the column to predict.
        categorical: columns of numbers that are names, such as a target of 0 and 1 that stands for
            no and yes; and columns of which some cells are numbers and others text.
        ignore: columns to leave out, such as numbers and names of the examples.
        missing: what to do about missing cells: "error"; or fill them with the column's "mean",
            "median" or "most_frequent" value (categorical columns: always the latter), of all lines
            of this file. Those of the target are always an error.
        delimiter: what stands between cells.
        like: a table read before, from the training examples: this file is read the same way, with
            the same categories and the same values for missing cells. Its order of columns may
            differ, and the target may be absent.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it cannot be read as such a table; says which line and column, and what to do.

    Example:
        train = read_csv("train.csv", target="price", missing="median")
        test = read_csv("test.csv", like=train)
    """
    if missing not in ("error", *FILLS):
        raise ValueError(
            f"read_csv: missing is 'error', {', '.join(map(repr, FILLS))}, not {missing!r}."
        )
    cells = read_cells(path, delimiter)
    if like is None:
        columns, aim = _learn_all(cells, target, categorical, ignore, missing)
    elif target or categorical or ignore or missing != "error":
        raise ValueError(
            "read_csv: like=… says all about the columns; leave target, categorical, ignore and "
            "missing out."
        )
    else:
        columns, aim = like.columns, like.target
        _require_columns(cells, [one.name for one in columns])
    aimed = aim if aim and aim.name in cells.columns else None
    _require_values(cells, [*columns, aimed] if aimed else columns)
    x = np.concatenate([_features(cells, one) for one in columns], axis=1)
    return Table(x, _target(cells, aimed) if aimed else None, columns, aim)


def _require_columns(cells: Cells, names: Iterable[str]) -> None:
    for name in names:
        if name not in cells.columns:
            near = difflib.get_close_matches(name, cells.columns, n=1)
            raise ValueError(
                f"{cells.file} has no column {name!r}{f'; is it {near[0]!r}?' if near else '.'} "
                f"Its columns are {', '.join(cells.columns)}."
            )


def _learn_all(
    cells: Cells,
    target: str | None,
    categorical: Collection[str],
    ignore: Collection[str],
    missing: str,
) -> tuple[tuple[Column, ...], Column | None]:
    """How the columns are to be read, and how the target is."""
    for names, setting in ((categorical, "categorical"), (ignore, "ignore")):
        if isinstance(names, str):
            raise TypeError(f"read_csv: {setting} is a list of columns: {setting}=[{names!r}].")
    _require_columns(cells, [*([target] if target else []), *categorical, *ignore])
    features = [name for name in cells.columns if name not in ignore and name != target]
    if not features or target in ignore:
        raise ValueError(f"{cells.file}: nothing is left beside the target and what is ignored.")
    columns = tuple(_learn(cells, name, name in categorical, missing) for name in features)
    # Without a fill: what is to be learned must be known.
    return columns, _learn(cells, target, target in categorical, "error") if target else None


def _learn(cells: Cells, name: str, categorical: bool, missing: str) -> Column:
    """How a column is to be read."""
    known = [cell for cell in cells.columns[name] if not is_missing(cell)]
    where = f"{cells.file}: column {name!r}"
    if not known:
        raise ValueError(f"{where} is empty. Leave it out: ignore=[{name!r}].")
    numbers = [number for cell in known if (number := as_number(cell)) is not None]
    if not categorical and len(numbers) == len(known):
        return Column(name, None, None if missing == "error" else FILLS[missing](numbers))
    if not categorical and numbers:
        line, cell = next(_each(cells, name, lambda one: as_number(one) is None))
        raise ValueError(
            f"{cells.file}, line {line}, column {name!r}: {cell!r} is no number, but "
            f"{len(numbers)} of the column's {len(known)} cells are. Mend it (decimals have a "
            f"point, missing cells are empty); or, if its numbers are names, say "
            f"categorical=[{name!r}]."
        )
    categories = sorted(set(known), key=lambda c: (as_number(c) is None, as_number(c) or 0, c))
    if not categorical and len(categories) > max(20, len(known) / 2):
        raise ValueError(
            f"{where} has {len(categories)} different texts in {len(known)} lines, too many to "
            f"learn from. Leave it out, ignore=[{name!r}]; or, if they are categories all the "
            f"same, say categorical=[{name!r}]."
        )
    fill = None if missing == "error" else _most_frequent(known)
    return Column(name, tuple(categories), fill)


def _each(cells: Cells, name: str, wrong: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """The column's cells that are wrong without being missing, with their lines."""
    pairs = zip(cells.lines, cells.columns[name], strict=True)
    return ((line, cell) for line, cell in pairs if not is_missing(cell) and wrong(cell))


def _require_values(cells: Cells, columns: Iterable[Column]) -> None:
    """Raise ValueError if cells are missing that are not to be filled."""
    gaps = []
    for column in columns:
        pairs = zip(cells.lines, cells.columns[column.name], strict=True)
        lines = [line for line, cell in pairs if is_missing(cell)]
        if lines and column.fill is None:
            gaps.append(f"{column.name!r} {len(lines)} (the first in line {lines[0]})")
    if gaps:
        raise ValueError(
            f"{cells.file}: cells are missing, by column: {', '.join(gaps)}. In the training "
            'file, fill them with missing="mean", "median" or "most_frequent", or leave columns '
            "out with ignore=[…]; lines without a target are to be taken out of the file."
        )


def _features(cells: Cells, column: Column) -> Array:
    """(n, features): the column's numbers, or a 1 in the place of its category."""
    if column.categories is None:
        return _numbers(cells, column)
    return np.eye(len(column.categories), dtype=get_default_dtype())[_places(cells, column)]


def _target(cells: Cells, column: Column) -> Array:
    return _numbers(cells, column) if column.categories is None else _places(cells, column)


def _numbers(cells: Cells, column: Column) -> Array:
    for line, cell in _each(cells, column.name, lambda one: as_number(one) is None):
        raise ValueError(
            f"{cells.file}, line {line}, column {column.name!r}: {cell!r} is no number, as the "
            "column's cells are in the training file."
        )
    texts = cells.columns[column.name]
    numbers = np.array([column.fill if is_missing(one) else float(one) for one in texts], float)
    dtype = get_default_dtype()
    too_large = np.abs(numbers) > np.finfo(dtype).max
    if too_large.any():
        place = int(too_large.argmax())
        raise ValueError(
            f"{cells.file}, line {cells.lines[place]}, column {column.name!r}: {texts[place]} is "
            f"too large for {dtype}."
        )
    return numbers.astype(dtype)[:, np.newaxis]


def _places(cells: Cells, column: Column) -> Array:
    """(n,) int64: which of the column's categories each cell is."""
    places = {category: i for i, category in enumerate(column.categories or ())}
    for line, cell in _each(cells, column.name, lambda one: one not in places):
        raise ValueError(
            f"{cells.file}, line {line}, column {column.name!r}: {cell!r} is a category that the "
            f"training file does not have; it has {', '.join(places)}."
        )
    texts = cells.columns[column.name]
    return np.array([places[str(column.fill) if is_missing(one) else one] for one in texts])
