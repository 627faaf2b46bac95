"""What the exercises in the lessons are checked with."""

from typing import Any

import numpy as np


def check(answer: Any, expected: Any, hint: str, right: str = "Right.") -> None:
    """Compare an answer with what is expected: numbers, text, or arrays or lists of them.

    Args:
        answer: None while nothing is filled in.
        expected: of the same shape. Numbers may differ by a ten-thousandth of themselves.
        hint: what helps whoever is wrong.
        right: what to say to whoever is right.

    Raises AssertionError, with the hint, if the answer is wrong.
    """
    if answer is None:
        print("Not tried yet.")
        return
    given, wanted = np.asarray(answer), np.asarray(expected)
    if given.shape != wanted.shape:
        raise AssertionError(
            f"Not yet: the answer has shape {given.shape}, not {wanted.shape}. {hint}"
        )
    if given.dtype.kind in "biuf" and wanted.dtype.kind in "biuf":
        same = np.isclose(given, wanted, rtol=1e-4, atol=1e-6)
    else:
        same = given == wanted
    if not np.all(same):
        raise AssertionError(f"Not yet: {np.sum(~same)} of {same.size} differ. {hint}")
    print(right)
