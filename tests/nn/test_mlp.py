"""MLP: the Sequential that one would write by hand, and what it says of wrong arguments."""

import copy
from functools import partial

import numpy as np
import pytest
from support.checks import message

import autograd
import nn
from autograd import Tensor
from nn import activations
from nn.batch_norm import BatchNorm1d
from nn.mlp import MLP
from nn.normalization import LayerNorm


def kinds(net):
    return [type(layer) for layer in net]


def rng():
    return np.random.default_rng(0)


# What it is made of

Linear, ReLU, Tanh, Dropout = nn.Linear, nn.ReLU, nn.Tanh, nn.Dropout
BUILT = [
    (MLP([3, 2]), [Linear]),
    (MLP([3, 4, 2]), [Linear, ReLU, Linear]),
    (MLP([3, 4, 5, 2], activation="tanh"), [Linear, Tanh, Linear, Tanh, Linear]),
    (MLP([3, 4, 5, 2], activation=None), [Linear, Linear, Linear]),
    (MLP([3, 4, 2], activation=nn.Sigmoid), [Linear, nn.Sigmoid, Linear]),
    (MLP([3, 4, 2], output_activation="softmax"), [Linear, ReLU, Linear, nn.Softmax]),
    (MLP([3, 4, 2], dropout=0.5), [Linear, ReLU, Dropout, Linear]),
    (MLP([3, 4, 2], norm="batch"), [Linear, BatchNorm1d, ReLU, Linear]),
    (MLP([3, 4, 2], norm="layer", dropout=0.1), [Linear, LayerNorm, ReLU, Dropout, Linear]),
    (MLP([3, 4, 2], norm=partial(LayerNorm, bias=False)), [Linear, LayerNorm, ReLU, Linear]),
    (MLP(n for n in (3, 4, 2)), [Linear, ReLU, Linear]),
    (MLP(np.array([3, 4, 2])), [Linear, ReLU, Linear]),
]


@pytest.mark.parametrize(("net", "expected"), BUILT)
def test_the_layers_are_those_one_would_write_by_hand(net, expected):
    assert kinds(net) == expected
    sizes = [layer.weight.shape for layer in net if isinstance(layer, Linear)]
    assert sizes[0][1] == 3
    assert sizes[-1][0] == 2
    assert net(np.ones((5, 3), np.float32)).shape == (5, 2)


def test_it_computes_what_the_same_sequential_computes_with_the_same_state():
    net = MLP([3, 8, 8, 2], activation="tanh", norm="batch", generator=rng())
    by_hand = nn.Sequential(
        *(nn.Linear(3, 8), BatchNorm1d(8), nn.Tanh()),
        *(nn.Linear(8, 8), BatchNorm1d(8), nn.Tanh()),
        nn.Linear(8, 2),
    )
    by_hand.load_state_dict(net.state_dict())
    x = rng().standard_normal((6, 3)).astype(np.float32)
    for mode in (True, False):
        assert np.array_equal(net.train(mode)(x), by_hand.train(mode)(x))


def test_the_names_are_those_of_pytorch():
    net = MLP([3, 4, 5, 2], dropout=0.5)
    assert list(net.state_dict()) == [
        *("0.weight", "0.bias", "3.weight", "3.bias", "6.weight", "6.bias")
    ]
    assert net[3].weight.name == "3.weight"


def test_it_prints_slices_copies_and_counts():
    net = MLP([784, 100, 10])
    assert repr(net).splitlines() == [
        "MLP(",
        "  (0): Linear(in_features=784, out_features=100, bias=True)",
        "  (1): ReLU()",
        "  (2): Linear(in_features=100, out_features=10, bias=True)",
        ")",
    ]
    assert sum(p.size for p in net.parameters()) == 78_500 + 1_010
    features = net[:-1]
    assert kinds(features) == [Linear, ReLU]
    assert features[0] is net[0]
    x = np.ones((2, 784), np.float32)
    assert np.array_equal(net[-1](features(x)), net(x))
    assert np.array_equal(copy.deepcopy(net)(x), net(x))


def test_without_activation_the_layers_collapse_to_one_linear_map():
    net = MLP([3, 8, 8, 2], activation=None, bias=False, dtype=np.float64)
    x = rng().standard_normal((5, 3))
    together = net[2].weight.data @ net[1].weight.data @ net[0].weight.data
    np.testing.assert_allclose(net(x).data, x @ together.T, rtol=1e-12)


# Its arguments


def test_activations_with_parameters_are_not_shared():
    for activation in ("prelu", activations.PReLU, activations.PReLU()):
        net = MLP([3, 4, 5, 2], activation=activation)
        assert net[1] is not net[3]
        assert [name for name in net.state_dict() if name in ("1.weight", "3.weight")] == [
            *("1.weight", "3.weight")
        ]


