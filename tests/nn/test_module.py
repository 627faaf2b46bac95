"""Module: what it holds, how it runs, what it prints."""

import copy
from abc import ABC, abstractmethod
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest
from support.checks import message

import nn
from autograd import Tensor

Pair = namedtuple("Pair", "left right")


def weight(value=0.0):
    return nn.Parameter([value])


class Leaf(nn.Module):
    """One parameter, w."""

    def __init__(self):
        self.w = weight()

    def forward(self, x):
        return x * self.w


class Tree(nn.Module):
    """A parameter or module in every place where one is found."""

    def __init__(self):
        super().__init__()
        self.first = Leaf()
        self.scale = weight()
        self.several = [Leaf(), {"deep": (Leaf(), weight())}]
        self.by_name = {"a": weight(), 3: Leaf()}
        self.pair = Pair(weight(), 0)
        self._private = Leaf()
        self.plain = ["text", 1, None, np.zeros(3), Tensor([1.0], requires_grad=True)]
        self.mean = nn.parameter.Buffer([0.0])


# What it holds


def test_parameters_are_found_through_lists_tuples_and_dicts_a_modules_own_before_others():
    tree = Tree()
    found = dict(tree.named_parameters())
    assert list(found) == [
        *("scale", "several.1.deep.1", "by_name.a", "pair.0"),
        *("first.w", "several.0.w", "several.1.deep.0.w", "by_name.3.w", "_private.w"),
    ]
    assert found["several.1.deep.0.w"] is tree.several[1]["deep"][0].w
    assert list(tree.parameters()) == list(found.values())


def test_modules_are_found_each_before_what_it_holds():
    tree = Tree()
    paths = ["first", "several.0", "several.1.deep.0", "by_name.3", "_private"]
    assert [path for path, _ in tree.named_modules()] == ["", *paths]
    assert [path for path, _ in tree.named_children()] == paths
    assert next(tree.modules()) is tree
    assert list(tree.children()) == list(tree.modules())[1:]


def test_names_are_those_that_pytorch_gives():
    # Printed by PyTorch 2.13 for the same network: named_modules, named_children, state_dict.
    net = nn.Sequential(
        nn.Linear(3, 2), nn.ReLU(), nn.Sequential(nn.Dropout(0.25), nn.Linear(2, 1, bias=False))
    )
    assert [path for path, _ in net.named_modules()] == ["", "0", "1", "2", "2.0", "2.1"]
    assert [path for path, _ in net.named_children()] == ["0", "1", "2"]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.1.weight"]


def test_what_is_held_twice_is_met_once_at_its_first_place():
    class Tied(nn.Module):
        def __init__(self):
            self.one = Leaf()
            self.again = self.one
            self.other = Leaf()
            self.other.w = self.one.w
            self.list = [self.one, self.one.w]

    tied = Tied()
    assert [path for path, _ in tied.named_parameters()] == ["list.1"]
    assert [path for path, _ in tied.named_modules()] == ["", "one", "other"]
    assert [path for path, _ in tied.named_children()] == ["one", "other"]


def test_a_module_may_know_the_one_that_holds_it():
    parent = Leaf()
    parent.child = Leaf()
    parent.child.parent = parent
    assert [path for path, _ in parent.named_parameters()] == ["w", "child.w"]
    assert [path for path, _ in parent.named_modules()] == ["", "child"]


def test_a_list_changed_later_is_walked_as_it_is_then():
    tree = Tree()
    tree.several[:] = [Leaf()]
    assert [path for path, _ in tree.named_parameters()] == [
        *("scale", "by_name.a", "pair.0", "first.w", "several.0.w", "by_name.3.w", "_private.w")
    ]


def test_attributes_may_be_set_while_walking():
    tree = Tree()
    for path, module in tree.named_modules():
        module.visited = True
        setattr(tree, f"seen {path}", True)
    assert all(module.visited for module in tree.modules())


def test_an_unknown_attribute_is_an_error():
    with pytest.raises(AttributeError, match="'Leaf' object has no attribute 'weigth'"):
        Leaf().weigth
    assert not hasattr(Leaf(), "weigth")
    assert not isinstance(Leaf(), dict)


def test_attributes_may_be_set_before_the_base_class_is_initialised():
    class Early(nn.Module):
        def __init__(self):
            self.w = weight()
            super().__init__()

    assert [path for path, _ in Early().named_parameters()] == ["w"]
    assert Early().training


def test_works_as_a_dataclass_and_with_abstract_methods():
    @dataclass
    class Scale(nn.Module):
        factor: nn.Parameter

        def forward(self, x):
            return x * self.factor

    class Shape(nn.Module, ABC):
        @abstractmethod
        def area(self): ...

    assert Scale(weight(3.0))(2.0).item() == 6
    assert [path for path, _ in Scale(weight()).named_parameters()] == ["factor"]
    with pytest.raises(TypeError, match="abstract"):
        Shape()


