"""What a step changes beside weights and gradients, so that it can be put back."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.random import default_generator, taking
from nn.module import Module
from nn.training.arguments import generators


class Moment:
    """What a forward pass changes: buffers, and the generators that it draws from.

    Within it (`with moment:`), a generator that is not noted yet is, before it is drawn from.
    """

    def __init__(self, model: Module, loss: Any) -> None:
        holders = [one for one in (model, loss) if isinstance(one, Module)]
        self.buffers: list[Tensor] = [b for one in holders for b in one.buffers()]
        self.own = [generator for _, generator in generators(model, loss)]
        self.draws_from_default = False
        self.note()

    def note(self) -> None:
        """Remember how they are now."""
        self.values = [buffer.data.copy() for buffer in self.buffers]
        self.states = {source: source.bit_generator.state for source in self.own}
        if self.draws_from_default:
            default = default_generator()
            self.states[default] = default.bit_generator.state

    def __enter__(self) -> None:
        self._take = taking.get()
        self._token = taking.set(self.take)

    def __exit__(self, *_: object) -> None:
        taking.reset(self._token)

    def take(self, generator: np.random.Generator, *what: Any) -> Any:
        """Stands in the place of `autograd.random.take`."""
        if generator not in self.states:
            self.states[generator] = generator.bit_generator.state
            # A replay draws without a word, so that from now on it is noted beforehand.
            if generator is default_generator():
                self.draws_from_default = True
            else:
                self.own.append(generator)
        return self._take(generator, *what)

    def come_back(self) -> None:
        """Make them what they were."""
        for buffer, value in zip(self.buffers, self.values, strict=True):
            buffer.copy_(value)
        for source, state in self.states.items():
            source.bit_generator.state = state
