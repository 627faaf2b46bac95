"""When `fit` compiles its steps, and when it does not, and why."""

import numpy as np
import pytest
from support.training import adam, points, weights

import autograd
import nn
import optim
from autograd import TracingError
from nn.training import Callback, fit

X, Y = points(60)
CROSS_ENTROPY = nn.CrossEntropyLoss()
BATCHES = [(X[i : i + 20], Y[i : i + 20]) for i in (0, 20, 40)]


def mlp(activation=None):
    between = nn.ReLU() if activation is None else nn.Lambda(activation)
    return nn.Sequential(nn.Linear(4, 8), between, nn.Linear(8, 2))


def train(model, compile=None, epochs=10, data=BATCHES, loss=CROSS_ENTROPY, rule=adam, **settings):
    autograd.manual_seed(1)
    return fit(model, data, loss, rule(model), epochs=epochs, compile=compile, **settings)


def same_steps(make, **settings):
    """The history of a compiled training, after a look that the eager one is the same."""
    trained = []
    for compile in (False, True):
        autograd.manual_seed(0)
        model = make()
        history = train(model, compile, **settings)
        trained.append((weights(model), history.step_losses))
    assert trained[0] == trained[1]
    return history


# Code of one's own


class Counting(nn.Module):
    """Says and counts what a student may want to see in each step."""

    def __init__(self):
        self.layer, self.calls = nn.Linear(4, 2), []

    def forward(self, x):
        self.calls.append(len(self.calls))
        print("forward")
        return self.layer(x)


class Tied(nn.Module):
    """One layer, used twice."""

    def __init__(self):
        self.into, self.again, self.out = nn.Linear(4, 5), nn.Linear(5, 5), nn.Linear(5, 2)

    def forward(self, x):
        return self.out(self.again(autograd.tanh(self.again(self.into(x)))))


class Homonymous(nn.Module):
    """Has attributes that what trains it may have too."""

    def __init__(self):
        self.layer, self.gradient, self.runs, self.loss, self.before = nn.Linear(4, 2), 1, 2, 3, 4

    def forward(self, x):
        return self.layer(x) * (self.gradient + self.runs + self.loss + self.before)


class Own(optim.SGD):
    """An update rule of one's own."""

    def update(self, w, g, m, c, spare, group):
        super().update(w, g, m, c, spare, group)


class Watching(nn.Linear):
    """A subclass that adds nothing."""


def loss_of_ones_own(prediction, target):
    return nn.functional.cross_entropy(prediction, target) * 2


def hooked(model, register):
    getattr(model[0], register)(lambda *_: None)
    return model


def hooked_weight(model):
    model[0].weight.register_hook(lambda g: None)
    return model


class HookLater(Callback):
    def on_epoch_begin(self, state):
        if state.epoch == 9:
            hooked(state.model, "register_forward_hook")


# What is trained, why not all steps are compiled, and how many of 30 are
EAGER = {
    "a module": ({"model": Counting()}, "the model is code of your own (Counting), and may", 0),
    "within": ({"model": nn.Sequential(Watching(4, 2))}, "model.0 is code of your own (Watch", 0),
    "a normalised one": (
        {"model": nn.weight_norm(Watching(4, 2))},
        "the model is code of your own (",
        0,
    ),
    "a lambda": ({"model": mlp(lambda x: x / 2)}, "model.1.fn is code of your own (<lambda>)", 0),
    "a loss": ({"loss": loss_of_ones_own}, "the loss is code of your own (loss_of_ones_own)", 0),
    "an update rule": (
        {"rule": lambda model: Own(model.parameters(), lr=0.1)},
        "the optimizer is code of your own (Own)",
        0,
    ),
    "a hook before": (
        {"model": hooked(mlp(), "register_forward_pre_hook")},
        "model.0._hooks.before.0 is code of your own (<lambda>)",
        0,
    ),
    "a hook on the way back": (
        {"model": hooked(mlp(), "register_full_backward_hook")},
        "model.0._hooks.backward.0 is code of your own",
        0,
    ),
    "a parameter's hook": ({"model": hooked_weight(mlp())}, "0.weight has hooks", 0),
    "a hook later": (
        {"callbacks": HookLater()},
        "model.0._hooks.after.0 is code of your own (<lambda>)",
        24 - 21,
    ),
    "an optimiser that asks": (
        {"rule": lambda model: optim.LBFGS(model.parameters(), max_iter=2)},
        "LBFGS has a step() that evaluates the loss itself",
        0,
    ),
    "labels in lists": (
        {"data": [(x, y.tolist()) for x, y in BATCHES]},
        "the targets of a batch are no array (int)",
        0,
    ),
    "a large sum": (
        {
            "model": nn.Linear(1, 300),
            "data": [(np.ones((2000, 1), np.float32), np.ones((2000, 300), np.float32))],
            "loss": nn.MSELoss(),
            "epochs": 22,
        },
        "a sum of more than 500,000 numbers would be added in another order",
        0,
    ),
    "few steps": ({"epochs": 6}, None, 0),
    "asked for": ({"compile": False}, "compile=False was asked for", 0),
}


