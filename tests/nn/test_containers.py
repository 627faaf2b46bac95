"""Sequential, ModuleList, ModuleDict."""

import copy

import numpy as np
import pytest
from support.checks import message

import autograd
import nn
from autograd import Tensor
from nn.containers import ModuleDict, ModuleList


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
    assert repr(net) == "Sequential(\n  (0): Lambda(<lambda>)\n  (1): Lambda(relu)\n)"


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


# Changing it. The names after a change are those that PyTorch 2.13 gives, if it allows the change.


def named(**layers):
    return nn.Sequential(layers)


def kinds(container):
    return [type(layer).__name__ for layer in container]


def names(container):
    return [name for name, _ in container.named_children()]


def test_layers_may_have_names():
    net = named(hidden=nn.Linear(2, 3), act=nn.Tanh(), out=nn.Linear(3, 1))
    assert list(net.state_dict()) == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]
    assert net.act is net[1]
    net.act = relu = nn.ReLU()
    assert net[1] is relu
    net[0] = nn.Linear(2, 3)
    assert names(net) == ["hidden", "act", "out"]
    assert names(net[1:]) == ["act", "out"]
    assert net(Tensor(np.ones((4, 2), np.float32))).shape == (4, 1)


CHANGES = {
    "append": (lambda net: net.append(nn.ReLU()), "Linear Tanh Linear ReLU"),
    "extend": (lambda net: net.extend([nn.ReLU(), nn.Tanh()]), "Linear Tanh Linear ReLU Tanh"),
    "insert": (lambda net: net.insert(1, nn.ReLU()), "Linear ReLU Tanh Linear"),
    "insert from the end": (lambda net: net.insert(-1, nn.ReLU()), "Linear Tanh ReLU Linear"),
    "delete": (lambda net: net.__delitem__(0), "Tanh Linear"),
    "delete a slice": (lambda net: net.__delitem__(slice(0, 2)), "Linear"),
    "pop": (lambda net: net.pop(), "Linear Tanh"),
    "pop one": (lambda net: net.pop(-2), "Linear Linear"),
    "add in place": (lambda net: net.__iadd__([nn.ReLU()]), "Linear Tanh Linear ReLU"),
}


@pytest.mark.parametrize("kind", [nn.Sequential, lambda *layers: ModuleList(layers)])
@pytest.mark.parametrize("change", CHANGES)
def test_changes_as_a_list_does_and_counts_again(change, kind):
    net = kind(*three())
    do, expected = CHANGES[change]
    do(net)
    assert kinds(net) == expected.split()
    assert names(net) == [str(i) for i in range(len(net))]
    assert all(p.name == path for path, p in net.named_parameters())


def test_what_is_taken_out_is_returned_and_additions_can_be_chained():
    net = three()
    last = net[2]
    assert net.pop() is last
    assert net.append(last).insert(0, nn.ReLU()).extend([]) is net
    assert kinds(net) == ["ReLU", "Linear", "Tanh", "Linear"]


def test_names_that_were_given_stay():
    net = named(hidden=nn.Linear(2, 3), act=nn.Tanh())
    net.append(nn.Linear(3, 1))
    assert names(net) == ["hidden", "act", "2"]
    net.insert(0, nn.ReLU())
    assert names(net) == ["3", "hidden", "act", "2"]
    del net[1]
    assert names(net) == ["3", "act", "2"]
    net.append(nn.ReLU())
    assert names(net) == ["3", "act", "2", "4"]


def test_a_sum_is_a_new_container_of_the_same_layers():
    net, more = three(), nn.Sequential(nn.ReLU())
    both = net + more
    assert type(both) is nn.Sequential
    assert list(both) == [*net, *more]
    assert names(both) == ["0", "1", "2", "3"]
    assert len(net) == 3


def test_a_layer_may_stand_in_two_places():
    layer = nn.Linear(2, 2)
    net = nn.Sequential(layer, nn.Tanh(), layer)
    assert len(net) == 3
    assert list(net.state_dict()) == ["0.weight", "0.bias"]
    x = Tensor(np.ones((1, 2), np.float32))
    assert np.array_equal(net(x), layer(layer(x).tanh()))


