"""Sequential: layers one after the other."""

import copy

import numpy as np
import pytest
from support.checks import message

import autograd
import nn
from autograd import Tensor


def three():
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))


def test_each_layer_takes_what_the_one_before_gives():
    net = three()
    x = Tensor(np.ones((4, 2), np.float32))
    assert np.array_equal(net(x), net[2](net[1](net[0](x))))
    assert nn.Sequential()(x) is x


def test_functions_may_stand_among_layers():
    net = nn.Sequential(lambda x: x * 2, autograd.relu)
    assert net(Tensor([-1.0, 1.0])).data.tolist() == [0, 2]
    assert repr(net) == "Sequential(\n  (0): <lambda>\n  (1): relu\n)"


def test_is_counted_and_iterated_like_a_list():
    net = three()
    layers = list(net)
    assert len(net) == 3
    assert [net[0], net[1], net[2]] == layers
    assert [net[-3], net[-1], net[np.int64(1)]] == [layers[0], layers[2], layers[1]]


def test_a_slice_is_a_sequential_of_the_same_layers_in_the_same_mode():
    net = three().eval()
    part = net[1:]
    assert isinstance(part, nn.Sequential)
    assert list(part) == list(net)[1:]
    assert not part.training
    assert list(net[::-1]) == list(net)[::-1]


def test_a_layer_can_be_replaced():
    net = three()
    net[-2] = relu = nn.ReLU()
    assert list(net) == [net[0], relu, net[2]]


def test_a_copy_is_a_network_of_its_own():
    net = three()
    twin = copy.deepcopy(net)
    twin[0].bias.data = np.ones(3)
    assert not np.array_equal(net[0].bias.data, np.ones(3))


def test_a_subclass_may_hold_more():
    class Scaled(nn.Sequential):
        def __init__(self, *layers):
            super().__init__(*layers)
            self.scale = nn.Parameter([2.0])

        def forward(self, x):
            return super().forward(x) * self.scale

    net = Scaled(nn.ReLU())
    assert net(Tensor([3.0])).item() == 6
    assert len(net) == 1
    assert [path for path, _ in net.named_parameters()] == ["scale"]


NO_LAYERS = [
    (
        ([nn.ReLU()],),
        "Sequential: layer 0 is of type list. Pass the layers themselves: Sequential(*layers).",
    ),
    (
        (nn.ReLU(), (nn.ReLU() for _ in range(2))),
        "Sequential: layer 1 is of type generator. Pass the layers themselves: "
        "Sequential(*layers).",
    ),
    (
        (nn.ReLU(), nn.ReLU),
        "Sequential: layer 1 is the class ReLU, not a layer made from it. Write ReLU(…), with its "
        "arguments.",
    ),
    (
        (nn.ReLU(), nn.ReLU(), None),
        "Sequential: layer 2 is of type NoneType. A layer is a Module, or a function of one "
        "Tensor.",
    ),
]


@pytest.mark.parametrize(("layers", "expected"), NO_LAYERS)
def test_what_is_no_layer_is_named_with_its_position(layers, expected):
    assert message(TypeError, lambda: nn.Sequential(*layers)) == expected


def test_what_is_no_layer_cannot_replace_one():
    net = three()
    with pytest.raises(TypeError, match="Sequential: layer 1 is of type str"):
        net[1] = "relu"
    assert isinstance(net[1], nn.Tanh)


@pytest.mark.parametrize("position", [3, -4])
def test_a_layer_that_is_not_there_is_an_index_error(position):
    assert message(IndexError, lambda: three()[position]) == (
        f"There is no layer {position}: this Sequential has 3, counted from 0."
    )


def test_positions_are_whole_numbers():
    with pytest.raises(TypeError):
        three()["0"]
