"""What the doctor asks of the gradients: does every parameter get one, and of which size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.tape import Call, Value
from nn.checkup.patient import Pass, Patient, norm, size_of
from nn.checkup.report import Finding
from nn.checkup.trials import trial
from nn.checkup.unit_checks import symmetric, wholly_dead

VANISHED = 1e-4  # of the largest layer's
EXPLODED = 1e4
STEPS = 5  # after which a gradient that was 0 at first should be there
NAMES_SHOWN = 4
ENDS = {  # what to say of calls that have no gradient
    "Detach": "detach() cuts the graph",
    "ArgMax": "argmax gives positions, which have no derivative",
    "ArgMin": "argmin gives positions, which have no derivative",
    "AsType": "converting to whole numbers has no derivative",
}


def arrive(patient: Patient) -> Iterator[Finding]:
    """Whether every parameter gets a gradient, and if not, which call is in the way."""
    run = patient.run
    run.loss  # noqa: B018 (without a loss there are no gradients)
    yield from _frozen(patient)
    stories: dict[tuple[str, str, str], list[str]] = {}
    missing = [path for path, g in run.gradients.items() if g is None]
    for path in missing:
        stories.setdefault(_why(run, path), []).append(path)
    for (why, fix, where), paths in stories.items():
        everything = len(paths) == len(run.gradients)
        yield Finding(
            "error",
            "gradients",
            ("No parameter gets a gradient" if everything else f"No gradient for {some(paths)}")
            + f": {why}.",
            f"{len(paths)} of {len(run.gradients)} parameters have no gradient",
            fix,
            where,
        )
    yield from _strangers(run)
    yield from _not_finite(run)


def some(paths: list[str]) -> str:
    """The first of several names."""
    more = len(paths) - NAMES_SHOWN
    return ", ".join(paths[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _frozen(patient: Patient) -> Iterator[Finding]:
    parameters = dict(patient.original.named_parameters())
    frozen = [path for path, p in parameters.items() if not p.requires_grad]
    if not parameters:
        what = "The network has no parameters."
        fix = "set layers as attributes of the module, or in lists and dicts that are attributes"
        yield Finding("error", "gradients", what, "model.parameters() is empty", fix)
    elif frozen:
        everything = len(frozen) == len(parameters)
        whole = _layers(frozen) & _layers(list(parameters.keys() - frozen)) == set()
        first = list(parameters)[: len(frozen)] == frozen
        yield Finding(
            "error" if everything else "note" if first and whole else "warning",
            "gradients",
            f"{'All parameters' if everything else some(frozen)} are frozen.",
            f"{len(frozen)} of {len(parameters)} parameters have requires_grad=False"
            + ("" if first else ", and are not the first ones, as they are in fine-tuning"),
            "model.requires_grad_(True), unless this is meant",
        )


def _layers(paths: list[str]) -> set[str]:
    return {path.rpartition(".")[0] for path in paths}


def _why(run: Pass, path: str) -> tuple[str, str, str]:
    """The reason that a parameter has no gradient, the fix, and the place."""
    value, module = run.values.get(path), path.rpartition(".")[0]
    if value is None:
        if module in run.tape.modules:
            kind = run.tape.modules[module]
            why = f"{kind}'s forward does not use it"
        else:
            why = "the layer it belongs to is never called"
        return why, "use it in forward, or leave it out", module
    met = {id(value): value}
    dead_end: Call | None = None
    for call in run.tape.calls:
        taken = [one for one in call.inputs.values() if isinstance(one, Value) and id(one) in met]
        if not taken:
            continue
        if any(one.requires_grad for one in taken) and not any(
            one.requires_grad for one in call.outputs.values()
        ):
            name = call.op.__name__
            why = f"{name} has no derivative"
            if call.op.signature.differentiable:
                why = f"{name} runs within no_grad()"
            why = ENDS.get(name, why)
            return why, "leave that call out of what leads to the loss", run.place(call)
        met |= {id(one): one for one in call.outputs.values()}
        dead_end = call
    back = None if dead_end is None else _back_again(run, met)
    if back is not None:
        call, shape = back
        why = "its result leaves the graph as a bare array (.data, .numpy(), np.asarray): "
        why += f"{call.op.__name__} takes a constant of shape {shape}"
        return why, "compute with Tensors throughout", run.place(call)
    why = "what is computed from it is not used by the loss"
    fix = "if it left as an array (.data, .numpy(), np.asarray, float): compute with Tensors "
    return why, fix + "throughout", "" if dead_end is None else run.place(dead_end)


def _back_again(run: Pass, met: dict[int, Value]) -> tuple[Call, tuple[int, ...]] | None:
    """The first call that takes a constant with the shape of a result met before, and the shape."""
    calls = sorted(one.made_by for one in met.values() if one.made_by is not None)
    shapes = {one.shape for one in met.values() if one.made_by is not None and one.shape}
    for call in run.tape.calls[calls[0] + 1 : run.model_calls + 1] if calls else ():
        for one in call.inputs.values():
            outside = isinstance(one, Value) and one.made_by is None and not one.requires_grad
            if outside and one.shape in shapes and one.dtype.kind == "f":
                return call, one.shape
    return None


def _strangers(run: Pass) -> Iterator[Finding]:
    """Tensors that learn in forward, and that `model.parameters()` does not have."""
    known = {id(one) for one in run.values.values()}
    found: dict[int, str] = {}
    places: dict[str, None] = {}
    for call in run.in_model:
        for one in call.inputs.values():
            learns = isinstance(one, Value) and one.is_leaf and one.requires_grad
            if learns and id(one) not in known:
                found[id(one)] = f"{call.op.__name__} takes {one.name or 'a leaf'} {one.shape}"
                places[run.place(call)] = None
    if found:
        yield Finding(
            "error",
            "gradients",
            "Forward uses weights that are none of the model's parameters: no optimiser made with "
            "model.parameters() will train them, and no state_dict has them.",
            "; ".join(found.values()),
            "set the layer or nn.Parameter as an attribute in __init__, not in forward",
            "; ".join(places),
        )


def _not_finite(run: Pass) -> Iterator[Finding]:
    bad = [p for p, g in run.gradients.items() if g is not None and not np.isfinite(g).all()]
    if bad and np.isfinite(run.loss.data).all():
        what = "The loss is finite, and gradients are not."
        fix = "run forward and backward within autograd.detect_anomaly(): it names the call"
        yield Finding("error", "gradients", what, some(bad), fix)


def stuck(patient: Patient) -> Iterator[Finding]:
    """Gradients that are exactly 0, and stay so, for no cause that another check names."""
    run = patient.run
    run.loss  # noqa: B018
    zero = [p for p, g in run.gradients.items() if g is not None and not g.any()]
    if not zero or not float(run.loss.data.item()):
        return
    later = trial(patient, steps=STEPS, rows=len(patient.x), adam=1e-3)
    stories: dict[tuple[str, str], list[str]] = {}
    dead, silent = wholly_dead(patient), _silent(patient)
    for path in zero:
        call, others = _where_it_dies(run, path)
        told = call in dead or any(id(one) in silent for one in others)
        if path not in later.moved and not told:
            why = f": {call.op.__name__} gets a gradient and sends back zeros only" if call else ""
            stories.setdefault((why, run.place(call) if call else ""), []).append(path)
    for (why, where), paths in stories.items():
        yield Finding(
            "error",
            "gradients",
            f"The gradient of {some(paths)} is exactly 0{why}.",
            f"{len(paths)} of {len(run.gradients)} parameters, all entries, also after {STEPS} "
            "steps",
            "autograd.record() shows what each call sends back; look at the initial weights, the "
            "scale of the inputs and the activation",
            where,
        )


def _where_it_dies(run: Pass, path: str) -> tuple[Call | None, list[Any]]:
    """The last call, seen from the parameter, that gets a gradient and sends back zeros.

    With it, its inputs that the parameter has no part in.
    """
    met = {id(run.values[path])} if path in run.values else set()
    for call in run.tape.calls:
        taken = {n: one for n, one in call.inputs.items() if id(one) in met}
        if not taken:
            continue
        met |= {id(one) for one in call.outputs.values()}
        arrives = any(g.any() for g in call.upstream.values())
        if arrives and not any(g.any() for n, g in call.gradients.items() if n in taken):
            return call, [one for n, one in call.inputs.items() if n not in taken]
    return None, []


def _silent(patient: Patient) -> set[int]:
    """What is 0 throughout since all units before it are dead, or alike with weights of 0; ids."""
    run = patient.run
    silent = {id(run.values[path]) for path, w in symmetric(patient).items() if not w.any()}
    dead = wholly_dead(patient)
    for call in run.in_model:
        if call in dead or any(id(one) in silent for one in call.inputs.values()):
            silent |= {id(one) for one in call.outputs.values() if not one.array.any()}
    return silent


def sizes(patient: Patient) -> Iterator[Finding]:
    """Whether gradients vanish or explode on their way back."""
    run = patient.run
    run.loss  # noqa: B018
    weights = {
        path: size_of(g)
        for path, g in run.gradients.items()
        if g is not None and g.ndim > 1 and g.any() and np.isfinite(g).all()
    }
    order = [path for path in _by_use(run) if path in weights]
    if len(order) > 1:
        first, last = order[0], order[-1]
        ratio = weights[first] / weights[last]
        table = ", ".join(f"{path} {weights[path]:.1g}" for path in _spaced(order))
        if ratio < VANISHED:
            yield Finding(
                "warning",
                "gradient sizes",
                "Gradients vanish on their way back: the first layers hardly learn.",
                f"{first} gets {ratio:.1g} of what {last} gets, per entry: {table}",
                "ReLU with He initialisation (nn.init.kaiming_normal_), normalisation layers, "
                "shortcuts (nn.Residual), or fewer layers",
                first,
            )
        elif ratio > EXPLODED:
            yield Finding(
                "warning",
                "gradient sizes",
                "Gradients explode on their way back.",
                f"{first} gets {ratio:.1g} times what {last} gets, per entry: {table}",
                "smaller initial weights, normalisation layers, clip_norm",
                first,
            )
    total = norm(np.array([norm(g) for g in run.gradients.values() if g is not None]))
    if np.isfinite(total) and total > EXPLODED:
        yield Finding(
            "warning",
            "gradient sizes",
            "The gradient is huge.",
            f"its norm is {total:.3g}, at a loss of {float(run.loss.data.item()):.4g}",
            "scale inputs and targets to spread 1; smaller initial weights",
        )


def _by_use(run: Pass) -> list[str]:
    """The parameters in the order in which forward uses them."""
    paths = {id(value): path for path, value in run.values.items()}
    used = [paths[id(x)] for c in run.in_model for x in c.inputs.values() if id(x) in paths]
    return list(dict.fromkeys(used))


def _spaced(order: list[str]) -> list[str]:
    return order if len(order) <= 6 else [*order[:3], *order[-3:]]