# Switches


def test_train_and_eval_reach_every_module():
    tree = Tree()
    assert tree.eval() is tree
    assert [module.training for module in tree.modules()] == [False] * 6
    assert tree.train() is tree
    assert [module.training for module in tree.modules()] == [True] * 6
    assert not tree.train(False).several[0].training
    assert Tree().training, "switching one module must not switch others"


def test_train_is_no_training_loop():
    assert message(TypeError, lambda: Leaf().train([1, 2, 3])) == (
        "train(mode) switches between training (True) and evaluation (False); it was given list. "
        "It does not train by itself: that is a loop of forward, loss, backward and "
        "optimizer.step()."
    )


def test_freezing_reaches_every_parameter():
    tree = Tree()
    assert tree.requires_grad_(False) is tree
    assert not any(p.requires_grad for p in tree.parameters())
    assert all(p.requires_grad for p in tree.requires_grad_().parameters())


def test_zero_grad_forgets_every_gradient():
    leaf = Leaf()
    leaf(2.0).sum().backward()
    assert leaf.w.grad.item() == 2
    leaf.zero_grad()
    assert leaf.w.grad is None


# Running


def test_a_call_runs_forward_with_all_its_arguments():
    class Scaled(nn.Module):
        def forward(self, x, *, by):
            return x * by

    assert Scaled()(Tensor([2.0]), by=3).data == [6]


def test_a_module_without_forward_says_what_to_write():
    class Net(nn.Module):
        pass

    assert message(NotImplementedError, lambda: Net()(1)) == (
        "Net has no forward method, so it cannot be called. Say what it computes:\n"
        "    class Net(Module):\n"
        "        def forward(self, x):\n"
        "            return …"
    )


def test_an_error_within_names_the_innermost_module_once():
    class Outer(nn.Module):
        def __init__(self):
            self.net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4, bias=False))

        def forward(self, x):
            return self.net(x)

    model = Outer()
    model.net[1].weight.data = np.zeros((4, 3))
    model.net[0] = nn.Linear(2, 5)
    with pytest.raises(ValueError, match="inner sizes differ") as error:
        model(np.zeros((1, 2), np.float32))
    assert error.value.__notes__ == [
        "  in  net.1: Linear(in_features=3, out_features=4, bias=False)"
    ]


def test_an_error_names_no_path_where_shared_parameters_disagree_on_it():
    class Tied(nn.Module):
        def __init__(self):
            self.encoder = nn.Linear(2, 2)
            self.decoder = nn.Linear(2, 2)
            self.decoder.weight = self.encoder.weight

    with pytest.raises(ValueError, match="takes rows of 2 numbers") as error:
        Tied().decoder(np.zeros((1, 3), np.float32))
    assert error.value.__notes__ == ["  in  Linear(in_features=2, out_features=2, bias=True)"]


# Copying and printing


def test_a_copy_keeps_what_was_shared_shared_and_nothing_else():
    class Tied(nn.Module):
        def __init__(self):
            self.one = Leaf()
            self.list = [self.one.w]

    tied = Tied().eval()
    twin = copy.deepcopy(tied)
    assert twin.list[0] is twin.one.w
    assert twin.one.w is not tied.one.w
    assert twin.one.w.name == "list.0"
    assert not twin.training
    twin.one.w.data = [5.0]
    assert tied.one.w.item() == 0


def test_prints_as_a_tree():
    class Block(nn.Module):
        def __init__(self):
            self.layers = [nn.Linear(2, 3), nn.Sequential(nn.Tanh(), nn.Dropout(0.1))]
            self.w = weight()

        def extra_repr(self):
            return "kind=block"

    assert repr(Block()) == (
        "Block(\n"
        "  kind=block\n"
        "  (layers.0): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (layers.1): Sequential(\n"
        "    (0): Tanh()\n"
        "    (1): Dropout(p=0.1)\n"
        "  )\n"
        ")"
    )
    assert repr(Leaf()) == "Leaf()"


def test_a_tensor_that_should_be_a_parameter_is_pointed_out():
    class Scale(nn.Module):
        def __init__(self):
            self.factor = Tensor([1.0], requires_grad=True)

    with pytest.warns(UserWarning, match="no parameter") as caught:
        assert list(Scale().parameters()) == []
    assert str(caught[0].message) == (
        "Scale.factor is a Tensor that requires a gradient, but no parameter: optimisers will not "
        "see it. Write nn.Parameter(data)."
    )
