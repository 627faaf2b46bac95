"""What the doctor asks of the units: dead, saturated, all alike, or out of scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.tape import Call
from nn.checkup.patient import Array, DoesNotApply, Patient, Unanswered
from nn.checkup.report import Finding
from nn.embedding import Embedding
from nn.health.records import LIMITS

FEWEST_ROWS = 32  # different ones, to call a unit dead
DEAD, SOME_DEAD = 0.6, 0.25  # shares of a layer's units
SATURATED = 0.5  # of a layer's values
FADED, GROWN = 1e-3, 1e3  # spread of a layer's values over that of the inputs


def dead(patient: Patient) -> Iterator[Finding]:
    """Rectified units that are 0 for all examples."""
    if _different(patient) < FEWEST_ROWS:
        raise Unanswered("there are too few examples")
    run = patient.run
    for call in _calls(patient, ("ReLU",)):
        gone = _gone(call)
        share = float(gone.mean())
        if share >= SOME_DEAD and gone.sum() > 1:
            yield Finding(
                "error" if share == 1 else "warning" if share >= DEAD else "note",
                "dead units",
                f"{gone.sum()} of {gone.size} units are 0 for all examples: nothing gets through "
                "them, forward or back, and so they stay.",
                f"ReLU gives zeros only, for {len(_by_unit(call))} examples; their inputs are at "
                f"most {float(next(iter(call.inputs.values())).array.max()):.3g}",
                "bias of 0 at first, weights by He (nn.init.kaiming_normal_), inputs of mean 0, a "
                "smaller learning rate if it comes from training; or LeakyReLU",
                run.place(call),
            )


def wholly_dead(patient: Patient) -> list[Call]:
    """The rectified layers of which `dead` says that no unit is alive."""
    if _different(patient) < FEWEST_ROWS:
        return []
    calls = [one for one in patient.run.in_model if one.op.__name__ == "ReLU"]
    return [one for one in calls if _gone(one).all() and _gone(one).size > 1]


def _gone(call: Call) -> Array:
    """Which units are 0 for all examples."""
    return np.asarray((_by_unit(call) <= 0).all(axis=0))


def saturated(patient: Patient) -> Iterator[Finding]:
    """Units at the limits of their activation."""
    run = patient.run
    for call in _calls(patient, tuple(LIMITS)):
        if _is_gate(patient, call):
            continue
        low, high = LIMITS[call.op.__name__]
        values = _by_unit(call)
        share = float(((values <= low) | (values >= high)).mean())
        if share > SATURATED:
            before = next(iter(call.inputs.values())).array
            yield Finding(
                "warning",
                "saturation",
                f"{call.op.__name__} is at its limits, where its derivative is almost 0.",
                f"{share:.0%} of its values are below {low:g} or above {high:g}; what comes in is "
                f"from {before.min():.3g} to {before.max():.3g}",
                "smaller initial weights (nn.init.xavier_uniform_), inputs of mean 0 and spread 1",
                run.place(call),
            )


def alike(patient: Patient) -> Iterator[Finding]:
    """Units that have the same weights and the same gradients, and so stay the same."""
    for path, weights in symmetric(patient).items():
        yield Finding(
            "error",
            "symmetry",
            f"All {len(weights)} units start with the same weights and get the same gradients: "
            "they stay copies of one unit for ever.",
            f"rows of {path} {patient.run.values[path].shape} are equal, such as "
            f"{_shown(weights[0])}, and so are those of its gradient",
            "draw the initial weights at random (leave out zeros_ or constant_); only biases may "
            "start at 0",
            path,
        )


def symmetric(patient: Patient) -> dict[str, Array]:
    """By path, the weights whose units are copies of one another, with a row for each unit."""
    found: dict[str, Array] = {}
    for path, module in patient.original.named_modules():
        for name, parameter in module._attributes():
            whole = f"{path}.{name}".lstrip(".")
            gradient = patient.run.gradients.get(whole)
            if isinstance(module, Embedding) or gradient is None or gradient.ndim != 2:
                continue
            for axis in (0, 1) if type(module).__module__.partition(".")[0] != "nn" else (0,):
                weights = np.moveaxis(parameter.data, axis, 0)
                alike = _all_equal(weights) and _all_equal(np.moveaxis(gradient, axis, 0))
                if len(weights) > 1 and alike:
                    found.setdefault(whole, weights)
    return found


def signal(patient: Patient) -> Iterator[Finding]:
    """How the differences between examples grow or fade from layer to layer."""
    run = patient.run
    if _different(patient) < FEWEST_ROWS:
        raise Unanswered("there are too few examples")
    output = run.value_of_output
    linear = [one for one in run.in_model if one.op.__name__ in ("Affine", "MatMul")]
    spreads: list[tuple[str, float]] = []
    for call in linear:
        value = next(iter(call.outputs.values()))
        if len(value.shape) > 1:
            spreads.append((run.place(call), float(_by_unit(call).std(axis=0).mean())))
            if value is output:
                break
    if len(spreads) < 2:
        raise DoesNotApply
    given = next(iter(linear[0].inputs.values())).array
    start = float(given.reshape(-1, given.shape[-1]).std(axis=0).mean())
    table = " → ".join(f"{one:.2g}" for _, one in spreads)
    for place, spread in spreads[:-1]:
        if not np.isfinite(spread) or not start:
            return
        faded, grown = 0 < spread < FADED * start, spread > GROWN * max(start, 1.0)
        if faded or grown:
            how = "fade" if faded else "explode"
            yield Finding(
                "warning",
                "signal",
                f"The differences between examples {how} from layer to layer.",
                f"spread of what comes in {start:.2g}, of the layers {table}",
                f"{'larger' if faded else 'smaller'} initial weights: of spread √(2 / n_in) for "
                "ReLU (nn.init.kaiming_normal_), √(1 / n_in) for tanh; or normalisation layers",
                place,
            )
            return


def _different(patient: Patient) -> int:
    """How many different examples there are."""
    return len(np.unique(patient.x.reshape(len(patient.x), -1), axis=0))


def _calls(patient: Patient, names: tuple[str, ...]) -> list[Call]:
    """The model's calls of these operations; without any, the question does not apply."""
    found = [one for one in patient.run.in_model if one.op.__name__ in names]
    if not found:
        raise DoesNotApply
    return found


def _is_gate(patient: Patient, call: Call) -> bool:
    """Whether it only weighs something else, as in SiLU: a gate may well be open or closed."""
    result = next(iter(call.outputs.values()))
    users = [one for one in patient.run.in_model if any(x is result for x in one.inputs.values())]
    return any(one.op.__name__ == "Multiply" for one in users) and not any(
        (one.module_kind or "").endswith("Dropout") for one in users
    )


def _by_unit(call: Call) -> Array:
    """A call's result with a column for each unit."""
    values = next(iter(call.outputs.values())).array
    return np.asarray(values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values[:, None])


def _all_equal(rows: Array) -> bool:
    return bool(np.allclose(rows, rows[:1], rtol=1e-5, atol=0))


def _shown(row: Array) -> str:
    return np.array2string(row.ravel()[:3], precision=3, separator=", ")[:-1] + (
        ", …]" if row.size > 3 else "]"
    )
