"""What the doctor asks of the network: its modes, its layers, what goes through it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.tape import Call, Value
from nn.batch_norm import BatchNorm1d
from nn.checkup.kinds import NUMBERS, kind_of_loss
from nn.checkup.patient import Array, Pass, Patient, Unanswered
from nn.checkup.report import Finding
from nn.dropout import AlphaDropout, DropConnectLinear, Dropout
from nn.module import Module
from nn.noise import GaussianDropout, GaussianNoise

RANDOM = (Dropout, AlphaDropout, DropConnectLinear, GaussianNoise, GaussianDropout)
BY_MODE = (*RANDOM, BatchNorm1d)
MUCH_DROPPED = 0.75
# Calls that a linear map stays linear through.
SHAPING = ("Reshape", "Squeeze", "ExpandDims", "AsType", "Transpose", "Detach")
LINEAR = ("Affine", "MatMul")


def runs(patient: Patient) -> Iterator[Finding]:
    """Whether the forward pass, the loss and the backward pass go through."""
    run = patient.run
    shapes = f"inputs {patient.x.shape} {patient.x.dtype}, targets {patient.y.shape} "
    shapes += f"{patient.y.dtype}"
    if run.failed:
        stage, message = run.failed
        what, fix = f"{stage.capitalize()} fails.", "see the message: it says what did not fit"
        if stage == "the loss function" and _swapped_works(patient):
            what = (
                "The loss function fails on (prediction, target), and not on (target, prediction)."
            )
            fix = "take the prediction first: loss(model(x), y)"
        yield Finding("error", "runs", what, f"{message}\nwith {shapes}", fix)
    elif not hasattr(run.returned, "grad_fn"):
        kind = type(run.returned).__name__
        what = f"The loss function gives a {kind}, not a Tensor: nothing can be learned from it."
        fix = "compute the loss with operations on the prediction; leave out float() and .numpy()"
        yield Finding("error", "runs", what, shapes, fix)
    elif run.returned.size != 1:
        what = f"The loss function gives {run.returned.shape} numbers, and training follows one."
        yield Finding("error", "runs", what, shapes, 'take the mean: reduction="mean", or .mean()')
    bad = [path for path, p in patient.original.named_parameters() if not np.isfinite(p.data).all()]
    if bad:
        what = "Some weights are no numbers: NaN or infinity."
        fix = "make the model anew; a training that blew up leaves such weights"
        yield Finding("error", "runs", what, ", ".join(bad[:4]), fix)
        return
    output = run.output
    if output.shape[:1] != patient.x.shape[:1]:
        what = "The network does not give one output for each example."
        fix = "reshape within an example only: x.reshape(len(x), -1) keeps the rows apart"
        seen = f"{patient.x.shape} goes in, {output.shape} comes out"
        yield Finding("error", "runs", what, seen, fix)
    if not np.isfinite(run.prediction).all():
        yield _first_infinite(run)


def _swapped_works(patient: Patient) -> bool:
    try:
        return bool(
            np.isfinite(patient.loss(patient.y.copy(), patient.run.output.detach()).data).all()
        )
    except Exception:
        return False


def _first_infinite(run: Pass) -> Finding:
    for call in run.in_model:
        outputs = [one.array for one in call.outputs.values()]
        if any(one.dtype.kind == "f" and not np.isfinite(one).all() for one in outputs):
            seen = [one for one in call.inputs.values() if isinstance(one, Value)]
            what = f"The outputs are not finite; {call.op.__name__} is the first to give NaN or "
            what += "infinity."
            ranges = ", ".join(f"{one.array.min():.3g} … {one.array.max():.3g}" for one in seen)
            fix = "keep its input away from where it has no value (logarithm, division, root of 0)"
            fix += ", and look at data and initial weights"
            return Finding("error", "runs", what, f"its inputs: {ranges}", fix, run.place(call))
    raise Unanswered("the first infinite value was not recorded")


def modes(patient: Patient) -> Iterator[Finding]:
    """Training or evaluation mode."""
    affected = {
        path: module
        for path, module in patient.original.named_modules()
        if isinstance(module, BY_MODE)
    }
    off = [path for path, module in affected.items() if not module.training]
    learning = [path for path in off if _learns(affected[path]) or not _has_any(affected[path])]
    if not patient.original.training:
        kinds = ", ".join(f"{path} ({type(affected[path]).__name__})" for path in off[:4])
        yield Finding(
            "warning" if off else "note",
            "modes",
            "The network is in evaluation mode: dropout and noise do nothing, and batch norm "
            "learns no statistics.",
            kinds or "no layer of it behaves differently in training",
            "model.train() before training, model.eval() before judging (nn.fit does both)",
        )
    elif learning:
        kinds = ", ".join(f"{path} ({type(affected[path]).__name__})" for path in learning[:4])
        what = "The network is in training mode, and some of its layers are not."
        fix = "model.train() switches them all; if they are meant to be frozen, freeze their "
        fix += "parameters too"
        yield Finding("warning", "modes", what, kinds, fix)


def _has_any(module: Module) -> bool:
    return any(True for _ in module.parameters())


def _learns(module: Module) -> bool:
    return any(p.requires_grad for p in module.parameters())


def dropout(patient: Patient) -> Iterator[Finding]:
    """How much is dropped, and where."""
    for path, module in patient.original.named_modules():
        p = getattr(module, "p", 0.0)
        if isinstance(module, RANDOM) and isinstance(p, float | int) and p > MUCH_DROPPED:
            gone = "everything" if p == 1 else f"{p:.0%} of the entries"
            yield Finding(
                "error" if p == 1 else "warning",
                "dropout",
                f"{type(module).__name__} drops {gone}: hardly anything gets through in training.",
                f"p = {p:g} is the probability of being dropped, not of being kept",
                f"p from 0.1 to 0.5; was {1 - p:.2g} meant?",
                path,
            )
    run = patient.run
    last = run.made(run.value_of_output)
    if last is not None and (last.module_kind or "").endswith("Dropout"):
        what = "Dropout comes last: in training, predictions themselves are set to 0."
        yield Finding(
            *("warning", "dropout", what, f"the output is {last.module_kind}'s"),
            *("put dropout between layers", run.place(last)),
        )


def collapse(patient: Patient) -> Iterator[Finding]:
    """Linear layers with nothing between them."""
    run = patient.run
    uses = [id(one) for call in run.in_model for one in call.inputs.values()]
    for call in run.in_model:
        if (weight := _weight(run, call)) is None:
            continue
        data = _data(call, weight)
        before = _linear_before(run, data, uses)
        if before is None:
            continue
        n_in = _data(before, _weight(run, before)).shape[-1]
        inner, n_out = data.shape[-1], next(iter(call.outputs.values())).shape[-1]
        if inner >= min(n_in, n_out):
            yield Finding(
                "warning",
                "linear layers",
                "Two linear layers follow each other with no activation between them: together "
                "they compute what one linear layer can.",
                f"{run.place(before)} → {run.place(call)}: {n_in} → {inner} → {n_out}",
                "put an activation (nn.ReLU()) between them, or make them one layer",
                run.place(call),
            )


def _weight(run: Pass, call: Call) -> Value | None:
    """The parameter that a call multiplies by, as a linear layer does."""
    if call.op.__name__ not in LINEAR:
        return None
    for given in list(call.inputs.values())[:2]:
        origin = given
        made = run.made(origin)
        if made is not None and made.op.__name__ == "Transpose":
            origin = next(iter(made.inputs.values()))
        if any(origin is one for one in run.values.values()):
            return given if isinstance(given, Value) else None
    return None


def _data(call: Call, weight: Value | None) -> Value:
    first, second = list(call.inputs.values())[:2]
    found: Value = second if first is weight else first
    return found


def _linear_before(run: Pass, value: Any, uses: list[int]) -> Call | None:
    """The linear call whose result this is, if nothing but linear things happened to it since."""
    while (made := run.made(value)) is not None and uses.count(id(value)) == 1:
        if _weight(run, made) is not None:
            return made
        inputs = [one for one in made.inputs.values() if isinstance(one, Value)]
        follows = made.op.__name__ in SHAPING or _adds_parameter(run, made) or _drops(made)
        normalises = (made.module_kind or "").startswith("Batch")
        if not inputs or not (follows or normalises):
            return None
        value = next((one for one in inputs if one.made_by is not None), None)
    return None


def _adds_parameter(run: Pass, call: Call) -> bool:
    parameters = [id(one) for one in run.values.values()]
    added = call.op.__name__ == "Add"
    return added and sum(id(one) in parameters for one in call.inputs.values()) == 1


def _drops(call: Call) -> bool:
    return call.op.__name__ == "Multiply" and (call.module_kind or "").endswith("Dropout")


def output_range(patient: Patient) -> Iterator[Finding]:
    """Whether the last activation can give what the loss asks for."""
    kind, run = kind_of_loss(patient), patient.run
    last = maker(run, run.value_of_output)
    name = "" if last is None else last.op.__name__
    if last is None or name not in ("ReLU", "Sigmoid", "Tanh", "Softmax", "Hardtanh"):
        return
    low, high = {"Tanh": (-1.0, 1.0), "Hardtanh": (-1.0, 1.0), "ReLU": (0.0, np.inf)}.get(
        name, (0.0, 1.0)
    )
    y = patient.data.y
    seen = f"the outputs, from {name}, are within [{low:g}, {high:g}]"
    if kind in NUMBERS and y.dtype.kind in "fiu" and (y.min() < low or y.max() > high):
        share = float(((y < low) | (y > high)).mean())
        yield Finding(
            "error" if share > 0.05 else "warning",
            "output range",
            f"The network ends in {name}, and cannot give the values that are to be learned.",
            f"{seen}; {share:.0%} of the targets, from {y.min():.3g} to {y.max():.3g}, are not",
            "end in a linear layer for regression, or scale the targets",
            run.place(last),
        )
    elif kind in ("classes", "logits") and name in ("ReLU", "Tanh", "Hardtanh"):
        yield Finding(
            "warning",
            "output range",
            f"The network ends in {name}: logits must be free to be of any size and sign.",
            f"{seen}; the loss takes their softmax or sigmoid itself",
            f"leave out the last {name}",
            run.place(last),
        )


def maker(run: Pass, value: Any) -> Call | None:
    """The call that made a value, other than those that only change its shape or dtype."""
    call = run.made(value)
    while call is not None and call.op.__name__ in SHAPING:
        call = run.made(next(iter(call.inputs.values())))
    return call


def rows(patient: Patient) -> Iterator[Finding]:
    """Whether an example's output depends on the other examples, in evaluation mode."""
    x = patient.x
    if len(x) < 4:
        raise Unanswered("there are too few examples")
    first, again = patient.evaluated(x), patient.evaluated(x)
    if first.shape != again.shape or not np.array_equal(first, again, equal_nan=True):
        yield Finding(
            "warning",
            "rows",
            "In evaluation mode the network gives another answer every time.",
            f"the same {len(x)} examples twice: outputs differ by up to {_gap(first, again):.3g}",
            "functional.dropout(x, p, training=self.training), and no random numbers in forward "
            "unless self.training",
        )
        return
    if first.shape[:1] != x.shape[:1]:
        raise Unanswered("the network does not give one output for each example")
    half = len(x) // 2
    other = x.copy()
    other[half:] = x[:half][np.arange(len(x) - half) % half]
    gap = _gap(first[:half], patient.evaluated(other)[:half])
    scale = max(float(np.abs(first).max()), 1e-30)
    if gap > 1e-4 * scale:
        yield Finding(
            "error",
            "rows",
            "Examples of a batch leak into each other: an example's output changes when other "
            "rows of the batch do, also in evaluation mode.",
            f"exchanging rows {half} … {len(x) - 1} changed the outputs of rows 0 … {half - 1} by "
            f"up to {gap:.3g} (outputs are up to {scale:.3g})",
            "compute along the last axis, not along axis 0 (softmax, mean, normalisation), and "
            "reshape within an example only; batch norm needs running statistics",
        )


def _gap(a: Array, b: Array) -> float:
    return float(np.abs(a - b).max()) if a.shape == b.shape else float("inf")
