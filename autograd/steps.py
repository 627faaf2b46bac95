"""The recording of a whole training step that is going on, for those who take part in it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from autograd.compiling.snapshot import Snapshot
    from autograd.compiling.stepping import StepTracer

# Who changes lasting memory by plain NumPy calls (an optimiser's step) asks, and hands them over.
recording_step: ContextVar[StepTracer | None] = ContextVar("autograd_step", default=None)


class Effect(NamedTuple):
    """What Python does at each replay beside the recorded calls.

    Attributes:
        owner: who does it.
        prepare: before the calls; answers whether the recording stands for what is to be done.
        done: after them.
        note: notes in a snapshot all that it changes, but for arrays that the calls write.
        looks: whether the owner still looks at steps, for which they are done as they are.
    """

    owner: Any
    prepare: Callable[[], bool]
    done: Callable[[], None]
    note: Callable[[Snapshot], None]
    looks: Callable[[], bool] = lambda: False
