"""The search for a learning rate: what it finds, and that it leaves no trace."""

import copy
import math
import random

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Tensor
from optim import find_lr

X = np.random.default_rng(0).standard_normal((96, 3)).astype(np.float32)
Y = (X @ np.array([1.0, -2.0, 0.5], np.float32) > 0).astype(np.int64)
LOSS = nn.CrossEntropyLoss()


def network(generator=None):
    layers = [nn.Linear(3, 8, generator=np.random.default_rng(1)), nn.Tanh()]
    if generator is not None:
        layers.append(nn.Dropout(0.2, generator))
    return nn.Sequential(*layers, nn.Linear(8, 2, generator=np.random.default_rng(2)))


def pairs():
    return [(X[i : i + 16], Y[i : i + 16]) for i in range(0, 96, 16)]


def train(model, optimizer, batches):
    for x, y in batches:
        optimizer.zero_grad()
        LOSS(model(x), y).backward()
        optimizer.step()


class Quadratic:
    """½ a (w − x)², from w = 1: gradient descent diverges above the rate 2 / a."""

    def __init__(self, a):
        self.w = Tensor(np.array(1.0), requires_grad=True)
        self.a = a

    def __call__(self, x):
        return 0.5 * self.a * (self.w - x) ** 2


def first(out, _):
    return out


NOTHING = [(0.0, None)]

# What it finds


def test_losses_are_those_of_training_with_rising_rates():
    model = Quadratic(4.0)
    found = find_lr(model, optim.SGD([model.w], lr=0.5), first, NOTHING, 1e-3, 1e-1, steps=5)
    rates = [10**e for e in (-3, -2.5, -2, -1.5, -1)]
    w, losses = 1.0, []
    for rate in rates:
        losses.append(2 * w * w)
        w -= rate * 4 * w
    np.testing.assert_allclose(found.rates, rates)
    np.testing.assert_allclose(found.losses, losses)
    average = optim.ExponentiallyWeightedAverage(0.9)
    np.testing.assert_allclose(found.smooth, [average.update(x) for x in losses])
    assert found.stopped == "all 5 rates tried"


def test_the_suggestion_is_a_tenth_of_the_best_rate_and_below_what_diverges():
    model = Quadratic(10.0)
    noisy = [(0.1, None), (-0.1, None)]
    found = find_lr(model, optim.SGD([model.w], lr=1.0), first, noisy, 1e-5, 10.0)
    assert found.stopped.startswith("the loss blew up at ")
    assert found.rates[-1] > 0.2  # 2 / a, where it begins to diverge
    assert found.suggestion == found.rates[np.argmin(found.smooth)] / 10
    assert 0.01 < found.suggestion < 0.2


def test_a_loss_that_never_falls_has_no_suggestion():
    model = Quadratic(4.0)
    found = find_lr(model, optim.SGD([model.w], lr=1.0, maximize=True), first, NOTHING, steps=30)
    assert found.suggestion is None


def test_a_loss_may_be_negative_and_fall_without_bound():
    model = Quadratic(4.0)
    found = find_lr(model, optim.SGD([model.w], lr=1.0), lambda out, _: -out, NOTHING, end=1e30)
    assert found.stopped.startswith("the loss was no longer finite at ")
    assert np.isfinite(found.losses).all()
    assert found.losses[-1] < -1e100
    assert len(found.rates) == len(found.losses) == len(found.smooth) < 100


def test_groups_keep_the_proportion_of_their_rates():
    tensors = [Tensor(np.array(1.0), requires_grad=True) for _ in range(2)]
    seen = []

    class Both:
        def __init__(self):
            self.tensors = tensors

        def __call__(self, _):
            seen.append([t.item() for t in self.tensors])
            return self.tensors[0] + self.tensors[1]

    groups = [{"params": tensors[:1], "lr": 0.2}, {"params": tensors[1:], "lr": 0.05}]
    find_lr(Both(), optim.SGD(groups, lr=1.0), first, NOTHING, 0.1, 0.2, steps=2)
    assert seen == [[1.0, 1.0], pytest.approx([0.9, 0.975])]


