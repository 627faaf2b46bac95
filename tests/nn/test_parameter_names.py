"""Names: every parameter is called by its path from the outermost module."""

from support.checks import message

import nn


def names(module):
    return [parameter.name for parameter in module.parameters()]


def paths(module):
    return [path for path, _ in module.named_parameters()]


class Stack(nn.Module):
    def __init__(self, *sizes):
        self.layers = []
        for size in sizes:  # filled after it was set
            self.layers.append(nn.Linear(size, size))


class Model(nn.Module):
    def __init__(self, net):
        self.net = net
        self.scales = {"out": nn.Parameter([1.0], name="my scale")}


def test_a_layer_alone_names_its_own():
    assert names(nn.Linear(1, 1)) == ["weight", "bias"]


def test_containers_lists_and_dicts_are_part_of_the_path():
    assert names(nn.Sequential(nn.Tanh(), nn.Linear(1, 1))) == ["1.weight", "1.bias"]
    assert names(Stack(1, 2)) == [
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
    ]


def test_the_outermost_module_wins():
    model = Model(nn.Sequential(nn.Linear(1, 1), Stack(1)))
    assert names(model) == paths(model)
    inner = ["net.0.weight", "net.0.bias", "net.1.layers.0.weight", "net.1.layers.0.bias"]
    assert names(model) == ["scales.out", *inner]


def test_an_attribute_set_later_gets_its_name():
    model = Model(nn.Tanh())
    model.head = nn.Linear(1, 1)
    model.gain = nn.Parameter([1.0])
    assert names(model) == ["scales.out", "gain", "head.weight", "head.bias"]


def test_changing_an_inner_module_keeps_the_outer_names_of_the_others():
    model = Model(nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)))
    model.net[0] = nn.Linear(1, 1)
    assert names(model.net) == ["0.weight", "0.bias", "net.1.weight", "net.1.bias"]


def test_a_shared_parameter_is_called_by_its_first_place():
    class Tied(nn.Module):
        def __init__(self):
            self.encoder = nn.Linear(2, 2)
            self.decoder = nn.Linear(2, 2)
            self.decoder.weight = self.encoder.weight
            self.extra = self.encoder.weight

    tied = Tied()
    assert tied.decoder.weight.name == "extra"
    assert names(tied) == paths(tied) == ["extra", "encoder.bias", "decoder.bias"]


def test_a_slice_of_a_sequential_leaves_the_names_as_they_are():
    net = nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1))
    assert paths(net[1:]) == ["2.weight", "2.bias"]
    assert names(net) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_messages_of_operations_use_the_name():
    model = Model(nn.Sequential(nn.Linear(3, 2)))
    said = message(ValueError, lambda: model.net([[1.0, 2.0]]))
    assert "'net.0.weight' (2, 3) float32" in said