def test_a_refused_layer_changes_nothing():
    net = three()
    for change in (net.append, lambda x: net.insert(0, x), lambda x: net.extend([nn.ReLU(), x])):
        with pytest.raises(TypeError, match="is of type str"):
            change("relu")
    assert kinds(net) == ["Linear", "Tanh", "Linear"]


NO_NAMES = [
    (
        {"a.b": nn.ReLU()},
        ValueError,
        "Sequential: 'a.b' is not the name of a layer: names are joined by dots to paths, so each "
        "is without dots and not empty.",
    ),
    (
        {"forward": nn.ReLU()},
        ValueError,
        "Sequential: 'forward' cannot be the name of a layer, because every Sequential has an "
        "attribute of that name. Choose another; a plain dict as an attribute of a module takes "
        "any.",
    ),
    ({1: nn.ReLU()}, TypeError, "Sequential: a layer's name is a str, not 1."),
]


@pytest.mark.parametrize(("layers", "kind", "expected"), NO_NAMES)
def test_what_cannot_be_a_name(layers, kind, expected):
    assert message(kind, lambda: nn.Sequential(layers)) == expected


# ModuleList and ModuleDict


class Holder(nn.Module):
    def __init__(self, layers):
        self.layers = layers


def test_a_module_list_has_the_paths_of_a_list():
    layers = [nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 1)]
    held = Holder(ModuleList(layers))
    assert list(held.state_dict()) == list(Holder(layers).state_dict())
    assert list(held.layers) == layers
    assert layers[1] in held.layers
    assert [layer.name for layer in held.layers[2].parameters()] == [
        *("layers.2.weight", "layers.2.bias")
    ]


def test_a_slice_of_a_module_list_counts_from_0_and_leaves_its_layers_as_they_are():
    held = Holder(ModuleList([nn.ReLU(), nn.Linear(1, 1), nn.Tanh().eval()]))
    part = held.layers[1:]
    assert type(part) is ModuleList
    assert list(part.state_dict()) == ["0.weight", "0.bias"]
    assert held.layers[1].weight.name == "layers.1.weight"
    assert [layer.training for layer in part] == [True, False]


def test_a_module_dict_is_a_dict():
    relu, tanh, linear = nn.ReLU(), nn.Tanh(), nn.Linear(1, 1)
    layers = ModuleDict({"relu": relu})
    layers["out"] = linear
    layers.update([("tanh", tanh)])
    assert list(layers) == list(layers.keys()) == ["relu", "out", "tanh"]
    assert list(layers.values()) == [relu, linear, tanh]
    assert dict(layers.items()) == {"relu": relu, "out": linear, "tanh": tanh}
    assert (len(layers), "out" in layers, "in" in layers) == (3, True, False)
    assert layers["out"] is layers.out is linear
    assert list(Holder(layers).state_dict()) == ["layers.out.weight", "layers.out.bias"]
    assert layers.pop("relu") is relu
    del layers["tanh"]
    assert list(layers) == ["out"]
    layers.clear()
    assert len(layers) == 0


def test_a_module_dict_knows_what_it_has():
    layers = ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()})
    with pytest.raises(KeyError, match="There is no layer 'c': there are a, b"):
        layers["c"]
    with pytest.raises(ValueError, match="ModuleDict: 'keys' cannot be the name of a layer"):
        layers["keys"] = nn.ReLU()
    with pytest.raises(TypeError, match="ModuleDict: 'd' is the class ReLU, not a layer made"):
        layers["d"] = nn.ReLU
    assert list(layers) == ["a", "b"]


@pytest.mark.parametrize("container", [ModuleList([nn.ReLU()]), ModuleDict({"a": nn.ReLU()})])
def test_containers_that_only_hold_say_how_to_run_their_layers(container):
    kind = type(container).__name__
    with pytest.raises(NotImplementedError, match=f"A {kind} only holds its layers") as error:
        container(1)
    assert "in the forward of the module that holds it" in str(error.value)


# Mistakes

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