def test_every_optimiser_can_be_searched_for_with_batches_that_are_gone_through_again():
    for kind in (optim.SGD, optim.RMSprop, optim.Adam):
        model = network()
        loader = nn.data.DataLoader(X, Y, batch_size=32, shuffle=True)
        batches = iter(loader)  # three of them, to be had only once
        found = find_lr(model, kind(model.parameters(), lr=0.1), LOSS, batches, steps=40)
        assert len(found.losses) > 20
        assert 1e-5 < found.suggestion < 10


def test_the_copy_is_in_training_mode_and_the_model_stays_in_its_own():
    model = network(np.random.default_rng(0)).eval()
    modes = []

    class Probe(nn.Module):
        def forward(self, x):
            modes.append(self.training)
            return x

    whole = nn.Sequential(model, Probe()).eval()
    find_lr(whole, optim.SGD(whole.parameters(), lr=0.1), LOSS, pairs(), steps=3)
    assert modes == [True] * 3
    assert not any(m.training for m in whole.modules())


def test_the_plot_shows_losses_average_and_suggestion():
    import matplotlib.pyplot as plt

    model = network()
    found = find_lr(model, optim.SGD(model.parameters(), lr=0.1), LOSS, pairs())
    axes = found.plot()
    batches, average, line = axes.lines
    np.testing.assert_array_equal(batches.get_xydata(), np.c_[found.rates, found.losses])
    np.testing.assert_array_equal(average.get_xydata(), np.c_[found.rates, found.smooth])
    assert line.get_xdata()[0] == found.suggestion
    assert axes.get_xscale() == "log"
    assert axes.get_title() == found.stopped
    plt.close(axes.figure)


# No trace


class Loader:
    """Draws its batches from a generator of its own, from the project's, and from global ones."""

    def __init__(self):
        self.generator = np.random.default_rng(3)

    def __iter__(self):
        while True:
            rows = self.generator.permutation(96)[:16]
            autograd.random.draw("random", (3,))
            random.random()
            np.random.random()  # noqa: NPY002
            yield X[rows], Y[rows]


class Stop(BaseException):
    """As KeyboardInterrupt: no Exception."""


def random_states(model, loader):
    dropout = next(m for m in model.modules() if isinstance(m, nn.Dropout))
    return [
        repr(loader.generator.bit_generator.state),
        repr(dropout.generator.bit_generator.state),
        repr(autograd.random.default_generator().bit_generator.state),
        random.getstate(),
        repr(np.random.get_state()),  # noqa: NPY002
    ]


def interrupted_after(batches):
    count = iter(range(batches))

    def loss_fn(out, y):
        if next(count, None) is None:
            raise Stop
        return LOSS(out, y)

    return loss_fn


SEARCHES = {
    "finished": lambda m, o, b: find_lr(m, o, LOSS, b, steps=20),
    "blown up": lambda m, o, b: find_lr(m, o, LOSS, b, start=1.0, end=1e30),
    "interrupted": lambda m, o, b: find_lr(m, o, interrupted_after(7), b),
}


