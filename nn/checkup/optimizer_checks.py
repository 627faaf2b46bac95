"""What the doctor asks of the optimiser, and of learning as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nn.checkup.data import spread
from nn.checkup.gradient_checks import some
from nn.checkup.kinds import constant_loss, kind_of_loss, least_loss, plain_loss
from nn.checkup.patient import Patient, Unanswered
from nn.checkup.report import Finding
from nn.checkup.trials import Trial, trial

STEPS, ROWS = 40, 64  # of a trial of the learning rate
FACTORS = (1e-1, 1e-2, 1e-3, 1e-4, 1e1, 1e2, 1e3, 1e4, 1e5)
FALLS = 0.1  # of the loss within the trial: it learns
HARDLY = 2e-3  # falls
FEW, MANY_STEPS = 24, 250  # of the trial whether a small batch can be learned by heart
FITTED = 0.3  # of what the best constant prediction costs, by a network with room for it
LEARNED = 0.05
NOTHING = 1e-6  # a loss that cannot fall
SHOT_UP = 1.25  # times the loss at first, or of guessing


def holds(patient: Patient) -> Iterator[Finding]:
    """Whether the optimiser has the model's parameters, all of them and no others."""
    optimizer = patient.optimizer_given
    own = dict(patient.original.named_parameters())
    losses = patient.loss_given.parameters() if hasattr(patient.loss_given, "parameters") else ()
    held = {id(p): p for group in optimizer.param_groups for p in group["params"]}
    missing = [path for path, p in own.items() if p.requires_grad and id(p) not in held]
    known = {id(p) for p in own.values()} | {id(p) for p in losses}
    foreign = [p for p in held.values() if id(p) not in known]
    name = type(optimizer).__name__
    if foreign:
        shapes = ", ".join(f"{p.name or 'a Tensor'} {p.shape}" for p in foreign[:4])
        yield Finding(
            "error",
            "optimizer",
            f"{name} holds {len(foreign)} parameters that this model does not have: it trains "
            "something else.",
            f"it holds {len(held)}, such as {shapes}; the model has {len(own)}",
            "make the optimizer after the model is complete: (model.parameters(), …)",
        )
    if missing:
        yield Finding(
            "error",
            "optimizer",
            f"{name} does not hold {some(missing)}: they keep their initial values for ever.",
            f"{len(missing)} of {len(own)} parameters are not in its groups",
            "give it model.parameters(), after the last layer was added or exchanged; what is not "
            "to be trained: requires_grad = False",
        )
    if any(group.get("maximize") for group in optimizer.param_groups):
        what = f"{name} goes up instead of down: maximize=True."
        yield Finding("warning", "optimizer", what, "maximize=True", "leave it out for a loss")


def learning_rate(patient: Patient) -> Iterator[Finding]:
    """Whether the loss falls at the optimiser's learning rate."""
    patient.run.loss  # noqa: B018
    optimizer = patient.optimizer_given
    rates = [group["lr"] for group in optimizer.param_groups if "lr" in group]
    if not rates:
        raise Unanswered(f"{type(optimizer).__name__} has no learning rate")
    own = _tried(patient, 1.0)
    said = f"{type(optimizer).__name__}, lr={', '.join(f'{rate:g}' for rate in rates)}"
    if not own.moved or max(rates) == 0:
        what = "A step of the optimiser changes nothing."
        fix = "is the learning rate 0, or does the optimizer hold another model's parameters?"
        yield Finding("error", "learning rate", what, said, fix)
        return
    seen = f"{said}: in {len(own.losses) - 1} steps on {min(ROWS, len(patient.x))} examples the "
    seen += f"loss goes from {own.first:.4g} to {own.last:.4g}; the first step changed the weights "
    seen += f"by {own.ratio:.1g} times their size (about 1e-3 is usual)"
    if own.peak > SHOT_UP * _reference(patient, own):
        yield from _shot_up(patient, own, max(rates), seen)
        return
    if own.fall > FALLS:
        return
    if not own.complete:
        raise Unanswered(f"there was time for {len(own.losses)} steps only")
    others = {}
    for factor in FACTORS:
        if factor > 1 and own.fall < -FALLS:
            continue  # it blew up: larger rates are no remedy
        others[factor] = _tried(patient, factor)
        if others[factor].fall > 2 * FALLS and factor < 1:
            break
    best = max(others, key=lambda factor: others[factor].fall, default=1.0)
    if not others or others[best].fall < max(FALLS, 2 * own.fall):
        yield from _other_settings(patient, own, seen)
        return
    good = f"{seen}. With lr={max(rates) * best:.1g} it goes to {others[best].last:.4g}"
    if best < 1:
        what = "The learning rate is too large: the loss does not fall."
        fix = f"lr={max(rates) * best:.1g}; optim.find_lr looks more closely"
        yield Finding("error", "learning rate", what, good, fix)
    elif own.fall < HARDLY:
        what = "The learning rate is too small: the loss hardly moves."
        fix = f"lr={max(rates) * best / 10:.1g} or more; optim.find_lr looks more closely"
        yield Finding("warning", "learning rate", what, good, fix)


