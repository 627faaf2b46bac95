"""Arrays of the user's own, from NumPy's files."""

from __future__ import annotations

import os
import zipfile
import zlib

import numpy as np

from nn.data.arguments import Array, count_examples


def read_npz(path: str | os.PathLike[str], x: str = "x", y: str = "y") -> tuple[Array, Array]:
    """Examples and their targets from an .npz file, as `np.savez(path, x=…, y=…)` writes.

    Args:
        path: of the file.
        x, y: the names that the two arrays have in it.

    Returns:
        The two arrays, equally long along their first axis.

    Raises:
        OSError: the file cannot be opened.
        KeyError: there is no array of that name; says which there are.
        ValueError: it is no .npz file, or is damaged; an array holds Python objects, which may run
            a program when they are read, so they never are; the arrays are not equally long.
    """
    name = os.fspath(path)
    with open(path, "rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError(
                f"read_npz: {name} is no .npz file, or is cut off. Such files are written by "
                "np.savez(path, x=x, y=y)."
            )
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            missing = [key for key in (x, y) if key not in arrays.files]
            if missing:
                raise KeyError(
                    f"read_npz: {name} has no array {missing[0]!r}, but {', '.join(arrays.files)}. "
                    "Name those wanted: read_npz(path, x=…, y=…)."
                )
            try:
                pair = arrays[x], arrays[y]
            except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
                if "allow_pickle" in str(error):
                    raise ValueError(
                        f"read_npz: {name} holds Python objects, which may run a program when they "
                        "are read. Save numbers only, as arrays of one dtype and full shape."
                    ) from error
                raise ValueError(f"read_npz: {name} is damaged ({error}).") from error
    count_examples(pair, "read_npz")
    return pair
