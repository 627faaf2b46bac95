"""Objects with a compiled step, and what they keep beside it: losses, counters, a schedule."""

from dataclasses import dataclass, field

import pytest
from support.twins import rows

import autograd
import nn
import optim
from autograd import Tensor


def x(seed):
    return Tensor(rows(seed=seed))


class Trainer:
    """Keeps losses, counters and a schedule, of which its compiled step knows nothing."""

    def __init__(self):
        self.setting_out()
        self.losses, self.count, self.best = [], 0, None

    def setting_out(self):
        autograd.manual_seed(0)
        self.model = nn.Linear(3, 1)
        self.optimizer = optim.SGD(self.model.parameters(), lr=0.1)
        self.schedule = optim.lr_scheduler.ExponentialLR(self.optimizer, 0.9)
        self._scale = 1.0

    @property
    def scale(self):
        return self._scale

    def loss(self, x):
        return (self.model(x) ** 2).mean() * self.scale

    def step(self, x):
        self.optimizer.zero_grad()
        loss = self.loss(x)
        loss.backward()
        self.optimizer.step()
        return loss

    def fit(self, step, count):
        for i in range(count):
            self.losses.append(step(x(i)).item())
            self.count += 1
            self.best = min(self.losses)
            self.schedule.step()
        return self


class Doubled(Trainer):
    def loss(self, x):
        return super().loss(x) * 2


@dataclass
class AsDataclass(Trainer):
    losses: list = field(default_factory=list)
    count: int = 0
    best: float | None = None

    def __post_init__(self):
        self.setting_out()


@pytest.mark.parametrize("kind", [Trainer, Doubled, AsDataclass])
def test_what_an_object_keeps_for_itself_makes_no_new_recordings(kind):
    ours, eager = kind(), kind()
    step = autograd.compile(ours.step)
    for scale, recordings in ((1.0, 1), (3.0, 2)):
        ours._scale = eager._scale = scale
        assert ours.fit(step, 10).losses == eager.fit(eager.step, 10).losses
        assert step.stats()["recordings"] == recordings


def test_what_code_may_get_at_without_naming_it_makes_a_new_recording():
    class Counting(Trainer):
        def loss(self, x):
            return super().loss(x) * vars(self)["COUNT".lower()]

    ours, eager = Counting(), Counting()
    assert ours.fit(autograd.compile(ours.step), 3).losses == eager.fit(eager.step, 3).losses
