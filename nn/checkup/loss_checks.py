"""What the doctor asks of the loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.tape import Call, Value
from nn.checkup.kinds import (
    BINARY,
    CLASSES,
    kind_of_loss,
    plain_loss,
    unknowing_loss,
)
from nn.checkup.model_checks import maker
from nn.checkup.patient import DoesNotApply, Pass, Patient, Unanswered
from nn.checkup.report import Finding

ROUNDING = 1e-3
MUCH_ABOVE = 2.5  # times what a network that knows nothing has
SQUASHING = ("Softmax", "Sigmoid")


def squashed_twice(patient: Patient) -> Iterator[Finding]:
    """Softmax or sigmoid before a loss that applies it, or missing before one that does not."""
    kind, run = kind_of_loss(patient), patient.run
    last = maker(run, run.value_of_output)
    name = "" if last is None else last.op.__name__
    seen = f"outputs from {run.prediction.min():.3g} to {run.prediction.max():.3g}"
    where = "" if last is None else run.place(last)
    if kind in ("classes", "logits") and name in SQUASHING:
        yield Finding(
            "error",
            "softmax",
            f"The network ends in {name}, and the loss applies its own: twice makes all answers "
            "look alike, and learning slow.",
            f"{seen}; the loss takes logits, numbers of any size and sign",
            f"leave out the last {name}; for probabilities apply it to the outputs afterwards",
            where,
        )
    elif kind == "log-probabilities":
        off = float(np.abs(np.exp(run.prediction.astype(np.float64)).sum(axis=-1) - 1).max())
        if not off < ROUNDING:
            yield Finding(
                "error",
                "softmax",
                "The loss takes log-probabilities, and the outputs are none.",
                f"{seen}; their exponentials add up to 1 ± {off:.3g} in a row",
                "end in nn.LogSoftmax(), or without any softmax and take nn.CrossEntropyLoss()",
                where,
            )
    for call in _of_op(run, "Log"):
        before = maker(run, next(iter(call.inputs.values())))
        if before is not None and before.op.__name__ in SQUASHING:
            name = before.op.__name__
            ready = (
                "log_softmax (nn.CrossEntropyLoss)" if name == "Softmax" else "BCEWithLogitsLoss"
            )
            yield Finding(
                "warning",
                "softmax",
                f"A logarithm of {name}: where that rounds to 0, the loss is infinite and its "
                "gradient NaN.",
                f"Log(… {name}(…))",
                f"take both in one, which is exact: {ready}",
                run.place(call),
            )
    for call in [*_of_op(run, "Softmax"), *_of_op(run, "LogSoftmax")]:
        taken = next(iter(call.inputs.values()))
        axis = call.settings.get("axis")
        if isinstance(axis, int) and axis == -taken.array.ndim and taken.shape[0] == len(patient.x):
            yield Finding(
                "error",
                "softmax",
                "Softmax runs over the examples of the batch instead of the classes.",
                f"axis 0 of {taken.shape}, of length {len(patient.x)}, the number of examples",
                "axis=-1",
                run.place(call),
            )


def start(patient: Patient) -> Iterator[Finding]:
    """The initial loss against what it should be for a network that knows nothing."""
    kind, run = kind_of_loss(patient), patient.run
    value = float(run.loss.data.item())
    if not np.isfinite(value):
        if np.isfinite(run.prediction).all():
            what = f"The loss is {value} before anything was learned, from finite outputs."
            fix = "no log of 0, no division by 0: take a loss of nn, which takes care of that"
            yield Finding("error", "initial loss", what, _outputs(run), fix)
        return
    if kind not in (*CLASSES, *BINARY, "squares"):
        raise DoesNotApply
    if kind == "log-probabilities" and not run.prediction.max() < ROUNDING:
        raise Unanswered("the outputs are no log-probabilities")
    plain = plain_loss(kind, run.prediction, patient.y)
    mean, outputs = float(plain.mean()), run.prediction.shape[-1]
    yield from _reduced_how(patient, value, mean, plain.size)
    expected, formula = unknowing_loss(kind, outputs, patient.y)
    seen = f"{mean:.4g} for each example; {formula} = {expected:.4g} is what knowing nothing costs"
    if kind != "squares" and mean > MUCH_ABOVE * expected + 0.1:
        yield Finding(
            "warning",
            "initial loss",
            "The initial loss is far above that of guessing: the network is sure of wrong answers "
            "before it has seen any.",
            f"{seen}. {_outputs(run)}",
            "smaller initial weights in the last layer (the default initialisation is fine), and "
            "inputs scaled to spread 1",
        )
    elif kind == "squares" and mean > 4 * expected + 0.1:
        yield Finding(
            "warning",
            "initial loss",
            "The initial outputs are far larger than the targets.",
            f"{seen}. {_outputs(run)}",
            "smaller initial weights in the last layer, and inputs scaled to spread 1",
        )
    elif mean < expected / 4 and kind != "squares":
        what = "The initial loss is below that of guessing: the network knows something already."
        fix = "fine for a network that was trained before; else look whether the inputs contain "
        yield Finding("note", "initial loss", what, seen, fix + "the targets")


def _reduced_how(patient: Patient, value: float, mean: float, count: int) -> Iterator[Finding]:
    """The loss against the mean by the formula: its sign, and whether it is a sum."""
    plain = getattr(patient.loss, "weight", None) is None
    if value * mean < 0 and plain:
        what = "The loss has the wrong sign: training would make it worse and worse."
        seen = f"the loss is {value:.4g}, and by the formula {mean:.4g}"
        yield Finding("error", "initial loss", what, seen, "leave out the minus sign")
    elif count > 1 and np.isclose(value, mean * count, rtol=1e-3) and mean:
        yield Finding(
            "note",
            "initial loss",
            "The loss is a sum over the batch: gradients grow with the batch size, and the "
            "learning rate has to shrink with it.",
            f"{value:.4g} for {len(patient.x)} examples, {mean:.4g} for each",
            'reduction="mean"',
        )


def depends(patient: Patient) -> Iterator[Finding]:
    """Whether the loss depends on the output, the target, and the output on the input."""
    run = patient.run
    output, loss = run.value_of_output, run.tape.look_up(run.loss)
    if output is not None and not _reaches(run, [output], loss):
        what = "The loss does not depend on the network's output."
        fix = "compute it from the prediction, the first argument of the loss function"
        yield Finding("error", "loss", what, "no call leads from the one to the other", fix)
        return
    for call in run.in_loss:
        sources = {
            name: _reaches(run, [output], one)
            for name, one in call.inputs.items()
            if isinstance(one, Value) and output is not None
        }
        if (
            "target" in sources
            and sources["target"]
            and not any(reached for name, reached in sources.items() if name != "target")
        ):
            what = "Prediction and target are swapped in the loss."
            seen = f"{call.op.__name__} takes the prediction as its target"
            yield Finding("error", "loss", what, seen, "loss(prediction, target)", run.place(call))
        yield from _outer(run, call, len(patient.x))
    yield from _blind(patient, output)


def _outer(run: Pass, call: Call, n: int) -> Iterator[Finding]:
    """Shapes (n, 1) and (n,) that broadcast to (n, n)."""
    shapes = [one.shape for one in call.inputs.values() if isinstance(one, Value)]
    out = next(iter(call.outputs.values())).shape
    if call.op.signature.elementwise and n > 1 and {(n, 1), (n,)} <= set(shapes) and out == (n, n):
        yield Finding(
            "error",
            "loss",
            "Each prediction is compared with all targets: shapes differ, and were broadcast.",
            f"{call.op.__name__} of {' and '.join(map(str, shapes))} gives {out}",
            "bring both to one shape: prediction[:, 0], or target[:, None]",
            run.place(call),
        )


def _blind(patient: Patient, output: Value | None) -> Iterator[Finding]:
    """An output that has nothing to do with the input, in the record and when it is tried."""
    run, x = patient.run, patient.x
    entered = [] if run.given is None else [run.given]
    if output is None or _reaches(run, entered, output) or x.dtype.kind != "f":
        return  # what is looked up by whole numbers has no call from the numbers on
    if np.array_equal(patient.evaluated(x), patient.evaluated(x[::-1])):
        what = "The network's output does not depend on its input."
        fix = "look at forward: does every line use the result of the one before it?"
        yield Finding("error", "loss", what, "no call leads from the one to the other", fix)


def _reaches(run: Pass, sources: list[Value], goal: Any) -> bool:
    """Whether calls lead from one of the sources to the goal."""
    met = {id(one) for one in sources}
    for call in run.tape.calls:
        if any(id(one) in met for one in call.inputs.values()):
            met |= {id(one) for one in call.outputs.values()}
    return id(goal) in met


def _of_op(run: Pass, name: str) -> list[Call]:
    return [one for one in run.tape.calls if one.op.__name__ == name and not one.in_backward]


def _outputs(run: Pass) -> str:
    p = run.prediction
    return f"Outputs are from {p.min():.3g} to {p.max():.3g}, of spread {p.std():.3g}"
