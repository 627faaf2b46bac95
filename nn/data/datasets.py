"""Data that comes with the package."""

from __future__ import annotations

from os.path import dirname, join
from typing import Any

import numpy as np


def digits() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Handwritten digits: 1,797 images of 8×8 pixels by 13 people, 174 to 183 of each digit.

    Returns:
        images: (1797, 64) float32, whole numbers 0 (paper) … 16 (ink), row by row: an image is
            `images[i].reshape(8, 8)`.
        labels: (1797,) int64, the digits 0 … 9.

    Source: the test part of "Optical Recognition of Handwritten Digits", E. Alpaydin and
    C. Kaynak, UCI Machine Learning Repository, doi 10.24432/C50P49, licence CC BY 4.0; see
    LICENSE-digits.md beside this file.
    """
    with np.load(join(dirname(__file__), "digits.npz"), allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    return images.reshape(-1, 64).astype(np.float32), labels.astype(np.int64)
