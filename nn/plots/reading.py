"""What training and dev error together say, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from nn.checks import number

BIAS = "a larger network, longer training, or another optimiser or architecture"
VARIANCE = "more data or augmentation, regularisation, early stopping, or a smaller network"


@dataclass(frozen=True)
class Reading:
    """What two errors say.

    Attributes:
        bias: training error − target, how far what was learned is from what could be.
        variance: dev error − training error, how much worse it is on examples never seen.
        verdict: "high bias", "high variance", "high bias and high variance", or "low bias and low
            variance".
        sentence: the same with numbers, and what helps.
    """

    bias: float
    variance: float
    verdict: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def read_bias_variance(
    train_error: float, dev_error: float, target: float = 0.0, tolerance: float = 0.02
) -> Reading:
    """Say whether a network suffers from bias, from variance, from both, or from neither.

    Args:
        train_error, dev_error: the shares of errors on the examples trained on and on held-out
            ones, from 0 to 1: 0.15 for 15 %.
        target: the error that can be hoped for, as that of people on the same examples.
        tolerance: a gap above this is high.

    Raises:
        TypeError, ValueError: an argument is no number, or not from 0 to 1.

    Example:
        >>> read_bias_variance(0.01, 0.16).verdict
        'high variance'

    Source: Ng, "Machine Learning Yearning" (2018), chapters 20–27.
    """
    given = {
        "train_error": train_error,
        "dev_error": dev_error,
        "target": target,
        "tolerance": tolerance,
    }
    for name, value in given.items():
        if not 0 <= number(value, "read_bias_variance", name) <= 1:
            raise ValueError(
                f"read_bias_variance: {name} is a share from 0 to 1, not {value}. For {value:g} "
                f"percent write {value / 100:g}; an accuracy is 1 − error."
            )
    bias, variance = train_error - target, dev_error - train_error
    # Errors are written with few digits: 0.03 − 0.01 is not above 0.02, though computed it is.
    high = [gap > tolerance + 1e-12 for gap in (bias, variance)]
    names = [name for name, is_high in zip(("bias", "variance"), high, strict=True) if is_high]
    verdict = " and ".join(f"high {name}" for name in names) or "low bias and low variance"
    remedies = [remedy for remedy, is_high in zip((BIAS, VARIANCE), high, strict=True) if is_high]
    advice = f"Try {'; then '.join(remedies)}." if remedies else "Nothing calls for a remedy."
    sentence = (
        f"Training error {percent(train_error)} with {percent(target)} aimed at, dev error "
        f"{percent(dev_error)}: {verdict}. {advice}"
    )
    return Reading(bias, variance, verdict, sentence)


def percent(share: float) -> str:
    """A share as a person reads it, with three digits."""
    return f"{100 * share:.3g} %"
