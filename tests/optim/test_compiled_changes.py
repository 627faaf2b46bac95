"""What may change between two calls of a compiled step: it is followed, or recorded anew."""

import re
import warnings

import numpy as np
import pytest
from support.twins import assert_equal, assert_same_training, batches, classification, mlp, training

import autograd
import nn
import optim
from autograd import Tensor
from autograd.compiling import compile
from nn import functional

RULES = {
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "SGD": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
}


def group(made):
    return made.optimizers[0].param_groups[0]


def first(made):
    return made.model[0].weight


def once(change, at=4):
    return lambda made, i: change(made) if i == at else None


def add_used(made):
    made.model[0].bias = nn.Parameter(np.full(8, 0.1, np.float32))
    made.optimizers[0].add_param_group({"params": [made.model[0].bias], "lr": 0.5})


def scale_in_place(made):
    with autograd.no_grad():
        first(made)[...] = first(made) * 0.5


# By name: what is changed after which steps; how many recordings there are in the end, how often
# the function itself ran: three times while the optimiser looks at its first steps.
CHANGES = {
    "the rate": (lambda made, i: group(made).update(lr=0.1 / (1 + i)), 1, 3),
    "the rate, to 0 and back": (lambda made, i: group(made).update(lr=0.1 * (i != 5)), 1, 5),
    "weight decay, on and off": (
        lambda made, i: group(made).update(weight_decay=0.1 * (i % 2)),
        *(2, 4),
    ),
    "maximize": (once(lambda made: group(made).update(maximize=True)), 2, 4),
    "check_finite": (once(lambda made: group(made).update(check_finite=True)), 2, 4),
    "an optimiser's state": (
        once(lambda made: made.optimizers[0].load_state_dict(made.optimizers[0].state_dict())),
        *(1, 3),
    ),
    "a group more": (once(add_used), 2, 6),
    "weights, assigned": (
        once(lambda made: setattr(first(made), "data", first(made).data * 2)),
        1,
        3,
    ),
    "weights, in place": (once(scale_in_place), 1, 3),
    "weights, loaded": (
        once(lambda made: made.model.load_state_dict(mlp(nn.Dropout(0.2)).state_dict())),
        *(1, 3),
    ),
    "the mode": (lambda made, i: made.model.train(i % 3 != 0), 3, 3),
    "a layer": (once(lambda made: made.model.__setitem__(2, nn.Tanh())), 2, 4),
    "a layer's option": (once(lambda made: setattr(made.model[1], "p", 0.5)), 2, 4),
    "a hook": (once(lambda made: first(made).register_hook(lambda g: g * 2)), 2, 4),
    "the seed": (once(lambda made: autograd.manual_seed(5)), 1, 3),
    "gradients, cleared": (lambda made, i: made.optimizers[0].zero_grad(), 1, 3),
    "gradients, set to 0": (
        lambda made, i: made.optimizers[0].zero_grad(set_to_none=False),
        *(1, 3),
    ),
    "one gradient, cleared": (once(lambda made: setattr(first(made), "grad", None)), 1, 3),
    "one gradient, assigned": (
        lambda made, i: setattr(first(made), "grad", np.ones((8, 6), np.float32)),
        *(1, 3),
    ),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_between_two_calls(name, rule):
    change, recordings, runs = CHANGES[name]

    def make():
        model = mlp(nn.Dropout(0.2))
        return classification(model, RULES[rule](model.parameters()))

    assert_same_training(make, each=change, recordings=recordings, runs=runs)


@pytest.mark.parametrize("rule", RULES)
def test_a_rate_that_may_not_be_is_refused_as_by_the_step_itself(rule):
    model = mlp()
    optimizer = RULES[rule](model.parameters())
    step = compile(classification(model, optimizer).step)
    *given, last = batches(6)
    for batch in given:
        step(*batch)
    optimizer.param_groups[0]["lr"] = -1.0
    before = {name: value.copy() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"lr.*-1\.0"):
        step(*last)
    assert_equal(model.state_dict(), before)


# The same for a step that adds to the gradients that there are.


def adding(rule):
    model = mlp()
    optimizer = RULES[rule](model.parameters())
    for p in model.parameters():  # so that the first steps are over, about which it has hints
        p.grad = np.zeros_like(p.data)
    for _ in range(3):
        optimizer.step()
    optimizer.zero_grad()

    def step(x, y):
        loss = functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return training(model, optimizer, step=step)


def clear(made, i, to_none):
    made.optimizers[0].zero_grad(set_to_none=to_none)


CLEARED = {
    "never": (lambda made, i: None, 2, 2),
    "now and then": (lambda made, i: clear(made, i, True) if i % 3 == 0 else None, 2, 2),
    "to None and to 0": (lambda made, i: clear(made, i, i % 2 == 0), 2, 2),
    "to None, to 0, or not": (lambda made, i: i % 3 < 2 and clear(made, i, i % 3 == 0), 2, 2),
    "in part": (
        lambda made, i: clear(made, i, True) if i % 2 else setattr(first(made), "grad", None),
        *(2, 2),
    ),
    "while the rate is 0": (
        lambda made, i: (
            group(made).update(lr=0.0 if i == 1 else 0.1),
            clear(made, i, True) if i < 3 else None,
        ),
        *(2, 4),
    ),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", CLEARED)
def test_gradients_that_are_added_to(name, rule):
    change, recordings, runs = CLEARED[name]
    assert_same_training(lambda: adding(rule), each=change, recordings=recordings, runs=runs)


def test_another_dtype_needs_another_optimizer_and_is_another_recording():
    held = {}

    def make():
        held["model"] = model = mlp()
        held["optimizer"] = optimizer = optim.Adam(model.parameters(), lr=0.01)

        def step(x, y):
            held["optimizer"].zero_grad()
            loss = functional.cross_entropy(held["model"](x), y)
            loss.backward()
            held["optimizer"].step()
            return loss

        return training(model, optimizer, step=step)

    def widen(made, i):
        if i == 4:
            held["model"] = made.model = mlp().double()
            held["optimizer"] = optim.Adam(made.model.parameters(), lr=0.01)
            made.optimizers = [held["optimizer"]]

    given = [
        (x.astype(np.float64 if i > 4 else np.float32), y) for i, (x, y) in enumerate(batches())
    ]
    assert_same_training(make, given, each=widen, recordings=2, runs=6)


# Threads


@pytest.fixture
def threads(monkeypatch):
    monkeypatch.setattr("autograd.threads._count", 1)


def test_another_number_of_threads_is_followed(threads):
    def make():
        model = nn.Linear(600, 500)
        return classification(model, optim.Adam(model.parameters(), lr=0.01))

    def change(made, i):
        autograd.set_num_threads(1 + i // 2 % 3)

    given = list(batches(8, rows=4, features=600))
    assert_same_training(make, given, each=change, recordings=1, runs=6)
    x = Tensor(np.ones(2_000_000, np.float32))
    double = compile(lambda x: (x * 2).exp())
    for count in (1, 3, 2):
        autograd.set_num_threads(count)
        double(x)
        shares = re.findall(r"\(range\(\d+, \d+, \d+\), ", double.source())
        assert len(shares) == count
        assert double.stats()["recordings"] == 1


# Hints of an optimiser's first steps


def said(make, way, each, steps=6):
    """What a training warns of, by step."""
    autograd.manual_seed(0)
    made = make()
    step, texts = way(made.step), []
    for i, batch in enumerate(batches(steps)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            step(*batch)
        texts.append([str(one.message) for one in caught])
        each(made, i)
    return texts


def clears_after(idle):
    model = mlp()
    spare = [Tensor(np.ones(2, np.float32), requires_grad=True, name="spare")] if idle else []
    optimizer = optim.SGD([*model.parameters(), *spare], lr=0.1)

    def step(x, y):
        functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        if idle:
            optimizer.zero_grad()

    return training(model, optimizer, step=step)


HINTS = {
    "a parameter without a gradient": (
        lambda: clears_after(idle=True),
        lambda made, i: None,
        (1, "no gradient has reached parameter 4, 'spare'"),
    ),
    "gradients that are not cleared": (
        lambda: clears_after(idle=False),
        lambda made, i: None,
        (1, "backward has added to gradients"),
    ),
    "gradients that are not cleared the second time": (
        lambda: clears_after(idle=False),
        lambda made, i: made.optimizers[0].zero_grad() if i == 0 else None,
        (2, "backward has added to gradients"),
    ),
}


@pytest.mark.parametrize("name", HINTS)
def test_hints_come_at_the_same_steps(name):
    make, each, (step, text) = HINTS[name]
    eager = said(make, lambda step: step, each)
    assert said(make, compile, each) == eager
    assert [len(texts) for texts in eager] == [int(i == step) for i in range(6)]
    assert text in eager[step][0]


# Looking at it


def test_check_puts_back_what_is_updated_in_pieces(threads):
    model = nn.Linear(600, 300)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    step = compile(classification(model, optimizer).step)
    *given, last = batches(5, rows=4, features=600)
    for batch in given:
        step(*batch)
    state = optimizer.state_dict()
    weights = {name: value.copy() for name, value in model.state_dict().items()}
    assert step.check(*last) == 0
    assert_equal(model.state_dict(), weights)
    assert_equal(list(optimizer.state_dict()["state"].values()), list(state["state"].values()))


def test_check_of_a_first_call_says_how_many_calls_it_takes():
    model = mlp()
    step = compile(classification(model, optim.SGD(model.parameters(), lr=0.1)).step)
    given = list(batches(4))
    with pytest.raises(RuntimeError, match="has no recording yet"):
        step.check(*given[0])
    step(*given[0])
    with pytest.raises(RuntimeError, match=r"(?s)nothing to check.*first calls.*up to four times"):
        step.check(*given[1])
    for batch in given[1:]:
        step(*batch)
    assert step.check(*given[0]) == 0


def test_the_program_names_the_optimizer():
    model = mlp()
    step = compile(classification(model, optim.AdamW(model.parameters(), lr=0.1)).step)
    step(*next(batches(1)))
    assert "# AdamW\n        np.multiply(parameters, keep, out=parameters)" in step.source()


def test_what_makes_ever_new_recordings_is_named():
    settings = {"scale": 1.0}
    step = compile(lambda x: x * settings["scale"])
    for i in range(8):
        settings["scale"] = float(i)
        step(np.ones(2))
    settings["scale"] = 8.0
    with pytest.warns(UserWarning, match=r"was recorded 8 times(?s:.)*new  settings.scale;"):
        step(np.ones(2))


def test_an_equal_number_is_the_same_although_it_is_another_object():
    settings = {"scale": 0.5}

    def make():
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(x, y):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(x), y) * settings["scale"]
            loss.backward()
            optimizer.step()
            return loss

        return training(model, optimizer, step=step)

    assert_same_training(make, each=lambda made, i: settings.update(scale=float("0.5")))
