"""Freed memory stays with the process, ready for the next step's arrays."""

from __future__ import annotations

import numpy as np


def keep_freed_memory() -> None:
    """Ask the C library to keep freed memory up to 64 MB instead of returning it at once.

    A training step allocates and frees the same arrays again and again. glibc starts by returning
    every larger block to the system, which then must fill each page with zeros anew: a quarter of
    the time of a step in the middle range. It raises its own thresholds when it sees a large block
    freed (malloc's M_MMAP_THRESHOLD, up to 32 MB); one block that is never touched is enough, and
    costs no memory. Other allocators are not affected.
    """
    np.empty((32 << 20) - (64 << 10), np.uint8)
