"""Programs as people write them, eager and compiled: equal to the last bit, call after call.

Each program runs twice, with a `compile` that does nothing and with the real one. What it sees on
its way is compared: answers, parameters, gradients, what optimisers remember, errors.
"""

import functools

import numpy as np
import pytest
from support.twins import assert_equal, leaf, rows

import autograd
import nn
import optim
from autograd import Tensor
from nn import functional

LABELS = np.array([0, 1, 2, 0, 1])
PROGRAMS = {}


def attack(program):
    PROGRAMS[program.__name__.replace("_", " ")] = program


def x(seed=0):
    return Tensor(rows(seed=seed))


class Seen(list):
    """What a program saw: after each call, its answer and whatever is watched."""

    def __init__(self, *watched):
        self.watched = watched

    def call(self, function, *args, **kwargs):
        try:
            answer = function(*args, **kwargs)
        except ValueError as error:
            answer = str(error)
        self.append([answer, [state_of(one) for one in self.watched]])
        return answer


def state_of(one):
    if isinstance(one, nn.Module):
        return [dict(one.state_dict()), *map(state_of, one.parameters())]
    if isinstance(one, optim.Optimizer):
        return one.state_dict()
    # A copy of the gradient: who holds it has the next call run as it is.
    return [one.data.copy(), None if one.grad is None else one.grad.data.copy()]


def training(compile, optimizer, *between):
    """A classifier's step, and a Seen that watches it."""
    net = nn.Sequential(nn.Linear(3, 6), *between, nn.Tanh(), nn.Linear(6, 3))
    optimizer = optimizer(net.parameters())

    @compile
    def step(x, y):
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return net, optimizer, step, Seen(net, optimizer)


@attack
def two_objects_of_one_class_with_a_compiled_method(compile):
    class Model:
        def __init__(self, rate):
            self.weight = leaf(1, 3)
            self.optimizer = optim.Adam([self.weight], lr=rate)

        @compile
        def step(self, x):
            self.optimizer.zero_grad()
            loss = (x * self.weight).sum()
            loss.backward()
            self.optimizer.step()
            return loss

    one, two = Model(0.1), Model(0.2)
    seen = Seen(one.weight, two.weight)
    for model in (one, one, two, one, two, two):
        seen.call(model.step, x())
    return seen


# Arrays: who shares memory with whom, and how they lie there


@attack
def one_tensor_as_two_arguments(compile):
    seen, function = Seen(), compile(lambda a, b: a * b + a)
    a, b = x(), x(1)
    for pair in ((a, b), (a, a), (b, a), (b, b)):
        seen.call(function, *pair)
    return seen


@attack
def two_parameters_in_one_memory(compile):
    memory = rows(3)
    v, w = Tensor(memory, requires_grad=True), Tensor(memory, requires_grad=True)
    optimizer = optim.SGD([v, w], lr=0.1)

    @compile
    def step(x):
        optimizer.zero_grad()
        loss = (x @ v @ w).sum()
        loss.backward()
        optimizer.step()
        return loss

    seen = Seen(v, w)
    for seed in range(4):
        seen.call(step, x(seed))
    return seen


@attack
def a_parameter_its_values_and_a_view_of_it_as_arguments(compile):
    weight = leaf(3, 3)

    @compile
    def step(x):
        loss = (x @ weight).sum()
        loss.backward()
        return loss

    seen = Seen(weight)
    for given in (x(), weight, Tensor(weight.data), weight.detach(), x(), weight):
        seen.call(step, given)
    return seen


@attack
def answers_that_are_kept_written_or_fed_back(compile):
    seen, function = Seen(), compile(lambda h, c: ((h * 2 + c).tanh(), c + h, h[0]))
    h, c, kept = x(), x(1), []
    for _ in range(4):
        h, c, first = seen.call(function, h, c)
        kept += [h.data.copy(), first]
        c += 1
    seen.append(kept)
    return seen


@attack
def every_layout(compile):
    seen, function = Seen(), compile(lambda x: (x @ x.T, x.sum(axis=0), x * 2, x.reshape(-1)))
    wide = np.random.default_rng(0).standard_normal((8, 8))
    views = [wide[:4, :4], wide[::2, ::2], wide.T[:4, :4], wide[::-1][:4, :4], wide[4:, :4]]
    for view in [*views, np.broadcast_to(wide[0, :4], (4, 4)), np.asfortranarray(wide[:4, :4])]:
        seen.call(function, view)
        seen.call(function, Tensor(view + 1))
    return seen


