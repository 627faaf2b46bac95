"""The memory traffic of an update and nothing else, as copies of arrays by one thread.

Adam reads parameters, gradients and its two averages, and writes all of them but the gradients: as
much as three and a half copies of an array.
"""

from __future__ import annotations

import numpy as np
from workloads import Built, Update

TITLE = "copying alone"
DISTRIBUTIONS = ("numpy",)


def update(work: Update) -> Built:
    sources = [np.concatenate([p.ravel() for p in work.parameters()]) for _ in range(4)]
    targets = [np.empty_like(source) for source in sources]
    sources[3], targets[3] = (one[: one.size // 2] for one in (sources[3], targets[3]))

    def step() -> None:
        for source, target in zip(sources, targets, strict=True):
            np.copyto(target, source)

    return Built(step, None)
