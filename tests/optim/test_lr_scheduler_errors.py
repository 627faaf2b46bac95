"""What schedules say when they are called in a wrong way."""

import numpy as np
import pytest
from support.optimizers import one_group, train, two_groups

import optim
from autograd import Tensor
from optim import lr_scheduler as lrs


def without_momentum():
    optimizer = optim.RMSprop([Tensor(np.zeros(1), requires_grad=True)])
    optimizer.param_groups[0].pop("momentum", None)
    return optimizer


O = one_group()  # noqa: E741
WRONG = {
    "no optimiser": (
        lambda: lrs.StepLR(0.1, 10),
        TypeError,
        "StepLR takes the optimiser whose rate it sets, as its first argument: "
        "StepLR(optimizer, …). This is float.",
    ),
    "parameters": (
        lambda: lrs.LambdaLR([Tensor(1.0)], lambda t: 1.0),
        TypeError,
        "LambdaLR takes the optimiser whose rate it sets, as its first argument: "
        "LambdaLR(optimizer, …). This is list.",
    ),
    "step first": (
        lambda: lrs.StepLR(one_group(), 10).step(),
        RuntimeError,
        "StepLR.step() before optimizer.step(): the optimiser has changed no parameter since the "
        "schedule was made, so the first rate would never be used. Train first, then step: "
        "optimizer.step(); schedule.step(). To look at the rates only: "
        "optim.lr_scheduler.curve(schedule, steps).",
    ),
    "step first, of one that has no curve": (
        lambda: lrs.ReduceLROnPlateau(one_group()).step(0.5),
        RuntimeError,
        "ReduceLROnPlateau.step() before optimizer.step(): the optimiser has changed no parameter "
        "since the schedule was made, so the first rate would never be used. Train first, then "
        "step: optimizer.step(); schedule.step().",
    ),
    "no value": (
        lambda: lrs.ReduceLROnPlateau(O).step(),
        TypeError,
        "ReduceLROnPlateau.step() needs the value to watch: schedule.step(validation_loss).",
    ),
    "step size": (
        lambda: lrs.StepLR(O, 0),
        ValueError,
        "StepLR: step_size is at least 1, not 0.",
    ),
    "step size of no steps": (
        lambda: lrs.StepLR(O, 2.5),
        TypeError,
        "StepLR: step_size is a whole number, not 2.5.",
    ),
    "gamma": (
        lambda: lrs.ExponentialLR(O, float("nan")),
        ValueError,
        "ExponentialLR: gamma is at least 0 and finite, not nan.",
    ),
    "gamma no number": (
        lambda: lrs.ExponentialLR(O, "0.9"),
        TypeError,
        "ExponentialLR: gamma is a number, not '0.9'.",
    ),
    "factor": (
        lambda: lrs.LinearLR(O, start_factor=2),
        ValueError,
        "LinearLR: start_factor is from 0 to 1 and finite, not 2.",
    ),
    "factor of plateau": (
        lambda: lrs.ReduceLROnPlateau(O, factor=1.0),
        ValueError,
        "ReduceLROnPlateau: factor is below 1, or the rate would not fall.",
    ),
    "mode": (
        lambda: lrs.ReduceLROnPlateau(O, "minimum"),
        ValueError,
        'ReduceLROnPlateau: mode is "min" or "max", not \'minimum\'.',
    ),
    "lambdas": (
        lambda: lrs.LambdaLR(O, [len, len]),
        ValueError,
        "LambdaLR: lr_lambda has 2 functions, and the optimiser has 1 groups; give one for each, "
        "or one for all.",
    ),
    "no function": (
        lambda: lrs.LambdaLR(O, 0.9),
        TypeError,
        "LambdaLR: lr_lambda is a function of the step's number, such as lambda t: 0.95**t, or a "
        "list of them, one for each group; not 0.9.",
    ),
    "per group": (
        lambda: lrs.CyclicLR(O, [0.1, 0.2], 1.0),
        ValueError,
        "CyclicLR: base_lr has 2 values, and the optimiser has 1 groups; give one for each, or "
        "one number for all.",
    ),
    "no momentum": (
        lambda: lrs.CyclicLR(without_momentum(), 0.1, 1.0),
        ValueError,
        "CyclicLR: cycle_momentum=True needs an optimiser with momentum or betas, and RMSprop has "
        "neither. Pass cycle_momentum=False.",
    ),
    "no length": (
        lambda: lrs.OneCycleLR(O, 0.1, epochs=3),
        ValueError,
        "OneCycleLR is planned for the whole training: give total_steps, or epochs and "
        "steps_per_epoch.",
    ),
    "divided by 0": (
        lambda: lrs.OneCycleLR(O, 0.1, 10, div_factor=0),
        ValueError,
        "OneCycleLR: div_factor is above 0: rates are divided by it.",
    ),
    "table": (
        lambda: lrs.TableLR(O, {0: 0.1}),
        ValueError,
        "TableLR: the table is a dict of rates by the epoch from which they hold, and begins with "
        "epoch 1, as in {1: 0.1, 10: 0.05}; not {0: 0.1}.",
    ),
    "milestones": (
        lambda: lrs.SequentialLR(O, [lrs.StepLR(O, 3)], [4]),
        ValueError,
        "SequentialLR: between 1 schedules there are 0 milestones, not 1.",
    ),
    "milestones fall": (
        lambda: lrs.SequentialLR(O, [lrs.StepLR(O, 3)] * 3, [9, 4]),
        ValueError,
        "SequentialLR: milestones rise, and [9, 4] do not.",
    ),
    "no schedules": (
        lambda: lrs.ChainedScheduler([]),
        ValueError,
        "ChainedScheduler: there are no schedules.",
    ),
    "chained optimiser": (
        lambda: lrs.ChainedScheduler([O]),
        TypeError,
        "ChainedScheduler: schedule 0 is SGD; schedules look like StepLR(optimizer, 10).",
    ),
    "plateau in a chain": (
        lambda: lrs.ChainedScheduler([lrs.ReduceLROnPlateau(O)]),
        ValueError,
        "ChainedScheduler: schedule 0 is ReduceLROnPlateau, whose step needs a value to watch. "
        "Step it by itself, after this one.",
    ),
    "another optimiser": (
        lambda: lrs.ChainedScheduler([lrs.StepLR(O, 3), lrs.StepLR(one_group(), 3)]),
        ValueError,
        "ChainedScheduler: schedule 1, StepLR, belongs to another optimiser.",
    ),
    "curve of plateau": (
        lambda: lrs.plot(lrs.ReduceLROnPlateau(O), 10),
        TypeError,
        "ReduceLROnPlateau has no curve of its own: its rates depend on the values it will be "
        "told of. Note optimizer.param_groups[0]['lr'] while training.",
    ),
    "resumed without optimiser": (
        lambda: lrs.StepLR(one_group(), 3, last_epoch=4),
        ValueError,
        "StepLR: last_epoch=4 goes on with an earlier run, but group 0 of the optimiser has no "
        "initial_lr. Load the optimiser's state first; or leave last_epoch out, and load the "
        "schedule's state.",
    ),
    "another state": (
        lambda: lrs.StepLR(O, 3).load_state_dict(lrs.ExponentialLR(O, 0.5).state_dict()),
        ValueError,
        "StepLR.load_state_dict: this is not the state of a StepLR, which has step_size, gamma, "
        "base_lrs, last_epoch, _last_lr, groups; it has gamma, base_lrs, last_epoch, _last_lr, "
        "groups. Nothing was changed.",
    ),
    "other groups": (
        lambda: lrs.StepLR(O, 3).load_state_dict(lrs.StepLR(two_groups(), 3).state_dict()),
        ValueError,
        "StepLR.load_state_dict: the state is for 2 groups, and the optimiser has 1. Nothing was "
        "changed.",
    ),
    "another chain": (
        lambda: lrs.ChainedScheduler([lrs.StepLR(O, 3)]).load_state_dict(
            lrs.ChainedScheduler([lrs.StepLR(O, 3)] * 2).state_dict()
        ),
        ValueError,
        "ChainedScheduler.load_state_dict: the state is of 2 schedules, and here are 1. Nothing "
        "was changed.",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_calls_say_what_to_do(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_the_cycle_ends():
    optimizer = one_group(momentum=0.9)
    schedule = lrs.OneCycleLR(optimizer, 0.1, 3)
    for _ in range(3):
        train(optimizer)
        schedule.step()
    assert schedule.get_last_lr() == [0.1 / 25 / 1e4]  # it stays where it ended
    with pytest.raises(ValueError, match=r"the cycle of 3 steps is over\. total_steps counts"):
        schedule.step()


def test_a_group_added_later_is_noticed():
    optimizer = one_group()
    schedule = lrs.StepLR(optimizer, 3)
    optimizer.add_param_group({"params": [Tensor(np.zeros(1), requires_grad=True)]})
    with pytest.raises(ValueError, match="made for 1 groups, and the optimiser now has 2"):
        schedule.step()