@attack
def shapes_in_turn_empty_ones_and_no_axes_among_them(compile):
    seen, function = Seen(), compile(lambda x: ((x * 2).sum(), x.reshape(-1), len(x.shape)))
    for shape in ((4, 3), (0, 3), (), (4, 3), (1,), (0, 3), ()):
        seen.call(function, Tensor(np.ones(shape)))
    return seen


@attack
def in_place_on_what_was_made_within(compile):
    def function(x):
        y = x * 2
        view = y.data.T
        y += 1
        y[0] = 0
        view[:, 1] = 7
        return y, y * 3, Tensor(view)

    seen, function = Seen(), compile(function)
    for seed in range(3):
        seen.call(function, x(seed))
    return seen


# Training: what changes between steps


@attack
def an_optimizer_and_a_model_that_are_meddled_with(compile):
    net, optimizer, step, seen = training(compile, lambda p: optim.Adam(p, lr=0.1))
    saved, group = optimizer.state_dict(), optimizer.param_groups[0]
    for change in (
        lambda: group.update(lr=0.01),
        lambda: group.update(betas=(0.5, 0.5)),
        lambda: group.update(weight_decay=0.1),
        lambda: net[0].weight.data.fill(0.5),
        lambda: setattr(net[0].weight, "data", np.ones((6, 3), np.float32)),
        lambda: optimizer.load_state_dict(saved),
        lambda: setattr(net[0].weight, "requires_grad", False),
    ):
        seen.call(step, x(), LABELS)
        change()
        seen.call(step, x(1), LABELS)
    return seen


@attack
def modes_of_single_layers(compile):
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    seen, function = Seen(net), compile(net)
    for layer, mode in ((net, False), (net[1], True), (net[2], True), (net[1], False)):
        seen.call(function, x())
        layer.train(mode)
        seen.call(function, x(1))
    return seen


@attack
def batches_of_many_sizes_with_noise_and_running_statistics(compile):
    _, _, step, seen = training(
        compile,
        lambda p: optim.RMSprop(p),
        nn.BatchNorm1d(6),
        nn.Dropout(0.3),
        nn.GaussianNoise(0.1),
    )
    for n in (5, 4, 5, 3, 4, 5):
        seen.call(step, x()[:n].detach(), LABELS[:n])
    return seen


@attack
def gradients_that_add_up_and_are_held_by_somebody(compile):
    weight, held = leaf(1, 3), []

    @compile
    def back(x):
        loss = (x * weight).sum()
        loss.backward()
        return loss

    seen = Seen(weight)
    for hold in (False, True, False, True):
        seen.call(back, x())
        if hold:
            held.append(weight.grad)
            weight.grad = None
        seen.call(back, x(1))
    seen.append(held)
    return seen


@attack
def a_label_out_of_range_leaves_everything_as_the_eager_step_does(compile):
    _, _, step, seen = training(compile, lambda p: optim.SGD(p, lr=0.1), nn.Dropout(0.5))
    for bad in (3, -1):
        seen.call(step, x(), LABELS)
        seen.call(step, x(), LABELS)
        seen.call(step, x(), np.array([0, 1, bad, 0, 1]))
    assert "labels" in seen[2][0]
    seen.call(step, x(), LABELS)
    return seen


@attack
def hooks_that_come_and_change(compile):
    weight, factors = leaf(1, 3), [2.0]
    layer = nn.Linear(3, 3)

    @compile
    def step(x):
        weight.grad = None
        loss = (layer(x) * weight).sum()
        loss.backward()
        return loss

    seen = Seen(weight)
    for change in (
        lambda: weight.register_hook(lambda g: g * factors[0]),
        lambda: layer.register_forward_hook(lambda module, inputs, output: output * factors[0]),
        lambda: factors.__setitem__(0, 5.0),
    ):
        for _ in range(2):
            seen.call(step, x())
        change()
    seen.call(step, x())
    return seen


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_compiled_program_sees_what_the_eager_one_sees(name):
    seen = []
    for compile in (lambda function: function, autograd.compile):
        autograd.manual_seed(0)
        seen.append(PROGRAMS[name](compile))
    assert_equal(seen[1], seen[0])


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_program_would_overlook_a_function_that_answers_as_at_first(name):
    def answering_as_at_first(function):
        first = functools.cache(lambda: function(*given[0], **given[1]))
        given = []

        def call(*args, **kwargs):
            given[:] = given or (args, kwargs)
            return first()

        return functools.wraps(function, updated=())(call)

    autograd.manual_seed(0)
    eager = PROGRAMS[name](lambda function: function)
    autograd.manual_seed(0)
    with pytest.raises((AssertionError, AttributeError)):
        assert_equal(PROGRAMS[name](answering_as_at_first), eager)
