"""Parameter: a Tensor that learns by default."""

import copy

import numpy as np
import pytest
from support.checks import message

import nn
from autograd import Tensor


def test_requires_a_gradient_unless_told_otherwise():
    assert nn.Parameter([1.0]).requires_grad
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad


def test_numbers_become_the_default_dtype_and_arrays_keep_theirs():
    assert nn.Parameter([1, 2]).dtype == np.float32
    assert nn.Parameter(np.zeros(2)).dtype == np.float64


def test_shares_the_memory_of_an_array_or_tensor():
    array = np.zeros(2)
    assert nn.Parameter(array).data is array
    assert nn.Parameter(Tensor(array)).data is array


def test_carries_no_dictionary():
    with pytest.raises(AttributeError):
        nn.Parameter([1.0]).nickname = "w"


def test_what_is_computed_from_it_is_a_plain_tensor():
    parameter = nn.Parameter([1.0, 2.0])
    for result in (parameter * 2, parameter[0], parameter.detach(), parameter.sum()):
        assert type(result) is Tensor


def test_prints_its_kind_and_name():
    parameter = nn.Parameter([1.0, 2.0], name="w")
    assert repr(parameter) == "Parameter([1., 2.], dtype=float32, requires_grad=True, name='w')"


def test_a_copy_is_a_parameter_with_memory_of_its_own():
    parameter = nn.Parameter([1.0, 2.0], requires_grad=False, name="w")
    one, other = copy.deepcopy([parameter, parameter])
    assert one is other
    assert type(one) is nn.Parameter
    assert (one.name, one.requires_grad, one.is_leaf) == ("w", False, True)
    assert not np.shares_memory(one.data, parameter.data)
    assert one.data.tolist() == [1, 2]


def test_refuses_a_result_whose_history_it_would_lose():
    result = Tensor([1.0], requires_grad=True) * 3.0
    assert message(TypeError, lambda: nn.Parameter(result)) == (
        "Parameter(…) was given a result of Multiply, and would lose its history. For a parameter "
        "that starts from these values: Parameter(t.detach().clone())."
    )
