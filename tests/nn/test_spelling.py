"""Programs for PyTorch: arguments that have another name here, or no meaning, are taken too."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from support.checks import message

import nn
from nn import functional as F

X = np.random.default_rng(0).standard_normal((4, 6, 2))
ALONG_AN_AXIS = [F.softmax, F.log_softmax, F.softmin, F.glu, F.normalize]


@pytest.mark.parametrize("function", ALONG_AN_AXIS)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_functions_along_an_axis_take_dim(function, axis):
    expected = function(X, axis=axis).data
    np.testing.assert_array_equal(function(X, dim=axis).data, expected)
    np.testing.assert_array_equal(function(x=X, dim=axis).data, expected)


def test_of_two_inputs_too():
    found = F.cosine_similarity(X, X + 1, dim=0).data
    np.testing.assert_array_equal(found, F.cosine_similarity(X, X + 1, axis=0).data)


def test_both_names_at_once_are_refused_as_any_name_twice():
    with pytest.raises(TypeError, match="got multiple values for argument 'axis'"):
        F.softmax(X, 0, dim=1)
    for made in (lambda: F.softmax(X, axis=0, dim=1), lambda: nn.Softmax(axis=0, dim=1)):
        with pytest.raises(TypeError, match="axis and dim are two names of one argument"):
            made()


def test_the_cosine_is_that_of_rows_and_of_axis_1_as_in_pytorch():
    inner = (X * (X + 1)).sum(axis=1)
    cosine = inner / np.linalg.norm(X, axis=1) / np.linalg.norm(X + 1, axis=1)
    np.testing.assert_allclose(F.cosine_similarity(X, X + 1).data, cosine, rtol=1e-14)
    np.testing.assert_allclose(nn.CosineSimilarity()(X, X + 1).data, cosine, rtol=1e-14)


# inplace

IN_PLACE = [
    lambda **given: nn.ReLU(**given),
    lambda **given: nn.LeakyReLU(0.1, **given),
    lambda **given: nn.Threshold(0.1, 2.0, **given),
    lambda **given: nn.Dropout(0.5, **given).eval(),
    lambda **given: nn.AlphaDropout(0.5, **given).eval(),
]


@pytest.mark.parametrize("make", IN_PLACE)
def test_inplace_is_taken_and_leaves_the_input_as_it_is(make):
    layer = make(inplace=False)  # says nothing: warnings are errors
    name = type(layer).__name__
    with pytest.warns(UserWarning, match=f"{name}: inplace=True changes nothing"):
        layer = make(inplace=True)
    x = X.copy()
    np.testing.assert_array_equal(layer(x).data, make()(X).data)
    np.testing.assert_array_equal(x, X)
    assert repr(layer) == repr(make())


def test_a_module_of_ones_own_may_have_an_inplace_of_its_own():
    class Own(nn.ReLU):
        def __init__(self, inplace):
            super().__init__()
            self.inplace = inplace

    assert Own(inplace=True).inplace


def test_a_layer_without_it_in_pytorch_refuses_it():
    with pytest.raises(TypeError, match="unexpected keyword argument 'inplace'"):
        nn.Linear(2, 2, inplace=True)


# Lists and dicts of parameters


class Powers(nn.Module):
    def __init__(self):
        super().__init__()
        self.factors = nn.ParameterList([nn.Parameter(np.full(2, 2.0)), np.full(2, 3.0)])
        self.offsets = nn.ParameterDict({"last": np.ones(2)})

    def forward(self, x):
        for factor in self.factors:
            x = x * factor
        return x + self.offsets["last"]


@pytest.mark.parametrize(
    "copied", [lambda m: m, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_lists_and_dicts_of_parameters(copied):
    net = copied(Powers())
    assert list(net.state_dict()) == ["factors.0", "factors.1", "offsets.last"]
    assert net(np.ones(2)).data.tolist() == [7, 7]
    net.factors.append(np.zeros(2))
    net.factors.extend([np.ones(2)])
    net.offsets["more"] = np.zeros(2)
    assert [name for name, _ in net.named_parameters()] == [
        *("factors.0", "factors.1", "factors.2", "factors.3", "offsets.last", "offsets.more")
    ]
    assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in net.parameters())


def test_a_result_is_no_parameter_in_a_list_either():
    weight = nn.Parameter(np.ones(2))
    said = message(TypeError, lambda: nn.ParameterList([weight * 2]))
    assert "was given a result of Multiply, and would lose its history" in said


# Own parameters, names with a prefix, gradients


class Scaled(nn.Module):
    def __init__(self):
        self.inner = nn.BatchNorm1d(2)
        self.scale = nn.Parameter(np.ones(2))
        self.again = [self.scale, nn.Parameter(np.zeros(2))]
        self.count = nn.Buffer(np.zeros(1))


def test_a_modules_own_parameters_and_buffers():
    net = Scaled()
    assert [name for name, _ in net.named_parameters(recurse=False)] == ["scale", "again.1"]
    assert list(net.parameters(recurse=False)) == [net.scale, net.again[1]]
    assert [name for name, _ in net.named_buffers(recurse=False)] == ["count"]
    assert list(net.buffers(recurse=False)) == [net.count]


def test_a_prefix_tells_where_the_module_is():
    names = [name for name, _ in Scaled().named_parameters(prefix="head")]
    assert names == ["head.scale", "head.again.1", "head.inner.weight", "head.inner.bias"]
    names = [name for name, _ in Scaled().named_buffers("head", recurse=False)]
    assert names == ["head.count"]


def test_gradients_become_none_or_zeros():
    net = nn.Linear(2, 1)
    net.bias.requires_grad = False
    net(np.ones((1, 2), np.float32)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.weight.grad.data.tolist() == [[0, 0]]
    assert net.bias.grad is None
    net.zero_grad()
    assert net.weight.grad is None


# Other defaults and options


def test_alpha_dropout_is_off_if_it_is_not_said():
    np.testing.assert_array_equal(F.alpha_dropout(X, 0.5).data, X)


def test_as_many_classes_as_the_largest_label_says():
    assert F.one_hot([2, 0]).data.tolist() == [[0, 0, 1], [1, 0, 0]]
    with pytest.raises(ValueError, match="num_classes is a positive whole number, not -1"):
        F.one_hot(np.zeros(0, int))


@pytest.mark.parametrize(("kind", "sizes"), [(nn.BatchNorm1d, [4]), (nn.GroupNorm, [2, 4])])
def test_normalisation_without_an_offset(kind, sizes):
    layer = kind(*sizes, bias=False, dtype=np.float64)
    assert layer.bias is None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert np.allclose(layer(X[:, :4]).data.mean(), 0, atol=1e-15)


# Lengths and distances


@pytest.mark.parametrize("p", [1, 2, 3.5, np.inf])
def test_lengths_become_1(p):
    found = F.normalize(X, p, dim=1).data
    np.testing.assert_allclose(np.linalg.norm(found, p, axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(found * np.linalg.norm(X, p, axis=1)[:, None], X, rtol=1e-14)
    assert not F.normalize(np.zeros((2, 3)), p).data.any()


@pytest.mark.parametrize("p", [1, 2, 3.5, np.inf])
def test_distances_of_rows(p):
    expected = np.linalg.norm(X - 1 + 1e-6, p, axis=-1)
    np.testing.assert_allclose(F.pairwise_distance(X, 1.0, p).data, expected, rtol=1e-14)
    layer = nn.PairwiseDistance(p, keepdim=True)
    np.testing.assert_allclose(layer(X, np.ones_like(X)).data, expected[..., None], rtol=1e-14)
