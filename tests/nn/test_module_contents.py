"""What a module holds: where it is looked for, by which names it is found, what hides it."""

import copy
import pickle
from collections import UserDict, deque
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checks import message

import nn
from autograd import Tensor, no_grad
from nn.parameter import Buffer


class Net(nn.Module):
    def __init__(self):
        self.stem = nn.Linear(2, 3)
        self.blocks = [nn.Sequential(nn.Linear(3, 3), nn.ReLU()), {"head": nn.Linear(3, 1)}]
        self.scale = {"out.put": nn.Parameter([1.0])}
        self.mean = Buffer([0.0])


def paths(pairs):
    return [path for path, _ in pairs]


# By path


def test_everything_is_found_by_its_path():
    net = Net()
    assert net.get_submodule("") is net
    for path, module in net.named_modules():
        assert net.get_submodule(path) is module
    for path, parameter in net.named_parameters():
        assert net.get_parameter(path) is parameter
    assert net.get_parameter("scale.out.put") is net.scale["out.put"]
    assert net.get_buffer("mean") is net.mean


def test_what_is_held_twice_is_found_by_each_of_its_paths():
    net = Net()
    net.again = net.blocks
    assert net.get_parameter("again.1.head.bias") is net.get_parameter("blocks.1.head.bias")


def test_a_path_is_not_found_by_its_beginning():
    module = nn.Module()
    module.a = nn.Module()
    module.a.ab = nn.ReLU()
    with pytest.raises(AttributeError, match="Module has no module 'ab'"):
        module.get_submodule("ab")


NOT_THERE = [
    (
        lambda net: net.get_parameter("stem.wieght"),
        "Net has no parameter 'stem.wieght'.\n  near it    stem.weight, stem.bias",
    ),
    (
        lambda net: net.get_submodule("stem.weight"),
        "Net has no module 'stem.weight'. There is a Parameter of that name.\n"
        "  there are  stem, blocks.0, blocks.0.0, blocks.0.1, blocks.1.head",
    ),
    (
        lambda net: nn.ReLU().get_buffer("mean"),
        "ReLU has no buffer 'mean'.\n  there are  none",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), NOT_THERE)
def test_a_path_that_leads_nowhere_is_an_attribute_error_that_says_what_there_is(wrong, expected):
    assert message(AttributeError, lambda: wrong(Net())) == expected


# apply


def test_apply_visits_each_module_once_what_is_within_first():
    # Kinds in the order in which PyTorch 2.13 visits the same network.
    net = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Tanh(), nn.ReLU()), nn.Dropout(0.1))
    net[1].again = net[0]
    met = []
    assert net.apply(met.append) is net
    kinds = [type(one).__name__ for one in met]
    assert kinds == ["Linear", "Tanh", "ReLU", "Sequential", "Dropout", "Sequential"]


def test_apply_may_change_what_it_visits():
    def double(module):
        if isinstance(module, nn.Linear):
            module.weight.data = 2 * module.weight.data
            module.extra = nn.ReLU()

    net = nn.Sequential(nn.Linear(1, 1))
    before = net[0].weight.item()
    net.apply(double)
    assert net[0].weight.item() == 2 * before


# In the place of a parameter


def test_a_parameter_is_not_lost_by_an_assignment():
    layer = nn.Linear(2, 1)
    assert message(TypeError, lambda: setattr(layer, "weight", layer.weight - 0.1)) == (
        "Linear.weight is a parameter, and a Tensor in its place would not be trained or saved.\n"
        "  new values, the same parameter  module.weight.data = values.detach()\n"
        "  another parameter               module.weight = nn.Parameter(values.detach())\n"
        "  computed anew in each forward   del module.weight first"
    )
    assert message(TypeError, lambda: setattr(layer, "bias", False)) == (
        "Linear.bias is a parameter, and a bool in its place would not be trained or saved.\n"
        "  to do without it  module.bias = None"
    )
    with pytest.raises(TypeError, match=r"module.weight.data = values\n"):
        layer.weight = np.ones((1, 2))
    assert paths(layer.named_parameters()) == ["weight", "bias"]


def test_what_the_message_says_works():
    layer, weight = nn.Linear(2, 1), nn.Linear(2, 1).weight
    values = layer.weight * 3
    layer.weight.data = values.detach()
    layer.weight = weight
    assert layer.weight is weight
    layer.bias = None
    del layer.weight
    layer.weight = values
    assert list(layer.parameters()) == []
    values.sum().backward()
    assert weight.grad is None


def test_updates_in_place_keep_the_parameter():
    layer = nn.Linear(2, 1)
    weight = layer.weight
    with no_grad():
        layer.weight -= 0.5 * layer.weight
        layer.weight *= 2.0
    assert layer.weight is weight


# Hidden


class Holder(nn.Module):
    """Holds what it is given; there is no super().__init__() to forget."""

    def __init__(self, things):
        self.things = things


def things(kind, form="[layer, …]", of="Linear"):
    return (
        f"things is a {kind}, and holds a {of} where no optimiser, train(), eval() or state_dict() "
        "would find it. Layers and parameters are found in lists, tuples and dicts: make it "
        f"{form}."
    )


def in_object_array(layer):
    array = np.empty(2, object)
    array[1] = layer
    return array


