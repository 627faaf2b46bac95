"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Put `content` at `path` in one step: who reads there finds the old file or the new one.

    The bytes go to a file of another name in the same folder (made if need be), are forced to the
    disk, read back and compared, and only then take the place of what was at `path`. A process
    that is killed meanwhile leaves the old file as it was, and beside it perhaps an unfinished
    one, `.name.….unfinished`, which may be deleted. A link is followed.

    Raises OSError if the file cannot be written, or reads back differently; the old one stays.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.unfinished")
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if unfinished.read_bytes() != content:
            raise OSError(
                f"{path} was not written: the disk gave back other bytes than it was given. What "
                "was there before is unchanged. Try another disk."
            )
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    force_entry(path.parent)


def force_entry(folder: Path) -> None:
    """Have a folder's new entry survive a power failure, where the system lets us say so."""
    if os.name == "posix":
        entry = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)
