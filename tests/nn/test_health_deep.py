"""HealthMonitor on deep networks: what vanishes, what explodes, and what it is measured against."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
from autograd import Tensor
from nn.health import HealthMonitor

X = np.random.default_rng(0).normal(size=(64, 6)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def deep(activation, depth=7, reverse=False, **settings):
    """A deep network, watched for one step."""
    autograd.manual_seed(0)
    model = nn.MLP([6] + [32] * depth + [3], activation, **settings)
    model = Backwards(list(model)) if reverse else model
    health = HealthMonitor()
    with health.watch(model):
        F.cross_entropy(model(Tensor(X)), Y).backward()
    return health


class Backwards(nn.Module):
    """Layers that are set in another order than forward uses them in."""

    def __init__(self, layers):
        self.layers = layers[::-1]

    def forward(self, x):
        for layer in reversed(list(self.layers)):
            x = layer(x)
        return x


def remarks_on_weights(health):
    rows = str(health).split("\n\n")[2].splitlines()[2:]
    return {row.split()[0]: row.split()[-1] for row in rows if "weight" in row}


@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "defined backwards"])
@pytest.mark.parametrize(
    ("activation", "settings", "remark", "other"),
    [
        ("sigmoid", {}, "vanishing", "exploding"),
        ("tanh", {"init": "normal", "depth": 30}, "exploding", "vanishing"),
    ],
)
def test_gradients_either_vanish_or_explode_on_the_way_back(
    activation, settings, remark, other, reverse
):
    health = deep(activation, reverse=reverse, **settings)
    found = remarks_on_weights(health)
    assert remark in found.values()
    assert other not in found.values()
    used = [path for path in health.order if path in found]
    assert found[used[0]] == remark
    assert found[used[-1]] != remark


def test_the_order_of_the_weights_is_that_of_their_last_use():
    class Shared(nn.Module):
        def __init__(self):
            self.idle, self.again = nn.Linear(6, 6), nn.Linear(6, 6)
            self.once = nn.Linear(6, 6)

        def forward(self, x):
            return self.again(self.once(self.again(x)))

    health, model = HealthMonitor(), Shared()
    with health.watch(model):
        model(Tensor(X)).sum().backward()
    paths = ["idle.weight", "idle.bias", "once.weight", "once.bias", "again.weight", "again.bias"]
    assert health.order == paths


def test_what_dies_in_a_deep_network_is_the_spread_between_examples():
    layers = list(deep("sigmoid", depth=8).layers.values())[::2]
    spreads, between = (
        np.array([getattr(one, name)[0] for one in layers])
        for name in ("spreads", "between_examples")
    )
    assert (spreads[1:-1] > 0.2).all()  # biases, which are constant
    assert (between[1:] < 0.3 * between[:-1]).all()
    assert (between <= spreads).all()
    assert layers[0].remark == ""
    assert layers[-1].remark == "examples alike"


@pytest.mark.parametrize("x", [X[:1], X[0]], ids=["one row", "no rows"])
def test_of_a_single_example_there_is_no_spread_between_examples(x):
    health, model = HealthMonitor(), nn.Sequential(nn.Linear(6, 8), nn.ReLU())
    with health.watch(model), autograd.no_grad():
        model(Tensor(x))
    assert np.isnan(health.layers["0"].between_examples[0])
    assert health.layers["0"].remark == ""
    assert str(health).split("\n\n")[1].splitlines()[2].split()[4] == "–"