HIDDEN = {
    "set": (lambda x: {x}, things("set")),
    "frozenset": (lambda x: frozenset([1, x]), things("frozenset")),
    "deque": (lambda x: deque([None, [x]]), things("deque")),
    "values of a dict": (lambda x: {"a": x}.values(), things("dict_values")),
    "items of a dict": (lambda x: {"a": x}.items(), things("dict_items")),
    "object array": (in_object_array, things("ndarray")),
    "namespace": (
        lambda x: SimpleNamespace(a=x),
        things("SimpleNamespace", "{name: layer, …}"),
    ),
    "read-only dict": (
        lambda x: MappingProxyType({"a": x}),
        things("mappingproxy", "{name: layer, …}"),
    ),
    "UserDict": (lambda x: UserDict(a=x), things("UserDict", "{name: layer, …}")),
    "parameter in a set": (lambda x: {x.weight}, things("set", of="Parameter")),
}


@pytest.mark.parametrize("container", HIDDEN)
def test_a_container_that_would_hide_layers_is_refused(container):
    hide, expected = HIDDEN[container]
    assert message(TypeError, lambda: Holder(hide(nn.Linear(1, 1)))) == expected


@pytest.mark.parametrize("kind", ["generator", "map", "filter", "zip"])
def test_what_is_empty_after_one_look_is_refused(kind):
    layers = [nn.ReLU()]
    once = {
        "generator": (layer for layer in layers),
        "map": map(nn.Linear, [1], [2]),
        "filter": filter(None, layers),
        "zip": zip(layers, strict=True),
    }
    assert message(TypeError, lambda: Holder(once[kind])) == (
        f"things is a {kind}, which is empty after it was read once, so no module can look into it "
        "for layers and parameters. Make it a list: [layer for …], or list(…)."
    )


def test_a_refused_attribute_is_not_set():
    holder = Holder(1)
    with pytest.raises(TypeError, match="things is a set"):
        holder.things = {nn.ReLU()}
    assert holder.things == 1


def test_a_layer_put_into_such_a_container_later_is_noticed_too():
    class Late(nn.Module):
        def __init__(self):
            self.layers = deque()
            self.layers.append(nn.ReLU())

    with pytest.raises(TypeError, match="layers is a deque, and holds a ReLU"):
        Late()
    with pytest.raises(TypeError, match=r"things\.1 is a set"):
        Holder([nn.ReLU(), {nn.ReLU()}])


@pytest.mark.parametrize(
    "harmless",
    [{1, 2}, deque([1.0]), np.arange(3), np.array([None, "a"]), SimpleNamespace(a=1), {}.keys()],
)
def test_such_containers_of_other_things_are_no_trouble(harmless):
    assert list(Holder(harmless).named_modules())[1:] == []


# Copies


def test_a_module_comes_back_from_a_pickle_as_it_was():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3)).eval()
    net[2].bias = net[0].bias
    twin = pickle.loads(pickle.dumps(net))
    assert twin[2].bias is twin[0].bias
    assert not twin[1].training
    assert paths(twin.named_parameters()) == paths(net.named_parameters())
    x = Tensor(np.ones((1, 2), np.float32))
    assert np.array_equal(twin(x), net(x))
    twin[0].bias.data = np.ones(3)
    assert not np.array_equal(net[0].bias.data, np.ones(3))


def test_printing_shows_what_is_there_twice_and_does_not_run_in_circles():
    layer = nn.ReLU()
    assert repr(nn.Sequential(layer, layer)) == "Sequential(\n  (0): ReLU()\n  (1): ReLU()\n)"
    layer.parent = Holder([layer])
    assert repr(layer) == "ReLU(\n  (parent): Holder(\n    (things.0): …\n  )\n)"


# Any nesting

trees = st.recursive(
    st.sampled_from(["parameter", "buffer", "hidden buffer", "number"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.builds(lambda parts: ("module", parts), st.dictionaries(st.sampled_from("xyz"), inner))
    ),
    max_leaves=12,
)


def grown(tree, count):
    """What a tree describes, and the values that are to be saved, by path."""
    if isinstance(tree, str):
        value = np.array([float(next(count))], np.float32)
        made = {
            "parameter": lambda: nn.Parameter(value),
            "buffer": lambda: Buffer(value),
            "hidden buffer": lambda: Buffer(value, persistent=False),
            "number": lambda: 5,
        }[tree]()
        return made, {"": value} if tree in ("parameter", "buffer") else {}
    if isinstance(tree, tuple) and tree[0] == "module":
        parts = {name: grown(one, count) for name, one in tree[1].items()}
        module = nn.Module()
        for name, (one, _) in parts.items():
            setattr(module, name, one)
        return module, saved(parts.items())
    pairs = list(tree.items() if isinstance(tree, dict) else enumerate(tree))
    parts = {str(key): grown(one, count) for key, one in pairs}
    things = [one for one, _ in parts.values()]
    whole = dict(zip(parts, things, strict=True)) if isinstance(tree, dict) else type(tree)(things)
    return whole, saved(parts.items())


def saved(parts):
    return {
        f"{name}.{path}".rstrip("."): value
        for name, (_, inner) in parts
        for path, value in inner.items()
    }


@given(trees)
def test_whatever_is_nested_is_named_by_its_path_saved_and_loaded(tree):
    module, expected = grown(("module", {"x": tree}), iter(range(100)))
    state = module.state_dict()
    assert {name: array.tolist() for name, array in state.items()} == {
        name: value.tolist() for name, value in expected.items()
    }
    assert all(t.name == path for path, t in module.named_parameters())
    twin = copy.deepcopy(module)
    for tensor in [*twin.parameters(), *twin.buffers()]:
        tensor.copy_(np.full(1, -1.0))
    assert twin.load_state_dict(state) == ([], [])
    assert twin.state_dict() == state
