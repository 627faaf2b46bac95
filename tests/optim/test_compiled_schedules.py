"""Schedules within a compiled step, and what a step may read of optimisers and schedules."""

import numpy as np
import pytest
from support.schedules import SCHEDULES
from support.twins import assert_equal, assert_same_training, batches, classification, mlp, training

import autograd
import nn
import optim
from autograd import TracingError
from autograd.compiling import compile
from nn import functional
from optim import lr_scheduler as lrs


def scheduled(schedule, model=mlp, **settings):
    """A training of two groups whose step ends with that of a schedule."""

    def make():
        made = model()
        weight, *others = made.parameters()
        groups = [{"params": [weight]}, {"params": others, "lr": 0.03}]
        optimizer = optim.SGD(groups, lr=0.1, momentum=0.9, **settings)
        rates = schedule(lrs, optimizer)

        def step(x, y):
            optimizer.zero_grad()
            loss = functional.cross_entropy(made(x), y)
            loss.backward()
            optimizer.step()
            rates.step()
            return loss

        one = training(made, optimizer, step=step)
        one.schedule = rates
        return one

    return make


WITHOUT_VALUES = [name for name in SCHEDULES if not name.startswith("plateau")]


@pytest.mark.parametrize("name", WITHOUT_VALUES)
def test_every_schedule_goes_on_in_replays(name):
    seen = []

    def note(made, i):
        seen.append([made.schedule.last_epoch, made.schedule.get_last_lr()])

    given = list(batches(30))
    assert_same_training(scheduled(SCHEDULES[name]), given, each=note, runs=None)
    assert seen[30:] == seen[:30]


def test_a_schedule_after_the_update_of_large_parameters():
    make = scheduled(lambda m, o: m.ExponentialLR(o, 0.9), lambda: nn.Linear(600, 300))
    assert_same_training(make, list(batches(6, rows=4, features=600)))


def test_the_rate_may_be_0_at_times():
    make = scheduled(lambda m, o: m.LambdaLR(o, lambda t: t % 4))
    assert_same_training(make, list(batches(9)), runs=None)


def test_a_schedule_that_is_over_says_so_after_the_step_as_ever():
    def run(way):
        autograd.manual_seed(0)
        made = scheduled(lambda m, o: m.OneCycleLR(o, 0.5, total_steps=6))()
        step, given = way(made.step), list(batches(7))
        for batch in given[:6]:
            step(*batch)
        with pytest.raises(ValueError, match="the cycle of 6 steps is over"):
            step(*given[6])
        return made.schedule.state_dict(), made.optimizers[0].state_dict()["state"]

    assert_equal(run(compile), run(lambda step: step))


def test_check_puts_schedules_back():
    made = scheduled(lambda m, o: m.SequentialLR(o, [m.ConstantLR(o), m.StepLR(o, 1)], [3]))()
    step = compile(made.step)
    *given, last = batches(6)
    for batch in given:
        step(*batch)
    before = made.schedule.state_dict()
    assert step.check(*last) == 0
    assert made.schedule.state_dict() == before
    assert made.optimizers[0].param_groups[0]["lr"] == before["groups"][0]["lr"]


def test_a_step_that_is_refused_leaves_its_schedule_as_it_was():
    made = scheduled(lambda m, o: m.ExponentialLR(o, 0.5))()

    def step(x, y):
        return made.step(x, y).item()

    with pytest.raises(TracingError):
        compile(step)(*next(batches(1)))
    assert made.schedule.last_epoch == 0
    assert made.optimizers[0].param_groups[0]["lr"] == 0.1


def test_a_schedule_at_hand_that_is_stepped_outside_makes_no_new_recordings():
    class Trainer:
        def __init__(self):
            self.model = mlp()
            self.optimizers = [optim.SGD(self.model.parameters(), lr=0.1)]
            self.schedule = lrs.ExponentialLR(self.optimizers[0], 0.9)

        def step(self, x, y):
            self.optimizers[0].zero_grad()
            loss = functional.cross_entropy(self.model(x), y)
            loss.backward()
            self.optimizers[0].step()
            return loss

    assert_same_training(Trainer, each=lambda made, i: made.schedule.step())


# What a step reads of them


def reading(read):
    def make():
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        schedule = lrs.StepLR(optimizer, 4)
        made = classification(model, optimizer)
        train = made.step

        def step(x, y):
            return train(x, y), read(optimizer, schedule)

        made.step, made.schedule = step, schedule
        return made

    return make


def rate_of(optimizer):
    return optimizer.param_groups[0]["lr"]


READ = {
    "the rate": lambda o, s: np.float64(o.param_groups[0]["lr"]),
    "the rate, by a function": lambda o, s: np.float64(rate_of(o)),
    "the rates of a schedule": lambda o, s: np.float64(s.optimizer.param_groups[0]["lr"]),
    "whether it has momentum": lambda o, s: o.param_groups[0]["momentum"] > 0,
}


@pytest.mark.parametrize("name", READ)
def test_hyperparameters_that_are_read_are_looked_at_in_each_call(name):
    make = reading(READ[name])
    assert_same_training(make, each=lambda made, i: made.schedule.step(), recordings=3, runs=5)


def test_how_far_a_schedule_is_is_looked_at_too():
    make = reading(lambda o, s: np.float64(s.last_epoch))
    given = list(batches(6))
    assert_same_training(
        make, given, each=lambda made, i: made.schedule.step(), recordings=6, runs=6
    )


REFUSED = {
    "state": (lambda o, s: list(o.state.values()), "SGD.state reads plain arrays and numbers"),
    "state_dict": (lambda o, s: o.state_dict(), "SGD.state reads plain arrays and numbers"),
    "last rates": (lambda o, s: s.get_last_lr(), r"StepLR.get_last_lr\(\) reads rates"),
    "a schedule's value": (
        lambda o, s: PLATEAU.step(1.0),
        r"ReduceLROnPlateau.step\(value\) follows values(?s:.)*return the value",
    ),
    "a schedule's epoch": (
        lambda o, s: RESTARTS.step(1.5),
        r"CosineAnnealingWarmRestarts.step\(epoch\) is given epochs",
    ),
    "another optimiser's schedule": (
        lambda o, s: RESTARTS.step(),
        "comes before the step of its SGD(?s:.)*step the optimiser first",
    ),
    "two steps of a schedule": (lambda o, s: [s.step(), s.step()], "StepLR makes two steps"),
}
OTHER = optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1)
PLATEAU = lrs.ReduceLROnPlateau(OTHER)
RESTARTS = lrs.CosineAnnealingWarmRestarts(OTHER, 5)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_part_of_a_recording(name):
    read, text = REFUSED[name]
    made = reading(read)()
    before = {name: value.copy() for name, value in made.model.state_dict().items()}
    with pytest.raises(TracingError, match=text):
        compile(made.step)(*next(batches(1)))
    assert_equal(made.model.state_dict(), before)
    assert made.schedule.last_epoch == 0
