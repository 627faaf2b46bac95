"""How far to go along a direction: a line search for the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

DECREASE, CURVATURE = 1e-4, 0.9  # c₁ and c₂ of the conditions
SMALLEST_MOVE = 1e-9  # of any parameter: a bracket that is smaller is not divided


class Point(NamedTuple):
    """A point on the line x + t d."""

    t: float
    loss: float
    slope: float  # of the loss along d, ∇f(x + t d)ᵀ d
    gradient: Any


def strong_wolfe(
    evaluate: Callable[[float], Point], start: Point, t: float, reach: float, most: int
) -> Point:
    """A point with f(t) ≤ f(0) + c₁ t f'(0) and |f'(t)| ≤ c₂ |f'(0)|, or the best one found.

    First the step grows until such points are bracketed, then the bracket shrinks, both by cubic
    interpolation. Source: Nocedal and Wright, "Numerical optimization", 2nd edition, algorithms 3.5
    and 3.6; the rules on how far an interpolation may go are those that PyTorch follows.

    Args:
        evaluate: gives the point at t.
        start: the point at t = 0, with a negative slope.
        t: the first step to try.
        reach: the largest entry of |d|, by which the bracket is measured.
        most: evaluations after the first.
    """

    def too_high(point: Point) -> bool:
        return point.loss > start.loss + DECREASE * point.t * start.slope

    def flat_enough(point: Point) -> bool:
        return abs(point.slope) <= -CURVATURE * start.slope

    before, new, tried = start, evaluate(t), 0
    while tried < most:
        if too_high(new) or (tried > 1 and new.loss >= before.loss):
            break
        if flat_enough(new):
            return new
        if new.slope >= 0:
            break
        t = _lowest(before, new, new.t + 0.01 * (new.t - before.t), 10 * new.t)
        before, new = new, evaluate(t)
        tried += 1
    else:
        before = start
    bracket = [before, new]
    low = _lower(bracket)
    hesitated = False  # whether the last point was close to the bracket's end
    while tried < most and abs(bracket[1].t - bracket[0].t) * reach >= SMALLEST_MOVE:
        left, right = sorted(point.t for point in bracket)
        t, margin = _lowest(bracket[0], bracket[1], left, right), 0.1 * (right - left)
        close = min(right - t, t - left) < margin
        if close and (hesitated or not left < t < right):
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            close = False
        hesitated = close
        new = evaluate(t)
        tried += 1
        if too_high(new) or new.loss >= bracket[low].loss:
            bracket[1 - low] = new
            low = _lower(bracket)
            continue
        if flat_enough(new):
            return new
        if new.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = new
    return bracket[low]


def _lower(bracket: list[Point]) -> int:
    return 0 if bracket[0].loss <= bracket[1].loss else 1


def _lowest(a: Point, b: Point, low: float, high: float) -> float:
    """Where the cubic through both points has its minimum, or the middle; within bounds."""
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2
    d2 = math.sqrt(square)
    below = b.slope - a.slope + 2 * d2
    if below == 0:
        return (low + high) / 2
    t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / below
    return min(max(t, low), high)