@pytest.mark.parametrize("case", EAGER)
def test_where_something_could_be_missed_steps_are_eager_and_the_history_says_why(case, capsys):
    settings, why, replays = EAGER[case]
    history = train(
        settings.get("model") or mlp(), **{k: settings[k] for k in settings if k != "model"}
    )
    assert history.replays == replays
    if why is None:
        assert history.eager is None
    else:
        assert history.eager.startswith(why)
        assert why in history.compiled
    if case == "a module":
        assert capsys.readouterr().out == "forward\n" * 30


def test_a_form_of_batch_is_recorded_when_it_has_come_20_times():
    data = [*BATCHES, (X[:7], Y[:7])]
    history = train(mlp(), data=data, epochs=19)  # the last one came 19 times
    assert history.replays == 3 * 19 - 21
    assert history.eager is None
    assert history.compiled == "36 of 76 steps"
    assert repr(history).splitlines()[-1] == "compiled: 36 of 76 steps"


def test_what_changes_again_and_again_is_not_recorded_for_ever():
    class Change(Callback):
        def on_batch_end(self, state):
            state.model[1].negative_slope += 0.01

    model = nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(), nn.Linear(8, 2))
    history = train(model, callbacks=[Change()])
    assert history.eager == "what the steps depend on changes again and again"
    assert history.replays == 0


# With compile=True, code of one's own is recorded


OWN = {
    "a lambda": {"make": lambda: mlp(lambda x: x / 2)},
    "a loss": {"make": mlp, "loss": loss_of_ones_own},
    "an update rule": {"make": mlp, "rule": lambda model: Own(model.parameters(), lr=0.1)},
    "tied weights": {"make": Tied},
    "common names": {"make": Homonymous},
    "hooks": {"make": lambda: hooked_weight(hooked(mlp(), "register_forward_hook"))},
}


@pytest.mark.parametrize("case", OWN)
def test_with_compile_true_code_of_one_s_own_is_recorded(case):
    assert same_steps(**OWN[case]).replays == 30 - 3


class Branching(nn.Linear):
    def forward(self, x):
        out = super().forward(x)
        return out if out.sum() > 0 else -out


def evaluating_itself(model):
    return optim.LBFGS(model.parameters())


REFUSED = {
    "a branch": (
        {"model": Branching(4, 2)},
        TracingError,
        "a branch on values (if, while, and, or, not) would be recorded one way only.\n"
        "  at   test_training_replays.py:",
    ),
    "an optimiser that asks": (
        {"rule": evaluating_itself},
        ValueError,
        "fit: compile=True records steps, and LBFGS evaluates the loss itself, where and as often",
    ),
    "a word": (
        {"compile": "yes"},
        TypeError,
        "fit: compile is True, False, or None for where it is safe; not 'yes'.",
    ),
    "labels in lists": (
        {"data": [(x, y.tolist()) for x, y in BATCHES]},
        TracingError,
        "the targets of a batch are no array (int), and a recording takes anything else for a "
        "constant; np.array(y) makes one",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_compile_true_says_before_anything_is_trained(case):
    settings, kind, words = REFUSED[case]
    given = {"model": mlp(), "compile": True} | settings
    before = weights(given["model"])
    with pytest.raises(kind) as caught:
        train(**given)
    assert words in str(caught.value)
    assert weights(given["model"]) == before
    assert all(p.grad is None for p in given["model"].parameters())
    if kind is TracingError:
        assert "fit(…, compile=True)" in caught.value.__notes__[-1]


def test_what_counts_shows_in_the_second_step():
    model = Counting()
    with pytest.raises(TracingError, match=r"calls\.1 is, which a replay would leave") as e:
        train(model, compile=True)
    assert len(e.value.history.step_losses) == 1
