"""The matrix products of a step and nothing else: what no library on NumPy's BLAS can go below."""

from __future__ import annotations

import numpy as np
from workloads import Built, Network

TITLE = "matrix products alone"
DISTRIBUTIONS = ("numpy",)


def network(work: Network) -> Built:
    layers = []
    for (weight, _), n_in, n_out in zip(work.weights(), work.sizes, work.sizes[1:], strict=False):
        x = np.ones((work.batch, n_in), np.float32)
        g = np.ones((work.batch, n_out), np.float32)
        layers.append((x, weight, g, np.empty_like(x), np.empty_like(weight), np.empty_like(g)))

    def step() -> None:
        for i, (x, weight, g, x_sized, weight_sized, g_sized) in enumerate(layers):
            np.matmul(x, weight.T, out=g_sized)
            np.matmul(g.T, x, out=weight_sized)
            if i > 0:  # the data wants no gradient
                np.matmul(g, weight, out=x_sized)

    return Built(step, None)
