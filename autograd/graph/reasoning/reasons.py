"""Why a call lets little or nothing of a gradient through: the common reasons, and what to do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd import ops
from autograd.function import Function
from autograd.graph.data import Array, Call
from autograd.graph.numbers import number
from autograd.graph.reasoning.sites import Reason, Site
from autograd.ops.activations import (
    ELU,
    BinaryStep,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    NormalCDF,
    Softplus,
    Softsign,
    TanhGELU,
)

BLOCKED = 0.9  # of the gradient; half of it is usual at a ReLU, or with dropout
MANY_DEAD = 0.2  # of the units
FLAT = 0.05  # a slope that is on average below this part of the steepest is flat


def reason_at(site: Site) -> Reason | None:
    """Why little gets through here; None if enough does."""
    if not (site.upstream.size and site.sent.size):
        return None  # there is nothing to let through
    find = _BY_OPERATION.get(site.link.call.op)
    return (find(site) if find else None) or _general(site)


def _general(site: Site) -> Reason | None:
    label = site.link.call.label
    if not site.sent.any() and site.upstream.any():
        return site.reason(
            "zero",
            f"{label} sends back exactly 0 to {site.names[site.link.input]}: the derivative of its "
            "output is 0 there, or what comes to it cancels.",
            "look at the rule and the values of this call: explain and step_through show them.",
        )
    averages = site.link.call.op is ops.Mean  # which makes small what it spreads, as it should
    if 0 < site.factor <= 1e-3 and not averages:
        return site.reason(
            "small",
            f"{label} makes the gradient {number(1 / site.factor, 3)} times smaller.",
            "look at the values of this call; scale its inputs, or the loss, if they are tiny.",
        )
    return None


def _count(of: Array, what: str) -> str:
    """Such as "3 of 12 entries are 0"."""
    hits, n = int(np.sum(of)), int(np.size(of))
    if n == 1:
        return f"the only entry is {what}"
    are = "is" if hits == 1 else "are"
    return f"{'all' if hits == n else f'{hits:,} of'} {n:,} entries {are} {what}"


def _dead(site: Site) -> Reason | None:
    """Units that are switched off."""
    assert site.slopes is not None
    flat: Array = site.slopes == 0
    if site.blocked < BLOCKED and _dead_units(flat).mean() < MANY_DEAD:
        return None
    return dead_layer(site.link.call, site.names["x"], flat, site.blocked, site.factor)


def dead_layer(
    call: Call, name: str, flat: Array, blocked: float = 1.0, factor: float = 0.0
) -> Reason:
    """Units that are switched off, in a call that takes `name` and is flat at these entries."""
    dead = _dead_units(flat)
    words = f"in {name}, {_count(flat, 'at or below 0, where the slope is 0')}"
    if dead.any():
        who = "all" if dead.all() else f"{int(dead.sum()):,} of"
        are = "is" if dead.sum() == 1 else "are"
        words += f"; {who} {dead.size:,} units {are} dead: 0 for every example here"
    return Reason(
        "dead",
        call,
        f"{words}.",
        "lower the learning rate, start with biases at 0 and He initialisation, standardise the "
        "inputs, or take an activation that is never flat, such as LeakyReLU or GELU.",
        blocked,
        factor,
    )


def _dead_units(flat: Array) -> Array:
    """Which units are flat for every example."""
    whole = flat.all(axis=tuple(range(flat.ndim - 1))) if flat.ndim > 1 else np.zeros(1, bool)
    return np.asarray(whole)


def _saturated(steepest: float) -> Callable[[Site], Reason | None]:
    """Flat ends of an activation, whose slope is at most `steepest`."""

    def find(site: Site) -> Reason | None:
        assert site.slopes is not None
        mean = float(np.mean(np.abs(site.slopes)))
        if mean > FLAT * steepest:
            return None
        label, between = site.link.call.label, ""
        if "x" in site.values:
            x = np.asarray(site.values["x"])
            low, high = number(float(x.min()), 3), number(float(x.max()), 3)
            between = f", for its inputs go from {low} to {high}"
        return site.reason(
            "saturated",
            f"{label} is saturated: its slope is on average {number(mean, 2)} (at most "
            f"{number(steepest)}){between}.",
            "smaller initial weights (Xavier), standardised inputs or normalisation before it; if "
            "it ends the network, use the loss that takes logits.",
        )

    return find


def _masked(words: str) -> Callable[[Site], Reason | None]:
    """Entries that were not chosen."""

    def find(site: Site) -> Reason | None:
        if site.blocked < BLOCKED:
            return None
        assert site.slopes is not None
        name = site.names[site.link.input]
        return site.reason(
            "masked",
            f"{site.link.call.label} takes no part of {name} where {words}: of {name}'s gradient, "
            f"{_count(site.slopes == 0, 'cut off')}.",
            "look at the condition or limits; if they are meant, these entries are not to learn.",
        )

    return find


def _multiplied(site: Site) -> Reason | None:
    """Factors that are 0 or tiny."""
    assert site.slopes is not None
    other = "y" if site.link.input == "x" else "x"
    name = site.names.get(other, "a constant")
    if other not in site.names and other in site.values:
        name = number(site.values[other])
    of = site.names[site.link.input]
    if site.blocked >= BLOCKED:
        zeros = site.slopes == 0
        if site.link.call.module_kind and "Drop" in site.link.call.module_kind:
            return site.reason(
                "dropped out",
                f"{site.link.call.module_kind} multiplies with a mask in which "
                f"{_count(zeros, '0')}.",
                "in training that is meant: other entries drop out in the next step. Lower p, or "
                "call model.eval() to see the gradient without it.",
            )
        return site.reason(
            "multiplied by zeros",
            f"{of} is multiplied by {name}, of which {_count(zeros, '0')}.",
            f"if {name} is a mask, these entries are not to learn; if it is a weight or a gate, "
            "do not start it at 0.",
        )
    if 0 < site.factor <= 1e-3:
        return site.reason(
            "small",
            f"{of} is multiplied by {name}, which makes its gradient "
            f"{number(1 / site.factor, 3)} times smaller.",
            "a larger factor, or a larger learning rate for what comes before it.",
        )
    return None


def _at_minimum(site: Site) -> Reason | None:
    """x², |x| and the like have slope 0 at 0, as losses have where they are at their least."""
    x = site.values.get("x")
    if site.blocked < BLOCKED or x is None or site.link.input != "x":
        return None
    return site.reason(
        "at the minimum",
        f"the slope of {site.link.call.label} is 0 at 0, and of {site.names['x']} "
        f"{_count(np.asarray(x) == 0, 'exactly 0')}.",
        "if this is the loss, there is nothing left to learn here: prediction and target agree. "
        "Else start elsewhere.",
    )


def _step(site: Site) -> Reason | None:
    return site.reason(
        "no slope",
        f"{site.link.call.label} is a step: its derivative is 0 on both sides.",
        "train with sigmoid in its place, or with the rule of the perceptron.",
    )


def _product(site: Site) -> Reason | None:
    """Matrix products with zeros."""
    met = {"x": "weight" if "weight" in site.values else "y", "weight": "x", "y": "x"}
    other = met.get(site.link.input, "")
    if other not in site.values or site.sent.any() or not site.upstream.any():
        return None
    zeros = np.asarray(site.values[other]) == 0
    if not zeros.any():
        return None
    return site.reason(
        "multiplied by zeros",
        f"{site.names[site.link.input]} is multiplied by {site.names[other]}, of which "
        f"{_count(zeros, '0')}.",
        "weights must not start at 0 (biases may): see nn.init. If these are data, or the results "
        "of a layer, find out why they are 0.",
    )


def _softmax(site: Site) -> Reason | None:
    x = site.values.get("x", site.values.get("logits"))
    if site.factor > 1e-3 or x is None:
        return None
    gap = np.ptp(np.asarray(x), axis=-1).mean()
    return site.reason(
        "saturated",
        f"{site.link.call.label} is sure: its inputs lie {number(float(gap), 3)} apart on average, "
        f"and it makes the gradient {number(1 / max(site.factor, 1e-300), 3)} times smaller.",
        "if the predictions are right, there is nothing left to learn here. Else scale the logits "
        "down, and let the loss have the logits: softmax_cross_entropy works where softmax then "
        "log does not.",
    )


_BY_OPERATION: dict[type[Function], Callable[[Site], Reason | None]] = {
    ops.ReLU: _dead,
    LeakyReLU: _dead,
    ops.Sigmoid: _saturated(0.25),
    ops.Tanh: _saturated(1.0),
    Softsign: _saturated(1.0),
    LogSigmoid: _saturated(1.0),
    Softplus: _saturated(1.0),
    ELU: _saturated(1.0),
    NormalCDF: _saturated(0.3989),
    TanhGELU: _saturated(1.0),
    Hardtanh: _masked("it lies beyond the limits"),
    ops.Clip: _masked("it lies beyond the limits"),
    ops.Where: _masked("the condition chooses the other"),
    ops.Maximum: _masked("the other is larger"),
    ops.Minimum: _masked("the other is smaller"),
    ops.Multiply: _multiplied,
    ops.Divide: lambda site: _multiplied(site) if site.link.input == "y" else None,
    ops.Square: _at_minimum,
    ops.Absolute: _at_minimum,
    ops.Power: _at_minimum,
    BinaryStep: _step,
    ops.MatMul: _product,
    ops.Affine: _product,
    ops.Softmax: _softmax,
    ops.SoftmaxCrossEntropy: _softmax,
}
