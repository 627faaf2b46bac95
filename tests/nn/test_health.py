"""HealthMonitor: what it measures is what the training did, and it changes nothing."""

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import optim
from autograd import Tensor
from autograd.grad_mode import current_mode
from nn.health import HealthMonitor, LayerRecord, ParameterRecord
from nn.training import fit

X = np.random.default_rng(0).normal(size=(64, 6)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


class Net(nn.Module):
    """Activations as modules and as functions."""

    def __init__(self):
        self.first, self.block = nn.Linear(6, 8), nn.Sequential(nn.Linear(8, 8), nn.Sigmoid())
        self.last = nn.Linear(8, 3)

    def forward(self, x):
        return self.last(self.block(F.relu(self.first(x))))


def train(model, health, epochs=2, optimizer=None):
    """A loop as people write it."""
    optimizer = optimizer or optim.SGD(model.parameters(), lr=0.1)
    for _ in range(epochs):
        for rows in (slice(0, 32), slice(32, 64)):
            with health.watch(model):
                optimizer.zero_grad()
                F.cross_entropy(model(Tensor(X[rows])), Y[rows]).backward()
                optimizer.step()
        health.end_epoch()
    return health


@pytest.fixture
def net():
    autograd.manual_seed(0)
    return Net()


def test_layers_are_measured_as_numpy_would(net):
    hidden = X[:32] @ net.first.weight.data.T + net.first.bias.data
    health = train(net, HealthMonitor(every=1), epochs=1)
    assert list(health.layers) == ["first", "ReLU", "block.0", "block.1", "last"]
    kinds = [one.kind for one in health.layers.values()]
    assert kinds == ["Linear", "ReLU", "Linear", "Sigmoid", "Linear"]
    first, relu = health.layers["first"], health.layers["ReLU"]
    np.testing.assert_allclose(first.means[0], hidden.mean(), rtol=1e-5)
    np.testing.assert_allclose(first.spreads[0], hidden.std(), rtol=1e-5)
    between = np.sqrt(hidden.var(axis=0).mean())
    np.testing.assert_allclose(first.between_examples[0], between, rtol=1e-5)
    np.testing.assert_allclose(relu.means[0], np.maximum(hidden, 0).mean(), rtol=1e-5)
    assert relu.zeros[0] == (hidden <= 0).mean()
    assert first.zeros[0] == 0
    assert len(first.means) == len(health.steps) == 2


def test_parameters_are_measured_as_numpy_would(net):
    before = net.last.weight.data.copy()
    health = HealthMonitor(every=1)
    with health.watch(net):
        F.cross_entropy(net(Tensor(X)), Y).backward()
        optim.SGD(net.parameters(), lr=0.1).step()
    record = health.parameters["last.weight"]
    gradient = np.linalg.norm(net.last.weight.grad.data)
    np.testing.assert_allclose(record.gradients, [gradient], rtol=1e-6)
    np.testing.assert_allclose(record.sizes, [np.linalg.norm(before)], rtol=1e-6)
    # The step of gradient descent is α g.
    np.testing.assert_allclose(record.ratios, [0.1 * gradient / np.linalg.norm(before)], rtol=1e-4)
    assert list(health.parameters) == [path for path, _ in net.named_parameters()]


def test_parameters_that_do_not_learn_are_left_out_and_biases_of_0_have_no_ratio(net):
    net.first.requires_grad_(False)
    net.last.bias.data = np.zeros(3, np.float32)
    health = train(net, HealthMonitor(), epochs=1)
    assert "first.weight" not in health.parameters
    assert np.isnan(health.parameters["last.bias"].ratios[0])


@pytest.mark.parametrize(("every", "steps"), [(1, [0, 1, 2, 3]), (3, [0, 3]), (10, [0])])
def test_some_steps_are_measured(net, every, steps):
    health = train(net, HealthMonitor(every))
    assert health.steps == steps
    assert len(health.layers["first"].means) == len(steps)


def test_nobody_listens_in_steps_that_are_not_measured(net):
    health, listened = HealthMonitor(every=2), []
    for _ in range(4):
        with health.watch(net):
            listened.append(current_mode().watcher is not None)
    assert listened == [True, False, True, False]
    assert current_mode().watcher is None


def test_units_are_dead_if_they_are_0_for_every_example_of_an_epoch(net):
    net.first.bias.data[:3] = -100  # three units of eight that are never above 0
    net.first.weight.data[3] = [100, 0, 0, 0, 0, 0]  # one that is so for half of the examples
    right, left = np.flatnonzero(X[:, 0] > 0.1), np.flatnonzero(X[:, 0] < -0.1)
    health = HealthMonitor(every=1)
    for rows in (right, left):
        with health.watch(net), autograd.no_grad():
            net(Tensor(X[rows]))
    relu = health.layers["ReLU"]
    assert relu.dead == []
    assert relu.dead_now == 3 / 8
    health.end_epoch()
    assert relu.dead == [3 / 8]
    with health.watch(net), autograd.no_grad():
        net(Tensor(X[left]))
    assert relu.dead_now >= 4 / 8  # a new epoch, of which only one side was seen
    assert np.isnan(health.layers["block.1"].dead_now)


def test_values_at_the_limits_of_an_activation_are_saturated(net):
    net.block[0].weight.data *= 0
    net.block[0].bias.data = np.array([9, 9, -9, 0, 0, 0, 0, 0], np.float32)
    health = HealthMonitor()
    with health.watch(net), autograd.no_grad():
        net(Tensor(X))
    # σ(9) = 0.9999 and σ(−9) = 0.0001; σ(0) = ½.
    assert health.layers["block.1"].saturated == [3 / 8]
    assert np.isnan(health.layers["first"].saturated[0])


def test_a_layer_used_twice_has_two_records(net):
    class Twice(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(6, 6)

        def forward(self, x):
            return self.layer(self.layer(x))

    health = HealthMonitor(every=1)
    for _ in range(2):
        with health.watch(Twice()):
            Twice()(Tensor(X))
    assert health.layers == {}  # another model than the one that is watched
    model = Twice()
    for _ in range(2):
        with health.watch(model):
            model(Tensor(X))
    assert {name: len(one.means) for name, one in health.layers.items()} == {
        "layer": 2,
        "layer (2)": 2,
    }


def test_all_forward_passes_of_a_step_count(net):
    health = HealthMonitor()
    with health.watch(net):
        net(Tensor(X))
        net(Tensor(X))
    assert len(health.layers["first"].means) == 2
    assert len(health.layers) == 5


def test_what_is_computed_again_for_its_gradient_does_not_count(net):
    health = HealthMonitor()
    with health.watch(net):
        hidden = autograd.checkpoint(net.block, net.first(Tensor(X)))
        net.last(hidden).sum().backward()
    assert {name: len(one.means) for name, one in health.layers.items()} == dict.fromkeys(
        ("first", "block.0", "block.1", "last"), 1
    )


def test_loss_and_backward_passes_are_no_layers(net):
    health = HealthMonitor(every=1)
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    with health.watch(net):
        autograd.grad(loss(net(Tensor(X)), Y), list(net.parameters()), create_graph=True)
    assert list(health.layers) == ["first", "ReLU", "block.0", "block.1", "last"]


@pytest.mark.parametrize("every", [1, 3])
def test_training_is_the_same_to_the_bit(every):
    def trained(callbacks):
        autograd.manual_seed(1)
        model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        loss = nn.CrossEntropyLoss()
        fit(model, (X, Y), loss, optimizer, epochs=2, batch_size=16, callbacks=callbacks)
        return [p.data.tobytes() for p in model.parameters()]

    assert trained([HealthMonitor(every)]) == trained([])


def test_fit_tells_it_of_steps_and_epochs(net):
    health = HealthMonitor(every=3)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    for _ in range(2):  # a second training begins anew
        fit(net, (X, Y), F.cross_entropy, optimizer, epochs=2, batch_size=16, callbacks=[health])
        assert health.steps == [0, 3, 6]
        assert len(health.layers["ReLU"].dead) == 2
    fit(net, (X, Y), F.cross_entropy, optimizer, epochs=1, validation=(X, Y), callbacks=health)
    assert len(health.layers["first"].means) == 1  # validation is not part of a step


def test_a_step_that_fails_is_not_measured_and_nobody_listens_on(net):
    health = HealthMonitor(every=1)

    def loss(_, __):
        raise RuntimeError("no loss today")

    with pytest.raises(RuntimeError, match="no loss today"):
        fit(net, (X, Y), loss, optim.SGD(net.parameters()), epochs=1, callbacks=[health])
    assert health.steps == []
    assert current_mode().watcher is None


# Remarks


REMARKS = [
    ({"means": [0.0], "spreads": [np.nan]}, "not finite"),
    ({"means": [0.0], "spreads": [np.nan], "between_examples": [np.nan]}, "not finite"),
    ({"means": [0.0], "spreads": [1.0], "dead": [1.0]}, "all dead"),
    ({"means": [0.0], "spreads": [1.0], "dead": [0.0, 0.5]}, "many dead"),
    ({"means": [0.0], "spreads": [1.0], "dead": [0.9, 0.4]}, ""),
    ({"means": [0.0], "spreads": [1.0], "saturated": [0.6]}, "saturated"),
    ({"means": [0.0], "spreads": [1.0], "saturated": [0.6, 0.5]}, ""),
    ({"means": [3.0], "spreads": [0.0]}, "constant"),
    ({"means": [3.0], "spreads": [0.0], "between_examples": [0.0]}, "constant"),
    ({"means": [3.0], "spreads": [1.0], "between_examples": [0.9e-3]}, "examples alike"),
    ({"means": [3.0], "spreads": [1.0], "between_examples": [1.1e-3]}, ""),
    ({"means": [3.0], "spreads": [1.0], "between_examples": [np.nan]}, ""),
]


@pytest.mark.parametrize(("record", "remark"), REMARKS)
def test_remarks_on_layers(record, remark):
    assert LayerRecord("ReLU", **record).remark == remark


@pytest.mark.parametrize(
    ("gradient", "ratio", "remark"),
    [
        (1.0, 1e-3, ""),
        (np.nan, 1e-3, "no gradient"),
        (np.inf, 1e-3, "not finite"),
        (0.0, 1e-3, "zero gradient"),
        (0.9e-4, 1e-3, "vanishing"),
        (1.1e-4, 1e-3, ""),
        (0.9e4, 1e-3, ""),
        (1.1e4, 1e-3, "exploding"),
        (1.0, 0.2, "large steps"),
        (1.0, 1e-7, "hardly moves"),
    ],
)
def test_remarks_on_weights(gradient, ratio, remark):
    record = ParameterRecord(True, [gradient], [1.0], [ratio])
    assert record.remark(next_to_loss=1.0) == remark
    assert record.remark(np.nan) == (remark if remark not in ("vanishing", "exploding") else "")
    if remark in ("vanishing", "exploding", "large steps", "hardly moves"):
        assert ParameterRecord(False, [gradient], [1.0], [ratio]).remark(1.0) == ""


# Looking at it


def test_it_prints_as_tables(net):
    net.first.bias.data -= 100
    health = train(net, HealthMonitor(every=2), epochs=1)
    head, layers, parameters = str(health).split("\n\n")
    assert head == "HealthMonitor(every=2): 1 steps measured"
    rows = [line.split() for line in layers.splitlines()]
    assert rows[0] == [
        *("Layer", "Mean", "Spread", "Between", "examples", "Zeros", "Saturated", "Dead", "units")
    ]
    assert rows[3] == ["ReLU", "0", "0", "0", "100%", "–", "100%", "all", "dead"]
    assert rows[5][:2] == ["block.1:", "Sigmoid"]
    rows = [line.split() for line in parameters.splitlines()]
    assert rows[0] == ["Parameter", "Gradient", "Size", "Change", "/", "size"]
    assert rows[2][0] == "first.weight"
    assert rows[2][-2:] == ["zero", "gradient"]
    assert rows[6][0] == "last.weight"
    assert len(rows[6]) == 4  # no remark
    html = health._repr_html_()
    assert html.count("<tr>") == html.count("</tr>") == 2 + 5 + 6
    assert "all dead" in html


def test_before_anything_was_measured_it_says_so():
    health = HealthMonitor()
    assert str(health) == "HealthMonitor(every=10): 0 steps measured"
    assert "0 steps" in health._repr_html_()
    with pytest.raises(RuntimeError, match="nothing was measured yet"):
        health.plot()


def test_the_picture_has_a_row_for_each_and_a_column_for_each_step(net):
    plt = pytest.importorskip("matplotlib.pyplot")
    health = train(net, HealthMonitor(every=1))
    axes = health.plot()
    pictures = [ax.images[0].get_array() for ax in axes]
    assert [picture.shape for picture in pictures] == [(5, 4), (5, 4), (1, 4), (6, 4), (3, 4)]
    np.testing.assert_array_equal(pictures[0][1], health.layers["ReLU"].between_examples)
    np.testing.assert_array_equal(pictures[2][0], health.layers["block.1"].saturated)
    np.testing.assert_array_equal(pictures[4][0], health.parameters["first.weight"].ratios)
    labels = [label.get_text() for label in axes[3].get_yticklabels()]
    assert labels == list(health.parameters)
    plt.close("all")
    with pytest.raises(ValueError, match="5 panels"):
        health.plot(plt.subplots(1, 2)[1])
    plt.close("all")


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: HealthMonitor(every=0), ValueError, "every"),
        (lambda: HealthMonitor(every=1.5), TypeError, "every"),
        (lambda: HealthMonitor().watch(F.relu), TypeError, "takes the Module that is trained"),
    ],
)
def test_wrong_arguments(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
