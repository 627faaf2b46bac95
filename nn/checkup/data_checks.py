"""What the doctor asks of the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nn.checkup.data import spread
from nn.checkup.kinds import BINARY, CLASSES, NUMBERS, kind_of_loss
from nn.checkup.patient import Array, DoesNotApply, Patient
from nn.checkup.report import Finding, Severity

NORMALISING = ("BatchNorm", "BatchRenorm", "LayerNorm", "GroupNorm", "RMSNorm")
LARGE, SMALL = 20.0, 0.01  # inputs and targets are best of the order of 1
FAR = 10.0  # means this many spreads away from 0
UNEQUAL = 50.0  # a column's size over that of most columns
MEASURED = 5000  # rows of which the scale is measured
RARE = 0.93  # of one class: nearly nothing is learned from the others


def finite(patient: Patient) -> Iterator[Finding]:
    """NaN and infinities."""
    for name, array in (("inputs", patient.data.x), ("targets", patient.data.y)):
        if array.dtype.kind != "f" or np.isfinite(array).all():
            continue
        bad = ~np.isfinite(array)
        rows = np.flatnonzero(bad.reshape(len(array), -1).any(axis=1))
        yield Finding(
            "error",
            "data",
            f"The {name} have entries that are no numbers: one is enough to make the loss NaN.",
            f"{int(np.isnan(array).sum())} NaN and {int(np.isinf(array).sum())} infinite entries, "
            f"in {len(rows)} of {len(array)} rows, such as row {rows[0]}",
            "leave these rows out, or fill the gaps (by the mean of the column), before training",
        )


def input_scale(patient: Patient) -> Iterator[Finding]:
    """The size of the inputs."""
    x = patient.data.x[spread(len(patient.data), MEASURED)]
    if x.dtype.kind not in "fiu" or not np.isfinite(x).all() or _by_index(patient):
        raise DoesNotApply
    columns = x.reshape(len(x), -1).astype(np.float64)
    means, spreads = columns.mean(axis=0), columns.std(axis=0)
    if len(x) > 1 and (constant := spreads == 0).any():
        yield from _constant(constant, len(x))
    if _first_kind(patient).startswith(NORMALISING):
        return
    seen = (
        f"inputs of mean {means.mean():.3g} and spread {columns.std():.3g}, from "
        f"{columns.min():.3g} to {columns.max():.3g}"
    )
    fix = "scale the inputs to about mean 0 and spread 1: nn.data.StandardScaler, fitted on the "
    fix += "training data only (pixels of 0 … 255: divide by 255)"
    sizes = np.sqrt(np.square(columns).mean(axis=0))
    varied = sizes[spreads > 0]
    if len(varied) == 0:
        return
    usual, overall = float(np.median(varied)), float(np.sqrt(np.square(sizes).mean()))
    widest = float(sizes.max())
    if usual > LARGE or (overall > LARGE and widest <= UNEQUAL * usual):
        what = "The inputs are large: gradients of the first layer grow with them, and units start "
        what += "out saturated."
        yield Finding("warning", "input scale", what, seen, fix)
    elif widest > LARGE and widest > UNEQUAL * usual:
        i = int(sizes.argmax())
        yield Finding(
            "warning",
            "input scale",
            f"Column {i} of the inputs is in another unit than the rest, and drowns them.",
            f"column {i} has mean {means[i]:.3g} and spread {spreads[i]:.3g}; the usual column is "
            f"of size {usual:.3g}",
            fix,
        )
    elif overall < SMALL:
        what = "The inputs are all close to 0, so the outputs hardly depend on them."
        yield Finding("warning", "input scale", what, seen, fix + "; were they divided twice?")
    elif float(np.median(np.abs(means[spreads > 0]) / spreads[spreads > 0])) > FAR:
        what = "The inputs are far from 0 compared with how they differ from each other."
        yield Finding("warning", "input scale", what, seen, fix)


def _constant(constant: Array, rows: int) -> Iterator[Finding]:
    every = bool(constant.all())
    which = ", ".join(map(str, np.flatnonzero(constant)[:5]))
    yield Finding(
        "error" if every else "note",
        "input scale",
        "All inputs are the same." if every else "Some columns of the inputs say nothing.",
        f"{int(constant.sum())} of {constant.size} columns are constant over {rows} rows"
        + f" ({which}{', …' * (int(constant.sum()) > 5)})" * (not every),
        "look at how the inputs are made" if every else "they do no harm unless they should vary",
    )


def target_scale(patient: Patient) -> Iterator[Finding]:
    """The size of the targets in regression."""
    if kind_of_loss(patient) not in NUMBERS:
        raise DoesNotApply
    y = patient.data.y.astype(np.float64)
    if not np.isfinite(y).all():
        return
    mean, spread = float(y.mean()), float(y.std())
    seen = (
        f"targets of mean {mean:.4g} and spread {spread:.4g}, from {y.min():.4g} to {y.max():.4g}"
    )
    if len(y) > 1 and spread == 0:
        what = "All targets are the same: there is nothing to be learned."
        yield Finding("error", "targets", what, seen, "look at how the targets are made")
    elif spread > LARGE or abs(mean) > LARGE:
        yield Finding(
            "warning",
            "targets",
            "The targets are far from the order of 1, where a network's outputs start: first steps "
            "are huge, or many are spent on reaching the mean.",
            seen,
            "learn (y − mean) / spread, both of the training data, and undo it for predictions",
        )
    elif 0 < spread < SMALL / 10 and y.ndim <= 2:
        what = "The targets hardly differ from each other, so the loss starts out near 0."
        fix = "learn (y − mean) / spread, both of the training data, and undo it for predictions"
        yield Finding("warning", "targets", what, seen, fix)


def labels(patient: Patient) -> Iterator[Finding]:
    """Classes: their range, number, and balance."""
    kind = kind_of_loss(patient)
    if kind not in CLASSES + BINARY or not np.isfinite(patient.data.y).all():
        raise DoesNotApply
    if kind in BINARY:
        yield from _answers(patient)
        return
    y, outputs = patient.data.y, patient.run.prediction.shape[-1]
    if y.ndim == 2 and y.shape[-1] == outputs > 1:
        y = y.argmax(axis=-1)  # rows of probabilities
    elif y.dtype.kind not in "iub":
        given = f"targets of dtype {y.dtype}"
        what = "The targets are not labels: whole numbers, one for each example."
        yield Finding("error", "labels", what, given, "labels.astype(int)")
        return
    ignored = getattr(patient.loss, "ignore_index", None)
    y = y.ravel()[y.ravel() != ignored]
    seen, counts = np.unique(y, return_counts=True)
    table = ", ".join(f"{one}: {n}" for one, n in zip(seen[:10], counts[:10], strict=True))
    evidence = f"outputs: {outputs}; examples by label: {table}{', …' * (len(seen) > 10)}"
    if outputs == 1:
        what = "There is one output for several classes; softmax of a single number is always 1, "
        what += "so the loss is 0 and nothing is learned."
        fix = "an output for each class; or for yes and no, BCEWithLogitsLoss"
        yield Finding("error", "labels", what, evidence, fix)
    elif seen[0] < 0 or seen[-1] >= outputs:
        fix = f"the last layer needs {int(seen[-1]) + 1} outputs, one for each class"
        if seen[0] == 1 and seen[-1] == outputs:
            fix = "labels count from 0: use labels - 1"
        elif seen[0] < 0:
            fix = "number the classes from 0: np.unique(names, return_inverse=True)[1]"
        what = (
            f"Labels go from {seen[0]} to {seen[-1]}, and outputs are numbered 0 … {outputs - 1}."
        )
        yield Finding("error", "labels", what, evidence, fix)
    elif patient.data.whole and seen[0] > 0 and len(seen) < outputs and len(seen) > 1:
        what = f"Labels begin at {seen[0]}; class 0 has no examples. Do they count from 1?"
        yield Finding("warning", "labels", what, evidence, "labels - 1, and as many outputs")
    elif patient.data.whole and 1 < len(seen) < outputs:
        n = outputs - len(seen)
        wide: Severity = "warning" if outputs >= 2 * len(seen) and outputs > 3 else "note"
        what = f"{n} of the {outputs} outputs stand for classes without examples."
        yield Finding(wide, "labels", what, evidence, f"{len(seen)} outputs, if that is all")
    yield from _balance(patient, counts, evidence)
    yield from _order(patient, y)


def _answers(patient: Patient) -> Iterator[Finding]:
    """Targets of yes and no."""
    y = patient.data.y
    seen = f"targets from {y.min():.3g} to {y.max():.3g}"
    if y.min() < 0 or y.max() > 1:
        fix = "of labels −1 and 1 make (labels + 1) / 2; for several classes, CrossEntropyLoss"
        what = "Binary cross-entropy takes targets from 0 (no) to 1 (yes)."
        yield Finding("error", "labels", what, seen, fix)
    elif y.size == len(y):
        yes = int((y > 0.5).sum())
        counts = np.array([n for n in (len(y) - yes, yes) if n])
        yield from _balance(patient, counts, f"{yes} yes and {len(y) - yes} no")
        yield from _order(patient, (y > 0.5).ravel())


def _balance(patient: Patient, counts: Array, evidence: str) -> Iterator[Finding]:
    if len(counts) == 1:
        what = "All examples are of one class: the network learns to say that, always."
        yield Finding("error", "labels", what, evidence, "look at how the labels are made or split")
        return
    share = counts.max() / counts.sum()
    uneven = counts.max() >= 4 * np.median(counts) if len(counts) > 2 else share > 0.8
    weighted = any(getattr(patient.loss, one, None) is not None for one in ("weight", "pos_weight"))
    if uneven:
        yield Finding(
            "warning" if share > RARE and not weighted else "note",
            "labels",
            f"The classes are unbalanced: always saying the most frequent one is right in "
            f"{share:.1%} of the cases, and accuracy tells little.",
            evidence,
            "judge by recall of each class or the F1 score; weigh classes in the loss, or draw "
            "rare ones more often",
        )


def _order(patient: Patient, y: Array) -> Iterator[Finding]:
    """Batches of one class each, since the data is sorted."""
    if len(y) < 16 or len(y) != len(patient.data):
        return
    sorted_ = bool((y[:-1] <= y[1:]).all() or (y[:-1] >= y[1:]).all())
    sizes = patient.data.batch_sizes
    if sizes is None:
        if sorted_:
            what = "The examples are sorted by class."
            fix = "shuffle before splitting, and in each epoch (nn.fit and DataLoader can)"
            yield Finding("note", "labels", what, f"{len(y)} labels in order", fix)
        return
    pieces = np.split(y, np.cumsum(sizes)[:-1])
    within = float(np.mean([len(np.unique(one)) for one in pieces]))
    classes = len(np.unique(y))
    expected = float(np.mean([_drawn_classes(y, len(one)) for one in pieces]))
    if len(pieces) > 1 and classes > 1 and (sorted_ or within < 0.6 * expected):
        yield Finding(
            "warning",
            "labels",
            "The batches are not mixed: each has examples of few classes, so every step unlearns "
            "what the last one taught.",
            f"{within:.1f} of {classes} classes in a batch; drawn at random it would be "
            f"{expected:.1f}",
            "DataLoader(…, shuffle=True)",
        )


def _drawn_classes(y: Array, count: int) -> float:
    """How many classes there are among `count` random examples, on average."""
    shares = np.unique(y, return_counts=True)[1] / len(y)
    return float((1 - (1 - shares) ** count).sum())


def copies(patient: Patient) -> Iterator[Finding]:
    """A column of the inputs that is the target."""
    x, y = patient.data.x, patient.data.y
    columns = x.reshape(len(x), -1)
    if columns.shape[1] < 2 or len(x) < 16 or y.size != len(y) or _by_index(patient):
        return
    target = y.ravel()
    if len(np.unique(target)) < 2:
        return
    same = np.flatnonzero((columns == target[:, None]).all(axis=0))
    if len(same):
        yield Finding(
            "warning",
            "data",
            f"Column {same[0]} of the inputs is the target itself: the network will copy it, and "
            "fail on new data.",
            f"equal in all {len(x)} rows",
            "take that column out of the inputs",
        )


def _by_index(patient: Patient) -> bool:
    """Whether the inputs are indices, such as of words, rather than quantities."""
    return patient.data.x.dtype.kind in "iu" and _first_kind(patient) == "Embedding"


def _first_kind(patient: Patient) -> str:
    """The kind of the module that makes the first call on the inputs."""
    for call in patient.run.in_model:
        taken: Any = next(iter(call.inputs.values()), None)
        if call.op.__name__ not in ("Reshape", "AsType", "AsPlain"):
            return call.module_kind or "" if taken is not None else ""
    return ""
