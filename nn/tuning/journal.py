"""The file of a search: JSON lines, of which a process that is killed loses none it had written.

The first line says which search it is; each further one is a finished trial, forced to the disk
before the search goes on. Only the end of the file is ever written to.
"""

from __future__ import annotations

import json
import os
import re
from math import isfinite
from pathlib import Path
from typing import Any

from autograd.files import force_entry

Record = dict[str, Any]

FORMAT = 1


class Journal:
    """The open file of a search. Closed by `close`.

    Args:
        path: where; made if it is not there, continued if it is. A last line that was cut off by
            the death of its process is removed.
        head: what the search is, by name. A file must begin with the same.

    Attributes:
        records: the trials that were already in it.

    Raises:
        ValueError: the file is of another search, or not of a search at all.
        OSError: it cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike[str], head: Record) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        head = {"search": FORMAT, **head}
        self._file = self.path.open("a+b", buffering=0)
        try:
            self._file.seek(0)
            content = self._file.read()
            lines, whole = _whole_lines(content)
            records = _parse(lines, self.path)
            if records:
                _check_same(records[0], head, self.path)
            self._file.truncate(whole)
            if content[:whole] and not content[:whole].endswith(b"\n"):
                self._append(b"\n")
            if not records:
                self.add(head)
                force_entry(self.path.parent)
        except BaseException:
            self._file.close()
            raise
        self.records = records[1:]

    def add(self, record: Record) -> None:
        """Write a line, and come back when it is on the disk."""
        self._append(json.dumps(record, allow_nan=False).encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, line: bytes) -> None:
        while line:  # a disk may take a part only
            line = line[self._file.write(line) :]
        os.fsync(self._file.fileno())


def read(path: str | os.PathLike[str]) -> tuple[Record, list[Record]]:
    """What the search in a file is, and its trials. The file may be written to meanwhile.

    Raises ValueError if it is not of a search, OSError if it cannot be read.
    """
    records = _parse(_whole_lines(Path(path).read_bytes())[0], Path(path))
    if not records:
        raise ValueError(f"{path} is empty: no search has begun to write to it.")
    return records[0], records[1:]


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers and text as they are, anything else by its name."""
    if hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, float) and not isfinite(value):
        return repr(value)  # JSON has no infinity
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return getattr(value, "__name__", None) or described(value)


def described(value: Any) -> str:
    """Its repr, without addresses, which differ from run to run."""
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))


def _whole_lines(content: bytes) -> tuple[list[bytes], int]:
    """The lines that were written to their end, and how many bytes they have together.

    Of a last line without newline only that may be missing: then it is JSON, which no part of an
    object is.
    """
    *lines, rest = content.split(b"\n")
    if rest:
        try:
            json.loads(rest)
        except ValueError:
            return lines, len(content) - len(rest)
        lines.append(rest)
    return lines, len(content)


def _parse(lines: list[bytes], path: Path) -> list[Record]:
    records = []
    for i, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise ValueError(
                f"{path}, line {i}: this is no JSON ({error}). Only a last line can be cut off by "
                "the death of a process; has the file been edited? Mend or delete the line, or "
                "name another file."
            ) from None
        wanted = "search" if i == 1 else "trial"
        if not isinstance(record, dict) or wanted not in record:
            raise ValueError(
                f"{path}, line {i}: this is no results file of a search, whose first line has "
                'the entry "search" and every other one "trial". Name another file.'
            )
        records.append(record)
    return records


def _check_same(found: Record, head: Record, path: Path) -> None:
    if found != head:
        differ = [name for name in {**found, **head} if found.get(name) != head.get(name)]
        lines = [f"  {n}: there {found.get(n)!r}, here {head.get(n)!r}" for n in differ]
        raise ValueError(
            f"{path} holds another search, so it is not continued:\n"
            + "\n".join(lines)
            + "\nName another file, or delete this one; or search as it says."
        )
