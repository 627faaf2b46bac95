"""What is done to gradients between backward and step: measured, clipped, made noisy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, cast

import numpy as np

from autograd import Tensor
from autograd.conditions import require
from autograd.leaves import is_writeable
from autograd.random import draw
from autograd.steps import recording_step
from autograd.versions import stamp

Array = np.ndarray[Any, Any]

_OVERFLOW = (
    "clip_grad_norm_: the squares of the gradients overflow. A compiled step takes their sum as it "
    "is, and the norm would be infinite.\n"
    "  likely  the training diverges: lower the learning rate, or warm it up\n"
    "  fix     clip by the largest entry, norm_type=math.inf, or run this step as it is"
)


def grad_norm(parameters: Tensor | Iterable[Tensor], norm_type: float = 2.0) -> float:
    """The norm of all gradients together, as if they were one long vector.

    Args:
        parameters: Tensors, or one; those without a gradient are left out.
        norm_type: p of the p-norm, above 0; math.inf for the largest absolute value.

    Returns:
        The norm; NaN or infinite if a gradient is.

    Raises:
        TypeError: there is something that is not a Tensor.
        ValueError: there are no parameters, none has a gradient, or norm_type is not above 0.
    """
    if not norm_type > 0:
        raise ValueError(f"grad_norm: norm_type is above 0 (2 is usual), not {norm_type}.")
    gradients = [_wide(p.grad.data).ravel() for p in _with_gradients("grad_norm", parameters)]
    if norm_type == 2:
        squares = _squares(gradients)
        if 1e-30 < squares < math.inf:
            return float(np.sqrt(squares))
    return float(_norm(gradients, norm_type))


def _squares(gradients: list[Any]) -> Any:
    """The sum of all squares, as they come: it may overflow or vanish."""
    with np.errstate(over="ignore"):
        return reduce(np.add, [np.vdot(g, g) for g in gradients]).astype(np.float64)


def _norm(gradients: list[Any], norm_type: float) -> Any:
    """The norm of any order, by NumPy calls alone: a recorded step does the same."""
    sizes = [np.abs(g) for g in gradients]
    largest = reduce(np.maximum, [np.max(one, initial=0.0) for one in sizes])
    if norm_type == math.inf:
        return largest.astype(np.float64)
    # Divided by the largest, no power overflows, and that of the largest does not vanish.
    usable = np.logical_and(largest > 0, largest < math.inf)
    unit = np.where(usable, largest, 1)
    parts = [np.minimum(one / unit, 1) for one in sizes]  # larger than 1 only if not usable
    powers = [np.sum(np.power(one, norm_type)).astype(np.float64) for one in parts]
    norm = unit * np.power(reduce(np.add, powers), 1 / norm_type)
    return np.where(usable, norm, largest)


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """Scale all gradients by one factor, so that their norm together is at most `max_norm`.

    The direction stays. The factor is max_norm / (norm + 1e-6) where that is below 1, as in
    PyTorch. Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural
    networks", ICML 2013.

    Args:
        parameters: Tensors, or one; those without a gradient are left out.
        max_norm: at least 0.
        norm_type: p of the p-norm, above 0; math.inf for the largest absolute value.
        error_if_nonfinite: whether a norm that is NaN or infinite is an error.

    Returns:
        The norm before clipping; within `autograd.compile` a Tensor, as its value is new each time,
        and of order 2 not exact below 1e-15, where squares vanish.

    Raises:
        RuntimeError: the norm is NaN or infinite, and error_if_nonfinite; nothing is changed.
        TypeError, ValueError: as for `grad_norm`, or max_norm is negative or not a number; or in a
            compiled step, the squares of the gradients overflow.
    """
    if not max_norm >= 0:
        raise ValueError(f"clip_grad_norm_: max_norm is at least 0, not {max_norm}.")
    found = _with_gradients("clip_grad_norm_", parameters)
    recorder = recording_step.get()
    if recorder is not None:
        return cast(float, _clip_recorded(found, max_norm, norm_type, error_if_nonfinite))
    norm = grad_norm(found, norm_type)
    if error_if_nonfinite and not math.isfinite(norm):
        raise _not_finite(found)
    factor = max_norm / (norm + 1e-6)
    if not factor >= 1:  # smaller; or NaN, which is to be seen
        for parameter in found:
            change_grad(parameter, "clip_grad_norm_", np.multiply, factor)
    return norm


def _clip_recorded(found: list[Any], max_norm: float, norm_type: float, finite: bool) -> Tensor:
    """`clip_grad_norm_` without a branch on values: the same numbers, by a factor of at most 1."""
    gradients = [_wide(p.grad.data).ravel() for p in found]
    if norm_type == 2:
        squares = _squares(gradients)
        require(squares != math.inf, _OVERFLOW)
        norm = np.sqrt(squares)
    else:
        norm = _norm(gradients, norm_type)
    if finite:
        require(np.isfinite(norm), "clip_grad_norm_: the norm of the gradients is not finite.")
    factor = np.minimum(max_norm / (norm + 1e-6), 1.0)
    factors = {dtype: factor.astype(dtype) for dtype in dict.fromkeys(p.dtype for p in found)}
    for parameter in found:
        change_grad(parameter, "clip_grad_norm_", np.multiply, factors[parameter.dtype])
    return Tensor.at(None, norm)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Limit each entry of the gradients to the range from −clip_value to clip_value.

    Args:
        parameters: Tensors, or one; those without a gradient are left out.
        clip_value: at least 0.

    Raises:
        TypeError, ValueError: as for `grad_norm`, or clip_value is negative or not a number.
    """
    if not clip_value >= 0:
        raise ValueError(f"clip_grad_value_: clip_value is at least 0, not {clip_value}.")
    for parameter in _with_gradients("clip_grad_value_", parameters):
        change_grad(parameter, "clip_grad_value_", np.clip, -clip_value, clip_value)


