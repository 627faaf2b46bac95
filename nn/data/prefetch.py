"""Making things in a background thread, ahead of who needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextvars import copy_context
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any


def ahead(items: Iterable[Any], most: int) -> Iterator[Any]:
    """The same items in the same order, up to `most` of them made before they are asked for.

    An error in making one is raised here, with its traceback, after those before it. The thread
    ends with the items, or when the iterator is closed or forgotten.
    """
    ready: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    room = Semaphore(most - 1)  # the first is made without asking
    stopped = False

    def work() -> None:
        try:
            for item in items:
                ready.put(("item", item))
                room.acquire()
                if stopped:
                    return
            ready.put(("end", None))
        except BaseException as error:
            ready.put(("error", error))

    # With the settings of who asks (no_grad and the like): a thread starts without.
    thread = Thread(target=copy_context().run, args=(work,), name="prefetch", daemon=True)
    thread.start()
    try:
        while (made := ready.get())[0] == "item":
            room.release()
            yield made[1]
        if made[0] == "error":
            raise made[1]
    finally:
        stopped = True
        room.release()
        thread.join()
