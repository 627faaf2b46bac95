"""Afterwards everything is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nn.module import Module
from optim.optimizer import Optimizer
from optim.search import random_numbers_kept


@contextmanager
def no_trace(model: Module, loss: Any, data: Any, optimizer: Optimizer | None) -> Iterator[None]:
    """Keep gradients, buffers, modes and random numbers, also those that the loss function reaches.

    What is run are copies; but a loss function may know the model by itself, such as for a penalty.
    """
    modules = [one for one in (model, loss) if isinstance(one, Module)]
    parameters = {id(p): p for module in modules for p in module.parameters()}
    for group in optimizer.param_groups if optimizer is not None else ():
        parameters |= {id(p): p for p in group["params"]}
    gradients = [(p, p.grad) for p in parameters.values()]
    buffers = [(b, b.data.copy()) for module in modules for b in module.buffers()]
    modes = [(inner, inner.training) for module in modules for inner in module.modules()]
    with random_numbers_kept(model, loss, data):
        try:
            for parameter, _ in gradients:
                parameter.grad = None
            yield
        finally:
            for parameter, gradient in gradients:
                parameter.grad = gradient
            for buffer, values in buffers:
                if not np.array_equal(buffer.data, values, equal_nan=True):
                    buffer.copy_(values)
            for module, mode in modes:
                if module.training != mode:
                    module.training = mode