def add_grad_noise_(
    parameters: Tensor | Iterable[Tensor],
    t: int,
    eta: float = 0.01,
    gamma: float = 0.55,
    generator: np.random.Generator | None = None,
) -> None:
    """Add normal noise of variance eta / (1 + t)^gamma to each entry of the gradients.

    The noise fades from step to step; early on it helps out of bad starts and sharp places.
    Source: Neelakantan et al., "Adding gradient noise improves learning for very deep networks",
    2015, with eta 0.01, 0.3 or 1.

    Args:
        parameters: Tensors, or one; those without a gradient are left out.
        t: the number of the step, at least 0.
        eta: the variance at t = 0, at least 0.
        gamma: how fast it falls, at least 0.
        generator: where the noise is drawn from; the project's own if None.

    Raises:
        TypeError, ValueError: as for `grad_norm`, or a number is negative or not a number.
    """
    for name, number in (("t", t), ("eta", eta), ("gamma", gamma)):
        if not number >= 0:
            raise ValueError(f"add_grad_noise_: {name} is at least 0, not {number}.")
    deviation = math.sqrt(eta / (1 + t) ** gamma)
    for parameter in _with_gradients("add_grad_noise_", parameters):
        noise = draw("standard_normal", parameter.shape, parameter.dtype, generator)
        noise *= deviation
        change_grad(parameter, "add_grad_noise_", np.add, noise)


def given_parameters(name: str, parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """The parameters, each once. Raises TypeError or ValueError if there are none."""
    if hasattr(parameters, "parameters"):
        raise TypeError(f"{name} takes parameters: write {name}(model.parameters(), …).")
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    for i, parameter in enumerate(given):
        if not isinstance(parameter, Tensor):
            raise TypeError(
                f"{name}: parameter {i} is a {type(parameter).__name__}, not a Tensor. For pairs "
                "of name and parameter use model.parameters()."
            )
    if not given:
        raise ValueError(
            f"{name}: there are no parameters. A generator such as model.parameters() is used up "
            "after one pass; call it again."
        )
    return list({id(parameter): parameter for parameter in given}.values())


def _with_gradients(name: str, parameters: Tensor | Iterable[Tensor]) -> list[Any]:
    given = given_parameters(name, parameters)
    found = [p for p in given if p.grad is not None]
    if not found:
        raise ValueError(
            f"{name}: none of the {len(given)} parameters has a gradient. Its place is between "
            "loss.backward() and optimizer.step()."
        )
    return found


def _wide(g: Array) -> Array:
    """`g` in a dtype in which sums of many squares are safe: half precision is widened."""
    return g.astype(np.float32) if g.dtype == np.float16 else g


def change_grad(parameter: Any, by: str, function: Callable[..., Array], *settings: Any) -> None:
    """Make the gradient function(gradient, *settings), in its own memory if possible."""
    g = parameter.grad.data
    if parameter.grad.is_leaf and is_writeable(g):
        function(g, *settings, out=g)
        stamp(g, by)
    else:
        parameter.grad = function(g, *settings)


def _not_finite(parameters: list[Any]) -> RuntimeError:
    bad = [(i, p) for i, p in enumerate(parameters) if not np.isfinite(p.grad.data).all()]
    i, parameter = bad[0]
    g = parameter.grad.data
    return RuntimeError(
        f"clip_grad_norm_: the gradient of {parameter.name or f'parameter {i}'}, {g.shape}, has "
        f"{np.count_nonzero(~np.isfinite(g))} entries that are NaN or infinite, so there is no "
        "norm to clip by. Look for log(0), a division by 0 or an overflow in the loss; "
        "autograd.detect_anomaly() shows where they come from."
    )
