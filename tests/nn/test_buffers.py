"""Buffers: Tensors that belong to a module's state and are not learned."""

import copy
import pickle

import numpy as np
import pytest
from support.checks import message

import nn
from autograd import Tensor, no_grad
from nn.parameter import Buffer


class Norm(nn.Module):
    """The attributes of PyTorch's BatchNorm1d, in another order."""

    def __init__(self, n=2):
        self.running_mean = Buffer(np.zeros(n, np.float32))
        self.weight = nn.Parameter(np.ones(n, np.float32))
        self.running_var = Buffer(np.ones(n, np.float32))
        self.num_batches_tracked = Buffer(np.array(0))
        self.scratch = Buffer(np.zeros(n), persistent=False)
        self.bias = nn.Parameter(np.zeros(n, np.float32))


def test_are_found_like_parameters_and_are_none():
    net = nn.Sequential(nn.Linear(2, 2), Norm())
    paths = ["1.running_mean", "1.running_var", "1.num_batches_tracked", "1.scratch"]
    assert [path for path, _ in net.named_buffers()] == paths
    assert list(net.buffers())[2] is net[1].num_batches_tracked
    assert len(list(net.parameters())) == 4
    assert net[1].running_mean.name == "1.running_mean"


def test_the_state_has_them_in_the_order_of_pytorch_without_those_that_are_not_to_be_saved():
    # Printed by PyTorch 2.13 for Sequential(Linear(2, 2), BatchNorm1d(2), Linear(2, 1)).
    net = nn.Sequential(nn.Linear(2, 2), Norm(), nn.Linear(2, 1))
    assert list(net.state_dict()) == [
        *("0.weight", "0.bias", "1.weight", "1.bias"),
        *("1.running_mean", "1.running_var", "1.num_batches_tracked", "2.weight", "2.bias"),
    ]


def test_own_parameters_and_buffers_come_before_those_of_modules_that_were_set_earlier():
    # Printed by PyTorch 2.13 for a module of the same attributes: ['s', 'b', 'e.weight', 'e.bias'].
    class Late(nn.Module):
        def __init__(self):
            self.e = nn.Linear(2, 2)
            self.b = Buffer([1.0])
            self.s = nn.Parameter([1.0])

    assert list(Late().state_dict()) == ["s", "b", "e.weight", "e.bias"]


def test_loading_fills_them_in_place_whole_numbers_too():
    source, target = Norm(), Norm()
    source.running_mean.copy_([3.0, 4.0])
    source.num_batches_tracked.copy_(np.array(7))
    array = target.running_mean.data
    target.load_state_dict(source.state_dict())
    assert target.running_mean.data is array
    assert array.tolist() == [3, 4]
    assert target.num_batches_tracked.item() == 7
    assert target.num_batches_tracked.dtype == np.int64


def test_one_buffer_that_does_not_fit_leaves_all_as_it_was():
    norm = Norm()
    state = norm.state_dict()
    state["weight"] = np.full(2, 5.0)
    state["num_batches_tracked"] = np.array(0.5)
    said = message(ValueError, lambda: norm.load_state_dict(state))
    assert "  num_batches_tracked: () float64 in the state, () int64 here\n" in said
    assert norm.weight.data.tolist() == [1, 1]


def test_what_is_not_saved_is_not_loaded_either():
    norm = Norm()
    state = norm.state_dict() | {"scratch": np.ones(2)}
    assert "unexpected  scratch" in message(ValueError, lambda: norm.load_state_dict(state))
    assert norm.load_state_dict(state, strict=False).unexpected_keys == ["scratch"]
    assert norm.scratch.data.tolist() == [0, 0]


def test_loading_is_seen_by_the_check_for_values_changed_in_place():
    norm = Norm()
    x = Tensor([1.0, 1.0], requires_grad=True)
    loss = (x * norm.running_mean).sum()
    norm.load_state_dict(norm.state_dict())
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("persistent", [True, False])
@pytest.mark.parametrize(
    "twin_of", [copy.copy, copy.deepcopy, lambda b: pickle.loads(pickle.dumps(b))]
)
def test_copies_are_buffers_that_are_saved_as_much(twin_of, persistent):
    buffer = Buffer(np.array([1, 2]), persistent, name="b")
    twin = twin_of(buffer)
    assert type(twin) is Buffer
    assert (twin.persistent, twin.name, twin.data.tolist()) == (persistent, "b", [1, 2])
    assert np.shares_memory(twin.data, buffer.data) == (twin_of is copy.copy)


def test_copied_modules_have_buffers_of_their_own():
    norm = Norm()
    for twin in (copy.deepcopy(norm), pickle.loads(pickle.dumps(norm))):
        twin.running_mean.copy_([1.0, 1.0])
        assert norm.running_mean.data.tolist() == [0, 0]
        assert list(twin.state_dict()) == list(norm.state_dict())
        assert not twin.scratch.persistent


def test_a_tensor_assigned_to_its_attribute_becomes_the_buffer():
    norm = Norm()
    with no_grad():
        norm.running_mean = 0.5 * norm.running_mean + 1
    assert type(norm.running_mean) is Buffer
    assert norm.state_dict()["running_mean"].tolist() == [1, 1]
    assert norm.running_mean.name == "running_mean"
    norm.scratch = Tensor([1.0])
    assert not norm.scratch.persistent
    norm.running_mean = None
    assert "running_mean" not in norm.state_dict()


def test_has_no_history():
    norm, x = Norm(), Tensor([1.0, 1.0], requires_grad=True)
    with pytest.raises(TypeError, match="a result of Multiply, and would lose its history"):
        norm.running_mean = x * 2
    assert message(TypeError, lambda: Buffer(x * 2)) == (
        "Buffer(…) was given a result of Multiply, and would lose its history. For the values "
        "alone: Buffer(t.detach().clone())."
    )


def test_what_pytorch_registers_is_an_attribute():
    module = nn.Module()
    module.register_buffer("count", np.array(3))
    module.register_buffer("mask", Tensor([1.0]), persistent=False)
    module.register_buffer("absent", None)
    module.register_parameter("weight", nn.Parameter([2.0]))
    module.register_parameter("bias", None)
    module.register_module("inner", Norm())
    module.add_module("act", nn.ReLU())
    assert list(module.state_dict())[:3] == ["weight", "count", "inner.weight"]
    assert [path for path, _ in module.named_buffers()][:2] == ["count", "mask"]
    assert [path for path, _ in module.named_children()] == ["inner", "act"]
    assert module.absent is None
    assert module.bias is None


WRONG_REGISTRATIONS = [
    (
        lambda m: m.register_buffer("a.b", [1.0]),
        "register_buffer(name, …): the name is that of an attribute, without dots, not 'a.b'.",
    ),
    (
        lambda m: m.register_parameter("w", Tensor([1.0])),
        "register_parameter('w', …) takes a Parameter, not Tensor.",
    ),
    (
        lambda m: m.register_module("act", nn.ReLU),
        "register_module('act', …) takes a Module, not type.",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), WRONG_REGISTRATIONS)
def test_what_cannot_be_registered(wrong, expected):
    assert message(TypeError, lambda: wrong(nn.Module())) == expected