def test_a_layer_as_activation_keeps_its_settings():
    net = MLP([3, 4, 2], activation=activations.LeakyReLU(0.1))
    assert net[1].negative_slope == 0.1


def test_init_is_that_of_every_linear_layer():
    net = MLP([3, 4, 2], init="xavier_uniform", generator=rng())
    draws = rng()
    for layer in (net[0], net[2]):
        expected = nn.init.xavier_uniform_(Tensor(np.empty_like(layer.weight.data)), 1, draws)
        assert np.array_equal(layer.weight, expected)
        assert not layer.bias.data.any()
    start = MLP([3, 4, 2], generator=rng())
    draws = rng()
    by_hand = [nn.Linear(3, 4, generator=draws), nn.Linear(4, 2, generator=draws)]
    assert np.array_equal(start[0].weight, by_hand[0].weight)
    assert np.array_equal(start[2].bias, by_hand[1].bias)


def test_the_generator_decides_initial_values_and_dropout():
    x = np.ones((4, 3), np.float32)
    one, same = (MLP([3, 50, 2], dropout=0.5, generator=rng()) for _ in range(2))
    assert np.array_equal(one(x), same(x))
    assert not np.array_equal(one(x), one(x))


def test_bias_and_dtype_reach_the_layers():
    net = MLP([3, 4, 2], norm="layer", bias=False, dtype=np.float64)
    assert net[0].bias is None
    assert {p.dtype for p in net.parameters()} == {np.dtype(np.float64)}


def test_one_hidden_layer_finds_xor():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    y = np.array([0, 1, 1, 0])
    net = MLP([2, 8, 2], activation="tanh", init="xavier_normal", generator=rng())
    parameters = list(net.parameters())
    for _ in range(100):
        loss = nn.functional.cross_entropy(net(x), y)
        for p, g in zip(parameters, autograd.grad(loss, parameters), strict=True):
            p.copy_(p.data - 0.5 * g.data)
    assert net(x).data.argmax(axis=-1).tolist() == y.tolist()


# Mistakes

SIZES = "MLP: sizes are the lengths of an input row, of each hidden layer, and of an output row, "
WRONG = [
    (lambda: MLP([3]), ValueError, SIZES + "two numbers or more, such as [784, 100, 10]; not [3]."),
    (lambda: MLP([]), ValueError, SIZES + "two numbers or more, such as [784, 100, 10]; not []."),
    (
        lambda: MLP(784, 100, 10),
        TypeError,
        "MLP: the sizes come as one list, MLP([784, …]), not as arguments.",
    ),
    (
        lambda: MLP([3, 4.0, 2]),
        TypeError,
        "MLP: sizes[1] is a positive whole number, not 4.0 (float).",
    ),
    (lambda: MLP([3, 0, 2]), ValueError, "MLP: sizes[1] is a positive whole number, not 0."),
    (
        lambda: MLP([3, 4, 2], "rleu"),
        ValueError,
        "MLP: there is no activation 'rleu'. Did you mean 'relu'? Known are relu, leaky_relu, ",
    ),
    (
        lambda: MLP([3, 2], output_activation="softmaxx"),
        ValueError,
        "MLP: there is no output_activation 'softmaxx'. Did you mean 'softmax'?",
    ),
    (
        lambda: MLP([3, 4, 2], norm="bacth"),
        ValueError,
        "MLP: norm is 'batch' or 'layer', or a class or function that makes a layer from the "
        "number of features, not 'bacth'.",
    ),
    (
        lambda: MLP([3, 4, 2], norm=True),
        TypeError,
        "MLP: norm is 'batch' or 'layer', or a class or function that makes a layer from the "
        "number of features, not True.",
    ),
    (
        lambda: MLP([3, 4, 2], norm=LayerNorm(4)),
        TypeError,
        "MLP: norm is 'batch' or 'layer', or a class or function that makes a layer from the "
        "number of features, not LayerNorm(",
    ),
    (
        lambda: MLP([3, 4, 2], dropout=50),
        ValueError,
        "MLP: dropout: p is the share of entries set to zero, from 0 to 1, not 50. For 50 percent "
        "write 0.5.",
    ),
    (lambda: MLP([3, 4, 2], init="xavier"), ValueError, "Linear: there is no init 'xavier'. Did"),
    (lambda: MLP([3, 4, 2], bias="relu"), TypeError, "Linear: bias is True or False, not 'relu'."),
]


@pytest.mark.parametrize(("call", "kind", "expected"), WRONG)
def test_mistakes_are_explained(call, kind, expected):
    assert message(kind, call).startswith(expected)


def test_an_error_of_a_norm_that_takes_no_number_says_what_called_it():
    with pytest.raises(TypeError, match="ReLU") as error:
        MLP([3, 4, 2], norm=nn.ReLU)
    assert error.value.__notes__ == ["  in  MLP, which called norm(4), the number of features"]
