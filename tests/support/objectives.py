"""What searches for hyper-parameters minimise in tests."""

import numpy as np


def bowl(lr, hidden, act):
    """Lowest at lr = 0.01, with tanh."""
    return (np.log10(lr) + 2) ** 2 + 0.001 * hidden + (act == "relu")


def picky(x):
    if x > 0.5:
        raise ValueError(f"{x:.3f} is\ntoo large")
    return x
