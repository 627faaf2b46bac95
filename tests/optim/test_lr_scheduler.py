"""Schedules: PyTorch's numbers, the lectures' numbers, chains, resuming, and wrong calls."""

import copy
import json
import pathlib
import pickle

import numpy as np
import pytest
from support.optimizers import one_group, train, two_groups
from support.schedules import SCHEDULES, SEEN, numbers

import optim
from autograd import Tensor
from optim import lr_scheduler as lrs

MADE = json.loads(
    (pathlib.Path(__file__).parents[1] / "fixtures" / "lr_schedules.json").read_text("utf-8")
)


def rates(optimizer, schedule, steps):
    seen = []
    for _ in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        train(optimizer)
        schedule.step()
    return seen


# PyTorch's numbers

CASES = [(kind, name) for kind in ("SGD", "Adam") for name in MADE[kind]]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_200_steps_are_those_of_pytorch(kind, name):
    optimizer = two_groups(getattr(optim, kind))
    schedule = SCHEDULES[name](lrs, optimizer)
    rows = numbers(schedule, optimizer, lambda: train(optimizer))
    made = MADE[kind][name]
    expected = np.array(made["rows"])
    np.testing.assert_allclose(np.array(rows)[SEEN], expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(np.sum(rows, axis=0), made["sums"], rtol=1e-10)


def test_every_schedule_of_the_table_is_in_the_fixture():
    assert MADE["SGD"].keys() == SCHEDULES.keys()


def test_warm_restarts_may_go_to_a_fraction_of_an_epoch():
    optimizer = one_group()
    schedule = lrs.CosineAnnealingWarmRestarts(optimizer, 2, 2)
    train(optimizer)
    # PyTorch 2.13.0: CosineAnnealingWarmRestarts(optimizer with lr 0.1, 2, 2), step(0.5), step(3.5)
    # and step(), by its rates and last_epoch
    expected = [(0.5, 0.08535533905932738, 0), (3.5, 0.0691341716182545, 3)]
    for epoch, rate, last in expected:
        schedule.step(epoch)
        assert schedule.get_last_lr() == pytest.approx([rate], rel=1e-12)
        assert schedule.last_epoch == last
    schedule.step()
    assert schedule.get_last_lr() == pytest.approx([0.030865828381745515], rel=1e-12)
    assert schedule.last_epoch == 4


def test_of_adams_two_betas_the_second_stays():
    optimizer = two_groups(optim.Adam)
    schedule = lrs.OneCycleLR(optimizer, 0.1, 10, base_momentum=0.7, max_momentum=0.8)
    assert optimizer.param_groups[1]["betas"] == (0.8, 0.999)
    train(optimizer)
    schedule.step()
    first, second = optimizer.param_groups[1]["betas"]
    assert 0.7 < first < 0.8
    assert second == 0.999


# The lectures' numbers; n counts from 1


@pytest.mark.parametrize(
    ("make", "alpha", "expected"),
    [
        (lambda o: lrs.InverseTimeLR(o, decay=1), 0.2, [0.1, 0.2 / 3, 0.05, 0.04]),
        (lambda o: lrs.InverseTimeLR(o, decay=0.5), 0.3, [0.2, 0.15, 0.12, 0.1]),
        (lambda o: lrs.GeometricLR(o), 1.0, [0.95, 0.9025, 0.857375, 0.81450625]),
        (lambda o: lrs.InverseSqrtLR(o, k=2), 0.1, [0.2, 0.2 / 2**0.5, 0.2 / 3**0.5, 0.1]),
        (lambda o: lrs.InverseLR(o, k=3), 0.2, [0.6, 0.3, 0.2, 0.15]),
        (lambda o: lrs.StepLR(o, 2, gamma=0.5), 0.2, [0.2, 0.2, 0.1, 0.1, 0.05]),
        (lambda o: lrs.TableLR(o, {1: 0.1, 3: 0.05, 4: 0.01}), 9.0, [0.1, 0.1, 0.05, 0.01, 0.01]),
        (lambda o: lrs.WarmupLR(o, 4), 0.2, [0.05, 0.1, 0.15, 0.2, 0.2]),
    ],
    ids=["1/(1+n)", "1/(1+n/2)", "0.95^n", "k/sqrt(n)", "k/t", "staircase", "table", "warm-up"],
)
def test_the_textbooks_schedules(make, alpha, expected):
    optimizer = one_group(alpha)
    assert rates(optimizer, make(optimizer), len(expected)) == pytest.approx(expected, rel=1e-14)


def test_a_table_may_have_a_rate_for_each_group():
    optimizer = two_groups()
    schedule = lrs.TableLR(optimizer, {1: [0.1, 0.2], 2: 0.01})
    assert schedule.get_last_lr() == [0.1, 0.2]
    train(optimizer)
    schedule.step()
    assert schedule.get_last_lr() == [0.01, 0.01]


def test_the_rate_does_not_drift():
    optimizer = one_group(0.1)
    seen = rates(optimizer, lrs.ExponentialLR(optimizer, 0.97), 100)
    assert seen == [0.1 * 0.97**t for t in range(100)]


# Together


def test_schedules_stepped_beside_each_other_multiply():
    optimizer = one_group(1.0)
    first, second = lrs.WarmupLR(optimizer, 4), lrs.StepLR(optimizer, 2, gamma=0.1)
    seen = []
    for _ in range(6):
        seen.append(optimizer.param_groups[0]["lr"])
        train(optimizer)
        first.step()
        second.step()
    assert seen == pytest.approx([0.25, 0.5, 0.075, 0.1, 0.01, 0.01])


def test_a_rate_set_by_hand_is_scaled_from_then_on():
    optimizer = one_group(1.0)
    schedule = lrs.ExponentialLR(optimizer, 0.5)
    rates(optimizer, schedule, 2)
    optimizer.param_groups[0]["lr"] = 8.0
    assert rates(optimizer, schedule, 3) == [8.0, 4.0, 2.0]


def test_a_rate_that_has_come_to_zero_rises_again():
    optimizer = one_group(1.0)
    chain = lrs.ChainedScheduler(
        [lrs.CosineAnnealingLR(optimizer, 2), lrs.ConstantLR(optimizer, 0.5, 100)]
    )
    # PyTorch 2.13.0 for the same: what comes back is the base rate's share, not halved any more
    expected = [0.5, 0.25, 0.0, 0.5, 1.0, 0.5]
    assert rates(optimizer, chain, 6) == pytest.approx(expected, abs=1e-15)


def test_a_sequence_may_hold_a_chain_and_a_sequence():
    optimizer = one_group(1.0)
    inner = lrs.SequentialLR(
        optimizer, [lrs.ConstantLR(optimizer, 0.5, 9), lrs.ExponentialLR(optimizer, 0.5)], [2]
    )
    chain = lrs.ChainedScheduler(
        [lrs.WarmupLR(optimizer, 2), lrs.ConstantLR(optimizer, 0.1, 2)], optimizer
    )
    schedule = lrs.SequentialLR(optimizer, [inner, chain], [4])
    expected = [0.5, 0.5, 1.0, 0.5, 0.05, 0.1, 1.0]
    assert rates(optimizer, schedule, 7) == pytest.approx(expected)


def test_a_sequence_in_which_multiplying_begins_anew_begins_at_the_base_rate():
    optimizer = one_group(1.0)
    parts = [lrs.ConstantLR(optimizer, 0.5, 9), lrs.MultiplicativeLR(optimizer, lambda t: 0.1)]
    schedule = lrs.SequentialLR(optimizer, parts, [2])
    assert rates(optimizer, schedule, 4) == pytest.approx([0.5, 0.5, 1.0, 0.1])


# Going on


def describe(optimizer):
    return [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]


ONCE_EACH = [*SCHEDULES, "table", "warm-up"]
MAKERS = {
    **SCHEDULES,
    "table": lambda m, o: m.TableLR(o, {1: 0.3, 50: 0.1}),
    "warm-up": lambda m, o: m.WarmupLR(o, 77),
}


def advance(schedule, optimizer, t):
    train(optimizer)
    plateau = isinstance(schedule, lrs.ReduceLROnPlateau)
    schedule.step(1.0 / (1 + t % 9)) if plateau else schedule.step()


@pytest.mark.parametrize("optimizer_first", [True, False])
@pytest.mark.parametrize("name", ONCE_EACH)
def test_a_saved_schedule_goes_on_exactly(name, optimizer_first):
    optimizer, other = two_groups(), two_groups()
    schedule = MAKERS[name](lrs, optimizer)
    for t in range(25):
        advance(schedule, optimizer, t)
    saved, groups = schedule.state_dict(), copy.deepcopy(describe(optimizer))
    state = json.loads(json.dumps(saved))  # as a checkpoint would
    assert isinstance(pickle.dumps(saved), bytes)
    if optimizer_first:  # which then is at work when the schedule is made, and sets its own rates
        for group, values in zip(other.param_groups, groups, strict=True):
            group.update(values)
    again = MAKERS[name](lrs, other)
    again.load_state_dict(state)
    for t in range(25, 60):
        lr_and_momentum = [
            [(g["lr"], g["momentum"]) for g in o.param_groups] for o in (optimizer, other)
        ]
        assert lr_and_momentum[0] == lr_and_momentum[1]
        assert schedule.get_last_lr() == again.get_last_lr()
        advance(schedule, optimizer, t)
        advance(again, other, t)
    assert schedule.state_dict() == again.state_dict()


@pytest.mark.parametrize("optimizer_first", [True, False])
def test_training_goes_on_to_the_last_bit_with_both_states_loaded(optimizer_first):
    def make():
        weights = Tensor(np.linspace(-1, 1, 5), requires_grad=True)
        optimizer = optim.Adam([weights], lr=0.1)
        return weights, optimizer, lrs.OneCycleLR(optimizer, 0.3, 30)

    def go_on(weights, optimizer, schedule, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            (weights**4).sum().backward()
            optimizer.step()
            schedule.step()

    one, other = make(), make()
    go_on(*one, 10)
    other[0].data = one[0].data
    states = {1: one[1].state_dict(), 2: json.loads(json.dumps(one[2].state_dict()))}
    for i in (1, 2) if optimizer_first else (2, 1):
        other[i].load_state_dict(states[i])
    assert describe(other[1]) == describe(one[1])
    go_on(*one, 15)
    go_on(*other, 15)
    np.testing.assert_array_equal(one[0].data, other[0].data)


def test_a_state_is_a_copy():
    optimizer = one_group()
    schedule = lrs.TableLR(optimizer, {1: 0.1})
    state = schedule.state_dict()
    state["rates"][0][0] = 7.0
    assert schedule.rates == [[0.1]]
    schedule.load_state_dict(state)
    state["rates"][0][0] = 8.0
    assert schedule.rates == [[7.0]]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
@pytest.mark.parametrize("trained", [False, True])
def test_copies_go_on_by_themselves(duplicate, trained):
    optimizer = one_group(1.0)
    schedule = lrs.ExponentialLR(optimizer, 0.5)
    if trained:
        train(optimizer)
    other, again = duplicate((optimizer, schedule))
    again.step()
    assert other.param_groups[0]["lr"] == 0.5
    assert optimizer.param_groups[0]["lr"] == 1.0


def test_last_epoch_goes_on_with_the_groups_of_a_loaded_optimiser():
    optimizer = one_group(0.1)
    first = lrs.ExponentialLR(optimizer, 0.5)
    rates(optimizer, first, 3)
    second = lrs.ExponentialLR(optimizer, 0.5, last_epoch=2)
    assert (second.last_epoch, second.get_last_lr()) == (3, first.get_last_lr())
    multiply = lrs.MultiplicativeLR(optimizer, lambda t: 0.5, last_epoch=2)
    assert multiply.get_last_lr() == first.get_last_lr()


# Looking


def test_a_curve_shows_the_rates_and_leaves_no_trace():
    optimizer = two_groups()
    schedule = lrs.OneCycleLR(optimizer, [0.1, 0.2], 20)
    train(optimizer)
    schedule.step()
    before, groups = schedule.state_dict(), copy.deepcopy(describe(optimizer))
    values = lrs.curve(schedule, 5)
    assert values.shape == (5, 2)
    assert schedule.state_dict() == before
    assert describe(optimizer) == groups
    again = [schedule.get_last_lr()]
    for _ in range(4):
        schedule.step()
        again.append(schedule.get_last_lr())
    np.testing.assert_array_equal(values, again)


def test_a_curve_may_be_asked_for_before_training_and_does_not_count_as_it():
    optimizer = one_group()
    schedule = lrs.StepLR(optimizer, 2)
    lrs.curve(schedule, 10)
    with pytest.raises(RuntimeError, match=r"before optimizer\.step"):
        schedule.step()


def test_a_plot_has_a_line_for_each_group_over_the_steps_to_come():
    import matplotlib.pyplot as plt

    optimizer = two_groups()
    schedule = lrs.SequentialLR(
        optimizer, [lrs.WarmupLR(optimizer, 5), lrs.CosineAnnealingLR(optimizer, 20)], [5]
    )
    axes = lrs.plot(schedule, 25)
    assert len(axes.lines) == 2
    x, y = axes.lines[1].get_data()
    np.testing.assert_array_equal(x, np.arange(25))
    np.testing.assert_array_equal(y, lrs.curve(schedule, 25)[:, 1])
    assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "learning rate")
    plt.close(axes.figure)
    own = plt.subplots()[1]
    assert lrs.plot(lrs.StepLR(one_group(), 3), 4, ax=own) is own
    plt.close(own.figure)


def test_repr_says_where_it_is():
    assert repr(lrs.StepLR(one_group(0.5), 3)) == "StepLR(last_epoch=0, lr=[0.5])"


# Own schedules


def test_an_own_schedule_is_a_factor_or_a_list_of_rates():
    class Halving(lrs.FactorLR):
        def factor(self, t):
            return 0.5**t

    class Hyperbolic(lrs.LRScheduler):
        def get_lr(self):
            return [base / (1 + self.last_epoch) for base in self.base_lrs]

    optimizer = one_group(1.0)
    assert rates(optimizer, Halving(optimizer), 3) == [1.0, 0.5, 0.25]
    optimizer = one_group(1.0)
    assert rates(optimizer, Hyperbolic(optimizer), 3) == [1.0, 0.5, 1 / 3]


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda o: lrs.StepLR(o, 30), 100),
        (lambda o: lrs.OneCycleLR(o, max_lr=1.0, total_steps=250), 250),
    ],
)
def test_without_a_number_of_steps_a_plot_shows_a_hundred_or_all_there_are(make, shown):
    import matplotlib.pyplot as plt

    optimizer = optim.SGD([Tensor([1.0], requires_grad=True)], lr=0.1)
    ax = lrs.plot(make(optimizer))
    assert len(ax.lines[0].get_xdata()) == shown
    plt.close(ax.figure)
