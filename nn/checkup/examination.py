"""The doctor: its table of checks, and the examination itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from nn.checkup import (
    data_checks,
    gradient_checks,
    loss_checks,
    model_checks,
    optimizer_checks,
    unit_checks,
)
from nn.checkup.data import Data
from nn.checkup.patient import ROWS, DoesNotApply, Patient, Unanswered, message_of
from nn.checkup.report import Finding, Report
from nn.checkup.traceless import no_trace
from nn.module import Module
from nn.training.arguments import check_loss, check_model
from optim.optimizer import Optimizer

BUDGET = 1.7  # seconds after which no trial run is begun
OWN_FAULT = "the check itself fails, which is a fault of the doctor"
ORDER = "(model, loss, data, optimizer=None)"


class Check(NamedTuple):
    """A question: its name in the report, what it asks, and who answers it by findings."""

    name: str
    asks: str
    answer: Callable[[Patient], Iterator[Finding]]
    of_optimizer: bool = False


CHECKS = (
    Check("runs", "forward, loss and backward go through", model_checks.runs),
    Check("data", "no NaN or infinity in the data", data_checks.finite),
    Check("data", "no input is a copy of the target", data_checks.copies),
    Check("input scale", "inputs of the order of 1", data_checks.input_scale),
    Check("targets", "targets of the order of 1 in regression", data_checks.target_scale),
    Check("labels", "range, number, balance and order of classes", data_checks.labels),
    Check("modes", "training mode", model_checks.modes),
    Check("dropout", "a sensible share, not last", model_checks.dropout),
    Check("linear layers", "an activation between them", model_checks.collapse),
    Check("output range", "the last layer can give the targets", model_checks.output_range),
    Check("rows", "no leak between examples, tried in evaluation mode", model_checks.rows),
    Check("softmax", "once, over classes, not within a logarithm", loss_checks.squashed_twice),
    Check("initial loss", "what a network that knows nothing has", loss_checks.start),
    Check("loss", "depends on the prediction in its place", loss_checks.depends),
    Check("gradients", "one for every parameter", gradient_checks.arrive),
    Check("gradient sizes", "neither vanishing nor exploding", gradient_checks.sizes),
    Check("symmetry", "units start out different", unit_checks.alike),
    Check("dead units", "few rectified units are always 0", unit_checks.dead),
    Check("saturation", "activations away from their limits", unit_checks.saturated),
    Check("signal", "examples stay different from layer to layer", unit_checks.signal),
    Check("gradients", "none stays 0", gradient_checks.stuck),
    Check("overfits", "a few examples can be learned by heart", optimizer_checks.overfits),
    Check("optimizer", "holds the model's parameters", optimizer_checks.holds, True),
    Check("learning rate", "the loss falls", optimizer_checks.learning_rate, True),
)


def doctor(model: Module, loss: Any, data: Any, optimizer: Optimizer | None = None) -> Report:
    """Examine a set-up before training it: print what is wrong, how one sees it, and what to do.

    Args:
        model: the network, as it will be trained.
        loss: a function of prediction and target that gives their loss.
        data: (x, y), arrays with an example in each row; a `DataLoader`; or a list of batches
            (x, y). Of these the data is looked at, and the network run on up to 256 examples.
        optimizer: the optimiser of the model's parameters; without it, nothing is said of the
            learning rate.

    Returns:
        What was found, as printed: see `Report`.

    It takes about two seconds: longer only where single steps of the network do. All runs and steps
    are made on copies, so that model, optimiser, loss, data and random numbers are afterwards as
    before. Hooks are not called.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind, cannot be copied, or can be gone
            through once only; inputs and targets are not equally many. What fails in the network or
            the loss itself is a finding.

    Example:
        >>> report = nn.doctor(model, nn.CrossEntropyLoss(), (x, y), optim.Adam(model.parameters()))
        >>> report.healthy
        True
    """
    check_model(model, "doctor", ORDER)
    check_loss(loss, "doctor", ORDER)
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"doctor{ORDER}: the optimizer is one of optim, made with model.parameters(); this is "
            f"{type(optimizer).__name__}."
        )
    begun = time.perf_counter()
    with no_trace(model, loss, data, optimizer):
        report = _examined(model, loss, data, optimizer, begun)
    print(report)
    return report


def _examined(model: Module, loss: Any, data: Any, optimizer: Any, begun: float) -> Report:
    rows = Data(data)
    patient = Patient(model, loss, optimizer, rows, BUDGET)
    findings: list[Finding] = []
    checked: dict[str, str] = {}
    skipped: dict[str, str] = {}
    for check in CHECKS:
        if check.of_optimizer and optimizer is None:
            skipped[check.name] = "no optimizer was given"
            continue
        try:
            with np.errstate(all="ignore"):
                findings += check.answer(patient)
            asks = checked.get(check.name)
            checked[check.name] = f"{asks}; {check.asks}" if asks else check.asks
        except DoesNotApply:
            continue
        except Unanswered as why:
            skipped[check.name] = str(why)
        except Exception as error:  # one question less is better than no report
            skipped[check.name] = f"{OWN_FAULT}: {message_of(error)}"
    findings += _warned(patient, findings)
    seen = "all" if rows.whole else "the first"
    looked_at = f"{seen} {len(rows):,} examples, and ran the network on {min(len(rows), ROWS)}"
    return Report(findings, checked, skipped, looked_at, time.perf_counter() - begun)


def _warned(patient: Patient, findings: list[Finding]) -> Iterator[Finding]:
    """What the library itself warned of, where no check has said it."""
    softmax = any(one.check == "softmax" for one in findings)
    for text in patient.said:
        if not (softmax and "already come out of" in text):
            yield Finding("note", "warnings", text, "", "")
