"""Nested containers as one flat list, and back."""

from collections import OrderedDict
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pytest

from autograd import Tensor
from autograd.trees import leaves, rebuild, transform


class Pair(NamedTuple):
    weight: object
    bias: object


class Layers(list):
    """A list of one's own."""


ARRAY = np.array([1.0, 2.0])
TENSOR = Tensor([1.0, 2.0])

# A tree, and the things in it in order
TREES = {
    "a number": (2.0, [2.0]),
    "None": (None, [None]),
    "text is one thing": ("ab", ["ab"]),
    "an array is one thing": (ARRAY, [ARRAY]),
    "a Tensor is one thing": (TENSOR, [TENSOR]),
    "a generator is one thing": (it := iter([1]), [it]),
    "no list": ([], []),
    "no dict": ({}, []),
    "a list": ([1, 2], [1, 2]),
    "a tuple": ((1, 2), [1, 2]),
    "a tuple of one": ((1,), [1]),
    "a named tuple": (Pair(1, 2), [1, 2]),
    "a list of one's own": (Layers([1, 2]), [1, 2]),
    "a dict, in the order of its making": ({"b": 1, "a": 2}, [1, 2]),
    "nested": ({"l": [Pair(1, (2, [])), 3], "s": {0: 4, None: [[5]]}}, [1, 2, 3, 4, 5]),
    "a thing twice": ([ARRAY, {"same": ARRAY}], [ARRAY, ARRAY]),
}
table = pytest.mark.parametrize(("tree", "things"), TREES.values(), ids=TREES)


@table
def test_the_leaves_are_the_things_in_order(tree, things):
    found = leaves(tree)
    assert type(found) is list
    assert [id(one) for one in found] == [id(one) for one in things]


def test_a_tree_may_be_deep():
    tree = 1
    for _ in range(100):
        tree = {"next": [tree]}
    assert leaves(tree) == [1]


@table
def test_a_tree_is_rebuilt_in_its_form(tree, things):
    numbered = rebuild(tree, iter(range(10)))
    assert leaves(numbered) == list(range(len(things)))
    assert same_form(tree, numbered)


def same_form(a, b):
    if isinstance(a, dict):
        return list(a) == list(b) and all(same_form(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same_form, a, b))
    return b in range(10)


def test_only_as_many_things_are_taken_as_there_are_places():
    things = iter([1, 2, 3])
    assert rebuild([0, 0], things) == [1, 2]
    assert next(things) == 3


@pytest.mark.parametrize("mapping", [OrderedDict(b=1, a=2), MappingProxyType({"b": 1, "a": 2})])
def test_any_mapping_comes_back_as_a_dict(mapping):
    assert leaves(mapping) == [1, 2]
    answer = transform(lambda one: 10 * one, mapping)
    assert type(answer) is dict
    assert list(answer.items()) == [("b", 10), ("a", 20)]


@table
def test_what_is_rebuilt_is_new_and_the_tree_as_it_was(tree, things):
    answer = transform(lambda one: one, tree)
    assert [id(one) for one in leaves(answer)] == [id(one) for one in things]
    if isinstance(tree, list | dict):
        assert answer is not tree
        answer.clear()
        assert len(leaves(tree)) == len(things)


@table
def test_transform_calls_the_function_once_for_each_thing_in_order(tree, things):
    met = []
    answer = transform(lambda one: met.append(one) or len(met), tree)
    assert [id(one) for one in met] == [id(one) for one in things]
    assert leaves(answer) == list(range(1, len(things) + 1))
