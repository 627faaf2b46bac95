"""However a compiled training ends, it ends as an eager one does."""

import signal

import numpy as np
import pytest
from support.training import adam, classifier, points, weights

import autograd
import nn
import optim
from autograd.random import draw
from nn.training import Callback, fit

X, Y = points(60)
BATCHES = [(X[i : i + 20], Y[i : i + 20]) for i in (0, 20, 40)]


def train(model, compile, data=BATCHES, loss=None, rule=adam, epochs=10, **settings):
    autograd.manual_seed(1)
    loss = nn.CrossEntropyLoss() if loss is None else loss
    return fit(model, data, loss, rule(model), epochs=epochs, compile=compile, **settings)


class At(Callback):
    """Does something after a step, and notes the state before the next one."""

    def __init__(self, step=-1, action=None):
        self.step, self.action, self.before = step, action, []

    def on_batch_begin(self, state):
        random = autograd.random.default_generator().bit_generator.state
        self.before.append((weights(state.model), random))

    def on_batch_end(self, state):
        if state.step == self.step:
            self.action()


def broken(where):
    """Batches of which the fifth has something wrong."""
    x, y = X[:20].copy(), Y[:20].copy()
    if where == "x":
        x[3, 1] = np.nan
    if where == "y":
        y[2] = 7
    return [*BATCHES, BATCHES[0], (x, y)]


def exponential(prediction, target):
    return autograd.exp(prediction).mean()


def shifted(prediction, target):
    return prediction.mean() + target.mean()


def infinite_slope(prediction, target):
    """A finite loss with an infinite gradient, where a prediction is 0."""
    return (prediction * prediction).sum(axis=1).sqrt().mean()


SPOILT = {
    "not a number in the data": ({"data": broken("x")}, classifier, "Affine was given NaN"),
    "a label that is none": ({"data": broken("y")}, classifier, "label"),
    "a loss that is infinite": (
        {"loss": exponential, "data": [*BATCHES, BATCHES[0], (X[:20] * 1e4, Y[:20])]},
        lambda: nn.Linear(4, 2),
        "fit: the loss is inf. No weight was changed by this batch.\nWhere it began:\n  Exp made",
    ),
    "an infinite loss with a finite gradient": (
        {
            "loss": shifted,
            "data": [(X[:20], np.full(20, one, np.float32)) for one in (1, 1, 1, 1, np.inf)],
        },
        classifier,
        "fit: the loss is inf. No weight was changed by this batch.",
    ),
    "a gradient that is infinite": (
        {"loss": infinite_slope, "data": [*BATCHES, BATCHES[0], (X[:20] * 0, Y[:20])]},
        lambda: nn.Linear(4, 2, bias=False),
        "fit: the loss is finite, but the gradient of weight is not.",
    ),
}


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value", "ignore:overflow")
@pytest.mark.parametrize("case", SPOILT)
def test_an_error_is_the_eager_one_and_all_is_as_before_the_batch(case):
    settings, make, words = SPOILT[case]
    seen = []
    for compile in (False, True):
        autograd.manual_seed(0)
        model, at = make(), At()
        with pytest.raises((FloatingPointError, ValueError)) as caught:
            train(model, compile, callbacks=[at], epochs=2, **settings)
        random = autograd.random.default_generator().bit_generator.state
        assert at.before[-1] == (weights(model), random)
        error = caught.value
        seen.append((type(error), str(error), error.history.step_losses, weights(model), random))
        assert words in str(error)
    assert seen[0] == seen[1]
    assert error.history.replays == 4 - 3


def test_a_generator_that_only_the_loss_knows_is_put_back_too():
    states = []
    for compile in (False, True):
        source = np.random.default_rng(0)

        def loss(prediction, target, source=source):
            noise = draw("standard_normal", prediction.shape, prediction.dtype, source)
            return nn.functional.cross_entropy(prediction + noise, target)

        with pytest.raises(ValueError, match="label"):
            train(nn.Linear(4, 2), compile, broken("y"), loss)
        states.append(source.bit_generator.state)
    assert states[0] == states[1]


@pytest.mark.parametrize("first", [0, 5])
def test_a_step_that_no_replay_can_make_is_made_eagerly(first):
    """Squares of gradients overflow, with which only an eager step can deal."""

    def loss(prediction, target):
        return (prediction * target).mean()

    factors = [np.full((20, 2), 1e30 if i == first else 1, np.float32) for i in range(7)]
    data = [(X[i : i + 20], factor) for i, factor in enumerate(factors)]
    trained = []
    for compile in (False, True):
        autograd.manual_seed(0)
        model = classifier()
        history = train(model, compile, data, loss, epochs=2, clip_norm=1.0)
        random = autograd.random.default_generator().bit_generator.state
        trained.append((weights(model), history.step_losses, random))
    assert trained[0] == trained[1]
    assert history.replays == (0 if first == 0 else 14 - 3 - 2)
    if first == 0:
        assert history.eager.startswith("recording them failed: clip_grad_norm_: the squares of")


def test_no_weight_changes_where_updates_go_through_pieces():
    x = np.ones((8, 600), np.float32)
    model = nn.Linear(600, 500)  # more than are updated at a time
    data = [(x, x[:, :500]), (x, x[:, :500]), (x * np.nan, x[:, :500])]
    at = At()
    with pytest.raises(FloatingPointError, match="the loss is nan"):
        train(model, True, loss=nn.L1Loss(), data=data, callbacks=[at])
    assert weights(model) == at.before[-1][0] != at.before[0][0]


def test_ctrl_c_within_a_replay_waits_for_its_end(capfd):
    class Late(optim.SGD):
        """Ctrl-C comes while numbers of the fifth step are made."""

        def advance(self, group, counts):
            if counts["step"] == 5:
                signal.raise_signal(signal.SIGINT)
            return super().advance(group, counts)

    model, at = nn.Linear(4, 2), At()
    history = train(
        model, True, rule=lambda model: Late(model.parameters(), lr=0.1), callbacks=[at]
    )
    assert history.interrupted
    assert len(history.step_losses) == 5
    assert history.replays == 5 - 3
    assert weights(model) != at.before[-1][0]
    capfd.readouterr()
