"""The lessons, as their tests read them."""

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook."""

    kind: str  # "code" or "markdown"
    text: str
    tags: tuple[str, ...]
    outputs: list[dict]
    count: int | None  # its place in the order of execution


def cells(path: Path) -> list[Cell]:
    return [
        Cell(
            cell["cell_type"],
            "".join(cell["source"]),
            tuple(cell["metadata"].get("tags", ())),
            cell.get("outputs", []),
            cell.get("execution_count"),
        )
        for cell in json.loads(path.read_text("utf-8"))["cells"]
    ]


def tagged(path: Path, *tags: str) -> list[Cell]:
    """The code cells with all of these tags."""
    return [cell for cell in cells(path) if cell.kind == "code" and set(tags) <= set(cell.tags)]


def exercises(path: Path) -> list[str]:
    """The names of the exercises: a cell has the tags "exercise" and a name."""
    return [
        next(tag for tag in cell.tags if tag != "exercise") for cell in tagged(path, "exercise")
    ]
