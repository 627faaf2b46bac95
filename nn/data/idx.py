"""The IDX format, in which MNIST and its relatives come: one array of numbers, often gzipped.

Two zero bytes, one for the type, one for the number of axes; the sizes, four bytes each; then the
numbers, the last axis fastest. All numbers have their highest byte first. Source: the description
on the MNIST page of Y. LeCun, C. Cortes and C. Burges.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from typing import IO

import numpy as np

from nn.data.arguments import Array

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PIECE = 1 << 20


def read_idx(path: str | os.PathLike[str]) -> Array:
    """The array in an IDX file, plain or gzipped, with numbers in this machine's byte order.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is no IDX file, or is damaged: cut off, too long, or not to be unpacked.
    """
    with open(path, "rb") as file:
        return parse(unpacked(file), os.fspath(path))


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """What a file holds: the file itself, or what is packed in it if it is a gzip file."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[return-value]


def contents(file: IO[bytes], name: str, most: int) -> bytes:
    """The next bytes, at most so many, whatever a damaged or hostile file promises.

    Raises ValueError if they cannot be unpacked.
    """
    pieces = []
    try:
        while most > 0 and (piece := file.read(min(most, PIECE))):
            pieces.append(piece)
            most -= len(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(
            f"{name} cannot be unpacked ({error}): it was cut off or damaged on its way"
        ) from error
    return b"".join(pieces)


def parse(file: IO[bytes], name: str) -> Array:
    """The array in an open IDX file, which errors call `name`."""
    start = contents(file, name, 4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in TYPES:
        raise ValueError(
            f"{name} is no IDX file: it begins with {start.hex(' ') or 'nothing'}, where IDX files "
            "have 00 00, a type (08 for bytes) and the number of axes."
        )
    dtype, ndim = np.dtype(TYPES[start[2]]), start[3]
    sizes = contents(file, name, 4 * ndim)
    if len(sizes) < 4 * ndim:
        raise ValueError(f"{name}: the IDX file ends within the sizes of its {ndim} axes.")
    shape = tuple(np.frombuffer(sizes, ">u4").tolist())
    expected = math.prod(shape) * dtype.itemsize
    numbers = contents(file, name, expected + 1)
    if len(numbers) != expected:
        found = f"only {len(numbers):,}" if len(numbers) < expected else "more"
        raise ValueError(
            f"{name}: the IDX file promises an array of {shape}, {expected:,} bytes, and has "
            f"{found}. It was cut off or damaged on its way; get it anew."
        )
    array: Array = np.frombuffer(numbers, dtype).astype(dtype.newbyteorder("=")).reshape(shape)
    return array