def _reference(patient: Patient, own: Trial) -> float:
    """A loss that is not remarkable: that at first, or that of guessing."""
    guess, _ = _constant(patient)
    return max(own.first, guess or 0.0) if own.first > 0 else math.inf


def _shot_up(patient: Patient, own: Trial, rate: float, seen: str) -> Iterator[Finding]:
    """A loss that rises steeply: too large a rate, if a smaller one does without."""
    for factor in (1e-1, 1e-2, 1e-3, 1e-4):
        other = _tried(patient, factor)
        if other.peak < own.peak / SHOT_UP and other.peak <= SHOT_UP * _reference(patient, other):
            yield Finding(
                "error" if own.fall < 2 * FALLS else "warning",
                "learning rate",
                "The learning rate is too large: the loss shoots up"
                + (", and does not come down." if own.fall < 2 * FALLS else " at first."),
                f"{seen}, and rises to {own.peak:.4g} on the way. With lr={rate * factor:.1g} it "
                f"goes to {other.last:.4g} without that",
                f"lr={rate * factor:.1g}; optim.find_lr looks more closely",
            )
            return


def _other_settings(patient: Patient, own: Trial, seen: str) -> Iterator[Finding]:
    """An optimiser that is held back by something other than its rate."""
    plain = trial(patient, STEPS, ROWS, adam=1e-3)
    if plain.fall < max(FALLS, 4 * own.fall):
        return  # nor does another one learn here
    group = patient.optimizer_given.param_groups[0]
    settings = ", ".join(f"{name}={value}" for name, value in group.items() if name != "params")
    yield Finding(
        "warning",
        "learning rate",
        "With this optimizer the loss does not fall at any learning rate; with a plain Adam it "
        "does.",
        f"{seen}. Adam with lr=0.001 brings it to {plain.last:.4g}",
        f"look at the other settings: {settings}",
    )


def _tried(patient: Patient, factor: float) -> Trial:
    return trial(patient, STEPS, ROWS, factor)


def overfits(patient: Patient) -> Iterator[Finding]:
    """Whether the network can learn a few examples by heart, as any working one can."""
    run = patient.run
    run.loss  # noqa: B018
    if not run.gradients or all(g is None or not g.any() for g in run.gradients.values()):
        raise Unanswered("no parameter gets a gradient")
    count = min(FEW, len(patient.x))
    size = sum(p.size for p in patient.original.parameters() if p.requires_grad)
    enough = FITTED if size > 10 * count and _bends(patient) else LEARNED
    guess, least = _constant(patient)
    start = float(run.loss.data.item())
    guessing = abs(start) if guess is None else guess
    goal = guessing - enough * (guessing - least)
    if not math.isfinite(start):
        raise Unanswered(f"the loss is {start} from the start")
    if abs(start) < NOTHING:
        return
    best: Trial | None = None
    for rate in (1e-2, 1e-3):
        done = trial(patient, MANY_STEPS, FEW, adam=rate, everything_kept=True, goal=goal)
        if done.last <= goal:
            return
        if not done.complete:
            raise Unanswered(f"there was time for {len(done.losses)} steps only")
        best = done if best is None or done.last < best.last else best
    assert best is not None
    gained = (guessing - best.last) / max(guessing - least, NOTHING)
    than = "" if guess is None else f"; the best constant answer costs {guess:.4g}"
    yield Finding(
        "error" if gained < LEARNED else "warning",
        "overfits",
        "The network cannot even learn a few examples by heart."
        if gained < LEARNED
        else "The network has trouble learning a few examples by heart.",
        f"{count} examples, {len(best.losses) - 1} steps of Adam, {size:,} parameters: the loss "
        f"goes from {best.first:.4g} to {best.last:.4g}{than}",
        "some part of model, loss or data does not fit together; look at the other findings "
        "first, then at whether inputs and targets belong together, and whether forward uses all "
        "layers",
    )


def _constant(patient: Patient) -> tuple[float | None, float]:
    """What the best constant prediction, if known, and a perfect one cost on these examples."""
    kind, run = kind_of_loss(patient), patient.run
    chosen = spread(len(patient.x), FEW)
    try:
        plain = float(plain_loss(kind, run.prediction, patient.y).mean())
        measure = float(run.loss.data.item()) / max(plain, 1e-12)
    except Unanswered:
        return None, 0.0
    if not np.isclose(measure, 1.0, rtol=0.3):
        return None, 0.0
    given = kind, run.prediction.shape[-1], patient.y[chosen]
    return constant_loss(*given) * measure, least_loss(*given) * measure


def _bends(patient: Patient) -> bool:
    """Whether anything in the network is not linear."""
    linear = {"Affine", "MatMul", "Transpose", "Reshape", "Add", "AsType", "AsPlain"}
    return any(one.op.__name__ not in linear for one in patient.run.in_model)
