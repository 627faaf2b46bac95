"""Why a gradient is as it is: small, zero or missing, and at which calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np

from autograd.graph.colouring import SCALE
from autograd.graph.data import Array
from autograd.graph.explaining.naming import Names
from autograd.graph.explaining.paths import Path, Ways
from autograd.graph.explaining.ways import Link, Target, history_of
from autograd.graph.numbers import number, size_of
from autograd.graph.reasoning import answers
from autograd.graph.reasoning.cuts import cut_ways, missing
from autograd.graph.reasoning.origins import with_origins
from autograd.graph.reasoning.reasons import reason_at
from autograd.graph.reasoning.sites import Reason, site_of
from autograd.tensor import Tensor

MOST_PATHS = 20
MOST_REASONS = 5
VANISHING = SCALE[0][0]
SMALL = SCALE[2][0]
LARGE = SCALE[4][0]
CANCELLED = 1e-4  # of what came together, which part is left

Verdict = Literal[
    "missing", "zero", "vanishing", "small", "healthy", "large", "not finite", "unknown"
]


@dataclass(frozen=True, eq=False)
class Answer:
    """Why a gradient is as it is. `print` shows it, and notebooks do.

    Attributes:
        names: what the variables are called here, by key.
        variable, result: the names of the variable and of the result.
        verdict: "missing" if no way leads to it; "zero"; "vanishing", "small", "healthy" or
            "large" by its size, the root mean square of its entries, with limits at 1e-8, 1e-4 and
            100; "not finite"; "unknown" if the graph has been released.
        gradient: the gradient in float64; None if it is missing or unknown.
        reasons: what makes it small, zero or missing, what matters most first. Of a healthy
            gradient: what is worth knowing.
        count: how many paths lead to it.
        paths: those with the largest contributions, at most twenty.
        note: what could not be known.
    """

    names: Names
    variable: str
    result: str
    verdict: Verdict
    gradient: Array | None
    reasons: tuple[Reason, ...]
    count: int
    paths: tuple[Path, ...]
    note: str

    def __str__(self) -> str:
        return answers.text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return answers.html(self)


def why(variable: Tensor, target: Target, *args: Any) -> Answer:
    """Why the gradient of a variable is small, zero or missing, or that it is as it should be.

    Call by call: how much each one leaves of the gradient, path by path, and which of them blocks
    it (dead units, saturation, masks, zeros, cancellation, underflow); for a gradient that is
    missing, which call cuts the way (detach, argmax, comparisons, casts, no_grad), or that the
    variable is frozen or was not used. Each with what to do.

    Args:
        variable: the Tensor, such as a weight.
        target: a loss that was computed within `with autograd.record() as tape:`; the tape, of
            which the last single number is taken; or a function that answers a loss. Of a loss
            that was not recorded, only what is left of its graph can be told.
        args: the function's arguments.

    Raises:
        TypeError: the variable is no Tensor, or the target none of these.
        ValueError: the result is not one single number that operations made.

    Example:
        print(why(model[0].weight, loss_of, model, x, y))
    """
    if not isinstance(variable, Tensor):
        raise TypeError(
            "why: first the Tensor whose gradient is asked for, such as model[0].weight, then the "
            f"loss; not {variable!r:.40} ({type(variable).__name__})."
        )
    history = history_of(target, args, "why")
    key, names = history.key_of(variable), Names(history)
    name = names[key] if key else variable.name or f"the Tensor of shape {variable.shape}"
    ways = Ways(history, key or "")
    result = names[history.start]
    if key is None or not ways.count:
        cuts = tuple(missing(history, variable, key, names))
        return Answer(names, name, result, "missing", None, cuts, 0, (), "")
    if history.released:
        return Answer(names, name, result, "unknown", None, (), ways.count, (), RELEASED)
    gradient = ways.gradient
    verdict = _verdict(gradient)
    reasons = _reasons(ways, names, verdict)
    if any(one.kind == "underflow" for one in reasons):
        verdict = "zero"
    note = "" if history.tape else NOT_RECORDED
    paths = ways.largest(MOST_PATHS)[0]
    return Answer(names, name, result, verdict, gradient, reasons, ways.count, paths, note)


RELEASED = (
    "A backward pass has released the values of this loss, so it cannot be told what each call "
    "does to the gradient. Compute the loss within `with autograd.record() as tape:`, or give the "
    "function that computes it, and its arguments."
)
NOT_RECORDED = (
    "This loss was not recorded: calls whose way back is cut, such as detach, and source lines are "
    "not known. Compute it within `with autograd.record() as tape:`, or give the function that "
    "computes it, and its arguments."
)


def _verdict(gradient: Array) -> Verdict:
    size = size_of(gradient)
    if not np.isfinite(gradient).all():
        return "not finite"
    if size == 0:
        return "zero" if gradient.size else "healthy"
    if size <= VANISHING:
        return "vanishing"
    return "small" if size <= SMALL else "healthy" if size <= LARGE else "large"


def _reasons(ways: Ways, names: Names, verdict: Verdict) -> tuple[Reason, ...]:
    """What matters most first: what leaves least of the gradient."""
    if verdict == "not finite":
        return (_first_not_finite(ways, names),)
    found = [*_underflow(ways), *_cancelled(ways, names)]
    for link in ways.links:
        upstream, sent = ways.flow.arrived[link.above], ways.flow.sent[link]
        reason = reason_at(site_of(ways.history, names, link, upstream, sent))
        if reason is not None:
            found.append(reason)
    if verdict in ("vanishing", "small", "large") and not found:
        found += _compounded(ways)
    found += cut_ways(ways.history, ways.target)
    return tuple(with_origins(ways.history, names, found)[:MOST_REASONS])


def _compounded(ways: Ways) -> Iterator[Reason]:
    """Of a path on which no single call stands out, the operation that matters most."""
    (path,), _ = ways.largest(1)
    shares: Counter[type[Any]] = Counter()
    for link, share in zip(path.links, path.shares, strict=True):
        shares[link.call.op] += share  # type: ignore[assignment]  # a Counter may hold fractions
    op, share = max(shares.items(), key=lambda one: one[1])
    of_op = [(x, f) for x, f in zip(path.links, path.factors, strict=True) if x.call.op is op]
    factor = prod(one[1] for one in of_op)
    times = f"{number(1 / factor if factor < 1 else factor, 3)} times"
    which = "smaller" if factor < 1 else "larger"
    who = f"{len(of_op)} calls of {op.__name__} make"
    if len(of_op) == 1:
        who = f"{of_op[0][0].call.label} makes"
    yield Reason(
        "small factors" if factor < 1 else "large factors",
        of_op[0][0].call,
        f"{who} the gradient {times} {which}, on the largest path: "
        f"{number(100 * share, 3)} % of the change.",
        "He or Xavier initialisation, ReLU rather than sigmoid, residual connections or "
        "normalisation keep the size; a loss that averages over many entries is small as such."
        if factor < 1
        else "He or Xavier initialisation, normalisation, or clip the gradients in training.",
        factor=factor,
    )


def _first_not_finite(ways: Ways, names: Names) -> Reason:
    """The call that makes the first NaN or infinity on the way back."""
    sent = ways.flow.sent
    bad = (one for one in ways.links if not np.isfinite(sent[one]).all())
    link = next(bad)  # what comes to the first one is finite
    return Reason(
        "not finite",
        link.call,
        f"{link.call.label} sends back NaN or an infinity to {names[link.below]}: its slope there "
        "is infinite, or its values are not finite.",
        "run it within `with autograd.detect_anomaly():`, which names the cause and the fix.",
    )


def _cancelled(ways: Ways, names: Names) -> Iterator[Reason]:
    """Where gradients that come together cancel: from several ways, or within a sum over rows."""
    arrived, sent = ways.flow
    together: dict[str, list[Link]] = {}
    for link in ways.links:
        together.setdefault(link.below, []).append(link)
        upstream = arrived[link.above]
        if np.prod(link.shapes[1]) < upstream.size and _keeps_signs(link):
            left = _part_left(sent[link], [size_of(link.send(np.abs(upstream)))])
            if left <= CANCELLED:
                yield Reason(
                    "cancellation",
                    link.call,
                    f"the gradient of {names[link.below]} is a sum over what {link.call.label} "
                    f"repeats it for, and the terms cancel: {_percent(left)} is left.",
                    "something later takes out what is common to them, as normalisation or softmax "
                    "does: then this variable has no effect, and can be left out.",
                    factor=left,
                )
    for key, links in together.items():
        left = _part_left(arrived[key], [size_of(sent[link]) for link in links])
        if len(links) > 1 and left <= CANCELLED:
            sizes = ", ".join(f"{x.call.label} {number(size_of(sent[x]), 3)}" for x in links[:4])
            yield Reason(
                "cancellation",
                links[-1].call,
                f"{len(links)} gradients come together at {names[key]} and cancel ({sizes}): "
                f"{_percent(left)} is left.",
                "the result hardly depends on it, for its uses work against each other, as in "
                "x − x.mean() for what is common to all x.",
                factor=left,
            )


def _keeps_signs(link: Link) -> bool:
    """Whether a sum of magnitudes is what would come if nothing cancelled."""
    slopes = link.slopes()
    if slopes is None:
        return link.input == "bias"
    return bool((slopes >= 0).all() or (slopes <= 0).all())


def _part_left(whole: Array, sizes: list[float]) -> float:
    """Which part of what came is left after it was summed; 1 if nothing came."""
    return size_of(whole) / sum(sizes) if sum(sizes) else 1.0


def _percent(part: float) -> str:
    return f"{number(100 * part, 2)} %" if part else "nothing"


def _underflow(ways: Ways) -> Iterator[Reason]:
    """Where a gradient becomes 0 only because its dtype has no smaller numbers."""
    graph = ways.history.graph
    dtype = np.dtype(graph.variable[ways.target].dtype)
    if dtype == ways.dtype or not ways.gradient.any():
        return
    narrow = Ways(ways.history, ways.target, dtype)
    if narrow.gradient.any():
        return
    sent, exact = narrow.flow.sent, ways.flow.sent
    link = next(one for one in ways.links if exact[one].any() and not sent[one].any())
    least = np.finfo(dtype).smallest_subnormal
    yield Reason(
        "underflow",
        link.call,
        f"after {link.call.label} the gradient is below {number(float(least), 2)}, the smallest "
        f"{dtype}, and becomes 0; in float64, {number(size_of(ways.gradient), 3)} would arrive.",
        "scale the loss up and the learning rate down, keep activations from saturating, or "
        "compute in float64.",
        factor=0.0,
    )