@pytest.mark.parametrize(("how", "search"), SEARCHES.items(), ids=SEARCHES.keys())
@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam])
def test_everything_is_bit_for_bit_as_before(how, search, kind):
    settings = {"momentum": 0.9} if kind is optim.SGD else {}
    runs = []
    for searched in (False, True):
        autograd.manual_seed(11)
        loader = Loader()
        model = network(np.random.default_rng(4))
        optimizer = kind(model.parameters(), lr=0.05, **settings)
        train(model, optimizer, pairs()[:2])
        if searched:
            parameters = list(model.parameters())
            gradients = [p.grad for p in parameters]
            arrays = [g.data for g in gradients]
            states = random_states(model, loader)
            groups = copy.deepcopy(
                [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
            )
            if how == "interrupted":
                with pytest.raises(Stop):
                    search(model, optimizer, loader)
            else:
                search(model, optimizer, loader)
            assert random_states(model, loader) == states
            assert all(p.grad is g for p, g in zip(parameters, gradients, strict=True))
            assert all(g.data is a for g, a in zip(gradients, arrays, strict=True))
            for group, values in zip(optimizer.param_groups, groups, strict=True):
                assert {k: v for k, v in group.items() if k != "params"} == values
        gradients = [p.grad.data.copy() for p in model.parameters()]
        train(model, optimizer, some(loader, 5))
        runs.append([gradients, [p.data.copy() for p in model.parameters()]])
    for before, after in zip(runs[0], runs[1], strict=True):
        for a, b in zip(before, after, strict=True):
            np.testing.assert_array_equal(a, b)


def some(loader, n):
    return [batch for batch, _ in zip(loader, range(n), strict=False)]


def test_a_seed_not_yet_used_stays_unused():
    before = autograd.random._generator
    try:
        autograd.random._generator = None
        model = network()
        find_lr(model, optim.SGD(model.parameters(), lr=0.1), LOSS, Loader(), steps=3)
        assert autograd.random._generator is None
    finally:
        autograd.random._generator = before


def held_in(generator):
    """Things that draw from `generator`, each holding it in another way."""

    class Object:
        def __init__(self):
            self.inner = {"list": [generator]}

        def noise(self, out, y):
            return LOSS(out, y) + float(self.inner["list"][0].random())

    def closure(out, y):
        return LOSS(out, y) + float(generator.random())

    def default(out, y, generator=generator):
        return LOSS(out, y) + float(generator.random())

    yield "closure", closure
    yield "default", default
    method = Object().noise
    yield "method", lambda out, y: method(out, y)


@pytest.mark.parametrize("name", ["closure", "default", "method"])
def test_generators_are_found_wherever_they_are(name):
    generator = np.random.default_rng(0)
    loss_fn = dict(held_in(generator))[name]
    before = repr(generator.bit_generator.state)
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    find_lr(model, optimizer, loss_fn, pairs(), steps=5)
    assert repr(generator.bit_generator.state) == before

    def batches():
        for x, y in pairs():
            yield x + generator.random(), y

    find_lr(model, optimizer, LOSS, batches(), steps=5)
    assert repr(generator.bit_generator.state) == before


# Wrong calls


def model_and_optimizer():
    model = network()
    return model, optim.SGD(model.parameters(), lr=0.1)


def penalised(model):
    weight = next(model.parameters())
    return lambda out, y: LOSS(out, y) + (weight * weight).sum()


def frozen():
    model, optimizer = model_and_optimizer()
    return model.requires_grad_(False), optimizer


M, O = model_and_optimizer()  # noqa: E741
WRONG = {
    "order": (
        lambda: find_lr(M, LOSS, O, pairs()),
        TypeError,
        "find_lr takes find_lr(model, optimizer, loss_fn, batches); the second is "
        "CrossEntropyLoss, not an optimiser.",
    ),
    "function": (
        lambda: find_lr(lambda x: M(x), O, LOSS, pairs()),
        TypeError,
        "find_lr trains a copy of the model, and a function is not copied with its parameters. "
        "Give the module itself.",
    ),
    "rates": (
        lambda: find_lr(M, O, LOSS, pairs(), start=0.0),
        ValueError,
        "find_lr: 0 < start < end must hold; they are 0.0 and 10.0.",
    ),
    "steps": (
        lambda: find_lr(M, O, LOSS, pairs(), steps=1),
        ValueError,
        "find_lr: steps is a whole number of at least 2, not 1.",
    ),
    "no batches": (
        lambda: find_lr(M, O, LOSS, iter(())),
        ValueError,
        "find_lr: there are no batches. A generator is used up after one pass; make it anew.",
    ),
    "no pairs": (
        lambda: find_lr(M, O, LOSS, X),
        TypeError,
        "find_lr: batches are pairs (x, y), such as nn.data.DataLoader(x, y, batch_size=64) gives; "
        "this is ndarray.",
    ),
    "penalty": (
        lambda: find_lr(M, O, penalised(M), pairs()),
        RuntimeError,
        "find_lr: the loss function uses the model's own parameters. A copy is trained, so it must "
        "use what it is given, model(x) and y, only; leave a penalty out for the search, or use "
        "the optimiser's weight_decay.",
    ),
    "another model": (
        lambda: find_lr(network(), O, LOSS, pairs()),
        RuntimeError,
        "find_lr: no parameter of the optimiser got a gradient. Was it made for another model, or "
        "is everything frozen?",
    ),
    "NaN": (
        lambda: find_lr(M, O, LOSS, [(X * math.nan, Y)]),
        RuntimeError,
        "find_lr: the loss of the first batch is nan, at the smallest rate. Is there a NaN in the "
        "data, or does the loss take a logarithm of 0?",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_calls_say_what_to_do_and_change_nothing(call, error, message):
    before = [p.data.copy() for p in M.parameters()]
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
    for p, values in zip(M.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.data, values)
        assert p.grad is None
