"""Weight normalisation: length and direction of a weight, learned apart."""

import copy
import pickle

import numpy as np
import pytest
from support.checks import check_gradients, message

import nn
from autograd import Tensor
from nn.bilinear import Bilinear
from nn.weight_norm import remove_weight_norm, weight_norm

LENGTH, DIRECTION = "parametrizations.weight.original0", "parametrizations.weight.original1"
X = np.random.default_rng(1).standard_normal((5, 3))


def linear():
    return nn.Linear(3, 2, dtype=np.float64, generator=np.random.default_rng(0))


def parts(layer):
    split = layer.parametrizations["weight"]
    return split.original0, split.original1


def test_length_and_direction_are_called_so():
    split = weight_norm(linear()).parametrizations.weight
    assert (split.g, split.v) == (split.original0, split.original1)
    assert (split.g.name, split.v.name) == (LENGTH, DIRECTION)


def test_the_function_does_not_change():
    plain, split = linear(), weight_norm(linear())
    assert isinstance(split, nn.Linear)
    np.testing.assert_allclose(split(X).data, plain(X).data, rtol=1e-14)
    np.testing.assert_allclose(split.weight.data, plain.weight.data, rtol=1e-15)


LENGTHS = [
    (0, (2, 1), lambda w: np.linalg.norm(w, axis=1, keepdims=True)),
    (1, (1, 3), lambda w: np.linalg.norm(w, axis=0, keepdims=True)),
    (None, (), np.linalg.norm),
]


@pytest.mark.parametrize(("dim", "shape", "norm"), LENGTHS)
def test_lengths_belong_to_units_inputs_or_the_whole(dim, shape, norm):
    weight = linear().weight.data
    g, v = parts(weight_norm(linear(), dim=dim))
    assert g.shape == shape
    np.testing.assert_allclose(g.data, norm(weight), rtol=1e-15)
    np.testing.assert_array_equal(v.data, weight)


def test_state_has_pytorchs_names_and_shapes_and_loads():
    layer, other = weight_norm(linear()), weight_norm(nn.Linear(3, 2, dtype=np.float64))
    assert {name: values.shape for name, values in layer.state_dict().items()} == {
        "bias": (2,),
        LENGTH: (2, 1),
        DIRECTION: (2, 3),
    }
    assert [name for name, _ in layer.named_parameters()] == ["bias", LENGTH, DIRECTION]
    other.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(other(X).data, layer(X).data)


@pytest.mark.parametrize("dim", [0, 1, None])
def test_the_length_of_v_makes_no_difference_and_g_is_the_weights_length(dim):
    layer = weight_norm(linear(), dim=dim)
    before = layer.weight.data
    g, v = parts(layer)
    factors = {0: np.array([[2.0], [0.1]]), 1: np.array([3.0, 0.2, 1]), None: 7.0}
    v.data = factors[dim] * v.data
    np.testing.assert_allclose(layer.weight.data, before, rtol=1e-14)
    g.data = 3 * g.data
    np.testing.assert_allclose(layer.weight.data, 3 * before, rtol=1e-14)


@pytest.mark.parametrize("dim", [0, 1, None])
def test_gradients_reach_length_and_direction(dim):
    layer = weight_norm(linear(), dim=dim)
    split = layer.parametrizations["weight"]

    def function(g, v):
        vars(split).update(original0=g, original1=v)
        return layer(X) ** 2

    check_gradients(function, [p.data.copy() for p in parts(layer)])


def test_the_gradient_of_the_direction_is_at_right_angles_to_it():
    layer = weight_norm(linear())
    (layer(X) ** 2).sum().backward()
    _, v = parts(layer)
    np.testing.assert_allclose((v.grad.data * v.data).sum(axis=1), 0, atol=1e-12)
    assert np.abs(v.grad.data).max() > 0.1


def test_removing_it_leaves_the_weight_that_there_was():
    layer = weight_norm(linear())
    g, _ = parts(layer)
    g.data = 2 * g.data
    before = layer.weight.data
    assert remove_weight_norm(layer) is layer
    assert type(layer) is nn.Linear
    assert isinstance(layer.weight, nn.Parameter)
    np.testing.assert_array_equal(layer.weight.data, before)
    assert vars(layer).keys() == vars(linear()).keys()
    layer(X).sum().backward()
    assert layer.weight.grad is not None


def test_several_parameters_of_one_module():
    plain = Bilinear(3, 2, 4, dtype=np.float64)
    layer = weight_norm(weight_norm(copy.deepcopy(plain)), "bias", dim=None)
    second = np.ones((5, 2))
    np.testing.assert_allclose(layer(X, second).data, plain(X, second).data, rtol=1e-13)
    remove_weight_norm(layer)
    assert list(layer.state_dict()) == [
        *("weight", "parametrizations.bias.original0", "parametrizations.bias.original1")
    ]
    remove_weight_norm(layer, "bias")
    assert type(layer) is Bilinear
    np.testing.assert_allclose(layer(X, second).data, plain(X, second).data, rtol=1e-13)


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (nn.Linear(3, 2, dtype=np.float64), (X,)),
        (nn.DropConnectLinear(3, 2, dtype=np.float64), (X,)),
        (nn.CosineLinear(3, 2, dtype=np.float64), (X,)),
        (nn.Bilinear(3, 3, 2, dtype=np.float64), (X, X)),
    ],
)
def test_the_weight_is_worked_out_once_for_each_call(layer, inputs):
    calls = []
    split = weight_norm(layer).parametrizations.weight
    split.register_forward_hook(lambda *_: calls.append(1))
    layer(*inputs)
    assert len(calls) == 1


