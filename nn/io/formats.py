"""Arrays by name as the bytes of a file, and back: safetensors, and NumPy's .npz without pickle.

What cannot be decoded raises ValueError with the reason alone; the file is named by the caller.
"""

from __future__ import annotations

import importlib.metadata
import io
import zipfile
import zlib
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]

# The dtypes that both formats have, by safetensors' names for them; little-endian in the file.
DTYPES = {
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
    "BOOL": "|b1",
    "I8": "|i1",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "U8": "|u1",
    "U16": "<u2",
    "U32": "<u4",
    "U64": "<u8",
}

# What reading a damaged archive or array can raise, beside ValueError.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError),
    *(NotImplementedError, RuntimeError, SyntaxError, MemoryError),
)


def to_npz(arrays: Arrays) -> bytes:
    """The arrays as an archive that `np.load` reads, in their order."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:  # np.savez could not take any name
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return content.getvalue()


def from_npz(content: bytes) -> Arrays:
    """The arrays of an archive that `np.savez` or `to_npz` made."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # An entry's check sum is compared before anything in it is believed.
            entries = {name: archive.read(name) for name in archive.namelist()}
    except (ValueError, *DAMAGED) as error:
        raise ValueError(_damaged(error)) from error
    return {name.removesuffix(".npy"): _from_npy(name, one) for name, one in entries.items()}


def _from_npy(name: str, content: bytes) -> Array:
    if not content.startswith(np.lib.format.MAGIC_PREFIX):
        hint = " It looks like a file of torch.save." if name.endswith("data.pkl") else ""
        raise ValueError(f"its entry {name!r} is no array.{hint}")
    try:
        array: Array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except (ValueError, *DAMAGED) as error:
        if "Object arrays" in str(error):
            raise ValueError(
                f"its entry {name!r} holds Python objects. They are not loaded, because that "
                "could run any code; save arrays of numbers."
            ) from None
        raise ValueError(f"its entry {name!r} is damaged ({error}).") from error
    return array


def to_safetensors(arrays: Arrays) -> bytes:
    """The arrays as Hugging Face's format, little-endian and in C order."""
    metadata = {"format": "np", "writer": "readable-autograd", "version": _version()}
    content: bytes = _safetensors().numpy.save(arrays, metadata)
    return content


def from_safetensors(content: bytes) -> Arrays:
    """The arrays of a safetensors file; bfloat16, which NumPy lacks, exactly as float32."""
    library = _safetensors()
    try:
        entries = library.deserialize(content)
    except library.SafetensorError as error:
        hint = " It is a zip archive: an .npz file, or one of torch.save."
        raise ValueError(_damaged(error) + hint * content.startswith(b"PK")) from error
    return {name: _from_bytes(name, **entry) for name, entry in entries}


def _from_bytes(name: str, dtype: str, shape: list[int], data: bytes) -> Array:
    if dtype == "BF16":  # the upper half of a float32
        bits = np.frombuffer(data, "<u2").astype("<u4") << np.uint32(16)
        return bits.view("<f4").reshape(shape)
    if dtype not in DTYPES:
        raise ValueError(
            f"{name} has the dtype {dtype}, for which there are no weights here. Convert it where "
            "the file was made, such as with tensor.float() in PyTorch."
        )
    return np.frombuffer(data, DTYPES[dtype]).reshape(shape)


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(
            "Files that end in .safetensors need the package safetensors. Install it: "
            'pip install -e ".[weights]"; or use the suffix .npz, which needs nothing.'
        ) from None
    return safetensors


def _version() -> str:
    try:
        return importlib.metadata.version("readable-autograd")
    except importlib.metadata.PackageNotFoundError:  # run from its folder, not installed
        return "not installed"


def _damaged(error: Exception) -> str:
    return f"it cannot be read ({error}). It is cut off or damaged, or has another format."
