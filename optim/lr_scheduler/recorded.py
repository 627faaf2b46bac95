"""A schedule's step as part of a step that is being recorded (see `autograd.compile`)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from autograd.steps import Effect

if TYPE_CHECKING:
    from autograd.compiling.snapshot import Snapshot
    from autograd.compiling.stepping import StepTracer
    from optim.lr_scheduler.base import LRScheduler


def record_step(schedule: LRScheduler, recorder: StepTracer) -> None:
    """Set the rates of the next step now, and after each replay.

    Raises TracingError before the optimiser's step, which in a replay has its rates already.
    """
    if not any(effect.owner is schedule.optimizer for effect in recorder.effects):
        optimizer = type(schedule.optimizer).__name__
        recorder.refuse(
            f"{type(schedule).__name__}.step() comes before the step of its {optimizer}, which in "
            "a replay has its rates from the beginning",
            "step the optimiser first, then the schedule",
        )

    def note(snapshot: Snapshot) -> None:
        snapshot.also(partial(schedule.load_state_dict, schedule.state_dict()))

    recorder.effect(Effect(schedule, lambda: True, schedule._advance, note))
    note(recorder.before)
    schedule._check_groups()
    schedule._advance()
