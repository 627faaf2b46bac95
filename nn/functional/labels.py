"""Labels in other forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, get_default_dtype
from nn.checks import whole_number


def one_hot(labels: Any, num_classes: int) -> Tensor:
    """For each label a row of zeros with a 1 at the label's place, in the default dtype.

    Shapes: labels (...) of whole numbers 0 … num_classes − 1; the result (..., num_classes).
    Raises TypeError for labels that are not whole numbers, ValueError for labels out of range.
    """
    labels = np.asarray(labels)
    num_classes = whole_number(num_classes, "one_hot", "num_classes")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"one_hot: labels are whole numbers, not {labels.dtype}.")
    wrong = labels[(labels < 0) | (labels >= num_classes)]
    if wrong.size:
        raise ValueError(
            f"one_hot: {wrong.size} of {labels.size} labels are not in 0 … {num_classes - 1}; "
            f"the first is {wrong[0]}."
        )
    rows = labels[..., None] == np.arange(num_classes)
    return Tensor(rows.astype(get_default_dtype()))
