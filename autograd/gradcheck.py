"""The gradient check: does what backward computes agree with what a small step shows?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.grad_mode import enable_grad
from autograd.gradients import grad
from autograd.tensor import Tensor

# The verdicts are spoken of as ratios around 1e-7, 1e-5 and 1e-3; the bounds lie halfway between.
GREAT, MAYBE = 1e-6, 1e-4


class Component(NamedTuple):
    """One entry of one checked Tensor: its derivative by a difference and by backward."""

    name: str
    entry: tuple[int, ...]
    numerical: float
    analytic: float

    def __str__(self) -> str:
        place = str(list(self.entry)) if self.entry else ""
        return f"{self.name}{place}: numerical {self.numerical:.10g}, analytic {self.analytic:.10g}"


class GradientReport(NamedTuple):
    """What `gradcheck` found; true if the gradients agree, `str()` says the rest.

    Attributes:
        ratio: ‖numerical − analytic‖ / (‖numerical‖ + ‖analytic‖) over all components; 0 if both
            gradients are zero.
        components: how many entries were checked.
        worst: the component that differs most.
        within_rounding: whether rounding alone can explain the whole difference.
        results: how many entries the checked result has; of several, a weighted sum is checked.
    """

    ratio: float
    components: int
    worst: Component
    within_rounding: bool
    results: int = 1

    @property
    def verdict(self) -> str:
        """One of "great" (ratio below 1e-6), "maybe" (below 1e-4) and "worry" (the rest, NaN)."""
        return "great" if self.ratio < GREAT else "maybe" if self.ratio < MAYBE else "worry"

    def __bool__(self) -> bool:
        return self.verdict == "great"

    def __str__(self) -> str:
        text = (
            f"gradient check of {self.components} components: {self.verdict}, "
            f"ratio {self.ratio:.2g}\n  worst  {self.worst}"
        )
        if self.results != 1:
            text += f"\n  of     a sum of the {self.results} results with fixed random weights"
        return text if self else f"{text}\n  {self._advice()}"

    def _advice(self) -> str:
        if not np.isfinite(self.ratio):
            return "Something is infinite or not a number here: check at another point."
        if self.within_rounding:
            return (
                "Rounding alone can make this difference, so nothing is decided: the gradient is "
                "small beside the value. Check at another point, or without large constant terms."
            )
        return (
            "Look at the rule that this component's gradient comes through. A kink closer than eps "
            "(relu at 0, a tie in max) does this too: move the point away from it."
        )


@enable_grad()
def gradcheck(
    fn: Callable[..., Tensor],
    *inputs: Any,
    parameters: Iterable[Tensor] = (),
    eps: float = 1e-7,
) -> GradientReport:
    """Compare the gradient of `fn(*inputs)` with two-sided differences, entry by entry.

    All entries of the inputs and parameters that require gradients form one vector θ. For each,
    (f(θ + eps) − f(θ − eps)) / 2 eps is held against the gradient that the engine computes
    (Andrew Ng, Improving Deep Neural Networks, "Gradient checking"). Two calls of fn per entry.

    Args:
        fn: a function of the inputs to one Tensor. Of a result with several entries, a sum with
            fixed random weights is checked, in which the errors of two entries do not cancel.
        inputs: what fn is called with. Tensors that require gradients are checked.
        parameters: Tensors that fn uses without being given them, as `module.parameters()`.
        eps: the step to either side.

    Returns:
        A report that is true if the ratio of the difference to the gradients is below 1e-6; print
        it for the ratio, the verdict and the worst component. At a kink (relu at 0, ties in max)
        the difference straddles two slopes, so check beside it.

    Raises:
        TypeError: a checked Tensor or fn's result is not float64; nothing requires a gradient;
            a parameter or fn's result is not a Tensor.
        ValueError: fn gives two answers for the same inputs (dropout, say); eps is 0, or lost
            beside a large entry.
        RuntimeError: fn's result has no history.

    Data and gradients of the Tensors are left as they were, also if fn raises.
    """
    names = _checked(inputs, [parameters] if isinstance(parameters, Tensor) else list(parameters))
    originals = {tensor: tensor._data for tensor in names}
    try:
        for tensor, data in originals.items():
            tensor._data = data.copy()  # the steps, and whatever fn writes, happen here
        return _compare(lambda: fn(*inputs), names, eps)
    finally:
        for tensor, data in originals.items():
            tensor._data = data


def _checked(inputs: Sequence[Any], parameters: Sequence[Tensor]) -> dict[Tensor, str]:
    """The Tensors to check, each with what to call it."""
    for one in parameters:
        if not isinstance(one, Tensor):
            raise TypeError(
                f"gradcheck: parameters are Tensors, not {type(one).__name__}. "
                "Of a module pass parameters=module.parameters()."
            )
    given = [(f"input {i}", one) for i, one in enumerate(inputs) if isinstance(one, Tensor)]
    given += [(f"parameter {i}", one) for i, one in enumerate(parameters)]
    names: dict[Tensor, str] = {}
    for place, one in given:
        if one.requires_grad and one.size:
            names.setdefault(one, f"{place} {one.name!r}" if one.name else place)
    if not names:
        raise TypeError(
            "gradcheck: nothing to check, because no input that has entries requires a gradient. "
            "Make one with Tensor(data, requires_grad=True, dtype='float64'), or pass "
            "parameters=[…]."
        )
    for tensor, name in names.items():
        _require_float64(name, tensor)
    return names


def _require_float64(name: str, tensor: Tensor) -> None:
    if tensor.dtype != np.float64:
        raise TypeError(
            f"gradcheck: {name} is {tensor.dtype}, and the check needs float64: a step of 1e-7 "
            "drowns in coarser rounding. Write Tensor(data, requires_grad=True, dtype='float64'), "
            "or call autograd.set_default_dtype('float64') before making a module."
        )


def _compare(call: Callable[[], Tensor], names: dict[Tensor, str], eps: float) -> GradientReport:
    result = call()
    if not isinstance(result, Tensor):
        raise TypeError(
            f"gradcheck: fn must return one Tensor, and returned {type(result).__name__}."
        )
    _require_float64("fn's result", result)
    if not np.array_equal(result.data, call().data, equal_nan=True):
        raise ValueError(
            "gradcheck: fn gave two answers for the same inputs, so differences would show its "
            "randomness and not its slope. Switch dropout off (module.eval()), or let fn seed its "
            "generator anew at each call."
        )
    weights = np.ones(result.shape)
    if result.size != 1:
        weights = np.random.default_rng(0).standard_normal(result.shape)
    gradients = grad(result, list(names), weights, allow_unused=True)

    def value() -> float:
        return float(np.sum(weights * call().data))

    components = [
        Component(
            name,
            index,
            numerical=_slope(value, tensor.data, index, eps, name),
            analytic=0.0 if gradient is None else float(gradient.data[index]),
        )
        for (tensor, name), gradient in zip(names.items(), gradients, strict=True)
        for index in np.ndindex(tensor.shape)
    ]
    numerical = np.array([one.numerical for one in components])
    analytic = np.array([one.analytic for one in components])
    with np.errstate(all="ignore"):  # what is not finite ends as a ratio of NaN, and is a worry
        difference = np.linalg.norm(numerical - analytic)
        scale = np.linalg.norm(numerical) + np.linalg.norm(analytic)
        magnitude = np.sum(np.abs(weights * result.data))
        rounding = np.sqrt(len(components)) * np.finfo(np.float64).eps * magnitude / eps
        return GradientReport(
            ratio=float(difference / scale) if scale else 0.0,
            components=len(components),
            worst=components[int(np.argmax(np.abs(numerical - analytic)))],
            within_rounding=bool(difference <= rounding),
            results=result.size,
        )


def _slope(
    value: Callable[[], float], data: Any, index: tuple[int, ...], eps: float, name: str
) -> float:
    """The two-sided difference quotient of `value` along one entry of `data`."""
    middle = data[index]
    above, below = middle + eps, middle - eps
    if above == below:
        raise ValueError(
            f"gradcheck: eps={eps} is lost beside {middle:g}, an entry of {name}. "
            "Scale the input down, or take a larger eps."
        )
    data[index] = above
    up = value()
    data[index] = below
    down = value()
    data[index] = middle
    return float((up - down) / (above - below))  # by the step as it was rounded
