"""Work shared among threads: NumPy lets other threads run while it computes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Share = TypeVar("Share")

_pool: ThreadPoolExecutor | None = None  # made when first needed
_count: int | None = None  # as set; None follows the machine


def get_num_threads() -> int:
    """How many threads large elementwise work is shared among.

    As set by `set_num_threads`, else the environment's OMP_NUM_THREADS, which NumPy's BLAS follows
    too, else the number of cores that this process may use.
    """
    if _count is not None:
        return _count
    return _machines()


@cache  # NumPy's BLAS does not look again either
def _machines() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def set_num_threads(count: int) -> None:
    """Share large elementwise work among so many threads; 1 keeps to the calling one.

    The threads of matrix products are those of NumPy's BLAS, which reads OMP_NUM_THREADS when it is
    loaded. Raises TypeError or ValueError if count is not a positive whole number.
    """
    global _count
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"set_num_threads takes a whole number, not {count!r}.")
    if count < 1:
        raise ValueError(f"set_num_threads takes a positive number, not {count}.")
    _count = count


def share(work: Callable[[Share], object], shares: Sequence[Share]) -> None:
    """Do `work` on every share, each in a thread; the first is the calling thread's own.

    Returns when all are done, and raises what one of them raised. The shares must not write into
    the same memory.
    """
    others = [_executor().submit(copy_context().run, work, one) for one in shares[1:]]
    try:
        work(shares[0])
    finally:
        for other in others:
            other.exception()  # waits
    for other in others:
        other.result()


def _executor() -> ThreadPoolExecutor:
    global _pool
    if _pool is None:
        from concurrent.futures import ThreadPoolExecutor  # loaded when first needed

        _pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="autograd")
    return _pool


def _forget() -> None:
    """A forked process has none of the threads."""
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
