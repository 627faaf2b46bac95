"""Files of published data sets: found in a folder, or downloaded once; always checked."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

from autograd.files import write_whole
from nn.bars import progress_bar
from nn.data.idx import contents, unpacked

TIMEOUT = 30  # seconds without a byte before the next mirror is tried
PIECE = 1 << 16


class Published(NamedTuple):
    """A file as it was published: plain or packed by gzip as name.gz.

    Attributes:
        name: without .gz.
        size: of the unpacked content, in bytes.
        content: checksum of the unpacked content, "sha256:…" or "md5:…".
        packed: SHA-256 of name.gz as the mirrors have it; "" where `content` is one already.
    """

    name: str
    size: int
    content: str
    packed: str = ""


class Collection(NamedTuple):
    """The files of a data set, and the addresses of folders that have them, to try in order."""

    name: str
    mirrors: Sequence[str]
    files: Sequence[Published]


def cache_folder() -> Path:
    """Where this system keeps a user's files that can be had again, and our folder in it."""
    home = Path.home()
    if named := os.environ.get("XDG_CACHE_HOME"):
        base = Path(named)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = home / ".cache"
    return base / "readable-autograd"


def read_collection(
    collection: Collection, folder: str | os.PathLike[str] | None
) -> dict[str, bytes]:
    """The checked contents of a data set's files, unpacked, by name.

    Args:
        folder: where the files lie, name or name.gz; None for our folder in the user's cache,
            into which what is missing is downloaded.

    Raises:
        FileNotFoundError: a file is missing in the folder given.
        ConnectionError: no mirror gave a file.
        ValueError: a file is not as published.
    """
    where = cache_folder() / collection.name if folder is None else Path(folder)
    read = {}
    for file in collection.files:
        path = next((p for p in _paths(file, where) if p.is_file()), None)
        if path is None and folder is not None:
            raise FileNotFoundError(
                f"{collection.name}: {file.name} (or {file.name}.gz) is not in {where}. "
                f"{_by_hand(collection, where)} Without a folder, they are downloaded."
            )
        if path is None:
            read[file.name] = _download(collection, file, where)
        else:
            try:
                read[file.name] = _checked(file, path.read_bytes())
            except ValueError as error:
                raise ValueError(
                    f"{path} is not the file as published: {error}. It is not used. Delete it, "
                    "and get it anew."
                ) from error
    return read


def _paths(file: Published, folder: Path) -> tuple[Path, Path]:
    return folder / f"{file.name}.gz", folder / file.name


def _by_hand(collection: Collection, folder: Path) -> str:
    names = ", ".join(f"{file.name}.gz" for file in collection.files)
    return f"It takes {names}, packed or not, from {collection.mirrors[0]}, in {folder}."


def _checked(file: Published, data: bytes) -> bytes:
    """The unpacked content. Raises ValueError, with the reason, if it is not the published one."""
    content = contents(unpacked(BytesIO(data)), file.name, file.size + 1)
    if len(content) < file.size:
        raise ValueError(f"it ends after {len(content):,} of {file.size:,} bytes unpacked")
    if len(content) > file.size:
        raise ValueError(f"it has more than {file.size:,} bytes unpacked")
    if (found := _checksum(file.content, content)) != file.content:
        raise ValueError(f"its content has the checksum {found}, not {file.content}")
    return content


def _checksum(expected: str, content: bytes) -> str:
    """The content's checksum, by the method of the one expected."""
    method = expected.partition(":")[0]
    return f"{method}:{hashlib.new(method, content, usedforsecurity=False).hexdigest()}"


def _download(collection: Collection, file: Published, folder: Path) -> bytes:
    """Fetch name.gz from the first mirror that has it as published, into the folder."""
    failures = []
    for mirror in collection.mirrors:
        address = f"{mirror}{file.name}.gz"
        try:
            data = _fetch(address, most=file.size + PIECE)
            if file.packed and hashlib.sha256(data).hexdigest() != file.packed:
                raise ValueError(f"its SHA-256 is not {file.packed}, as published")
            content = _checked(file, data)
        except (OSError, HTTPException, ValueError) as error:
            failures.append(f"  {address}: {error}")
        else:
            write_whole(folder / f"{file.name}.gz", data)
            return content
    raise ConnectionError(
        f"{collection.name}: {file.name}.gz could not be downloaded:\n"
        + "\n".join(failures)
        + f"\nIs this machine offline? Then bring the files from another. "
        f"{_by_hand(collection, folder)} Or name the folder they are in: "
        f"nn.data.{collection.name}(folder)."
    )


def _fetch(address: str, most: int) -> bytes:
    """What is at an address, with a progress bar in a terminal or notebook.

    Raises OSError or HTTPException if it cannot be had, ValueError if it is longer than `most`.
    """
    try:
        response = urlopen(address, timeout=TIMEOUT)
    except HTTPError as error:
        error.close()  # it holds the connection, and later Pythons warn of one forgotten
        raise
    promised = int(response.headers.get("Content-Length") or 0)
    received = bytearray()
    name = address.rpartition("/")[2]
    with (
        response,
        progress_bar(
            total=promised or None, desc=name, unit="B", unit_scale=True, leave=False
        ) as progress,
    ):
        while piece := response.read(PIECE):
            received += piece
            progress.update(len(piece))
            if len(received) > most:
                raise ValueError(f"it is longer than the file published, {most:,} bytes")
    if len(received) < promised:
        raise ConnectionError(f"the connection ended after {len(received):,} of {promised:,} bytes")
    return bytes(received)