def test_within_a_network_names_tell_the_path():
    net = nn.Sequential(weight_norm(nn.Linear(3, 2)), nn.ReLU(), nn.Linear(2, 1))
    assert list(net.state_dict())[:3] == ["0.bias", f"0.{LENGTH}", f"0.{DIRECTION}"]
    assert [p.name for p in net.parameters()][1] == f"0.{LENGTH}"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_stand_for_themselves(copied):
    layer = weight_norm(linear())
    twin = copied(layer)
    np.testing.assert_array_equal(twin(X).data, layer(X).data)
    parts(twin)[0].data = 0 * parts(twin)[0].data
    assert not twin.weight.data.any()
    assert layer.weight.data.any()
    assert type(remove_weight_norm(twin)) is nn.Linear


def test_the_parameter_that_there_was_has_no_more_say():
    layer = linear()
    weight = layer.weight
    before = weight_norm(layer)(X).data
    weight.data = 2 * weight.data[:, ::-1]
    np.testing.assert_array_equal(layer(X).data, before)


def test_a_frozen_parameter_stays_frozen():
    layer = linear()
    layer.weight.requires_grad = False
    assert [p.requires_grad for p in parts(weight_norm(layer))] == [False, False]


def test_training_moves_both():
    layer = weight_norm(linear())
    before = [p.data.copy() for p in parts(layer)]
    (layer(X) ** 2).sum().backward()
    for p in layer.parameters():
        p.data = p.data - 0.1 * p.grad.data
    assert not any(np.allclose(p.data, b) for p, b in zip(parts(layer), before, strict=True))


def test_it_prints_what_it_is():
    assert repr(weight_norm(linear())).splitlines() == [
        "Linear(",
        "  in_features=3, out_features=2, bias=True",
        "  (parametrizations): ModuleDict(",
        "    (weight): WeightNorm(dim=0)",
        "  )",
        ")",
    ]


# What is refused


def with_zeros():
    layer = linear()
    layer.weight.data[1] = 0
    return layer


REFUSED = [
    (
        lambda: weight_norm(with_zeros()),
        ValueError,
        "weight_norm: 'weight' (2, 3) float64 has a direction that is all zeros, at 1 of axis 0. "
        "Give it other initial values first.",
    ),
    (
        lambda: weight_norm(weight_norm(linear())),
        ValueError,
        "weight_norm: Linear.weight has weight normalisation already.",
    ),
    (
        lambda: weight_norm(linear(), dim=-1),
        ValueError,
        "weight_norm: dim is one of the 2 axes of 'weight' (2, 3) float64, from 0, or None for one "
        "length of the whole (PyTorch's -1), not -1.",
    ),
    (
        lambda: weight_norm(linear(), "weights"),
        ValueError,
        "weight_norm: Linear has no parameter 'weights'. Its own parameters are weight, bias.",
    ),
    (
        lambda: weight_norm(nn.Sequential(linear())),
        ValueError,
        "weight_norm: Sequential has no parameter 'weight'. It has none of its own. Apply "
        "weight_norm to the layers within it, one by one.",
    ),
    (
        lambda: weight_norm(nn.ReLU()),
        ValueError,
        "weight_norm: ReLU has no parameter 'weight'. It has none of its own.",
    ),
    (
        lambda: weight_norm(linear().weight),
        TypeError,
        "weight_norm takes a module, such as Linear, not 'weight' (2, 3) float64.",
    ),
    (
        lambda: remove_weight_norm(linear()),
        ValueError,
        "remove_weight_norm: Linear.weight has no weight normalisation.",
    ),
    (
        lambda: setattr(weight_norm(linear()), "weight", nn.Parameter(np.ones((2, 3)))),
        AttributeError,
        "weight is worked out, by weight_norm, from parametrizations.weight.g, its length, and "
        "parametrizations.weight.v, its direction. Give these new values, by copy_; or first "
        "remove_weight_norm(module).",
    ),
]


@pytest.mark.parametrize(("wrong", "kind", "expected"), REFUSED)
def test_what_cannot_be_is_refused(wrong, kind, expected):
    assert message(kind, wrong) == expected


def test_writing_into_the_weight_is_refused_as_for_any_result():
    with pytest.raises(RuntimeError, match="This Tensor is a result of Multiply"):
        nn.init.zeros_(weight_norm(linear()).weight)
    assert isinstance(weight_norm(linear()).weight, Tensor)
